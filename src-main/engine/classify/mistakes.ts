import { sizeOf } from '../models/layers.ts'
import type { Dataset } from '../data/dataset.ts'
import { sheetPng } from '../storage/sheet.ts'
import { mistakesOf, type Predicted } from './predict.ts'

/** On a line, and lines, at most. */
const most = { columns: 12, lines: 24 }

/** The most confident mistakes: a line of pictures of each class that was mistaken, and what each line shows. */
export interface MistakesSheet {
  png: Uint8Array
  /** From the top: `Shirt: T-shirt/top 0.98, Coat 0.97`. */
  lines: string[]
}

/**
 * @param shape of a sample
 * @returns null where nothing was mistaken, or nothing is known of it
 */
export async function mistakesSheet(
  predicted: Predicted,
  dataset: Pick<Dataset, 'read'>,
  shape: number[],
): Promise<MistakesSheet | null> {
  const { classes, truth, predicted: of, probabilities, indexes } = predicted
  const lines = linesOf(mistakesOf(predicted), truth ?? new Int32Array())
  if (lines.length === 0) return null
  const taken = (item: number): string =>
    `${classes[of[item]!]!} ${probabilities[item * classes.length + of[item]!]!.toFixed(2)}`
  const rows = await Promise.all(
    lines.map(async (items) => {
      const values = await dataset.read(items.map((item) => indexes[item]!))
      return items.map((_, i) => values.subarray(i * sizeOf(shape), (i + 1) * sizeOf(shape)))
    }),
  )
  return {
    png: await sheetPng(rows, shape),
    lines: lines.map((items) => `${classes[truth![items[0]!]!]!}: ${items.map(taken).join(', ')}`),
  }
}

/** Mistakes by the class that they are of, the class of the most confident one first. */
function linesOf(mistakes: number[], truth: Int32Array): number[][] {
  const lines = new Map<number, number[]>()
  for (const item of mistakes) {
    const line = lines.get(truth[item]!) ?? []
    if (line.length < most.columns) line.push(item)
    lines.set(truth[item]!, line)
  }
  return [...lines.values()].slice(0, most.lines)
}
