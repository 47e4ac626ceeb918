import { describe, expect, it } from 'vitest'
import {
  blendTile,
  cropPage,
  mirrored,
  planTiles,
  planRegion,
  type Rectangle,
  type Shares,
} from '../../../src-main/engine/inference/tiles.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { samplesLike, type Samples } from '../../../src-main/engine/numeric/samples.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { largestDifference } from '../../support/samples.ts'

describe('planTiles', () => {
  const sizes = [1, 5, 7, 8, 9, 31, 64, 97, 128, 129, 191, 257, 499, 1000]
  const grids = [
    { tile: 64, overlap: 16, multiple: 8 },
    { tile: 96, overlap: 32, multiple: 8 },
    { tile: 100, overlap: 9, multiple: 4 },
    { tile: 16, overlap: 32, multiple: 8 },
    { tile: 128, overlap: 0, multiple: 1 },
  ]

  it.each(grids)(
    'covers every pixel once, with overlap $overlap around each: tile $tile, multiple $multiple',
    (grid) => {
      for (const [i, width] of sizes.entries()) {
        const height = sizes[sizes.length - 1 - i]!
        const plan = planTiles(width, height, grid)
        const covered = new Uint8Array(width * height)
        for (const { keep } of plan.tiles)
          for (let y = keep.y; y < keep.y + keep.height; y++)
            for (let x = keep.x; x < keep.x + keep.width; x++) covered[y * width + x]!++
        expect(covered.every((count) => count === 1)).toBe(true)
        for (const { x, y, keep } of plan.tiles) {
          expect(x % grid.multiple).toBe(0)
          expect(y % grid.multiple).toBe(0)
          expectContext(x, keep.x, keep.width, plan.width, width, grid.overlap)
          expectContext(y, keep.y, keep.height, plan.height, height, grid.overlap)
          // What is mirrored is what a whole image would have to mirror too.
          expect(x + plan.width).toBeLessThan(width + grid.multiple)
          expect(y + plan.height).toBeLessThan(height + grid.multiple)
        }
        for (const side of [plan.width, plan.height]) expect(side % grid.multiple).toBe(0)
        const largest = Math.max(grid.tile, 2 * grid.overlap + 2 * grid.multiple) + grid.multiple
        expect(plan.width * plan.height).toBeLessThanOrEqual(largest ** 2)
      }
    },
  )

  /** Either `overlap` pixels of the window lie beside the kept part, or the image ends with the window. */
  function expectContext(
    start: number,
    keep: number,
    keepLength: number,
    size: number,
    length: number,
    overlap: number,
  ): void {
    expect(start === 0 ? keep === 0 || keep >= overlap : keep - start >= overlap).toBe(true)
    const end = start + size
    expect(end >= length || end - (keep + keepLength) >= overlap).toBe(true)
  }

  it('uses one tile where it fits, and balanced tiles where it does not', () => {
    expect(planTiles(200, 100, { tile: 256, overlap: 32, multiple: 8 })).toEqual({
      width: 200,
      height: 104,
      tiles: [{ x: 0, y: 0, keep: { x: 0, y: 0, width: 200, height: 100 } }],
    })
    const plan = planTiles(1000, 8, { tile: 64, overlap: 32, multiple: 8 })
    expect([plan.width, plan.height]).toEqual([536, 8])
    expect(plan.tiles.map((tile) => tile.x)).toEqual([0, 464])
  })

  it('sends as few pixels through the network as windows of so many pixels can', () => {
    const grid = { tile: 256, overlap: 48, multiple: 8 }
    const size = (length: number, count: number): number =>
      Math.ceil((Math.ceil(length / 8) * 8 + (count - 1) * 96) / count / 8) * 8
    const random = createRandom(3)
    for (let i = 0; i < 40; i++) {
      const [width, height] = [1 + random.integer(2500), 1 + random.integer(2500)]
      let fewest = Infinity
      for (let columns = 1; columns <= 40; columns++)
        for (let rows = 1; rows <= 40; rows++) {
          const window = size(width, columns) * size(height, rows)
          if (window <= 256 ** 2) fewest = Math.min(fewest, columns * rows * window)
        }
      const plan = planTiles(width, height, grid)
      expect(plan.width * plan.height).toBeLessThanOrEqual(256 ** 2)
      expect(plan.tiles.length * plan.width * plan.height, `${width}×${height}`).toBe(fewest)
    }
  })
})

