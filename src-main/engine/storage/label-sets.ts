import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LabelSet, type LabelSetOf } from '../../contract/label-sets.ts'
import { outputError, writeAtomic } from './atomic.ts'

/*
 * Labels that a person gives by hand, kept by the program as they are given: one file for each run and data. A page's own storage would be
 * another one at the next start, when the program listens on another port.
 */

const folderIn = (home: string): string => join(home, 'labels')

function fileOf(home: string, { run, data }: LabelSetOf): string {
  const { sources, only } = data
  const of = [resolve(run), sources.map((source) => resolve(source)), only ?? null]
  const name = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32)
  return join(folderIn(home), `${name}.json`)
}

/** The labels that are kept; null for none. A file that cannot be understood is set aside, not written over. */
export async function readLabelSet(home: string, of: LabelSetOf): Promise<LabelSet | null> {
  const file = fileOf(home, of)
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  const read = LabelSet.safeParse(jsonOf(text))
  if (read.success) return read.data
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  await rename(file, file.replace(/json$/, `${time}.json`)).catch(() => undefined)
  return null
}

/** @throws output-unwritable, disk-full */
export async function writeLabelSet(home: string, set: LabelSet): Promise<void> {
  const folder = folderIn(home)
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw outputError(cause, folder)
  })
  await writeAtomic(fileOf(home, set), (temporary) => writeFile(temporary, JSON.stringify(set)), {
    overwrite: true,
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
