import { readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OutputFormat } from '../../../src-main/contract/jobs.ts'
import { readAtBytes } from '../../../src-main/engine/storage/bytes.ts'
import type { ImageFile } from '../../../src-main/engine/storage/image.ts'
import { probeImage, readImage, writeImage } from '../../../src-main/engine/storage/images.ts'
import { readAvifMetadata } from '../../../src-main/engine/storage/metadata-avif.ts'
import {
  imageOf,
  noisePage,
  patternBytes,
  smoothPage,
  temporaryFolder,
} from '../../support/image-fixtures.ts'
import {
  chunksOf,
  exifBlock,
  iptcRecords,
  jpegWith,
  makerNoteAt,
  photoshopResources,
  segment,
  segmentsOf,
  xmpPacket,
} from '../../support/metadata-fixtures.ts'

const file = temporaryFolder()
let files = 0
let jpeg: Uint8Array
/** libvips' Display P3 profile, as any photo editor would embed one. */
let p3: Uint8Array

beforeAll(async () => {
  const { data, width, height } = smoothPage(13, 7)
  const pixels = sharp(data, { raw: { width, height, channels: 3 } })
  jpeg = await pixels.clone().jpeg({ quality: 95 }).toBuffer()
  const tagged = await pixels.clone().withIccProfile('p3').png().toBuffer()
  p3 = Uint8Array.from((await sharp(tagged).metadata()).icc!)
})

async function readBytes(bytes: Uint8Array): Promise<ImageFile> {
  const path = file(`${++files}`)
  await writeFile(path, bytes)
  return readImage(path)
}

async function written(
  image: ImageFile,
  format: OutputFormat,
): Promise<{ bytes: Uint8Array; warnings: string[]; path: string }> {
  const path = file(`${++files}`)
  const { warnings } = await writeImage(image, path, { format, quality: null, overwrite: false })
  return { bytes: Uint8Array.from(await readFile(path)), warnings, path }
}

describe('JPEG to JPEG', () => {
  it('keeps every metadata segment byte for byte', async () => {
    const icc = patternBytes(100_000)
    const segments = [
      segment.jfif(1, 300, 300),
      segment.exif(exifBlock()),
      segment.xmp(xmpPacket()),
      segment.extendedXmp(patternBytes(60_000, 3)),
      segment.extendedXmp(patternBytes(5_000, 5)),
      segment.photoshop(photoshopResources),
      segment.icc(icc.subarray(0, 65_519), 1, 2),
      segment.icc(icc.subarray(65_519), 2, 2),
      segment.comment('by hand'),
    ]
    const source = jpegWith(jpeg, segments)
    const image = await readBytes(source)
    expect(image.warnings).toEqual([])
    expect(image.metadata.icc).toEqual(icc)
    const { bytes, warnings } = await written(image, 'keep')
    expect(warnings).toEqual([])
    for (const marker of [0xe0, 0xe1, 0xe2, 0xed, 0xfe])
      expect(segmentsOf(bytes, marker)).toEqual(segmentsOf(source, marker))
  })

  it('puts parts of a profile in their order', async () => {
    const icc = patternBytes(200)
    const source = jpegWith(jpeg, [
      segment.icc(icc.subarray(90), 2, 2),
      segment.icc(icc.subarray(0, 90), 1, 2),
    ])
    expect((await readBytes(source)).metadata.icc).toEqual(icc)
  })

  it('warns of further pictures in the file', async () => {
    const multi: [number, Uint8Array] = [0xe2, Uint8Array.from(Buffer.from('MPF\0II*\0'))]
    expect((await readBytes(jpegWith(jpeg, [multi]))).warnings).toEqual(['extra-pictures-dropped'])
  })
})

