import { setImmediate } from 'node:timers/promises'

/** Lets short questions of a person go ahead of long work, which runs on the same cores. */
export interface Turns {
  /** Runs short work now; long work waits at its next pause until no such work is left. */
  urgent<T>(work: () => Promise<T>): Promise<T>
  /** Called by long work wherever it can wait: between two tiles. */
  pause(): Promise<void>
}

export function createTurns(): Turns {
  let urgent = 0
  let waiting: (() => void)[] = []
  return {
    async urgent(work) {
      urgent++
      try {
        return await work()
      } finally {
        if (--urgent === 0) {
          for (const resume of waiting) resume()
          waiting = []
        }
      }
    },
    async pause() {
      // A question that came meanwhile is still in the event loop's hands.
      await setImmediate()
      while (urgent > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}
