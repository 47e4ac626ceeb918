import type { AutoencoderSpec } from '../../contract/architecture.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { Backend, Program } from '../backend/backend.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import { samplesOf } from '../data/sample.ts'
import type { Autoencoder } from '../models/autoencoder.ts'
import { exportAutoencoder } from '../models/export-autoencoder.ts'
import { createRandom } from '../numeric/random.ts'
import { sheetPng } from '../storage/sheet.ts'
import { drawAutoencoderInputs } from './autoencoder-inputs.ts'
import { createCleanDraw, pick } from './clean-draw.ts'
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
    updates: [{ trains: Object.keys(model.shapes), terms: autoencoderTerms(recipe, model) }],
    rate: null,
    epochs: null,
  }
  const stages = [...pretrainingStages(recipe, model), whole]
  const drawClean = createCleanDraw(recipe, dataset, split.training, model.input)
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

    async draw(stage, place, spare) {
      const source = drawing.fork(stages.indexOf(stage)).fork(place.epoch)
      const clean = await drawClean(source, place, spare?.['clean'])
      const { epoch, offset, count } = place
      const sampleRandom = source.fork(1)
      if (stage !== whole) return pairValues(model, clean, count)
      return drawAutoencoderInputs(recipe, model, {
        ...{ clean, count, spare, klWeight: warmUp(recipe, epoch + offset / split.training.length) },
        randomOf: (at) => sampleRandom.fork(offset + at),
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
        rows.map(({ data }) => samplesOf(data as Float32Array, model.input)),
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
