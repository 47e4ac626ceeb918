import type { Engine } from '../contract/engine.ts'
import type { QueueChange } from '../contract/queue.ts'

/** What the desktop knows of the queue's work, from its events. */
export interface Work {
  /** Files done and asked for since the queue was last at rest; null at rest. */
  progress: { done: number; total: number } | null
  isPaused: boolean
  /** Items that ended since then, by how they did. */
  ended: ReadonlyMap<string, 'done' | 'failed'>
}

export const atRest: Work = { progress: null, isPaused: false, ended: new Map() }

/** Work goes on by itself: a paused queue waits for the person. */
export const isWorking = (work: Work): boolean => work.progress !== null && !work.isPaused

/** How a stretch of work came out; null while it goes on, and when nothing came of it (all was cancelled). */
export interface Outcome {
  done: number
  failed: number
}

/** The next state, and the outcome if the change ended the work. */
export function follow(work: Work, change: QueueChange): { work: Work; outcome: Outcome | null } {
  const isPaused = change.paused
  // At rest nothing ends, it is only changed (its settings, say): counting begins with the work.
  const isCounting = work.progress !== null || change.progress !== null
  const ended = new Map(work.ended)
  if (isCounting)
    for (const { id, state } of change.items)
      if (state === 'done' || state === 'failed') ended.set(id, state)
      else ended.delete(id)
  if (change.progress !== null) {
    const { done, total } = change.progress
    return { work: { progress: { done, total }, isPaused, ended }, outcome: null }
  }
  const states = [...ended.values()]
  const failed = states.filter((state) => state === 'failed').length
  const outcome = states.length === 0 ? null : { done: states.length - failed, failed }
  return { work: { ...atRest, isPaused }, outcome }
}

export interface WorkListener {
  /** Told at every change. */
  changed(work: Work): void
  /** Told when the queue has come to rest after something was done. */
  ended(outcome: Outcome): void
}

/** Follows the queue through the engine's events. */
export function followWork(engine: Pick<Engine, 'subscribe'>, listener: WorkListener): { now(): Work } {
  let current = atRest
  engine.subscribe((event) => {
    if (event.event !== 'queue') return
    const { work, outcome } = follow(current, event.change)
    current = work
    listener.changed(work)
    if (outcome !== null) listener.ended(outcome)
  })
  return { now: () => current }
}
