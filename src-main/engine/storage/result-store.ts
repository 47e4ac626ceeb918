import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DarkroomError } from '../../contract/errors.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { dataCache } from './home.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

/*
 * What jobs found out, kept by an id for the window's questions: numbers as tensors, all else as JSON in the metadata. The files lie in the
 * program's own folder and may be deleted at any time; the job makes them again.
 */

/** Of all results of a kind together, in bytes, and in number: the longest unused ones go first. */
const limits = { bytes: 2 ** 30, results: 64 }

const resultId = z.string().regex(/^([a-z]+-)?[0-9a-f]{32}$/)
export type ResultKind = 'maps' | 'scores' | 'predictions'

const folderOf = (home: string, kind: ResultKind): string => join(dataCache(home), kind)
const fileOf = (home: string, kind: ResultKind, id: string): string =>
  join(folderOf(home, kind), `${id}.safetensors`)

export interface StoredResult {
  tensors: TensorMap
  /** Plain data, under a name that only the same version gives. */
  about: unknown
}

/** Keeps a result, and drops others where they have become too many. @throws disk-full, output-unwritable */
export async function writeResult(
  home: string,
  kind: ResultKind,
  id: string,
  { tensors, about }: StoredResult,
): Promise<void> {
  await writeSafetensors(fileOf(home, kind, id), tensors, { about: JSON.stringify(about) })
  await dropOthers(home, kind, id)
}

/** @throws file-not-found where it is not kept (any more): the job makes it again. */
export async function readResult(home: string, kind: ResultKind, id: string): Promise<StoredResult> {
  if (!resultId.safeParse(id).success) throw new DarkroomError('file-not-found', { file: id })
  const file = fileOf(home, kind, id)
  const { tensors, metadata } = await readSafetensors(file).catch((cause: unknown) => {
    throw new DarkroomError('file-not-found', { file }, cause)
  })
  await utimes(file, new Date(), new Date()).catch(() => undefined)
  return { tensors, about: JSON.parse(metadata['about'] ?? '{}') as unknown }
}

async function dropOthers(home: string, kind: ResultKind, keep: string): Promise<void> {
  const folder = folderOf(home, kind)
  const kept: { file: string; size: number; usedAt: number }[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name)
    const about = await stat(file).catch(() => null)
    if (about !== null && file !== fileOf(home, kind, keep))
      kept.push({ file, size: about.size, usedAt: about.mtimeMs })
  }
  kept.sort((a, b) => b.usedAt - a.usedAt)
  let bytes = 0
  for (const [place, { file, size }] of kept.entries()) {
    bytes += size
    // One more is the result that stays in any case.
    if (place + 1 >= limits.results || bytes > limits.bytes)
      await rm(file, { force: true }).catch(() => undefined)
  }
}
