import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { connect, type Connection } from '../../src-main/transport/connect.ts'
import { portChannel } from '../../src-main/transport/port-channel.ts'
import { processChannel } from '../../src-main/transport/process-channel.ts'
import { serve } from '../../src-main/transport/serve.ts'
import { closeCodes, socketChannel } from '../../src-main/transport/socket-channel.ts'
import { fromSources } from '../support/engine-process.ts'
import { facts, fakeEngine } from '../support/fake-engine.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

interface Ends {
  connection: Connection
  /** Ends the channel at the serving side. */
  cut: () => void
}

const engine = fakeEngine({
  doctor: () => Promise.resolve(facts),
  stop: () => Promise.resolve(undefined),
  recipes: () => new Promise(() => undefined),
})

function ports(): Ends {
  const { port1, port2 } = new MessageChannel()
  const served = serve(portChannel(port1), { engine })
  ends.push(() => port2.close())
  return { connection: connect(portChannel(port2)), cut: () => served.close() }
}

/** Electron's MessagePortMain: an emitter of events that have `data`, silent until `start`. */
function mainPorts(): Ends {
  const { port1, port2 } = new MessageChannel()
  const main = Object.assign(new EventEmitter(), {
    postMessage: (message: unknown) => port1.postMessage(message),
    start: () => void port1.on('message', (data: unknown) => main.emit('message', { data })),
    close: () => port1.close(),
  })
  port1.on('close', () => main.emit('close'))
  const served = serve(portChannel(main), { engine })
  return { connection: connect(portChannel(port2)), cut: () => served.close() }
}

function childProcess(): Ends {
  const entry = fileURLToPath(new URL('../support/fact-process.ts', import.meta.url))
  const child = spawn(fromSources.node, [...fromSources.nodeArguments, entry], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  ends.push(() => child.kill('SIGKILL'))
  return { connection: connect(processChannel(child)), cut: () => child.kill('SIGKILL') }
}

async function listen(
  limit?: number,
  maxPayload?: number,
): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload })
  server.on('connection', (socket) => serve(socketChannel(socket, limit), { engine }))
  await once(server, 'listening')
  ends.push(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function sockets(): Promise<Ends> {
  const { server, url } = await listen()
  const cut = (): void => {
    for (const client of server.clients) client.terminate()
  }
  // Calls are made before it is open: they wait.
  return { connection: connect(socketChannel(new WebSocket(url))), cut }
}

describe.each([
  ['message ports', ports],
  ['Electron’s ports', mainPorts],
  ['a child process', childProcess],
  ['a WebSocket', sockets],
])('%s', (_, open) => {
  it('carries plain data and bytes as they are', async () => {
    const { connection } = await open()
    const received = (await connection.engine.doctor()) as unknown as typeof facts
    expect({ ...received, bytes: null }).toEqual({ ...facts, bytes: null })
    // Compared as a whole: one by one, 300,000 bytes take seconds.
    expect(Buffer.compare(received.bytes, facts.bytes)).toBe(0)
    expect(Object.is(received.nothing, null)).toBe(true)
    expect(received.bytes).toBeInstanceOf(Uint8Array)
    expect(received.codes).toBeInstanceOf(Float32Array)
    expect(received.places).toBeInstanceOf(Int32Array)
    expect(await connection.engine.stop('any')).toBeUndefined()
  })

  it('rejects what is in flight when it ends, and every call after', async () => {
    const { connection, cut } = await open()
    await connection.engine.stop('any')
    const inFlight = connection.engine.recipes()
    cut()
    await expect(inFlight).rejects.toMatchObject({ detail: { code: 'engine-crashed' } })
    await connection.closed
    await expect(connection.engine.doctor()).rejects.toMatchObject({ detail: { code: 'engine-crashed' } })
  })
})

describe('a WebSocket of the server', () => {
  it.each([
    ['text', closeCodes.notMessagePack, 'hello'],
    ['bytes that are no MessagePack', closeCodes.notMessagePack, Uint8Array.of(0xc1)],
    ['keys that would reach a prototype', closeCodes.notMessagePack, prototypeKey()],
    ['a message above the limit', closeCodes.tooLarge, new Uint8Array(1001)],
  ])('is closed by %s, and others go on', async (_, code, data) => {
    const { url } = await listen(1000)
    const good = connect(socketChannel(new WebSocket(url)))
    const bad = new WebSocket(url)
    await once(bad, 'open')
    bad.send(data)
    expect((await once(bad, 'close'))[0]).toBe(code)
    expect(await good.engine.stop('any')).toBeUndefined()
  })
})

describe('a WebSocket', () => {
  it('outlives what ws itself refuses', async () => {
    const { url } = await listen(1000, 500)
    const bad = new WebSocket(url)
    await once(bad, 'open')
    bad.send(new Uint8Array(501))
    expect((await once(bad, 'close'))[0]).toBe(1009)
    expect(await connect(socketChannel(new WebSocket(url))).engine.stop('any')).toBeUndefined()
  })

  it('that cannot be opened rejects the calls that waited for it', async () => {
    const { server, url } = await listen()
    server.close()
    const { engine: remote } = connect(socketChannel(new WebSocket(url)))
    await expect(remote.stop('any')).rejects.toMatchObject({ detail: { code: 'engine-crashed' } })
  })
})

/** `{"__proto__": nil}` in MessagePack: a map of one, a text of nine bytes. */
function prototypeKey(): Uint8Array {
  return Uint8Array.of(0x81, 0xa9, ...Buffer.from('__proto__'), 0xc0)
}
