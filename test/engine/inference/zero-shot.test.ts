import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { psnr } from '../../../src-main/engine/analysis/psnr.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { denoisePage, type DenoiseOptions } from '../../../src-main/engine/inference/denoiser.ts'
import { cutCrops, drawPatch, neighbourMean } from '../../../src-main/engine/inference/page-crops.ts'
import { openZeroShot } from '../../../src-main/engine/inference/zero-shot.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { largestDifference } from '../../support/samples.ts'

const [width, height] = [72, 56]
const all: DenoiseOptions = { sigma: 'auto', strength: 100, tile: 'auto' }

/** Discs on a slope, 0.2–0.8; channels differ in brightness. */
function cleanPage(channels: 1 | 3): ImagePage {
  const data = Float32Array.from({ length: width * height * channels }, (_, i) => {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)]
    const disc = Math.hypot((x % 36) - 18, (y % 28) - 14) < 9 ? 0.3 : 0
    return 0.2 + (0.2 * x) / width + disc + 0.05 * (i % channels)
  })
  return { width, height, channels, data, white: 1, black: 0, alpha: null }
}

function noisyPage(clean: ImagePage, sigma = 0.1): ImagePage {
  const random = createRandom(3)
  return { ...clean, data: Float32Array.from(clean.data, (value) => value + sigma * random.normal()) }
}

const quality = (page: ImagePage, clean: ImagePage): number =>
  psnr(
    Float32Array.from(page.data, (value) => value / page.white),
    clean.data,
    1,
  )

describe('openZeroShot', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openBackend('auto')
  })
  afterAll(() => backend.close())

  it('cleans a picture that it learnt from, the better the longer it learnt', async () => {
    const clean = cleanPage(3)
    const noisy = noisyPage(clean)
    const after = async (steps: number): Promise<number> =>
      quality((await denoisePage(openZeroShot(backend, steps), noisy, all)).page, clean)
    const [short, long] = [await after(10), await after(120)]
    expect(short).toBeGreaterThan(quality(noisy, clean))
    expect(long).toBeGreaterThan(short + 1)
    expect(long).toBeGreaterThan(quality(noisy, clean) + 5)
  })

  it('cleans dark pages of 16 bits, to the bit the same each time, and passes alpha on', async () => {
    const clean = cleanPage(1)
    const white = 65535
    // A microscope's page: a hundredth of the range is used.
    const darkened = { ...clean, data: clean.data.map((value) => value / 100) }
    const data = Uint16Array.from(noisyPage(darkened, 0.001).data, (value) => Math.round(value * white))
    const alpha = Uint16Array.from({ length: width * height }, (_, i) => i)
    const noisy: ImagePage = { ...clean, data, white, alpha }
    const [{ page }, { page: again }] = [
      await denoisePage(openZeroShot(backend, 80), noisy, all),
      await denoisePage(openZeroShot(backend, 80), noisy, all),
    ]
    expect(page.data).toBeInstanceOf(Uint16Array)
    expect(quality(page, darkened)).toBeGreaterThan(quality(noisy, darkened) + 4)
    expect(page.alpha).toBe(alpha)
    expect(again.data).toEqual(page.data)
  })

  it('gives the same by tiles as whole once it has learnt', async () => {
    const noisy = noisyPage(cleanPage(3))
    const learnt = await openZeroShot(backend, 30).learn!(noisy, {})
    const [whole, tiled] = [
      await denoisePage(learnt, noisy, { ...all, tile: 512 }),
      await denoisePage(learnt, noisy, { ...all, tile: 24 }),
    ]
    await learnt.dispose()
    expect(largestDifference(whole.page.data, noisy.data)).toBeGreaterThan(0.01)
    expect(largestDifference(whole.page.data, tiled.page.data)).toBeLessThan(1e-5)
  })

  it('tells how far it is, pauses, and stops when it is cancelled', async () => {
    const controller = new AbortController()
    const shares: number[] = []
    let pauses = 0
    const work = denoisePage(openZeroShot(backend, 10), noisyPage(cleanPage(1)), {
      ...all,
      signal: controller.signal,
      onProgress: ({ done, total }) => shares.push(done / total),
      pause() {
        if (++pauses === 3) controller.abort()
        return Promise.resolve()
      },
    })
    await expect(work).rejects.toThrow('cancelled')
    expect(pauses).toBe(3)
    expect(shares).toHaveLength(3)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(shares[2]).toBeLessThan(0.5)
  })

  it('refuses a page that is too small, and leaves one of a single value alone', async () => {
    const clean = cleanPage(1)
    const small = { ...clean, width: 15, data: clean.data.slice(0, 15 * height) }
    await expect(denoisePage(openZeroShot(backend), small, all)).rejects.toThrow(
      'image-too-small: expected 16×16: received 15×56',
    )
    const even = { ...clean, data: clean.data.map(() => 0.5) }
    const { page } = await denoisePage(openZeroShot(backend, 5), even, all)
    expect(largestDifference(page.data, even.data)).toBeLessThan(1e-4)
  })

  it('warns where neighbours have the same noise, which it keeps', async () => {
    const flat: ImagePage = {
      ...cleanPage(1),
      width: 128,
      height: 128,
      data: new Float32Array(128 * 128).fill(0.5),
    }
    const white = noisyPage(flat)
    const blurred = {
      ...white,
      data: neighbourMean(Float32Array.from(white.data), white).map(
        (value, i) => (value + white.data[i]!) / 2,
      ),
    }
    const warningsOf = async (page: ImagePage): Promise<string[] | undefined> => {
      const denoiser = openZeroShot(backend, 1)
      await denoisePage(denoiser, page, all)
      return denoiser.warnings
    }
    expect(await warningsOf(white)).toEqual([])
    expect(await warningsOf(blurred)).toEqual(['warning.noise-correlated'])
  })
})

