import { DarkroomError, toErrorDetail, type ErrorDetail } from '../../src-main/contract/errors.ts'
import type { JobEvent, JobInput, JobResult, Progress } from '../../src-main/contract/jobs.ts'
import type { Link } from './connection.svelte.ts'

export interface JobWatch {
  onProgress?: (progress: Progress) => void
  /** Everything else that the job tells before it ends. */
  onEvent?: (event: JobEvent) => void
  /** Its end asks the job to end: the promise then rejects with `cancelled`. */
  signal?: AbortSignal
}

type InputOf<Type extends JobInput['type']> = Extract<JobInput, { type: Type }>
type ResultOf<Type extends JobInput['type']> = Extract<JobResult, { type: Type }>

/** Starts a job and follows it to its end. @throws its failure; `engine-crashed` where the engine went and took it along */
export function runJob<Type extends JobInput['type']>(
  { engine, onReady }: Pick<Link, 'engine' | 'onReady'>,
  job: InputOf<Type>,
  { onProgress, onEvent, signal }: JobWatch = {},
): Promise<ResultOf<Type>> {
  return new Promise((resolve, reject) => {
    let id: string | null = null
    // A short job may end before its id is here.
    const early: JobEvent[] = []

    const releases: (() => void)[] = []
    const settle = (tell: () => void): void => {
      releases.splice(0).forEach((release) => release())
      tell()
    }
    const fail = (detail: ErrorDetail): void => settle(() => reject(errorOf(detail)))
    const take = (event: JobEvent): void => {
      if (event.id !== id) return
      if (event.event === 'progress') onProgress?.(event.progress)
      else if (event.event === 'done') settle(() => resolve(event.result as ResultOf<Type>))
      else if (event.event === 'failed') fail(event.error)
      else if (event.event === 'cancelled') fail({ code: 'cancelled' })
      else onEvent?.(event)
    }
    const stop = (): void => {
      // A connection that breaks now is looked after when it is back.
      if (id !== null) engine.stop(id).catch(() => undefined)
    }

    releases.push(
      engine.subscribe((event) => {
        if (!('id' in event)) return
        if (id === null) early.push(event)
        else take(event)
      }),
      onReady(() => {
        if (id === null) return
        engine.jobs().then(
          (jobs) => {
            if (!jobs.some((other) => other.id === id)) fail({ code: 'engine-crashed' })
          },
          () => undefined,
        )
      }),
      () => signal?.removeEventListener('abort', stop),
    )
    signal?.addEventListener('abort', stop)
    engine.start(job).then(
      (started) => {
        id = started
        if (signal?.aborted) stop()
        early.forEach(take)
      },
      (thrown: unknown) => fail(toErrorDetail(thrown)),
    )
  })
}

const errorOf = ({ code, ...detail }: ErrorDetail): DarkroomError => new DarkroomError(code, detail)
