import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DarkroomError, parseOrThrow } from '../../contract/errors.ts'
import { QueueItem } from '../../contract/queue.ts'
import { writeAtomic } from '../storage/atomic.ts'

/** `queue.json`: the queue as it outlives the engine. */
const SavedQueue = z.strictObject({
  version: z.literal(1),
  paused: z.boolean(),
  items: z.array(QueueItem),
  /** Ids of the waiting items, first come first. */
  line: z.array(z.string()),
})
export type SavedQueue = z.infer<typeof SavedQueue>

/** Milliseconds in which changes are gathered before they are written. */
const saveDelay = 500
/** Times that the engine may die on an item before the item is left out. */
const mostAttempts = 2

const queueFile = (home: string): string => join(home, 'queue.json')

/**
 * The queue as it was left, made ready to go on. A file that cannot be understood is set aside beside itself, as
 * `queue.damaged-<n>.json`, and `onError` is told.
 * @throws queue-unreadable for a file that cannot be read or set aside: writing would then destroy it.
 */
export async function readQueue(home: string, onError: (thrown: unknown) => void): Promise<SavedQueue> {
  const file = queueFile(home)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return { version: 1, paused: false, items: [], line: [] }
    throw new DarkroomError('queue-unreadable', { file, received: code ?? String(cause) }, cause)
  }
  try {
    return recover(parseOrThrow(SavedQueue, parseJson(text), 'queue-unreadable', file))
  } catch (damage) {
    const aside = await setAside(file, home)
    onError(new DarkroomError('queue-unreadable', { file: aside, received: 'a damaged file' }, damage))
    return { version: 1, paused: false, items: [], line: [] }
  }
}

/** JSON, or what is no queue. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return String(error)
  }
}

async function setAside(file: string, home: string): Promise<string> {
  for (let n = 1; ; n++) {
    const aside = join(home, `queue.damaged-${n}.json`)
    if ((await stat(aside).catch(() => null)) !== null) continue
    await rename(file, aside).catch((cause: unknown) => {
      throw new DarkroomError('queue-unreadable', { file, received: String(cause) }, cause)
    })
    return aside
  }
}

/**
 * Puts right what an engine that died has left: items that it had begun go back to the front of the line, or fail where it
 * died on them before. `attempts` counts what was begun and did not end; it is on disk before the item is read.
 */
function recover(saved: SavedQueue): SavedQueue {
  const front: string[] = []
  const waiting: string[] = []
  const items = saved.items.map((item): QueueItem => {
    const isPending = item.state === 'running' || item.state === 'waiting'
    if (!isPending) return item
    if (item.attempts >= mostAttempts)
      return {
        ...item,
        state: 'failed',
        progress: 0,
        error: { code: 'engine-crashed', file: item.source, received: `${item.attempts} times` },
      }
    const wasBegun = item.state === 'running' || item.attempts > 0
    if (wasBegun) front.push(item.id)
    else waiting.push(item.id)
    return { ...item, state: 'waiting', progress: 0 }
  })
  const inLine = new Map(saved.line.map((id, place) => [id, place]))
  const place = (id: string): number => inLine.get(id) ?? saved.line.length
  waiting.sort((a, b) => place(a) - place(b))
  return { ...saved, items, line: [...front, ...waiting] }
}

export interface QueueSaver {
  /** Writes what changed within half a second. */
  soon(): void
  /** Writes what changed now; settles when it is with the operating system. Never rejects. */
  now(): Promise<void>
}

/**
 * Keeps `queue.json` up to date. What cannot be written is told to `onError` and tried again with the next change: the
 * queue itself goes on.
 */
export function createSaver(
  home: string,
  snapshot: () => SavedQueue,
  onError: (thrown: unknown) => void,
): QueueSaver {
  let hasChanged = false
  let timer: NodeJS.Timeout | undefined
  let last = Promise.resolve()

  async function write(): Promise<void> {
    if (!hasChanged) return
    clearTimeout(timer)
    timer = undefined
    hasChanged = false
    try {
      const text = JSON.stringify(snapshot())
      await writeAtomic(queueFile(home), (temporary) => writeFile(temporary, text), { overwrite: true })
    } catch (thrown) {
      hasChanged = true
      onError(thrown)
    }
  }
  const now = (): Promise<void> => (last = last.then(write))
  return {
    soon() {
      hasChanged = true
      timer ??= setTimeout(() => void now(), saveDelay).unref()
    },
    now,
  }
}
