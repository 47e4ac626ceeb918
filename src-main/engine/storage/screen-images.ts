import { readFile } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import type { EncodedImage } from '../../contract/preview.ts'
import { concatBytes } from './bytes.ts'
import { decoderFacts, inputOptions, sharpInput, unreadable } from './image-decode.ts'
import { encoder, rescale } from './image-encode.ts'
import { emptyMetadata, type ImagePage } from './image.ts'
import { probeImage } from './images.ts'
import { withPngMetadata } from './metadata-png.ts'

// Pictures for the screen: 8 bits, sRGB, no metadata. Nothing here is ever written to a file of a person's.

/** Tiles live for seconds on one machine: level 1 without filters takes half the time of level 3 for a tenth more bytes. */
const tilePng = { compressionLevel: 1, adaptiveFiltering: false } as const
/** Seen small, beside other thumbnails. */
const thumbnailQuality = 82

/**
 * Encodes a page as PNG for the screen: black to white becomes 0 to 255, colours go from the profile to sRGB, alpha stays.
 * @param icc the profile of the page's samples; without one they are taken as sRGB.
 */
export async function encodeForScreen(page: ImagePage, icc: Uint8Array | null): Promise<EncodedImage> {
  return encoded(await screenPipeline(page, icc), 'png')
}

/** A page as a thumbnail, its longest side at most `side` pixels. */
export async function encodeThumbnail(
  page: ImagePage,
  icc: Uint8Array | null,
  side: number,
): Promise<EncodedImage> {
  const pipeline = (await screenPipeline(page, icc)).resize(fitInto(side))
  return encoded(pipeline, page.alpha === null ? 'jpeg' : 'png')
}

/**
 * A thumbnail straight from a file, upright and in sRGB. JPEG is decoded at the size that is needed, the rest row by row.
 * @returns null for what sharp does not show rightly by itself: the caller reads the picture, and gets the reason if it
 *   is none. These are Netpbm and BMP; linear intensities, whose black and white the whole file tells; and AVIF, whose
 *   colours may be told by numbers.
 * @throws DarkroomError as `readImage`.
 */
export async function readThumbnail(path: string, side: number): Promise<EncodedImage | null> {
  const probe = await probeImage(path)
  if (probe.kind !== 'image' || ['avif', 'bmp', 'pnm'].includes(probe.container)) return null
  const input = await sharpInput(path, () => readFile(path))
  const { depth, hasAlpha } = await decoderFacts(path, input)
  if (depth !== 'uchar' && (depth !== 'ushort' || probe.pages > 1)) return null
  const pipeline = toSrgb(sharp(input, inputOptions)).resize(fitInto(side))
  return encoded(pipeline, hasAlpha ? 'png' : 'jpeg').catch((error: unknown) => {
    throw unreadable(path, error)
  })
}

/** sharp takes 16-bit samples to Display P3 unless it is told the profile that the output is to have. */
const toSrgb = (pipeline: Sharp): Sharp =>
  pipeline.toColourspace('srgb').withIccProfile('srgb', { attach: false })

const fitInto = (side: number) =>
  ({ width: side, height: side, fit: 'inside', withoutEnlargement: true }) as const

async function encoded(pipeline: Sharp, format: 'png' | 'jpeg'): Promise<EncodedImage> {
  const output = format === 'png' ? pipeline.png(tilePng) : pipeline.jpeg({ quality: thumbnailQuality })
  const { data, info } = await output.toBuffer({ resolveWithObject: true })
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { bytes, type: `image/${format}`, width: info.width, height: info.height }
}

/** The page's samples on their way to 8-bit sRGB (or gray, where no profile says what gray is). */
async function screenPipeline(page: ImagePage, icc: Uint8Array | null): Promise<Sharp> {
  const isByte = page.data instanceof Uint8Array
  // libvips takes 16-bit RGB through a profile, but of gray only 8 bits.
  const isWide = icc !== null && page.channels === 3 && !isByte
  const fitted = isByte ? page : rescale(page, page.black, page.white, !isWide)
  if (icc === null) return encoder(fitted)
  // Only an encoded picture can carry a profile into libvips.
  const plain = await encoder(fitted).png({ compressionLevel: 0 }).toBuffer()
  const tagged = concatBytes(withPngMetadata(plain, { ...emptyMetadata(), icc }).parts)
  return toSrgb(sharp(tagged, { limitInputPixels: false }))
}
