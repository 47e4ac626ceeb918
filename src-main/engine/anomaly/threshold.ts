import type { Threshold, ThresholdRule } from '../../contract/analysis.ts'
import { bestF1 } from '../../contract/detection.ts'
import { DarkroomError } from '../../contract/errors.ts'
import { betaQuantile, shareLimits } from '../numeric/beta.ts'

/** Scores of held-out items, each kind rising. */
export interface Calibration {
  normal: Float32Array
  /** Items that are labelled as anomalies; looked at by `best-f1` alone. */
  anomalous: Float32Array
}

/** Fewer normal items say next to nothing of how their scores spread. */
const leastItems = 20

/**
 * Chooses a threshold. Of `false-alarms` it is the lowest score s₍ₖ₎ of n normal ones, by rank, for which the expected share of further normal
 * items above it, (n − k + 1) / (n + 1), is at most the rate; whatever the scores' distribution, the true share is then distributed as
 * Beta(n − k + 1, k), whose 95 % limits are given (Wilks 1941). Of the others the share is that of the normal items themselves, with the limits
 * of Clopper and Pearson, which leave out that the threshold was chosen on the same items.
 * All of them take items to be independent: of windows that overlap the limits are too narrow.
 * @throws calibration-too-small saying how many items are needed; labels-unusable for `best-f1` without anomalies
 */
export function chooseThreshold(rule: ThresholdRule, calibration: Calibration, file: string): Threshold {
  const { normal } = calibration
  const items = normal.length
  const needed = itemsNeeded(rule)
  if (items < needed)
    throw new DarkroomError('calibration-too-small', {
      file,
      expected: `at least ${needed} held-out normal items`,
      received: `${items}`,
    })
  if (rule.type === 'false-alarms') {
    const rank = rankOf(rule.rate, items)
    const value = normal[rank - 1]!
    const [low, high] = [0.025, 0.975].map((p) => betaQuantile(p, items - rank + 1, rank)) as [number, number]
    return { rule, value, items, falseAlarms: { rate: shareAbove(normal, value), low, high } }
  }
  const value = valueOf(rule, calibration, file)
  const above = Math.round(shareAbove(normal, value) * items)
  const [low, high] = shareLimits(above, items)
  return { rule, value, items, falseAlarms: { rate: above / items, low, high } }
}

/** Held-out normal items that a rule takes. */
export function itemsNeeded(rule: ThresholdRule): number {
  if (rule.type === 'set') return 1
  return rule.type === 'false-alarms'
    ? Math.max(leastItems, Math.ceil(1 / rule.rate - 1 - rounding))
    : leastItems
}

/** What products of decimal fractions are off by. */
const rounding = 1e-9

/** The lowest k with (n − k + 1) / (n + 1) ≤ rate. */
const rankOf = (rate: number, items: number): number => Math.ceil((items + 1) * (1 - rate) - rounding)

function valueOf(
  rule: Exclude<ThresholdRule, { type: 'false-alarms' }>,
  { normal, anomalous }: Calibration,
  file: string,
): number {
  switch (rule.type) {
    case 'set':
      return rule.value
    case 'deviations': {
      const mean = normal.reduce((sum, score) => sum + score / normal.length, 0)
      const variance = normal.reduce((sum, score) => sum + (score - mean) ** 2 / normal.length, 0)
      return mean + rule.count * Math.sqrt(variance)
    }
    case 'best-f1': {
      const truth = [...Array.from(normal, () => 1), ...Array.from(anomalous, () => 0)]
      const best = bestF1([...normal, ...anomalous], truth)
      if (best !== null) return best.threshold
      throw new DarkroomError('labels-unusable', {
        file,
        expected: 'items that are labelled as anomalies among the held-out ones',
        received: 'none',
      })
    }
  }
}

const shareAbove = (scores: Float32Array, value: number): number =>
  scores.reduce((count, score) => count + (score > value ? 1 : 0), 0) / scores.length

/** Of each score the share of the calibration's normal ones that lie below it, 0–100. @param normal rising */
export function percentilesOf(scores: Float32Array, normal: Float32Array): Float32Array {
  return scores.map((score) => {
    let [low, high] = [0, normal.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (normal[middle]! < score) low = middle + 1
      else high = middle
    }
    return (100 * low) / normal.length
  })
}
