import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

// Who may talk to the server. Any page of any site that the person has open can send requests to 127.0.0.1, and so can
// every other user of this machine: docs/decisions/0009-browser-mode.md says what each check keeps out.

/** What to do with a request. `enter`: give the page the cookie and take the token out of its address. */
export type Admission = { kind: 'admitted' } | { kind: 'enter'; cookie: string } | Refusal
export interface Refusal {
  kind: 'refused'
  status: 400 | 401 | 403 | 405
}

export interface Access {
  /** The address to print: it lets a browser in for as long as the server runs. */
  url: string
  /** An address that lets one browser in, once: arguments of the command that opens it can be read by other users. */
  oneTimeUrl(): string
  /** Judges a request for a page or a file, or an upload. */
  admit(request: IncomingMessage): Admission
  /** Judges a request to become a WebSocket. */
  admitSocket(request: IncomingMessage): Admission
}

const newSecret = (): string => randomBytes(32).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
/** Compares in a time that tells nothing about where, or in what length, two secrets differ. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

const refused = (status: Refusal['status']): Refusal => ({ kind: 'refused', status })
const methods = new Set(['GET', 'HEAD', 'POST'])

/** @param port that the server listens on: the only one that requests may name */
export function createAccess(port: number): Access {
  const origin = `http://127.0.0.1:${port}`
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
  const token = newSecret()
  const oneTimeTokens = new Set<string>()
  const session = newSecret()
  // Cookies are shared by all ports of a host: the name keeps two servers of one person apart.
  const cookieName = `darkroom-${port}`

  const hasCookie = (request: IncomingMessage): boolean =>
    (request.headers.cookie ?? '').split(';').some((pair) => {
      const at = pair.indexOf('=')
      return pair.slice(0, at).trim() === cookieName && isSame(pair.slice(at + 1).trim(), session)
    })

  const isToken = (given: string): boolean => {
    if (isSame(given, token)) return true
    const oneTime = [...oneTimeTokens].find((one) => isSame(given, one))
    return oneTime !== undefined && oneTimeTokens.delete(oneTime)
  }

  /** What holds for every request; null when nothing is wrong. */
  function objection({ headers, method, url }: IncomingMessage): Refusal | null {
    // A name that someone else's DNS points at 127.0.0.1 makes this server same-origin with their page: only Host tells.
    if (!hosts.has(headers.host ?? '')) return refused(403)
    if (!methods.has(method ?? '')) return refused(405)
    // Not only `//host` names another one, `/\host` does too; and of some such addresses nothing can be made at all.
    if (url?.startsWith('/') !== true || !URL.canParse(url, origin) || new URL(url, origin).origin !== origin)
      return refused(400)
    // `none`: typed, or opened by another program. Pages of other ports of this host are `same-site`, and get the cookie.
    const site = headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return refused(403)
    if (headers.origin !== undefined && headers.origin !== `http://${headers.host ?? ''}`) return refused(403)
    return null
  }

  /** POST and WebSocket do something, so that a browser must say which page asks. */
  function admitActing(request: IncomingMessage): Admission {
    const wrong = objection(request)
    if (wrong !== null) return wrong
    if (request.headers.origin === undefined) return refused(403)
    return hasCookie(request) ? { kind: 'admitted' } : refused(401)
  }

  return {
    url: `${origin}/?token=${token}`,

    oneTimeUrl() {
      const oneTime = newSecret()
      oneTimeTokens.add(oneTime)
      return `${origin}/?token=${oneTime}`
    },

    admit(request) {
      if (request.method === 'POST') return admitActing(request)
      const wrong = objection(request)
      if (wrong !== null) return wrong
      const { pathname, searchParams } = new URL(request.url ?? '/', origin)
      const given = searchParams.get('token')
      if (pathname === '/' && given !== null && request.method === 'GET')
        return isToken(given)
          ? { kind: 'enter', cookie: `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/` }
          : refused(401)
      return hasCookie(request) ? { kind: 'admitted' } : refused(401)
    },

    admitSocket: admitActing,
  }
}
