import type { AutoencoderSpec } from '../../contract/architecture.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { Backend, Program } from '../backend/backend.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import type { Autoencoder } from '../models/autoencoder.ts'
import { exportAutoencoder } from '../models/export-autoencoder.ts'
import { sizeOf } from '../models/layers.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { sheetPng } from '../storage/sheet.ts'
import { drawAutoencoderInputs, readBatch } from './autoencoder-inputs.ts'
import { createMeasurement, type Measurement } from './measure.ts'
import { sources } from './sources.ts'
import type { Stage, Task } from './task.ts'
import { createPairMeasurement, pairInputs, pairValues, pretrainingStages } from './pretraining.ts'
import { autoencoderInputs, autoencoderTerms } from './terms.ts'

export interface AutoencodingOptions {
  backend: Pick<Backend, 'compile'>
  recipe: Recipe & { model: AutoencoderSpec }
  model: Autoencoder
  /** As networks take it (`forNetwork` in `data/scaling.ts`). */
  dataset: Pick<Dataset, 'read'>
  split: Pick<Split, 'training' | 'validation'>
  /** Version of the product, for what is written. */
  product: string
}

/** Validation while training looks at so many items at most, the same each time. */
const validated = 2_000
/** Samples of a preview. */
const shown = 10

/**
 * Training an autoencoder on whole samples: every sample once an epoch, in an order that is drawn anew for each, mirrored and corrupted anew.
 * Greedy pretraining comes before as stages of its own: each trains one layer and its counterpart on the codes of the layers before.
 * @throws recipe-invalid where the network cannot be pretrained
 */
export function autoencodingTask(options: AutoencodingOptions): Task {
  const { backend, recipe, model, dataset, split } = options
  const random = createRandom(recipe.seed)
  const drawing = random.fork(sources.batches)
  const whole: Stage = {
    name: 'train',
    trains: Object.keys(model.shapes),
    rate: null,
    epochs: null,
    terms: autoencoderTerms(recipe, model),
  }
  const stages = [...pretrainingStages(recipe, model), whole]
  const orderOf = createOrders(split.training)
  const looked = pick(split.validation, validated, random.fork(sources.validation))
  const visible = pick(
    split.validation.length > 0 ? looked : split.training,
    shown,
    random.fork(sources.previews),
  )
  const measurements = new Map<Stage, Promise<Measurement>>()
  let viewer: Promise<Program> | null = null

  return {
    weights: model.shapes,
    layers: model.layers,
    init: (source) => model.init(source),
    stages,
    samplesPerEpoch: split.training.length,
    inputs: (stage, batch) =>
      stage === whole ? autoencoderInputs(recipe, model, batch) : pairInputs(model, batch),

    async draw(stage, { epoch, offset, count, batch }, spare) {
      const source = drawing.fork(stages.indexOf(stage)).fork(epoch)
      const items = orderOf(source).subarray(offset, offset + count)
      const clean = await readBatch(dataset, items, batch, model.input, spare?.['clean'])
      const sampleRandom = source.fork(1)
      if (recipe.data.type === 'images' && recipe.data.flip) {
        const flips = source.fork(2)
        const size = sizeOf(model.input)
        for (let i = 0; i < count; i++) {
          if (flips.fork(offset + i).uniform() < 0.5)
            mirror(clean.subarray(i * size, (i + 1) * size), model.input)
        }
      }
      if (stage !== whole) return pairValues(model, clean, count)
      return drawAutoencoderInputs(recipe, model, {
        ...{ clean, count, spare, klWeight: warmUp(recipe, epoch + offset / split.training.length) },
        randomOf: (place) => sampleRandom.fork(offset + place),
      })
    },

    async validate(stage, weights) {
      if (looked.length === 0) return {}
      const create = (): Promise<Measurement> =>
        stage === whole
          ? createMeasurement({ backend, recipe, model, dataset, indexes: looked }, weights)
          : createPairMeasurement({ ...options, indexes: looked }, stage, weights)
      const measurement = measurements.get(stage) ?? create()
      measurements.set(stage, measurement)
      return (await measurement).measure(weights)
    },

    async preview(weights) {
      const clean = await dataset.read(visible)
      const { clean: input, corrupted } = await drawAutoencoderInputs(recipe, model, {
        ...{ clean, count: visible.length, spare: undefined, klWeight: 1 },
        randomOf: (place) => random.fork(sources.previews).fork(visible[place]!),
      })
      viewer ??= backend.compile(
        (state, { x }) => ({
          state,
          outputs: { output: model.decode(state, model.encode(state, x!).code).output },
        }),
        { state: weights, inputs: { x: { shape: input!.shape, dtype: 'float32' } } },
      )
      const program = await viewer
      await program.writeState(weights)
      const { output } = await program.run({ x: corrupted ?? input! })
      const rows = [input!, ...(corrupted === undefined ? [] : [corrupted]), output!]
      return sheetPng(
        rows.map(({ data }) => samplesOf(data as Float32Array, sizeOf(model.input))),
        model.input,
      )
    },

    exports: (weights, metadata) =>
      exportAutoencoder(recipe.model, model.input, weights, metadata, options.product),

    async close() {
      // What could not be compiled has failed where it was asked for.
      for (const measurement of measurements.values())
        await measurement.then((one) => one.dispose()).catch(() => undefined)
      await viewer?.then((one) => one.dispose()).catch(() => undefined)
    },
  }
}

/** How far β has risen after so many epochs: from 0 to 1 over the warm-up of the KL penalty. */
function warmUp({ penalties }: Recipe, epochs: number): number {
  const kl = penalties.find(({ type }) => type === 'kl')
  return kl?.type === 'kl' && kl.warmup > 0 ? Math.min(1, epochs / kl.warmup) : 1
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

/** Fisher–Yates. */
function shuffled(items: Int32Array, random: Random): Int32Array {
  const order = items.slice()
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const swapped = order[i]!
    order[i] = order[j]!
    order[j] = swapped
  }
  return order
}

/** So many items at most, drawn once, in ascending order. */
const pick = (items: Int32Array, count: number, random: Random): Int32Array =>
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

const samplesOf = (values: Float32Array, size: number): Float32Array[] =>
  Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size))
