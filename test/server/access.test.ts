import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createAccess, type Admission } from '../../src-main/server/access.ts'

const port = 4321
const host = `127.0.0.1:${port}`
const origin = `http://${host}`

const request = (
  given: { method?: string; url?: string; headers?: Record<string, string | undefined> } = {},
): IncomingMessage =>
  ({ method: 'GET', url: '/', ...given, headers: { host, ...given.headers } }) as unknown as IncomingMessage

function enter(): { access: ReturnType<typeof createAccess>; cookie: string } {
  const access = createAccess(port)
  const admission = access.admit(request({ url: access.url.slice(origin.length) }))
  if (admission.kind !== 'enter') throw new Error(admission.kind)
  return { access, cookie: admission.cookie.split(';')[0]! }
}

const refused = (status: number): Admission => ({ kind: 'refused', status }) as Admission
const admitted: Admission = { kind: 'admitted' }

describe('the token', () => {
  it('gives a cookie that no script can read and no other site can send', () => {
    const access = createAccess(port)
    const admission = access.admit(request({ url: access.url.slice(origin.length) }))
    expect(admission).toEqual({
      kind: 'enter',
      cookie: expect.stringMatching(
        /^darkroom-4321=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
      ) as string,
    })
  })

  it('has 256 random bits and is not what the cookie holds', () => {
    const { access, cookie } = enter()
    const token = new URL(access.url).searchParams.get('token')!
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(cookie).not.toContain(token)
    expect(createAccess(port).url).not.toBe(access.url)
  })

  it('lets in as often as it is used, the one in a command only once', () => {
    const access = createAccess(port)
    const path = (url: string): string => url.slice(origin.length)
    for (let time = 0; time < 2; time++)
      expect(access.admit(request({ url: path(access.url) })).kind).toBe('enter')
    const once = path(access.oneTimeUrl())
    expect(access.admit(request({ url: once })).kind).toBe('enter')
    expect(access.admit(request({ url: once }))).toEqual(refused(401))
  })

  it.each(['/?token=', '/?token=wrong', `/?token=${'A'.repeat(43)}`, '/index.html?token=wrong'])(
    'refuses %s',
    (url) => {
      expect(createAccess(port).admit(request({ url }))).toEqual(refused(401))
    },
  )

  it('is used up by GET only: a link preview asks with HEAD', () => {
    const access = createAccess(port)
    const once = access.oneTimeUrl().slice(origin.length)
    expect(access.admit(request({ method: 'HEAD', url: once }))).toEqual(refused(401))
    expect(access.admit(request({ url: once })).kind).toBe('enter')
  })
})

describe('the cookie', () => {
  it('admits, also between those of other programs', () => {
    const { access, cookie } = enter()
    expect(access.admit(request({ headers: { cookie } }))).toEqual(admitted)
    expect(access.admit(request({ headers: { cookie: `a=b; ${cookie}; c` } }))).toEqual(admitted)
  })

  it.each([
    undefined,
    '',
    'darkroom-4321',
    'darkroom-4321=',
    `darkroom-4321=${'A'.repeat(43)}`,
    'darkroom-9=x',
  ])('%s is refused', (cookie) => {
    expect(enter().access.admit(request({ headers: { cookie } }))).toEqual(refused(401))
  })

  it('of another server is refused', () => {
    expect(enter().access.admit(request({ headers: { cookie: enter().cookie } }))).toEqual(refused(401))
  })
})

describe('the Host header', () => {
  it.each([
    'evil.com',
    `evil.com:${port}`,
    '127.0.0.1',
    '127.0.0.1:80',
    `0.0.0.0:${port}`,
    `[::1]:${port}`,
    '',
  ])('%s is refused, whatever else is right: DNS rebinding', (wrong) => {
    const { access, cookie } = enter()
    const headers = { host: wrong, cookie, origin: `http://${wrong}` }
    expect(access.admit(request({ headers }))).toEqual(refused(403))
    expect(access.admit(request({ headers, url: access.url.slice(origin.length) }))).toEqual(refused(403))
    expect(access.admitSocket(request({ headers }))).toEqual(refused(403))
  })

  it('may be localhost, with an origin of the same name', () => {
    const { access, cookie } = enter()
    const local = `localhost:${port}`
    expect(access.admit(request({ headers: { host: local, cookie } }))).toEqual(admitted)
    const socket = (from: string): Admission =>
      access.admitSocket(request({ headers: { host: local, cookie, origin: from } }))
    expect(socket(`http://${local}`)).toEqual(admitted)
    expect(socket(origin)).toEqual(refused(403))
  })
})

describe('the origin', () => {
  it.each([
    undefined,
    'null',
    'http://evil.com',
    'http://127.0.0.1',
    'http://127.0.0.1:9',
    `https://${host}`,
  ])('%s may neither upload nor open a WebSocket', (from) => {
    const { access, cookie } = enter()
    const headers = { cookie, origin: from }
    expect(access.admit(request({ method: 'POST', url: '/upload', headers }))).toEqual(refused(403))
    expect(access.admitSocket(request({ headers }))).toEqual(refused(403))
  })

  it('needs the cookie as well', () => {
    const { access, cookie } = enter()
    for (const headers of [{ origin }, { origin, cookie }]) {
      const expected = 'cookie' in headers ? admitted : refused(401)
      expect(access.admitSocket(request({ headers }))).toEqual(expected)
      expect(access.admit(request({ method: 'POST', url: '/upload', headers }))).toEqual(expected)
    }
  })
})

describe('requests', () => {
  it.each(['cross-site', 'same-site', 'nonsense'])('of %s pages are refused', (site) => {
    const { access, cookie } = enter()
    const headers = { cookie, origin, 'sec-fetch-site': site }
    expect(access.admit(request({ headers }))).toEqual(refused(403))
    expect(access.admitSocket(request({ headers }))).toEqual(refused(403))
  })

  it.each(['same-origin', 'none'])('that a browser calls %s are admitted', (site) => {
    const { access, cookie } = enter()
    expect(access.admit(request({ headers: { cookie, 'sec-fetch-site': site } }))).toEqual(admitted)
  })

  it.each(['PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'PATCH'])('%s is not answered', (method) => {
    const { access, cookie } = enter()
    expect(access.admit(request({ method, headers: { cookie, origin } }))).toEqual(refused(405))
  })

  it.each(['http://evil.com/', '//evil.com/', '*', ''])('for %j are not understood', (url) => {
    const { access, cookie } = enter()
    expect(access.admit(request({ url, headers: { cookie } }))).toEqual(refused(400))
  })
})
