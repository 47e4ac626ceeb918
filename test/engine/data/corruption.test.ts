import { describe, expect, it } from 'vitest'
import { Corruption } from '../../../src-main/contract/corruption.ts'
import { corrupt } from '../../../src-main/engine/data/corruption.ts'
import type { Sample } from '../../../src-main/engine/data/sample.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { drawPicture } from '../../support/pictures.ts'

const flat = (value: number, size = 96): Sample => ({
  width: size,
  height: size,
  channels: 3,
  data: new Float32Array(size * size * 3).fill(value),
})
const picture: Sample = {
  width: 64,
  height: 64,
  channels: 3,
  data: Float32Array.from(drawPicture(1, 64, 64), (value) => value / 255),
}

/** Mean, deviation, and the correlation of horizontal neighbours of the noise, channel by channel. */
function statistics(noisy: Sample, clean: Sample) {
  const noise = noisy.data.map((value, i) => value - clean.data[i]!)
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length
  let [variance, product, pairs] = [0, 0, 0]
  for (let i = 0; i < noise.length; i++) {
    variance += (noise[i]! - mean) ** 2 / noise.length
    if (Math.floor(i / clean.channels) % clean.width === clean.width - 1) continue
    product += (noise[i]! - mean) * (noise[i + clean.channels]! - mean)
    pairs++
  }
  return { mean, deviation: Math.sqrt(variance), correlation: product / pairs / variance }
}

