import { createReadStream } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { toErrorDetail, type ErrorCode } from '../contract/errors.ts'
import { locales, translate } from '../contract/messages/messages.ts'
import { flatNames } from '../engine/storage/zip-write.ts'
import type { Access } from './access.ts'
import type { Asset } from './assets.ts'
import { sendFile, sendZip, type Archive, type Download } from './downloads.ts'
import { securityHeaders } from './headers.ts'

/** What the requests of a page reach. */
export interface Site {
  access: Access
  /** By the path of the address. */
  assets: Map<string, Asset>
  /** Keeps an uploaded file and returns its path. */
  receive(body: IncomingMessage, name: string, batch: string | null): Promise<string>
  /** What is at this path, if it may be downloaded; of a folder, what was written there. @throws DarkroomError `path-not-granted` */
  requireDownloadable(path: string): Promise<Download | Archive>
  /** Everything that the queue has written. */
  outputs(): Promise<string[]>
  /** Told what failed without being the page's fault. */
  onError(thrown: unknown): void
}

/** Status of errors that a request may meet; 500 for the others. */
const statusOf: Partial<Record<ErrorCode, number>> = {
  'argument-invalid': 400,
  'path-not-granted': 403,
  'file-not-found': 404,
  'image-too-large': 413,
  'disk-full': 507,
}

/** Answers everything but WebSockets: the page, its uploads and its downloads. */
export function answerRequests(site: Site): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders(request.headers.host ?? '')))
      response.setHeader(name, value)
    const admission = site.access.admit(request)
    switch (admission.kind) {
      case 'refused':
        return refuse(response, admission.status)
      case 'enter':
        // To an address without the token, which history and screenshots would keep.
        response.writeHead(303, { Location: '/', 'Set-Cookie': admission.cookie }).end()
        return
      case 'admitted':
        answer(site, request, response).catch((thrown: unknown) => fail(site, response, thrown))
    }
  }
}

/** Refuses in every language: a browser without the cookie asks for the page itself. */
function refuse(response: ServerResponse, status: 400 | 401 | 403 | 404 | 405): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(locales.map((locale) => `${translate(locale, `server.refused-${status}`)}\n`).join(''))
}

function fail(site: Site, response: ServerResponse, thrown: unknown): void {
  const error = toErrorDetail(thrown)
  const status = statusOf[error.code] ?? 500
  // A page that goes away while it is being answered is no fault of anyone's.
  if (response.destroyed) return
  if (status === 500) site.onError(thrown)
  if (response.headersSent) response.destroy()
  else sendJson(response, status, { error })
}

function sendJson(response: ServerResponse, status: number, data: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(data))
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (request.method === 'POST') {
    if (pathname !== '/upload') return refuse(response, 404)
    const path = await site.receive(request, searchParams.get('name') ?? '', searchParams.get('batch'))
    return sendJson(response, 200, { path })
  }
  if (pathname === '/download') {
    const found = await site.requireDownloadable(searchParams.get('path') ?? '')
    return 'files' in found ? sendZip(request, response, found) : sendFile(request, response, found)
  }
  if (pathname === '/download-all')
    return sendZip(request, response, {
      files: flatNames(await site.outputs()),
      name: 'latent-darkroom.zip',
    })
  const asset = site.assets.get(pathname)
  if (asset === undefined) return refuse(response, 404)
  response.writeHead(200, asset.headers)
  if (request.method === 'HEAD') response.end()
  else await pipeline(createReadStream(asset.file), response)
}
