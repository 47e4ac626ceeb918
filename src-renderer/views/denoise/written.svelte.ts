import { untrack } from 'svelte'
import type { QueueItem } from '../../../src-main/contract/queue.ts'
import type { DenoiseSettings } from '../../../src-main/contract/settings.ts'
import type { QueueStore } from '../../state/queue.svelte.ts'

export interface Written {
  /** The file that an item was written to with just these settings; null where there is none, or it is not known. */
  fileOf(item: QueueItem, settings: DenoiseSettings): string | null
  /** Whether it was changed after it was written. */
  isStale(item: QueueItem): boolean
}

const isSame = (a: DenoiseSettings, b: DenoiseSettings): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b)

/**
 * Remembers which settings the outputs of this session were written with: an item can be changed after it was written.
 * Created while a component is set up.
 */
export function createWritten(queue: Pick<QueueStore, 'items'>): Written {
  const begun = new Map<string, { settings: DenoiseSettings; isRunning: boolean }>()
  /** Items are replaced, never altered: each is compared once, however long the list is. */
  const stale = new WeakMap<QueueItem, boolean>()
  /** Counts changes of `begun`. */
  let version = $state(0)

  $effect(() => {
    for (const { id, state, settings } of queue.items.values()) {
      if (state === 'done') continue
      const isRunning = state === 'running'
      // One that runs goes on with the settings that it began with.
      if (isRunning && begun.get(id)?.isRunning === true) continue
      if (state === 'waiting' || isRunning) begun.set(id, { settings, isRunning })
      else begun.delete(id)
    }
    version = untrack(() => version) + 1
  })

  const settingsOf = ({ id, state }: QueueItem): DenoiseSettings | undefined =>
    version >= 0 && state === 'done' ? begun.get(id)?.settings : undefined

  return {
    fileOf(item, settings) {
      const used = settingsOf(item)
      return used !== undefined && isSame(used, settings) ? item.output : null
    },
    isStale(item) {
      const used = settingsOf(item)
      if (used === undefined) return false
      const known = stale.get(item) ?? !isSame(used, item.settings)
      stale.set(item, known)
      return known
    },
  }
}
