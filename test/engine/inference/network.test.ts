import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DenoiserSpec } from '../../../src-main/contract/recipe.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import { denoisePage } from '../../../src-main/engine/inference/denoiser.ts'
import { openDenoiser } from '../../../src-main/engine/inference/network.ts'
import { exportDenoiser, initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { readModel } from '../../../src-main/engine/storage/models.ts'
import { largestDifference } from '../../support/samples.ts'

const assets = fileURLToPath(new URL('../../../assets', import.meta.url))
const hasPhoto = existsSync(`${assets}/models/photo/model.json`)
if (!hasPhoto) console.warn('SKIPPED: tiles against the whole image with the photo model: it is not there')

/** Three scales, as `photo` has, but narrow. Fresh weights scaled up, so that its result depends on far pixels. */
const spec: DenoiserSpec = { type: 'denoiser', channels: 3, widths: [8, 8, 8], blocks: [1, 1, 1] }

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
      (await readModel('photo', { assets, home: assets })).bytes,
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
})
