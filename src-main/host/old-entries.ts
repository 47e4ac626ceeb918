import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Pictures that were taken into the program's own folder go after this many milliseconds. */
const maxAge = 7 * 24 * 60 * 60 * 1000

/** Removes what lies in a folder for more than a week, but for the names that are to be kept. */
export async function removeOldEntries(folder: string, isKept: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    if (isKept(name) || Date.now() - (await stat(path)).mtimeMs < maxAge) continue
    await rm(path, { recursive: true, force: true })
  }
}
