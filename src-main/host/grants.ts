import { lstat, realpath } from 'node:fs/promises'
import { platform } from 'node:os'
import { basename, dirname, join, posix, resolve, win32 } from 'node:path'
import { DarkroomError } from '../contract/errors.ts'

type System = 'win32' | 'posix'
const thisSystem: System = platform() === 'win32' ? 'win32' : 'posix'
const pathsOf = { win32, posix }

/** The paths that one window or page may name to the engine. */
export interface Grants {
  /** Folders granted from the start (browser mode). */
  readonly roots: string[]
  /** Grants what a person chose: files, and folders with all below them. Gives them back absolute. */
  add(paths: string[]): Promise<string[]>
  /** Grants paths exactly as the engine gave them out, and nothing below them. */
  give(paths: MaybePath[]): void
  /** Grants folders to be written to, by exactly these names. What is in them is not granted: a folder must not be read. */
  giveOutputs(folders: MaybePath[]): void
  /** The path itself. @throws path-not-granted */
  check(path: string): Promise<string>
  /** The folder itself, if it may be written to. @throws path-not-granted */
  checkOutput(folder: string): Promise<string>
}

export type MaybePath = string | null | undefined

/**
 * Grants are compared by what the file system says a path really is: links are followed, and where it folds case it
 * says so itself. A path that does not exist yet goes by its nearest folder that does.
 */
export async function openGrants(roots: string[] = []): Promise<Grants> {
  /** What a person chose, as it was named, and as it really is. */
  const chosen = new Map<string, string>()
  const given = new Set<string>()
  const outputs = new Set<string>()
  const add = async (paths: string[]): Promise<string[]> => {
    const absolute = paths.map((path) => resolve(path))
    for (const path of absolute) chosen.set(path, await canonical(path).catch(() => path))
    return absolute
  }
  const isBelowOne = (path: string, folders: Iterable<string>): boolean =>
    [...folders].some((folder) => isBelow(path, folder))

  const mayUse = async (path: string): Promise<boolean> => {
    if (given.has(path)) return true
    if (!isPlain(path)) return false
    // To look at a path of another machine is to send this person's credentials there.
    if (isNetwork(path) && !isBelowOne(path, chosen.keys())) return false
    return isBelowOne(await canonical(path), chosen.values())
  }
  async function check(path: string): Promise<string> {
    if (await mayUse(path).catch(() => false)) return path
    throw new DarkroomError('path-not-granted', { file: path })
  }
  return {
    roots: await add(roots),
    add,
    give(paths) {
      for (const path of paths) if (path) given.add(path)
    },
    giveOutputs(folders) {
      for (const folder of folders) if (folder) outputs.add(folder)
    },
    check,
    checkOutput: async (folder) => (outputs.has(folder) ? folder : check(folder)),
  }
}

/** Absolute, and without `..`, which means one folder before links are followed and another one after. */
export function isPlain(path: string, system = thisSystem): boolean {
  const parts = path.split(system === 'win32' ? /[\\/]/ : '/')
  return pathsOf[system].isAbsolute(path) && !path.includes('\0') && !parts.includes('..')
}

/** A share (`\\server\share`) or a device (`\\?\`, `\\.\`). Only Windows has them. */
export const isNetwork = (path: string, system = thisSystem): boolean =>
  system === 'win32' && /^[\\/]{2}/.test(path)

/** Whether an absolute path is a folder or below it. Windows' paths are compared without regard to case. */
export function isBelow(path: string, folder: string, system = thisSystem): boolean {
  const paths = pathsOf[system]
  const way = paths.relative(folder, path)
  return way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way)
}

/** @throws for a link that leads nowhere, and for what may not be looked at. */
async function canonical(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const isLink = await lstat(path).then(Boolean, () => false)
    if (!isMissing || isLink || dirname(path) === path) throw error
    return join(await canonical(dirname(path)), basename(path))
  }
}
