import {
  add,
  div,
  mul,
  reshape,
  sub,
  sum,
  transpose,
  type Scalar,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core'
import type { DenoiserSpec } from '../../contract/architecture.ts'
import type { ReconstructionLoss, RecipeOf } from '../../contract/recipe.ts'
import type { TensorSpec, TensorSpecs } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import { denoiserForward } from '../models/denoiser.ts'
import { reconstructionLoss, sampleLosses, weightedMean } from './losses.ts'
import type { Update } from './task.ts'

/** A recipe that trains a network for pictures of any size on patches. */
export type RestorerRecipe = RecipeOf<'patches'> & { model: DenoiserSpec }

/**
 * What a training step of a restorer is given besides what the optimizer needs: `noisy` and `target` [N, side, side, C], what its network
 * is told (`sigma` or `mask` [N, side, side, 1]), and `sampleWeight` [N].
 *
 * Noise2Void: `hidden` [N, side, side, 1], 1 where the loss is taken. Neighbor2Neighbor: `whole` [N, 2 side, 2 side, C], of which `noisy` and
 * `target` are the sub-samples, `first` and `second` [N · side², 4, 1], 1 for the pixel of each cell that they take, and `gamma`.
 */
export function restorerInputs(
  { model, supervision }: Pick<RestorerRecipe, 'model' | 'supervision'>,
  batch: number,
  side: number,
): TensorSpecs {
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' })
  const images = (channels: number): TensorSpec => float(batch, side, side, channels)
  const { channels, condition } = model
  return {
    ...{ target: images(channels), noisy: images(channels), sampleWeight: float(batch) },
    ...(condition !== 'none' && { [condition]: images(1) }),
    ...(supervision.type === 'noise2void' && { hidden: images(1) }),
    ...(supervision.type === 'neighbor2neighbor' && {
      ...{ whole: float(batch, 2 * side, 2 * side, channels), gamma: float() },
      ...{ first: float(batch * side ** 2, 4, 1), second: float(batch * side ** 2, 4, 1) },
    }),
  }
}

export interface RestorerPass {
  /** The network's output for `noisy`, and its loss: the mean over the samples. */
  run(weights: Tensors, inputs: Tensors): { output: Tensor; loss: Scalar }
  /** What `run` takes as constant besides its inputs, where there is such: see `Update.constants`. */
  constants?: NonNullable<Update['constants']>
}

export function restorerPass(recipe: Pick<RestorerRecipe, 'model' | 'supervision' | 'loss'>): RestorerPass {
  const { model, supervision } = recipe
  const forward = denoiserForward(model)
  const loss = reconstructionLoss(recipe)
  const denoised = (weights: Tensors, inputs: Tensors): Tensor => forward(weights, inputs)['denoised']!
  const passWith = (lossesOf: (output: Tensor, inputs: Tensors) => Tensor1D) => ({
    run(weights: Tensors, inputs: Tensors) {
      const output = denoised(weights, inputs)
      return { output, loss: weightedMean(lossesOf(output, inputs), inputs['sampleWeight']!) }
    },
  })
  switch (supervision.type) {
    case 'noise2void':
      return passWith((output, inputs) => hiddenLosses(loss, output, inputs))
    case 'neighbor2neighbor':
      return {
        ...passWith((output, inputs) => neighbourLosses(loss, output, inputs)),
        constants: (weights, inputs) => ({
          denoisedWhole: denoised(weights, { noisy: inputs['whole']! }),
        }),
      }
    default:
      return passWith((output, inputs) => sampleLosses(loss, { output, logits: null }, inputs['target']!))
  }
}

/** The loss of each sample over its hidden pixels alone; a mean is one over these. */
function hiddenLosses(loss: ReconstructionLoss, output: Tensor, inputs: Tensors): Tensor1D {
  const [hidden, target] = [inputs['hidden']!, inputs['target']!]
  const of = { output: mul(output, hidden), logits: null }
  const losses = sampleLosses({ ...loss, reduction: 'sum' }, of, mul(target, hidden))
  const channels = target.shape[3]!
  return loss.reduction === 'sum' ? losses : div(losses, mul(sum(hidden, [1, 2, 3]), channels))
}

/** Huang et al., CVPR 2021, equation 11: the difference to the neighbour, and how it differs from that of the network's own outputs. */
function neighbourLosses(loss: ReconstructionLoss, output: Tensor, inputs: Tensors): Tensor1D {
  const target = inputs['target']!
  const whole = inputs['denoisedWhole']!
  const chosen = (name: 'first' | 'second'): Tensor => subSampled(whole, inputs[name]!)
  const expected = add(target, sub(chosen('first'), chosen('second')))
  const losses = (towards: Tensor): Tensor1D => sampleLosses(loss, { output, logits: null }, towards)
  return add(losses(target), mul(losses(expected), inputs['gamma']!))
}

/** `data/neighbours.ts`'s `subSample` as operations: one pixel of each cell, told by a map [N · cells, 4, 1]. */
function subSampled(x: Tensor, chosen: Tensor): Tensor {
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const [h, w] = [height / 2, width / 2]
  const cells = transpose(reshape(x, [n, h, 2, w, 2, channels]), [0, 1, 3, 2, 4, 5])
  return reshape(sum(mul(reshape(cells, [n * h * w, 4, channels]), chosen), 1), [n, h, w, channels])
}

/** What a restorer's file says of how it was trained: what it undoes, and what its samples are to be brought to. */
export const restorerMetadata = (
  { corruption, supervision }: Pick<RestorerRecipe, 'corruption' | 'supervision'>,
  levels: [number, number] | undefined,
): Record<string, string> => ({
  corruption: JSON.stringify(corruption),
  ...(supervision.type !== 'clean' && { supervision: JSON.stringify(supervision) }),
  ...(levels && { levels: JSON.stringify(levels) }),
})
