import type { AnomalyFigures, DetectionFigures } from './analysis.ts'

/*
 * How well scores tell anomalies from normal items. In the contract, because the window says it anew while a threshold is dragged.
 *
 * Everywhere: an item is taken for an anomaly where its score is above the threshold. Truth: 1 normal, 0 anomalous, −1 not known; items of
 * which nothing is known are left out.
 */

export interface Confusion {
  /** Anomalies that were found, and missed. */
  found: number
  missed: number
  /** Normal items taken for anomalies, and not. */
  falseAlarms: number
  passed: number
}

export function confusionAt(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  threshold: number,
): Confusion {
  const counts = { found: 0, missed: 0, falseAlarms: 0, passed: 0 }
  for (let i = 0; i < scores.length; i++) {
    const isAbove = scores[i]! > threshold
    if (truth[i] === 0) counts[isAbove ? 'found' : 'missed']++
    else if (truth[i] === 1) counts[isAbove ? 'falseAlarms' : 'passed']++
  }
  return counts
}

/** So many items of each kind that share one score. */
interface Tie {
  score: number
  normal: number
  anomalous: number
}

/** Scores with a known truth, highest first. */
function rankedTies(scores: ArrayLike<number>, truth: ArrayLike<number>): Tie[] {
  const known = Array.from({ length: scores.length }, (_, i) => i).filter((i) => truth[i]! >= 0)
  known.sort((a, b) => scores[b]! - scores[a]!)
  const ties: Tie[] = []
  for (const i of known) {
    if (ties.at(-1)?.score !== scores[i]) ties.push({ score: scores[i]!, normal: 0, anomalous: 0 })
    ties.at(-1)![truth[i] === 0 ? 'anomalous' : 'normal']++
  }
  return ties
}

/** The figures of one threshold, as a point of a curve. */
export interface CurvePoint {
  /** The lowest that gives this point; −∞ where everything is taken for an anomaly. */
  threshold: number
  x: number
  y: number
}

/** What has been taken for an anomaly after each tie, from the highest score on. */
function* thresholds(ties: Tie[]): Generator<{ threshold: number; found: number; falseAlarms: number }> {
  let found = 0
  let falseAlarms = 0
  for (const [i, { normal, anomalous }] of ties.entries()) {
    found += anomalous
    falseAlarms += normal
    yield { threshold: ties[i + 1]?.score ?? -Infinity, found, falseAlarms }
  }
}

const totals = (ties: Tie[]): { normal: number; anomalous: number } => ({
  normal: ties.reduce((sum, { normal }) => sum + normal, 0),
  anomalous: ties.reduce((sum, { anomalous }) => sum + anomalous, 0),
})

/** Receiver operating characteristic: x the share of normal items taken for anomalies, y the share of anomalies found; from (0, 0) to (1, 1). */
export function rocCurve(scores: ArrayLike<number>, truth: ArrayLike<number>): CurvePoint[] {
  const ties = rankedTies(scores, truth)
  const { normal, anomalous } = totals(ties)
  const points = [{ threshold: ties[0]?.score ?? 0, x: 0, y: 0 }]
  for (const { threshold, found, falseAlarms } of thresholds(ties))
    points.push({ threshold, x: ratio(falseAlarms, normal), y: ratio(found, anomalous) })
  return points
}

/** Precision (y) by recall (x) with anomalies as positive, by rising recall; without the point at recall 0, where precision is not defined. */
export function precisionRecallCurve(scores: ArrayLike<number>, truth: ArrayLike<number>): CurvePoint[] {
  const ties = rankedTies(scores, truth)
  const { anomalous } = totals(ties)
  return Array.from(thresholds(ties), ({ threshold, found, falseAlarms }) => ({
    ...{ threshold, x: ratio(found, anomalous), y: ratio(found, found + falseAlarms) },
  }))
}

/**
 * Area under the ROC curve: how likely an anomaly has a higher score than a normal item, ties counted half (Mann & Whitney 1947).
 * NaN where either kind is missing.
 */
export const auroc = (scores: ArrayLike<number>, truth: ArrayLike<number>): number =>
  aurocOfTies(rankedTies(scores, truth))

