import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DenoiserSpec } from '../../../src-main/contract/architecture.ts'
import { Corruption } from '../../../src-main/contract/corruption.ts'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { enlargedRegion } from '../../../src-main/engine/inference/enlarge.ts'
import { openDenoiser } from '../../../src-main/engine/inference/network.ts'
import { openRestorer } from '../../../src-main/engine/inference/restorer.ts'
import { exportDenoiser, initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { enlargeBicubic } from '../../../src-main/engine/numeric/resample.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { drawPicture } from '../../support/pictures.ts'
import { largestDifference } from '../../support/samples.ts'
import { theirModel } from '../../support/their-models.ts'

const downscale: Corruption[] = [{ type: 'downscale', factor: 2, probability: 1 }]
const blocks: Corruption[] = [{ type: 'blocks', count: [1, 3], side: [4, 9], probability: 1 }]
const noise: Corruption[] = [{ type: 'gaussian', sigma: [0, 55], probability: 1 }]

/** @param strength of what the network changes: 0 leaves pictures as they are. */
function modelOf(condition: DenoiserSpec['condition'], corruption: Corruption[] | null, strength = 1.5) {
  const spec = DenoiserSpec.parse({ type: 'denoiser', widths: [8, 8], blocks: [1, 1], condition })
  const weights: TensorMap = initDenoiser(spec, createRandom(3))
  for (const weight of Object.values(weights)) weight.data = weight.data.map((value) => strength * value)
  const metadata = corruption === null ? {} : { corruption: JSON.stringify(corruption) }
  return { bytes: exportDenoiser(spec, weights, metadata, '0.0.0'), file: 'model.onnx', interface: null }
}

const pageOf = (width: number, height: number): ImagePage => ({
  ...{ width, height, channels: 3, black: 0, white: 255, alpha: null },
  data: drawPicture(1, width, height),
})
const gray = ({ data, ...page }: ImagePage): ImagePage => ({
  ...page,
  channels: 1,
  data: data.filter((_, i) => i % 3 === 1),
})
const asFloats = (page: ImagePage, channels: number) => ({
  ...{ width: page.width, height: page.height, channels },
  data: Float32Array.from(page.data),
})

let backend: Backend
beforeAll(async () => {
  backend = await openBackend('traced', { threads: 1 })
})
afterAll(() => backend.close())

describe('super-resolution', () => {
  it.each([
    [pageOf(37, 25), 3],
    [gray(pageOf(20, 33)), 1],
    [pageOf(1, 1), 3],
    [pageOf(1, 9), 3],
  ])('is bicubic enlargement where the network adds nothing', async (page, channels) => {
    const restorer = await openRestorer(backend, modelOf('none', downscale, 0))
    expect(restorer).toMatchObject({ factor: 2, fills: false })
    const { data, ...large } = await restorer.restore(page)
    expect(large).toEqual({ ...page, data: undefined, width: 2 * page.width, height: 2 * page.height })
    const bicubic = enlargeBicubic(asFloats(page, channels), 2).data
    const rounded = bicubic.map((value) => Math.round(Math.min(255, Math.max(0, value))))
    // A value in the middle of two may be rounded either way.
    expect(largestDifference(data, rounded)).toBeLessThanOrEqual(1)
    expect(data.filter((value, i) => value !== rounded[i]).length).toBeLessThan(data.length / 100 + 1)
    await restorer.dispose()
  })

  it('is the same by tiles as in one piece, without seams', async () => {
    const restorer = await openRestorer(backend, modelOf('none', downscale))
    const page = pageOf(131, 97)
    const [tiled, whole] = [await restorer.restore(page, { tile: 64 }), await restorer.restore(page)]
    expect(largestDifference(tiled.data, whole.data)).toBeLessThanOrEqual(1)
    const bicubic = enlargeBicubic(asFloats(page, 3), 2).data
    expect(largestDifference(whole.data, bicubic)).toBeGreaterThan(10)
    await restorer.dispose()
  })

  it('enlarges alpha, and pages of 16 bits and of floats in their own range', async () => {
    const restorer = await openRestorer(backend, modelOf('none', downscale, 0))
    const eight = { ...pageOf(12, 9), alpha: new Uint8Array(108).fill(255).fill(0, 0, 54) }
    const { data, alpha } = await restorer.restore(eight)
    expect(alpha).toHaveLength(24 * 18)
    expect([alpha![0], alpha!.at(-1)]).toEqual([0, 255])
    const sixteen = await restorer.restore({
      ...{ ...eight, white: 65535 },
      data: Uint16Array.from(eight.data, (value) => 257 * value),
      alpha: null,
    })
    expect(
      largestDifference(
        sixteen.data,
        Array.from(data, (value) => 257 * value),
      ),
    ).toBeLessThan(140)
    const float = await restorer.restore({
      ...{ ...eight, black: -1, white: 1, alpha: null },
      data: Float32Array.from(eight.data, (value) => value / 127.5 - 1),
    })
    expect(float.data).toBeInstanceOf(Float32Array)
    const back = Array.from(float.data, (value) => Math.min(255, Math.max(0, (value + 1) * 127.5)))
    expect(largestDifference(back, data)).toBeLessThan(0.51)
    await restorer.dispose()
  })

  it('enlarges regions to the same samples as the whole', () => {
    const page = pageOf(23, 17)
    for (const factor of [2, 3]) {
      const whole = enlargeBicubic(asFloats(page, 3), factor)
      const [width, height] = [23 * factor, 17 * factor]
      for (const [x, y, w, h] of [
        [0, 0, width, height],
        [7, 5, 20, 11],
        [width - 5, height - 1, 5, 1],
      ] as const) {
        const region = enlargedRegion(page, factor, { x, y, width: w, height: h })
        for (let row = 0; row < h; row++) {
          const from = 3 * ((y + row) * width + x)
          const expected = whole.data.subarray(from, from + 3 * w)
          expect(region.data.subarray(3 * row * w, 3 * (row + 1) * w)).toEqual(expected)
        }
      }
    }
  })
})

describe('inpainting', () => {
  it('fills transparent pixels and touches no other, whatever hides behind them', async () => {
    const restorer = await openRestorer(backend, modelOf('mask', blocks))
    expect(restorer).toMatchObject({ factor: 1, fills: true })
    const page = pageOf(90, 61)
    const isHole = (i: number): boolean => i % 90 > 30 && i % 90 < 45 && Math.floor(i / 90) > 20
    const alpha = Uint8Array.from({ length: 90 * 61 }, (_, i) => (isHole(i) ? 0 : 255))
    const filled = await restorer.restore({ ...page, alpha })
    expect(filled.alpha).toBeNull()
    let changed = 0
    for (let i = 0; i < page.data.length; i++)
      if (filled.data[i] !== page.data[i]) {
        if (!isHole(Math.floor(i / 3))) throw new Error(`sample ${i} was changed`)
        changed++
      }
    expect(changed).toBeGreaterThan(1000)
    const hidden = page.data.map((value, i) => (isHole(Math.floor(i / 3)) ? 77 : value))
    expect((await restorer.restore({ ...page, data: hidden, alpha })).data).toEqual(filled.data)
    const tiled = await restorer.restore({ ...page, alpha }, { tile: 48 })
    expect(largestDifference(tiled.data, filled.data)).toBeLessThanOrEqual(1)
    await restorer.dispose()
  })

  it('leaves half-transparent pixels half transparent', async () => {
    const restorer = await openRestorer(backend, modelOf('mask', blocks))
    const alpha = new Uint8Array(64).fill(255).fill(0, 0, 4).fill(100, 8, 12)
    const filled = await restorer.restore({ ...pageOf(8, 8), alpha })
    expect([...filled.alpha!]).toEqual([...new Uint8Array(64).fill(255).fill(100, 8, 12)])
    await restorer.dispose()
  })

  it('says so where there is nothing to fill', async () => {
    const restorer = await openRestorer(backend, modelOf('mask', blocks))
    const opaque = { ...pageOf(8, 8), alpha: new Uint8Array(64).fill(9) }
    for (const page of [pageOf(8, 8), opaque])
      await expect(restorer.restore(page)).rejects.toMatchObject({ detail: { code: 'data-unsuitable' } })
    await restorer.dispose()
  })
})

describe('openRestorer', () => {
  it('takes a denoiser too, and finds the noise level of a picture itself', async () => {
    const restorer = await openRestorer(backend, modelOf('sigma', noise))
    expect(restorer).toMatchObject({ factor: 1, fills: false })
    const page = pageOf(64, 64)
    const { data } = await restorer.restore(page)
    expect(data).toHaveLength(page.data.length)
    const told = (sigma: number) => restorer.repair(page, { sigma, mask: null })
    expect((await told(0.1)).data).not.toEqual((await told(0.3)).data)
    await restorer.dispose()
  })

  it('can be stopped', async () => {
    const restorer = await openRestorer(backend, modelOf('none', downscale))
    const stop = new AbortController()
    const progress: number[] = []
    const running = restorer.restore(pageOf(120, 120), {
      ...{ tile: 64, signal: stop.signal },
      onProgress({ done }) {
        progress.push(done)
        if (done === 2) stop.abort()
      },
    })
    await expect(running).rejects.toMatchObject({ detail: { code: 'cancelled' } })
    expect(progress).toEqual([1, 2])
    await restorer.dispose()
  })

  it('refuses other networks', async () => {
    const theirs = { bytes: theirModel({}), file: 'theirs.onnx' }
    await expect(openRestorer(backend, theirs)).rejects.toMatchObject({
      detail: { code: 'model-incompatible', file: 'theirs.onnx' },
    })
  })
})

describe('openDenoiser', () => {
  it.each([
    ['enlarge', modelOf('none', downscale), 'downscale'],
    ['fill', modelOf('mask', blocks), 'blocks'],
    ['fill, as their form says', modelOf('mask', null), 'mask'],
  ])('refuses networks of ours that %s', async (_, model, received) => {
    await expect(openDenoiser(backend, model)).rejects.toMatchObject({
      detail: { code: 'model-incompatible', file: 'model.onnx', received },
    })
  })

  it('takes a blind denoiser of ours', async () => {
    const denoiser = await openDenoiser(backend, modelOf('none', noise))
    expect(denoiser).toMatchObject({ takesSigma: false, channels: 3, multiple: 4 })
    const planes = new Float32Array(3 * 64).fill(0.5)
    expect(await denoiser.run(planes, { width: 8, height: 8 }, 25)).toHaveLength(192)
    await denoiser.dispose()
  })
})
