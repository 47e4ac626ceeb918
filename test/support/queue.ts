import type { EngineChoice } from '../../src-main/contract/engines.ts'
import {
  QueueCommand,
  type QueueChange,
  type QueueCommandInput,
  type QueueItem,
  type QueueReply,
} from '../../src-main/contract/queue.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import { openBackend } from '../../src-main/engine/backend/select.ts'
import { openQueue, type Queue } from '../../src-main/engine/queue/queue.ts'

/** Settings with some fields named. */
export const settingsOf = (fields: Partial<DenoiseSettings>): DenoiseSettings => DenoiseSettings.parse(fields)

export interface TestQueue extends Omit<Queue, 'change'> {
  /** Commands as a caller writes them. */
  do(command: QueueCommandInput): Promise<QueueReply>
  changes: QueueChange[]
  /** The items as a window knows them that only listens to changes; begins with those there were at opening. */
  shown: Map<string, QueueItem>
  errors: unknown[]
  /** Settles when a condition holds, looked at now and after each change. */
  until(condition: () => boolean): Promise<void>
  /** The item of a file, by the end of its path. */
  item(ending: string): QueueItem
}

/** A queue with a real engine. `pause` is awaited between tiles. */
export async function openTestQueue(
  home: string,
  options: { pause?: () => Promise<void>; engine?: EngineChoice } = {},
): Promise<TestQueue> {
  const changes: QueueChange[] = []
  const shown = new Map<string, QueueItem>()
  const errors: unknown[] = []
  let look: (() => void)[] = []
  const queue = await openQueue({
    ...{ home, assets: home, product: '0.0.0', engine: options.engine ?? 'auto' },
    pause: options.pause ?? (() => Promise.resolve()),
    onError: (thrown) => errors.push(thrown),
    openBackend: (choice) => openBackend(choice, { threads: 1 }),
    tell(change) {
      changes.push(change)
      for (const item of change.items) shown.set(item.id, item)
      for (const id of change.removed) shown.delete(id)
      for (const one of look.splice(0)) one()
    },
  })
  for (const item of queue.state().items) shown.set(item.id, item)
  return {
    ...queue,
    ...{ changes, shown, errors },
    do: (command) => queue.change(QueueCommand.parse(command)),
    async until(condition) {
      while (!condition()) await new Promise<void>((resolve) => (look = [...look, resolve]))
    },
    item(ending) {
      const found = queue.state().items.find(({ source }) => source.endsWith(ending))
      if (found === undefined) throw new Error(`no item ${ending}`)
      return found
    },
  }
}

/** A `pause` at which work stands until it is let go, so that a test can act in the middle of it. */
export function createGate() {
  let open = false
  let arrived: (() => void)[] = []
  const waiting: (() => void)[] = []
  return {
    pause: () =>
      new Promise<void>((resolve) => {
        if (open) return resolve()
        waiting.push(resolve)
        for (const tell of arrived.splice(0)) tell()
      }),
    /** Settles when work stands at the gate. */
    reached: () =>
      new Promise<void>((resolve) => {
        if (waiting.length > 0) resolve()
        else arrived = [...arrived, resolve]
      }),
    /** Lets the work go on to the next time it asks. */
    step() {
      for (const go of waiting.splice(0)) go()
    },
    open() {
      open = true
      for (const go of waiting.splice(0)) go()
    },
  }
}
