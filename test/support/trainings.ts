import { join } from 'node:path'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { idxBytes, writeData } from './datasets.ts'
import { autoencoder, dense } from './recipes.ts'

/** Side of the images of `writeShades`. */
const side = 8

/** Bytes of so many images of 8×8 pixels, each a ramp of its own. */
export function shadeBytes(count: number, seed = 1): Buffer {
  const random = createRandom(seed)
  const values = Array.from({ length: count }, () => {
    const [x, y] = [random.uniform(), random.uniform()]
    return Array.from({ length: side * side }, (_, i) => 15 * ((i % side) * x + Math.floor(i / side) * y))
  })
  return idxBytes([count, side, side], values.flat())
}

/** An IDX file of such images, and one of a label for each, 0 or 1. Returns the images' path. */
export async function writeShades(folder: string, count = 40): Promise<string> {
  const labels = Array.from({ length: count }, (_, i) => i % 2)
  await writeData(join(folder, 'labels.idx.gz'), idxBytes([count], labels))
  return writeData(join(folder, 'images.idx.gz'), shadeBytes(count))
}

/** A recipe for them that is trained at once: 64 → 8 → 3 → 8 → 64. Returns its path. */
export function writeRecipe(path: string, fields: object = {}): Promise<string> {
  const recipe = {
    version: 2,
    name: 'shades',
    data: { type: 'images', width: side, height: side },
    model: autoencoder([dense(8)], 3),
    loss: { type: 'mse' },
    optimizer: { rate: 0.01 },
    batch: 8,
    epochs: 2,
    ...fields,
  }
  return writeData(path, JSON.stringify(recipe))
}

/** Rows of numbers as CSV: a label, then so many values of a wave. */
export function waves(count: number, columns = 12): string {
  const random = createRandom(2)
  const rows = Array.from({ length: count }, (_, i) => {
    const phase = random.uniform()
    const values = Array.from({ length: columns }, (_, j) => Math.sin(j / 2 + phase).toFixed(4))
    return [i % 2 === 0 ? 'even' : 'odd', ...values].join(',')
  })
  const head = ['kind', ...Array.from({ length: columns }, (_, j) => `t${j}`)].join(',')
  return [head, ...rows, ''].join('\n')
}
