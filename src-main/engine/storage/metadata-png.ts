import { crc32, deflateSync, inflateSync } from 'node:zlib'
import { concatBytes, fromLatin1, latin1, viewOf, type ReadAt } from './bytes.ts'
import { emptyMetadata, type Density, type ImageMetadata, type ImageWarning } from './image.ts'

/** Chunks of a PNG file (W3C PNG, third edition) that carry what is not pixels. */
export interface Chunk {
  type: string
  data: Uint8Array
}

export const signatureBytes = 8
const xmpKeyword = 'XML:com.adobe.xmp'
/** Photoshop image resources as ImageMagick and ExifTool write and read them: hexadecimal in a text chunk. */
const photoshopKeyword = 'Raw profile type iptc'

/** Chunks that say something about the picture that only PNG says in this way; kept from PNG to PNG. */
const nativeTypes = new Set(['tEXt', 'zTXt', 'iTXt', 'tIME', 'gAMA', 'cHRM', 'sRGB', 'mDCV', 'cLLI'])
/** Chunks that the pixels cannot be decoded without. */
const pixelTypes = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'])
const maxChunk = 64 * 2 ** 20

export interface PngFacts {
  /** Every colour of the palette is gray. */
  grayPalette: boolean
  animated: boolean
}

/** Metadata of a PNG file, and what else its chunks say. */
export async function readPngMetadata(
  read: ReadAt,
): Promise<{ metadata: ImageMetadata; warnings: ImageWarning[] } & PngFacts> {
  const metadata = emptyMetadata()
  const warnings = new Set<ImageWarning>()
  const native: Chunk[] = []
  let grayPalette = false
  let animated = false

  for (let at = signatureBytes; ;) {
    const head = await read(at, 8)
    if (head.length < 8) break
    const length = viewOf(head).getUint32(0)
    const type = latin1(head.subarray(4))
    if (type === 'IEND') break
    if (type !== 'IDAT' && length <= maxChunk) {
      const data = await read(at + 8, length)
      if (type === 'IHDR') metadata.source.bits = data[8]!
      else if (type === 'PLTE') grayPalette = isGray(data)
      else if (type === 'acTL') animated = true
      else if (type === 'eXIf') metadata.exif = data
      else if (type === 'pHYs') metadata.density = densityOf(data)
      else if (type === 'cICP') metadata.cicp = { primaries: data[0]!, transfer: data[1]! }
      else if (type === 'iCCP') {
        metadata.icc = inflate(data.subarray(data.indexOf(0) + 2))
        if (metadata.icc === null) warnings.add('metadata-unreadable')
      } else if (nativeTypes.has(type) && !takeText(metadata, type, data)) native.push({ type, data })
    }
    at += 12 + length
  }
  if (native.length > 0) metadata.native = { container: 'png', chunks: native }
  return { metadata, warnings: [...warnings], grayPalette, animated }
}

function isGray(palette: Uint8Array): boolean {
  for (let i = 0; i + 2 < palette.length; i += 3)
    if (palette[i] !== palette[i + 1] || palette[i] !== palette[i + 2]) return false
  return true
}

function densityOf(data: Uint8Array): Density {
  const view = viewOf(data)
  return { unit: data[8] === 1 ? 'metre' : 'none', x: view.getUint32(0), y: view.getUint32(4) }
}

/** Text that grows beyond this when inflated is an attack, not metadata. */
function inflate(data: Uint8Array): Uint8Array | null {
  try {
    return Uint8Array.from(inflateSync(data, { maxOutputLength: maxChunk }))
  } catch {
    return null
  }
}

/** Takes the text chunks that are metadata of a common kind; false for any other text. */
function takeText(metadata: ImageMetadata, type: string, data: Uint8Array): boolean {
  const end = data.indexOf(0)
  const keyword = latin1(data.subarray(0, end))
  if (type === 'iTXt' && keyword === xmpKeyword) {
    // After the keyword: compression flag, method, language, translated keyword, each text ended by a zero byte.
    const textAt = data.indexOf(0, data.indexOf(0, end + 3) + 1) + 1
    const text = data.slice(textAt)
    metadata.xmp = data[end + 1] === 1 ? inflate(text) : text
    return metadata.xmp !== null
  }
  if (keyword === photoshopKeyword && (type === 'tEXt' || type === 'zTXt')) {
    const text = type === 'zTXt' ? inflate(data.subarray(end + 2)) : data.subarray(end + 1)
    const match = text === null ? null : /^\s*\w+\s+\d+\s+([0-9a-f\s]+)$/i.exec(latin1(text))
    const bytes = Uint8Array.from(Buffer.from((match?.[1] ?? '').replace(/\s/g, ''), 'hex'))
    if (latin1(bytes.subarray(0, 4)) !== '8BIM') return false
    metadata.photoshop = bytes
    return true
  }
  return false
}

/** The parts of a PNG file that has this metadata, from one without; what its encoder said itself is taken out. */
export function withPngMetadata(encoded: Uint8Array, metadata: ImageMetadata): { parts: Uint8Array[] } {
  const { icc, exif, xmp, photoshop, density, cicp } = metadata
  const added: Chunk[] = []
  if (cicp !== null) added.push({ type: 'cICP', data: Uint8Array.of(cicp.primaries, cicp.transfer, 0, 1) })
  if (icc !== null) added.push({ type: 'iCCP', data: concatBytes([fromLatin1('icc\0\0'), deflateSync(icc)]) })
  const native = metadata.native?.container === 'png' ? metadata.native.chunks : []
  added.push(...native)
  if (density !== null) added.push({ type: 'pHYs', data: physicalSize(density) })
  if (exif !== null) added.push({ type: 'eXIf', data: exif })
  if (xmp !== null)
    added.push({ type: 'iTXt', data: concatBytes([fromLatin1(`${xmpKeyword}\0\0\0\0\0`), xmp]) })
  if (photoshop !== null) {
    const text = `\niptc\n${String(photoshop.length).padStart(8)}\n${Buffer.from(photoshop).toString('hex')}\n`
    const data = concatBytes([fromLatin1(`${photoshopKeyword}\0\0`), deflateSync(fromLatin1(text))])
    added.push({ type: 'zTXt', data })
  }

  const parts: Uint8Array[] = [encoded.subarray(0, signatureBytes)]
  const view = viewOf(encoded)
  for (let at = signatureBytes; at < encoded.length;) {
    const end = at + 12 + view.getUint32(at)
    const type = latin1(encoded.subarray(at + 4, at + 8))
    if (pixelTypes.has(type)) parts.push(encoded.subarray(at, end))
    if (type === 'IHDR') parts.push(...added.map(chunkBytes))
    at = end
  }
  return { parts }
}

/** A chunk as it stands in the file: length, type, data, checksum. */
export function chunkBytes({ type, data }: Chunk): Uint8Array {
  const bytes = concatBytes([new Uint8Array(4), fromLatin1(type), data, new Uint8Array(4)])
  const view = viewOf(bytes)
  view.setUint32(0, data.length)
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(4, bytes.length - 4)))
  return bytes
}

function physicalSize({ x, y, unit }: Density): Uint8Array {
  const data = new Uint8Array(9)
  const perMetre = { inch: 1 / 0.0254, cm: 100, metre: 1, none: 1 }[unit]
  viewOf(data).setUint32(0, Math.round(x * perMetre))
  viewOf(data).setUint32(4, Math.round(y * perMetre))
  data[8] = unit === 'none' ? 0 : 1
  return data
}
