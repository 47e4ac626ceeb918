/** Asks one question at a time; of those that come meanwhile only the newest is asked, so that answers follow a pointer. */
export interface Newest<Question> {
  ask(question: Question): void
  /** Keeps silent about the answer that is still under way. */
  close(): void
}

export interface NewestOptions<Question, Answer> {
  ask: (question: Question) => Promise<Answer>
  ready: (answer: Answer, question: Question) => void
  failed: (thrown: unknown) => void
}

export function createNewest<Question, Answer>({
  ask,
  ready,
  failed,
}: NewestOptions<Question, Answer>): Newest<Question> {
  let next: { question: Question } | null = null
  let isBusy = false
  let isClosed = false

  async function work(): Promise<void> {
    isBusy = true
    while (next !== null && !isClosed) {
      const { question } = next
      next = null
      try {
        const answer = await ask(question)
        if (!isClosed) ready(answer, question)
      } catch (thrown) {
        if (!isClosed) failed(thrown)
      }
    }
    isBusy = false
  }

  return {
    ask(question) {
      next = { question }
      if (!isBusy) void work()
    },
    close() {
      isClosed = true
    },
  }
}
