import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { interfaceOf } from '../../../src-main/contract/models.ts'
import { DenoiserSpec } from '../../../src-main/contract/architecture.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { denoisePage, denoiseRegion } from '../../../src-main/engine/inference/denoiser.ts'
import { openDenoiser, receptiveRadius } from '../../../src-main/engine/inference/network.ts'
import { cropPage } from '../../../src-main/engine/inference/tiles.ts'
import { exportDenoiser, initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { bytesOf, readModel } from '../../../src-main/engine/storage/models.ts'
import { theirModel } from '../../support/their-models.ts'
import { largestDifference } from '../../support/samples.ts'

const assets = fileURLToPath(new URL('../../../assets', import.meta.url))
const hasPhoto = existsSync(`${assets}/models/photo/model.json`)
if (!hasPhoto) console.warn('SKIPPED: tiles against the whole image with the photo model: it is not there')

/** Three scales, as `photo` has, but narrow. Fresh weights scaled up, so that its result depends on far pixels. */
const spec = DenoiserSpec.parse({ type: 'denoiser', widths: [8, 8, 8], blocks: [1, 1, 1] })

function randomModel(): Uint8Array {
  const weights = initDenoiser(spec, createRandom(3))
  for (const weight of Object.values(weights)) weight.data = weight.data.map((value) => 1.5 * value)
  return exportDenoiser(spec, weights, {}, '0.0.0')
}

/** Soft shapes with noise, not clipped, in [0, 1]. */
function noisyPage(width: number, height: number): ImagePage {
  const random = createRandom(4)
  const data = Float32Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width
    const y = Math.floor(i / 3 / width)
    const shape =
      0.5 + 0.2 * Math.sin(x / 17) + 0.2 * Math.cos(y / 23) + ((x - 90) ** 2 + (y - 70) ** 2 < 1600 ? 0.2 : 0)
    return shape + 0.1 * random.normal()
  })
  return { width, height, channels: 3, data, black: 0, white: 1, alpha: null }
}

