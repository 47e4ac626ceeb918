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

const keyOf = (settings: DenoiseSettings): string => JSON.stringify(settings)

/**
 * Remembers which settings the outputs of this session were written with: an item goes on to be changed after it was
 * written. Created while a component is set up.
 */
export function createWritten(queue: QueueStore): Written {
  const begun = new Map<string, { key: string; isRunning: boolean }>()
  /** Counts changes of `begun`. */
  let version = $state(0)

  $effect(() => {
    for (const { id, state, settings } of queue.items.values()) {
      if (state === 'done') continue
      const isRunning = state === 'running'
      // One that runs goes on with the settings that it began with.
      if (isRunning && begun.get(id)?.isRunning === true) continue
      if (state === 'waiting' || isRunning) begun.set(id, { key: keyOf(settings), isRunning })
      else begun.delete(id)
    }
    version = untrack(() => version) + 1
  })

  return {
    fileOf(item, settings) {
      const isSame = version >= 0 && begun.get(item.id)?.key === keyOf(settings)
      return item.state === 'done' && isSame ? item.output : null
    },
    isStale(item) {
      const key = version >= 0 ? begun.get(item.id)?.key : undefined
      return item.state === 'done' && key !== undefined && key !== keyOf(item.settings)
    },
  }
}
