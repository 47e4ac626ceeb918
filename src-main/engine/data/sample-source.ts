import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { DarkroomError, type ErrorDetail } from '../../contract/errors.ts'
import type { Progress } from '../../contract/jobs.ts'
import type { Groups } from './dataset.ts'
import type { Labels } from './labels.ts'

export interface OpenOptions {
  /** Folder for packed samples, the program's own; missing ones are made. */
  cacheFolder: string
  /** Bytes of samples that are held in memory; default: 1 GiB, or an eighth of the machine's memory where that is less. */
  memory?: number
  /** Bytes that packed samples may take on the disk, but for those in use; default 16 GiB. */
  cacheLimit?: number
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/** One source being read: what its samples are, and how they come. */
export interface SampleSource {
  shape: number[]
  /** Of a value: images are kept as they are decoded, one byte; rows as 32-bit floats. */
  type: 'uint8' | 'float32'
  /** All that the samples follow from: files with their sizes and times, and how they are read. */
  key: unknown
  /** Worth to be kept for a later run even where the samples fit into memory: reading them took decoding. */
  keep: boolean
  /** Samples in order, each `shape` values; read once, and not at all where they were kept. */
  samples(): AsyncGenerator<Uint8Array>
  /** What is to be remembered of the reading, asked for after the last sample; plain data. */
  facts(): unknown
  /** Names, labels, what the samples were cut out of and what was left out, from the facts. */
  describe(facts: unknown, count: number): Promise<Described>
}

export interface Described {
  name(index: number): string
  labels: Labels | null
  groups: Groups | null
  skipped: ErrorDetail[]
  skippedCount: number
}

/** A recipe's `data.type` that is not for these data. */
export const unsuitable = (file: string, received: string, suits: 'images' | 'rows'): DarkroomError =>
  new DarkroomError('data-unsuitable', {
    file,
    expected: `a recipe with data.type "${suits}"`,
    received: `"${received}"`,
  })

/** What an item is called by its place in a file, counted from 0. */
export const nameInFile = (file: string, index: number): string => `${basename(file)}#${index}`

/** What tells a file from what it was before. @throws file-not-found */
export async function fileVersion(file: string): Promise<{ file: string; size: number; changedAt: number }> {
  const about = await stat(file).catch((cause: unknown) => {
    throw new DarkroomError('file-not-found', { file }, cause)
  })
  return { file, size: about.size, changedAt: about.mtimeMs }
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DarkroomError('cancelled')
}
