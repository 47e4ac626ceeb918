import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import { hasImageExtension } from '../storage/image-kind.ts'
import { folderNote } from '../storage/provenance.ts'
import { mapAhead } from './ordered.ts'

export interface FoundImage {
  path: string
  /** The first folder below its source, or where several sources are given and it lies in none, its source; null otherwise. */
  folder: string | null
  bytes: number
  /** Milliseconds. */
  changedAt: number
}

export interface FoundImages {
  files: FoundImage[]
  /** Files that are no images, by their names; what exports of ours say of themselves is not counted. */
  ignoredCount: number
}

/** Questions to the file system under way. */
const looksAhead = 16

/**
 * The image files below folders (or such files themselves), each once: in the sources' order, then by path in code-unit order, so that
 * the list is the same on every machine and wherever the folder lies. Links to folders are not followed (they may form loops); hidden
 * files and folders are left out.
 * @throws file-not-found or folder-unreadable, naming the folder
 */
export async function findImages(sources: string[], signal?: AbortSignal): Promise<FoundImages> {
  const seen = new Set<string>()
  const found: FoundImages = { files: [], ignoredCount: 0 }
  for (const source of sources) {
    const root = resolve(source)
    const isFolder = await accessing(root, async () => (await stat(root)).isDirectory())
    const names = isFolder ? await accessing(root, () => filesBelow(root)) : ['']
    const own = sources.length > 1 && isFolder ? basename(root) : null
    const images = names.filter((name) => hasImageExtension(name === '' ? root : name))
    const notes = names.filter((name) => basename(name) === folderNote)
    found.ignoredCount += names.length - images.length - notes.length
    const paths = images.map((name) => ({ name, path: join(root, name) }))
    const fresh = paths.filter(({ path }) => !seen.has(path))
    const looks = mapAhead(fresh, looksAhead, async ({ name, path }) => {
      // A link to nothing, or what was deleted meanwhile: reading it says so.
      const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }))
      const [folder, ...below] = name.split(sep)
      return { path, folder: below.length > 0 ? folder! : own, bytes: size, changedAt: mtimeMs }
    })
    for await (const file of looks) {
      if (signal?.aborted) throw new DarkroomError('cancelled')
      seen.add(file.path)
      found.files.push(file)
    }
  }
  return found
}

/** Paths of files relative to a folder. */
async function filesBelow(root: string): Promise<string[]> {
  const names: string[] = []
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      const name = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(name)
      else names.push(name)
    }
  }
  // Compared part by part, as on a system with another separator.
  const key = (name: string): string => name.replaceAll(sep, '\0')
  return names
    .map((name) => ({ name, key: key(name) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ name }) => name)
}

async function accessing<T>(file: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    throw new DarkroomError(code === 'ENOENT' ? 'file-not-found' : 'folder-unreadable', { file }, cause)
  }
}
