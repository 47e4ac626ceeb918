import { afterEach, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src-main/contract/engine.ts'
import { DarkroomError } from '../../src-main/contract/errors.ts'
import type { Shell } from '../../src-main/contract/shell.ts'
import type { Channel } from '../../src-main/transport/channel.ts'
import { connect } from '../../src-main/transport/connect.ts'
import { serve } from '../../src-main/transport/serve.ts'
import { fakeEngine } from '../support/fake-engine.ts'

/** Two ends in one process, copying messages as ports do. Everything that the serving side sends is kept. */
function pair() {
  const sent: { t: string; i?: string; e?: unknown }[] = []
  const closers: (() => void)[] = []
  const handlers: Record<'here' | 'there', (message: unknown) => void> = {
    here: () => undefined,
    there: () => undefined,
  }
  const end = (own: 'here' | 'there', other: 'here' | 'there'): Channel => ({
    post: (message) => {
      const copy = structuredClone(message)
      if (own === 'there') sent.push(copy as (typeof sent)[number])
      queueMicrotask(() => handlers[other](copy))
    },
    on: (handler) => void (handlers[own] = handler),
    onClose: (handler) => void closers.push(handler),
    close: () => {
      for (const close of closers.splice(0)) close()
    },
  })
  return { here: end('here', 'there'), there: end('there', 'here'), sent }
}

let methods: Record<string, unknown> = {}
afterEach(() => {
  methods = {}
})

function open(shell?: Partial<Shell>) {
  const channels = pair()
  const served = serve(channels.there, {
    engine: fakeEngine(methods),
    ...(shell && { shell: { subscribe: () => () => undefined, ...shell } as Shell }),
  })
  return { ...channels, served, ...connect(channels.here) }
}

/** Without types, as a caller in another process is. */
const anyEngine = (engine: unknown) => engine as Record<'stop', (...args: unknown[]) => Promise<unknown>>

/** Sends a request by hand and gives its answer back. */
async function ask(channels: ReturnType<typeof pair>, request: object) {
  channels.here.post({ t: 'q', i: 'by-hand', ...request })
  await new Promise(setImmediate)
  return channels.sent.find(({ i }) => i === 'by-hand')
}

describe('serve', () => {
  it.each([
    'constructor',
    '__proto__',
    'toString',
    'engine.constructor',
    'engine.__proto__',
    'engine.subscribe',
    'stop',
  ])('refuses the method %s', async (m) => {
    expect(await ask(open(), { m, a: [] })).toMatchObject({ e: { code: 'argument-invalid', received: m } })
  })

  it.each([
    ['nothing', null],
    ['a number', 5],
    ['no method', { t: 'q', i: 'by-hand', a: [] }],
    ['a method that is an object', { t: 'q', i: 'by-hand', m: { toString: null }, a: [] }],
    ['arguments that only look like a list', { t: 'q', i: 'by-hand', m: 'engine.stop', a: { length: 1e9 } }],
    ['an answer to what was not asked', { t: 's', i: 'by-hand', r: 1 }],
  ])('drops %s and goes on', async (_, message) => {
    methods['stop'] = () => Promise.resolve()
    const { here, sent, engine } = open()
    here.post(message)
    expect(await engine.stop('any')).toBeUndefined()
    expect(sent.filter(({ i }) => i === 'by-hand')).toEqual([])
  })

  it('validates arguments where they arrive, and fills in defaults', async () => {
    const received: unknown[] = []
    methods['preview'] = (question: unknown) => Promise.resolve(received.push(question))
    const { engine } = open()
    await engine.preview({ path: 'a.png' })
    expect(received).toEqual([{ path: 'a.png', page: 0 }])
    await expect(engine.preview({ path: 'a.png', page: -1 })).rejects.toMatchObject({
      detail: { code: 'argument-invalid', received: expect.stringContaining('page') as string },
    })
    await expect(anyEngine(engine).stop('one', 'too many')).rejects.toMatchObject({
      detail: { code: 'argument-invalid' },
    })
    expect(received).toHaveLength(1)
  })

  it('sends errors as data, without a stack', async () => {
    methods['doctor'] = () =>
      Promise.reject(new DarkroomError('disk-full', { file: 'f', expected: 'x', received: 'y' }))
    methods['recipes'] = () => Promise.reject(new TypeError('what a surprise'))
    methods['queue'] = () => {
      throw new Error('before any promise')
    }
    const { engine, sent } = open()
    const failure = await engine.doctor().catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(DarkroomError)
    expect(failure).toMatchObject({ detail: { code: 'disk-full', file: 'f', expected: 'x', received: 'y' } })
    await expect(engine.recipes()).rejects.toMatchObject({
      detail: { code: 'internal', received: 'what a surprise' },
    })
    await expect(engine.queue()).rejects.toMatchObject({
      detail: { code: 'internal', received: 'before any promise' },
    })
    expect(sent.map(({ e }) => e)).toEqual([
      { code: 'disk-full', file: 'f', expected: 'x', received: 'y' },
      { code: 'internal', received: 'what a surprise' },
      { code: 'internal', received: 'before any promise' },
    ])
  })

  it('answers a result that cannot be carried with an error', async () => {
    methods['doctor'] = () => Promise.resolve({ callback: () => undefined })
    const { engine, sent } = open()
    await expect(engine.doctor()).rejects.toMatchObject({ detail: { code: 'internal' } })
    expect(JSON.stringify(sent)).not.toContain('stack')
  })

  it('refuses arguments that cannot be carried', async () => {
    const { engine } = open()
    await expect(anyEngine(engine).stop(() => undefined)).rejects.toMatchObject({
      detail: { code: 'internal' },
    })
  })

  it('forwards events in order until it is closed, and then listens no more', async () => {
    const tell = new Set<(event: EngineEvent) => void>()
    methods['subscribe'] = (listener: (event: EngineEvent) => void) => {
      tell.add(listener)
      return () => tell.delete(listener)
    }
    const { engine, served } = open()
    const events: EngineEvent[] = []
    engine.subscribe((event) => events.push(event))
    for (const id of ['1', '2', '3']) for (const listener of tell) listener({ id, event: 'cancelled' })
    await new Promise(setImmediate)
    expect(events).toEqual(['1', '2', '3'].map((id) => ({ id, event: 'cancelled' })))
    served.close()
    expect(tell.size).toBe(0)
  })

  it('serves the shell beside the engine, and says when there is none', async () => {
    const { shell } = open({ takeOpened: () => Promise.resolve(['/a.png']) })
    expect(await shell.takeOpened()).toEqual(['/a.png'])
    await expect(open().shell.takeOpened()).rejects.toMatchObject({
      detail: { code: 'shell-unsupported', received: 'shell.takeOpened' },
    })
  })
})