it('mirrors with the edge pixel repeated, as often as it takes', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((i) => mirrored(i, 3))).toEqual([0, 1, 2, 2, 1, 0, 0, 1])
  expect([0, 1, 2, 3].map((i) => mirrored(i, 1))).toEqual([0, 0, 0, 0])
})

describe('planRegion', () => {
  it.each([
    [0, 0, 256, 256],
    [256, 512, 256, 256],
    [768, 768, 133, 17],
    [5, 9, 1, 1],
  ])('keeps one rectangle with its surroundings, as far as the image goes: %i, %i', (x, y, width, height) => {
    const keep = { x, y, width, height }
    const plan = planRegion(901, 785, keep, { overlap: 48, multiple: 8 })
    const [tile] = plan.tiles
    expect(plan.tiles).toEqual([{ x: tile!.x, y: tile!.y, keep }])
    for (const value of [tile!.x, tile!.y, plan.width, plan.height]) expect(value % 8).toBe(0)
    expect(tile!.x).toBe(Math.max(0, Math.floor((x - 48) / 8) * 8))
    expect(tile!.y).toBe(Math.max(0, Math.floor((y - 48) / 8) * 8))
    // To the end of the image filled up to the stride, and no farther.
    expect(tile!.x + plan.width).toBe(Math.min(904, Math.ceil((x + width + 48) / 8) * 8))
    expect(tile!.y + plan.height).toBe(Math.min(792, Math.ceil((y + height + 48) / 8) * 8))
  })
})

function randomPage(width: number, height: number, channels: 1 | 3, like: Samples): ImagePage {
  const random = createRandom(9)
  const white = like instanceof Uint8Array ? 255 : like instanceof Uint16Array ? 65535 : 1
  const data = samplesLike(like, width * height * channels)
  for (let i = 0; i < data.length; i++) data[i] = random.uniform() * white
  const alpha = samplesLike(like, width * height)
  for (let i = 0; i < alpha.length; i++) alpha[i] = random.uniform() * white
  return { width, height, channels, data, black: 0, white, alpha }
}

it('crops colours and alpha', () => {
  const page = randomPage(7, 5, 3, new Uint8Array())
  const crop = cropPage(page, { x: 2, y: 1, width: 4, height: 3 })
  expect(crop).toMatchObject({ width: 4, height: 3, channels: 3, white: 255 })
  for (let y = 0; y < 3; y++)
    for (let x = 0; x < 4; x++) {
      const from = (y + 1) * 7 + x + 2
      expect(crop.alpha![y * 4 + x]).toBe(page.alpha![from])
      for (let c = 0; c < 3; c++) expect(crop.data[(y * 4 + x) * 3 + c]).toBe(page.data[from * 3 + c])
    }
})

