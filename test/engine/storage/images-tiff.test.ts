import { open, readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readAtBytes, readAtFile } from '../../../src-main/engine/storage/bytes.ts'
import type { ImageFile, ImagePage } from '../../../src-main/engine/storage/image.ts'
import { readImage, probeImage, writeImage } from '../../../src-main/engine/storage/images.ts'
import {
  findEntry,
  readDirectories,
  readTiffHeader,
  type TiffEntry,
  type TiffTag,
} from '../../../src-main/engine/storage/tiff.ts'
import { imageOf, noisePage, temporaryFolder } from '../../support/image-fixtures.ts'

const file = temporaryFolder()
let files = 0

async function roundTrip(image: ImageFile): Promise<{ back: ImageFile; path: string; warnings: string[] }> {
  const path = file(`${++files}.tif`)
  const { warnings } = await writeImage(image, path, { format: 'keep', quality: null, overwrite: false })
  return { back: await readImage(path), path, warnings }
}

const entriesOf = async (path: string): Promise<TiffEntry[][]> => {
  const handle = await open(path)
  try {
    const read = readAtFile(handle)
    const header = (await readTiffHeader(read))!
    return (await readDirectories(read, header)).map(({ entries }) => entries)
  } finally {
    await handle.close()
  }
}

const text = (tag: number, value: string): TiffTag => {
  const bytes = Uint8Array.from(Buffer.from(`${value}\0`, 'latin1'))
  return { tag, type: 2, count: bytes.length, value: bytes }
}

describe('stacks', () => {
  it.each(['uint16', 'float32', 'uint8'] as const)('keeps the pages and samples of %s', async (type) => {
    const pages = [1, 2, 3].map((seed) => noisePage({ type, channels: 1, width: 20, height: 11, seed }))
    const { back, path } = await roundTrip(imageOf(pages, 'tiff'))
    expect(await probeImage(path)).toEqual({
      kind: 'image',
      container: 'tiff',
      width: 20,
      height: 11,
      pages: 3,
    })
    expect(back.pages.map(({ data }) => data)).toEqual(pages.map(({ data }) => data))
    // Another reader agrees.
    const second = await sharp(path, { page: 1 })
      .toColourspace(type === 'uint16' ? 'grey16' : 'b-w')
      .raw({ depth: { uint8: 'uchar', uint16: 'ushort', float32: 'float' }[type] as 'uchar' })
      .toBuffer()
    expect(second.equals(Buffer.from(pages[1]!.data.buffer))).toBe(true)
  })

  it('keeps pages of different sizes and kinds', async () => {
    const pages = [
      noisePage({ type: 'uint16' }),
      noisePage({ channels: 1, width: 3, height: 5, alpha: true }),
    ]
    const { back } = await roundTrip(imageOf(pages, 'tiff'))
    expect(back.pages.map(({ data }) => data)).toEqual(pages.map(({ data }) => data))
    expect(back.pages[1]!.alpha).toEqual(pages[1]!.alpha)
  })

  it('gives all pages one range of linear intensities', async () => {
    const dim = (low: number, high: number): ImagePage => ({
      ...noisePage({ type: 'uint16', channels: 1, width: 2, height: 1 }),
      data: Uint16Array.of(low, high),
    })
    const { back } = await roundTrip(imageOf([dim(100, 300), dim(150, 4000)], 'tiff'))
    expect(back.pages.map(({ black, white }) => [black, white])).toEqual([
      [100, 4000],
      [100, 4000],
    ])
    const single = await roundTrip(imageOf([dim(100, 300)], 'tiff'))
    expect(single.back.pages[0]).toMatchObject({ black: 0, white: 65535 })
  })

  it('finds the range of floats and replaces what is no finite number, with a warning', async () => {
    const page = noisePage({ type: 'float32', channels: 1, width: 4, height: 1 })
    page.data.set([NaN, -2.5, 7.25, Infinity])
    const { back } = await roundTrip(imageOf([page], 'tiff'))
    expect(back.pages[0]).toMatchObject({ black: -2.5, white: 7.25 })
    expect([...back.pages[0]!.data]).toEqual([-2.5, -2.5, 7.25, -2.5])
    expect(back.warnings).toEqual(['non-finite-replaced'])
    page.data.fill(3)
    expect((await roundTrip(imageOf([page], 'tiff'))).back.pages[0]).toMatchObject({ black: 3, white: 4 })
  })

  it('keeps each page’s own tags', async () => {
    const image = imageOf([noisePage(), noisePage()], 'tiff')
    const tags = [
      [text(270, 'ImageJ=1.54f\nimages=2\nunit=micron'), text(305, 'Scope'), text(50839, 'private')],
      [text(270, 'second')],
    ]
    image.metadata.native = { container: 'tiff', littleEndian: true, pages: tags }
    image.metadata.density = { x: 9.25, y: 4.5, unit: 'cm' }
    const { back, path, warnings } = await roundTrip(image)
    expect(warnings).toEqual([])
    const pages = await entriesOf(path)
    expect(findEntry(pages[0]!, 270)!.value).toEqual(tags[0]![0]!.value)
    expect(findEntry(pages[0]!, 305)!.value).toEqual(tags[0]![1]!.value)
    expect(findEntry(pages[0]!, 50839)!.value).toEqual(tags[0]![2]!.value)
    expect(findEntry(pages[1]!, 270)!.value).toEqual(tags[1]![0]!.value)
    expect(back.metadata.density).toEqual(image.metadata.density)
    // What Exif has a place for is carried in an Exif block from here on, the rest page by page; both go out again.
    const again = await roundTrip(back)
    expect(again.back.metadata).toEqual(back.metadata)
    expect(findEntry((await entriesOf(again.path))[0]!, 305)!.value).toEqual(tags[0]![1]!.value)
  })

  it('refuses a stack whose pages ImageJ keeps outside the directories', async () => {
    const image = imageOf([noisePage()], 'tiff')
    const tags = [[text(270, 'ImageJ=1.54f\nimages=9\n')]]
    image.metadata.native = { container: 'tiff', littleEndian: true, pages: tags }
    await expect(roundTrip(image)).rejects.toMatchObject({
      detail: { code: 'image-unreadable', expected: '9 pages', received: '1' },
    })
  })
})

