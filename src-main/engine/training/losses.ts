import {
  abs,
  add,
  div,
  log,
  matMul,
  mean,
  mul,
  reshape,
  scalar,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  transpose,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core'
import type { Recipe, ReconstructionLoss } from '../../contract/recipe.ts'
import { constant } from '../backend/constant.ts'
import type { Decoded } from '../models/autoencoder.ts'
import { sizeOf } from '../models/layers.ts'

/** Rounds off the Charbonnier loss near zero (Charbonnier et al., ICIP 1994); small beside one step of 8 bits (1 / 255). */
const charbonnierEpsilon = 1e-3

/** Added to the mean squared error of a sample, so that nearly clean ones do not rule the gradient: 57 dB, a third of one step of 8 bits. */
const psnrFloor = 2e-6

/** The loss of a recipe that reconstructs. */
export function reconstructionLoss({ loss }: Pick<Recipe, 'loss'>): ReconstructionLoss {
  // `checkRecipe` has refused this.
  if (loss.type === 'adversarial') throw new Error('an adversarial loss of a reconstruction')
  return loss
}

/**
 * The reconstruction loss of each sample, [N]: the sum or the mean over its elements, as the recipe says. `contract/recipe.ts` has the
 * formulas.
 * @param decoded [N, …]; `bce` is computed from its logits, which do not overflow.
 * @param target of the same shape
 */
export function sampleLosses(
  loss: ReconstructionLoss,
  { output, logits }: Decoded,
  target: Tensor,
): Tensor1D {
  const reduce = loss.reduction === 'sum' ? sum : mean
  const axes = target.shape.map((_, axis) => axis).slice(1)
  const each = (elements: Tensor): Tensor1D => reduce(elements, axes)
  const difference = (): Tensor => sub(output, target)
  /** For what is said of a whole sample, and counts for every element. */
  const count = loss.reduction === 'sum' ? sizeOf(target.shape.slice(1)) : 1
  switch (loss.type) {
    case 'mse':
      return each(square(difference()))
    case 'gaussian': {
      const constantPart = Math.log(loss.sigma) + 0.5 * Math.log(2 * Math.PI)
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
      const structure = mul(
        sub(scalar(1), sampleSsim(output as Tensor4D, target as Tensor4D)),
        loss.weight * count,
      )
      return add(structure, mul(each(abs(difference())), 1 - loss.weight))
    }
    case 'psnr':
      return mul(log(add(mean(square(difference()), axes), psnrFloor)), (10 * count) / Math.LN10)
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
 * The window is applied along each axis as one matrix product with a band matrix. Depthwise convolutions have no fast gradient on every
 * engine, and convolutions of one channel took five times the memory and twice the time on 128×128×3.
 */
export function sampleSsim(a: Tensor4D, b: Tensor4D): Tensor1D {
  const [n, height, width, channels] = a.shape
  const largest = Math.min(window.side, height, width)
  const kernel = gaussian(largest - 1 + (largest % 2), window.sigma)
  const alongWidth = band(kernel, width)
  const alongHeight = height === width ? alongWidth : band(kernel, height)
  const planes = n * channels
  const rows = width - kernel.length + 1
  // Of planes [height, width] to [rows', columns'], transposed: it is all the same to a mean.
  const blur = (x: Tensor): Tensor => {
    const once = reshape(matMul(reshape(x, [planes * height, width]), alongWidth), [planes, height, rows])
    return matMul(reshape(transpose(once, [0, 2, 1]), [planes * rows, height]), alongHeight)
  }
  const [x, y] = [transpose(a, [0, 3, 1, 2]), transpose(b, [0, 3, 1, 2])]
  const [meanX, meanY] = [blur(x), blur(y)]
  const meanProduct = mul(meanX, meanY)
  const meanSquares = add(square(meanX), square(meanY))
  const [c1, c2] = [0.01 ** 2, 0.03 ** 2]
  const luminance = div(add(mul(meanProduct, 2), c1), add(meanSquares, c1))
  const covariance = sub(blur(mul(x, y)), meanProduct)
  const variances = sub(blur(add(square(x), square(y))), meanSquares)
  const structure = div(add(mul(covariance, 2), c2), add(variances, c2))
  return mean(reshape(mul(luminance, structure), [n, -1]), 1)
}

/** [side, side − kernel + 1]: column i holds the kernel from row i on. */
function band(kernel: number[], side: number): Tensor2D {
  const positions = side - kernel.length + 1
  const values = new Float32Array(side * positions)
  for (let i = 0; i < positions; i++)
    kernel.forEach((weight, j) => {
      values[(i + j) * positions + i] = weight
    })
  return constant(values, [side, positions]) as Tensor2D
}

function gaussian(side: number, sigma: number): number[] {
  const values = Array.from({ length: side }, (_, i) =>
    Math.exp(-((i - (side - 1) / 2) ** 2) / (2 * sigma ** 2)),
  )
  const total = values.reduce((a, b) => a + b)
  return values.map((value) => value / total)
}