describe('crops', () => {
  it('cover a small page exactly', () => {
    const { noisy, width: side, height: down } = cutCrops({ ...cleanPage(3), width: 56, height: 72 })
    expect([noisy.length, side, down]).toEqual([1, 56, 72])
  })

  it('are spread over a large page, a megapixel of it in all, with mean 0 and deviation 1', () => {
    const page: ImagePage = {
      ...{ width: 3000, height: 700, channels: 1, white: 3000, black: 0, alpha: null },
      data: Uint16Array.from({ length: 3000 * 700 }, (_, i) => i % 3000),
    }
    const crops = cutCrops(page)
    expect(crops.noisy).toHaveLength(16)
    const values = crops.noisy.flatMap((planes) => [...planes])
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0, 4)
    const valueAt = (crop: number, at: number): number =>
      (crops.noisy[crop]![at]! * crops.deviation + crops.mean) * 3000
    expect(valueAt(0, 0)).toBeCloseTo(0, 1)
    expect(valueAt(15, crops.width - 1)).toBeCloseTo(2999, 1)
  })

  it('give patches of every second pixel, none of which is another one’s neighbour', () => {
    const random = createRandom(1)
    const size = { width: 40, height: 30 }
    for (let i = 0; i < 20; i++) {
      const places = [...drawPatch(12, size, random)]
      expect(new Set(places).size).toBe(144)
      expect(new Set(places.map((place) => (place % 40) % 2)).size).toBe(1)
      expect(new Set(places.map((place) => Math.floor(place / 40) % 2)).size).toBe(1)
      expect(Math.max(...places)).toBeLessThan(1200)
    }
  })

  it('have the mean of the four neighbours as the target, mirrored at the edges', () => {
    const means = neighbourMean(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), { width: 3, height: 3 })
    expect(means[4]).toBe(5)
    expect(means[0]).toBe((2 + 2 + 4 + 4) / 4)
  })
})
