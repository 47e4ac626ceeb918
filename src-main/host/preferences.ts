import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Preferences, PreferencesChange } from '../contract/shell.ts'
import { parseOrThrow } from '../contract/errors.ts'
import { writeAtomic } from '../engine/storage/atomic.ts'

export interface PreferencesFile {
  get(): Preferences
  /** Resolves with the whole when the file is written. @throws argument-invalid, output-unwritable, disk-full */
  change(change: PreferencesChange): Promise<Preferences>
  /** Adds a listener for changes; the result removes it. */
  subscribe(listener: (preferences: Preferences) => void): () => void
}

/**
 * Opens `preferences.json` in the program's own folder. A file that cannot be understood (damaged, or of a later version)
 * is set aside as `preferences.<time>.json`, and the defaults hold.
 */
export async function openPreferences(home: string): Promise<PreferencesFile> {
  const file = join(home, 'preferences.json')
  const listeners = new Set<(preferences: Preferences) => void>()
  let current = await readPreferences(file)
  let lastWrite = Promise.resolve()

  return {
    get: () => current,
    async change(input) {
      const change = parseOrThrow(PreferencesChange, input, 'argument-invalid')
      current = Preferences.parse({ ...current, ...change })
      const written = current
      for (const listener of listeners) listener(written)
      const write = lastWrite.then(() =>
        writeAtomic(file, (temporary) => writeFile(temporary, JSON.stringify(written, null, 2)), {
          overwrite: true,
        }),
      )
      lastWrite = write.catch(() => undefined)
      await write
      return written
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

async function readPreferences(file: string): Promise<Preferences> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return Preferences.parse({})
  const read = Preferences.safeParse(parseJson(text))
  if (read.success) return read.data
  // Only letters that every file system takes.
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  await rename(file, file.replace(/json$/, `${time}.json`)).catch(() => undefined)
  return Preferences.parse({})
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
