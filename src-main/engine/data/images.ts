import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { DarkroomError, toErrorDetail, type ErrorDetail } from '../../contract/errors.ts'
import type { ImagePage } from '../storage/image.ts'
import { readImage } from '../storage/images.ts'
import { mapAhead } from './ordered.ts'

/** What a page is trained on as: its samples as the file has them, interleaved, row-major, without alpha. */
export type Picture = Omit<ImagePage, 'alpha'>

/** The pages of an image file. */
export type ReadPictures = (file: string) => Promise<Picture[]>

/** Images decoded at once, whole photographs. */
const decodesAhead = 4

/** Memory for decoded images: enough for 1,300 photographs of 512², and small beside what a training step takes. */
const defaultBudget = 2 ** 30

const bytesOf = (pages: Picture[]): number => pages.reduce((sum, { data }) => sum + data.byteLength, 0)

/**
 * `readPictures` that keeps what it decoded, up to `budget` bytes; the least recently used leave first. What is read does not
 * depend on what was kept.
 */
export function createImageCache(budget = defaultBudget): ReadPictures {
  // A Map iterates in the order of insertion, so the first is the one unused for longest.
  const kept = new Map<string, Picture[]>()
  let bytes = 0
  const keep = (path: string, pages: Picture[]): void => {
    bytes += bytesOf(pages) - bytesOf(kept.get(path) ?? [])
    kept.delete(path)
    kept.set(path, pages)
    for (const [oldest, pages] of kept) {
      if (bytes <= budget) break
      kept.delete(oldest)
      bytes -= bytesOf(pages)
    }
  }
  return async (path) => {
    const pages = kept.get(path) ?? (await readPictures(path))
    keep(path, pages)
    return pages
  }
}

/**
 * The pages of an image file without alpha.
 * @throws what `readImage` throws.
 */
export async function readPictures(path: string): Promise<Picture[]> {
  const { pages } = await readImage(path)
  if (pages.length === 0) throw new DarkroomError('image-unreadable', { file: path, received: 'no page' })
  return pages.map(({ width, height, channels, data, black, white }) => ({
    ...{ width, height, channels, data, black, white },
  }))
}

/** One picture of a scene. */
export interface Take {
  file: string
  /** Counted from 0. */
  page: number
}

export const readTake = async (read: ReadPictures, { file, page }: Take): Promise<Picture> =>
  (await read(file))[page]!

export interface ScannedImage {
  width: number
  height: number
  /** One; of scenes that were taken several times all, of the same size. */
  takes: Take[]
}

/**
 * Where further takes of a scene are: nowhere (each page is a picture of its own), on the other pages of its file, or on the same page of the
 * file that this gives for a file.
 */
export type FurtherTakes = 'none' | 'pages' | ((file: string) => string)

export interface DataScan {
  /** Images that can be trained on, in the order of the files. */
  usable: ScannedImage[]
  /** Files that cannot: smaller than a patch, without another take where there must be one, or not readable. */
  skipped: ErrorDetail[]
  /** SHA-256 over those of the usable files' bytes, in order. */
  sha256: string
}

/**
 * Reads every file once, so that a bad one is known before hours of training and not in the middle of them, and so that a
 * run can say exactly what it was trained on.
 * @param side smallest side that an image must have, in pixels.
 * @param onFile called with each file; may throw, to cancel.
 */
export async function scanImages(
  files: string[],
  read: ReadPictures,
  { side, further }: { side: number; further: FurtherTakes },
  onFile: (file: string) => void,
): Promise<DataScan> {
  const usable: ScannedImage[] = []
  const skipped: ErrorDetail[] = []
  const all = createHash('sha256')
  const looks = mapAhead(files, decodesAhead, (file) =>
    lookAt(file, read, side, further).catch((error: unknown) => ({
      ...{ file, error: toErrorDetail(error, file) },
    })),
  )
  for await (const found of looks) {
    onFile(found.file)
    if ('error' in found) skipped.push(found.error)
    else {
      usable.push(...found.images)
      for (const digest of found.digests) all.update(digest)
    }
  }
  return { usable, skipped, sha256: all.digest('hex') }
}

async function lookAt(file: string, read: ReadPictures, side: number, further: FurtherTakes) {
  const images = await imagesOf(file, read, further)
  const large = images.filter(({ width, height }) => Math.min(width, height) >= side)
  if (large.length === 0) {
    const { width, height } = images[0]!
    const expected = `at least ${side}×${side} pixels`
    throw new DarkroomError('data-unsuitable', { file, expected, received: `${width}×${height}` })
  }
  const files = typeof further === 'function' ? [file, further(file)] : [file]
  return { file, images: large, digests: await Promise.all(files.map(digestOf)) }
}

async function imagesOf(file: string, read: ReadPictures, further: FurtherTakes): Promise<ScannedImage[]> {
  const pages = await read(file)
  const take = (page: number): Take => ({ file, page })
  const sizes = pages.map(({ width, height }) => ({ width, height }))
  const isSameSize = (others: Picture[]): boolean =>
    others.every(({ width, height }, i) => {
      const own = sizes[Math.min(i, sizes.length - 1)]!
      return width === own.width && height === own.height
    })
  if (further === 'none') return sizes.map((size, page) => ({ ...size, takes: [take(page)] }))
  if (further === 'pages') {
    if (pages.length > 1 && isSameSize(pages)) return [{ ...sizes[0]!, takes: pages.map((_, i) => take(i)) }]
    const expected = 'pages of one size that are takes of one scene, or a folder of second takes'
    throw new DarkroomError('data-unsuitable', { file, expected, received: `${pages.length}` })
  }
  const second = further(file)
  const others = await read(second)
  if (others.length !== pages.length || !isSameSize(others)) {
    const describe = (pages: { width: number; height: number }[]): string =>
      `${pages.length} × ${pages[0]!.width}×${pages[0]!.height}`
    throw new DarkroomError('data-unsuitable', {
      ...{ file: second, expected: describe(pages), received: describe(others) },
    })
  }
  return sizes.map((size, page) => ({ ...size, takes: [take(page), { file: second, page }] }))
}

async function digestOf(file: string): Promise<Buffer> {
  const bytes = createHash('sha256')
  for await (const chunk of createReadStream(file)) bytes.update(chunk as Buffer)
  return bytes.digest()
}
