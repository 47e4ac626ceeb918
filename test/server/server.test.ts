import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { homedir, platform } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { EngineEvent } from '../../src-main/contract/engine.ts'
import type { ModelEntry } from '../../src-main/contract/models.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import { startServer, type RunningServer } from '../../src-main/server/server.ts'
import { largestRequest } from '../../src-main/transport/socket-channel.ts'
import { modelEntry } from '../support/fake-program.ts'
import { temporaryFolder } from '../support/image-fixtures.ts'
import { ask, connectTo, enter, idleEngine, queueItem, type Answer, type Asking } from '../support/server.ts'

const temporary = temporaryFolder()
const items = [
  queueItem('noisy', { state: 'idle', output: 'planned' }),
  queueItem('여름 "밤".jpg', { state: 'done', output: 'clean 여름.jpg' }),
]
const models: ModelEntry[] = []
/** What listens to the engine. */
const listeners = new Set<(event: EngineEvent) => void>()
const tell = (event: EngineEvent): void => listeners.forEach((listener) => listener(event))
const engine = Object.assign(idleEngine(items, models), {
  subscribe(listener: (event: EngineEvent) => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
})
let server: RunningServer
let origin = ''
let cookie = ''

/** Asks as the page does, but for what the test changes. */
const askAsPage = (path: string, { headers, ...asking }: Asking = {}): Promise<Answer> =>
  ask(origin, path, { ...asking, headers: { cookie, origin, ...headers } })

beforeAll(async () => {
  await mkdir(temporary('page', 'assets'), { recursive: true })
  await mkdir(temporary('pictures'))
  await writeFile(temporary('page', 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(temporary('page', 'assets', 'main-abc123.js'), 'script')
  await writeFile(temporary('page', 'source.ts'), 'not for browsers')
  await writeFile(temporary('secret.json'), 'secret')
  for (const item of items) {
    item.source = temporary('pictures', item.source)
    item.output = temporary('pictures', item.output!)
    await writeFile(item.source, 'source')
  }
  await writeFile(items[1]!.output!, 'clean')
  server = await startServer({
    home: temporary('home'),
    port: 0,
    roots: [temporary('pictures')],
    open: [temporary('secret.json')],
    page: temporary('page'),
    startEngine: (_home, _preferences, log) => {
      log('engine started')
      return Promise.resolve(engine)
    },
  })
  ;({ origin, cookie } = await enter(server.url))
})
afterAll(() => server.close())

describe('the page', () => {
  it('is served to who has the cookie, with headers that let it talk to nobody else', async () => {
    const { status, headers, body } = await askAsPage('/')
    expect(status).toBe(200)
    expect(body.toString()).toContain('<title>page</title>')
    const policy = headers['content-security-policy']
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(policy).toContain(`connect-src 'self' ${origin.replace('http', 'ws')};`)
    expect(policy).not.toContain('unsafe')
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
  })

  it('is kept by the browser where its name holds a hash', async () => {
    const { headers, body } = await askAsPage('/assets/main-abc123.js')
    expect(body.toString()).toBe('script')
    expect(headers['cache-control']).toContain('immutable')
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  it('is announced to HEAD without a body', async () => {
    const { status, headers, body } = await askAsPage('/', { method: 'HEAD' })
    expect([status, headers['content-type'], body.length]).toEqual([200, 'text/html; charset=utf-8', 0])
  })

  it('leaves no address behind that holds the token', async () => {
    const { pathname, search } = new URL(server.url)
    const { status, headers, body } = await ask(origin, pathname + search)
    expect([status, headers.location, body.length]).toEqual([303, '/', 0])
    expect(headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/)
    expect(headers['referrer-policy']).toBe('no-referrer')
  })

  it.each([
    '/../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/assets/../../secret.json',
    '/assets/..%5c..%5csecret.json',
    '/assets/%00',
    '/source.ts',
    '/assets/',
    '/nothing',
  ])('does not lead to %s', async (path) => {
    const { status, body } = await askAsPage(path)
    expect(status).toBe(404)
    expect(body.toString()).not.toContain('secret')
  })
})

describe('strangers', () => {
  // No browser writes such addresses; a program can, and needs no secret for it.
  it.each(['/\\', '/\\\\evil.com/', '/\\[', '//evil.com/', '//['])(
    'cannot end the server with the address %s',
    async (path) => {
      expect((await ask(origin, path)).status).toBe(400)
      expect((await askAsPage('/')).status).toBe(200)
    },
  )

  it('are told in words where to look, without what they asked for', async () => {
    const { status, headers, body } = await ask(origin, '/?token=guess')
    expect(status).toBe(401)
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(body.toString()).toMatch(/address.*\n.*주소/)
    expect(body.toString()).not.toContain('guess')
  })

  it.each(['/', '/assets/main-abc123.js', '/download?path=x', '/download-all'])(
    'get nothing of %s',
    async (path) => {
      expect((await ask(origin, path)).status).toBe(401)
    },
  )

  it('cannot reach the page through a name of theirs: DNS rebinding', async () => {
    for (const host of ['evil.com', `evil.com:${new URL(origin).port}`]) {
      expect((await askAsPage('/', { headers: { host } })).status).toBe(403)
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, {
        headers: { cookie, host, origin: `http://${host}` },
      })
      expect(await refusal(socket)).toBe(403)
    }
  })

  it('cannot open a WebSocket', async () => {
    const open = (headers: Record<string, string>, path = '/rpc'): Promise<number> =>
      refusal(new WebSocket(origin.replace('http', 'ws') + path, { headers }))
    expect(await open({ origin })).toBe(401)
    expect(await open({ cookie })).toBe(403)
    expect(await open({ cookie, origin: 'http://evil.com' })).toBe(403)
    expect(await open({ cookie, origin }, '/other')).toBe(404)
  })

  it('cannot upload', async () => {
    const upload = (headers: Record<string, string>): Promise<Answer> =>
      ask(origin, '/upload?name=a.png', { method: 'POST', body: 'x', headers })
    expect((await upload({ origin })).status).toBe(401)
    expect((await upload({ cookie })).status).toBe(403)
    expect((await upload({ cookie, origin, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await askAsPage('/upload?name=a.png', { method: 'PUT', body: 'x' })).status).toBe(405)
    await expect(readdir(temporary('home', 'uploads'))).rejects.toThrow('ENOENT')
  })
})

/** Status that a WebSocket is refused with. */
async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
  socket.terminate()
  return response.statusCode
}

describe('uploads', () => {
  const upload = async (name: string, body: Uint8Array | string, batch = ''): Promise<Answer> =>
    askAsPage(`/upload?name=${encodeURIComponent(name)}${batch && `&batch=${batch}`}`, {
      method: 'POST',
      body,
    })
  const pathOf = ({ body }: Answer): string => (JSON.parse(body.toString()) as { path: string }).path

  it('become files that the page may name', async () => {
    const bytes = Buffer.alloc(3_000_000, 'picture')
    const answer = await upload('밤/여름 🌻.jpg', bytes)
    expect(answer.status).toBe(200)
    const path = pathOf(answer)
    expect(path).toMatch(/uploads[/\\][\w-]+[/\\][\w-]+[/\\]밤[/\\]여름 🌻\.jpg$/)
    expect(bytes.equals(await readFile(path))).toBe(true)
    const { engine: remote, socket } = await connectTo(origin, { cookie, origin })
    expect(Buffer.from((await remote.thumbnail({ path, side: 64 })).bytes).toString()).toBe(path)
    socket.terminate()
  })

  it('of one drop share a folder, and none replaces another', async () => {
    const paths = []
    for (const name of ['trip/a.jpg', 'trip/b.jpg', 'trip/A.jpg'])
      paths.push(pathOf(await upload(name, name, 'drop-1')))
    expect(paths[0]).toMatch(/drop-1[/\\]trip[/\\]a\.jpg$/)
    expect(paths[2]).toMatch(/drop-1[/\\]trip[/\\]A-2\.jpg$/)
    expect(await readFile(paths[0]!, 'utf8')).toBe('trip/a.jpg')
  })

  it.each([
    ['../../x.jpg', ''],
    ['/etc/x.jpg', ''],
    ['', ''],
    ['x.jpg', '..'],
    ['x.jpg', 'a/b'],
  ])('named %j in %j are refused', async (name, batch) => {
    const answer = await upload(name, 'x', batch)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: 'argument-invalid' } })
  })

  it('that are too large, or do not say how large, are refused before they are read', async () => {
    const large = (headers: Record<string, string>): Promise<string> => rawUpload(headers, '')
    expect(await large({ 'Content-Length': String(5 * 2 ** 30) })).toMatch(
      /^HTTP\/1\.1 413 .*"image-too-large"/s,
    )
    expect(await large({ 'Transfer-Encoding': 'chunked' })).toMatch(/^HTTP\/1\.1 400 .*Content-Length/s)
  })

  it('that break off leave nothing behind', async () => {
    const before = await filesBelow(temporary('home', 'uploads'))
    const { hostname, port } = new URL(origin)
    const socket = connectSocket(Number(port), hostname)
    socket.write(
      head('/upload?name=broken.jpg&batch=broken', { 'Content-Length': '1000000' }) + 'only the begin',
    )
    await vi.waitFor(async () => {
      expect((await filesBelow(temporary('home', 'uploads'))).length).toBe(before.length + 1)
    })
    socket.destroy()
    await vi.waitFor(async () => {
      expect(await filesBelow(temporary('home', 'uploads'))).toEqual(before)
    })
  })

  const head = (path: string, headers: Record<string, string>): string =>
    [
      `POST ${path} HTTP/1.1`,
      ...Object.entries({ Host: new URL(origin).host, Origin: origin, Cookie: cookie, ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      ),
      '',
      '',
    ].join('\r\n')

  /** The first bytes of the answer to an upload that is not as a client would send it. */
  async function rawUpload(headers: Record<string, string>, body: string): Promise<string> {
    const { hostname, port } = new URL(origin)
    const socket = connectSocket(Number(port), hostname)
    socket.write(head('/upload?name=x.jpg', headers) + body)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return answer.toString()
  }
})

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

describe('downloads', () => {
  const download = (path: string, asking?: Asking): Promise<Answer> =>
    askAsPage(`/download?path=${encodeURIComponent(path)}`, asking)

  it('give results and sources of the queue, to be saved under their names', async () => {
    const { status, headers, body } = await download(items[1]!.output!)
    expect([status, body.toString()]).toEqual([200, 'clean'])
    expect(headers).toMatchObject({
      'content-length': '5',
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="clean __.jpg"; filename*=UTF-8''clean%20${encodeURIComponent('여름')}.jpg`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    })
    const source = await download(items[1]!.source)
    expect(source.body.toString()).toBe('source')
    expect(source.headers['content-disposition']).toContain('filename="__ ___.jpg"')
    expect((await download(items[1]!.output!, { method: 'HEAD' })).body).toHaveLength(0)
  })

  it.each([
    ['what is not in the queue', () => temporary('pictures', 'other.jpg')],
    ['what is not written yet', () => items[0]!.output!],
    ['what was opened, but is no picture of the queue', () => temporary('secret.json')],
    ['other files', () => '/etc/passwd'],
    ['ways around', () => temporary('pictures', '..', 'secret.json')],
    ['nothing', () => ''],
  ])('refuse %s', async (_what, path) => {
    const { status, body } = await download(path())
    expect([status, JSON.parse(body.toString())]).toMatchObject([
      403,
      { error: { code: 'path-not-granted' } },
    ])
  })

  it('give models under their titles, which is how they are exported', async () => {
    const file = temporary('mine.onnx')
    await writeFile(file, 'network')
    models.push(modelEntry('mine', { file, title: 'Night/day: 2' }))
    const { status, headers } = await download(file)
    expect(status).toBe(200)
    expect(headers['content-disposition']).toContain('filename="Night_day_ 2.onnx"')
    models.pop()
    expect((await download(file)).status).toBe(403)
  })

  it('give what jobs have written, a folder as an archive of nothing else', async () => {
    const folder = temporary('pictures', 'taken')
    const [first, second] = [join(folder, 'a.png'), join(folder, 'shoes', 'a.png')]
    await mkdir(join(folder, 'shoes'), { recursive: true })
    await Promise.all([first, second, join(folder, 'mine.png')].map((file) => writeFile(file, 'picture')))
    expect((await download(first)).status).toBe(403)
    expect((await download(folder)).status).toBe(403)
    tell({ id: '1', event: 'done', result: { type: 'export-items', items: 2, files: [first, second] } })

    expect((await download(first)).body.toString()).toBe('picture')
    expect((await download(join(folder, 'mine.png'))).status).toBe(403)
    const { headers, body } = await download(folder)
    expect(headers['content-type']).toBe('application/zip')
    expect(headers['content-disposition']).toContain('filename="taken.zip"')
    expect(['a.png', 'shoes/a.png', 'mine.png'].map((name) => body.includes(name))).toEqual([
      ...[true, true, false],
    ])
    expect((await download(temporary('pictures', 'tak'))).status).toBe(403)
    expect((await download('')).status).toBe(403)
  })

  it('say when a result is gone', async () => {
    items.push(queueItem(temporary('pictures', 'gone.jpg')))
    expect((await download(temporary('pictures', 'gone.jpg'))).status).toBe(404)
    items.pop()
  })

  it('give all results in one archive', async () => {
    const { status, headers, body } = await askAsPage('/download-all')
    expect([status, headers['content-type']]).toEqual([200, 'application/zip'])
    expect(body.includes('clean 여름.jpg')).toBe(true)
    expect(body.includes('planned')).toBe(false)
  })
})

describe('the WebSocket', () => {
  it('answers calls to the engine and the shell', async () => {
    const { engine: remote, shell, socket } = await connectTo(origin, { cookie, origin })
    expect(await remote.recipes()).toMatchObject([
      { name: 'one', description: 'A recipe', file: '/one.json' },
    ])
    expect(await shell.info()).toMatchObject({
      kind: 'browser',
      home: temporary('home'),
      roots: [temporary('pictures')],
    })
    socket.terminate()
  })

  it('serves several pages at once, and does not end with one', async () => {
    const one = await connectTo(origin, { cookie, origin })
    const other = await connectTo(origin, { cookie, origin })
    const told = new Promise((resolve) => other.shell.subscribe(resolve))
    await one.shell.setPreferences({ theme: 'dark' })
    expect(await told).toMatchObject({ event: 'preferences', preferences: { theme: 'dark' } })
    await one.engine.close()
    one.socket.terminate()
    expect(await other.engine.recipes()).toHaveLength(1)
    expect(engine.closed).toBe(false)
    other.socket.terminate()
  })

  it('refuses paths outside of the roots', async () => {
    const { engine: remote, shell, socket } = await connectTo(origin, { cookie, origin })
    const picture = temporary('pictures', 'a.jpg')
    expect(await shell.grant([picture, 'a.jpg'])).toEqual([picture, picture])
    for (const path of [temporary(), '/etc/passwd', '../other.json', '~', `${homedir()}/x.jpg`]) {
      await expect(shell.grant([path])).rejects.toMatchObject({ detail: { code: 'path-not-granted' } })
      await expect(remote.thumbnail({ path, side: 64 })).rejects.toMatchObject({
        detail: { code: 'path-not-granted' },
      })
    }
    socket.terminate()
  })

  it('remembers an output folder inside of the roots only', async () => {
    const { shell, socket } = await connectTo(origin, { cookie, origin })
    const remember = (out: string): Promise<unknown> =>
      shell.setPreferences({ settings: DenoiseSettings.parse({ out }) })
    await expect(remember('/etc')).rejects.toMatchObject({ detail: { code: 'path-not-granted' } })
    expect((await shell.preferences()).settings.out).toBeNull()
    await remember(temporary('pictures'))
    expect((await shell.preferences()).settings.out).toBe(temporary('pictures'))
    socket.terminate()
  })

  it('hands over the files of the command line once', async () => {
    const { engine: remote, shell, socket } = await connectTo(origin, { cookie, origin })
    const opened = await shell.takeOpened()
    expect(opened).toEqual([temporary('secret.json')])
    expect(await shell.takeOpened()).toEqual([])
    expect((await remote.thumbnail({ path: opened[0]!, side: 64 })).width).toBe(1)
    socket.terminate()
  })

  it('has no dialogs', async () => {
    const { shell, socket } = await connectTo(origin, { cookie, origin })
    for (const call of [shell.chooseFiles(), shell.chooseFolder(), shell.openLogs()])
      await expect(call).rejects.toMatchObject({ detail: { code: 'shell-unsupported' } })
    socket.terminate()
  })

  it.each([
    ['a frame that is too large', Buffer.alloc(largestRequest + 1)],
    ['what is no message', 'text'],
    ['what is no request', Buffer.from([0xc1])],
  ])('is closed by %s, and the server goes on', async (_what, frame) => {
    const { socket } = await connectTo(origin, { cookie, origin })
    socket.on('error', () => undefined)
    socket.send(frame)
    await once(socket, 'close')
    expect((await askAsPage('/')).status).toBe(200)
  })
})

describe('the server', () => {
  // Elsewhere 127.0.0.2 is no address of the machine.
  it.skipIf(platform() !== 'linux')('listens on one address of loopback only', async () => {
    const { port } = new URL(server.url)
    const socket = connectSocket(Number(port), '127.0.0.2')
    await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED')
  })

  it('writes no secret anywhere', async () => {
    const secrets = [new URL(server.url).searchParams.get('token')!, cookie.split('=')[1]!]
    const log = await readFile(temporary('home', 'logs', 'browser.log'), 'utf8')
    expect(log).toContain('engine started')
    for (const entry of await readdir(temporary('home'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const content = await readFile(`${entry.parentPath}/${entry.name}`, 'latin1')
      for (const secret of secrets) expect(content.includes(secret), entry.name).toBe(false)
    }
  })

  it('is the only one of its home folder', async () => {
    const another = startServer({
      home: temporary('home'),
      port: 0,
      roots: [],
      open: [],
      page: temporary('page'),
      startEngine: () => Promise.resolve(idleEngine()),
    })
    await expect(another).rejects.toMatchObject({ detail: { code: 'home-in-use', file: `${origin}/` } })
  })

  it('says what is wrong before it starts: no page, no port', async () => {
    const options = { home: temporary('other'), port: 0, roots: [], open: [], page: temporary('page') }
    await expect(startServer({ ...options, page: temporary('nowhere') })).rejects.toMatchObject({
      detail: { code: 'file-not-found' },
    })
    await expect(startServer({ ...options, port: Number(new URL(origin).port) })).rejects.toMatchObject({
      detail: { code: 'argument-invalid', file: '--port' },
    })
  })
})
