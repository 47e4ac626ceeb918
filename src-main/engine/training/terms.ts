import { add, exp, mul, type Scalar, type Tensor } from '@tensorflow/tfjs-core'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorSpec, TensorSpecs } from '../../contract/tensors.ts'
import type { Autoencoder, Encoded } from '../models/autoencoder.ts'
import { reconstructionLoss, sampleLosses, weightedMean } from './losses.ts'
import { penaltyTerm } from './penalties.ts'
import type { Update } from './task.ts'

/**
 * What a training step of an autoencoder is given besides what the optimizer needs: `clean` [N, …]; `corrupted`, of the same shape,
 * where there is a corruption; `sampleWeight` [N]; of variational models `epsilon` [N, latent], standard normal; for an estimated
 * contractive penalty `projection` [K, N, …code], entries of mean 0 and variance 1; where β warms up `klWeight`, from 0 to 1.
 */
export function autoencoderInputs(recipe: Recipe, model: Autoencoder, batch: number): TensorSpecs {
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' })
  const inputs: TensorSpecs = { clean: float(batch, ...model.input), sampleWeight: float(batch) }
  if (recipe.corruption.length > 0) inputs['corrupted'] = float(batch, ...model.input)
  if (model.variational) inputs['epsilon'] = float(batch, ...model.code)
  for (const penalty of recipe.penalties) {
    if (penalty.type === 'contractive' && penalty.projections !== null)
      inputs['projection'] = float(penalty.projections, batch, ...model.code)
    if (penalty.type === 'kl' && penalty.warmup > 0) inputs['klWeight'] = float()
  }
  return inputs
}

/**
 * The terms of an autoencoder's loss, each the mean over the samples: `reconstruction`, every penalty before its weight, and `loss`, the
 * reconstruction and each penalty times its weight.
 */
export function autoencoderTerms(recipe: Recipe, model: Autoencoder): Update['terms'] {
  const target = reconstructionLoss(recipe)
  return (weights, inputs) => {
    const x = inputs['corrupted'] ?? inputs['clean']!
    const encoded = model.encode(weights, x)
    const z = encoded.zLogVar === null ? encoded.code : reparameterize(encoded, inputs['epsilon']!)
    const losses = sampleLosses(target, model.decode(weights, z), inputs['clean']!)
    const reconstruction = weightedMean(losses, inputs['sampleWeight']!)
    const penalties = recipe.penalties.map((penalty) =>
      penaltyTerm(penalty, { model, weights, x, encoded, inputs }),
    )
    return {
      loss: penalties.reduce<Scalar>((sum, { loss }) => add(sum, loss), reconstruction),
      reconstruction,
      ...Object.fromEntries(penalties.map(({ name, value }) => [name, value])),
    }
  }
}

/** z = zMean + exp(zLogVar / 2) · ε (Kingma & Welling 2014). */
export const reparameterize = ({ code: zMean, zLogVar }: Encoded, epsilon: Tensor): Tensor =>
  zLogVar === null ? zMean : add(zMean, mul(exp(mul(zLogVar, 0.5)), epsilon))
