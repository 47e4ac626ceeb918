import { stat } from 'node:fs/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { NoiseFacts } from '../../contract/evidence.ts'
import { measureNoise } from '../analysis/noise-facts.ts'
import { estimateNoise } from '../analysis/noise.ts'
import type { ImageFile, ImagePage } from '../storage/image.ts'
import { readImage } from '../storage/images.ts'
import { halve, levelCount } from './pyramid.ts'

/** A decoded picture with the levels of its pyramid, which are made when they are first asked for. */
export interface Picture {
  file: ImageFile
  /** Names this content of the file: another one once the file has changed. */
  version: string
  /**
   * One level of a page, 0 the page itself.
   * @throws argument-invalid where there is none.
   */
  level(page: number, level: number): Promise<ImagePage>
  /** Estimated σ of one level, on its own 8-bit scale. */
  sigma(page: number, level: number): Promise<number>
  /** What the noise of the first page is like: by it one model is chosen for all of the file. */
  noise(): Promise<NoiseFacts>
  /** Bytes that its samples take by now. */
  bytes(): number
}

/** Time and size of a file: what changes with its content. Null for one that is not there. */
export async function fileVersion(path: string): Promise<string | null> {
  const about = await stat(path).catch(() => null)
  return about && `${about.mtimeMs}:${about.size}`
}

/** @throws as `readImage`. */
export async function openPicture(path: string): Promise<Picture> {
  // Taken before the file is read: one that changes meanwhile is read once more.
  const version = (await fileVersion(path)) ?? ''
  const file = await readImage(path)
  const pyramids = new Map<number, Promise<ImagePage>[]>()
  const sigmas = new Map<string, number>()
  let noise: NoiseFacts | null = null
  let bytes = file.pages.reduce((sum, page) => sum + bytesOf(page), 0)

  async function nextLevel(previous: Promise<ImagePage>): Promise<ImagePage> {
    const half = await halve(await previous)
    bytes += bytesOf(half)
    return half
  }
  async function level(page: number, wanted: number): Promise<ImagePage> {
    const whole = file.pages[page]
    if (whole === undefined) throw outOf(path, 'page', file.pages.length, page)
    const levels = levelCount(whole.width, whole.height)
    if (wanted >= levels) throw outOf(path, 'level', levels, wanted)
    const pyramid = pyramids.get(page) ?? [Promise.resolve(whole)]
    pyramids.set(page, pyramid)
    while (pyramid.length <= wanted) pyramid.push(nextLevel(pyramid.at(-1)!))
    return pyramid[wanted]!
  }
  return {
    file,
    version,
    level,
    async sigma(page, wanted) {
      const key = sigmaKey(page, wanted)
      const samples = await level(page, wanted)
      const sigma = sigmas.get(key) ?? estimateNoise(samples)
      sigmas.set(key, sigma)
      return sigma
    },
    async noise() {
      noise ??= measureNoise(await level(0, 0))
      sigmas.set(sigmaKey(0, 0), noise.sigma)
      return noise
    },
    bytes: () => bytes,
  }
}

const sigmaKey = (page: number, level: number): string => `${page} ${level}`

const bytesOf = ({ data, alpha }: ImagePage): number => data.byteLength + (alpha?.byteLength ?? 0)

/** A page, level, column or row that is not there. */
export const outOf = (file: string, what: string, count: number, received: number): DarkroomError =>
  new DarkroomError('argument-invalid', {
    file,
    expected: `${what} below ${count}`,
    received: `${what} ${received}`,
  })
