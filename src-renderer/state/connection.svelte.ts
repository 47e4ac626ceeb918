import type { Engine, EngineEvent } from '../../src-main/contract/engine.ts'
import type { Shell, ShellEvent } from '../../src-main/contract/shell.ts'
import type { Channel } from '../../src-main/transport/channel.ts'
import { connect, type Connection } from '../../src-main/transport/connect.ts'

/** Pauses before each attempt to connect again, in milliseconds; the last one repeats. */
const pauses = [200, 500, 1000, 2000, 5000]

export interface Link {
  /** Calls wait for a connection. One that is lost under way rejects; nothing is asked twice by itself. */
  engine: Engine
  shell: Shell
  readonly status: 'connecting' | 'ready' | 'lost'
  /** What the program says of its engine process. */
  readonly engineState: 'starting' | 'running' | 'restarting' | 'stopped'
  /**
   * Runs what reads the state of the other side: now if connected, after every connection, and when the engine was started
   * again. The result removes it.
   */
  onReady(listener: () => void): () => void
  /** Tries at once, without the rest of the pause. */
  retry(): void
  close(): void
}

/**
 * The window's end of a transport that may break and comes back. Listeners outlive a connection.
 * @param open makes a channel; it may reject
 */
export function createLink(open: () => Promise<Channel>): Link {
  let status = $state<Link['status']>('connecting')
  let engineState = $state<Link['engineState']>('starting')
  const engineListeners = new Set<(event: EngineEvent) => void>()
  const shellListeners = new Set<(event: ShellEvent) => void>()
  const readyListeners = new Set<() => void>()
  let next = newArrival()
  let wake = (): void => undefined
  let isClosed = false
  let channel: Channel | null = null

  function takeEngineState(state: Link['engineState']): void {
    const isBack = state === 'running' && engineState !== 'running' && status === 'ready'
    engineState = state
    // A new engine process: what it told while it died is lost.
    if (isBack) readyListeners.forEach((listener) => listener())
  }

  async function hold(): Promise<void> {
    channel = await open()
    const connection = connect(channel)
    connection.engine.subscribe((event) => engineListeners.forEach((listener) => listener(event)))
    connection.shell.subscribe((event) => {
      if (event.event === 'engine') takeEngineState(event.state)
      shellListeners.forEach((listener) => listener(event))
    })
    // The first answer proves that someone is there: a socket or port alone does not.
    await Promise.race([
      connection.shell.info(),
      connection.closed.then(() => Promise.reject(new Error('closed'))),
    ])
    status = 'ready'
    engineState = 'running'
    next.arrive(connection)
    readyListeners.forEach((listener) => listener())
    await connection.closed
    next = newArrival()
  }

  async function keep(): Promise<void> {
    for (let failures = 0; !isClosed; failures++) {
      await hold().catch(() => undefined)
      // A connection that held starts the pauses anew.
      if (status === 'ready') failures = 0
      status = 'lost'
      channel?.close()
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, pauses[Math.min(failures, pauses.length - 1)])
      })
    }
  }
  void keep()

  return {
    engine: waiting(() => next.come.then(({ engine }) => engine), engineListeners),
    shell: waiting(() => next.come.then(({ shell }) => shell), shellListeners),
    get status() {
      return status
    },
    get engineState() {
      return engineState
    },
    onReady(listener) {
      readyListeners.add(listener)
      if (status === 'ready') listener()
      return () => readyListeners.delete(listener)
    },
    retry: () => wake(),
    close() {
      isClosed = true
      wake()
      channel?.close()
    },
  }
}

/** A connection to come. (`Promise.withResolvers` is younger than the oldest Chromium that the page runs in.) */
function newArrival(): { come: Promise<Connection>; arrive: (connection: Connection) => void } {
  let arrive!: (connection: Connection) => void
  const come = new Promise<Connection>((resolve) => (arrive = resolve))
  return { come, arrive }
}

type Method = (...args: unknown[]) => Promise<unknown>

/** A service whose calls wait for whoever is at the other end. */
function waiting<Service extends Engine | Shell>(
  service: () => Promise<Service>,
  listeners: Set<Parameters<Service['subscribe']>[0]>,
): Service {
  const subscribe = (listener: Parameters<Service['subscribe']>[0]) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return new Proxy({} as Service, {
    get: (_target, name) =>
      name === 'subscribe'
        ? subscribe
        : async (...args: unknown[]) => {
            const there = (await service()) as unknown as Record<PropertyKey, Method>
            return there[name]!(...args)
          },
  })
}
