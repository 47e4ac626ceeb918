import { readdir } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { pageTypes } from '../host/page-files.ts'

export interface Asset {
  file: string
  headers: Record<string, string>
}

/**
 * The files of the built page, by the path of their address. What is not listed here is not served: no address leads out
 * of the folder, however it is written.
 */
export async function listAssets(folder: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const type = pageTypes[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const path = `/${relative(folder, file).split(sep).map(encodeURIComponent).join('/')}`
    const headers: Record<string, string> = { 'Content-Type': type }
    // The build names these by a hash of their content.
    if (path.startsWith('/assets/')) headers['Cache-Control'] = 'private, max-age=31536000, immutable'
    assets.set(path, { file, headers })
    if (path === '/index.html') assets.set('/', { file, headers })
  }
  return assets
}
