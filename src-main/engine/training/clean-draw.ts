import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData } from '../../contract/tensors.ts'
import type { Dataset } from '../data/dataset.ts'
import { sizeOf } from '../models/layers.ts'
import type { Random } from '../numeric/random.ts'
import { shuffled } from '../numeric/subset.ts'
import { readBatch } from './autoencoder-inputs.ts'
import type { Place } from './task.ts'

/**
 * Draws batches of clean samples: each training item once an epoch, in an order that is drawn anew for each, and mirrored anew where the
 * recipe says so.
 * @param input shape of a sample
 * @returns of an epoch's source, a place in it and an array that may be written into: see `readBatch`
 */
export function createCleanDraw(
  { data }: Pick<Recipe, 'data'>,
  dataset: Pick<Dataset, 'read'>,
  training: Int32Array,
  input: number[],
): (source: Random, place: Place, spare?: TensorData) => Promise<Float32Array> {
  const orderOf = createOrders(training)
  const size = sizeOf(input)
  return async (source, { offset, count, batch }, spare) => {
    const items = orderOf(source).subarray(offset, offset + count)
    const clean = await readBatch(dataset, items, batch, input, spare)
    if (data.type !== 'images' || !data.flip) return clean
    const flips = source.fork(2)
    for (let i = 0; i < count; i++) {
      if (flips.fork(offset + i).uniform() < 0.5) mirror(clean.subarray(i * size, (i + 1) * size), input)
    }
    return clean
  }
}

/** The order of the training items in an epoch, from the epoch's source. The last two are kept: batches are drawn ahead. */
function createOrders(training: Int32Array): (source: Random) => Int32Array {
  const kept = new Map<number, Int32Array>()
  return (source) => {
    const { seed } = source.state()
    const before = kept.get(seed)
    if (before !== undefined) return before
    const order = shuffled(training, source.fork(0))
    kept.set(seed, order)
    for (const oldest of kept.keys()) if (kept.size > 2) kept.delete(oldest)
    return order
  }
}

/** So many items at most, drawn once, in ascending order. */
export const pick = (items: Int32Array, count: number, random: Random): Int32Array =>
  items.length <= count ? items : shuffled(items, random).subarray(0, count).sort()

/** Mirrors an image left to right, in place. */
function mirror(data: Float32Array, shape: number[]): void {
  const [height, width, channels] = shape as [number, number, number]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width >> 1; x++) {
      const left = (y * width + x) * channels
      const right = (y * width + width - 1 - x) * channels
      for (let channel = 0; channel < channels; channel++) {
        const swapped = data[left + channel]!
        data[left + channel] = data[right + channel]!
        data[right + channel] = swapped
      }
    }
  }
}