describe('byte order and compression', () => {
  it.each(['uint16', 'float32', 'uint8'] as const)(
    'writes %s in big-endian files as it was',
    async (type) => {
      const image = imageOf([noisePage({ type, alpha: true })], 'tiff')
      image.metadata.native = { container: 'tiff', littleEndian: false, pages: [[text(305, 'Scope')]] }
      for (const uncompressed of [true, false]) {
        image.metadata.source.uncompressed = uncompressed
        const { back, path } = await roundTrip(image)
        expect((await readFile(path)).toString('latin1', 0, 2)).toBe('MM')
        expect(back.pages[0]!.data).toEqual(image.pages[0]!.data)
        expect(back.pages[0]!.alpha).toEqual(image.pages[0]!.alpha)
        expect(back.metadata.source.uncompressed).toBe(uncompressed)
      }
    },
  )

  it('reads what libtiff writes: tiles, LZW, floats with a predictor', async () => {
    const { data, width, height } = noisePage({ type: 'uint16', width: 40, height: 33 })
    const raw = { width, height, channels: 3 } as const
    for (const options of [
      { compression: 'lzw', tile: true },
      { compression: 'deflate', predictor: 'horizontal' },
    ] as const) {
      const path = file(`${++files}.tif`)
      await sharp(data, { raw })
        .toColourspace('rgb16')
        .tiff({ ...options, tileWidth: 16, tileHeight: 16 })
        .toFile(path)
      expect((await readImage(path)).pages[0]!.data).toEqual(data)
    }
  })

  it('stops at a loop of directories', async () => {
    const { path } = await roundTrip(imageOf([noisePage(), noisePage()], 'tiff'))
    const bytes = Uint8Array.from(await readFile(path))
    const read = readAtBytes(bytes)
    const header = (await readTiffHeader(read))!
    const view = new DataView(bytes.buffer)
    const second = view.getUint32(
      header.firstDirectory + 2 + 12 * view.getUint16(header.firstDirectory, true),
      true,
    )
    view.setUint32(second + 2 + 12 * view.getUint16(second, true), header.firstDirectory, true)
    expect(await readDirectories(read, header)).toHaveLength(2)
    const looped = file('loop.tif')
    await writeFile(looped, bytes)
    // libtiff refuses the loop or stops at it; either way it ends.
    const result = await readImage(looped).catch((error: unknown) => error)
    expect(result).toSatisfy((value: { pages?: unknown[]; detail?: { code: string } }) =>
      value.pages === undefined ? value.detail?.code === 'image-unreadable' : value.pages.length === 2,
    )
  })
})
