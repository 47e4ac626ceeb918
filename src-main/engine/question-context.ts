import type { Backend } from './backend/backend.ts'

/** What the modules that answer questions share. */
export interface QuestionContext {
  /** The program's own folder. */
  home: string
  /** Opened when it is first needed, and closed with all else. */
  backend: () => Promise<Backend>
  /** Aborted when the program ends. */
  signal: AbortSignal
  /** One work at a time: each takes all cores, and what is dropped for others must not be in use then. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
}
