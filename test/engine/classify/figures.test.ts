import { describe, expect, it } from 'vitest'
import { classFigures, likeliest, wilsonLimits } from '../../../src-main/engine/classify/figures.ts'

/*
 * Ten items of three classes, and a fourth that neither occurs nor is predicted. The expected figures are those of scikit-learn 1.9:
 * accuracy_score, f1_score(average='macro'), confusion_matrix, precision_recall_fscore_support. The limits are those of SciPy's
 * binomtest(…).proportion_ci(method='wilson'); the calibration error was added up in NumPy by its definition.
 */
const truth = [0, 0, 0, 1, 1, 2, 2, 2, 2, 0]
const rows = [
  [0.82, 0.08, 0.05, 0.05],
  [0.41, 0.34, 0.2, 0.05],
  [0.2, 0.5, 0.2, 0.1],
  [0.1, 0.7, 0.1, 0.1],
  [0.62, 0.18, 0.1, 0.1],
  [0.05, 0.05, 0.85, 0.05],
  [0.1, 0.18, 0.62, 0.1],
  [0.3, 0.1, 0.55, 0.05],
  [0.2, 0.45, 0.3, 0.05],
  [0.71, 0.09, 0.1, 0.1],
]
const classes = ['a', 'b', 'c', 'd']

function figures(of: number[]) {
  const probabilities = Float32Array.from(rows.flat())
  return classFigures({ classes, truth: of, predicted: likeliest(probabilities, 4), probabilities })
}

describe('figures of a classifier', () => {
  it('are those of scikit-learn', () => {
    const found = figures(truth)!
    expect(found).toMatchObject({
      items: 10,
      accuracy: 0.7,
      confusion: [
        [3, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 1, 3, 0],
        [0, 0, 0, 0],
      ],
    })
    expect(found.macroF1).toBeCloseTo(0.669047619047619, 12)
    const expected = [
      ['a', 4, 0.75, 0.75, 0.75],
      ['b', 2, 1 / 3, 0.5, 0.4],
      ['c', 4, 1, 0.75, 0.85714286],
      ['d', 0, 0, 0, 0],
    ] as const
    expected.forEach(([name, items, precision, recall, f1], c) => {
      expect(found.classes[c]).toMatchObject({ name, items })
      expect(found.classes[c]!.precision).toBeCloseTo(precision, 8)
      expect(found.classes[c]!.recall).toBeCloseTo(recall, 8)
      expect(found.classes[c]!.f1).toBeCloseTo(f1, 8)
    })
  })

  it('say how far probabilities are to be believed', () => {
    const { calibrationError, bins } = figures(truth)!
    expect(calibrationError).toBeCloseTo(0.225, 6)
    expect(bins.map(({ from }) => Math.round(15 * from))).toEqual([6, 7, 8, 9, 10, 12])
    expect(bins.reduce((sum, { items }) => sum + items, 0)).toBe(10)
    // Two items with a probability of 0.62, of which one is right.
    expect(bins[3]).toMatchObject({ items: 2, accuracy: 0.5, confidence: expect.closeTo(0.62, 6) as number })
  })

  it('leave out items without a label, and are none where no item has one', () => {
    const found = figures(truth.map((label, i) => (i === 4 ? -1 : label)))!
    expect(found).toMatchObject({ items: 9, accuracy: 7 / 9 })
    expect(figures(truth.map(() => -1))).toBeNull()
  })

  it.each([
    [7, 10, 0.39677814746114526, 0.892208732593699],
    [0, 5, 0, 0.43448246478317476],
    [1750, 2000, 0.8597830434972549, 0.8887791710418056],
  ])('%i of %i lie between the limits of Wilson', (right, items, low, high) => {
    const limits = wilsonLimits(right, items)
    expect(limits[0]).toBeCloseTo(low, 10)
    expect(limits[1]).toBeCloseTo(high, 10)
  })
})