describe('the network on the default engine', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openBackend('auto')
  })
  afterAll(() => backend.close())

  async function tiledAgainstWhole(bytes: Uint8Array): Promise<{ difference: number; change: number }> {
    const denoiser = await openDenoiser(backend, { bytes, file: 'model.onnx', interface: null })
    // Neither side is a multiple of 8.
    const page = noisyPage(243, 157)
    const options = { sigma: 25, strength: 100 }
    const tiled = await denoisePage(denoiser, page, { ...options, tile: 128 })
    const whole = await denoisePage(denoiser, page, { ...options, tile: 1024 })
    await denoiser.dispose()
    return {
      difference: largestDifference(tiled.page.data, whole.page.data),
      change: largestDifference(page.data, whole.page.data),
    }
  }

  it('gives the same by tiles as whole, with random weights', async () => {
    const { difference, change } = await tiledAgainstWhole(randomModel())
    expect(change).toBeGreaterThan(0.05)
    expect(difference).toBeLessThan(1 / 255)
  })

  it.skipIf(!hasPhoto)('gives the same by tiles as whole, with the photo model', async () => {
    const { difference, change } = await tiledAgainstWhole(
      bytesOf(await readModel('photo', { assets, home: assets })),
    )
    expect(change).toBeGreaterThan(0.05)
    expect(difference).toBeLessThan(0.1 / 255)
  })

  it('denoises a single pixel', async () => {
    const denoiser = await openDenoiser(backend, {
      bytes: randomModel(),
      file: 'model.onnx',
      interface: null,
    })
    const page: ImagePage = { ...noisyPage(1, 1), data: Float32Array.of(0.2, 0.5, 0.8) }
    const result = await denoisePage(denoiser, page, { sigma: 25, strength: 100, tile: 'auto' })
    expect(result.page.data).toHaveLength(3)
    expect(result.page.data.every(Number.isFinite)).toBe(true)
  })

  it('takes the use of ours from their metadata, whatever is stated', async () => {
    const denoiser = await openDenoiser(backend, {
      ...{ bytes: randomModel(), file: 'model.onnx', interface: { white: 255, multiple: 2 } },
    })
    expect(denoiser.interface).toEqual(interfaceOf(spec))
    expect(denoiser).toMatchObject({ channels: 3, takesSigma: true, multiple: 8, fixed: null })
    expect(denoiser.overlap % denoiser.multiple).toBe(0)
  })

  it.each([
    { height: 64, width: 64 },
    { height: 40, width: 96, layout: 'NHWC' as const },
    { height: 'H', width: 64 },
    { height: 256, width: 512 },
  ])('covers pages with windows of the one size that a network takes: $height×$width', async (shape) => {
    const use = { white: 255, output: 'noise', channels: 1 } as const
    const open = (bytes: Uint8Array) => openDenoiser(backend, { bytes, file: 'x.onnx', interface: null })
    const free = await open(theirModel(use))
    const fixed = await open(theirModel({ ...use, ...shape }))
    expect(fixed.fixed).toEqual({ width: shape.width, height: shape.height === 'H' ? 64 : shape.height })
    const page = noisyPage(150, 131)
    const options = { sigma: 25, strength: 100, tile: 'auto' } as const
    const whole = await denoisePage(free, page, options)
    const tiled = await denoisePage(fixed, page, options)
    expect(largestDifference(whole.page.data, page.data)).toBeGreaterThan(0.1)
    // Where a window reaches beyond the page it sees the mirrored page, and not the end that the free network sees.
    const inside = { x: 1, y: 1, width: 148, height: 129 }
    const [a, b] = [tiled.page, whole.page].map((one) => cropPage(one, inside).data)
    expect(largestDifference(a!, b!)).toBeLessThan(1e-5)

    const region = { x: 31, y: 17, width: 80, height: 70 }
    const shown = await denoiseRegion(fixed, page, region, null)
    expect(largestDifference(shown.data, cropPage(tiled.page, region).data)).toBeLessThan(1e-6)
  })

  it('denoises a page of one pixel through windows of a fixed size', async () => {
    const bytes = theirModel({ height: 64, width: 48 })
    const denoiser = await openDenoiser(backend, { bytes, file: 'x.onnx', interface: null })
    const page: ImagePage = { ...noisyPage(1, 1), data: Float32Array.of(0.2, 0.5, 0.8) }
    const result = await denoisePage(denoiser, page, { sigma: 25, strength: 100, tile: 'auto' })
    expect(largestDifference(result.page.data, page.data)).toBeLessThan(1e-6)
  })
})

it('takes files that name none of their free dimensions on WebAssembly too', async () => {
  const wasm = await openBackend('wasm')
  const file = { bytes: theirModel({ isOpen: true }), file: 'x.onnx', interface: null }
  expect((await openDenoiser(wasm, file)).interface).toMatchObject({ layout: 'NCHW', channels: 3 })
  await wasm.close()
})

it('frees what it opened when a network is refused', async () => {
  let disposed = 0
  const value = { shape: [1, 1000], dtype: 'float32' }
  const session = {
    ...{ inputs: { x: value }, outputs: { y: value }, metadata: {} },
    run: () => Promise.reject(new Error('not used')),
    dispose() {
      disposed++
      return Promise.resolve()
    },
  }
  const fake: Pick<Backend, 'open' | 'compile'> = {
    open: () => Promise.resolve(session),
    compile: () => Promise.reject(new Error('not used')),
  }
  const opening = openDenoiser(fake, { bytes: new Uint8Array(), file: 'x.onnx', interface: null })
  await expect(opening).rejects.toThrow('model-incompatible: x.onnx')
  expect(disposed).toBe(1)
})

it('knows how far a result of the network reaches', () => {
  // At 2×: head, 4 blocks of 2, tail; at 4×: 4 blocks of 2; at 8×: 2 blocks of 2.
  const photo = DenoiserSpec.parse({ type: 'denoiser', widths: [48, 96, 160], blocks: [2, 2, 2] })
  expect(receptiveRadius({ ...photo, widths: [...photo.widths], blocks: [...photo.blocks] })).toBe(
    20 + 32 + 32,
  )
})
