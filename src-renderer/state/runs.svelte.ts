import type { JobEvent, JobInput, JobStatus } from '../../src-main/contract/jobs.ts'
import type { HistoryRow, RunSummary } from '../../src-main/contract/runs.ts'
import type { Link } from './connection.svelte.ts'
import { runJob } from './run-job.ts'

/** What a run has told since this window listens: to be joined with what `engine.run` read. */
export interface LiveRun {
  rows: readonly HistoryRow[]
  /** Names of its newest preview pictures, oldest first. */
  previews: readonly string[]
}

export type TrainInput = Extract<JobInput, { type: 'train' }>

export interface RunsStore {
  /** Runs in the program's own folder, last worked on first. Null until they are read. */
  readonly all: readonly RunSummary[] | null
  /** Jobs that have not ended, of every kind, in the order of their start. */
  readonly jobs: readonly JobStatus[]
  get(path: string): RunSummary | undefined
  /** The training under way in a run folder; null where there is none. */
  jobOf(path: string): JobStatus | null
  live(path: string): LiveRun
  /** Starts a training, and resolves to its run folder once it has one. @throws the job's failure before that */
  train(job: TrainInput): Promise<string>
}

const silent: LiveRun = { rows: [], previews: [] }

/** The runs as the window knows them. Commands change nothing here: what they did comes back as events. */
export function createRuns(link: Link): RunsStore {
  // Raw: replaced whole, so that a row of history is never wrapped in a proxy.
  let all = $state.raw<readonly RunSummary[] | null>(null)
  let jobs = $state.raw<readonly JobStatus[]>([])
  let live = $state.raw<ReadonlyMap<string, LiveRun>>(new Map())

  const readRuns = (): void => {
    void link.engine.runs(null).then((runs) => (all = runs))
  }
  const readJobs = (): void => {
    void link.engine.jobs().then((list) => (jobs = list))
  }
  const addLive = (path: string, add: (before: LiveRun) => LiveRun): void => {
    live = new Map(live).set(path, add(live.get(path) ?? silent))
  }

  function takeJob(event: JobEvent): void {
    if (event.event === 'done' || event.event === 'failed' || event.event === 'cancelled') {
      jobs = jobs.filter(({ id }) => id !== event.id)
      return
    }
    // One that another window started.
    if (!jobs.some(({ id }) => id === event.id)) return readJobs()
    if (event.event === 'progress') change(event.id, { progress: event.progress })
    if (event.event === 'began') change(event.id, { run: event.run })
    if (event.event === 'trained')
      addLive(event.run, ({ rows, previews }) => ({ rows: joinRows(rows, [event.row]), previews }))
    if (event.event === 'previewed')
      addLive(event.run, ({ rows, previews }) => ({
        rows,
        previews: [...previews.filter((name) => name !== event.name), event.name],
      }))
  }
  const change = (id: string, changes: Partial<JobStatus>): void => {
    jobs = jobs.map((job) => (job.id === id ? { ...job, ...changes } : job))
  }

  link.onReady(() => {
    readRuns()
    readJobs()
  })
  link.engine.subscribe((event) => {
    if (event.event === 'runs') readRuns()
    else if ('id' in event) takeJob(event)
  })

  return {
    get all() {
      return all
    },
    get jobs() {
      return jobs
    },
    get: (path) => all?.find((run) => run.path === path),
    jobOf: (path) => jobs.find(({ job, run }) => job.type === 'train' && run === path) ?? null,
    live: (path) => live.get(path) ?? silent,
    train: (job) =>
      new Promise((resolve, reject) => {
        const onEvent = (event: JobEvent): void => {
          if (event.event === 'began') resolve(event.run)
        }
        runJob(link, job, { onEvent }).then(({ run }) => resolve(run), reject)
      }),
  }
}

/**
 * History with newer rows at its end. A run that goes on from a checkpoint tells the steps after it anew: they take the place
 * of what was told of them before.
 */
export function joinRows(history: readonly HistoryRow[], newer: readonly HistoryRow[]): HistoryRow[] {
  const first = newer[0]
  if (first === undefined) return [...history]
  const from = history.findIndex(({ stage, step }) => stage === first.stage && step >= first.step)
  return [...(from < 0 ? history : history.slice(0, from)), ...newer]
}
