import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { pagePolicy, pageTypes } from '../host/page-files.ts'
import { serveScheme, type PageResponse } from './compat.ts'

/** The window's page. A scheme of our own instead of `file:`, whose pages may read every file of the disk. */
export const pageScheme = 'app'
export const pageOrigin = `${pageScheme}://darkroom`

/** The page talks to nobody: the engine is reached through a message port. */
const headers = {
  'Content-Security-Policy': pagePolicy("'none'"),
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
  return file.startsWith(folder + sep) && extname(file) in pageTypes ? file : null
}

const notFound: PageResponse = { status: 404, headers, body: Buffer.alloc(0) }

/** Serves the built page under `app://darkroom/`. */
export function servePages(folder: string): void {
  serveScheme(pageScheme, async (url) => {
    const file = pageFile(url, folder)
    if (file === null) return notFound
    try {
      const body = await readFile(file)
      return { status: 200, headers: { ...headers, 'Content-Type': pageTypes[extname(file)]! }, body }
    } catch {
      return notFound
    }
  })
}
