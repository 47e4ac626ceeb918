import {
  add,
  div,
  matMul,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core'
import { sizeOf } from './layers.ts'

/** Keeps the inverse of a deviation finite (Ioffe & Szegedy, ICML 2015). */
const varianceEpsilon = 1e-5
/** What moving statistics keep of themselves at a step; ten steps are a tenth of a short epoch. */
const momentum = 0.9

/** Mean and (biased) variance of each channel, [channels]. */
export interface Statistics {
  mean: Tensor
  variance: Tensor
}

/** Those of a batch [N, …, channels], over its samples and places. */
export function batchStatistics(x: Tensor): Statistics {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1)
  const average: Tensor = mean(x, axes)
  return { mean: average, variance: mean(square(sub(x, average)), axes) }
}

/** Batch normalisation: (x − mean) / √(variance + ε) · scale + offset. */
export function normalise(x: Tensor, { mean, variance }: Statistics, scale: Tensor, offset: Tensor): Tensor {
  const factor = div(scale, sqrt(add(variance, varianceEpsilon)))
  return add(mul(sub(x, mean), factor), offset)
}

/** Moving statistics after a batch; their variance is the unbiased one, as the paper has it. */
export function moveStatistics(moving: Statistics, x: Tensor): Statistics {
  const batch = batchStatistics(x)
  const count = sizeOf(x.shape.slice(0, -1))
  const unbiased = count / Math.max(1, count - 1)
  const move = (old: Tensor, now: Tensor, factor: number): Tensor =>
    add(mul(old, momentum), mul(now, (1 - momentum) * factor))
  return { mean: move(moving.mean, batch.mean, 1), variance: move(moving.variance, batch.variance, unbiased) }
}

/** Of a kernel as a matrix [inputs, outputs]: its left and right singular vectors, [inputs] and [outputs]. */
export interface SingularVectors {
  left: Tensor
  right: Tensor
}

const asMatrix = (kernel: Tensor): Tensor2D => reshape(kernel, [-1, kernel.shape.at(-1)!])
const column = (vector: Tensor): Tensor2D => reshape(vector, [-1, 1])
/** No kernel of use has a smaller singular value. */
const smallestNorm = 1e-12
const unit = (vector: Tensor2D): Tensor2D => div(vector, add(sqrt(sum(square(vector))), smallestNorm))

/** One power iteration from the right singular vector of the step before (Miyato et al., ICLR 2018, algorithm 1). */
export function iterateSingularVectors(kernel: Tensor, right: Tensor): SingularVectors {
  const matrix = asMatrix(kernel)
  const left = unit(matMul(matrix, column(right)))
  return {
    left: reshape(left, [-1]),
    right: reshape(unit(matMul(matrix, left, true)), [-1]),
  }
}

/** The kernel over its largest singular value, leftᵀ W right, whose gradient takes the vectors as constants. */
export function spectrallyNormalised(kernel: Tensor, { left, right }: SingularVectors): Tensor {
  const sigma = matMul(matMul(column(left), asMatrix(kernel), true), column(right))
  return div(kernel, reshape(sigma, []))
}
