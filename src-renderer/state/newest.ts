/**
 * Asks one question at a time, and of those that come meanwhile only the newest: for what follows a pointer.
 * @returns a function that resolves to the answer, or to null where a newer question took its place
 */
export function createNewest<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer | null> {
  let isAsking = false
  let waiting: { question: Question; drop: () => void; go: () => void } | null = null

  async function run(question: Question): Promise<Answer> {
    isAsking = true
    try {
      return await ask(question)
    } finally {
      isAsking = false
      const next = waiting
      waiting = null
      next?.go()
    }
  }

  return (question) => {
    if (!isAsking) return run(question)
    waiting?.drop()
    return new Promise((resolve, reject) => {
      waiting = {
        question,
        drop: () => resolve(null),
        go: () => void run(question).then(resolve, reject),
      }
    })
  }
}
