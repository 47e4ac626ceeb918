import { reshape } from '@tensorflow/tfjs-core'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorMap, TensorSpecs } from '../../contract/tensors.ts'
import type { Autoencoder, LayerPair } from '../models/autoencoder.ts'
import { sizeOf } from '../models/layers.ts'
import { readBatch, sampleWeights } from './autoencoder-inputs.ts'
import { sampleLosses, weightedMean } from './losses.ts'
import { createBatchMeasurement, measuringBatch, type MeasureOptions, type Measurement } from './measure.ts'
import type { Stage, Update } from './task.ts'

/**
 * Greedy layer-wise pretraining (Hinton & Salakhutdinov 2006; Bengio et al. 2007): stage i trains layer i of the encoder and its
 * counterpart as an autoencoder of their own, with squared error summed over the elements, on the codes that the layers before, which
 * stay as they are, give to clean samples.
 * @throws recipe-invalid where the network has no such layers
 */
export function pretrainingStages({ pretraining }: Pick<Recipe, 'pretraining'>, model: Autoencoder): Stage[] {
  if (pretraining === null) return []
  const pairs = model.pairs()
  return pairs.map((pair, i) => ({
    name: `pretrain-${i + 1}`,
    rate: pretraining.rate,
    epochs: pretraining.epochs,
    updates: [{ trains: pair.weights, terms: pairTerms(pairs, i) }],
  }))
}

const pairTerms =
  (pairs: LayerPair[], i: number): Update['terms'] =>
  (weights, inputs) => {
    const pair = pairs[i]!
    const code = pairs.slice(0, i).reduce((x, before) => before.encode(weights, x), inputs['clean']!)
    const output = pair.decode(weights, pair.encode(weights, code))
    const target = reshape(code, output.shape)
    const losses = sampleLosses({ type: 'mse', reduction: 'sum' }, { output, logits: null }, target)
    const loss = weightedMean(losses, inputs['sampleWeight']!)
    return { loss, reconstruction: loss }
  }

/** What a step of pretraining is given besides what the optimizer needs. */
export const pairInputs = ({ input }: Autoencoder, batch: number): TensorSpecs => ({
  clean: { shape: [batch, ...input], dtype: 'float32' },
  sampleWeight: { shape: [batch], dtype: 'float32' },
})

/** Values of `pairInputs`. @param clean see `readBatch`; so many of its samples count */
export function pairValues({ input }: Autoencoder, clean: Float32Array, count: number): TensorMap {
  const batch = clean.length / sizeOf(input)
  return {
    clean: { shape: [batch, ...input], dtype: 'float32', data: clean },
    sampleWeight: { shape: [batch], dtype: 'float32', data: sampleWeights(count, batch) },
  }
}

/** Measures the loss of a stage of pretraining. */
export function createPairMeasurement(
  options: MeasureOptions,
  stage: Stage,
  weights: TensorMap,
): Promise<Measurement> {
  const { recipe, model, dataset, indexes } = options
  const batch = measuringBatch(recipe, indexes.length)
  return createBatchMeasurement(weights, {
    ...{
      ...options,
      batch,
      inputs: pairInputs(model, batch),
      pass: (state, inputs) => stage.updates[0]!.terms(state, inputs),
    },
    draw: async (items, spare) =>
      pairValues(model, await readBatch(dataset, items, batch, model.input, spare?.['clean']), items.length),
  })
}
