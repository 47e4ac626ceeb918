import { writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  checkImage,
  fitSample,
  readSample,
  readSmall,
  type SampleFormat,
} from '../../../src-main/engine/storage/sample-images.ts'
import { writeFlat } from '../../support/datasets.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'
import { drawPicture, writePicture } from '../../support/pictures.ts'

const file = temporaryFolder()
const format = (fields: Partial<SampleFormat>): SampleFormat => ({
  width: 8,
  height: 8,
  channels: 3,
  fit: 'cover',
  ...fields,
})
const raw = (width: number, height: number, channels: 1 | 3 | 4, data: Uint8Array | Uint16Array) =>
  sharp(data, { raw: { width, height, channels } })
const pixel = (data: Uint8Array, channels: number, x: number, y: number, width = 8): number[] => [
  ...data.subarray(channels * (y * width + x), channels * (y * width + x + 1)),
]

describe('readSample', () => {
  it('leaves pixels of the right size as they are, in the file’s own encoding', async () => {
    const data = drawPicture(1, 8, 8)
    await raw(8, 8, 3, data).withIccProfile('p3').png().toFile(file('p3.png'))
    const { data: stored } = await sharp(file('p3.png'), { ignoreIcc: true })
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(Buffer.from(await readSample(file('p3.png'), format({}))).equals(stored)).toBe(true)
    const gray = Uint8Array.from({ length: 64 }, (_, i) => 4 * i)
    await raw(8, 8, 1, gray).toColourspace('b-w').png().toFile(file('gray.png'))
    expect(await readSample(file('gray.png'), format({ channels: 1 }))).toEqual(gray)
    expect(pixel(await readSample(file('gray.png'), format({ channels: 4 })), 4, 3, 2)).toEqual([
      76, 76, 76, 255,
    ])
  })

  it('makes gray by the luma of BT.601', async () => {
    for (const [colour, luma] of [
      [{ r: 255, g: 0, b: 0 }, 76],
      [{ r: 0, g: 255, b: 0 }, 150],
      [{ r: 0, g: 0, b: 255 }, 29],
      [{ r: 255, g: 255, b: 255 }, 255],
    ] as const) {
      await writeFlat(file('flat.png'), colour)
      expect(
        (await readSample(file('flat.png'), format({ channels: 1 }))).every((value) => value === luma),
      ).toBe(true)
    }
  })

  it('crops the middle, pads, or stretches', async () => {
    // Red, green and blue bands, 8 pixels each.
    const bands = Uint8Array.from({ length: 24 * 8 * 3 }, (_, i) => {
      const band = Math.floor((Math.floor(i / 3) % 24) / 8)
      return i % 3 === band ? 255 : 0
    })
    await raw(24, 8, 3, bands).png().toFile(file('bands.png'))
    const cover = await readSample(file('bands.png'), format({}))
    expect([pixel(cover, 3, 0, 0), pixel(cover, 3, 7, 7)]).toEqual([
      [0, 255, 0],
      [0, 255, 0],
    ])
    const contain = await readSample(file('bands.png'), format({ width: 24, height: 24, fit: 'contain' }))
    expect([0, 8, 15, 16].map((y) => pixel(contain, 3, 20, y, 24))).toEqual([
      [0, 0, 0],
      [0, 0, 255],
      [0, 0, 255],
      [0, 0, 0],
    ])
    const padded = await readSample(
      file('bands.png'),
      format({ width: 24, height: 24, channels: 4, fit: 'contain' }),
    )
    expect([pixel(padded, 4, 4, 2, 24), pixel(padded, 4, 4, 12, 24)]).toEqual([
      [0, 0, 0, 0],
      [255, 0, 0, 255],
    ])
    const stretch = await readSample(file('bands.png'), format({ width: 12, fit: 'stretch' }))
    // The kernel reaches over the borders a little.
    const near = (value: number): number => (value > 250 ? 255 : value < 5 ? 0 : value)
    expect([1, 6, 10].map((x) => pixel(stretch, 3, x, 4, 12).map(near))).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ])
  })

  it('reads 16 bits, floats, CMYK, BMP and Netpbm alike', async () => {
    const picture = drawPicture(2, 40, 40)
    const wide = Uint16Array.from(picture, (value) => value * 257)
    const plain = raw(40, 40, 3, picture)
    await plain.clone().png().toFile(file('8.png'))
    await raw(40, 40, 3, wide).toColourspace('rgb16').png().toFile(file('16.png'))
    await plain.clone().tiff({ compression: 'lzw' }).toFile(file('8.tif'))
    await writeFile(file('8.ppm'), Buffer.concat([Buffer.from('P6 40 40 255\n'), picture]))
    await plain.clone().webp({ lossless: true }).toFile(file('8.webp'))
    const expected = await readSample(file('8.png'), format({}))
    for (const name of ['16.png', '8.tif', '8.ppm', '8.webp'])
      expect(await readSample(file(name), format({})), name).toEqual(expected)
    await plain.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toFile(file('cmyk.jpg'))
    expect(await readSample(file('cmyk.jpg'), format({}))).toHaveLength(192)
  })

  it('turns pictures upright', async () => {
    const corner = new Uint8Array(8 * 4 * 3)
    corner.fill(255, 0, 3)
    await raw(8, 4, 3, corner).withMetadata({ orientation: 6 }).png().toFile(file('turned.png'))
    const upright = await readSample(file('turned.png'), format({ width: 4, channels: 1 }))
    expect(upright[3]).toBe(255)
    expect(upright[0]).toBe(0)
  })

  it('reduces without aliasing, large JPEG too', async () => {
    // A checkerboard of single pixels is gray from afar.
    const board = Uint8Array.from({ length: 512 * 512 }, (_, i) =>
      ((i % 512) + Math.floor(i / 512)) % 2 === 0 ? 255 : 0,
    )
    await raw(512, 512, 1, board).png().toFile(file('board.png'))
    await raw(512, 512, 1, board).jpeg({ quality: 100 }).toFile(file('board.jpg'))
    for (const name of ['board.png', 'board.jpg'])
      for (const value of await readSample(file(name), format({ channels: 1 })))
        expect(Math.abs(value - 127.5)).toBeLessThan(12)
  })

  it('refuses what is no picture, and one that is cut off even where the crop would leave that out', async () => {
    await writeFile(file('none.png'), 'hello')
    await expect(readSample(file('none.png'), format({}))).rejects.toMatchObject({
      detail: { code: 'image-unreadable', file: file('none.png') },
    })
    for (const ending of ['png', 'jpeg'] as const) {
      const bytes = await raw(64, 640, 3, drawPicture(3, 64, 640))
        .toFormat(ending)
        .toBuffer()
      await writeFile(file(`cut.${ending}`), bytes.subarray(0, Math.floor(bytes.length * 0.85)))
      const path = file(`cut.${ending}`)
      const unreadable = { detail: { code: 'image-unreadable', file: path } }
      await expect(readSample(path, format({}))).rejects.toMatchObject(unreadable)
      await expect(checkImage(path)).rejects.toMatchObject(unreadable)
    }
  })
})

