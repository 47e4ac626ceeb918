import type { QueueChange, QueueItem } from '../../contract/queue.ts'
import { progressInterval } from '../jobs/clean.ts'
import { createQueueProgress, type QueueProgress } from './progress.ts'
import type { SavedQueue } from './store.ts'

/** Most items in one change, so that none holds up what else goes over the same channel. */
const itemsAtOnce = 500

/**
 * The queue in memory. Whatever alters it is saved, and told once a turn of the event loop; progress alone at most five
 * times a second. Items are replaced, never altered.
 */
export interface Board {
  items: ReadonlyMap<string, QueueItem>
  /** Ids of the waiting items, first come first. */
  line: ReadonlySet<string>
  isPaused(): boolean
  progress: QueueProgress
  /** The id of the item of a file. */
  idOf(source: string): string | undefined

  add(item: QueueItem): void
  update(id: string, change: Partial<Omit<QueueItem, 'id' | 'source' | 'state'>>): void
  /** Alters an item and puts it to the end of the line. */
  enqueue(id: string, change: Partial<QueueItem>): void
  /** Puts items that were begun back to the front of the line. */
  putBack(ids: string[]): void
  /** Moves an item to a state in which it is not in the line. */
  settle(id: string, change: Partial<QueueItem> & { state: Exclude<QueueItem['state'], 'waiting'> }): void
  /** Only tells; a share of work is not worth the disk. */
  showProgress(id: string, share: number): void
  remove(id: string): void
  setPaused(isPaused: boolean): void

  snapshot(): SavedQueue
  /** Tells what is left to tell, now. */
  flush(): void
}

/**
 * @param tell gets the changes.
 * @param save is called after each change that is to be kept.
 */
export function createBoard(saved: SavedQueue, tell: (change: QueueChange) => void, save: () => void): Board {
  const items = new Map(saved.items.map((item) => [item.id, item]))
  const sources = new Map(saved.items.map((item) => [item.source, item.id]))
  let line = new Set(saved.line)
  let paused = saved.paused
  const progress = createQueueProgress(() => items.values())

  const changed = new Set<string>()
  const removed = new Set<string>()
  let soon: NodeJS.Immediate | undefined
  let later: NodeJS.Timeout | undefined

  function send(): void {
    clearImmediate(soon)
    clearTimeout(later)
    soon = later = undefined
    const batch = [...changed].slice(0, itemsAtOnce)
    for (const id of batch) changed.delete(id)
    tell({
      items: batch.map((id) => items.get(id)!),
      removed: [...removed],
      paused,
      progress: progress.current(),
    })
    removed.clear()
    if (changed.size > 0) soon = setImmediate(send)
  }
  function alter(id?: string): void {
    if (id !== undefined) changed.add(id)
    soon ??= setImmediate(send)
    save()
  }
  function replace(id: string, change: Partial<QueueItem>): void {
    const item = items.get(id)
    if (item === undefined) return
    items.set(id, { ...item, ...change })
    alter(id)
  }

  return {
    items,
    get line() {
      return line
    },
    isPaused: () => paused,
    progress,
    idOf: (source) => sources.get(source),

    add(item) {
      items.set(item.id, item)
      sources.set(item.source, item.id)
      alter(item.id)
    },
    update: replace,
    enqueue(id, change) {
      if (!items.has(id)) return
      line.delete(id)
      line.add(id)
      replace(id, { ...change, state: 'waiting', progress: 0 })
    },
    putBack(ids) {
      line = new Set([...ids, ...line])
      for (const id of ids) replace(id, { state: 'waiting', progress: 0 })
    },
    settle(id, change) {
      line.delete(id)
      replace(id, change)
    },
    showProgress(id, share) {
      const item = items.get(id)
      if (item === undefined) return
      items.set(id, { ...item, progress: share })
      changed.add(id)
      later ??= setTimeout(send, progressInterval)
    },
    remove(id) {
      const item = items.get(id)
      if (item === undefined) return
      items.delete(id)
      sources.delete(item.source)
      line.delete(id)
      changed.delete(id)
      removed.add(id)
      alter()
    },
    setPaused(isPaused) {
      if (paused === isPaused) return
      paused = isPaused
      alter()
    },

    snapshot: () => ({ version: 1, paused, items: [...items.values()], line: [...line] }),
    flush() {
      while (soon !== undefined || later !== undefined) send()
    },
  }
}
