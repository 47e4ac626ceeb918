import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import type { ModelEntry } from '../../src-main/contract/models.ts'
import type { QueueCommandInput, QueueItem } from '../../src-main/contract/queue.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import type { SupervisedEngine } from '../../src-main/host/supervise.ts'
import { connect, type Connection } from '../../src-main/transport/connect.ts'
import { socketChannel } from '../../src-main/transport/socket-channel.ts'
import { fakeEngine } from './fake-engine.ts'
import { recipe } from './fake-runs.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Asking {
  method?: string
  headers?: Record<string, string>
  body?: Uint8Array | string
}

/** Asks a loopback server for something, with exactly these headers: `fetch` would not let Host and Origin be set. */
export async function ask(origin: string, path: string, asking: Asking = {}): Promise<Answer> {
  const { hostname, port } = new URL(origin)
  const { method = 'GET', headers = {}, body } = asking
  // Given apart from the address, which would be made tidy: `/../` must arrive as it is.
  const request = httpRequest({ hostname, port, path, method, headers, agent: false })
  request.end(body)
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) }
}

/** A browser's way in: the cookie, as a header, of the address that is printed. */
export async function enter(url: string): Promise<{ origin: string; cookie: string }> {
  const { origin, pathname, search } = new URL(url)
  const { headers } = await ask(origin, pathname + search)
  return { origin, cookie: headers['set-cookie']![0]!.split(';')[0]! }
}

/** The services behind a server, over its WebSocket. */
export async function connectTo(
  origin: string,
  headers: Record<string, string>,
): Promise<Connection & { socket: WebSocket }> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, { headers })
  const connection = connect(socketChannel(socket))
  await once(socket, 'open')
  return { ...connection, socket }
}

/** An engine that computes nothing: what it is asked for beyond its queue and recipes fails the test. */
export function idleEngine(
  items: QueueItem[] = [],
  models: ModelEntry[] = [],
): SupervisedEngine & { closed: boolean } {
  const engine = fakeEngine({
    recipes: () => Promise.resolve([{ name: 'one', description: 'A recipe', file: '/one.json', recipe }]),
    models: () => Promise.resolve(models),
    queue: () => Promise.resolve({ items, paused: false, progress: null }),
    runs: () => Promise.resolve([]),
    changeQueue: (command: QueueCommandInput) =>
      Promise.resolve({ ids: 'sources' in command ? command.sources : [], ignored: [] }),
    thumbnail: ({ path }: { path: string }) =>
      Promise.resolve({ bytes: Buffer.from(path), type: 'image/png', width: 1, height: 1 }),
  })
  const idle = {
    ...engine,
    closed: false,
    state: () => 'running' as const,
    onState: () => () => undefined,
    restart: () => undefined,
    close() {
      idle.closed = true
      return Promise.resolve()
    },
  }
  return idle
}

/** A picture of the queue. */
export const queueItem = (source: string, given: Partial<QueueItem> = {}): QueueItem => ({
  ...{ id: source, source, dir: '', settings: DenoiseSettings.parse({}), state: 'idle', image: null },
  ...{
    sigma: null,
    output: null,
    written: null,
    cleaned: null,
    progress: 0,
    seconds: null,
    warnings: [],
    error: null,
    attempts: 0,
  },
  ...given,
})
