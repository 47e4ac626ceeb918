import { afterEach, describe, expect, it, vi } from 'vitest'
import type { EngineEvent } from '../../../src-main/contract/engine.ts'
import type { JobEvent, JobStatus } from '../../../src-main/contract/jobs.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { runJob } from '../../../src-renderer/state/run-job.ts'
import { fakeProgram } from '../../support/fake-program.ts'

const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

const job = { type: 'archive', run: '/runs/a', out: '/a.zip' } as const
const result = { type: 'archive', file: '/a.zip', bytes: 5 } as const

async function open(start: () => Promise<string> = () => Promise.resolve('mine')) {
  let jobs: Pick<JobStatus, 'id'>[] = []
  const program = fakeProgram({
    engine: { start, stop: () => Promise.resolve(), jobs: () => Promise.resolve(jobs) },
  })
  const link = createLink(program.open)
  links.push(link)
  await vi.waitUntil(() => link.status === 'ready')
  return {
    ...{ program, link },
    goOn: (list: typeof jobs) => (jobs = list),
    started: () => vi.waitUntil(() => program.calls.some(({ name }) => name === 'start')),
  }
}

describe('following a job', () => {
  it('tells of its own job alone, and resolves to its result', async () => {
    const { program, link, started } = await open()
    const told: unknown[] = []
    const events: JobEvent[] = []
    const ended = runJob(link, job, {
      onProgress: ({ done }) => told.push(done),
      onEvent: (event) => events.push(event),
    })
    await started()
    const progress = (done: number) => ({ done, total: 9, secondsLeft: null })
    const tell = (event: EngineEvent) => program.tellEngine(event)
    tell({ id: 'other', event: 'progress', progress: progress(1) })
    tell({ id: 'other', event: 'done', result: { ...result, bytes: 0 } })
    tell({ id: 'mine', event: 'progress', progress: progress(2) })
    tell({ id: 'mine', event: 'began', run: '/runs/b' })
    tell({ id: 'mine', event: 'done', result })
    expect(await ended).toEqual(result)
    expect(told).toEqual([2])
    expect(events).toEqual([{ id: 'mine', event: 'began', run: '/runs/b' }])
  })

  it('misses nothing of a job that ends before its id is known', async () => {
    let answer: (id: string) => void = () => undefined
    const { program, link, started } = await open(() => new Promise((resolve) => (answer = resolve)))
    const ended = runJob(link, job)
    await started()
    program.tellEngine({ id: 'mine', event: 'done', result })
    answer('mine')
    expect(await ended).toEqual(result)
  })

  it('rejects with its failure, or that of starting it', async () => {
    const { program, link, started } = await open()
    const failed = expect(runJob(link, job)).rejects.toMatchObject({
      detail: { code: 'disk-full', file: '/a' },
    })
    await started()
    program.tellEngine({ id: 'mine', event: 'failed', error: { code: 'disk-full', file: '/a' } })
    await failed
    const refusing = await open(() => Promise.reject(new Error('no')))
    await expect(runJob(refusing.link, job)).rejects.toMatchObject({ detail: { code: 'internal' } })
  })

  it('asks it to stop when its signal ends, also while it is being started', async () => {
    const { program, link } = await open()
    const own = new AbortController()
    const ended = expect(runJob(link, job, { signal: own.signal })).rejects.toMatchObject({
      detail: { code: 'cancelled' },
    })
    own.abort()
    await vi.waitUntil(() => program.calls.some(({ name, args }) => name === 'stop' && args[0] === 'mine'))
    program.tellEngine({ id: 'mine', event: 'cancelled' })
    await ended
  })

  it('goes on over a broken connection, and rejects where the engine knows the job no more', async () => {
    const { program, link, started, goOn } = await open()
    const ended = runJob(link, job)
    await started()
    goOn([{ id: 'mine' }])
    program.cut()
    const asked = () => program.calls.filter(({ name }) => name === 'jobs').length
    await vi.waitUntil(() => asked() === 1, 10_000)
    goOn([])
    program.cut()
    await expect(ended).rejects.toMatchObject({ detail: { code: 'engine-crashed' } })
  })
})
