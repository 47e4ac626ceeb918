import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { DarkroomError } from '../../contract/errors.ts'
import type { Samples } from '../numeric/samples.ts'
import { readAtBytes, viewOf } from './bytes.ts'
import type { Density, ImageMetadata, ImagePage } from './image.ts'
import { structuralTags, tiffTags } from './metadata-tiff.ts'
import { iptcOf } from './photoshop.ts'
import {
  directoryBytes,
  headerBytes,
  integerEntry,
  readDirectory,
  readTiffHeader,
  type TiffTag,
} from './tiff.ts'

/** Uncompressed bytes of a strip: small enough to stay in the cache, large enough to compress well. */
const stripBytes = 2 ** 18
/** Strips that are compressed at the same time, on the thread pool. */
const stripsAtOnce = 4
/** zlib's level: above it noise grows no smaller, only slower. */
const deflateLevel = 4
const maxOffset = 2 ** 32 - 1

const deflateAsync = promisify(deflate)

interface Layout {
  littleEndian: boolean
  compress: boolean
}

/**
 * Writes pages as a baseline TIFF 6.0 file: strips, pixel-interleaved, 8 or 16 bits or 32-bit floats as the page has them,
 * alpha unassociated. Integers are compressed with Deflate after horizontal differencing, floats with Deflate; nothing
 * is where the source was not.
 *
 * An Exif block is itself a TIFF structure whose offsets count from its start, so the file begins with it: every offset in
 * it, those inside maker notes too, stays right. Its byte order is then the file's.
 *
 * @throws DarkroomError `image-too-large` beyond 4 GiB; file system errors as they are
 */
export async function writeTiff(path: string, pages: ImagePage[], metadata: ImageMetadata): Promise<void> {
  const exif = metadata.exif ?? new Uint8Array(0)
  const exifHeader = await readTiffHeader(readAtBytes(exif))
  const native = metadata.native?.container === 'tiff' ? metadata.native : null
  const layout: Layout = {
    littleEndian: exifHeader?.littleEndian ?? native?.littleEndian ?? true,
    compress: !metadata.source.uncompressed,
  }
  const { littleEndian } = layout
  const exifMain =
    exifHeader === null
      ? []
      : (await readDirectory(readAtBytes(exif), exifHeader, exifHeader.firstDirectory)).entries

  const file = await open(path, 'w')
  try {
    let at = 0
    const append = async (bytes: Uint8Array): Promise<number> => {
      const start = at
      if (at + bytes.length > maxOffset)
        throw new DarkroomError('image-too-large', { file: path, expected: 'less than 4 GiB of TIFF' })
      await file.writev([bytes], at)
      at += bytes.length
      // Offsets are even by the standard.
      if ((at & 1) === 1) at += 1
      return start
    }
    await append(exifHeader === null ? headerBytes(littleEndian, 0) : exif)
    let linkAt = 4
    for (const [index, page] of pages.entries()) {
      const strips = await writeStrips(page, layout, append)
      const entries = new Map<number, TiffTag>()
      const add = (added: TiffTag[]): void => added.forEach((entry) => entries.set(entry.tag, entry))
      if (index === 0) add(exifMain.filter(({ tag }) => !structuralTags.has(tag)))
      if (native?.littleEndian === littleEndian) add(native.pages[index] ?? [])
      if (index === 0) add(carriedEntries(metadata, littleEndian))
      add(pixelEntries(page, strips, layout))
      const directory = directoryBytes([...entries.values()], at, 0, littleEndian)
      const directoryAt = await append(directory)
      await file.writev([littleEndianLong(directoryAt, littleEndian)], linkAt)
      linkAt = directoryAt + 2 + 12 * entries.size
    }
    await file.truncate(at)
  } finally {
    await file.close()
  }
}

function littleEndianLong(value: number, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(4)
  viewOf(bytes).setUint32(0, value, littleEndian)
  return bytes
}

interface Strips {
  rows: number
  offsets: number[]
  sizes: number[]
}

async function writeStrips(
  page: ImagePage,
  layout: Layout,
  append: (bytes: Uint8Array) => Promise<number>,
): Promise<Strips> {
  const rowBytes = page.width * samplesPerPixel(page) * page.data.BYTES_PER_ELEMENT
  const rows = Math.max(1, Math.min(page.height, Math.floor(stripBytes / rowBytes)))
  const offsets: number[] = []
  const sizes: number[] = []
  for (let first = 0; first < page.height; first += rows * stripsAtOnce) {
    const strips: Promise<Uint8Array>[] = []
    for (let top = first; top < page.height && strips.length < stripsAtOnce; top += rows) {
      const bytes = stripOf(page, top, Math.min(rows, page.height - top), layout)
      strips.push(layout.compress ? deflateAsync(bytes, { level: deflateLevel }) : Promise.resolve(bytes))
    }
    for (const strip of await Promise.all(strips)) {
      offsets.push(await append(strip))
      sizes.push(strip.length)
    }
  }
  return { rows, offsets, sizes }
}

