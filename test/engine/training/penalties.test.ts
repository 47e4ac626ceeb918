import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { AutoencoderSpec } from '../../../src-main/contract/architecture.ts'
import { Penalty } from '../../../src-main/contract/recipe.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Tensors } from '../../../src-main/engine/backend/backend.ts'
import { registerGradients } from '../../../src-main/engine/backend/gradients.ts'
import { buildAutoencoder, type Autoencoder } from '../../../src-main/engine/models/autoencoder.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import {
  estimatedJacobianNorms,
  jacobianNorms,
  klDivergence,
  penaltyTerm,
} from '../../../src-main/engine/training/penalties.ts'
import { autoencoder, conv, dense } from '../../support/recipes.ts'

beforeAll(async () => {
  registerGradients()
  await tf.setBackend('cpu')
})

const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync()]
const tensors = (map: TensorMap): Tensors =>
  Object.fromEntries(Object.entries(map).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]))
const build = (spec: object, input: number[]): Autoencoder =>
  buildAutoencoder(AutoencoderSpec.parse(spec), input)
const draw = (shape: number[], seed: number): tf.Tensor => {
  const random = createRandom(seed)
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  )
}

/** The term of a penalty on a code [N, K], all samples counting alike. */
function onCode(penalty: object, code: number[][], zLogVar: number[][] | null = null) {
  const model = build(autoencoder([], code[0]!.length), [3])
  return penaltyTerm(Penalty.parse(penalty), {
    model,
    weights: tensors(model.init(createRandom(1))),
    x: tf.zeros([code.length, 3]),
    encoded: { code: tf.tensor2d(code), zLogVar: zLogVar === null ? null : tf.tensor2d(zLogVar) },
    inputs: { sampleWeight: tf.ones([code.length]) },
  })
}

describe('KL divergence from the standard normal', () => {
  test('is its integral', () => {
    const [mean, logVar] = [0.7, -0.9]
    const sigma = Math.exp(logVar / 2)
    const density = (z: number, m: number, s: number): number =>
      Math.exp(-0.5 * ((z - m) / s) ** 2) / (s * Math.sqrt(2 * Math.PI))
    let integral = 0
    const dz = 0.001
    for (let z = -8; z < 8; z += dz) {
      const q = density(z, mean, sigma)
      if (q > 0) integral += q * Math.log(q / density(z, 0, 1)) * dz
    }
    const [kl] = values(klDivergence({ code: tf.tensor2d([[mean]]), zLogVar: tf.tensor2d([[logVar]]) }))
    expect(kl).toBeCloseTo(integral, 4)
  })

  test('is summed over the code, averaged over the samples; free bits bound it by dimension, β weighs it', () => {
    const code = [
      [1, 0],
      [2, 0],
    ]
    const logVar = code.map((row) => row.map(() => 0))
    // ½ μ² of each.
    const plain = onCode({ type: 'kl', weight: 3 }, code, logVar)
    expect(values(plain.value)[0]).toBeCloseTo((0.5 + 2) / 2, 5)
    expect(values(plain.loss)[0]).toBeCloseTo((3 * (0.5 + 2)) / 2, 5)
    const free = onCode({ type: 'kl', weight: 3, freeBits: 0.25 }, code, logVar)
    expect(values(free.value)[0]).toBeCloseTo(1.25, 5)
    expect(values(free.loss)[0]).toBeCloseTo(3 * (1.25 + 0.25), 5)
  })
})

test('λ Σ|h| is summed over the code, averaged over the samples', () => {
  const { value, loss } = onCode({ type: 'l1', weight: 0.5 }, [
    [1, -2, 0],
    [0, 0, 4],
  ])
  expect(values(value)).toEqual([3.5])
  expect(values(loss)).toEqual([1.75])
})

describe('sparsity', () => {
  const term = (target: number, code: number[][]): number =>
    values(onCode({ type: 'sparsity', weight: 1, target }, code).value)[0]!

  test('is Σ ρ ln(ρ / ρ̂) + (1 − ρ) ln((1 − ρ) / (1 − ρ̂)) of the mean activations', () => {
    const divergence = (p: number, q: number): number =>
      p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))
    const code = [
      [0.1, 0.9],
      [0.3, 0.5],
    ]
    expect(term(0.05, code)).toBeCloseTo(divergence(0.05, 0.2) + divergence(0.05, 0.7), 5)
  })

  test('vanishes at its target, and is finite for units that are dead or always on', () => {
    expect(term(0.2, [[0.1], [0.3]])).toBeCloseTo(0, 6)
    expect(term(0.2, [[0, 1]])).toBeLessThan(20)
  })
})

