import { describe, expect, it } from 'vitest'
import { halve, levelCount } from '../../../src-main/engine/preview/pyramid.ts'
import type { Samples } from '../../../src-main/engine/numeric/samples.ts'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { noisePage } from '../../support/image-fixtures.ts'
import { largestDifference } from '../../support/samples.ts'

/** Means of what there is of each 2×2 pixels, by their definition. */
function means(page: ImagePage, channel: number): number[] {
  const { width, height, channels, data } = page
  const out: number[] = []
  for (let y = 0; y < height; y += 2)
    for (let x = 0; x < width; x += 2) {
      const values = [
        [x, y],
        [x + 1, y],
        [x, y + 1],
        [x + 1, y + 1],
      ].flatMap(([u, v]) =>
        u! < width && v! < height ? [data[(v! * width + u!) * channels + channel]!] : [],
      )
      out.push(values.reduce((a, b) => a + b) / values.length)
    }
  return out
}

const planeOf = (samples: Samples, channels: number, channel: number): Samples =>
  samples.filter((_, i) => i % channels === channel)

describe('halve', () => {
  it.each([
    ['uint8', 1, 8, 6],
    ['uint8', 3, 13, 7],
    ['uint16', 3, 9, 1],
    ['float32', 3, 1, 12],
    ['float32', 1, 1, 1],
  ] as const)('is the mean of 2×2 samples: %s, %i channels, %i×%i', async (type, channels, width, height) => {
    const page = noisePage({ type, channels, width, height })
    const half = await halve(page)
    expect(half).toMatchObject({
      width: Math.ceil(width / 2),
      height: Math.ceil(height / 2),
      channels,
      black: page.black,
      white: page.white,
    })
    expect(half.data.constructor).toBe(page.data.constructor)
    for (let c = 0; c < channels; c++)
      expect(largestDifference(planeOf(half.data, channels, c), means(page, c))).toBeLessThan(
        type === 'float32' ? 1e-3 : 0.501,
      )
  })

  it('leaves out what cannot be seen, and halves alpha too', async () => {
    const data = Uint8Array.of(200, 10, 200, 10, /**/ 60, 20, 60, 20)
    const alpha = Uint8Array.of(255, 0, 255, 0, /**/ 0, 0, 0, 0)
    const page: ImagePage = { width: 8, height: 1, channels: 1, data, alpha, black: 0, white: 255 }
    const half = await halve(page)
    expect([...half.data]).toEqual([200, 200, 40, 40])
    expect([...half.alpha!]).toEqual([128, 128, 0, 0])
  })

  it('holds for pictures of more rows than are done at once', async () => {
    const [width, height] = [1_500_001, 5]
    const data = new Uint8Array(width * height)
    for (let y = 0; y < height; y++) data.fill(50 * y, y * width, (y + 1) * width)
    const half = await halve({ width, height, channels: 1, data, alpha: null, black: 0, white: 255 })
    const rows = [0, 1, 2].map((y) => half.data.subarray(y * half.width, (y + 1) * half.width))
    expect(rows.map((row) => [Math.min(row[0]!, row.at(-1)!), row[half.width >> 1]])).toEqual([
      [25, 25],
      [125, 125],
      [200, 200],
    ])
  })
})

it('counts levels until one fits into a tile', async () => {
  expect(levelCount(1, 1)).toBe(1)
  expect(levelCount(256, 256)).toBe(1)
  expect(levelCount(257, 10)).toBe(2)
  expect(levelCount(512, 512)).toBe(2)
  expect(levelCount(513, 1)).toBe(3)
  expect(levelCount(12_000, 9_000)).toBe(7)
  let page = noisePage({ width: 1025, height: 3, channels: 1 })
  for (let level = 1; level < levelCount(1025, 3); level++) {
    expect(page.width).toBeGreaterThan(256)
    page = await halve(page)
  }
  expect(page.width).toBeLessThanOrEqual(256)
})
