import { describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src-main/contract/engine.ts'
import { DarkroomError } from '../../src-main/contract/errors.ts'
import { TrainJob, type JobResult } from '../../src-main/contract/jobs.ts'
import { createJobLanes, type SharedContext } from '../../src-main/engine/job-lanes.ts'
import type { JobContext } from '../../src-main/engine/jobs/context.ts'

const job = TrainJob.parse({ type: 'train', out: '/runs/a', resume: true })
const shared = { onError: () => undefined } as unknown as SharedContext

/** Lanes whose jobs do what is given, one after another. */
function lanesOf(works: ((context: JobContext) => JobResult)[]) {
  const events: EngineEvent[] = []
  const lanes = createJobLanes(
    shared,
    (_job, context) => Promise.resolve().then(() => works.shift()!(context)),
    (event) => events.push(event),
  )
  return { lanes, events }
}
const diverge = ({ emit }: JobContext): never => {
  emit({ event: 'began', run: '/runs/a' })
  throw new DarkroomError('training-diverged', { received: 'loss NaN at step 3' })
}
const finish = ({ emit }: JobContext): JobResult => {
  emit({ event: 'began', run: '/runs/a' })
  return { type: 'train', run: '/runs/a', steps: 1, why: 'done', model: '', validation: {} }
}

describe('a job that is stopped', () => {
  const stopThen = (thrown: Error) => {
    const { lanes, events } = lanesOf([
      () => {
        lanes.stop(id, 'now')
        throw thrown
      },
    ])
    const id = lanes.start(job)
    return expect
      .poll(() => events.find((event) => 'id' in event))
      .toBeDefined()
      .then(() => events.find((event) => 'id' in event))
  }
  it('is cancelled, whatever comes of its stopping', async () => {
    expect(await stopThen(new DarkroomError('cancelled'))).toMatchObject({ event: 'cancelled' })
    expect(await stopThen(new DOMException('', 'AbortError'))).toMatchObject({ event: 'cancelled' })
  })

  it('has failed where its checkpoint could not be written', async () => {
    const error = { code: 'disk-full', file: '/runs/a' } as const
    const event = await stopThen(new DarkroomError('disk-full', { file: '/runs/a' }))
    expect(event).toMatchObject({ event: 'failed', error })
  })
})

describe('why a training failed', () => {
  it('is known for whoever asks later, until the run is trained again', async () => {
    const { lanes } = lanesOf([diverge, finish])
    lanes.start(job)
    await expect
      .poll(() => lanes.failureOf('/runs/a'))
      .toEqual({ code: 'training-diverged', received: 'loss NaN at step 3' })
    expect(lanes.failureOf('/runs/b')).toBeNull()
    lanes.start(job)
    await expect.poll(() => lanes.list()).toEqual([])
    expect(lanes.failureOf('/runs/a')).toBeNull()
  })

  it('is known when the list of runs is said to have changed', async () => {
    const known: boolean[] = []
    const lanes = createJobLanes(
      shared,
      (_job, context) => Promise.resolve().then(() => diverge(context)),
      (event) => {
        if (event.event === 'runs') known.push(lanes.failureOf('/runs/a') !== null)
      },
    )
    lanes.start(job)
    await expect.poll(() => lanes.list()).toEqual([])
    // It waits, it has begun, it has ended.
    expect(known).toEqual([false, false, true])
  })

  it('is nothing where it never touched a folder', async () => {
    const { lanes, events } = lanesOf([
      () => {
        throw new DarkroomError('recipe-unknown')
      },
    ])
    lanes.start(job)
    await expect.poll(() => events.some(({ event }) => event === 'failed')).toBe(true)
    expect(lanes.failureOf('/runs/a')).toBeNull()
  })
})
