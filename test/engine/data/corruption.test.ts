import { describe, expect, it } from 'vitest'
import type { Corruption } from '../../../src-main/contract/recipe.ts'
import { corrupt } from '../../../src-main/engine/data/corruption.ts'
import type { Patch } from '../../../src-main/engine/data/patches.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { drawPicture } from '../../support/pictures.ts'

const flat = (value: number, size = 96): Patch => ({
  size,
  channels: 3,
  data: new Float32Array(size * size * 3).fill(value),
})
const picture: Patch = {
  size: 64,
  channels: 3,
  data: Float32Array.from(drawPicture(1, 64, 64), (value) => value / 255),
}

/** Mean, deviation, and the correlation of horizontal neighbours of the noise, channel by channel. */
function statistics(noisy: Patch, clean: Patch) {
  const noise = noisy.data.map((value, i) => value - clean.data[i]!)
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length
  let [variance, product, pairs] = [0, 0, 0]
  for (let i = 0; i < noise.length; i++) {
    variance += (noise[i]! - mean) ** 2 / noise.length
    if (Math.floor(i / clean.channels) % clean.size === clean.size - 1) continue
    product += (noise[i]! - mean) * (noise[i + clean.channels]! - mean)
    pairs++
  }
  return { mean, deviation: Math.sqrt(variance), correlation: product / pairs / variance }
}

const camera = (fields: { sigma: number; shotShare: number; blur: number }): Corruption => ({
  type: 'camera',
  sigma: [fields.sigma, fields.sigma],
  shotShare: [fields.shotShare, fields.shotShare],
  blur: [fields.blur, fields.blur],
  probability: 1,
})

