import type { Progress } from '../../contract/jobs.ts'
import type { QueueItem } from '../../contract/queue.ts'
import { createMeter } from '../jobs/meter.ts'

/** Size of a picture by its header; one that was not looked at yet counts as nothing. */
export const megapixelsOf = ({ image }: QueueItem): number =>
  image === null ? 0 : (image.width * image.height * image.pages) / 1e6

export interface QueueProgress {
  /** Books an item that was done or has failed. */
  finish(item: QueueItem): void
  /** Time counts while the queue works: a pause makes it no slower. */
  setWorking(isWorking: boolean): void
  /** Of everything asked for since the queue was last at rest; null at rest. */
  current(): Progress | null
}

/** Progress of the whole queue: what has ended since it was last at rest, and what is still waiting or running. */
export function createQueueProgress(items: () => Iterable<QueueItem>): QueueProgress {
  let worked = 0
  let workingSince: number | null = null
  const clock = (): number => worked + (workingSince === null ? 0 : performance.now() - workingSince)

  const ended = { files: 0, megapixels: 0 }
  const total = { files: 0, megapixels: 0 }
  let meter: ReturnType<typeof createMeter> | null = null
  const openMeter = () => (meter ??= createMeter(total, clock))

  return {
    finish(item) {
      ended.files++
      ended.megapixels += megapixelsOf(item)
      openMeter().finish(megapixelsOf(item))
    },
    setWorking(isWorking) {
      worked = clock()
      workingSince = isWorking ? performance.now() : null
    },
    current() {
      Object.assign(total, ended)
      let partly = 0
      let running: QueueItem | null = null
      let isAtRest = true
      for (const item of items()) {
        if (item.state !== 'waiting' && item.state !== 'running') continue
        isAtRest = false
        total.files++
        total.megapixels += megapixelsOf(item)
        if (item.state === 'waiting') continue
        partly += item.progress * megapixelsOf(item)
        // One that is being written already is less worth naming than the one that is being cleaned.
        if (running === null || item.progress < running.progress) running = item
      }
      if (isAtRest) {
        meter = null
        Object.assign(ended, { files: 0, megapixels: 0 })
        return null
      }
      return openMeter().progress(partly, running?.source)
    },
  }
}
