import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ImagePage } from '../../../src-main/engine/storage/image.ts'
import { readImage, writeImage } from '../../../src-main/engine/storage/images.ts'
import { temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
let files = 0

async function read(bytes: Uint8Array, extension: string): Promise<ImagePage> {
  const path = file(`${++files}.${extension}`)
  await writeFile(path, bytes)
  const image = await readImage(path)
  expect(image.pages).toHaveLength(1)
  return image.pages[0]!
}

interface BmpOptions {
  width: number
  height: number
  bits: number
  compression?: number
  palette?: number[][]
  masks?: number[]
  /** Rows as they stand in the file, padded. */
  rows: number[][]
}

function bmp({
  width,
  height,
  bits,
  compression = 0,
  palette = [],
  masks = [],
  rows,
}: BmpOptions): Uint8Array {
  const headerSize = masks.length === 4 ? 56 : 40
  const extra = headerSize === 40 ? masks.length * 4 : 0
  const dataAt = 14 + headerSize + extra + palette.length * 4
  const head = Buffer.alloc(dataAt)
  head.write('BM')
  head.writeUInt32LE(dataAt, 10)
  head.writeUInt32LE(headerSize, 14)
  head.writeInt32LE(width, 18)
  head.writeInt32LE(height, 22)
  head.writeUInt16LE(1, 26)
  head.writeUInt16LE(bits, 28)
  head.writeUInt32LE(compression, 30)
  head.writeInt32LE(3780, 38)
  head.writeInt32LE(3780, 42)
  head.writeUInt32LE(palette.length, 46)
  masks.forEach((mask, i) => head.writeUInt32LE(mask >>> 0, 54 + 4 * i))
  palette.forEach(([r, g, b], i) => head.set([b!, g!, r!, 0], dataAt - palette.length * 4 + 4 * i))
  return Buffer.concat([head, Buffer.from(rows.flat())])
}

describe('BMP', () => {
  it('24 bits, bottom up and top down', async () => {
    const rows = [
      [3, 2, 1, 6, 5, 4, 0, 0],
      [9, 8, 7, 12, 11, 10, 0, 0],
    ]
    const bottomUp = await read(bmp({ width: 2, height: 2, bits: 24, rows }), 'bmp')
    expect(bottomUp).toMatchObject({ width: 2, height: 2, channels: 3, white: 255, black: 0, alpha: null })
    expect([...bottomUp.data]).toEqual([7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6])
    const topDown = await read(bmp({ width: 2, height: -2, bits: 24, rows }), 'bmp')
    expect([...topDown.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  })

  it('32 bits: the fourth byte is alpha only where a mask says so', async () => {
    const rows = [[3, 2, 1, 77, 6, 5, 4, 88]]
    const plain = await read(bmp({ width: 2, height: 1, bits: 32, rows }), 'bmp')
    expect([...plain.data]).toEqual([1, 2, 3, 4, 5, 6])
    expect(plain.alpha).toBeNull()
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000]
    const masked = await read(bmp({ width: 2, height: 1, bits: 32, compression: 3, masks, rows }), 'bmp')
    expect([...masked.data]).toEqual([1, 2, 3, 4, 5, 6])
    expect([...masked.alpha!]).toEqual([77, 88])
  })

  it('16 bits: five a colour, or as the masks say', async () => {
    const value = (31 << 10) | (16 << 5) | 1
    const rows = [[value & 255, value >> 8, 0, 0]]
    expect([...(await read(bmp({ width: 1, height: 1, bits: 16, rows }), 'bmp')).data]).toEqual([255, 132, 8])
    const masks = [0xf800, 0x7e0, 0x1f]
    const wide = await read(
      bmp({ width: 1, height: 1, bits: 16, compression: 3, masks, rows: [[0, 0xf8, 0, 0]] }),
      'bmp',
    )
    expect([...wide.data]).toEqual([255, 0, 0])
  })

  it('palettes: colour, and gray as gray', async () => {
    const colours = [
      [10, 20, 30],
      [200, 100, 0],
    ]
    const rows = [[1, 0, 1, 0]]
    const colour = await read(bmp({ width: 3, height: 1, bits: 8, palette: colours, rows }), 'bmp')
    expect([...colour.data]).toEqual([200, 100, 0, 10, 20, 30, 200, 100, 0])
    const grays = [0, 85, 170, 255].map((v) => [v, v, v])
    const four = await read(
      bmp({ width: 3, height: 1, bits: 4, palette: grays, rows: [[0x31, 0x20, 0, 0]] }),
      'bmp',
    )
    expect(four.channels).toBe(1)
    expect([...four.data]).toEqual([255, 85, 170])
    const one = await read(
      bmp({ width: 3, height: 1, bits: 1, palette: [grays[0]!, grays[3]!], rows: [[0b10100000, 0, 0, 0]] }),
      'bmp',
    )
    expect([...one.data]).toEqual([255, 0, 255])
  })

  it('refuses run-length coding and missing rows', async () => {
    const rows = [[3, 2, 1, 6, 5, 4, 0, 0]]
    await expect(
      read(bmp({ width: 2, height: 1, bits: 8, compression: 1, rows }), 'bmp'),
    ).rejects.toMatchObject({
      detail: { code: 'image-unreadable', received: 'RLE8 compression' },
    })
    await expect(read(bmp({ width: 2, height: 3, bits: 24, rows }), 'bmp')).rejects.toMatchObject({
      detail: { code: 'image-unreadable', received: 'fewer' },
    })
  })

  it('keeps the resolution when it becomes PNG', async () => {
    const path = file('dense.bmp')
    await writeFile(path, bmp({ width: 1, height: 1, bits: 24, rows: [[3, 2, 1, 0]] }))
    const image = await readImage(path)
    const out = file('dense.png')
    const { warnings } = await writeImage(image, out, { format: 'keep', quality: null, overwrite: false })
    expect(warnings).toEqual(['container-changed'])
    expect((await readImage(out)).metadata.density).toEqual({ x: 3780, y: 3780, unit: 'metre' })
  })
})

describe('PNM', () => {
  const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')

  it.each([
    ['P1', ascii('P1\n# bits need no spaces\n3 2\n101 0 1 0'), 1, [0, 255, 0, 255, 0, 255]],
    ['P2', ascii('P2 3 1 255\n0 128\n255'), 1, [0, 128, 255]],
    ['P3', ascii('P3\n1 1\n15\n15 0 3\n'), 3, [255, 0, 51]],
    [
      'P4',
      Buffer.concat([ascii('P4 9 1\n'), Uint8Array.of(0b10000000, 0b10000000)]),
      1,
      [0, 255, 255, 255, 255, 255, 255, 255, 0],
    ],
    ['P5', Buffer.concat([ascii('P5\n# made by hand\n2 1\n255\n'), Uint8Array.of(7, 9)]), 1, [7, 9]],
    [
      'P6',
      Buffer.concat([ascii('P6 1 2 255 '), Uint8Array.of(10, 13, 32, 35, 1, 2)]),
      3,
      [10, 13, 32, 35, 1, 2],
    ],
  ] as const)('%s', async (_, bytes, channels, values) => {
    const page = await read(bytes, 'pnm')
    expect(page).toMatchObject({ channels, white: 255 })
    expect([...page.data]).toEqual(values)
  })

  it('16 bits, and values that end below the top', async () => {
    const full = await read(
      Buffer.concat([ascii('P5 2 1 65535\n'), Uint8Array.of(0x12, 0x34, 0xff, 0xff)]),
      'pgm',
    )
    expect(full.data).toEqual(Uint16Array.of(0x1234, 0xffff))
    const tenBits = await read(
      Buffer.concat([ascii('P5 2 1 1023\n'), Uint8Array.of(0x03, 0xff, 0x02, 0x00)]),
      'pgm',
    )
    expect(tenBits).toMatchObject({ white: 65535 })
    expect(tenBits.data).toEqual(Uint16Array.of(65535, Math.round((512 * 65535) / 1023)))
    const path = file('deep.png')
    const image = { ...(await readImage(file(`${files}.pgm`))) }
    await writeImage(image, path, { format: 'keep', quality: null, overwrite: false })
    expect((await readImage(path)).pages[0]!.data).toEqual(tenBits.data)
  })

  it('refuses missing samples', async () => {
    for (const bytes of [ascii('P5 4 4 255\nshort'), ascii('P2 2 2 255\n1 2 3'), ascii('P4 9 9\n\0')])
      await expect(read(bytes, 'pnm')).rejects.toMatchObject({ detail: { code: 'image-unreadable' } })
  })
})