/** The same of counts by falling score. */
export function aurocOfTies(ties: Iterable<Pick<Tie, 'normal' | 'anomalous'>>): number {
  let [normal, anomalous, pairs] = [0, 0, 0]
  for (const tie of ties) {
    // Of these normal items: the anomalies before them, and half of those beside them.
    pairs += tie.normal * (anomalous + tie.anomalous / 2)
    normal += tie.normal
    anomalous += tie.anomalous
  }
  return pairs / (normal * anomalous)
}

/** Limits between which an area under the ROC curve lies with 95 % confidence (Hanley & McNeil 1982), within 0–1. */
export function aurocLimits(area: number, normal: number, anomalous: number): [number, number] {
  const q1 = area / (2 - area)
  const q2 = (2 * area ** 2) / (1 + area)
  const variance =
    (area * (1 - area) + (anomalous - 1) * (q1 - area ** 2) + (normal - 1) * (q2 - area ** 2)) /
    (normal * anomalous)
  const reach = 1.959964 * Math.sqrt(Math.max(0, variance))
  return [Math.max(0, area - reach), Math.min(1, area + reach)]
}

/** Σ (Rₙ − Rₙ₋₁) Pₙ over falling thresholds, without interpolation. @param positive what is to be found: normal items by falling −score */
export function averagePrecision(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  positive: 'anomaly' | 'normal' = 'anomaly',
): number {
  const ties = rankedTies(scores, truth)
  if (positive === 'anomaly') return averagePrecisionOfTies(ties)
  return averagePrecisionOfTies(
    ties.reverse().map(({ normal, anomalous }) => ({ normal: anomalous, anomalous: normal })),
  )
}

/** The same of counts by falling score; NaN without anomalies. */
export function averagePrecisionOfTies(ties: Iterable<Pick<Tie, 'normal' | 'anomalous'>>): number {
  let [found, falseAlarms, sum] = [0, 0, 0]
  for (const { normal, anomalous } of ties) {
    found += anomalous
    falseAlarms += normal
    if (anomalous > 0) sum += (anomalous * found) / (found + falseAlarms)
  }
  return sum / found
}

/**
 * The threshold of the best F1 of finding anomalies, midway between two scores; of equally good ones the highest. Null where either kind is
 * missing.
 */
export function bestF1(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
): { threshold: number; f1: number } | null {
  const ties = rankedTies(scores, truth)
  const { normal, anomalous } = totals(ties)
  if (normal === 0 || anomalous === 0) return null
  let best = { threshold: 0, f1: -1 }
  for (const [i, { found, falseAlarms }] of [...thresholds(ties)].entries()) {
    const f1 = (2 * found) / (found + falseAlarms + anomalous)
    // Below the lowest score there is none: everything is above half of it.
    if (f1 > best.f1) best = { threshold: (ties[i]!.score + (ties[i + 1]?.score ?? 0)) / 2, f1 }
  }
  return best
}

/** What follows from the counts alone, by either convention of what is called positive. */
export const ratesOf = ({ found, missed, falseAlarms, passed }: Confusion) => ({
  accuracy: ratio(found + passed, found + missed + falseAlarms + passed),
  positive: {
    anomaly: detection(found, falseAlarms, missed),
    normal: detection(passed, missed, falseAlarms),
  },
})

/** All figures of a threshold; null where the labels are of one kind only, and nothing can be told apart. */
export function figuresAt(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  threshold: number,
): Omit<AnomalyFigures, 'pixels'> | null {
  const counts = confusionAt(scores, truth, threshold)
  const { found, missed, falseAlarms, passed } = counts
  const [normal, anomalous] = [falseAlarms + passed, found + missed]
  if (normal === 0 || anomalous === 0) return null
  const area = auroc(scores, truth)
  const { accuracy, positive } = ratesOf(counts)
  return {
    ...{ normal, anomalous, ...counts, accuracy },
    auroc: area,
    aurocLimits: aurocLimits(area, normal, anomalous),
    positive: {
      anomaly: { ...positive.anomaly, averagePrecision: averagePrecision(scores, truth, 'anomaly') },
      normal: { ...positive.normal, averagePrecision: averagePrecision(scores, truth, 'normal') },
    },
  }
}

/** By what was rightly called positive, wrongly called so, and wrongly not. */
const detection = (
  right: number,
  wrong: number,
  left: number,
): Omit<DetectionFigures, 'averagePrecision'> => ({
  precision: ratio(right, right + wrong),
  recall: ratio(right, right + left),
  f1: ratio(2 * right, 2 * right + wrong + left),
})

/** 0 of nothing is 0, as scikit-learn has it. */
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
