import { toErrorDetail, type ErrorDetail } from '../../src-main/contract/errors.ts'

export interface NoticeAction {
  label: string
  run: () => void
}

export interface Notice {
  id: number
  tone: 'plain' | 'good' | 'error'
  text: string
  error: ErrorDetail | null
  action: NoticeAction | null
}

export interface Notices {
  readonly all: readonly Notice[]
  /** Shows a line in the corner for a while. */
  show(text: string, options?: { tone?: 'plain' | 'good'; action?: NoticeAction }): void
  /** Shows a failure that has no place of its own; it stays until it is closed. */
  fail(thrown: unknown): void
  /** Runs something, and shows its failure. Resolves to its result, or to null. */
  attempt<T>(work: () => Promise<T>): Promise<T | null>
  dismiss(id: number): void
}

/** Milliseconds that a line is shown: time to read it twice. */
const shownFor = 6000

export function createNotices(): Notices {
  let all = $state.raw<readonly Notice[]>([])
  let last = 0

  const dismiss = (id: number): void => {
    all = all.filter((notice) => notice.id !== id)
  }
  const add = (notice: Omit<Notice, 'id'>): number => {
    const id = ++last
    // The same failure again says nothing new.
    const others = all.filter(
      (other) => JSON.stringify(other.error) !== JSON.stringify(notice.error) || !notice.error,
    )
    all = [...others, { id, ...notice }].slice(-4)
    return id
  }
  const fail = (thrown: unknown): void => {
    add({ tone: 'error', text: '', error: toErrorDetail(thrown), action: null })
  }

  return {
    get all() {
      return all
    },
    show(text, { tone = 'plain', action } = {}) {
      const id = add({ tone, text, error: null, action: action ?? null })
      setTimeout(() => dismiss(id), shownFor)
    },
    fail,
    async attempt(work) {
      try {
        return await work()
      } catch (thrown) {
        fail(thrown)
        return null
      }
    },
    dismiss,
  }
}
