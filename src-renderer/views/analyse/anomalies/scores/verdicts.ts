import type { AnomalyScores } from '../../../../../src-main/contract/analysis.ts'

/** What became of an item: by its label, or where that is not known by the threshold alone. */
export type Verdict = 'found' | 'missed' | 'false-alarm' | 'passed' | 'above' | 'below'

type Judged = Pick<AnomalyScores, 'scores' | 'truth'>

export function verdictOf({ scores, truth }: Judged, item: number, threshold: number): Verdict {
  const isAbove = scores[item]! > threshold
  const known = truth?.[item] ?? -1
  if (known === 0) return isAbove ? 'found' : 'missed'
  if (known === 1) return isAbove ? 'false-alarm' : 'passed'
  return isAbove ? 'above' : 'below'
}

/** What of the items is looked at. */
export type Filter = 'all' | Verdict

/** Filters that make sense: without labels there is nothing to be found or missed. */
export const filtersOf = ({ truth }: Pick<AnomalyScores, 'truth'>): Filter[] =>
  truth === null ? ['all', 'above', 'below'] : ['all', 'found', 'missed', 'false-alarm', 'passed']

/** Items by falling score; of the same score in the order of the data. */
export const byFallingScore = (scores: Float32Array): Int32Array =>
  Int32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)

/** Those of the ordered items that a filter leaves. */
export const filtered = (
  judged: Judged,
  ordered: Int32Array,
  threshold: number,
  filter: Filter,
): readonly number[] =>
  filter === 'all'
    ? [...ordered]
    : [...ordered].filter((item) => verdictOf(judged, item, threshold) === filter)

/** Share of rising values that lie above one. */
export function shareAbove(rising: Float32Array, value: number): number {
  let [low, high] = [0, rising.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rising[middle]! > value) high = middle
    else low = middle + 1
  }
  return rising.length === 0 ? 0 : (rising.length - low) / rising.length
}
