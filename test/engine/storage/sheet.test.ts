import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { gridPng, sheetPng } from '../../../src-main/engine/storage/sheet.ts'

async function pixels(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  expect(info.channels).toBe(3)
  return {
    width: info.width,
    height: info.height,
    at: (x: number, y: number): number[] => [
      ...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3),
    ],
  }
}
const black = [0, 0, 0] as const

describe('sheetPng', () => {
  it('enlarges images without smoothing, line by line, on its ground', async () => {
    const image = (first: number): Float32Array => Float32Array.of(first, 0, 0, 1)
    const sheet = await pixels(
      await sheetPng([[image(0.5), image(0.25)], [image(1)]], [2, 2, 1], {
        scale: 3,
        margin: 1,
        background: [9, 8, 7],
      }),
    )
    expect([sheet.width, sheet.height]).toEqual([15, 15])
    expect(sheet.at(0, 0)).toEqual([9, 8, 7])
    expect([sheet.at(1, 1), sheet.at(3, 3), sheet.at(4, 3), sheet.at(4, 4), sheet.at(6, 6)]).toEqual([
      [128, 128, 128],
      [128, 128, 128],
      [0, 0, 0],
      [255, 255, 255],
      [255, 255, 255],
    ])
    expect(sheet.at(8, 1)).toEqual([64, 64, 64])
    expect(sheet.at(1, 8)).toEqual([255, 255, 255])
    expect(sheet.at(10, 10)).toEqual([9, 8, 7])
  })

  it('clips to [0, 1], and lays alpha over a checkerboard', async () => {
    const colour = await pixels(
      await sheetPng([[Float32Array.of(2, -1, 0.2)]], [1, 1, 3], { scale: 8, margin: 0 }),
    )
    expect(colour.at(3, 3)).toEqual([255, 0, 51])
    const clear = await pixels(
      await sheetPng([[Float32Array.of(1, 0, 0, 0)]], [1, 1, 4], { scale: 8, margin: 0 }),
    )
    expect(clear.at(0, 0)).not.toEqual(clear.at(4, 0))
    expect(clear.at(0, 0)).toEqual(clear.at(4, 4))
    const half = await pixels(
      await sheetPng([[Float32Array.of(0, 0, 0, 0.5)]], [1, 1, 4], { scale: 8, margin: 0 }),
    )
    expect(half.at(0, 0)[0]! * 2).toBeCloseTo(clear.at(0, 0)[0]!, -1)
  })

  it('keeps within its limit', async () => {
    const image = new Float32Array(50 * 50)
    const many = Array.from({ length: 2 }, () => new Array<Float32Array>(10).fill(image))
    const size = async (limit?: number): Promise<number[]> => {
      const { width, height } = await pixels(
        await sheetPng(many, [50, 50, 1], limit === undefined ? {} : { limit }),
      )
      return [width, height]
    }
    expect(await size()).toEqual([1022, 206])
    expect(await size(700)).toEqual([522, 106])
    expect((await size(300))[0]).toBe(300)
  })

  it('draws rows as curves over one range', async () => {
    const rising = Float32Array.from({ length: 20 }, (_, i) => i)
    const low = new Float32Array(20)
    const sheet = await pixels(await sheetPng([[rising, low]], [20], { margin: 0 }))
    expect([sheet.width, sheet.height]).toEqual([320, 80])
    const ground = sheet.at(0, 0)
    const isInk = (x: number, y: number): boolean => sheet.at(x, y)[2]! > ground[2]! + 60
    expect([isInk(1, 78), isInk(80, 40), isInk(158, 1)]).toEqual([true, true, true])
    expect([isInk(1, 1), isInk(158, 78), isInk(80, 60)]).toEqual([false, false, false])
    expect([isInk(170, 78), isInk(300, 78), isInk(240, 40)]).toEqual([true, true, false])
  })

  it('draws a table without samples, samples of one value, and rows of one number', async () => {
    expect((await pixels(await sheetPng([], [4, 4, 1]))).width).toBeGreaterThan(0)
    expect((await pixels(await sheetPng([], [4]))).width).toBeGreaterThan(0)
    const flat = await pixels(await sheetPng([[Float32Array.of(3)]], [1], { margin: 0 }))
    expect(flat.at(80, 40)[2]).toBeGreaterThan(150)
  })
})

describe('gridPng', () => {
  const options = {
    width: 10,
    height: 10,
    gap: 2,
    edge: 1,
    background: black,
    limit: 100,
    range: [0, 1],
  } as const
  it('has cells of one size, images in their middle, and crosses out what is broken', async () => {
    const image = { width: 3, height: 2, channels: 1 as const, data: new Uint8Array(6).fill(200) }
    const grid = await pixels(await gridPng([[image, null, 'broken']], options))
    expect([grid.width, grid.height]).toEqual([36, 12])
    // 9 × 6 pixels in a cell of 10 × 10 that begins at (1, 1).
    expect([
      grid.at(1, 3)[0],
      grid.at(9, 8)[0],
      grid.at(10, 5)[0],
      grid.at(5, 2)[0],
      grid.at(5, 9)[0],
    ]).toEqual([200, 200, 0, 0, 0])
    expect(grid.at(18, 5)).toEqual([0, 0, 0])
    expect(grid.at(30, 6)[0]).toBeGreaterThan(40)
  })
})