const samplesPerPixel = (page: ImagePage): number => page.channels + (page.alpha === null ? 0 : 1)

/** Rows as they stand in the file: alpha in its place, differences if compressed, the file's byte order. */
function stripOf(page: ImagePage, top: number, rows: number, { littleEndian, compress }: Layout): Uint8Array {
  const { width, channels, data, alpha } = page
  const stride = samplesPerPixel(page)
  const pixels = width * rows
  const samples: Samples = data.slice(top * width * channels, (top * width + pixels) * channels)
  const joined =
    alpha === null ? samples : new (samples.constructor as new (length: number) => Samples)(pixels * stride)
  if (alpha !== null)
    for (let i = 0; i < pixels; i++) {
      for (let c = 0; c < channels; c++) joined[i * stride + c] = samples[i * channels + c]!
      joined[i * stride + channels] = alpha[top * width + i]!
    }
  if (compress && !(joined instanceof Float32Array))
    for (let row = 0; row < rows; row++)
      for (let i = width * stride - 1; i >= stride; i--)
        joined[row * width * stride + i]! -= joined[row * width * stride + i - stride]!
  const bytes = Buffer.from(joined.buffer, joined.byteOffset, joined.byteLength)
  // Typed arrays are little-endian on every system that Node runs on but a few, which fail the tests of this module.
  if (!littleEndian && joined.BYTES_PER_ELEMENT === 2) bytes.swap16()
  if (!littleEndian && joined.BYTES_PER_ELEMENT === 4) bytes.swap32()
  return bytes
}

function pixelEntries(page: ImagePage, strips: Strips, { littleEndian, compress }: Layout): TiffTag[] {
  const stride = samplesPerPixel(page)
  const float = page.data instanceof Float32Array
  const short = (tag: number, ...numbers: number[]): TiffTag => integerEntry(tag, 3, numbers, littleEndian)
  const long = (tag: number, ...numbers: number[]): TiffTag => integerEntry(tag, 4, numbers, littleEndian)
  const perSample = (value: number): number[] => Array<number>(stride).fill(value)
  return [
    long(256, page.width),
    long(257, page.height),
    short(tiffTags.bitsPerSample, ...perSample(8 * page.data.BYTES_PER_ELEMENT)),
    short(tiffTags.compression, compress ? 8 : 1),
    short(262, page.channels === 1 ? 1 : 2),
    long(273, ...strips.offsets),
    short(277, stride),
    long(278, strips.rows),
    long(279, ...strips.sizes),
    short(284, 1),
    ...(compress && !float ? [short(317, 2)] : []),
    ...(page.alpha === null ? [] : [short(338, 2)]),
    short(339, ...perSample(float ? 3 : 1)),
  ]
}

/** Metadata that stands in fields of its own. */
function carriedEntries(metadata: ImageMetadata, littleEndian: boolean): TiffTag[] {
  const { icc, xmp, photoshop, density } = metadata
  const bytes = (tag: number, type: number, value: Uint8Array | null): TiffTag[] =>
    value === null ? [] : [{ tag, type, count: value.length, value }]
  return [
    ...bytes(tiffTags.icc, 7, icc),
    ...bytes(tiffTags.xmp, 1, xmp),
    ...bytes(tiffTags.photoshop, 7, photoshop),
    ...bytes(tiffTags.iptc, 7, photoshop === null ? null : iptcOf(photoshop)),
    ...(density === null ? [] : densityEntries(density, littleEndian)),
  ]
}

function densityEntries(density: Density, littleEndian: boolean): TiffTag[] {
  const perInch = density.unit === 'metre' ? 0.0254 : 1
  const unit = { none: 1, inch: 2, metre: 2, cm: 3 }[density.unit]
  // A rational is two integers: whole numbers exactly, others to four decimals (a million in microscopy still fits).
  const rational = (tag: number, value: number): TiffTag => {
    const scale = Number.isInteger(value)
      ? 1
      : 10 ** Math.max(0, Math.min(6, Math.floor(9 - Math.log10(value))))
    const { value: bytes } = integerEntry(tag, 4, [Math.round(value * scale), scale], littleEndian)
    return { tag, type: 5, count: 1, value: bytes }
  }
  return [
    rational(tiffTags.xResolution, density.x * perInch),
    rational(tiffTags.yResolution, density.y * perInch),
    integerEntry(tiffTags.resolutionUnit, 3, [unit], littleEndian),
  ]
}
