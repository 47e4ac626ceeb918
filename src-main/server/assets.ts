import { readdir } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

export interface Asset {
  file: string
  headers: Record<string, string>
}

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/**
 * The files of the built page, by the path of their address. What is not listed here is not served: no address leads out
 * of the folder, however it is written.
 */
export async function listAssets(folder: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)]
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
