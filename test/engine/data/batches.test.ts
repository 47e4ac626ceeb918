import { describe, expect, it } from 'vitest'
import type { Corruption } from '../../../src-main/contract/corruption.ts'
import type { PatchData } from '../../../src-main/contract/recipe.ts'
import { drawBatch } from '../../../src-main/engine/data/batches.ts'
import type { Picture, ScannedImage } from '../../../src-main/engine/data/images.ts'
import { drawPatch } from '../../../src-main/engine/data/patches.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { drawPicture } from '../../support/pictures.ts'

const options: PatchData = {
  ...{ type: 'patches', patch: 8, channels: 3, range: 'white', scale: [1, 1], augment: true, grayShare: 0 },
}
const drawing = { channels: 3, levels: null, step: 1, keepsAxes: false } as const
const pictureOf = (width: number, height: number, data: Uint8Array): Picture => ({
  ...{ width, height, data, channels: 3, black: 0, white: 255 },
})
const image = pictureOf(8, 8, drawPicture(1, 8, 8))

describe('drawPatch', () => {
  it('draws all eight flips and quarter turns, each a rearrangement of the crop', () => {
    const random = createRandom(1)
    const seen = new Set<string>()
    for (let i = 0; i < 200; i++) seen.add(drawPatch(image, options, drawing, random).data.join())
    expect(seen.size).toBe(8)
    const still = drawPatch(image, { ...options, augment: false }, drawing, random).data
    expect(still).toEqual(Float32Array.from(image.data, (value) => value / 255))
    const sorted = [...still].sort((a, b) => a - b)
    for (const turned of seen) {
      expect(
        turned
          .split(',')
          .map(Number)
          .sort((a, b) => a - b),
      ).toEqual(sorted)
    }
  })

  it('reaches every corner of the image', () => {
    const wide = pictureOf(11, 9, new Uint8Array(11 * 9 * 3))
    for (const corner of [0, 10, 8 * 11, 9 * 11 - 1]) wide.data[3 * corner] = 255
    const random = createRandom(2)
    let corners = 0
    for (let i = 0; i < 400; i++) {
      corners += Math.round(
        drawPatch(wide, options, drawing, random).data.reduce((sum, value) => sum + value),
      )
    }
    // 2 × 4 positions, four of which show one corner: half of the draws.
    expect(corners).toBeGreaterThan(150)
    expect(corners).toBeLessThan(250)
  })

  it('enlarges and makes smaller by the factors of its range, as far as the picture reaches', () => {
    // Each pixel of the ramp is worth 2 of 255: its steepness in a patch says how far it was enlarged.
    const ramp = pictureOf(
      100,
      100,
      Uint8Array.from({ length: 30_000 }, (_, i) => 2 * (Math.floor(i / 3) % 100)),
    )
    const random = createRandom(4)
    const ranged: PatchData = { ...options, patch: 40, augment: false, scale: [0.25, 2] }
    const factors = Array.from({ length: 300 }, () => {
      const { width, height, data } = drawPatch(ramp, ranged, drawing, random)
      expect([width, height, data.length]).toEqual([40, 40, 4800])
      return 2 / 255 / ((data[3 * 30]! - data[3 * 10]!) / 20)
    })
    // The picture has 2.5 times the patch's side.
    expect(Math.min(...factors)).toBeCloseTo(0.4, 1)
    expect(Math.max(...factors)).toBeCloseTo(2, 1)
    // Log-uniform: half lie below the geometric mean.
    const below = factors.filter((factor) => factor < Math.sqrt(0.4 * 2)).length
    expect(Math.abs(below - 150)).toBeLessThan(45)
  })

  it('turns the stated share to gray by luma', () => {
    const random = createRandom(3)
    const red = pictureOf(
      8,
      8,
      Uint8Array.from({ length: 192 }, (_, i) => (i % 3 === 0 ? 255 : 0)),
    )
    let gray = 0
    for (let i = 0; i < 300; i++) {
      const patch = drawPatch(red, { ...options, grayShare: 0.25 }, drawing, random)
      if (patch.channels === 3) continue
      gray++
      expect(patch.data).toEqual(new Float32Array(64).fill(0.299))
    }
    expect(gray).toBeGreaterThan(45)
    expect(gray).toBeLessThan(110)
  })
})

describe('drawBatch', () => {
  const recipe = {
    data: { ...options, grayShare: 0.5 },
    corruption: [
      { type: 'gaussian', sigma: [10, 50], probability: 1 },
      { type: 'jpeg', quality: [80, 95], probability: 0.3 },
    ] satisfies Corruption[],
  }
  const images = [3, 4, 5].map((seed) => pictureOf(20, 16, drawPicture(seed, 20, 16)))
  const files = images.map((_, i): ScannedImage => ({
    ...{ width: 20, height: 16, takes: [{ file: `${i}`, page: 0 }] },
  }))
  const read = (file: string) => Promise.resolve([images[Number(file)]!])
  const cutting = { channels: 3, levels: null } as const
  const slow = async (file: string) => {
    await new Promise((resolve) => setTimeout(resolve, 3))
    return [images[Number(file)]!]
  }

  it('has the shapes of the network, σ as a map, gray as R = G = B', async () => {
    const { target, noisy, sigma } = await drawBatch(files, read, recipe, cutting, 6, createRandom(1))
    expect([target.shape, noisy.shape, sigma.shape]).toEqual([
      [6, 8, 8, 3],
      [6, 8, 8, 3],
      [6, 8, 8, 1],
    ])
    let gray = 0
    for (let i = 0; i < 6; i++) {
      const level = sigma.data[i * 64]!
      expect(level).toBeGreaterThan(0.01)
      expect([...sigma.data.subarray(i * 64, (i + 1) * 64)].every((value) => value === level)).toBe(true)
      const patch = noisy.data.subarray(i * 192, (i + 1) * 192)
      gray += Number([...patch].every((value, j) => value === patch[j - (j % 3)]))
    }
    expect(gray).toBeGreaterThan(0)
    expect(gray).toBeLessThan(6)
  })

  it('says where pixels are missing', async () => {
    const blocks: Corruption = { type: 'blocks', count: [1, 2], side: [2, 4], probability: 0.5 }
    const cut = { ...recipe, corruption: [blocks] }
    const { target, noisy, mask } = await drawBatch(files, read, cut, cutting, 6, createRandom(2))
    expect(mask.shape).toEqual([6, 8, 8, 1])
    for (const [i, value] of noisy.data.entries())
      expect(value).toBe(mask.data[Math.floor(i / 3)] === 1 ? 0 : target.data[i])
    const wholes = [0, 1, 2, 3, 4, 5].filter((i) => !mask.data.subarray(64 * i, 64 * (i + 1)).includes(1))
    expect(wholes.length).toBeGreaterThan(0)
    expect(wholes.length).toBeLessThan(6)
  })

  it('follows from its random source alone, not from timing or order', async () => {
    const steps = createRandom(7)
    const [first, second] = await Promise.all([
      drawBatch(files, slow, recipe, cutting, 6, steps.fork(0)),
      drawBatch(files, read, recipe, cutting, 6, steps.fork(1)),
    ])
    expect(await drawBatch(files, read, recipe, cutting, 6, steps.fork(1))).toEqual(second)
    expect(await drawBatch(files, read, recipe, cutting, 6, steps.fork(0))).toEqual(first)
    expect(first.target).not.toEqual(second.target)
  })
})
