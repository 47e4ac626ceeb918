import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lostDetailThreshold, measureResidual } from '../../../src-main/engine/analysis/residual.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { denoisePage } from '../../../src-main/engine/inference/denoiser.ts'
import { openDenoiser, type Denoiser } from '../../../src-main/engine/inference/network.ts'
import { createRandom, type Random } from '../../../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { readImage } from '../../../src-main/engine/storage/images.ts'
import { readModel } from '../../../src-main/engine/storage/models.ts'

/** Smooth on the left, striped on the right, brighter downwards: detail and brightness have nothing to do with each other. */
function scene(width: number, height: number, contrast: number): Float32Array {
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    const stripes = x > width / 2 ? contrast * Math.sin(1.1 * x) * Math.cos(0.8 * y) : 0
    return 60 + (120 * y) / height + 10 * Math.sin(x / 40) + stripes
  })
}

const gray = (width: number, height: number, data: ImagePage['data']): ImagePage => ({
  ...{ width, height, channels: 1, data, alpha: null, black: 0, white: 255 },
})

/** Noise of mean 0, its σ said by each sample's clean value. */
const noisy = (clean: Float32Array, random: Random, sigma: (value: number) => number): Float32Array =>
  clean.map((value) => value + sigma(value) * random.normal())

describe('measureResidual', () => {
  const [width, height] = [320, 256]
  const random = createRandom(1)

  it('finds no structure in white noise, and its deviation', () => {
    const clean = scene(width, height, 20)
    const page = gray(
      width,
      height,
      noisy(clean, random, () => 12),
    )
    const report = measureResidual(page, gray(width, height, clean))
    expect(report.structure).toBeLessThan(0.04)
    expect(report.isDetailLost).toBe(false)
    expect(Math.abs(report.deviation - 12)).toBeLessThan(0.2)
  })

  it('finds none in noise that grows with brightness, nor in noise that is correlated', () => {
    const clean = scene(width, height, 20)
    const shot = gray(
      width,
      height,
      noisy(clean, random, (value) => Math.sqrt(value)),
    )
    expect(measureResidual(shot, gray(width, height, clean)).isDetailLost).toBe(false)
    const white = noisy(new Float32Array(clean.length), random, () => 20)
    const smooth = clean.map((value, i) => {
      let sum = 0
      for (const dy of [-width, 0, width]) for (const dx of [-1, 0, 1]) sum += white[i + dy + dx] ?? 0
      return value + sum / 9
    })
    const report = measureResidual(gray(width, height, smooth), gray(width, height, clean))
    expect(report.isDetailLost).toBe(false)
  })

  it.each([
    ['a third', 0.33],
    ['most', 0.8],
  ])(
    'warns when %s of the texture went with the noise',
    (_, lost) => {
      const clean = scene(width, height, 20)
      const page = gray(
        width,
        height,
        noisy(clean, random, () => 10),
      )
      const flat = scene(width, height, 0)
      const flatter = clean.map((value, i) => value + lost * (flat[i]! - value))
      const report = measureResidual(page, gray(width, height, flatter))
      // Stripes of contrast 20 have a variance of 100: with the share lost squared, beside 100 of noise.
      const expected = (lost ** 2 * 100) / (100 + lost ** 2 * 100)
      expect(Math.abs(report.structure - expected)).toBeLessThan(0.06)
      expect(report.isDetailLost).toBe(true)
    },
    120_000,
  )

  it('measures colour by its luma, and any range alike', () => {
    const clean = scene(width, height, 20)
    const page = noisy(clean, random, () => 10)
    const flat = scene(width, height, 0)
    const inGray = measureResidual(gray(width, height, page), gray(width, height, flat))
    const colour = (samples: Float32Array): ImagePage => ({
      ...{ width, height, channels: 3, alpha: null, black: -1, white: 1 },
      data: Float32Array.from(
        { length: 3 * samples.length },
        (_, i) => samples[Math.floor(i / 3)]! / 127.5 - 1,
      ),
    })
    const inColour = measureResidual(colour(page), colour(flat))
    expect(inColour.structure).toBeCloseTo(inGray.structure, 3)
    expect(inColour.deviation).toBeCloseTo(inGray.deviation, 3)
    expect(inColour.isDetailLost).toBe(true)
  })

  it.each([
    [1, 1],
    [7, 300],
    [170, 180],
  ])('says nothing of %i×%i pixels', (w, h) => {
    const clean = scene(w, h, 20)
    const report = measureResidual(
      gray(
        w,
        h,
        noisy(clean, random, () => 10),
      ),
      gray(w, h, scene(w, h, 0)),
    )
    expect(report).toMatchObject({ structure: 0, isDetailLost: false })
    expect(report.deviation).toBeGreaterThanOrEqual(0)
  })

  it('says nothing of clipped blocks, and of no residual at all', () => {
    const page = gray(
      width,
      height,
      Uint8Array.from({ length: width * height }, (_, i) => (i % 3 ? 255 : 0)),
    )
    expect(measureResidual(page, gray(width, height, new Uint8Array(width * height)))).toMatchObject({
      structure: 0,
      isDetailLost: false,
    })
    expect(measureResidual(page, page)).toEqual({ structure: 0, deviation: 0, isDetailLost: false })
  })
})

const data = fileURLToPath(new URL('../../../../shared/data/cbsd68', import.meta.url))
const assets = fileURLToPath(new URL('../../../assets', import.meta.url))
const canMeasure = existsSync(data) && existsSync(`${assets}/models/photo/model.json`)
if (!canMeasure)
  console.warn('SKIPPED: the residual of real denoising; it needs ../shared/data and the photo model')
describe.skipIf(!canMeasure)('with the photo model on CBSD68', () => {
  let backend: Backend
  let denoiser: Denoiser
  beforeAll(async () => {
    backend = await openBackend('auto')
    denoiser = await openDenoiser(backend, await readModel('photo', { assets, home: assets }))
  })
  afterAll(() => backend.close())

  it('the right σ does not warn, and one 2.5 times too large mostly does', async () => {
    const names = (await readdir(data)).filter((name) => name.endsWith('.png')).sort()
    // Every fourteenth picture from the fifth on: bench/residual.ts measures the whole set.
    const chosen = names.filter((_, i) => i % 14 === 4)
    const right: number[] = []
    const tooMuch: boolean[] = []
    for (const [seed, name] of chosen.entries()) {
      const page = (await readImage(`${data}/${name}`)).pages[0]!
      const random = createRandom(seed)
      const added = Uint8ClampedArray.from(page.data, (value) => value + 15 * random.normal())
      const noisyPage = { ...page, data: Uint8Array.from(added) }
      for (const sigma of [15, 37.5]) {
        const { page: denoised } = await denoisePage(denoiser, noisyPage, {
          sigma,
          strength: 100,
          tile: 'auto',
        })
        const report = measureResidual(noisyPage, denoised)
        if (sigma === 15) right.push(report.structure)
        else tooMuch.push(report.isDetailLost)
      }
    }
    expect(Math.max(...right)).toBeLessThan(lostDetailThreshold)
    expect(tooMuch.filter(Boolean).length).toBeGreaterThan(tooMuch.length / 2)
  })
})
