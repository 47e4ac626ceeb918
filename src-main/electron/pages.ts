import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { serveScheme, type PageResponse } from './compat.ts'

/** The window's page. A scheme of our own instead of `file:`, whose pages may read every file of the disk. */
export const pageScheme = 'app'
export const pageOrigin = `${pageScheme}://darkroom`

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

/** The page runs its own scripts and talks to nobody: the engine is reached through a message port. */
const headers = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** The file that an address names, or null: no address leads out of the folder, however it is written. */
export function pageFile(url: string, folder: string): string | null {
  let address: URL
  let path: string
  try {
    address = new URL(url)
    path = decodeURIComponent(address.pathname)
  } catch {
    return null
  }
  if (address.protocol !== `${pageScheme}:` || address.host !== 'darkroom' || path.includes('\0')) return null
  const file = join(folder, path === '/' ? 'index.html' : path)
  return file.startsWith(folder + sep) && extname(file) in types ? file : null
}

const notFound: PageResponse = { status: 404, headers, body: Buffer.alloc(0) }

/** Serves the built page under `app://darkroom/`. */
export function servePages(folder: string): void {
  serveScheme(pageScheme, async (url) => {
    const file = pageFile(url, folder)
    if (file === null) return notFound
    try {
      const body = await readFile(file)
      return { status: 200, headers: { ...headers, 'Content-Type': types[extname(file)]! }, body }
    } catch {
      return notFound
    }
  })
}
