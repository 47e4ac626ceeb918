import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  adam,
  adamValues,
  clipByGlobalNorm,
  updateAverage,
} from '../../../src-main/engine/training/optimizer.ts'
import { averageDecay, isPreviewDue, learningRate } from '../../../src-main/engine/training/schedule.ts'

beforeAll(async () => {
  await tf.setBackend('cpu')
})
const values = (tensor: tf.Tensor | undefined): number[] => [...tensor!.dataSync()]

describe('adam', () => {
  it.each([0.9, 0.5])('does what Algorithm 1 of the paper says, with beta1 %s', (beta1) => {
    const gradients = [
      [0.3, -2],
      [0.1, 4],
      [-0.5, 1e-5],
    ]
    const [rate, beta2] = [0.01, 0.999]
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
      const { stepSize, adamEpsilon } = adamValues(rate, step, beta1)
      state = adam(
        state,
        { w: tf.tensor(g) },
        { stepSize: tf.scalar(stepSize), adamEpsilon: tf.scalar(adamEpsilon) },
        beta1,
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
    expect(values(state.moment1['w'])[1]! * (1 - beta1)).toBeCloseTo(m[1]!, 6)
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

describe('schedule', () => {
  it('warms up, then falls along a cosine to its last share', () => {
    const schedule = { rate: 0.1, schedule: 'cosine', warmup: 10, finalShare: 0.01 } as const
    expect(learningRate(schedule, 0, 1000)).toBeCloseTo(0.01, 5)
    expect(learningRate(schedule, 9, 1000)).toBeCloseTo(0.1, 4)
    expect(learningRate(schedule, 500, 1000)).toBeCloseTo(0.0505, 6)
    expect(learningRate(schedule, 999, 1000)).toBeCloseTo(0.001, 5)
    expect(learningRate({ ...schedule, warmup: 0 }, 0, 1000)).toBeCloseTo(0.1, 9)
  })

  it('stays where it is after the warm-up', () => {
    const schedule = { rate: 0.1, schedule: 'constant', warmup: 10, finalShare: 0.01 } as const
    expect(learningRate(schedule, 4, 1000)).toBeCloseTo(0.05, 9)
    for (const step of [9, 500, 999]) expect(learningRate(schedule, step, 1000)).toBe(0.1)
  })

  it('averages over few steps first', () => {
    expect(averageDecay(0.999, 0)).toBeCloseTo(2 / 11, 9)
    expect(averageDecay(0.999, 1e6)).toBe(0.999)
  })

  it('makes pictures often at first, and never thousands', () => {
    const pictures = (steps: number, every: number): number[] => {
      const made: number[] = []
      for (let step = every; step <= steps; step += every)
        if (isPreviewDue(step, made.at(-1) ?? 0, steps)) made.push(step)
      return made
    }
    expect(pictures(100_000, 5).slice(0, 5)).toEqual([5, 10, 15, 20, 25])
    for (const steps of [10, 1_000, 1_000_000]) {
      expect(pictures(steps, 1).length).toBeLessThan(150)
      expect(pictures(steps, 1)[0]).toBe(1)
    }
    expect(pictures(100_000, 50).length).toBeGreaterThan(50)
  })
})
