import { describe, expect, it } from 'vitest'
import {
  auroc,
  aurocLimits,
  averagePrecision,
  bestF1,
  confusionAt,
  figuresAt,
  precisionRecallCurve,
  rocCurve,
} from '../../src-main/contract/detection.ts'

const scores = [0.1, 0.4, 0.35, 0.8, 0.7, 0.7, 0.2, 0.9, 0.35, 0.05, 0.6, 0.35]
/** 1 normal, 0 anomalous. */
const truth = [1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1]

// The figures are those of scikit-learn on the same scores: roc_auc_score, average_precision_score, precision_score, recall_score,
// f1_score, roc_curve and precision_recall_curve, with ties among them.
describe('figures of a detection', () => {
  it('are scikit-learn’s by either convention of positive', () => {
    expect(auroc(scores, truth)).toBeCloseTo(0.8714285714285714, 12)
    expect(averagePrecision(scores, truth)).toBeCloseTo(0.8211111111111111, 12)
    expect(averagePrecision(scores, truth, 'normal')).toBeCloseTo(0.8891156462585033, 12)
    const { positive, accuracy } = figuresAt(scores, truth, 0.35)!
    expect(positive.anomaly).toMatchObject({ precision: 4 / 6, recall: 0.8 })
    expect(positive.anomaly.f1).toBeCloseTo(0.7272727272727273, 12)
    expect(positive.normal.precision).toBeCloseTo(0.8333333333333334, 12)
    expect(positive.normal.recall).toBeCloseTo(0.7142857142857143, 12)
    expect(positive.normal.f1).toBeCloseTo(0.7692307692307693, 12)
    expect(accuracy).toBeCloseTo(9 / 12, 12)
  })

  it('count what is above the threshold, and leave out what nothing is known of', () => {
    expect(confusionAt(scores, truth, 0.35)).toEqual({ found: 4, missed: 1, falseAlarms: 2, passed: 5 })
    expect(confusionAt([...scores, 9], [...truth, -1], 0.35)).toEqual(confusionAt(scores, truth, 0.35))
    expect(auroc([...scores, 9], [...truth, -1])).toBe(auroc(scores, truth))
  })

  it('has the points of both curves, whose thresholds give them', () => {
    const roc = rocCurve(scores, truth)
    expect(roc.map(({ x }) => Math.round(7 * x))).toEqual([0, 0, 0, 1, 1, 2, 4, 5, 6, 7])
    expect(roc.map(({ y }) => Math.round(5 * y))).toEqual([0, 1, 2, 3, 4, 4, 5, 5, 5, 5])
    for (const { threshold, x, y } of roc) {
      const { found, falseAlarms } = confusionAt(scores, truth, threshold)
      expect([falseAlarms / 7, found / 5]).toEqual([x, y])
    }
    const points = precisionRecallCurve(scores, truth)
    expect(points.map(({ y }) => y)).toEqual([1, 1, 0.75, 0.8, 4 / 6, 5 / 9, 0.5, 5 / 11, 5 / 12])
  })

  it('finds the best F1 midway between two scores', () => {
    const best = bestF1(scores, truth)!
    expect(best.f1).toBeCloseTo(0.8, 12)
    expect(best.threshold).toBeCloseTo(0.5, 12)
    expect(bestF1([1, 2], [1, 1])).toBeNull()
  })

  it('has no figures of one kind alone', () => {
    expect(figuresAt([1, 2, 3], [1, 1, 1], 2)).toBeNull()
    expect(figuresAt([1, 2, 3], [0, 0, -1], 2)).toBeNull()
  })

  it('limits an area as Hanley and McNeil', () => {
    // By hand: Q1 = 0.9 / 1.1, Q2 = 1.62 / 1.9
    const [low, high] = aurocLimits(0.9, 50, 40)
    const variance = (0.9 * 0.1 + 39 * (0.9 / 1.1 - 0.81) + 49 * (1.62 / 1.9 - 0.81)) / 2000
    expect(high - low).toBeCloseTo(2 * 1.959964 * Math.sqrt(variance), 9)
    expect(aurocLimits(1, 5, 5)[1]).toBe(1)
  })
})
