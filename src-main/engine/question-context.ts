import type { Backend } from './backend/backend.ts'

/** What the modules that answer questions share. */
export interface QuestionContext {
  /** The program's own folder. */
  home: string
  /** Opened when it is first needed, and closed with all else. */
  backend: () => Promise<Backend>
  /** Aborted when the program ends. */
  signal: AbortSignal
  /** One work at a time: each takes all cores, and what is dropped for others must not be in use then. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** The context, and its end: stops what is going on, has all be released that stands on the backend, and closes that. */
export interface OwnedQuestionContext extends QuestionContext {
  close(release: () => Promise<unknown>): Promise<void>
}

export function createQuestionContext(
  home: string,
  openBackend: () => Promise<Backend>,
): OwnedQuestionContext {
  let opened: Promise<Backend> | null = null
  let last: Promise<unknown> = Promise.resolve()
  const closing = new AbortController()
  return {
    home,
    signal: closing.signal,
    backend() {
      opened ??= openBackend()
      // An engine that could not be opened may open the next time.
      opened.catch(() => (opened = null))
      return opened
    },
    inTurn(work) {
      const done = last.then(work)
      last = done.catch(() => undefined)
      return done
    },
    async close(release) {
      closing.abort()
      await last
      await release()
      await opened?.then((one) => one.close()).catch(() => undefined)
    },
  }
}