describe('corrupt', () => {
  it('adds white Gaussian noise of the σ that it states, and leaves the clean patch alone', async () => {
    const clean = flat(0.5)
    const gaussian: Corruption = { type: 'gaussian', sigma: [25, 25], probability: 1 }
    const { noisy, sigma } = await corrupt(clean, [gaussian], createRandom(1))
    expect(sigma).toBeCloseTo(25 / 255, 12)
    const { mean, deviation, correlation } = statistics(noisy, clean)
    // 27,648 samples: standard errors of 0.6 % of σ for mean and correlation, 0.4 % for the deviation.
    expect(Math.abs(mean / sigma)).toBeLessThan(0.02)
    expect(deviation / sigma).toBeCloseTo(1, 1.7)
    expect(Math.abs(correlation)).toBeLessThan(0.02)
    expect(clean).toEqual(flat(0.5))
  })

  it('draws σ over the whole range, and adds the variances of a chain', async () => {
    const random = createRandom(2)
    const levels: number[] = []
    for (let i = 0; i < 300; i++) {
      const gaussian: Corruption = { type: 'gaussian', sigma: [10, 50], probability: 1 }
      levels.push((await corrupt(flat(0.5, 8), [gaussian], random)).sigma * 255)
    }
    expect(Math.min(...levels)).toBeLessThan(12)
    expect(Math.max(...levels)).toBeGreaterThan(48)
    const chain: Corruption[] = [30, 40].map((s) => ({ type: 'gaussian', sigma: [s, s], probability: 1 }))
    expect((await corrupt(flat(0.5, 8), chain, random)).sigma * 255).toBeCloseTo(50, 9)
  })

  it.each([
    [0.5, 0, 0],
    [0.5, 1, 0.8],
    [0.1, 0.5, 0],
    [0.9, 0.5, 0.5],
    [0.05, 1, 0],
  ])(
    'makes camera noise of the σ that it states: signal %d, shot share %d, blur %d',
    async (value, shotShare, blur) => {
      const clean = flat(value)
      const { noisy, sigma } = await corrupt(clean, [camera({ sigma: 4, shotShare, blur })], createRandom(3))
      const { deviation } = statistics(noisy, clean)
      // To first order in σ; correlated samples are fewer in effect.
      expect(deviation / sigma).toBeGreaterThan(0.96)
      expect(deviation / sigma).toBeLessThan(1.04)
      if (value === 0.5) expect(sigma * 255).toBeCloseTo(4, 9)
    },
  )

  it('depends on the signal as a sensor and a tone curve make it', async () => {
    const at = async (value: number, shotShare: number): Promise<number> =>
      (await corrupt(flat(value, 8), [camera({ sigma: 10, shotShare, blur: 0 })], createRandom(4))).sigma *
      255
    // Read noise is the same in linear light; the tone curve lifts the shadows.
    expect(await at(0.05, 0)).toBeGreaterThan(2 * (await at(0.5, 0)))
    expect(await at(0.95, 0)).toBeLessThan(0.8 * (await at(0.5, 0)))
    // Shot noise dies away with the light.
    expect(await at(0, 1)).toBeCloseTo(0, 9)
    expect(await at(0.3, 1)).toBeLessThan(await at(0.3, 0))
  })

  it('correlates neighbours by the blur', async () => {
    const correlation = async (blur: number): Promise<number> => {
      const { noisy } = await corrupt(
        flat(0.5),
        [camera({ sigma: 4, shotShare: 0.5, blur })],
        createRandom(5),
      )
      return statistics(noisy, flat(0.5)).correlation
    }
    expect(Math.abs(await correlation(0))).toBeLessThan(0.02)
    // A Gaussian kernel's autocorrelation at distance 1: exp(−1 / 4σ²), nearly so when sampled.
    expect(await correlation(0.8)).toBeCloseTo(Math.exp(-1 / (4 * 0.8 ** 2)), 1)
  })

  it('compresses as JPEG and then states what really differs', async () => {
    const jpeg: Corruption = { type: 'jpeg', quality: [40, 40], probability: 1 }
    for (const clean of [
      picture,
      { ...picture, channels: 1 as const, data: picture.data.filter((_, i) => i % 3 === 0) },
    ]) {
      const { noisy, sigma } = await corrupt(clean, [jpeg], createRandom(6))
      const error = noisy.data.reduce((sum, value, i) => sum + (value - clean.data[i]!) ** 2, 0)
      expect(sigma).toBeCloseTo(Math.sqrt(error / clean.data.length), 9)
      expect(sigma * 255).toBeGreaterThan(1)
      expect(sigma * 255).toBeLessThan(25)
    }
    const fine: Corruption = { ...jpeg, quality: [98, 98] }
    const coarse = await corrupt(picture, [jpeg], createRandom(6))
    expect((await corrupt(picture, [fine], createRandom(6))).sigma).toBeLessThan(0.8 * coarse.sigma)
  })

  it('clips and rounds as a file does', async () => {
    const gaussian: Corruption = { type: 'gaussian', sigma: [50, 50], probability: 1 }
    const { noisy, sigma } = await corrupt(
      picture,
      [gaussian, { type: 'quantize', probability: 1 }],
      createRandom(7),
    )
    for (const value of noisy.data) {
      expect(Math.abs(value * 255 - Math.round(value * 255))).toBeLessThan(1e-4)
      expect(value >= 0 && value <= 1).toBe(true)
    }
    expect(sigma * 255).toBeCloseTo(50, 9)
  })

  it('applies by probability, and one of several chains by weight', async () => {
    const random = createRandom(8)
    const count = async (corruption: Corruption): Promise<number> => {
      let applied = 0
      for (let i = 0; i < 400; i++)
        applied += Number((await corrupt(flat(0.5, 8), [corruption], random)).sigma > 0)
      return applied
    }
    // Standard deviations of 8 and 9.
    expect(Math.abs((await count({ type: 'gaussian', sigma: [9, 9], probability: 0.2 })) - 80)).toBeLessThan(
      35,
    )
    const noise = { type: 'gaussian' as const, sigma: [9, 9] as [number, number], probability: 1 }
    const oneOf: Corruption = {
      type: 'oneOf',
      options: [
        { weight: 1, corruptions: [] },
        { weight: 3, corruptions: [noise] },
      ],
    }
    expect(Math.abs((await count(oneOf)) - 300)).toBeLessThan(40)
  })
})
