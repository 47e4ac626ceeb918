import type { EngineChoice } from '../../contract/engines.ts'
import type { JobEvent } from '../../contract/jobs.ts'
import type { Backend } from '../backend/backend.ts'

/** An event without the id of its job, which only the engine knows. */
export type JobNews = JobEvent extends infer Event
  ? Event extends JobEvent
    ? Omit<Event, 'id'>
    : never
  : never

/** What a job gets from the engine: nothing that could not be had on another machine. */
export interface JobContext {
  signal: AbortSignal
  /** Aborted when a training is to end after the epoch under way. */
  stopAfterEpoch: AbortSignal
  emit: (news: JobNews) => void
  /** Told every error that fails the job's files, as it was thrown. */
  onError: (thrown: unknown) => void
  /** The caller closes it. @param tell told keys of messages; of a job: emitted. */
  openBackend: (choice: EngineChoice, tell?: (warning: string) => void) => Promise<Backend>
  /** Folder with the shipped models and recipes. */
  assets: string
  /** The program's own folder of this person. */
  home: string
  /** Awaited wherever the job can wait (between two tiles), so that a person's questions go first. */
  pause: () => Promise<void>
  /** Version of the product, for what is written. */
  product: string
}
