import sharp, { type Metadata } from 'sharp'
import { latin1, viewOf, type ReadAt } from './bytes.ts'
import { emptyMetadata, type ImageMetadata } from './image.ts'
import { uprightExif } from './exif.ts'
import { withoutMark } from './metadata-webp.ts'

/** Boxes that describe the picture stand near the start of the file. */
const headBytes = 65536

/**
 * Metadata of an AVIF file: what the decoder hands over, and from the boxes what it does not: colour numbers (`nclx`, ISO/IEC
 * 14496-12), and whether it is gray and how its chroma is sampled (`av1C`, AV1-ISOBMFF 2.3).
 */
export async function readAvifMetadata(
  read: ReadAt,
  facts: Metadata,
): Promise<{ metadata: ImageMetadata; gray: boolean }> {
  const head = await read(0, headBytes)
  const text = latin1(head)
  const coding = head[text.indexOf('av1C') + 6] ?? 0
  const metadata = emptyMetadata()
  metadata.icc = plainBytes(facts.icc)
  if (facts.exif !== undefined) {
    // The decoder turns pictures by the file's own boxes; Exif's orientation does not count in AVIF.
    const exif = withoutMark(Uint8Array.from(facts.exif))
    metadata.exif = await uprightExif(exif, facts.width, facts.height)
  }
  metadata.xmp = plainBytes(facts.xmp)
  metadata.source = {
    ...metadata.source,
    bits: facts.bitsPerSample ?? 8,
    subsampled: (coding & 0x0c) === 0x0c,
  }
  const colours = text.indexOf('colrnclx')
  if (metadata.icc === null && colours !== -1 && colours + 12 <= head.length) {
    const primaries = viewOf(head).getUint16(colours + 8)
    const transfer = viewOf(head).getUint16(colours + 10)
    const isDisplayP3 = primaries === 12 && transfer === 13
    // 1 and 13 are sRGB, 2 is unsaid: what a file without a profile means anyway.
    const isDefault = [1, 2].includes(primaries) && [1, 2, 6, 13].includes(transfer)
    // A profile says the same in every container; of the others only PNG knows the numbers.
    if (isDisplayP3) metadata.icc = await displayP3()
    else if (!isDefault) metadata.cicp = { primaries, transfer }
  }
  return { metadata, gray: (coding & 0x10) !== 0 }
}

const plainBytes = (buffer: Buffer | undefined): Uint8Array | null =>
  buffer === undefined ? null : Uint8Array.from(buffer)

/** libvips' own profile of Display P3. */
async function displayP3(): Promise<Uint8Array | null> {
  const black = { width: 1, height: 1, channels: 3, background: 'black' } as const
  const tagged = await sharp({ create: black }).withIccProfile('p3').png().toBuffer()
  return plainBytes((await sharp(tagged).metadata()).icc)
}
