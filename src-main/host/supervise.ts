import { setTimeout as delay } from 'node:timers/promises'
import { engineArguments, type Engine, type EngineEvent } from '../contract/engine.ts'
import { DarkroomError } from '../contract/errors.ts'
import {
  startEngineChild,
  type ChildOptions,
  type EngineChild,
  type EnginePreferences,
} from './engine-child.ts'

export type SupervisedState = 'starting' | 'running' | 'restarting' | 'stopped'

/** An engine in a process of its own, that is started again when it dies. Calls that come meanwhile wait for the new one. */
export interface SupervisedEngine extends Engine {
  state(): SupervisedState
  /** Adds a listener for changes of state; the result removes it. */
  onState(listener: (state: SupervisedState) => void): () => void
  /** Starts it anew, with other preferences. Jobs are cancelled; the queue goes on. */
  restart(preferences: EnginePreferences): void
}

export interface SuperviseOptions extends ChildOptions, EnginePreferences {
  /** Waits before the 1st, 2nd, … start after a death, ms. Of as many deaths and one more it gives up. */
  backOff?: number[]
}

/** How long a job may take to put its files in order at the end, ms: a training writes its weights. */
const jobPatience = 30_000

/** Deaths longer ago than this count no more, ms. */
const memory = 60_000

/**
 * Starts an engine and keeps one running. When it dies, calls in flight reject with `engine-crashed`, jobs are told to have
 * failed with it, and a queue that was in use is opened again and told whole. After too many deaths in a minute the state
 * is `stopped` and calls reject with `engine-stopped`, until `restart`.
 */
export function superviseEngine(options: SuperviseOptions): SupervisedEngine {
  const backOff = options.backOff ?? [0, 1_000, 5_000, 5_000]
  const listeners = new Set<(event: EngineEvent) => void>()
  const stateListeners = new Set<(state: SupervisedState) => void>()
  /** Ids of jobs that have not ended. */
  const jobs = new Set<string>()
  let preferences: EnginePreferences = options
  let state: SupervisedState = 'starting'
  let child: EngineChild | null = null
  let up = promised<Engine>()
  let isUp = false
  let deaths: number[] = []
  let wait = new AbortController()
  let isQueueUsed = false
  let isClosing = false

  const setState = (value: SupervisedState): void => {
    if (value === state) return
    state = value
    for (const listener of stateListeners) listener(value)
  }
  const tell = (event: EngineEvent): void => {
    if (event.event === 'done' || event.event === 'failed' || event.event === 'cancelled')
      jobs.delete(event.id)
    for (const listener of listeners) listener(event)
  }

  /** Calls wait from now on. */
  const goDown = (): void => {
    if (isUp) up = promised()
    isUp = false
  }

  async function keepRunning(): Promise<void> {
    while (!isClosing) {
      let death: string | null
      try {
        child = startEngineChild(options, preferences)
        child.engine.subscribe(tell)
        up.resolve(child.engine)
        isUp = true
        void welcome(child.engine)
        death = await child.ended
      } catch (thrown) {
        // Its folder is not to be had (a drive that was pulled out), or the system has no process left to give.
        death = String(thrown)
      }
      child = null
      goDown()
      const hadJobs = jobs.size > 0
      for (const id of jobs) tell({ id, event: 'failed', error: { code: 'engine-crashed' } })
      // None of them is running any more.
      if (hadJobs) tell({ event: 'runs' })
      if (death === null) continue
      options.log(`The engine died: ${death}`)
      deaths = [...deaths.filter((time) => performance.now() - time < memory), performance.now()]
      if (deaths.length > backOff.length) break
      setState('restarting')
      wait = new AbortController()
      await delay(backOff[deaths.length - 1], undefined, { signal: wait.signal }).catch(() => undefined)
    }
    up.reject(new DarkroomError('engine-stopped'))
    setState('stopped')
  }

  /** The first questions to a new child. They fail when it dies meanwhile, which `keepRunning` deals with. */
  async function welcome(engine: Engine): Promise<void> {
    try {
      // Stopping what does not run does nothing: its answer only says that the child has loaded.
      await engine.stop('none')
      setState('running')
      if (!isQueueUsed) return
      const { items, paused, progress } = await engine.queue()
      tell({ event: 'queue', change: { items, removed: [], paused, progress } })
    } catch (thrown) {
      options.log(`The engine did not answer: ${String(thrown)}`)
    }
  }

  const call = async (name: keyof typeof engineArguments, args: unknown[]): Promise<unknown> => {
    if (name === 'queue' || name === 'changeQueue') isQueueUsed = true
    const engine = await up.promise
    return (engine[name] as (...args: unknown[]) => Promise<unknown>)(...args)
  }
  const calls = Object.fromEntries(
    (Object.keys(engineArguments) as (keyof typeof engineArguments)[]).map((name) => [
      name,
      (...args: unknown[]) => call(name, args),
    ]),
  ) as unknown as Omit<Engine, 'subscribe'>
  let running = keepRunning()

  return {
    ...calls,
    async start(job) {
      const id = await calls.start(job)
      jobs.add(id)
      return id
    },
    subscribe: listeningTo(listeners),
    state: () => state,
    onState: listeningTo(stateListeners),
    restart(changed) {
      preferences = { ...preferences, ...changed }
      deaths = []
      if (isClosing) return
      const isStopped = state === 'stopped'
      setState('restarting')
      if (isStopped) {
        up = promised()
        running = keepRunning()
        return
      }
      goDown()
      wait.abort()
      void child?.end(jobs.size > 0 ? jobPatience : undefined)
    },
    async close() {
      isClosing = true
      wait.abort()
      await child?.end(jobs.size > 0 ? jobPatience : undefined)
      await running
    },
  }
}

const listeningTo =
  <Told>(listeners: Set<(told: Told) => void>) =>
  (listener: (told: Told) => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

/** A promise that is settled from outside. That nobody waits for it is no error. */
function promised<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: Error): void } {
  let resolve!: (value: T) => void
  let reject!: (error: Error) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
