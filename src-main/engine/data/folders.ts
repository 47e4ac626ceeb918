import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import { hasImageExtension } from '../storage/image-kind.ts'

/**
 * The image files below folders, as absolute paths, each once: in the folders' order, then by path in code-unit order, so that
 * the list is the same on every machine. Links to folders are not followed (they may form loops); hidden files are left
 * out.
 * @throws file-not-found or folder-unreadable, naming the folder.
 */
export async function listImages(folders: string[]): Promise<string[]> {
  const files = new Set<string>()
  for (const folder of folders) {
    for (const path of await listFolder(resolve(folder))) files.add(path)
  }
  return [...files]
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .filter((entry) => hasImageExtension(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort((a, b) => (a < b ? -1 : 1))
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new DarkroomError(missing ? 'file-not-found' : 'folder-unreadable', { file: folder }, cause)
  }
}
