/** Something to be asked for, named by a key that is the same for the same answer. */
export interface Wish<Question> {
  key: string
  question: Question
}

export interface Loader<Question> {
  /** What is wanted now, most wanted first. It replaces what was wanted before: what had not begun is dropped. */
  want(wishes: Wish<Question>[]): void
  /** Wishes that were not answered yet. */
  open(): number
  /** Asks for nothing more, and keeps silent about answers that are still under way. */
  close(): void
}

export interface LoaderOptions<Question, Answer> {
  ask: (question: Question) => Promise<Answer>
  /** Questions under way at once: one is answered while the next one travels. */
  inFlight: number
  ready: (key: string, answer: Answer) => void
  /** A wish that failed is not asked again until it was no longer wanted. */
  failed: (key: string, thrown: unknown) => void
}

/** Asks for what is wanted, a few at a time. Answers that are no longer wanted are handed over too: they are paid for. */
export function createLoader<Question, Answer>(options: LoaderOptions<Question, Answer>): Loader<Question> {
  let wishes: Wish<Question>[] = []
  const asked = new Set<string>()
  const broken = new Set<string>()
  let isClosed = false

  const answered = (key: string): void => {
    asked.delete(key)
    wishes = wishes.filter((wish) => wish.key !== key)
  }

  async function ask({ key, question }: Wish<Question>): Promise<void> {
    asked.add(key)
    try {
      const answer = await options.ask(question)
      answered(key)
      if (!isClosed) options.ready(key, answer)
    } catch (thrown) {
      answered(key)
      broken.add(key)
      if (!isClosed) options.failed(key, thrown)
    }
    next()
  }

  function next(): void {
    for (const wish of wishes) {
      if (isClosed || asked.size >= options.inFlight) return
      if (!asked.has(wish.key)) void ask(wish)
    }
  }

  return {
    want(wanted) {
      const keys = new Set(wanted.map((wish) => wish.key))
      for (const key of broken) if (!keys.has(key)) broken.delete(key)
      wishes = wanted.filter((wish) => !broken.has(wish.key))
      next()
    },
    open: () => wishes.length,
    close() {
      isClosed = true
      wishes = []
    },
  }
}
