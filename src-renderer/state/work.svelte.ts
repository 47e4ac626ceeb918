import { toErrorDetail, type ErrorDetail } from '../../src-main/contract/errors.ts'
import type { Progress } from '../../src-main/contract/jobs.ts'

/** A piece of work that a person waits for. */
export interface Work {
  readonly isRunning: boolean
  readonly progress: Progress | null
  readonly error: ErrorDetail | null
  cancel(): void
}

export interface RunnableWork extends Work {
  /** Begins, and gives up what was begun before. Resolves to null where that failed, was cancelled, or given up in turn. */
  run<T>(
    begin: (watch: { signal: AbortSignal; onProgress: (progress: Progress) => void }) => Promise<T>,
  ): Promise<T | null>
}

/** One piece of work at a time. */
export function createWork(): RunnableWork {
  let current: AbortController | null = null
  let isRunning = $state(false)
  let progress = $state.raw<Progress | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)

  return {
    get isRunning() {
      return isRunning
    },
    get progress() {
      return progress
    },
    get error() {
      return error
    },
    cancel: () => current?.abort(),
    async run(begin) {
      current?.abort()
      const own = new AbortController()
      current = own
      isRunning = true
      progress = error = null
      try {
        const made = await begin({
          signal: own.signal,
          onProgress: (next) => (progress = current === own ? next : progress),
        })
        return current === own ? made : null
      } catch (thrown) {
        const detail = toErrorDetail(thrown)
        if (current === own && detail.code !== 'cancelled') error = detail
        return null
      } finally {
        if (current === own) {
          current = null
          isRunning = false
        }
      }
    },
  }
}