describe('across containers', () => {
  const source = (): Uint8Array =>
    jpegWith(jpeg, [
      segment.jfif(1, 300, 200),
      segment.exif(exifBlock()),
      segment.xmp(xmpPacket()),
      segment.photoshop(photoshopResources),
      segment.icc(p3),
    ])

  it.each(['png', 'tiff', 'webp', 'avif'] as const)('JPEG to %s and back to JPEG', async (format) => {
    const image = await readBytes(source())
    const { path, bytes, warnings } = await written(image, format)
    const holdsIptc = format === 'png' || format === 'tiff'
    expect(warnings).toEqual(holdsIptc ? [] : ['metadata-dropped'])
    // Another reader finds the same: the library's own parsers.
    const seen = await sharp(bytes).metadata()
    expect(Uint8Array.from(seen.icc!)).toEqual(p3)
    expect(Uint8Array.from(seen.xmp!)).toEqual(xmpPacket())

    const back = await readImage(path)
    expect(back.metadata.icc).toEqual(p3)
    expect(back.metadata.xmp).toEqual(xmpPacket())
    expect(back.metadata.photoshop).toEqual(holdsIptc ? photoshopResources : null)
    if (format === 'png' || format === 'webp') expect(back.metadata.exif).toEqual(exifBlock())
    if (format === 'png') expect(seen.density).toBe(300)
    if (format === 'tiff') {
      // The file begins with the Exif block, so that the maker note stands where it says it does.
      expect(bytes.subarray(8, exifBlock().length)).toEqual(exifBlock().subarray(8))
      expect(new DataView(bytes.buffer).getUint32(makerNoteAt, true)).toBe(makerNoteAt)
      expect(back.metadata.density).toEqual({ x: 300, y: 200, unit: 'inch' })
      expect(Uint8Array.from(seen.iptc!)).toEqual(iptcRecords)
    }

    const again = await written(back, 'jpeg')
    expect(segmentsOf(again.bytes, 0xe2)).toEqual([segment.icc(p3)[1]])
    expect(segmentsOf(again.bytes, 0xe1)).toContainEqual(segment.xmp(xmpPacket())[1])
    if (holdsIptc) expect(segmentsOf(again.bytes, 0xed)).toEqual([segment.photoshop(photoshopResources)[1]])
    if (format === 'png') expect(segmentsOf(again.bytes, 0xe0)).toEqual([segment.jfif(1, 300, 200)[1]])
  })

  it('takes Exif from TIFF in either byte order', async () => {
    for (const littleEndian of [true, false]) {
      const image = await readBytes(jpegWith(jpeg, [segment.exif(exifBlock({ littleEndian }))]))
      const tiff = await written({ ...image, pages: [noisePage({ type: 'uint16' })] }, 'tiff')
      const back = await readImage(tiff.path)
      expect(back.pages[0]!.data).toEqual(noisePage({ type: 'uint16' }).data)
      const png = await written(back, 'png')
      const [exif] = chunksOf(png.bytes, 'eXIf')
      expect(Buffer.from(exif!).toString('latin1')).toContain('Ace')
      // The maker note's own bytes are all there.
      const note = exifBlock({ littleEndian }).subarray(makerNoteAt)
      expect(Buffer.from(exif!).includes(Buffer.from(note))).toBe(true)
    }
  })

  it('warns of a block that a JPEG segment cannot hold', async () => {
    const image = imageOf([smoothPage()])
    image.metadata.exif = patternBytes(70_000)
    const { bytes, warnings } = await written(image, 'jpeg')
    expect(warnings).toEqual(['metadata-dropped'])
    expect(segmentsOf(bytes, 0xe1)).toEqual([])
  })
})

describe('PNG to PNG', () => {
  it('keeps text, gamma, size and colour numbers', async () => {
    const image = imageOf([noisePage()])
    const text = { type: 'tEXt', data: Uint8Array.from(Buffer.from('Title\0Harbour')) }
    const gamma = { type: 'gAMA', data: Uint8Array.of(0, 1, 134, 160) }
    image.metadata.native = { container: 'png', chunks: [text, gamma] }
    image.metadata.density = { x: 11811, y: 11810, unit: 'metre' }
    image.metadata.cicp = { primaries: 12, transfer: 16 }
    const { bytes, path } = await written(image, 'keep')
    expect(chunksOf(bytes, 'tEXt')).toEqual([text.data])
    expect(chunksOf(bytes, 'gAMA')).toEqual([gamma.data])
    expect(chunksOf(bytes, 'pHYs')).toEqual([Uint8Array.of(0, 0, 46, 35, 0, 0, 46, 34, 1)])
    expect(chunksOf(bytes, 'cICP')).toEqual([Uint8Array.of(12, 16, 0, 1)])
    const back = await readImage(path)
    expect(back.metadata).toEqual(image.metadata)
    // A gamma of 1 and those primaries are nothing that JPEG can say.
    expect((await written(back, 'jpeg')).warnings.sort()).toEqual([
      'colour-signalling-dropped',
      'metadata-dropped',
    ])
  })

  it('leaves out a profile that cannot be inflated, with a warning', async () => {
    const { bytes } = await written(
      { ...imageOf([noisePage()]), metadata: (await readBytes(jpegWith(jpeg, [segment.icc(p3)]))).metadata },
      'png',
    )
    const at = Buffer.from(bytes).indexOf('iCCP')
    bytes.fill(0x55, at + 20, at + 40)
    const image = await readBytes(bytes)
    expect(image.metadata.icc).toBeNull()
    expect(image.warnings).toEqual(['metadata-unreadable'])
  })
})

