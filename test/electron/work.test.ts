import { describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src-main/contract/engine.ts'
import type { QueueChange, QueueItem } from '../../src-main/contract/queue.ts'
import { DenoiseSettings } from '../../src-main/contract/settings.ts'
import { followWork, isWorking, trainingOf, type Outcome } from '../../src-main/electron/work.ts'

const item = (id: string, state: QueueItem['state']): QueueItem => ({
  ...{ id, source: `/${id}.png`, dir: '', settings: DenoiseSettings.parse({}), state },
  ...{
    image: null,
    sigma: null,
    output: null,
    progress: 0,
    seconds: null,
    warnings: [],
    error: null,
    attempts: 0,
    written: null,
    cleaned: null,
  },
})
const change = (items: QueueItem[], done: number | null, total = 3, paused = false): QueueChange => ({
  ...{ items, removed: [], paused },
  progress: done === null ? null : { done, total, secondsLeft: null },
})

/** Plays changes of the queue to a follower, and gives what it told. */
const play = (changes: QueueChange[]) =>
  playEvents(changes.map((one): EngineEvent => ({ event: 'queue', change: one })))

function playEvents(events: EngineEvent[]) {
  let tell: (event: EngineEvent) => void = () => undefined
  const outcomes: Outcome[] = []
  const working: boolean[] = []
  const subscribe = (listener: (event: EngineEvent) => void) => {
    tell = listener
    return () => undefined
  }
  const work = followWork(
    { subscribe },
    { changed: (now) => working.push(isWorking(now)), ended: (outcome) => outcomes.push(outcome) },
  )
  for (const event of events) tell(event)
  return { outcomes, working, now: work.now() }
}

describe('followWork', () => {
  it('counts what was done and what failed until the queue is at rest', () => {
    const { outcomes, working } = play([
      change([item('a', 'waiting'), item('b', 'waiting'), item('c', 'waiting')], 0),
      change([item('a', 'done'), item('b', 'running')], 1),
      change([item('b', 'failed')], 2),
      change([item('c', 'done')], null),
    ])
    expect(outcomes).toEqual([{ done: 2, failed: 1 }])
    expect(working).toEqual([true, true, true, false])
  })

  it('counts an item that was retried once, by how it ended', () => {
    const { outcomes } = play([
      change([item('a', 'failed'), item('b', 'running')], 1),
      change([item('a', 'waiting')], 1),
      change([item('a', 'done'), item('b', 'done')], null),
    ])
    expect(outcomes).toEqual([{ done: 2, failed: 0 }])
  })

  it('says nothing when all was cancelled, and nothing of changes at rest', () => {
    const { outcomes } = play([
      change([item('a', 'done')], null),
      change([item('b', 'waiting')], 0),
      change([item('b', 'idle')], null),
    ])
    expect(outcomes).toEqual([])
  })

  it('does not work while it is paused', () => {
    const { working, now } = play([change([item('a', 'waiting')], 0), change([], 0, 3, true)])
    expect(working).toEqual([true, false])
    expect(now.progress).toEqual({ done: 0, total: 3 })
  })

  it('begins to count anew', () => {
    const { outcomes } = play([
      change([item('a', 'waiting')], 0),
      change([item('a', 'done')], null),
      change([item('b', 'waiting')], 0),
      change([item('b', 'failed')], null),
    ])
    expect(outcomes).toEqual([
      { done: 1, failed: 0 },
      { done: 0, failed: 1 },
    ])
  })

  const progress = (id: string, done: number): EngineEvent => ({
    id,
    event: 'progress',
    progress: { done, total: 8, secondsLeft: null },
  })

  it('follows trainings from when they have begun until they end, however they do', () => {
    for (const end of [{ event: 'cancelled' }, { event: 'failed', error: { code: 'disk-full' } }] as const) {
      const { working, now, outcomes } = playEvents([
        progress('t', 0),
        { id: 't', event: 'began', run: '/runs/t' },
        progress('t', 3),
        { event: 'runs' },
        { id: 't', ...end },
      ])
      expect(working).toEqual([true, true, false])
      expect(now.trainings.size).toBe(0)
      expect(outcomes).toEqual([])
    }
  })

  it('knows how far a training is while pictures are cleaned beside it', () => {
    const { now, outcomes } = playEvents([
      { id: 't', event: 'began', run: '/runs/t' },
      { event: 'queue', change: change([item('a', 'waiting')], 0) },
      progress('t', 5),
      progress('another job', 1),
      { event: 'queue', change: change([item('a', 'done')], null) },
    ])
    expect(trainingOf(now)).toMatchObject({ done: 5, total: 8 })
    expect(isWorking(now)).toBe(true)
    expect(outcomes).toEqual([{ done: 1, failed: 0 }])
  })
})