describe('fitSample', () => {
  it('does for pixels what readSample does for their file', async () => {
    const data = drawPicture(4, 30, 20)
    await raw(30, 20, 3, data).png().toFile(file('same.png'))
    for (const fit of ['cover', 'contain', 'stretch'] as const)
      for (const channels of [1, 3, 4] as const)
        expect(
          await fitSample({ width: 30, height: 20, channels: 3, data }, format({ fit, channels })),
        ).toEqual(await readSample(file('same.png'), format({ fit, channels })))
  })
})

describe('readSmall and checkImage', () => {
  it('reduce to fit, never enlarge, and tell the upright size', async () => {
    await writePicture(file('small.png'), 1, 20, 10)
    expect(await readSmall(file('small.png'), 64)).toMatchObject({ width: 20, height: 10, channels: 4 })
    expect(await readSmall(file('small.png'), 10)).toMatchObject({ width: 10, height: 5 })
    expect(await checkImage(file('small.png'))).toEqual({ width: 20, height: 10, isTransparent: false })
    await sharp(drawPicture(1, 1200, 1000), { raw: { width: 1200, height: 1000, channels: 3 } })
      .withMetadata({ orientation: 8 })
      .jpeg()
      .toFile(file('large.jpg'))
    expect(await checkImage(file('large.jpg'))).toMatchObject({ width: 1000, height: 1200 })
  })
})