describe('wide gamut', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)('leaves samples alone in %s', async (format) => {
    // The same numbers under another profile are another colour: reading must not convert them.
    const plain = await written(imageOf([smoothPage()]), format)
    const tagged = imageOf([smoothPage()])
    tagged.metadata.icc = p3
    const { path } = await written(tagged, format)
    const back = await readImage(path)
    expect(back.metadata.icc).toEqual(p3)
    expect(back.pages[0]!.data).toEqual((await readImage(plain.path)).pages[0]!.data)
  })
})

describe('orientation', () => {
  /** Upright 3×2 picture of six gray levels as each orientation stores it (Exif 2.32, 4.6.4 A). */
  const stored: [number, number, number[]][] = [
    [1, 3, [0, 40, 80, 120, 160, 200]],
    [2, 3, [80, 40, 0, 200, 160, 120]],
    [3, 3, [200, 160, 120, 80, 40, 0]],
    [4, 3, [120, 160, 200, 0, 40, 80]],
    [5, 2, [0, 120, 40, 160, 80, 200]],
    [6, 2, [80, 200, 40, 160, 0, 120]],
    [7, 2, [200, 80, 160, 40, 120, 0]],
    [8, 2, [120, 0, 160, 40, 200, 80]],
  ]

  it.each(stored)('%i is applied once, and its tags reset', async (orientation, width, values) => {
    const upright = [0, 40, 80, 120, 160, 200]
    const height = 6 / width
    const image = imageOf([
      { width, height, channels: 1, data: Uint8Array.from(values), white: 255, black: 0, alpha: null },
    ])
    image.metadata.exif = exifBlock({ orientation, width, height })
    image.metadata.xmp = xmpPacket(
      `tiff:Orientation="${orientation}" exif:PixelXDimension="${width}" exif:PixelYDimension="${height}"`,
    )
    image.metadata.density = { x: 100, y: 50, unit: 'inch' }
    const { path } = await written(image, 'png')
    expect(await probeImage(path)).toMatchObject({ width: 3, height: 2 })

    const back = await readImage(path)
    expect(back.pages[0]).toMatchObject({ width: 3, height: 2, channels: 1 })
    expect([...back.pages[0]!.data]).toEqual(upright)
    expect(back.metadata.exif).toEqual(exifBlock({ orientation: 1, width: 3, height: 2 }))
    expect(back.metadata.xmp).toEqual(
      xmpPacket('tiff:Orientation="1" exif:PixelXDimension="3" exif:PixelYDimension="2"'),
    )
    const again = await readImage((await written(back, 'keep')).path)
    expect([...again.pages[0]!.data]).toEqual(upright)
  })

  it.each(['jpeg', 'webp', 'tiff'] as const)('works in %s too', async (container) => {
    const { data, width, height } = smoothPage(32, 24)
    const path = file(`oriented.${container}`)
    await sharp(data, { raw: { width, height, channels: 3 } })
      .toFormat(container, { quality: 100 })
      .withMetadata({ orientation: 6 })
      .toFile(path)
    expect(await probeImage(path)).toMatchObject({ container, width: 24, height: 32 })
    const image = await readImage(path)
    expect(image.pages[0]).toMatchObject({ width: 24, height: 32 })
    // Turned clockwise, the lower left corner comes to the upper left.
    const corner = data[23 * 32 * 3]!
    expect(Math.abs(image.pages[0]!.data[0]! - corner)).toBeLessThan(6)
    const out = await written(image, 'keep')
    const seen = await sharp(out.bytes).metadata()
    expect([seen.orientation ?? 1, seen.width, seen.height]).toEqual([1, 24, 32])
  })
})

describe('AVIF boxes', () => {
  const facts = () => sharp(jpeg).metadata()
  const boxes = (primaries: number, transfer: number, coding: number): Uint8Array =>
    Uint8Array.from([
      ...Buffer.from('av1C\x81\x04', 'latin1'),
      coding,
      ...Buffer.from('colrnclx'),
      ...[0, primaries, 0, transfer, 0, 6, 0x80],
    ])

  it('say gray, chroma sampling and colours by number', async () => {
    const read = async (head: Uint8Array) => readAvifMetadata(readAtBytes(head), await facts())
    const plain = await read(boxes(1, 13, 0x0c))
    expect(plain.gray).toBe(false)
    expect(plain.metadata).toMatchObject({ icc: null, cicp: null, source: { subsampled: true } })
    expect(await read(boxes(1, 13, 0x1c))).toMatchObject({ gray: true })
    expect((await read(boxes(9, 16, 0x00))).metadata).toMatchObject({
      icc: null,
      cicp: { primaries: 9, transfer: 16 },
      source: { subsampled: false },
    })
    // Display P3 gets the profile that says the same.
    expect((await read(boxes(12, 13, 0x00))).metadata).toMatchObject({ icc: p3, cicp: null })
  })
})
