import sharp, { type Metadata } from 'sharp'
import { DarkroomError } from '../../contract/errors.ts'
import { samplesLike, type Samples } from '../numeric/samples.ts'
import type { ImagePage, ImageWarning } from './image.ts'

// Files are read once and written under names that may come back with other content: nothing to cache.
sharp.cache(false)

/** Limits against decompression bombs. */
export const limits = {
  /** Pixels of all pages together that are ever decoded. */
  pixels: 1e9,
  /** Images up to this size are decoded however small the file is… */
  trustedPixels: 128e6,
  /** …larger ones only if their pixels take at most so many times the file's bytes. */
  expansion: 400,
}

/** @throws DarkroomError `image-too-large` */
export function checkSize(path: string, pixels: number, bytesPerPixel: number, fileBytes: number): void {
  if (pixels > limits.pixels)
    throw new DarkroomError('image-too-large', {
      file: path,
      expected: `at most ${limits.pixels / 1e6} megapixels`,
      received: `${Math.round(pixels / 1e6)} megapixels`,
    })
  const expansion = (pixels * bytesPerPixel) / fileBytes
  if (pixels > limits.trustedPixels && expansion > limits.expansion)
    throw new DarkroomError('image-too-large', {
      file: path,
      expected: `pixels that take at most ${limits.expansion} times the file's bytes`,
      received: `${Math.round(pixels / 1e6)} megapixels in a file of ${Math.round(fileBytes / 1024)} KiB`,
    })
}

/** libvips reads options from a name that ends in a bracket; such a file is handed over as bytes. */
export async function sharpInput(
  path: string,
  bytes: () => Promise<Uint8Array>,
): Promise<string | Uint8Array> {
  return path.endsWith(']') ? bytes() : path
}

export const inputOptions = {
  // Truncated and corrupt pixels fail; a decoder's mere warnings do not.
  failOn: 'error',
  limitInputPixels: limits.pixels,
  autoOrient: true,
} as const

/** What a decoder says of a page without decoding it. */
export async function decoderFacts(path: string, input: string | Uint8Array, page = 0): Promise<Metadata> {
  return sharp(input, { ...inputOptions, page })
    .metadata()
    .catch((error: unknown) => {
      throw unreadable(path, error)
    })
}

/** Where libvips keeps samples as they are, by the name that it gives to their layout. */
const exactSpaces: Partial<Record<string, 1 | 3>> = { 'b-w': 1, grey16: 1, srgb: 3, rgb16: 3, scrgb: 3 }

/**
 * Decodes one page, upright. Samples are what the file holds; only CMYK and Lab go through the embedded profile (or the
 * library's own CMYK profile) to 8-bit sRGB, perceptual intent, with a warning.
 */
export async function decodePage(
  path: string,
  input: string | Uint8Array,
  page: number,
  facts: Metadata,
): Promise<{ page: ImagePage; warnings: ImageWarning[]; converted: boolean }> {
  const warnings: ImageWarning[] = []
  const exact = exactSpaces[facts.space]
  const converted = exact === undefined && ['cmyk', 'lab', 'labs'].includes(facts.space)
  const float = facts.depth === 'float'
  if (exact === undefined && !converted) throw refused(path, 'gray or RGB samples', facts.space)
  if (!['uchar', 'ushort', 'float'].includes(facts.depth) && !converted)
    throw refused(path, 'samples of 8 or 16 bits or 32-bit floats', facts.depth)
  if (facts.channels > 4) throw refused(path, 'at most 3 colours and alpha', `${facts.channels} channels`)
  if (converted) {
    warnings.push('colours-converted')
    if (facts.depth !== 'uchar') warnings.push('depth-reduced')
  }

  const channels = exact ?? 3
  const depth = converted ? 'uchar' : (facts.depth as 'uchar' | 'ushort' | 'float')
  // libvips' raw output of 8-bit gray leaves out alpha: as RGB it keeps both, gray three times.
  const grayAlpha = exact === 1 && facts.channels === 2 && depth === 'uchar'
  const space = converted || grayAlpha ? 'srgb' : float && channels === 1 ? 'b-w' : facts.space
  const { data, info } = await sharp(input, { ...inputOptions, page, ignoreIcc: !converted })
    .toColourspace(space)
    .raw({ depth })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw unreadable(path, error)
    })

  const samples = typed(data, depth)
  const picked = pickChannels(samples, info.channels, channels, facts.hasAlpha)
  const white = depth === 'uchar' ? 255 : 65535
  return {
    page: { width: info.width, height: info.height, channels, ...picked, white, black: 0 },
    warnings,
    converted,
  }
}

function typed(bytes: Buffer, depth: 'uchar' | 'ushort' | 'float'): Samples {
  const { buffer, byteOffset, byteLength } = bytes
  if (depth === 'uchar') return new Uint8Array(buffer, byteOffset, byteLength)
  if (depth === 'ushort') return new Uint16Array(buffer, byteOffset, byteLength / 2)
  return new Float32Array(buffer, byteOffset, byteLength / 4)
}

/** Colour and alpha apart; no copy where there is nothing to take apart. */
function pickChannels(
  samples: Samples,
  stride: number,
  channels: 1 | 3,
  hasAlpha: boolean,
): { data: Samples; alpha: Samples | null } {
  if (stride === channels) return { data: samples, alpha: null }
  const pixels = samples.length / stride
  const data = samplesLike(samples, pixels * channels)
  const alpha = hasAlpha ? samplesLike(samples, pixels) : null
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < channels; c++) data[i * channels + c] = samples[i * stride + c]!
    if (alpha !== null) alpha[i] = samples[i * stride + stride - 1]!
  }
  return { data, alpha }
}

/** The first of three equal channels. */
export function asGray(page: ImagePage): ImagePage {
  const { data } = pickChannels(page.data, page.channels, 1, false)
  return { ...page, channels: 1, data }
}

function refused(path: string, expected: string, received: string): DarkroomError {
  return new DarkroomError('image-format-refused', { file: path, expected, received })
}

/** What a failure inside libvips means for a person. */
export function unreadable(path: string, error: unknown): DarkroomError {
  const message = error instanceof Error ? error.message.split('\n')[0]! : String(error)
  if (message.includes('exceeds pixel limit'))
    return new DarkroomError('image-too-large', {
      file: path,
      expected: `at most ${limits.pixels / 1e6} megapixels`,
    })
  // Of several decoders at work at once, libvips gives what it has to say to the first that asks.
  const received = message === 'Unknown error' ? {} : { received: message }
  return new DarkroomError(
    'image-unreadable',
    { file: path, expected: 'all of its pixels', ...received },
    error,
  )
}
