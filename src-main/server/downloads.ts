import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DarkroomError } from '../contract/errors.ts'
import { planZip, zipBytes, type ZipFile } from '../engine/storage/zip-write.ts'
import { fileHeaders } from './headers.ts'

/** RFC 6266: a name in ASCII for old browsers, and the true one in UTF-8 (RFC 5987). */
export function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const extended = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`
}

const headersFor = (name: string, type: string, size: number): Record<string, string | number> => ({
  ...fileHeaders,
  'Content-Type': type,
  'Content-Length': size,
  'Content-Disposition': attachment(name),
})

export interface Download {
  path: string
  /** What it is to be saved as; default: the file's own name. */
  name?: string
}

/** Several files that are saved as one archive. */
export interface Archive {
  files: ZipFile[]
  name: string
}

/** @throws DarkroomError `file-not-found` */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { path, name = basename(path) }: Download,
): Promise<void> {
  const info = await stat(path).catch(() => null)
  if (info?.isFile() !== true) throw new DarkroomError('file-not-found', { file: path })
  // Whatever the file is, it is to be saved, never shown.
  response.writeHead(200, headersFor(name, 'application/octet-stream', info.size))
  if (request.method === 'HEAD' || info.size === 0) response.end()
  // A file that grows meanwhile is cut to the length that was said.
  else await pipeline(createReadStream(path, { end: info.size - 1 }), response)
}

/** Sends files as one zip archive. @throws DarkroomError `file-not-found` where there are none */
export async function sendZip(
  request: IncomingMessage,
  response: ServerResponse,
  { files, name }: Archive,
): Promise<void> {
  const plan = await planZip(files)
  response.writeHead(200, headersFor(name, 'application/zip', plan.size))
  if (request.method === 'HEAD') response.end()
  else await pipeline(Readable.from(zipBytes(plan)), response)
}
