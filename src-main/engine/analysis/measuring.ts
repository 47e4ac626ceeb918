import { Worker } from 'node:worker_threads'
import type { Evidence, NoiseFacts } from '../../contract/evidence.ts'
import { samplesLike } from '../numeric/samples.ts'
import type { measureEvidence } from './evidence.ts'
import { measureNoise } from './noise-facts.ts'
import type { SampledPage } from './sampled-page.ts'
import { spreadWindows } from './windows.ts'

/*
 * Measures pictures in a thread of its own, so that a network can run in this one meanwhile: the picture before, and the picture
 * after. It is started when there is something to measure, and ends when there was nothing for a while.
 */

type Asked =
  | { measure: 'noise'; of: Parameters<typeof measureNoise> }
  | { measure: 'evidence'; of: Parameters<typeof measureEvidence> }
/** What goes to the thread. */
export interface Call {
  id: number
  asked: Asked
}
/** What comes back. */
export interface Answer {
  id: number
  found: NoiseFacts | Evidence
}

/** Bytes from which a page is measured in this thread after all: the memory of a copy is worth more than the tenth of a second. */
const largestCopy = 2 ** 28

/** `measureNoise`, beside whatever goes on in this thread. The page may be changed meanwhile. */
export const measureNoiseAside = async (page: SampledPage): Promise<NoiseFacts> =>
  page.data.byteLength > largestCopy
    ? measureNoise(page)
    : ((await ask({ measure: 'noise', of: [copyOf(page)] })) as NoiseFacts)

/** `measureEvidence`, beside whatever goes on in this thread. The pages may be changed meanwhile. */
export const measureEvidenceAside = (
  noisy: SampledPage,
  cleaned: SampledPage,
  before: number,
  strength: number,
): Promise<Evidence> => {
  const [input, output] = [copyOf(spreadWindows(noisy)), copyOf(spreadWindows(cleaned))]
  return ask({ measure: 'evidence', of: [input, output, before, strength] }) as Promise<Evidence>
}

/** Milliseconds without work after which the thread, and its memory, are given back. */
const restDelay = 10_000

interface Thread {
  worker: Worker
  waiting: Map<number, { resolve: (found: Answer['found']) => void; reject: (thrown: unknown) => void }>
  rest: NodeJS.Timeout | undefined
}
let thread: Thread | null = null
let calls = 0

function ask(asked: Asked): Promise<Answer['found']> {
  const { worker, waiting, rest } = (thread ??= startThread())
  clearTimeout(rest)
  worker.ref()
  const call: Call = { id: ++calls, asked }
  return new Promise((resolve, reject) => {
    waiting.set(call.id, { resolve, reject })
    worker.postMessage(
      call,
      asked.of.flatMap((value) => (typeof value === 'number' ? [] : (value.data.buffer as ArrayBuffer))),
    )
  })
}

/** The sources run only with the loader that tests and benchmarks have, which a thread must be given. */
const isSource = import.meta.url.endsWith('.ts')
const loader = (): string[] => {
  const text = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register()`
  return ['--import', `data:text/javascript,${encodeURIComponent(text)}`]
}

function startThread(): Thread {
  const entry = new URL(`./measuring-thread${isSource ? '.ts' : '.js'}`, import.meta.url)
  const worker = new Worker(entry, { execArgv: isSource ? loader() : [] })
  const own: Thread = { worker, waiting: new Map(), rest: undefined }
  const end = (thrown: unknown): void => {
    // The next call gets another thread.
    if (thread === own) thread = null
    clearTimeout(own.rest)
    for (const { reject } of own.waiting.values()) reject(thrown)
    own.waiting.clear()
  }
  worker.on('message', ({ id, found }: Answer) => {
    own.waiting.get(id)?.resolve(found)
    own.waiting.delete(id)
    if (own.waiting.size > 0) return
    // It holds up no process that has nothing else to do.
    worker.unref()
    own.rest = setTimeout(() => {
      end(null)
      void worker.terminate()
    }, restDelay).unref()
  })
  worker.on('error', end)
  worker.on('exit', (code) => end(new Error(`The thread that measures pictures ended with code ${code}.`)))
  return own
}

/** A page with samples of its own, which can be handed over. */
function copyOf({ width, height, channels, data, black, white }: SampledPage): SampledPage {
  const own = samplesLike(data, data.length)
  own.set(data)
  return { width, height, channels, data: own, black, white }
}
