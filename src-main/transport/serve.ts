import { createBirpc } from 'birpc'
import type { z } from 'zod'
import { engineArguments, type Engine } from '../contract/engine.ts'
import { DarkroomError, parseOrThrow } from '../contract/errors.ts'
import { shellArguments, type Shell } from '../contract/shell.ts'
import type { Channel } from './channel.ts'
import { errorToDetail, Request, type Listeners } from './wire.ts'

export interface Services {
  engine: Engine
  /** Left out where there is no program around a page (the engine's own process). */
  shell?: Shell
}

type Method = (...args: unknown[]) => Promise<unknown>

/**
 * Answers calls that come over a channel, and forwards everything that the services tell. Arguments are validated here,
 * where they arrive. What is no request is dropped without an answer.
 * @returns `close` ends the channel; the services stay.
 */
export function serve(channel: Channel, { engine, shell }: Services): { close(): void } {
  const methods = new Map([
    ...methodsOf('engine', engine, engineArguments),
    ...(shell === undefined ? [] : methodsOf('shell', shell, shellArguments)),
  ])
  const rpc = createBirpc<Listeners, Record<string, never>, false>(
    {},
    {
      post: (message) => channel.post(message),
      on: (handler) => channel.on(handler),
      serialize: errorToDetail,
      deserialize: (message) => Request.parse(message),
      // A map, so that `constructor` or `__proto__` finds nothing.
      resolver: (name) => methods.get(name) ?? unknownMethod(name),
      // A result that the channel cannot carry is answered as an error, and what is no request is dropped.
      onGeneralError: () => true,
      proxify: false,
    },
  )
  const ignoreClosed = (): undefined => undefined
  const ends = [
    engine.subscribe((event) => void rpc.$callEvent('engineEvent', event).catch(ignoreClosed)),
    shell?.subscribe((event) => void rpc.$callEvent('shellEvent', event).catch(ignoreClosed)),
  ]
  channel.onClose(() => {
    for (const end of ends.splice(0)) end?.()
    rpc.$close()
  })
  return { close: () => channel.close() }
}

/** The methods that a table of argument schemas names, by what they are called on the channel. */
function methodsOf<Service extends object>(
  prefix: string,
  service: Service,
  table: Record<Exclude<keyof Service, 'subscribe'>, z.ZodType>,
): [string, Method][] {
  return Object.entries<z.ZodType>(table).map(([name, schema]) => [
    `${prefix}.${name}`,
    async (...args) => {
      const checked = parseOrThrow(schema, args, 'argument-invalid') as unknown[]
      return (service[name as keyof Service] as Method)(...checked)
    },
  ])
}

const unknownMethod =
  (name: string): Method =>
  () =>
    Promise.reject(
      new DarkroomError(name.startsWith('shell.') ? 'shell-unsupported' : 'argument-invalid', {
        expected: 'a method',
        received: name,
      }),
    )
