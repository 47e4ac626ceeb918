import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { Loss } from '../../../src-main/contract/recipe.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import { ssim } from '../../../src-main/engine/analysis/ssim.ts'
import { registerGradients } from '../../../src-main/engine/backend/gradients.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import {
  reconstructionLoss,
  sampleLosses,
  sampleSsim,
  weightedMean,
} from '../../../src-main/engine/training/losses.ts'
import { openStep } from '../../support/run-graph.ts'

beforeAll(async () => {
  registerGradients()
  await tf.setBackend('cpu')
})

const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync()]
const random = createRandom(2)
const uniform = (length: number): Float32Array => Float32Array.from({ length }, () => random.uniform())
const images = (...shape: [number, number, number, number]): tf.Tensor4D =>
  tf.tensor4d(uniform(shape.reduce((a, b) => a * b)), shape)

const output = [0.2, 0.9, 0.4, 0.5, 1.5, -0.25]
const target = [0.1, 1, 0.4, 0, 1, 0]
const differences = output.map((value, i) => value - target[i]!)

/** Losses of two samples with three elements each. */
const lossesOf = (loss: object): number[] =>
  values(
    sampleLosses(
      reconstructionLoss({ loss: Loss.parse(loss) }),
      { output: tf.tensor(output, [2, 3, 1, 1]), logits: tf.tensor(output, [2, 3, 1, 1]) },
      tf.tensor(target, [2, 3, 1, 1]),
    ),
  )

const expectBoth = (loss: object, each: (d: number, i: number) => number): void => {
  const elements = differences.map(each)
  const sums = [elements.slice(0, 3), elements.slice(3)].map((part) => part.reduce((a, b) => a + b))
  const given = { sum: lossesOf(loss), mean: lossesOf({ ...loss, reduction: 'mean' }) }
  sums.forEach((sum, i) => {
    expect(given.sum[i]).toBeCloseTo(sum, 4)
    expect(given.mean[i]).toBeCloseTo(sum / 3, 5)
  })
}

describe('the loss of a sample is the sum or the mean over its elements of', () => {
  test('d²', () => {
    expectBoth({ type: 'mse' }, (d) => d ** 2)
  })
  test('|d|', () => {
    expectBoth({ type: 'l1' }, Math.abs)
  })
  test('√(d² + 10⁻⁶)', () => {
    expectBoth({ type: 'charbonnier' }, (d) => Math.sqrt(d ** 2 + 1e-6))
  })
  test('the negative PSNR of the whole sample, in dB', () => {
    const squares = differences.map((d) => d ** 2)
    const errors = [squares.slice(0, 3), squares.slice(3)].map((part) => part.reduce((a, b) => a + b) / 3)
    expectBoth({ type: 'psnr' }, (_, i) => 10 * Math.log10(errors[Math.floor(i / 3)]! + 2e-6))
  })
  test('a Gaussian’s negative log-likelihood in nats', () => {
    const sigma = 0.3
    const density = (d: number): number =>
      Math.exp(-0.5 * (d / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI))
    expectBoth({ type: 'gaussian', sigma }, (d) => -Math.log(density(d)))
  })
  test('cross-entropy in nats, from the output before its sigmoid', () => {
    expectBoth({ type: 'bce' }, (_, i) => {
      const p = 1 / (1 + Math.exp(-output[i]!))
      return -target[i]! * Math.log(p) - (1 - target[i]!) * Math.log(1 - p)
    })
  })
})

test('cross-entropy does not overflow, and its gradient is that of the probabilities', () => {
  const extreme = tf.tensor([200, -200, 200, -200, 0, 3], [1, 6])
  const wanted = tf.tensor([1, 0, 0, 1, 0.5, 0], [1, 6])
  const loss = (logits: tf.Tensor): tf.Scalar =>
    tf.sum(sampleLosses({ type: 'bce', reduction: 'sum' }, { output: tf.sigmoid(logits), logits }, wanted))
  const { value, grad } = tf.valueAndGrad(loss)(extreme)
  expect(values(value)[0]).toBeCloseTo(400 + Math.log(2) + Math.log(1 + Math.exp(3)), 3)
  values(grad).forEach((slope, i) => {
    const wantedSlope = 1 / (1 + Math.exp(-values(extreme)[i]!)) - values(wanted)[i]!
    expect(slope).toBeCloseTo(wantedSlope, 5)
  })
})

test('nor does it in the graph that is trained', async () => {
  const data = Float32Array.of(300, -300, 300, -300)
  const logits: TensorMap = { l: { shape: [1, 4], dtype: 'float32', data } }
  const run = await openStep(
    (_, { l }) => ({
      state: {},
      outputs: {
        loss: sampleLosses(
          { type: 'bce', reduction: 'sum' },
          { output: tf.sigmoid(l!), logits: l! },
          tf.tensor([1, 0, 0, 1], [1, 4]),
        ),
      },
    }),
    {},
    logits,
  )
  expect((await run.run(logits))['loss']!.data[0]).toBeCloseTo(600, 3)
})

describe('SSIM', () => {
  test('is that of the measure, for gray and colour', () => {
    for (const channels of [1, 3]) {
      const [a, b] = [images(3, 20, 17, channels), images(3, 20, 17, channels)]
      const given = values(sampleSsim(a, b))
      const size = 20 * 17 * channels
      const sample = (t: tf.Tensor4D, i: number): number[] => values(t).slice(i * size, (i + 1) * size)
      given.forEach((value, i) => {
        const expected = ssim(sample(a, i), sample(b, i), { width: 17, height: 20, channels, dataRange: 1 })
        expect(value).toBeCloseTo(expected, 4)
      })
      for (const value of values(sampleSsim(a, a))) expect(value).toBeCloseTo(1, 5)
    }
  })

  test('takes a smaller window in smaller images', () => {
    expect(values(sampleSsim(images(1, 8, 10, 1), images(1, 8, 10, 1)))[0]).toBeLessThan(0.9)
  })

  test('counts for every element of the sample in a mix', () => {
    const [a, b] = [images(2, 12, 12, 1), images(2, 12, 12, 1)]
    const mix = (weight: number, reduction: 'sum' | 'mean'): number[] =>
      values(sampleLosses({ type: 'ssim', weight, reduction }, { output: a, logits: null }, b))
    const structure = values(sampleSsim(a, b)).map((value) => 1 - value)
    const l1 = values(sampleLosses({ type: 'l1', reduction: 'mean' }, { output: a, logits: null }, b))
    structure.forEach((value, i) => {
      expect(mix(1, 'mean')[i]).toBeCloseTo(value, 5)
      expect(mix(0, 'mean')[i]).toBeCloseTo(l1[i]!, 5)
      expect(mix(0.84, 'mean')[i]).toBeCloseTo(0.84 * value + 0.16 * l1[i]!, 5)
      expect(mix(0.84, 'sum')[i]! / 144).toBeCloseTo(mix(0.84, 'mean')[i]!, 5)
    })
  })
})

test('a weighted mean leaves out what has no weight', () => {
  const mean = weightedMean(tf.tensor([3, 5, 1000]), tf.tensor([1, 1, 0]))
  expect(values(mean)).toEqual([4])
})
