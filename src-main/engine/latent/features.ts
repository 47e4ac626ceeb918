import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Split } from '../data/dataset.ts'
import { trimStores } from '../data/sample-store.ts'
import { batched } from '../inference/latent-model.ts'
import type { RunData } from '../jobs/trained-run.ts'
import { fitPca, projectPca } from '../numeric/pca.ts'
import { createRandom } from '../numeric/random.ts'
import { drawSubset } from '../numeric/subset.ts'
import { dataCache } from '../storage/home.ts'
import { readSafetensors, writeSafetensors } from '../storage/safetensors.ts'
import { buildClassifier, classifierVersion, trainClassifier } from '../training/classifier.ts'
import type { LatentContext } from './model.ts'

/** What samples are compared by. */
export interface Features {
  /** Those of a classifier of the same data, or of data without classes the principal components of their values, and what those leave out. */
  from: 'classifier' | 'components'
  /** Numbers of a feature. */
  columns: number
  /** [count, ...input] -> [count, columns] */
  of(samples: Float32Array): Promise<Float32Array>
  /** Share of these items that the classifier knows; null of components. */
  accuracy(items: Int32Array): Promise<number | null>
  dispose(): Promise<void>
}

const components = 32
/** Items that components are fitted to, and values of them at once at most. */
const fitted = { items: 4000, values: 2 ** 23 }
/** Items that are looked at at a time. */
const atATime = 256
const ending = '.classifier'
/** Bytes that classifiers may take on the disk. */
const limit = 2 ** 28

/** Features of data, learned from their training split alone. A classifier is trained in some seconds, and kept for the next time. */
export async function openFeatures(
  { dataset }: Pick<RunData, 'dataset'>,
  split: Split,
  context: LatentContext,
): Promise<Features> {
  const { labels } = dataset
  const labelled = labels === null ? [] : split.training.filter((item) => labels.of[item]! >= 0)
  const classes = new Set(Array.from(labelled, (item) => labels!.of[item]!))
  return classes.size < 2
    ? componentFeatures(dataset, split.training)
    : classifierFeatures(dataset, split, Int32Array.from(labelled), context)
}

async function componentFeatures(dataset: RunData['dataset'], training: Int32Array): Promise<Features> {
  const columns = dataset.shape.reduce((a, b) => a * b, 1)
  const count = Math.min(fitted.items, Math.floor(fitted.values / columns))
  const places = drawSubset(training.length, count, createRandom(0))
  const rows = await dataset.read(places.map((place) => training[place]!))
  const pca = fitPca(rows, columns, Math.min(components, columns, places.length - 1), createRandom(0))
  const features = pca.components.length
  return {
    from: 'components',
    columns: features + 1,
    /** Beside the components how much of a sample they leave out: noise has little of any of them. */
    of(samples) {
      const places = projectPca(pca, samples)
      const found = new Float32Array((samples.length / columns) * (features + 1))
      for (let i = 0; i * columns < samples.length; i++) {
        const own = places.subarray(i * features, (i + 1) * features)
        let left = own.reduce((sum, value) => sum - value * value, 0)
        for (let c = 0; c < columns; c++) left += (samples[i * columns + c]! - pca.mean[c]!) ** 2
        found.set(own, i * (features + 1))
        found[i * (features + 1) + features] = Math.sqrt(Math.max(0, left))
      }
      return Promise.resolve(found)
    },
    accuracy: () => Promise.resolve(null),
    dispose: () => Promise.resolve(),
  }
}

async function classifierFeatures(
  dataset: RunData['dataset'],
  split: Split,
  items: Int32Array,
  context: LatentContext,
): Promise<Features> {
  const { shape } = dataset
  const { names, of: labels } = dataset.labels!
  const classifier = buildClassifier(shape, names.length)
  const data = { dataset, items, labels, classes: names.length }
  const weights = await kept(context.home, [classifierVersion, shape, dataset.sha256, split.sha256], () =>
    trainClassifier(context.backend, classifier, data, shape, async (done, total) => {
      context.signal.throwIfAborted()
      await context.pause()
      context.emit({ event: 'progress', progress: { done, total, secondsLeft: null } })
    }),
  )
  const pass = (state: Tensors, x: Tensor): Tensors => ({ ...classifier.classify(state, x) })
  const runner = batched(context.backend, pass, shape, weights, 64)
  return {
    from: 'classifier',
    columns: classifier.features,
    of: async (samples) => (await runner.run(samples))['features'] ?? new Float32Array(),
    async accuracy(asked) {
      const known = asked.filter((item) => labels[item]! >= 0)
      let right = 0
      for (let from = 0; from < known.length; from += atATime) {
        const some = known.subarray(from, from + atATime)
        const { logits = new Float32Array() } = await runner.run(await dataset.read(some))
        some.forEach((item, i) => {
          const row = logits.subarray(i * names.length, (i + 1) * names.length)
          if (row.indexOf(Math.max(...row)) === labels[item]) right++
        })
      }
      return known.length === 0 ? null : right / known.length
    },
    dispose: () => runner.dispose(),
  }
}

/** Weights that were made before, or made now and kept; that there is no room for them is no failure. */
async function kept(home: string, key: unknown, make: () => Promise<TensorMap>): Promise<TensorMap> {
  const folder = dataCache(home)
  const name = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32)
  const file = join(folder, name + ending)
  const before = await readSafetensors(file).catch(() => null)
  if (before !== null) return before.tensors
  const weights = await make()
  await writeSafetensors(file, weights).catch(() => undefined)
  await trimStores(folder, limit, file, ending)
  return weights
}
