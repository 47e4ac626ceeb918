import type { GanSpec } from '../../contract/architecture.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import type { Backend, Program, Tensors } from '../backend/backend.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import { samplesOf } from '../data/sample.ts'
import { exportGan } from '../models/export-gan.ts'
import type { Gan } from '../models/gan.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { sheetPng } from '../storage/sheet.ts'
import {
  adversarialInputs,
  adversarialStage,
  discriminatorTerms,
  generatorTerms,
  type AdversarialLoss,
} from './adversarial-terms.ts'
import { readBatch, sampleWeights } from './autoencoder-inputs.ts'
import { createCleanDraw, pick } from './clean-draw.ts'
import { meanDistance } from './diversity.ts'
import { createBatchMeasurement, measuringBatch, type Measurement } from './measure.ts'
import { sources } from './sources.ts'
import type { Task } from './task.ts'

export interface AdversarialOptions {
  backend: Pick<Backend, 'compile'>
  recipe: Recipe & { model: GanSpec; loss: AdversarialLoss }
  gan: Gan
  /** As networks take it (`forNetwork` in `data/scaling.ts`). */
  dataset: Pick<Dataset, 'read'>
  split: Pick<Split, 'training' | 'validation'>
  /** Version of the product, for what is written. */
  product: string
}

/** Held-out items that the losses are taken on, the same each time: there are no finer differences between GANs than noise. */
const validated = 512
/** Samples whose distances from each other are taken, real ones and generated ones. */
const compared = 64
/** Lines and columns of a preview. */
const grid = 8

/**
 * Training a GAN on whole samples: each once an epoch, in an order that is drawn anew for each. Validation takes the losses and verdicts
 * on held-out samples, with the weights that would become the model, and `diversity`: the mean distance between two generated samples as
 * a share of that between two real ones (1: as varied as the data, 0: collapsed).
 */
export function adversarialTask(options: AdversarialOptions): Task {
  const { backend, recipe, gan, dataset, split } = options
  const random = createRandom(recipe.seed)
  const drawing = random.fork(sources.batches)
  const drawClean = createCleanDraw(recipe, dataset, split.training, gan.input)
  const looked = pick(split.validation, validated, random.fork(sources.validation))
  const real = pick(
    split.validation.length < compared ? split.training : split.validation,
    compared,
    random.fork(sources.diversity),
  )
  const noiseOf = (count: number, source: Random): TensorData => noise(gan, count, (i) => source.fork(i))
  const shown = noiseOf(grid * grid, random.fork(sources.previews))
  const measured = noiseOf(compared, random.fork(sources.diversity).fork(1))

  let measurement: Promise<Measurement> | null = null
  let generator: Promise<Program> | null = null
  let realDistance: Promise<number> | null = null

  async function generate(weights: TensorMap, code: TensorData): Promise<Float32Array> {
    generator ??= backend.compile(
      (state, { code: z }) => ({ state, outputs: { output: gan.generate(state, z!) } }),
      { state: weights, inputs: { code: { shape: code.shape, dtype: 'float32' } } },
    )
    const program = await generator
    await program.writeState(weights)
    const { output } = await program.run({ code })
    return output!.data as Float32Array
  }

  async function diversity(weights: TensorMap): Promise<number> {
    realDistance ??= dataset.read(real).then((samples) => meanDistance(samplesOf(samples, gan.input)))
    const generated = samplesOf(await generate(weights, measured), gan.input)
    return meanDistance(generated) / (await realDistance)
  }

  return {
    weights: gan.shapes,
    layers: gan.layers,
    init: (source) => gan.init(source),
    stages: [adversarialStage(gan, recipe.loss)],
    samplesPerEpoch: split.training.length,
    inputs: (_, batch) => adversarialInputs(gan, batch),

    async draw(_, place, spare) {
      const source = drawing.fork(0).fork(place.epoch)
      const clean = await drawClean(source, place, spare?.['clean'])
      const noises = source.fork(1)
      return valuesOf(gan, clean, place.count, (i) => noises.fork(place.offset + i))
    },

    async validate(_, weights) {
      if (looked.length === 0) return { diversity: await diversity(weights) }
      measurement ??= createLossMeasurement(options, looked, weights)
      return { ...(await (await measurement).measure(weights)), diversity: await diversity(weights) }
    },

    async preview(weights) {
      const samples = samplesOf(await generate(weights, shown), gan.input)
      const lines = Array.from({ length: grid }, (_, y) => samples.slice(y * grid, (y + 1) * grid))
      return sheetPng(lines, gan.input)
    },

    exports: (weights, metadata) => exportGan(recipe.model, gan.input, weights, metadata, options.product),

    async close() {
      // What could not be compiled has failed where it was asked for.
      await measurement?.then((one) => one.dispose()).catch(() => undefined)
      await generator?.then((one) => one.dispose()).catch(() => undefined)
    },
  }
}

/** The losses of both and the verdicts, of samples that the generator makes as it does when it is used. */
function createLossMeasurement(
  { backend, recipe, gan, dataset }: AdversarialOptions,
  indexes: Int32Array,
  weights: TensorMap,
): Promise<Measurement> {
  const batch = measuringBatch(recipe, indexes.length)
  const judge = discriminatorTerms(gan, recipe.loss)
  const please = generatorTerms(gan)
  const random = createRandom(recipe.seed).fork(sources.validation)
  return createBatchMeasurement(weights, {
    ...{ backend, indexes, batch, inputs: adversarialInputs(gan, batch) },
    pass(state, inputs): Tensors {
      const generated = gan.generate(state, inputs['noise']!)
      return { ...judge(state, inputs, generated), ...please(state, generated) }
    },
    async draw(items, spare) {
      const clean = await readBatch(dataset, items, batch, gan.input, spare?.['clean'])
      return valuesOf(gan, clean, items.length, (i) => random.fork(items[0]!).fork(i))
    },
  })
}

/** Values of `adversarialInputs`. @param clean see `readBatch`; so many of its samples count */
function valuesOf(
  gan: Gan,
  clean: Float32Array,
  count: number,
  randomOf: (place: number) => Random,
): TensorMap {
  const batch = clean.length / gan.input.reduce((product, side) => product * side, 1)
  return {
    clean: { shape: [batch, ...gan.input], dtype: 'float32', data: clean },
    sampleWeight: { shape: [batch], dtype: 'float32', data: sampleWeights(count, batch) },
    noise: noise(gan, batch, randomOf),
  }
}

/** Standard normal noise for so many samples, each from a source of its own. */
function noise({ code }: Gan, count: number, randomOf: (place: number) => Random): TensorData {
  const [width] = code as [number]
  const data = new Float32Array(count * width)
  for (let i = 0; i < count; i++) {
    const random = randomOf(i)
    for (let j = 0; j < width; j++) data[i * width + j] = random.normal()
  }
  return { shape: [count, width], dtype: 'float32', data }
}
