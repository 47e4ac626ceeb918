import type { EngineChoice } from '../../src-main/contract/engines.ts'
import type { JobEvent, JobInput, JobStatus } from '../../src-main/contract/jobs.ts'
import { rowWarnings } from '../../src-main/contract/run-warnings.ts'
import type { RunSummary } from '../../src-main/contract/runs.ts'
import type { Link } from './connection.svelte.ts'
import { runJob } from './run-job.ts'

export type TrainInput = Extract<JobInput, { type: 'train' }>

export interface RunsStore {
  /** Runs in the program's own folder, last worked on first. Null until they are read. */
  readonly all: readonly RunSummary[] | null
  /** Jobs that have not ended, of every kind, in the order of their start. */
  readonly jobs: readonly JobStatus[]
  get(path: string): RunSummary | undefined
  /** How far the training under way is, 0–1; null where there is none that tells. */
  readonly share: number | null
  /** Trainings that have no run folder yet: they wait for their turn, or read their data. */
  readonly coming: readonly JobStatus[]
  /** The training under way in a run folder, or waiting to go on there; null where there is none. */
  jobOf(path: string): JobStatus | null
  /**
   * Starts a training, and resolves to its run folder once it has one: not before its turn has come.
   * @param signal ends the training @throws the job's failure before that
   */
  train(job: TrainInput, signal?: AbortSignal): Promise<string>
}

/** Share of its steps that a training has done, 0–1; null before its first, while it waits or reads the data. */
export const shareOf = ({ run, progress }: JobStatus): number | null =>
  run !== null && progress !== null && progress.total > 0 ? progress.done / progress.total : null

/**
 * The runs as the window knows them. Commands change nothing here: what they did comes back as events.
 * @param trainedBy the engine that trainings begin with or go on with
 */
export function createRuns(link: Link, trainedBy: () => EngineChoice = () => 'auto'): RunsStore {
  // Raw: replaced whole, so that a row of history is never wrapped in a proxy.
  let all = $state.raw<readonly RunSummary[] | null>(null)
  let jobs = $state.raw<readonly JobStatus[]>([])

  const readRuns = (): void => {
    void link.engine.runs(null).then((runs) => (all = runs))
  }
  const readJobs = (): void => {
    void link.engine.jobs().then((list) => (jobs = list))
  }
  function takeJob(event: JobEvent): void {
    if (event.event === 'done' || event.event === 'failed' || event.event === 'cancelled') {
      jobs = jobs.filter(({ id }) => id !== event.id)
      return
    }
    // One that another window started.
    if (!jobs.some(({ id }) => id === event.id)) return readJobs()
    if (event.event === 'trained') takeValidation(event)
    if (event.event === 'progress') change(event.id, { progress: event.progress })
    if (event.event === 'began') change(event.id, { run: event.run, progress: null })
  }
  /** The list's last figures are those of the last validation. */
  function takeValidation({ run: path, row }: JobEvent & { event: 'trained' }): void {
    const { step, validation } = row
    if (validation === null) return
    const news = { step, validation, warnings: rowWarnings(row) }
    all = all?.map((run) => (run.path === path ? { ...run, ...news } : run)) ?? null
  }
  const change = (id: string, changes: Partial<JobStatus>): void => {
    jobs = jobs.map((job) => (job.id === id ? { ...job, ...changes } : job))
  }

  link.onReady(() => {
    readRuns()
    readJobs()
  })
  link.engine.subscribe((event) => {
    if (event.event === 'runs') {
      readRuns()
      readJobs()
    } else if ('id' in event) takeJob(event)
  })

  const coming = $derived(
    jobs.filter(({ job, run }) => job.type === 'train' && job.out === null && run === null),
  )

  return {
    get all() {
      return all
    },
    get jobs() {
      return jobs
    },
    get share() {
      const training = jobs.find(({ job, run }) => job.type === 'train' && run !== null)
      return training === undefined ? null : shareOf(training)
    },
    get coming() {
      return coming
    },
    get: (path) => all?.find((run) => run.path === path),
    jobOf: (path) => jobs.find(({ job, run }) => job.type === 'train' && (run ?? job.out) === path) ?? null,
    train: (job, signal) =>
      new Promise((resolve, reject) => {
        const onEvent = (event: JobEvent): void => {
          if (event.event === 'began') resolve(event.run)
        }
        const asked = { ...job, engine: trainedBy() }
        runJob(link, asked, signal === undefined ? { onEvent } : { onEvent, signal }).then(
          ({ run }) => resolve(run),
          reject,
        )
      }),
  }
}
