import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DarkroomError, toErrorDetail, type ErrorDetail } from '../../contract/errors.ts'
import type { QueueItem } from '../../contract/queue.ts'
import { mapSome } from '../jobs/map-some.ts'
import { walkSources, type Found } from '../jobs/walk.ts'
import { probeImage } from '../storage/images.ts'
import type { Container } from '../storage/image.ts'
import { defaultFolder } from './output.ts'

/** Headers looked at side by side: disks and decoders gain little from more. */
const looksAtOnce = 4
/** Files that are handed over together. */
const batchSize = 32

export type ImageFacts = NonNullable<QueueItem['image']> & { container: Container }

/** A file as it was found; `known` ones are in the queue already. Not looked at closely: `image` is null. */
export type FoundFile =
  | { kind: 'picture'; source: string; dir: string; image: ImageFacts | null; error: ErrorDetail | null }
  | { kind: 'known'; source: string }
  | { kind: 'ignored'; source: string }

export interface FindOptions {
  recursive: boolean
  /** Output folder, not entered where it lies below a source. */
  out: string | null
  isKnown: (source: string) => boolean
  /** An output of the queue: no source, unless the file itself is named. */
  isOutput: (path: string) => boolean
}

/**
 * Finds pictures: the files named, and those below folders, in batches, in the order of `walkSources`. Pictures of kinds
 * that are not read, unreadable and missing files come with their error. Folders named `denoised` are not entered, for
 * that is where outputs go, and outputs of the queue are passed over wherever they lie: to clean one again, name the file.
 */
export async function* findPictures(sources: string[], options: FindOptions): AsyncGenerator<FoundFile[]> {
  const { recursive, out, isKnown, isOutput } = options
  const named = new Set(sources.map((source) => resolve(source)))
  const look = async (found: Found): Promise<FoundFile> => {
    const source = found.path
    if (found.kind === 'ignored') return { kind: 'ignored', source }
    if (isKnown(source)) return { kind: 'known', source }
    const dir = found.kind === 'file' ? found.dir : ''
    if (found.kind === 'failed') return { kind: 'picture', source, dir, image: null, error: found.error }
    try {
      const image = await lookAt(source)
      return image === null
        ? { kind: 'ignored', source }
        : { kind: 'picture', source, dir, image, error: null }
    } catch (thrown) {
      return { kind: 'picture', source, dir, image: null, error: toErrorDetail(thrown, source) }
    }
  }

  let batch: Found[] = []
  const walk = walkSources([...named], { recursive, except: out ?? '', exceptNamed: defaultFolder })
  for await (const found of walk) {
    if (isOutput(found.path) && !named.has(found.path)) continue
    batch.push(found)
    if (batch.length < batchSize) continue
    yield await mapSome(batch, looksAtOnce, look)
    batch = []
  }
  yield await mapSome(batch, looksAtOnce, look)
}

/**
 * What a picture's header tells; null for a file that is none.
 * @throws image-format-refused for a kind that is not read, and as `probeImage`.
 */
export async function lookAt(path: string): Promise<ImageFacts | null> {
  const probe = await probeImage(path)
  if (probe.kind === 'not-image') return null
  if (probe.kind === 'refused')
    throw new DarkroomError('image-format-refused', { file: path, received: probe.format })
  const { width, height, pages, container } = probe
  return { width, height, pages, container, bytes: (await stat(path)).size }
}
