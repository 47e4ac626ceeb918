import {
  abs,
  add,
  concat,
  conv2d,
  div,
  mean,
  mul,
  reshape,
  scalar,
  softplus,
  split,
  sqrt,
  square,
  sub,
  sum,
  transpose,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from '@tensorflow/tfjs-core'
import type { Loss } from '../../contract/recipe.ts'
import { constant } from '../backend/constant.ts'
import type { Decoded } from '../models/autoencoder.ts'
import { sizeOf } from '../models/layers.ts'

/** Rounds off the Charbonnier loss near zero (Charbonnier et al., ICIP 1994); small beside one step of 8 bits (1 / 255). */
const charbonnierEpsilon = 1e-3

/**
 * The reconstruction loss of each sample, [N]: the sum or the mean over its elements, as the recipe says. `contract/recipe.ts` has the
 * formulas.
 * @param decoded [N, …]; `bce` is computed from its logits, which do not overflow.
 * @param target of the same shape
 */
export function sampleLosses(loss: Loss, { output, logits }: Decoded, target: Tensor): Tensor1D {
  const reduce = loss.reduction === 'sum' ? sum : mean
  const axes = target.shape.map((_, axis) => axis).slice(1)
  const each = (elements: Tensor): Tensor1D => reduce(elements, axes)
  const difference = (): Tensor => sub(output, target)
  switch (loss.type) {
    case 'mse':
      return each(square(difference()))
    case 'gaussian': {
      const constantPart = Math.log(loss.sigma) + 0.5 * Math.log(2 * Math.PI)
      const count = loss.reduction === 'sum' ? sizeOf(target.shape.slice(1)) : 1
      return add(each(mul(square(difference()), 0.5 / loss.sigma ** 2)), constantPart * count)
    }
    case 'bce': {
      if (logits === null) throw new Error('cross-entropy of an output without logits')
      // −t ln s(l) − (1 − t) ln(1 − s(l)) = ln(1 + e^l) − l t, with s the sigmoid.
      return each(sub(softplus(logits), mul(logits, target)))
    }
    case 'l1':
      return each(abs(difference()))
    case 'charbonnier':
      return each(sqrt(add(square(difference()), charbonnierEpsilon ** 2)))
    case 'ssim': {
      const count = loss.reduction === 'sum' ? sizeOf(target.shape.slice(1)) : 1
      const structure = mul(
        sub(scalar(1), sampleSsim(output as Tensor4D, target as Tensor4D)),
        loss.weight * count,
      )
      return add(structure, mul(each(abs(difference())), 1 - loss.weight))
    }
  }
}

/** The mean of values [N], each with its weight [N]: those of weight 0 only fill up a batch. */
export const weightedMean = (values: Tensor, sampleWeight: Tensor): Scalar =>
  div(sum(mul(values, sampleWeight)), sum(sampleWeight))

/** Side and standard deviation of the window, as in Wang et al., IEEE TIP 2004. */
const window = { side: 11, sigma: 1.5 }

/**
 * The mean structural similarity of each pair of images, [N]: Gaussian window, valid positions only, K₁ = 0.01, K₂ = 0.03, data range 1,
 * each channel by itself. In images with a side below 11 the window is as large as an odd window can be.
 *
 * The window is applied as two convolutions of one channel on all channels and moments as one batch: depthwise convolutions have no fast
 * gradient on every engine.
 */
export function sampleSsim(a: Tensor4D, b: Tensor4D): Tensor1D {
  const [n, height, width, channels] = a.shape
  const largest = Math.min(window.side, height, width)
  const kernel = gaussian(largest - 1 + (largest % 2), window.sigma)
  const planes = (x: Tensor4D): Tensor4D =>
    reshape(transpose(x, [0, 3, 1, 2]), [n * channels, height, width, 1])
  const [x, y] = [planes(a), planes(b)]
  const blur = (image: Tensor4D, ...sides: [number, number]): Tensor4D =>
    conv2d(image, constant(kernel, [...sides, 1, 1]) as Tensor4D, 1, 'valid')
  const moments: Tensor4D = concat([x, y, square(x), square(y), mul(x, y)], 0)
  const blurred = blur(blur(moments, kernel.length, 1), 1, kernel.length)
  const [meanX, meanY, squareX, squareY, product] = split(blurred, 5, 0) as FiveImages
  const [c1, c2] = [0.01 ** 2, 0.03 ** 2]
  const meanProduct = mul(meanX, meanY)
  const meanSquares = add(square(meanX), square(meanY))
  const luminance = div(add(mul(meanProduct, 2), c1), add(meanSquares, c1))
  const covariance = add(mul(sub(product, meanProduct), 2), c2)
  const structure = div(covariance, add(sub(add(squareX, squareY), meanSquares), c2))
  const map = mul(luminance, structure)
  return mean(reshape(map, [n, -1]), 1)
}

type FiveImages = [Tensor4D, Tensor4D, Tensor4D, Tensor4D, Tensor4D]

function gaussian(side: number, sigma: number): number[] {
  const values = Array.from({ length: side }, (_, i) =>
    Math.exp(-((i - (side - 1) / 2) ** 2) / (2 * sigma ** 2)),
  )
  const total = values.reduce((a, b) => a + b)
  return values.map((value) => value / total)
}