describe('blendTile', () => {
  const lumaOf = (pixel: ArrayLike<number>): number =>
    0.2126 * pixel[0]! + 0.7152 * pixel[1]! + 0.0722 * pixel[2]!
  const whole = ({ width, height }: ImagePage) => ({ x: 0, y: 0, width, height })
  /** Blends what a network made of the whole page, in the page's encoding, into the part that is kept. */
  function blendPart(
    page: ImagePage,
    keep: Rectangle,
    denoised: Float32Array,
    shares: Shares,
    out: Samples,
  ): void {
    // Not in [0, 1], but in the encoding itself: then no value is rounded twice.
    const seen = { ...page, black: 0, white: 1 }
    const made = Array.from({ length: page.channels }, (_, channel) => [
      denoised.filter((_, i) => i % page.channels === channel),
    ])
    const plan = { width: page.width, height: page.height, tiles: [] }
    blendTile(page, seen, plan, { x: 0, y: 0, keep }, made, shares, out)
  }
  /** A result that differs from the page everywhere, by up to a fifth of the range. */
  function denoisedOf(page: ImagePage): Float32Array {
    const random = createRandom(10)
    return Float32Array.from(page.data, (value) => value + page.white * 0.4 * (random.uniform() - 0.5))
  }
  function blend(page: ImagePage, denoised: Float32Array, grain: number, colour: number): Samples {
    const out = samplesLike(page.data, page.data.length)
    blendPart(page, whole(page), denoised, { grain, colour }, out)
    return out
  }

  it.each([0, 0.3, 1])('is noisy + share · (denoised − noisy) where both shares are %f', (share) => {
    const page = randomPage(6, 4, 3, new Float32Array())
    const denoised = denoisedOf(page)
    const expected = page.data.map((value, i) => value + share * (denoised[i]! - value))
    expect(largestDifference(blend(page, denoised, share, share), expected)).toBeLessThan(1e-6)
  })

  it('removes colour noise without touching luma, and grain without touching colour differences', () => {
    const page = randomPage(6, 4, 3, new Float32Array())
    const denoised = denoisedOf(page)
    const colourOnly = blend(page, denoised, 0, 1)
    const grainOnly = blend(page, denoised, 1, 0)
    for (let i = 0; i < page.data.length; i += 3) {
      const [noisy, clean, colour, grain] = [page.data, denoised, colourOnly, grainOnly].map((samples) =>
        samples.subarray(i, i + 3),
      ) as [Samples, Samples, Samples, Samples]
      expect(lumaOf(colour)).toBeCloseTo(lumaOf(noisy), 5)
      expect(lumaOf(grain)).toBeCloseTo(lumaOf(clean), 5)
      for (const c of [0, 1]) {
        expect(colour[c]! - colour[c + 1]!).toBeCloseTo(clean[c]! - clean[c + 1]!, 5)
        expect(grain[c]! - grain[c + 1]!).toBeCloseTo(noisy[c]! - noisy[c + 1]!, 5)
      }
    }
  })

  it('is linear in both shares', () => {
    const page = randomPage(6, 4, 3, new Float32Array())
    const denoised = denoisedOf(page)
    const parts = [blend(page, denoised, 0.8, 0), blend(page, denoised, 0, 0.25)] as const
    const expected = page.data.map((value, i) => parts[0][i]! + parts[1][i]! - value)
    expect(largestDifference(blend(page, denoised, 0.8, 0.25), expected)).toBeLessThan(1e-6)
  })

  it('has only grain on gray pages', () => {
    const page = randomPage(6, 4, 1, new Uint16Array())
    const denoised = denoisedOf(page)
    expect(blend(page, denoised, 0.6, 0)).toEqual(blend(page, denoised, 0.6, 0.6))
  })

  it('clips and rounds integers, and keeps samples that are no number out of their neighbours', () => {
    const bytes = randomPage(6, 4, 3, new Uint8Array())
    const far = Float32Array.from(bytes.data, (value) => (value > 127 ? 900 : -900))
    const blended = blend(bytes, far, 1, 0.9)
    expect(Math.min(...blended)).toBe(0)
    expect(Math.max(...blended)).toBe(255)
    const floats = randomPage(2, 1, 3, new Float32Array())
    floats.data[1] = NaN
    const result = blend(floats, denoisedOf({ ...floats, data: new Float32Array(6).fill(0.5) }), 1, 0.5)
    expect(result[1]).toBeNaN()
    expect(result.filter(Number.isFinite)).toHaveLength(5)
  })

  it('writes nothing outside the kept part', () => {
    const page = randomPage(6, 4, 3, new Uint8Array())
    const out = new Uint8Array(page.data.length).fill(1)
    blendPart(
      page,
      { x: 2, y: 1, width: 3, height: 2 },
      new Float32Array(page.data.length).fill(99),
      { grain: 1, colour: 1 },
      out,
    )
    const written = Array.from({ length: 24 }, (_, pixel) => out[3 * pixel] === 99)
    expect(written.flatMap((is, pixel) => (is ? [pixel] : []))).toEqual([8, 9, 10, 14, 15, 16])
  })
})
