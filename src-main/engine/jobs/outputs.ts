import { readdir, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import { isTemporaryName } from '../storage/atomic.ts'

/** Which different spellings a file system takes for one name. */
export interface NameFolding {
  /** `A.png` and `a.png` are one file. */
  case: boolean
  /** é as one code point and as e with an accent are one file. */
  unicode: boolean
}

/** A path with its folder's symbolic links resolved, so that two spellings of one place compare equal. It need not exist. */
export async function canonicalPath(path: string, known = new Map<string, string>()): Promise<string> {
  const folder = dirname(resolve(path))
  let real = known.get(folder)
  if (real === undefined) {
    const resolved = await realpath(folder).catch(() => null)
    real = resolved ?? (folder === dirname(folder) ? folder : await canonicalPath(folder, known))
    known.set(folder, real)
  }
  return join(real, basename(path))
}

/** How the file system that holds (or will hold) a folder compares names. Found by looking; nothing is written. */
export async function probeFolding(folder: string): Promise<NameFolding> {
  const unicode = process.platform === 'darwin'
  const byPlatform = { case: process.platform === 'darwin' || process.platform === 'win32', unicode }
  const entries = await readdir(folder).catch(() => null)
  if (entries === null) {
    const parent = dirname(resolve(folder))
    return parent === resolve(folder) ? byPlatform : probeFolding(parent)
  }
  const present = new Set(entries)
  const entry = entries.find((name) => swapCase(name) !== name && !present.has(swapCase(name)))
  if (entry === undefined) return byPlatform
  const swapped = await stat(join(folder, swapCase(entry))).catch(() => null)
  return { case: swapped !== null, unicode }
}

const swapCase = (name: string): string =>
  name.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )

/** The form of a path in which equal files compare equal. */
function foldPath(path: string, folding: NameFolding): string {
  const composed = folding.unicode ? path.normalize('NFC') : path
  return folding.case ? composed.toLowerCase() : composed
}

/** Age in milliseconds from which a temporary file is no other process's work in progress. */
const leftOverAfter = 3_600_000

/** Removes the hidden files and folders that a killed process left where it wrote; what cannot be removed stays. */
export async function removeLeftovers(folders: Iterable<string>): Promise<void> {
  for (const folder of folders)
    for (const name of (await readdir(folder).catch(() => [])).filter(isTemporaryName)) {
      const path = join(folder, name)
      const info = await stat(path).catch(() => null)
      if (info !== null && Date.now() - info.mtimeMs > leftOverAfter)
        await rm(path, { force: true, recursive: true }).catch(() => undefined)
    }
}

/**
 * Refuses a plan in which two sources have one output, or one source's output is another source. A source whose output is itself passes here: the rule for
 * existing files decides about it.
 * @param planned canonical paths.
 * @throws output-collision, naming both.
 */
export function refuseCollisions(planned: { source: string; output: string }[], folding: NameFolding): void {
  const sources = new Map(planned.map(({ source }) => [foldPath(source, folding), source]))
  const outputs = new Map<string, string>()
  for (const { source, output } of planned) {
    const key = foldPath(output, folding)
    const other = outputs.get(key) ?? sources.get(key)
    if (other !== undefined && other !== source)
      throw new DarkroomError('output-collision', { file: output, received: `${other}, ${source}` })
    outputs.set(key, source)
  }
}
