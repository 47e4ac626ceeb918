import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { lossOf } from '../../../src-main/engine/training/losses.ts'
import {
  adam,
  adamValues,
  clipByGlobalNorm,
  updateAverage,
} from '../../../src-main/engine/training/optimizer.ts'
import { averageDecay, learningRate } from '../../../src-main/engine/training/schedule.ts'

beforeAll(async () => {
  await tf.setBackend('cpu')
})
const values = (tensor: tf.Tensor | undefined): number[] => [...tensor!.dataSync()]

describe('adam', () => {
  it('does what Algorithm 1 of the paper says', () => {
    const gradients = [
      [0.3, -2],
      [0.1, 4],
      [-0.5, 1e-5],
    ]
    const [rate, beta1, beta2] = [0.01, 0.9, 0.999]
    const theta = [1, -1]
    const [m, v] = [
      [0, 0],
      [0, 0],
    ]
    let state = {
      weights: { w: tf.tensor(theta) },
      moment1: { w: tf.zeros([2]) },
      moment2: { w: tf.zeros([2]) },
    } as Parameters<typeof adam>[0]
    for (const [step, g] of gradients.entries()) {
      const { stepSize, secondCorrection } = adamValues(rate, step)
      state = adam(
        state,
        { w: tf.tensor(g) },
        { stepSize: tf.scalar(stepSize), secondCorrection: tf.scalar(secondCorrection) },
      )
      for (const i of [0, 1]) {
        m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!
        v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2
        const mHat = m[i] / (1 - beta1 ** (step + 1))
        const vHat = v[i] / (1 - beta2 ** (step + 1))
        theta[i]! -= (rate * mHat) / (Math.sqrt(vHat) + 1e-8)
        expect(values(state.weights['w'])[i]).toBeCloseTo(theta[i]!, 6)
      }
    }
    expect(values(state.moment1['w'])[1]).toBeCloseTo(m[1]!, 6)
  })

  it('clips by the norm of all gradients together, downwards only', () => {
    const gradients = { a: tf.tensor([3, 0]), b: tf.scalar(4) }
    const clipped = clipByGlobalNorm(gradients, 1)
    expect(values(clipped['a'])[0]).toBeCloseTo(0.6, 6)
    expect(values(clipped['b'])[0]).toBeCloseTo(0.8, 6)
    expect(values(clipByGlobalNorm(gradients, 6)['b'])[0]).toBeCloseTo(4, 6)
    expect(values(clipByGlobalNorm({ a: tf.zeros([2]) }, 1)['a'])).toEqual([0, 0])
  })

  it('averages weights', () => {
    const average = updateAverage({ w: tf.tensor([1, 2]) }, { w: tf.tensor([3, 0]) }, tf.scalar(0.75))
    expect(values(average['w'])).toEqual([1.5, 1.5])
  })
})

describe('losses', () => {
  it.each([
    ['l1', (0.5 + 1) / 4],
    ['mse', (0.25 + 1) / 4],
    ['charbonnier', (Math.sqrt(0.25 + 1e-6) + Math.sqrt(1 + 1e-6) + 2e-3) / 4],
  ] as const)('%s is the mean over all elements', (type, expected) => {
    const loss = lossOf(type, tf.tensor2d([[0.5, 0, 1, 1]]), tf.tensor2d([[0, 0, 1, 2]]))
    expect(loss.shape).toEqual([])
    expect(values(loss)[0]).toBeCloseTo(expected, 6)
  })
})

describe('schedule', () => {
  it('warms up, then falls along a cosine to its last share', () => {
    const schedule = { rate: 0.1, warmup: 10, finalShare: 0.01 }
    expect(learningRate(schedule, 0, 1000)).toBeCloseTo(0.01, 5)
    expect(learningRate(schedule, 9, 1000)).toBeCloseTo(0.1, 4)
    expect(learningRate(schedule, 500, 1000)).toBeCloseTo(0.0505, 6)
    expect(learningRate(schedule, 999, 1000)).toBeCloseTo(0.001, 5)
    expect(learningRate({ ...schedule, warmup: 0 }, 0, 1000)).toBeCloseTo(0.1, 9)
  })

  it('averages over few steps first', () => {
    expect(averageDecay(0.999, 0)).toBeCloseTo(2 / 11, 9)
    expect(averageDecay(0.999, 1e6)).toBe(0.999)
  })
})
