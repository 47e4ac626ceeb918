import { createBirpc } from 'birpc'
import { engineArguments, type Engine, type EngineEvent } from '../contract/engine.ts'
import { DarkroomError, toErrorDetail } from '../contract/errors.ts'
import { shellArguments, type Shell, type ShellEvent } from '../contract/shell.ts'
import type { Channel } from './channel.ts'
import { detailToError, type Listeners } from './wire.ts'

export interface Connection {
  engine: Engine
  shell: Shell
  /** Resolves when the channel has ended; every call, also one in flight, then rejects with `engine-crashed`. */
  closed: Promise<void>
}

type Remote = Record<string, (...args: unknown[]) => unknown>

/**
 * The services at the other end of a channel. Failures there reject here with the same DarkroomError. Calls have no time
 * limit: long work is a job.
 */
export function connect(channel: Channel): Connection {
  const engineListeners = new Set<(event: EngineEvent) => void>()
  const shellListeners = new Set<(event: ShellEvent) => void>()
  const local: Listeners = {
    engineEvent: (event) => {
      for (const listener of engineListeners) listener(event)
    },
    shellEvent: (event) => {
      for (const listener of shellListeners) listener(event)
    },
  }
  const rpc = createBirpc<Remote, Listeners, false>(local, {
    post: (message) => channel.post(message),
    on: (handler) => channel.on(handler),
    deserialize: detailToError,
    timeout: -1,
    proxify: false,
  })
  const closed = new Promise<void>((resolve) => {
    channel.onClose(() => {
      rpc.$close(new DarkroomError('engine-crashed'))
      resolve()
    })
  })

  const call = async (name: string, args: unknown[]): Promise<unknown> => {
    if (rpc.$closed) throw new DarkroomError('engine-crashed')
    return rpc.$call(name, ...args).catch((thrown: unknown) => {
      // Anything else did not come from there: the arguments could not be sent.
      throw thrown instanceof DarkroomError ? thrown : new DarkroomError('internal', toErrorDetail(thrown))
    })
  }
  const remote = (prefix: string, table: object): object =>
    Object.fromEntries(
      Object.keys(table).map((name) => [name, (...args: unknown[]) => call(`${prefix}.${name}`, args)]),
    )
  const engine = { ...remote('engine', engineArguments), subscribe: listeningTo(engineListeners) }
  const shell = { ...remote('shell', shellArguments), subscribe: listeningTo(shellListeners) }
  // Typed by the tables, which hold every method (`satisfies`, in the contract).
  return { engine: engine as Engine, shell: shell as Shell, closed }
}

const listeningTo =
  <Event>(listeners: Set<(event: Event) => void>) =>
  (listener: (event: Event) => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
