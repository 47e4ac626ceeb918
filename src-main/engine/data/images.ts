import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { DarkroomError, toErrorDetail, type ErrorDetail } from '../../contract/errors.ts'
import type { ImagePage } from '../storage/image.ts'
import { readImage } from '../storage/images.ts'
import { mapAhead } from './ordered.ts'

/** What a training image is kept as: 8-bit RGB, interleaved, row-major, in the file's own encoding. */
export interface RgbImage {
  width: number
  height: number
  data: Uint8Array
}

export type ReadRgb = (path: string) => Promise<RgbImage>

/** Images decoded at once, whole photographs. */
const decodesAhead = 4

/** Memory for decoded images: enough for 1,300 photographs of 512², and small beside what a training step takes. */
const defaultBudget = 2 ** 30

/**
 * `readRgb` that keeps what it decoded, up to `budget` bytes; the least recently used leave first. What is read does not
 * depend on what was kept.
 */
export function createImageCache(budget = defaultBudget): ReadRgb {
  // A Map iterates in the order of insertion, so the first is the one unused for longest.
  const kept = new Map<string, RgbImage>()
  let bytes = 0
  const keep = (path: string, image: RgbImage): void => {
    bytes += image.data.length - (kept.get(path)?.data.length ?? 0)
    kept.delete(path)
    kept.set(path, image)
    for (const [oldest, { data }] of kept) {
      if (bytes <= budget) break
      kept.delete(oldest)
      bytes -= data.length
    }
  }
  return async (path) => {
    const image = kept.get(path) ?? (await readRgb(path))
    keep(path, image)
    return image
  }
}

/**
 * The first page of an image file as 8-bit RGB; gray is repeated, alpha left out, deeper samples rounded.
 * @throws what `readImage` throws.
 */
export async function readRgb(path: string): Promise<RgbImage> {
  const page = (await readImage(path)).pages[0]
  if (page === undefined) throw new DarkroomError('image-unreadable', { file: path, received: 'no page' })
  return { width: page.width, height: page.height, data: toRgb8(page) }
}

function toRgb8({ data, channels, black, white }: ImagePage): Uint8Array {
  if (data instanceof Uint8Array && channels === 3) return data
  const scale = 255 / (white - black || 1)
  const pixels = data.length / channels
  const rgb = new Uint8ClampedArray(3 * pixels)
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb[3 * pixel + channel] = ((data[channels * pixel + (channel % channels)] ?? 0) - black) * scale
    }
  }
  return new Uint8Array(rgb.buffer)
}

export interface ScannedImage {
  file: string
  width: number
  height: number
}

export interface DataScan {
  /** Images that can be trained on, in the order of the files. */
  usable: ScannedImage[]
  /** Files that cannot: smaller than a patch, or not readable. */
  skipped: ErrorDetail[]
  /** SHA-256 over those of the usable files' bytes, in order. */
  sha256: string
}

/**
 * Reads every file once, so that a bad one is known before hours of training and not in the middle of them, and so that a
 * run can say exactly what it was trained on.
 * @param patch smallest side that an image must have, in pixels.
 * @param onFile called with each file; may throw, to cancel.
 */
export async function scanImages(
  files: string[],
  read: ReadRgb,
  patch: number,
  onFile: (file: string) => void,
): Promise<DataScan> {
  const usable: ScannedImage[] = []
  const skipped: ErrorDetail[] = []
  const all = createHash('sha256')
  const looks = mapAhead(files, decodesAhead, (file) =>
    lookAt(file, read, patch).catch((error: unknown) => ({ file, error: toErrorDetail(error, file) })),
  )
  for await (const found of looks) {
    onFile(found.file)
    if ('error' in found) skipped.push(found.error)
    else {
      usable.push(found.image)
      all.update(found.digest)
    }
  }
  return { usable, skipped, sha256: all.digest('hex') }
}

async function lookAt(file: string, read: ReadRgb, patch: number) {
  const { width, height } = await read(file)
  if (Math.min(width, height) < patch) {
    const expected = `at least ${patch}×${patch} pixels`
    throw new DarkroomError('data-unsuitable', { file, expected, received: `${width}×${height}` })
  }
  const bytes = createHash('sha256')
  for await (const chunk of createReadStream(file)) bytes.update(chunk as Buffer)
  return { file, image: { file, width, height }, digest: bytes.digest() }
}
