import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { estimateNoise } from '../../../src-main/engine/analysis/noise.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { readImage } from '../../../src-main/engine/storage/images.ts'

const data = fileURLToPath(new URL('../../../../shared/data', import.meta.url))

/** A smooth float image in [0, 255] with an edge and some texture. */
function scene(width: number, height: number, channels: 1 | 3): ImagePage {
  const samples = new Float32Array(width * height * channels)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) {
        const texture = x > 0.7 * width ? 20 * Math.sin(1.3 * x) * Math.sin(0.9 * y + c) : 0
        samples[(y * width + x) * channels + c] =
          128 + 40 * Math.sin((x + 20 * c) / 60) + (y > height / 3 ? 25 : 0) + texture
      }
  return { width, height, channels, data: samples, black: 0, white: 255, alpha: null }
}

const noise = (length: number, sigma: number, seed: number): Float32Array => {
  const random = createRandom(seed)
  return Float32Array.from({ length }, () => sigma * random.normal())
}

const plus = (page: ImagePage, added: Float32Array): ImagePage => ({
  ...page,
  data: Float32Array.from(page.data, (value, i) => value + added[i]!),
})

describe('white noise', () => {
  it.each([
    [5, 1],
    [15, 3],
    [25, 1],
    [50, 3],
  ] as const)('of σ %i, %i channels, is measured to within one unit or 4 %', (sigma, channels) => {
    const clean = scene(400, 300, channels)
    const estimate = estimateNoise(plus(clean, noise(clean.data.length, sigma, 1)))
    expect(Math.abs(estimate - sigma)).toBeLessThan(Math.max(1, 0.04 * sigma))
  })

  it('is measured the same in 8 bits, 16 bits and floats of any range', () => {
    const clean = scene(120, 120, 3)
    const noisy = plus(clean, noise(clean.data.length, 8, 2))
    const estimate = estimateNoise(noisy)
    const bytes = { ...noisy, data: Uint8Array.from(noisy.data, Math.round) }
    const words = { ...noisy, white: 65535, data: Uint16Array.from(noisy.data, (v) => Math.round(257 * v)) }
    const floats = {
      ...noisy,
      black: -1,
      white: 1,
      data: noisy.data.map((v) => v / 127.5 - 1) as Float32Array,
    }
    expect(estimateNoise(bytes)).toBeCloseTo(estimate, 1)
    expect(estimateNoise(words)).toBeCloseTo(estimate, 1)
    expect(estimateNoise(floats)).toBeCloseTo(estimate, 3)
  })

  it('is not hidden by areas that are clipped', () => {
    const clean = scene(400, 200, 1)
    const noisy = plus(clean, noise(clean.data.length, 10, 3))
    const data = Uint8ClampedArray.from(noisy.data, (value, i) => (i % 400 < 200 ? value + 300 : value))
    expect(Math.abs(estimateNoise({ ...noisy, data: Uint8Array.from(data) }) - 10)).toBeLessThan(1)
  })

  it('is measured in gray that is stored as RGB', () => {
    const clean = scene(120, 120, 1)
    const gray = plus(clean, noise(clean.data.length, 20, 4))
    const data = Float32Array.from({ length: 3 * gray.data.length }, (_, i) => gray.data[Math.floor(i / 3)]!)
    expect(estimateNoise({ ...gray, channels: 3, data })).toBeCloseTo(estimateNoise(gray), 5)
  })
})

/** White noise averaged over 3×3 pixels, as demosaicking leaves it: a third of its σ, most of it below half the sampling rate. */
function smeared(length: number, width: number, sigma: number, seed: number): Float32Array {
  const white = noise(length, sigma, seed)
  return white.map((_, i) => {
    let sum = 0
    for (const dy of [-width, 0, width]) for (const dx of [-1, 0, 1]) sum += white[i + dy + dx] ?? 0
    return sum / 9
  })
}

it('sees camera noise that the finest scale hardly has', () => {
  const clean = scene(300, 200, 1)
  const smooth = smeared(clean.data.length, 300, 24, 5)
  const traces = noise(clean.data.length, 1, 6)
  const noisy = plus(plus(clean, smooth), traces)
  expect(estimateNoise(noisy)).toBeGreaterThan(6)
  expect(estimateNoise(noisy)).toBeLessThan(10)
  expect(estimateNoise(plus(clean, traces))).toBeLessThan(2)
})

it('counts what is noisy in bright parts as well as what is in the dark, where it is weak', () => {
  const [width, height] = [400, 300]
  const clean = scene(width, height, 1)
  // Brighter from left to right, and as many times noisier: 3 to 15.
  const light = Float32Array.from({ length: width * height }, (_, i) => 0.25 + (i % width) / width)
  const data = light.map((value) => 150 * value)
  const grown = smeared(data.length, width, 36, 7).map((value, i) => value * light[i]!)
  const traces = noise(data.length, 1, 6)
  const level = Math.sqrt(grown.reduce((sum, value) => sum + value ** 2, 0) / grown.length)
  const found = estimateNoise(plus(plus({ ...clean, data }, grown), traces))
  expect(level).toBeGreaterThan(9)
  expect(found / level).toBeGreaterThan(0.75)
  expect(found / level).toBeLessThan(1.2)
})

describe('images that say little', () => {
  const flat = (width: number, height: number): ImagePage => ({
    ...{ width, height, channels: 3, black: 0, white: 255, alpha: null },
    data: new Uint8Array(width * height * 3).fill(77),
  })

  it.each([
    [1, 1],
    [3, 700],
    [4, 4],
    [5, 5],
    [16, 16],
    [200, 100],
  ])('flat and %i×%i: 0', (width, height) => {
    expect(estimateNoise(flat(width, height))).toBe(0)
  })

  it('no range, or nothing but NaN: 0', () => {
    expect(estimateNoise({ ...flat(40, 40), white: 0 })).toBe(0)
    expect(estimateNoise({ ...flat(40, 40), data: new Float32Array(4800).fill(NaN) })).toBe(0)
  })

  it('a few pixels of noise: a number, not too large', () => {
    const tiny = { ...flat(9, 7), data: noise(9 * 7 * 3, 20, 7).map((v) => v + 128) as Float32Array }
    expect(estimateNoise(tiny)).toBeGreaterThanOrEqual(0)
    expect(estimateNoise(tiny)).toBeLessThan(40)
  })
})

const cbsd68 = ['101085', '3096', '175032']
const hasData = existsSync(`${data}/cbsd68`)
if (!hasData) console.warn('SKIPPED: noise estimates on CBSD68 and RENOIR; they need ../shared/data')
describe.skipIf(!hasData)('photographs', () => {
  it('of CBSD68, the most textured and the flattest among them: mean absolute error at most 1', async () => {
    const errors: number[] = []
    for (const [seed, name] of cbsd68.entries()) {
      const [clean] = (await readImage(`${data}/cbsd68/${name}.png`)).pages
      for (const sigma of [5, 25])
        errors.push(Math.abs(estimateNoise(plus(clean!, noise(clean!.data.length, sigma, seed))) - sigma))
    }
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(1)
  })

  it.each(['batch3', 'batch33', 'batch38', 'batch8'])(
    'of RENOIR, %s: noise seen, and less in the reference',
    async (name) => {
      const [noisy] = (await readImage(`${data}/renoir_crops/${name}/noisy.bmp`)).pages
      const [reference] = (await readImage(`${data}/renoir_crops/${name}/reference.bmp`)).pages
      expect(estimateNoise(noisy!)).toBeGreaterThan(5)
      expect(estimateNoise(reference!)).toBeLessThan(estimateNoise(noisy!) / 2)
    },
  )
})
