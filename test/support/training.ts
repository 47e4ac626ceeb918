import type { AutoencoderSpec } from '../../src-main/contract/architecture.ts'
import type { Recipe } from '../../src-main/contract/recipe.ts'
import type { HistoryRow } from '../../src-main/contract/runs.ts'
import type { Backend } from '../../src-main/engine/backend/backend.ts'
import { buildAutoencoder } from '../../src-main/engine/models/autoencoder.ts'
import { checkRecipe } from '../../src-main/engine/models/check-recipe.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { autoencodingTask } from '../../src-main/engine/training/autoencoding.ts'
import type { TrainOptions } from '../../src-main/engine/training/train.ts'
import { autoencoder, autoencoderRecipe, dense } from './recipes.ts'

/** Samples in memory: of each two shades in proportions of its own, so that there is something to learn. */
export function shades(count: number, shape: number[], seed = 1) {
  const size = shape.reduce((product, side) => product * side, 1)
  const random = createRandom(seed)
  const patterns = [0, 1].map(() => Float32Array.from({ length: size }, () => random.uniform()))
  const samples = Array.from({ length: count }, () => {
    const [a, b] = [random.uniform(), random.uniform()]
    return Float32Array.from({ length: size }, (_, i) => (a * patterns[0]![i]! + b * patterns[1]![i]!) / 2)
  })
  return {
    samples,
    read(indexes: ArrayLike<number>, into?: Float32Array): Promise<Float32Array> {
      const values = into ?? new Float32Array(indexes.length * size)
      for (let i = 0; i < indexes.length; i++) values.set(samples[indexes[i]!]!, i * size)
      return Promise.resolve(values)
    },
  }
}

/** So many of the first items to train on, so many of the next to validate with. */
export const splitOf = (training: number, validation: number) => ({
  training: Int32Array.from({ length: training }, (_, i) => i),
  validation: Int32Array.from({ length: validation }, (_, i) => training + i),
})

/** A recipe for rows of 12 numbers: 12 → 6 → 3 → 6 → 12. */
export const rowRecipe = (fields: object = {}): Recipe =>
  autoencoderRecipe({
    data: { type: 'rows' },
    model: autoencoder([dense(6, 'tanh')], 3),
    epochs: 3,
    ...fields,
  })

/** What a recipe is trained with, on 22 rows of 12 numbers in memory and validated on 6 more, into a folder. */
export function trainingOf(backend: Backend, recipe: Recipe, out: string): TrainOptions {
  const shape = [12]
  checkRecipe(recipe, shape)
  const model = recipe.model as AutoencoderSpec
  const split = splitOf(22, recipe.split.validation === 0 ? 0 : 6)
  const items = split.training.length + split.validation.length
  const task = autoencodingTask({
    ...{ backend, recipe: { ...recipe, model }, model: buildAutoencoder(model, shape), split },
    ...{ dataset: shades(items, shape), product: '0.0.0' },
  })
  return {
    ...{ backend, recipe, task, out, resume: false, startFrom: null, product: '0.0.0' },
    data: {
      ...{ sources: ['/rows.csv'], labels: null, kind: 'csv', items, shape, sha256: 'data' },
      ...{ labelNames: null, scaling: null, skipped: [], skippedCount: 0 },
    },
    split: { training: 22, validation: split.validation.length, test: 0, stratified: false, sha256: 'split' },
  }
}

/** Rows without what depends on the clock and the machine. */
export const untimed = (rows: HistoryRow[]): object[] =>
  rows.map(({ step, epoch, stage, rate, training, validation }) => ({
    ...{ step, epoch, stage, rate, training, validation },
  }))

/** Long enough to be killed, wide enough that a checkpoint takes a while to be written: 12 → 8000 → 3 → 8000 → 12. */
export const killedRecipe = rowRecipe({
  ...{ model: autoencoder([dense(8_000)], 3), epochs: 4, checkpointEvery: 1 },
  ...{ validateEvery: 4, optimizer: { rate: 0.001, averageDecay: 0.9 } },
})