const jpegOf = (quality: number): Corruption => ({
  type: 'jpeg',
  quality: [quality, quality],
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

  it('adds camera noise, and tells the σ of what was added', async () => {
    const camera = Corruption.parse({ type: 'camera' })
    for (const seed of [3, 4, 5]) {
      const { noisy, sigma } = await corrupt(picture, [camera], createRandom(seed))
      const square = noisy.data.reduce((sum, value, i) => sum + (value - picture.data[i]!) ** 2, 0)
      expect(sigma).toBeCloseTo(Math.sqrt(square / noisy.data.length), 6)
      expect(sigma * 255).toBeGreaterThan(0.2)
    }
  })

  it('misjudges σ by a factor and an excess, and leaves the picture alone', async () => {
    const gaussian: Corruption = { type: 'gaussian', sigma: [20, 20], probability: 1 }
    const told = async (misjudged: object, seed: number) =>
      corrupt(
        flat(0.5, 8),
        [gaussian, Corruption.parse({ type: 'misjudged', ...misjudged })],
        createRandom(seed),
      )
    const alone = await corrupt(flat(0.5, 8), [gaussian], createRandom(1))
    expect((await told({}, 1)).noisy).toEqual(alone.noisy)
    const logs: number[] = []
    for (let seed = 0; seed < 400; seed++) logs.push(Math.log(((await told({}, seed)).sigma * 255) / 20))
    const mean = logs.reduce((a, b) => a + b) / logs.length
    const deviation = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length)
    // Standard errors of 0.025 and 0.018.
    expect(Math.abs(mean)).toBeLessThan(0.1)
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.07)
    expect((await told({ spread: 0, factor: 0.7 }, 6)).sigma * 255).toBeCloseTo(14, 6)
    const { sigma } = await told({ spread: 0, excess: [3, 5] }, 6)
    expect(sigma * 255).toBeGreaterThan(23)
    expect(sigma * 255).toBeLessThan(25)
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

  it.each(['mask', 'salt-pepper'] as const)(
    '%s changes the share of the values that it states',
    async (type) => {
      const share: [number, number] = [0.1, 0.5]
      const random = createRandom(9)
      const shares: number[] = []
      for (let i = 0; i < 100; i++) {
        const { noisy, sigma } = await corrupt(flat(0.5, 32), [{ type, share, probability: 1 }], random)
        const changed = noisy.data.filter((value) => value !== 0.5)
        shares.push(changed.length / noisy.data.length)
        expect(new Set(changed)).toEqual(new Set(type === 'mask' ? [0] : [0, 1]))
        // Half of it is salt: 6 standard deviations of 300 and more draws.
        const salt = changed.filter((value) => value === 1).length / changed.length
        if (type === 'salt-pepper') expect(Math.abs(salt - 0.5)).toBeLessThan(0.18)
        expect(sigma).toBe(0)
      }
      expect(Math.min(...shares)).toBeLessThan(0.15)
      expect(Math.max(...shares)).toBeGreaterThan(0.45)
      expect(shares.every((one) => one > 0.07 && one < 0.53)).toBe(true)
    },
  )

  it('downscales: nothing finer is left, the size and all that is smooth stay, whatever the sides', async () => {
    const downscale: Corruption = { type: 'downscale', factor: 2, probability: 1 }
    const sides = { width: 31, height: 18, channels: 3 as const }
    const shade = (i: number): number => Math.floor(i / 3) % 31
    const smooth = Float32Array.from({ length: 31 * 18 * 3 }, (_, i) => shade(i) / 40)
    const kept = await corrupt({ ...sides, data: smooth }, [downscale], createRandom(10))
    expect(kept).toMatchObject({ sigma: 0, mask: null })
    for (const [i, value] of kept.noisy.data.entries())
      if (shade(i) > 6 && shade(i) < 24) expect(value).toBeCloseTo(smooth[i]!, 5)
    const stripes = smooth.map((_, i) => shade(i) % 2)
    const lost = (await corrupt({ ...sides, data: stripes }, [downscale], createRandom(10))).noisy
    expect(lost.data).toHaveLength(stripes.length)
    for (const [i, value] of lost.data.entries())
      if (shade(i) > 6 && shade(i) < 24) expect(value).toBeCloseTo(0.5, 5)
  })

  it('cuts blocks out and says where', async () => {
    const random = createRandom(11)
    const blocks: Corruption = { type: 'blocks', count: [1, 3], side: [4, 9], probability: 1 }
    const areas: number[] = []
    for (let i = 0; i < 100; i++) {
      const { noisy, mask } = await corrupt(flat(0.5, 24), [blocks], random)
      expect(mask).toHaveLength(24 * 24)
      expect(noisy.data).toEqual(noisy.data.map((_, at) => (mask![Math.floor(at / 3)] === 1 ? 0 : 0.5)))
      areas.push(mask!.reduce((sum, missing) => sum + missing))
    }
    expect(Math.min(...areas)).toBeGreaterThanOrEqual(16)
    expect(Math.max(...areas)).toBeLessThanOrEqual(3 * 81)
    expect(Math.max(...areas)).toBeGreaterThan(81)
    const huge: Corruption = { ...blocks, side: [500, 500] }
    const { noisy, mask } = await corrupt(flat(0.5, 8), [huge], random)
    expect(new Set([...noisy.data, ...mask!])).toEqual(new Set([0, 1]))
  })

  it('takes rows of numbers and pictures with alpha', async () => {
    const every: Corruption[] = [
      { type: 'gaussian', sigma: [20, 20], probability: 1 },
      { type: 'mask', share: [0.2, 0.2], probability: 1 },
      { type: 'salt-pepper', share: [0.2, 0.2], probability: 1 },
      { type: 'downscale', factor: 3, probability: 1 },
      { type: 'blocks', count: [1, 1], side: [4, 4], probability: 1 },
    ]
    const rowData = Float32Array.from({ length: 40 }, (_, i) => 0.5 + i / 100)
    for (const corruption of every) {
      const row: Sample = { width: 40, height: 1, channels: 1, data: rowData }
      const { noisy, mask } = await corrupt(row, [corruption], createRandom(12))
      expect(noisy).toMatchObject({ width: 40, height: 1, channels: 1 })
      expect(noisy.data).toHaveLength(40)
      expect(noisy.data).not.toEqual(rowData)
      if (mask !== null) expect(mask.reduce((sum, missing) => sum + missing)).toBe(4)
    }
    const rgba: Sample = {
      ...{ width: 16, height: 16, channels: 4 },
      data: Float32Array.from({ length: 1024 }, (_, i) => (i % 4 === 3 ? 0.3 : picture.data[i]!)),
    }
    for (const corruption of [Corruption.parse({ type: 'camera', shot: [0.005, 0.005] }), jpegOf(50)]) {
      const { noisy, sigma } = await corrupt(rgba, [corruption], createRandom(13))
      const alphas = noisy.data.filter((_, i) => i % 4 === 3)
      expect(new Set(alphas)).toEqual(new Set([Math.fround(0.3)]))
      expect(noisy.data).not.toEqual(rgba.data)
      expect(sigma).toBeGreaterThan(0.005)
    }
  })

  it('corrupts alike from a source in the same state', async () => {
    const chain: Corruption[] = [
      { type: 'blocks', count: [1, 4], side: [2, 12], probability: 0.7 },
      { type: 'salt-pepper', share: [0, 0.3], probability: 0.7 },
      { type: 'gaussian', sigma: [0, 55], probability: 0.7 },
    ]
    const draw = (seed: number) => corrupt(picture, chain, createRandom(seed))
    expect(await draw(14)).toEqual(await draw(14))
    expect((await draw(14)).noisy.data).not.toEqual((await draw(15)).noisy.data)
  })
})
