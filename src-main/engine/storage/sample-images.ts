import { readFile } from 'node:fs/promises'
import sharp, { type Metadata, type Sharp } from 'sharp'
import type { ImageData } from '../../contract/recipe.ts'
import { DarkroomError } from '../../contract/errors.ts'
import { decoderFacts, inputOptions, sharpInput, unreadable } from './image-decode.ts'
import { rescale } from './image-encode.ts'
import type { Container, ImagePage } from './image.ts'
import { probeImage, readImage } from './images.ts'

/** What an image becomes as a sample; the kernel is Lanczos (a = 3), antialiased. */
export type SampleFormat = Pick<ImageData, 'width' | 'height' | 'channels' | 'fit'>

/** An image of 8-bit samples, interleaved, row-major; 4 channels have straight alpha. */
export interface ByteImage {
  width: number
  height: number
  channels: 1 | 3 | 4
  data: Uint8Array
}

/** Luma of 8-bit RGB (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114] as const

/**
 * The first page or frame of an image file, upright, as a sample of 8 bits, in the file's own encoding as everywhere in training; deeper
 * samples are rounded, float ones spread from black to white. JPEG is decoded at a reduced size where it is much larger.
 * @throws DarkroomError as `readImage`
 */
export async function readSample(path: string, format: SampleFormat): Promise<Uint8Array> {
  return toSample(await resized(path, (await openPixels(path)).pipeline, format), format)
}

/** The first page or frame of an image file, upright, whole, RGB or RGBA, in 8 bits as `readSample`. @throws as `readImage` */
export async function readWhole(path: string): Promise<ByteImage> {
  return decoded(path, (await openPixels(path)).pipeline)
}

/** As `readSample`, of an image in memory. */
export async function fitSample(image: ByteImage, format: SampleFormat): Promise<Uint8Array> {
  const isSize = image.width === format.width && image.height === format.height
  return toSample(isSize ? image : await resized('', pixels(image), format), format)
}

/** A small RGBA picture of a file, upright, for a grid: reduced to fit into a square, never enlarged. @throws as `readImage` */
export async function readSmall(path: string, side: number): Promise<ByteImage> {
  const pipeline = (await openPixels(path)).pipeline.ensureAlpha()
  return decoded(
    path,
    pipeline.resize({ ...resizing, ...square(side), fit: 'inside', withoutEnlargement: true }),
  )
}

const square = (side: number) => ({ width: side, height: side })

async function resized(path: string, pipeline: Sharp, format: SampleFormat): Promise<ByteImage> {
  const { width, height } = format
  // `cover` is cropped afterwards: libvips would not decode what the crop leaves out, and a file that is cut off would seem whole.
  const fit = ({ cover: 'outside', contain: 'contain', stretch: 'fill' } as const)[format.fit]
  return decoded(path, pipeline.resize({ ...resizing, width, height, fit }))
}

async function decoded(path: string, pipeline: Sharp): Promise<ByteImage> {
  const { data, info } = await pipeline
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw unreadable(path, error)
    })
  const { width, height, channels } = info
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { width, height, channels: channels as ByteImage['channels'], data: bytes }
}

/** Decoding an image of so many pixels whole costs less than reducing it. */
const wholePixels = 2 ** 20

/** What is found out of an image without looking at what it shows. */
export interface CheckedImage {
  /** Upright, in pixels. */
  width: number
  height: number
  /** Whether it is transparent somewhere; of large images, more than in a few pixels. */
  isTransparent: boolean
}

/**
 * Decodes an image as cheaply as can be, to find out whether all of it can be read.
 * @throws DarkroomError as `readImage`
 */
export async function checkImage(path: string): Promise<CheckedImage> {
  const { width, height, pipeline } = await openPixels(path)
  const isSmall = width * height <= wholePixels
  const image = await decoded(
    path,
    isSmall ? pipeline : pipeline.resize({ ...resizing, ...square(16), fit: 'inside' }),
  )
  return { width, height, isTransparent: isTransparent(image) }
}

const isTransparent = ({ channels, data }: ByteImage): boolean => {
  if (channels === 4) for (let at = 3; at < data.length; at += 4) if (data[at]! < 255) return true
  return false
}

const resizing = {
  kernel: 'lanczos3',
  // Nothing shows where padding meets the picture.
  background: { r: 0, g: 0, b: 0, alpha: 0 },
  fastShrinkOnLoad: false,
} as const

/** 8-bit RGB or RGBA, still to be decoded and reduced; and the size of the image, upright. */
async function openPixels(path: string): Promise<{ width: number; height: number; pipeline: Sharp }> {
  const probe = await probeImage(path)
  if (probe.kind === 'refused')
    throw new DarkroomError('image-format-refused', { file: path, received: probe.format })
  if (probe.kind === 'not-image')
    throw new DarkroomError('image-unreadable', { file: path, expected: 'an image' })
  const { container, width, height } = probe
  if (container !== 'bmp' && container !== 'pnm') {
    const input = await sharpInput(path, () => readFile(path))
    if (isPlain(await decoderFacts(path, input), container)) {
      const pipeline = sharp(input, { ...inputOptions, ignoreIcc: true }).toColourspace('srgb')
      return { width, height, pipeline }
    }
  }
  return { width, height, pipeline: pixels(toBytes((await readImage(path)).pages[0]!)) }
}

/** Whether libvips gives the file's own samples as 8-bit RGB. What it would convert by its own rules is read by `readImage`. */
const isPlain = ({ depth, space, channels }: Metadata, container: Container): boolean =>
  depth === 'uchar' && (space === 'srgb' || space === 'b-w') && channels <= 4 && container !== 'avif'

function toBytes(page: ImagePage): ByteImage {
  const { width, height, data, channels, alpha } = rescale(page, page.black, page.white, true)
  if (alpha === null) return { width, height, channels, data: data as Uint8Array }
  const bytes = new Uint8Array(4 * width * height)
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) bytes[4 * i + c] = data[channels * i + (c % channels)]!
    bytes[4 * i + 3] = alpha[i]!
  }
  return { width, height, channels: 4, data: bytes }
}

const pixels = ({ width, height, channels, data }: ByteImage): Sharp =>
  sharp(data, { raw: { width, height, channels } }).toColourspace('srgb')

/** The middle of an image. */
function toSample(image: ByteImage, format: SampleFormat): Uint8Array {
  const left = (image.width - format.width) >> 1
  const top = (image.height - format.height) >> 1
  return cropSample(image, format, { left, top })
}

/** A part of an image from a place in it, in the channels that a recipe asks for. */
export function cropSample(
  image: ByteImage,
  { width, height, channels }: SampleFormat,
  { left, top }: { left: number; top: number },
): Uint8Array {
  const { data, channels: from } = image
  if (from === channels && image.width === width && image.height === height) return data
  const sample = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = from * ((top + y) * image.width + left + x)
      const to = channels * (y * width + x)
      const alpha = from === 4 ? data[at + 3]! : 255
      const opacity = channels === 4 ? 1 : alpha / 255
      const colour = (c: number): number => data[at + (from === 1 ? 0 : c)]! * opacity
      if (channels === 1)
        sample[to] = Math.round(luma[0] * colour(0) + luma[1] * colour(1) + luma[2] * colour(2))
      else for (let c = 0; c < 3; c++) sample[to + c] = Math.round(colour(c))
      if (channels === 4) sample[to + 3] = alpha
    }
  }
  return sample
}
