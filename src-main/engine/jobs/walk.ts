import { readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ErrorCode, ErrorDetail } from '../../contract/errors.ts'

/** One thing that was met: a file to look at, something that is no file, or something that cannot be read. */
export type Found =
  | { kind: 'file'; path: string; /** Its folder, relative to the source folder. */ dir: string }
  | { kind: 'ignored'; path: string }
  | { kind: 'failed'; path: string; error: ErrorDetail }

export interface WalkOptions {
  recursive: boolean
  /** A folder that is not entered where it lies inside a source: the output of this or of an earlier run. */
  except: string
  /** Name of folders that are not entered either, where they lie below a source. */
  exceptNamed?: string
}

/**
 * Files and folders as given, in their order; a folder's files by name, then its subfolders. A folder is read once, by
 * whichever path it is met first, so a symbolic link that leads back ends there; linked folders come last, so that real
 * ones keep their place in the tree. Hidden entries of folders are passed over (`.DS_Store`, `._copy.jpg`, temporary
 * files); what is named directly is always looked at.
 */
export async function* walkSources(sources: string[], options: WalkOptions): AsyncGenerator<Found> {
  const except = await realpath(options.except).catch(() => null)
  const foldersRead = new Set<string>()
  const filesFound = new Set<string>()

  /** What is at a path; null for a file that was met before. */
  async function look(path: string, dir: string): Promise<Found | 'folder' | null> {
    try {
      const info = await stat(path)
      if (info.isDirectory()) return 'folder'
      if (!info.isFile()) return { kind: 'ignored', path }
    } catch (error) {
      // A link to itself is a trap, not a photograph that went missing.
      const code = systemCode(error)
      if (code === 'ELOOP') return { kind: 'ignored', path }
      return failure(
        path,
        code === 'ENOENT' || code === 'ENOTDIR' ? 'file-not-found' : 'folder-unreadable',
        code,
      )
    }
    if (filesFound.has(resolve(path))) return null
    filesFound.add(resolve(path))
    return { kind: 'file', path, dir }
  }

  for (const source of sources) {
    const named = await look(source, '')
    if (named !== null && named !== 'folder') yield named
    const folders = named === 'folder' ? [{ path: source, dir: '' }] : []
    for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
      const real = await realpath(folder.path).catch(() => resolve(folder.path))
      if (foldersRead.has(real) || (real === except && folder.dir !== '')) continue
      foldersRead.add(real)
      const entries = await listFolder(folder.path)
      if (!Array.isArray(entries)) {
        yield entries
        continue
      }
      const inside: typeof folders = []
      for (const entry of entries) {
        const path = join(folder.path, entry.name)
        const found = await look(path, folder.dir)
        if (found !== 'folder') {
          if (found !== null) yield found
        } else if (options.recursive && entry.name !== options.exceptNamed) {
          const subfolder = { path, dir: join(folder.dir, entry.name) }
          if (entry.isSymbolicLink()) folders.push(subfolder)
          else inside.push(subfolder)
        }
      }
      folders.unshift(...inside)
    }
  }
}

/** The visible entries of a folder by name, or why it cannot be read. */
async function listFolder(path: string) {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    return entries.filter((entry) => !entry.name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    return failure(path, 'folder-unreadable', systemCode(error))
  }
}

const systemCode = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)

const failure = (path: string, code: ErrorCode, received: string): Found => ({
  kind: 'failed',
  path,
  error: { code, file: path, received },
})
