import { randomUUID } from 'node:crypto'
import type { EngineEvent, StopWhen } from '../contract/engine.ts'
import { DarkroomError, toErrorDetail, type ErrorDetail } from '../contract/errors.ts'
import type { Job, JobResult, JobStatus } from '../contract/jobs.ts'
import { latentJobs } from '../contract/latent-jobs.ts'
import type { JobContext, JobNews } from './jobs/context.ts'

/** What all jobs of an engine have in common. */
export type SharedContext = Omit<JobContext, 'signal' | 'stopAfterEpoch' | 'emit'>

export interface JobLanes {
  start(job: Job): string
  stop(id: string, when: StopWhen): void
  /** Jobs that have not ended, in the order of their start. */
  list(): JobStatus[]
  /** Why the last training in a run folder failed, as long as this engine lives; null where it did not, or goes on. */
  failureOf(run: string): ErrorDetail | null
  /** Stops all of them, and waits for their end. */
  close(): Promise<void>
}

interface ActiveJob {
  status: JobStatus
  hasBegun: boolean
  stopNow: AbortController
  stopAfterEpoch: AbortController
}

/** What went wrong by itself while a job was being stopped: no room for its checkpoint, for one. Other errors may come of the stopping. */
const isOwnFailure = (thrown: unknown): boolean =>
  thrown instanceof DarkroomError && thrown.detail.code !== 'cancelled'

/** Jobs that change what `runs()` and `models()` say when they end. */
const changesRuns = ({ type }: Job): boolean =>
  type === 'train' || type === 'import-run' || type === 'anomaly-fit'
/** Jobs that change what `analyses()` says. */
const changesAnalyses = ({ type }: Job): boolean => type === 'anomaly-fit' || type === 'classify-fit'

/** Jobs that somebody waits for in front of the window: looking through data, and all that is done with codes. */
const isAwaited = ({ type }: Job): boolean =>
  type === 'inspect' || latentJobs.some(({ shape }) => shape.type.value === type)

/**
 * Jobs run one after another in the order of their start, each may use all cores; only those that somebody waits for, which are short, go
 * in a lane of their own beside them.
 */
export function createJobLanes(
  shared: SharedContext,
  runJob: (job: Job, context: JobContext) => Promise<JobResult>,
  tell: (event: EngineEvent) => void,
): JobLanes {
  const active = new Map<string, ActiveJob>()
  const failures = new Map<string, ErrorDetail>()
  const lanes = { work: Promise.resolve(), look: Promise.resolve() }

  function end(id: string, news: JobNews): void {
    const ended = active.get(id)
    if (ended === undefined) return
    // Whoever hears that it ended, and asks what is running, is told so.
    active.delete(id)
    if (news.event === 'failed' && ended.status.run !== null) failures.set(ended.status.run, news.error)
    tell({ id, ...news })
    if (changesAnalyses(ended.status.job)) tell({ event: 'analyses' })
    if (!changesRuns(ended.status.job)) return
    tell({ event: 'runs' })
    tell({ event: 'models' })
  }

  async function run(id: string, { status, stopNow, stopAfterEpoch }: ActiveJob): Promise<void> {
    const emit: JobContext['emit'] = (news) => {
      if (news.event === 'progress') status.progress = news.progress
      if (news.event === 'began') {
        status.run = news.run
        // Until now it was that of reading the data.
        status.progress = null
        failures.delete(news.run)
      }
      tell({ id, ...news })
      if (news.event === 'began') tell({ event: 'runs' })
    }
    const context: JobContext = {
      ...shared,
      ...{ signal: stopNow.signal, stopAfterEpoch: stopAfterEpoch.signal, emit },
      openBackend: (choice) => shared.openBackend(choice, (warning) => emit({ event: 'warned', warning })),
    }
    try {
      end(id, { event: 'done', result: await runJob(status.job, context) })
    } catch (thrown) {
      if (stopNow.signal.aborted && !isOwnFailure(thrown)) return end(id, { event: 'cancelled' })
      shared.onError(thrown)
      end(id, { event: 'failed', error: toErrorDetail(thrown) })
    }
  }

  const stop = (id: string, when: StopWhen): void => {
    const job = active.get(id)
    if (job === undefined) return
    if (when === 'epoch' && job.hasBegun && job.status.job.type === 'train') return job.stopAfterEpoch.abort()
    job.stopNow.abort()
    // What waits for its turn has nothing to finish.
    if (!job.hasBegun) end(id, { event: 'cancelled' })
  }
  return {
    start(job) {
      const id = randomUUID()
      const started: ActiveJob = {
        status: { id, job, progress: null, run: null },
        hasBegun: false,
        stopNow: new AbortController(),
        stopAfterEpoch: new AbortController(),
      }
      active.set(id, started)
      // It may wait for a while: windows that did not start it show that, too.
      if (job.type === 'train') tell({ event: 'runs' })
      const lane = isAwaited(job) ? 'look' : 'work'
      lanes[lane] = lanes[lane].then(async () => {
        if (!active.has(id)) return
        started.hasBegun = true
        await run(id, started)
      })
      return id
    },
    stop,
    failureOf: (run) => failures.get(run) ?? null,
    list: () => [...active.values()].map(({ status }) => ({ ...status })),
    async close() {
      for (const id of active.keys()) stop(id, 'now')
      await Promise.all([lanes.work, lanes.look])
    },
  }
}