test('λ Σ w² takes the kernels and leaves the biases', () => {
  const model = build(autoencoder([dense(3)], 2, { tied: true }), [4])
  const weights = tensors(model.init(createRandom(1)))
  for (const name of Object.keys(weights))
    if (name.endsWith('.bias')) weights[name] = tf.ones(weights[name]!.shape)
  const kernels = [weights['encoder.0.kernel']!, weights['code.kernel']!].flatMap(values)
  const { value } = penaltyTerm(
    { type: 'l2', weight: 1 },
    {
      model,
      weights,
      x: tf.zeros([1, 4]),
      encoded: { code: tf.zeros([1, 2]), zLogVar: null },
      inputs: { sampleWeight: tf.ones([1]) },
    },
  )
  expect(values(value)[0]).toBeCloseTo(
    kernels.reduce((sum, w) => sum + w ** 2, 0),
    4,
  )
})

describe('contractive penalty', () => {
  const batch = 3
  const setUp = (layers: object[], activation: string, input: number[]) => {
    const model = build({ ...autoencoder(layers, 4), encoder: { layers, latentDim: 4, activation } }, input)
    const weights = tensors(model.init(createRandom(8)))
    for (const name of Object.keys(weights))
      if (name.endsWith('.bias')) weights[name] = draw(weights[name]!.shape, 5)
    return { model, weights, encode: (x: tf.Tensor): tf.Tensor => model.encode(weights, x).code }
  }

  /** Σ (∂h / ∂x)² of each sample, by central differences. */
  function measured(encode: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): number[] {
    const size = x.size / batch
    const h = 0.005
    const norms = Array.from({ length: batch }, () => 0)
    for (let i = 0; i < size; i++) {
      const step = tf.oneHot(
        tf.tensor1d(
          Array.from({ length: batch }, () => i),
          'int32',
        ),
        size,
        h,
        0,
      )
      const by = tf.reshape(tf.cast(step, 'float32'), x.shape)
      const slopes = values(tf.div(tf.sub(encode(tf.add(x, by)), encode(tf.sub(x, by))), 2 * h))
      slopes.forEach((slope, j) => (norms[Math.floor(j / (slopes.length / batch))]! += slope ** 2))
    }
    return norms
  }
  const expectNear = (actual: number[], expected: number[], tolerance: number): void => {
    expect(actual).toHaveLength(expected.length)
    actual.forEach((value, i) => {
      expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(tolerance)
    })
  }

  test('of one sigmoid layer is Σᵢ (hᵢ (1 − hᵢ))² Σⱼ Wⱼᵢ²', () => {
    const { model, weights, encode } = setUp([], 'sigmoid', [2, 3, 1])
    const x = draw([batch, 2, 3, 1], 9)
    const h = values(encode(x))
    const w = values(weights['code.kernel']!)
    const closed = Array.from({ length: batch }, (_, n) => {
      let sum = 0
      for (let i = 0; i < 4; i++) {
        const slope = h[4 * n + i]! * (1 - h[4 * n + i]!)
        for (let j = 0; j < 6; j++) sum += slope ** 2 * w[4 * j + i]! ** 2
      }
      return sum
    })
    expectNear(values(jacobianNorms(model.denseEncoder!, weights, x)), closed, 1e-4)
    expectNear(values(jacobianNorms(model.denseEncoder!, weights, x)), measured(encode, x), 1e-2)
  })

  test.each([
    ['one linear layer', [], 'linear'],
    ['two layers', [dense(7, 'tanh')], 'sigmoid'],
    ['three layers', [dense(9, 'elu'), dense(5, 'leaky-relu')], 'tanh'],
    ['four layers', [dense(7, 'tanh'), dense(3, 'sigmoid'), dense(6, 'relu')], 'linear'],
  ])('of %s is what central differences measure', (_, layers, activation) => {
    const { model, weights, encode } = setUp(layers, activation, [5])
    const x = draw([batch, 5], 9)
    expectNear(values(jacobianNorms(model.denseEncoder!, weights, x)), measured(encode, x), 1e-2)
  })

  test('estimated, is right on average, for convolutions too', () => {
    const { encode } = setUp([conv(3, 2, 'tanh')], 'tanh', [4, 4, 1])
    const exact = measured(encode, draw([batch, 4, 4, 1], 9))
    // The same three samples over and over: 3,000 projections of each.
    const repeats = 60
    const x = tf.tile(draw([batch, 4, 4, 1], 9), [repeats, 1, 1, 1])
    const signs = tf.sign(draw([50, batch * repeats, 4], 10))
    const each = values(estimatedJacobianNorms(encode, x, signs))
    const mean = exact.map((_, i) => each.filter((_, j) => j % batch === i).reduce((a, b) => a + b) / repeats)
    expectNear(mean, exact, 0.05)
    // It is an estimate: single ones differ.
    expect(Math.max(...each) / Math.min(...each)).toBeGreaterThan(1.1)
  })

  test('is called an estimate where it is one', () => {
    const { model, weights } = setUp([], 'sigmoid', [5])
    const x = draw([batch, 5], 9)
    const context = {
      ...{ model, weights, x, encoded: model.encode(weights, x) },
      inputs: { sampleWeight: tf.ones([batch]), projection: tf.ones([2, batch, 4]) },
    }
    const names = [null, 2].map(
      (projections) => penaltyTerm({ type: 'contractive', weight: 1, projections }, context).name,
    )
    expect(names).toEqual(['contractive', 'contractive-estimate'])
  })
})
