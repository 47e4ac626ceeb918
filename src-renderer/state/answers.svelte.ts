import { createCache } from './cache.ts'
import { createLoader } from './loader.ts'

/** Answers to what is shown now: kept a while, so that scrolling to and fro asks for nothing twice. */
export interface Answers<Question, Answer> {
  /** The answer if it is here. Reactive: read again when more have come. */
  get(question: Question): Answer | undefined
  /** What is shown now, in the place of what was: what is neither here nor on its way is asked for. */
  want(questions: readonly Question[]): void
  close(): void
}

export interface AnswersOptions<Question, Answer> {
  ask: (question: Question) => Promise<Answer>
  /** The same for the same answer. */
  keyOf: (question: Question) => string
  /** Bytes of answers that are kept. */
  maxBytes: number
  bytesOf: (answer: Answer) => number
  /** Told of an answer that could not be had. */
  failed: (thrown: unknown) => void
}

export function createAnswers<Question, Answer>({
  ask,
  keyOf,
  maxBytes,
  bytesOf,
  failed,
}: AnswersOptions<Question, Answer>): Answers<Question, Answer> {
  const cache = createCache<Answer>(maxBytes, bytesOf)
  let arrivals = $state(0)
  const loader = createLoader<Question, Answer>({
    ask,
    inFlight: 2,
    ready(key, answer) {
      cache.set(key, answer)
      arrivals += 1
    },
    failed: (_key, thrown) => failed(thrown),
  })
  return {
    get: (question) => (arrivals >= 0 ? cache.get(keyOf(question)) : undefined),
    want: (questions) =>
      loader.want(
        questions
          .map((question) => ({ key: keyOf(question), question }))
          .filter(({ key }) => !cache.has(key)),
      ),
    close: () => loader.close(),
  }
}

/** Bytes of a decoded picture, for a cache. */
export const bytesOfBitmap = ({ width, height }: ImageBitmap): number => width * height * 4
