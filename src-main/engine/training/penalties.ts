import {
  abs,
  add,
  exp,
  grad,
  log,
  clipByValue,
  matMul,
  maximum,
  mean,
  mul,
  neg,
  reshape,
  scalar,
  square,
  stack,
  sub,
  sum,
  div,
  transpose,
  unstack,
  type Rank,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core'
import type { Penalty } from '../../contract/recipe.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Autoencoder, Encoded } from '../models/autoencoder.ts'
import { activate, activationSlope, sizeOf, type Layer } from '../models/layers.ts'
import { weightedMean } from './losses.ts'

/** All that a penalty may depend on. */
export interface PenaltyContext {
  model: Autoencoder
  weights: Tensors
  /** What the encoder was given, [N, …]. */
  x: Tensor
  encoded: Encoded
  /** Of a step: `sampleWeight` [N], `projection`, `klWeight`. */
  inputs: Tensors
}

export interface PenaltyTerm {
  /** As the history calls it: the penalty's type. */
  name: string
  /** Before its weight. */
  value: Scalar
  /** What is added to the loss. */
  loss: Scalar
}

/** What a penalty adds. `contract/recipe.ts` has the formulas. */
export function penaltyTerm(penalty: Penalty, context: PenaltyContext): PenaltyTerm {
  const { model, weights, x, encoded, inputs } = context
  const sampleWeight = inputs['sampleWeight']!
  const overSamples = (values: Tensor): Scalar => weightedMean(values, sampleWeight)
  const weighted = (name: string, value: Scalar): PenaltyTerm => ({
    name,
    value,
    loss: mul(value, penalty.weight),
  })
  switch (penalty.type) {
    case 'kl': {
      const each = overBatch(klDivergence(encoded), sampleWeight)
      // What is reported is the divergence itself, which the ELBO needs; free bits and warm-up change the loss alone.
      const freed = penalty.freeBits > 0 ? maximum(each, scalar(penalty.freeBits)) : each
      const beta = penalty.warmup > 0 ? mul(inputs['klWeight']!, penalty.weight) : scalar(penalty.weight)
      return { name: 'kl', value: sum(each), loss: mul(sum(freed), beta) }
    }
    case 'l1':
      return weighted('l1', overSamples(sum(abs(flat(encoded.code)), 1)))
    case 'sparsity':
      return weighted('sparsity', sparsity(overBatch(flat(encoded.code), sampleWeight), penalty.target))
    case 'contractive':
      return penalty.projections === null
        ? weighted('contractive', overSamples(jacobianNorms(model.denseEncoder!, weights, x)))
        : weighted(
            'contractive-estimate',
            overSamples(
              estimatedJacobianNorms((h) => model.encode(weights, h).code, x, inputs['projection']!),
            ),
          )
    case 'l2': {
      const kernels = Object.entries(weights).filter(([name]) => name.endsWith('.kernel'))
      const squares = kernels.map(([, kernel]) => sum(square(kernel)))
      return weighted('l2', squares.reduce((a, b) => add(a, b)) as Scalar)
    }
  }
}

/** [N, …] -> [N, size]. */
const flat = (x: Tensor): Tensor2D => reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))])

/** The mean over the samples of each column of [N, K]. */
const overBatch = (values: Tensor2D, sampleWeight: Tensor): Tensor1D =>
  div(sum(mul(values, reshape(sampleWeight, [-1, 1])), 0), sum(sampleWeight))

/** KL(N(μ, σ²) ‖ N(0, 1)) in nats of every sample and dimension, [N, latent] (Kingma & Welling 2014, appendix B). */
export function klDivergence({ code: zMean, zLogVar }: Encoded): Tensor2D {
  if (zLogVar === null) throw new Error('KL of a model that is not variational')
  return mul(sub(sub(add(square(zMean), exp(zLogVar)), 1), zLogVar), 0.5)
}

/** Σⱼ ρ ln(ρ / ρ̂ⱼ) + (1 − ρ) ln((1 − ρ) / (1 − ρ̂ⱼ)). */
function sparsity(activity: Tensor1D, target: number): Scalar {
  const rate = clipByValue(activity, 1e-6, 1 - 1e-6)
  const crossEntropy = neg(add(mul(log(rate), target), mul(log(sub(scalar(1), rate)), 1 - target)))
  const entropy = -target * Math.log(target) - (1 - target) * Math.log(1 - target)
  return sum(sub(crossEntropy, entropy))
}

/**
 * ‖J‖² = Σᵢ ‖∇ₓhᵢ‖² of each sample, [N], exactly, for an encoder of dense layers h = a_L(… a₁(x W₁ + b₁) …).
 *
 * Of one layer J = diag(a′) Wᵀ, so ‖J‖² = Σᵢ a′ᵢ² Σⱼ Wⱼᵢ² (Rifai et al. 2011). Of more, B = diag(a′_L) W_Lᵀ … W₂ᵀ diag(a′₁) is multiplied
 * out from the code on, one row for each unit of the code, and ‖B W₁ᵀ‖² = tr(B G Bᵀ) with G = W₁ᵀ W₁, so that nothing as wide as the
 * input is made for each unit. Cost: for each sample and code unit the weights of the layers after the first, plus u₁²; once D u₁².
 */
export function jacobianNorms(encoder: Layer[], weights: Tensors, x: Tensor): Tensor1D {
  const slopes: Tensor2D[] = []
  let h = x
  for (const layer of encoder) {
    const z = layer.linear(weights, h) as Tensor2D
    slopes.push(activationSlope(layer.spec.activation, z) as Tensor2D)
    h = activate(layer.spec.activation, z)
  }
  const kernels = encoder.map(({ kernel }) => weights[kernel] as Tensor2D)
  const first = kernels[0]!
  if (encoder.length === 1) return sum(mul(square(slopes[0]!), sum(square(first), 0)), 1)

  const [n, units] = slopes.at(-1)!.shape
  const rowsOf = (slope: Tensor2D): Tensor => reshape(slope, [n, 1, slope.shape[1]])
  let rows: Tensor | null = null
  for (let layer = encoder.length - 1; layer > 0; layer--) {
    const back = transpose(kernels[layer]!)
    const product: Tensor =
      rows === null
        ? mul(reshape(slopes[layer]!, [n, units, 1]), reshape(back, [1, ...back.shape]))
        : matMul(reshape(rows, [n * units, back.shape[0]]), back)
    rows = mul(reshape(product, [n, units, back.shape[1]]), rowsOf(slopes[layer - 1]!))
  }
  const b = reshape<Rank.R2>(rows!, [n * units, first.shape[1]])
  const gram = matMul(first, first, true, false)
  return sum(reshape(mul(matMul(b, gram), b), [n, units * first.shape[1]]), 1)
}

/**
 * An unbiased estimate of ‖J‖² of each sample, [N]: with random v, E[v vᵀ] = 1, E‖vᵀJ‖² = tr(JᵀJ) (Hutchinson 1989), the mean over K
 * projections. Each costs one more pass back through the encoder.
 * @param projection [K, N, …code], entries of mean 0 and variance 1
 */
export function estimatedJacobianNorms(
  encode: (x: Tensor) => Tensor,
  x: Tensor,
  projection: Tensor,
): Tensor1D {
  const norms = unstack(projection).map((v) => {
    const gradient = grad((input: Tensor) => sum(mul(encode(input), v)))(x)
    return sum(square(flat(gradient)), 1)
  })
  return mean(stack(norms), 0)
}
