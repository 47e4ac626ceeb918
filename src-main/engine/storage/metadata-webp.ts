import { concatBytes, fromLatin1, latin1, viewOf, type ReadAt } from './bytes.ts'
import { emptyMetadata, type ImageMetadata } from './image.ts'

/** Chunks of a WebP file (RFC 9649): four characters, length, data padded to even. */
const riffBytes = 12
const flags = { animation: 0x02, xmp: 0x04, exif: 0x08, alpha: 0x10, icc: 0x20 }
const maxChunk = 64 * 2 ** 20

/** Metadata of a WebP file, and whether it holds several frames. */
export async function readWebpMetadata(
  read: ReadAt,
): Promise<{ metadata: ImageMetadata; animated: boolean }> {
  const metadata = emptyMetadata()
  let animated = false
  for (let at = riffBytes; ;) {
    const head = await read(at, 8)
    if (head.length < 8) break
    const type = latin1(head.subarray(0, 4))
    const length = viewOf(head).getUint32(4, true)
    const data = async (): Promise<Uint8Array> => read(at + 8, Math.min(length, maxChunk))
    if (type === 'ICCP') metadata.icc = await data()
    else if (type === 'EXIF') metadata.exif = withoutMark(await data())
    else if (type === 'XMP ') metadata.xmp = await data()
    else if (type === 'VP8L') metadata.source.lossless = true
    else if (type === 'VP8 ') metadata.source.subsampled = true
    else if (type === 'ANIM') animated = true
    at += 8 + length + (length & 1)
  }
  return { metadata, animated }
}

/** Some writers put JPEG's mark before the TIFF structure. */
export function withoutMark(exif: Uint8Array): Uint8Array {
  return latin1(exif.subarray(0, 6)) === 'Exif\0\0' ? exif.slice(6) : exif
}

/** The parts of a WebP file that has this metadata, from one without. */
export function withWebpMetadata(
  encoded: Uint8Array,
  metadata: ImageMetadata,
  size: { width: number; height: number; alpha: boolean },
): { parts: Uint8Array[] } {
  const { icc, exif, xmp } = metadata
  if (icc === null && exif === null && xmp === null) return { parts: [encoded] }
  const pixels: Uint8Array[] = []
  const view = viewOf(encoded)
  for (let at = riffBytes; at + 8 <= encoded.length;) {
    const length = view.getUint32(at + 4, true)
    const end = at + 8 + length + (length & 1)
    if (['VP8 ', 'VP8L', 'ALPH'].includes(latin1(encoded.subarray(at, at + 4))))
      pixels.push(encoded.subarray(at, end))
    at = end
  }
  const extended = new Uint8Array(10)
  extended[0] =
    (icc === null ? 0 : flags.icc) |
    (exif === null ? 0 : flags.exif) |
    (xmp === null ? 0 : flags.xmp) |
    (size.alpha ? flags.alpha : 0)
  const extendedView = viewOf(extended)
  extendedView.setUint16(4, (size.width - 1) & 0xffff, true)
  extended[6] = (size.width - 1) >> 16
  extendedView.setUint16(7, (size.height - 1) & 0xffff, true)
  extended[9] = (size.height - 1) >> 16

  const parts = [chunk('VP8X', extended)]
  if (icc !== null) parts.push(chunk('ICCP', icc))
  parts.push(...pixels)
  if (exif !== null) parts.push(chunk('EXIF', exif))
  if (xmp !== null) parts.push(chunk('XMP ', xmp))
  const riff = fromLatin1('RIFF\0\0\0\0WEBP')
  viewOf(riff).setUint32(
    4,
    parts.reduce((sum, part) => sum + part.length, 4),
    true,
  )
  return { parts: [riff, ...parts] }
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const head = fromLatin1(`${type}\0\0\0\0`)
  viewOf(head).setUint32(4, data.length, true)
  return concatBytes([head, data, new Uint8Array(data.length & 1)])
}
