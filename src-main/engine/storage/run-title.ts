import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomic } from './atomic.ts'

/** The name that a person gave a run and its model. Not in `run.json`, which the trainer writes as it remembers it. */
const RunTitle = z.strictObject({ version: z.literal(1), title: z.string() })

export const runTitleName = 'title.json'

/** Null where nobody gave it one. */
export async function readRunTitle(folder: string): Promise<string | null> {
  try {
    return RunTitle.parse(JSON.parse(await readFile(join(folder, runTitleName), 'utf8'))).title
  } catch {
    return null
  }
}

/** @throws output-unwritable, disk-full. */
export async function writeRunTitle(folder: string, title: string): Promise<void> {
  const text = JSON.stringify({ version: 1, title } satisfies z.infer<typeof RunTitle>)
  const write = (temporary: string): Promise<void> => writeFile(temporary, `${text}\n`)
  await writeAtomic(join(folder, runTitleName), write, { overwrite: true })
}
