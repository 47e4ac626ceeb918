import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseOrThrow } from '../../contract/errors.ts'
import { writeAtomic } from './atomic.ts'

/** The name that a person gave a run and its model. Not in `run.json`, which the trainer writes as it remembers it. */
const RunTitle = z.strictObject({ version: z.literal(1), title: z.string().min(1).max(120) })

export const runTitleName = 'title.json'

/** Null where nobody gave it one. */
export async function readRunTitle(folder: string): Promise<string | null> {
  try {
    return RunTitle.parse(JSON.parse(await readFile(join(folder, runTitleName), 'utf8'))).title
  } catch {
    return null
  }
}

/** @throws argument-invalid for a title that is empty or too long; output-unwritable, disk-full. */
export async function writeRunTitle(folder: string, title: string): Promise<void> {
  const text = JSON.stringify(parseOrThrow(RunTitle, { version: 1, title }, 'argument-invalid'))
  const write = (temporary: string): Promise<void> => writeFile(temporary, `${text}\n`)
  await writeAtomic(join(folder, runTitleName), write, { overwrite: true })
}
