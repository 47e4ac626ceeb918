import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { DenoiserSpec } from '../../contract/architecture.ts'
import type { RecipeOf } from '../../contract/recipe.ts'
import type { TensorSpec, TensorSpecs } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import { denoiserForward } from '../models/denoiser.ts'
import { reconstructionLoss, sampleLosses, weightedMean } from './losses.ts'

/** A recipe that trains a network for pictures of any size on patches. */
export type RestorerRecipe = RecipeOf<'patches'> & { model: DenoiserSpec }

/**
 * What a training step of a restorer is given besides what the optimizer needs: `clean` and `noisy` [N, side, side, 3], what its network
 * is told (`sigma` or `mask` [N, side, side, 1]), and `sampleWeight` [N].
 */
export function restorerInputs({ model }: RestorerRecipe, batch: number, side: number): TensorSpecs {
  const images = (channels: number): TensorSpec => ({
    shape: [batch, side, side, channels],
    dtype: 'float32',
  })
  return {
    ...{ clean: images(3), noisy: images(3), sampleWeight: { shape: [batch], dtype: 'float32' } },
    ...(model.condition === 'none' ? {} : { [model.condition]: images(1) }),
  }
}

/** The network's output, and its loss: the mean over the samples. */
export function restorerPass(recipe: RestorerRecipe) {
  const forward = denoiserForward(recipe.model)
  const loss = reconstructionLoss(recipe)
  return (weights: Tensors, inputs: Tensors): { output: Tensor; loss: Scalar } => {
    const output = forward(weights, inputs)['denoised']!
    const losses = sampleLosses(loss, { output, logits: null }, inputs['clean']!)
    return { output, loss: weightedMean(losses, inputs['sampleWeight']!) }
  }
}
