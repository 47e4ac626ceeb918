import { matMul, type Tensor2D } from '@tensorflow/tfjs-core'
import { frechetDistance, memorising, precisionAndRecall } from '../analysis/generation.ts'
import type { TensorData } from '../../contract/tensors.ts'
import type { Backend } from '../backend/backend.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import type { RunData } from '../jobs/trained-run.ts'
import { sizeOf } from '../models/layers.ts'
import { createRandom } from '../numeric/random.ts'
import { drawSubset } from '../numeric/subset.ts'
import { openFeatures, type Features } from './features.ts'
import type { LatentContext } from './model.ts'
import { priorCodes } from './prior.ts'

/** How good draws from a model's prior are. */
export interface GenerationScores {
  /** What they were compared by, and the share of held-out items that the classifier knows. */
  features: Features['from']
  accuracy: number | null
  /** Draws, and as many held-out items. */
  count: number
  /**
   * `frechet` of the draws, and `frechet-real` of as many training items, which is as low as it gets; `precision`, `recall`; `memorised`,
   * `nearest` (`analysis/generation.ts`), by the distance of pixels.
   */
  values: Record<string, number>
}

/** Draws where there are so many held-out items. */
const usualCount = 2000
const seed = 0
/** Training items, and others, whose distances are computed at once. */
const block = { training: 1024, others: 512 }

/**
 * Compares draws from the prior with items that were kept out of training.
 * @param heldOut so many of them are drawn by a seed as there are draws.
 */
export async function scoreGeneration(
  model: OpenLatentModel,
  { dataset }: Pick<RunData, 'dataset'>,
  split: Split,
  heldOut: Int32Array,
  context: LatentContext,
): Promise<GenerationScores> {
  const count = Math.min(usualCount, heldOut.length)
  const some = (items: Int32Array): Int32Array =>
    drawSubset(items.length, count, createRandom(seed)).map((place) => items[place]!)
  const features = await openFeatures({ dataset }, split, context)
  try {
    const drawn = await model.decode(priorCodes(seed, 0, count, sizeOf(model.code)))
    const [real, learned] = [await dataset.read(some(heldOut)), await dataset.read(some(split.training))]
    const [ofDrawn, ofReal, ofLearned] = [
      await features.of(drawn),
      await features.of(real),
      await features.of(learned),
    ]
    const { columns } = features
    const distances = (samples: Float32Array): Promise<Float32Array> =>
      nearestDistances(samples, dataset, split.training, context)
    return {
      features: features.from,
      accuracy: await features.accuracy(heldOut),
      count,
      values: {
        frechet: frechetDistance(ofDrawn, ofReal, columns),
        'frechet-real': frechetDistance(ofLearned, ofReal, columns),
        ...precisionAndRecall(ofReal, ofDrawn, columns),
        ...memorising(await distances(drawn), await distances(real)),
      },
    }
  } finally {
    await features.dispose()
  }
}

/** Distance of each sample to the nearest of some items: √(‖a‖² + ‖b‖² − 2 a·b), the products by the engine. */
async function nearestDistances(
  samples: Float32Array,
  dataset: Pick<Dataset, 'read' | 'shape'>,
  items: Int32Array,
  { backend, signal, pause, emit }: LatentContext,
): Promise<Float32Array> {
  const size = sizeOf(dataset.shape)
  const count = samples.length / size
  const nearest = new Float32Array(count).fill(Infinity)
  const products = await productsOf(backend, size)
  const ofSamples = squaredNorms(samples, size)
  try {
    for (let from = 0; from < items.length; from += block.training) {
      signal.throwIfAborted()
      await pause()
      emit({ event: 'progress', progress: { done: from, total: items.length, secondsLeft: null } })
      const learned = await dataset.read(items.subarray(from, from + block.training))
      const ofLearned = squaredNorms(learned, size)
      for (let first = 0; first < count; first += block.others) {
        const table = await products.run(
          samples.subarray(first * size, (first + block.others) * size),
          learned,
        )
        for (let i = first; i < Math.min(first + block.others, count); i++)
          ofLearned.forEach((norm, j) => {
            const square = ofSamples[i]! + norm - 2 * table[(i - first) * block.training + j]!
            if (square < nearest[i]!) nearest[i] = square
          })
      }
    }
  } finally {
    await products.dispose()
  }
  return nearest.map((square) => Math.sqrt(Math.max(0, square)))
}

const squaredNorms = (rows: Float32Array, size: number): Float64Array =>
  Float64Array.from({ length: rows.length / size }, (_, i) =>
    rows.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum + value * value, 0),
  )

/** Products of rows with rows, [others, training], of tables that may be shorter. */
async function productsOf(backend: Pick<Backend, 'compile'>, size: number) {
  const shapes = { a: [block.others, size], b: [block.training, size] }
  const program = await backend.compile(
    (_, { a, b }) => ({
      state: {},
      outputs: { products: matMul(a as Tensor2D, b as Tensor2D, false, true) },
    }),
    {
      state: {},
      inputs: { a: { shape: shapes.a, dtype: 'float32' }, b: { shape: shapes.b, dtype: 'float32' } },
    },
  )
  const filled = (values: Float32Array, [rows]: number[]): TensorData => {
    const data = new Float32Array(rows! * size)
    data.set(values)
    return { shape: [rows!, size], dtype: 'float32', data }
  }
  return {
    async run(a: Float32Array, b: Float32Array): Promise<Float32Array> {
      const { products } = await program.run({ a: filled(a, shapes.a), b: filled(b, shapes.b) })
      return products!.data as Float32Array
    },
    dispose: () => program.dispose(),
  }
}
