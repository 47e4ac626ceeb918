import type { Engine } from '../contract/engine.ts'
import type { JobEvent } from '../contract/jobs.ts'
import type { QueueChange } from '../contract/queue.ts'

/** What the desktop knows of the engine's work, from its events. */
export interface Work {
  /** Files done and asked for since the queue was last at rest; null at rest. */
  progress: { done: number; total: number } | null
  isPaused: boolean
  /** Items that ended since then, by how they did. */
  ended: ReadonlyMap<string, 'done' | 'failed'>
  /** Steps of the trainings that have begun, by the ids of their jobs. */
  trainings: ReadonlyMap<string, Steps>
}

export interface Steps {
  done: number
  total: number
}

const atRest: Work = { progress: null, isPaused: false, ended: new Map(), trainings: new Map() }

/** Whether pictures are being cleaned; a paused queue waits for the person. */
export const isCleaning = (work: Work): boolean => work.progress !== null && !work.isPaused

/** The training under way; null where there is none. */
export const trainingOf = (work: Work): Steps | null => [...work.trainings.values()][0] ?? null

/** Whether anything goes on by itself. */
export const isWorking = (work: Work): boolean => isCleaning(work) || trainingOf(work) !== null

/** How a stretch of work came out; null while it goes on, and when nothing came of it (all was cancelled). */
export interface Outcome {
  done: number
  failed: number
}

/** The next state, and the outcome if the change ended the work. */
export function follow(work: Work, change: QueueChange): { work: Work; outcome: Outcome | null } {
  const isPaused = change.paused
  const { trainings } = work
  // At rest nothing ends, it is only changed (its settings, say): counting begins with the work.
  const isCounting = work.progress !== null || change.progress !== null
  const ended = new Map(work.ended)
  if (isCounting)
    for (const { id, state } of change.items)
      if (state === 'done' || state === 'failed') ended.set(id, state)
      else ended.delete(id)
  if (change.progress !== null) {
    const { done, total } = change.progress
    return { work: { progress: { done, total }, isPaused, ended, trainings }, outcome: null }
  }
  const states = [...ended.values()]
  const failed = states.filter((state) => state === 'failed').length
  const outcome = states.length === 0 ? null : { done: states.length - failed, failed }
  return { work: { ...atRest, isPaused, trainings }, outcome }
}

/** The next state after an event of a job. Before a training has begun there is nothing that could be lost. */
function followTraining(work: Work, event: JobEvent): Work {
  const isKnown = work.trainings.has(event.id)
  if (event.event !== 'began' && !isKnown) return work
  const trainings = new Map(work.trainings)
  if (event.event === 'began') trainings.set(event.id, { done: 0, total: 0 })
  else if (event.event === 'progress') trainings.set(event.id, event.progress)
  else if (event.event === 'done' || event.event === 'failed' || event.event === 'cancelled')
    trainings.delete(event.id)
  else return work
  return { ...work, trainings }
}

export interface WorkListener {
  /** Told at every change. */
  changed(work: Work): void
  /** Told when the queue has come to rest after something was done. */
  ended(outcome: Outcome): void
}

/** Follows the queue and the trainings through the engine's events. */
export function followWork(engine: Pick<Engine, 'subscribe'>, listener: WorkListener): { now(): Work } {
  let current = atRest
  engine.subscribe((event) => {
    if (event.event === 'models' || event.event === 'runs' || event.event === 'analyses') return
    const before = current
    const { work, outcome } =
      event.event === 'queue'
        ? follow(current, event.change)
        : { work: followTraining(current, event), outcome: null }
    current = work
    if (work !== before) listener.changed(work)
    if (outcome !== null) listener.ended(outcome)
  })
  return { now: () => current }
}
