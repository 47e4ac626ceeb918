import type { Predictions } from '../../../../../src-main/contract/analysis.ts'

/** What is looked at among predictions: the mistakes, or items of a class that were taken for a class (null: any). */
export type Looked = 'mistakes' | { truth: number | null; predicted: number | null }

/** How sure a prediction is, 0–1. */
export const confidenceOf = (
  { predicted, probabilities, classes }: Pick<Predictions, 'predicted' | 'probabilities' | 'classes'>,
  item: number,
): number => probabilities[item * classes.length + predicted[item]!]!

/** Items that are looked at, the surest first. */
export function itemsOf(predictions: Predictions, looked: Looked): number[] {
  const { predicted, truth } = predictions
  const isLookedAt = (item: number): boolean => {
    const [is, taken] = [truth?.[item] ?? -1, predicted[item]!]
    if (looked === 'mistakes') return is >= 0 && is !== taken
    return (
      (looked.truth === null || looked.truth === is) &&
      (looked.predicted === null || looked.predicted === taken)
    )
  }
  return Array.from(predicted, (_, item) => item)
    .filter(isLookedAt)
    .sort((a, b) => confidenceOf(predictions, b) - confidenceOf(predictions, a) || a - b)
}

/** The likeliest classes of an item, the likeliest first. */
export function likeliest(
  { probabilities, classes }: Pick<Predictions, 'probabilities' | 'classes'>,
  item: number,
  count: number,
): { place: number; probability: number }[] {
  const own = probabilities.subarray(item * classes.length, (item + 1) * classes.length)
  return Array.from(own, (probability, place) => ({ place, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)
}

/** Of each line of a confusion matrix the share of its items in each cell, 0–1. */
export const sharesOf = (confusion: readonly (readonly number[])[]): number[][] =>
  confusion.map((line) => {
    const items = line.reduce((sum, count) => sum + count, 0)
    return line.map((count) => (items === 0 ? 0 : count / items))
  })

/** The cell of a table that a key leads to; null for keys that lead nowhere. */
export function cellAfter(
  key: string,
  [line, column]: readonly [number, number],
  size: number,
): [number, number] | null {
  const last = size - 1
  const to: Record<string, [number, number]> = {
    ArrowUp: [line - 1, column],
    ArrowDown: [line + 1, column],
    ArrowLeft: [line, column - 1],
    ArrowRight: [line, column + 1],
    Home: [line, 0],
    End: [line, last],
    PageUp: [0, column],
    PageDown: [last, column],
  }
  const place = to[key]
  return place === undefined
    ? null
    : [Math.min(Math.max(place[0], 0), last), Math.min(Math.max(place[1], 0), last)]
}
