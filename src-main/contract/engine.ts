import type { EngineName, JobEvent, JobInput } from './jobs.ts'
import type { ModelCard } from './models.ts'

export interface EngineStatus {
  name: EngineName
  available: boolean
  inUse: boolean
  version: string | null
  /** A key of the message catalogue: why it is not in use; null for the one that is. */
  why: string | null
  threads: number
}

/** What `darkroom doctor` says. Memory in bytes. */
export interface DoctorReport {
  version: string
  node: string
  platform: string
  cpu: string
  cores: number
  memory: { total: number; free: number; process: number }
  engines: EngineStatus[]
  libraries: Record<string, string>
}

export interface RecipeSummary {
  name: string
  description: string
  /** The file it was read from. */
  file: string
}

/**
 * What a window, a browser tab, the command line and the tests talk to. Arguments and results are plain serialisable
 * data, so that any transport can carry them. Failures reject with a DarkroomError.
 */
export interface Engine {
  doctor(): Promise<DoctorReport>
  models(): Promise<ModelCard[]>
  recipes(): Promise<RecipeSummary[]>
  /** Validates the job, starts it and returns its id; everything further arrives as events. */
  start(job: JobInput): Promise<string>
  /** Asks a job to end at the next safe point; it then sends `cancelled`. An id that has ended is no error. */
  stop(id: string): Promise<void>
  /** Adds a listener for the events of all jobs; the result removes it. */
  subscribe(listener: (event: JobEvent) => void): () => void
  /** Stops all jobs and frees sessions and threads. */
  close(): Promise<void>
}
