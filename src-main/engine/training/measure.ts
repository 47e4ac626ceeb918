import { setImmediate } from 'node:timers/promises'
import {
  abs,
  add,
  clipByValue,
  mean,
  mul,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core'
import type { Recipe, ReconstructionLoss } from '../../contract/recipe.ts'
import type { TensorMap, TensorSpecs } from '../../contract/tensors.ts'
import type { Backend, Tensors } from '../backend/backend.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Autoencoder } from '../models/autoencoder.ts'
import { batchSizes } from '../models/check-recipe.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { drawAutoencoderInputs, readBatch } from './autoencoder-inputs.ts'
import { reconstructionLoss, sampleLosses, sampleSsim } from './losses.ts'
import { klDivergence } from './penalties.ts'
import { sources } from './sources.ts'
import { autoencoderInputs, autoencoderTerms, reparameterize } from './terms.ts'

/** A unit of the code counts as used above this mean |h|, or above this KL in nats (Burda et al. 2016 call such units active). */
const usedAbove = 0.01
/** A perfect copy has no PSNR; beyond 100 dB nothing differs in 16 bits. */
const smallestError = 1e-10

export interface MeasureOptions {
  backend: Pick<Backend, 'compile'>
  recipe: Recipe
  model: Autoencoder
  /** As networks take it (`forNetwork` in `data/scaling.ts`). */
  dataset: Pick<Dataset, 'read'>
  indexes: Int32Array
  /** Told items done; may throw, to cancel. */
  onProgress?: (done: number) => void
}

export interface Measurement {
  measure(weights: TensorMap): Promise<Record<string, number>>
  dispose(): Promise<void>
}

/**
 * Measures an autoencoder on items of a dataset:
 *
 * - every term of the loss as in training (`loss`, `reconstruction`, penalties before their weight), on inputs corrupted as in training,
 *   with β at its full height; penalties that look at a whole batch (sparsity, free bits) are means over batches of the recipe's size;
 * - of images `psnr`, mean of the images' PSNR in dB, data range 1, outputs clipped, at most 100 an image; and `ssim`, mean of theirs;
 * - of variational models with a likelihood `elbo` in nats a sample: −(NLL + KL) with one sample of z each; `mse` counts as a Gaussian
 *   with σ² = ½, whose negative log-likelihood is d² + ½ ln π an element;
 * - `active`: the share of the code's units that are used, by their mean |h| or, of variational models, their mean KL, above 0.01.
 *
 * The same each time: what is random (corruption, z of loss and ELBO) is seeded by the recipe and the item; PSNR and SSIM take zMean.
 */
export async function measureAutoencoder(
  options: MeasureOptions,
  weights: TensorMap,
): Promise<Record<string, number>> {
  const measurement = await createMeasurement(options, weights)
  try {
    return await measurement.measure(weights)
  } finally {
    await measurement.dispose()
  }
}

/** `measureAutoencoder` made ready to be done again and again. @param weights of the shapes that will come */
export function createMeasurement(options: MeasureOptions, weights: TensorMap): Promise<Measurement> {
  const { recipe, model, dataset, indexes } = options
  const batch = measuringBatch(recipe, indexes.length)
  const random = createRandom(recipe.seed).fork(sources.validation)
  return createBatchMeasurement(weights, {
    ...{
      ...options,
      batch,
      inputs: autoencoderInputs(recipe, model, batch),
      pass: measuringPass(recipe, model),
    },
    async draw(items, spare) {
      const clean = await readBatch(dataset, items, batch, model.input, spare?.['clean'])
      const randomOf = (place: number): Random => random.fork(items[place]!)
      return drawAutoencoderInputs(recipe, model, {
        clean,
        count: items.length,
        klWeight: 1,
        randomOf,
        spare,
      })
    },
  })
}

/** Samples a batch: the recipe's largest, as far as there are so many. */
export function measuringBatch(recipe: Pick<Recipe, 'batch'>, items: number): number {
  return Math.min(Math.max(...batchSizes(recipe)), items)
}

export interface BatchMeasureOptions extends Pick<MeasureOptions, 'backend' | 'indexes' | 'onProgress'> {
  batch: number
  inputs: TensorSpecs
  /** See `measuringPass`. */
  pass: (weights: Tensors, inputs: Tensors) => Tensors
  /** Values of the inputs for these items; there may be fewer than a batch holds. `spare`: those given before, which may be written into. */
  draw: (items: Int32Array, spare: TensorMap | undefined) => Promise<TensorMap>
}

/** Runs a pass over items batch by batch, and takes the means. */
export async function createBatchMeasurement(
  first: TensorMap,
  { backend, indexes, batch, inputs, pass, draw, onProgress }: BatchMeasureOptions,
): Promise<Measurement> {
  const program = await backend.compile((state, given) => ({ state, outputs: pass(state, given) }), {
    state: first,
    inputs,
  })
  return {
    async measure(weights) {
      await program.writeState(weights)
      const totals = createTotals()
      let values: TensorMap | undefined
      for (let from = 0; from < indexes.length; from += batch) {
        // Running blocks the thread; this lets timers, signals and messages in.
        await setImmediate()
        const items = indexes.subarray(from, from + batch)
        values = await draw(items, values)
        totals.add(await program.run(values), items.length)
        onProgress?.(from + items.length)
      }
      return totals.values()
    },
    dispose: () => program.dispose(),
  }
}

/**
 * Terms of the loss [], and by prefix: `each/…` [N] of the samples, `units` [code] the use of the code's units added up over the samples.
 */
function measuringPass(recipe: Recipe, model: Autoencoder) {
  const terms = autoencoderTerms(recipe, model)
  const likelihood = model.variational ? inNats(reconstructionLoss(recipe)) : null
  return (weights: Tensors, inputs: Tensors): Tensors => {
    const outputs: Tensors = { ...terms(weights, inputs) }
    const clean = inputs['clean']!
    const encoded = model.encode(weights, inputs['corrupted'] ?? clean)
    const use = model.variational ? klDivergence(encoded) : abs(encoded.code)
    const n = clean.shape[0]
    outputs['units'] = sum(mul(reshape(use, [n, -1]), reshape(inputs['sampleWeight']!, [n, 1])), 0)
    if (model.input.length === 3) {
      const output = clipByValue(model.decode(weights, encoded.code).output, 0, 1)
      outputs['each/error'] = mean(reshape(square(sub(output, clean)), [n, -1]), 1)
      outputs['each/ssim'] = sampleSsim(output as Tensor4D, clean as Tensor4D)
    }
    if (likelihood !== null) {
      const z = reparameterize(encoded, inputs['epsilon']!)
      const negativeLogLikelihood: Tensor = sampleLosses(likelihood, model.decode(weights, z), clean)
      outputs['each/nelbo'] = add(negativeLogLikelihood, sum(klDivergence(encoded), 1))
    }
    return outputs
  }
}

/** The negative log-likelihood in nats that a loss stands for; null where it stands for none that is usual. */
function inNats(loss: ReconstructionLoss): ReconstructionLoss | null {
  if (loss.type === 'mse') return { type: 'gaussian', sigma: Math.SQRT1_2, reduction: 'sum' }
  return loss.type === 'gaussian' || loss.type === 'bce' ? { ...loss, reduction: 'sum' } : null
}

/** Adds up what `measuringPass` gives, batch by batch. */
function createTotals() {
  const sums: Record<string, number> = {}
  let units: Float64Array | null = null
  let items = 0
  const addTo = (name: string, value: number): void => {
    sums[name] = (sums[name] ?? 0) + value
  }
  return {
    add(outputs: TensorMap, count: number): void {
      items += count
      for (const [name, { data }] of Object.entries(outputs)) {
        if (name === 'units') {
          units ??= new Float64Array(data.length)
          for (let i = 0; i < data.length; i++) units[i]! += data[i]!
        } else if (!name.startsWith('each/')) addTo(name, data[0]! * count)
        else {
          for (let i = 0; i < count; i++) {
            if (name === 'each/error') addTo('psnr', -10 * Math.log10(Math.max(data[i]!, smallestError)))
            else if (name === 'each/nelbo') addTo('elbo', -data[i]!)
            else addTo('ssim', data[i]!)
          }
        }
      }
    },
    values(): Record<string, number> {
      const means = Object.fromEntries(Object.entries(sums).map(([name, total]) => [name, total / items]))
      if (units === null) return means
      const used = units.filter((use) => use / items > usedAbove).length
      return { ...means, active: used / units.length }
    },
  }
}
