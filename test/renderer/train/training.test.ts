import { afterEach, describe, expect, it, vi } from 'vitest'
import type { EngineChoice } from '../../../src-main/contract/engines.ts'
import { TrainJob, type JobStatus } from '../../../src-main/contract/jobs.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import { createNotices } from '../../../src-renderer/state/notices.svelte.ts'
import { createRuns } from '../../../src-renderer/state/runs.svelte.ts'
import { createTraining } from '../../../src-renderer/views/train/run/training.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'
import { historyRow, recipe, runSummary } from '../../support/fake-runs.ts'

const path = '/runs/clothes'
const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

const status = (changes: Partial<JobStatus> = {}): JobStatus => ({
  id: 'job',
  job: TrainJob.parse({ type: 'train', out: path, resume: true }),
  progress: { done: 250, total: 1000, secondsLeft: 30 },
  run: path,
  ...changes,
})

async function open(jobs: JobStatus[], trainedBy?: () => EngineChoice) {
  const program = fakeProgram({
    engine: {
      runs: () => Promise.resolve([runSummary(path)]),
      jobs: () => Promise.resolve(jobs),
      start: () => Promise.resolve('job'),
      stop: () => Promise.resolve(),
    },
  })
  const link = createLink(program.open)
  links.push(link)
  const notices = createNotices()
  const runs = createRuns(link, trainedBy)
  const training = createTraining({ link, notices, runs }, path)
  await vi.waitUntil(() => runs.all !== null && runs.jobs.length === jobs.length)
  const called = (name: string) => program.calls.filter((call) => call.name === name).map(({ args }) => args)
  return { program, notices, runs, training, called }
}

describe('the training of a run', () => {
  it('is found under way by a window that comes later', async () => {
    const { training } = await open([status()])
    expect(training.job?.id).toBe('job')
    expect(training.share).toBe(0.25)
  })

  it('waiting for its turn, before it has touched the folder, is its own too', async () => {
    const { training } = await open([status({ run: null, progress: null })])
    expect(training.job?.id).toBe('job')
    expect(training.share).toBeNull()
  })

  it('goes on with the engine that is to train by then', async () => {
    let engine: EngineChoice = 'auto'
    const { training, called } = await open([], () => engine)
    engine = 'native'
    void training.resume()
    await vi.waitUntil(() => called('start').length > 0)
    expect(called('start')[0]![0]).toMatchObject({ type: 'train', out: path, resume: true, engine: 'native' })
  })

  it('is among those that are to come until it has a folder', async () => {
    const job = TrainJob.parse({ type: 'train', recipe: 'conv', data: { sources: ['/data'] }, out: null })
    const { program, runs } = await open([status({ job, run: null, progress: null })])
    expect([runs.coming.map(({ id }) => id), runs.share]).toEqual([['job'], null])
    program.tellEngine({ id: 'job', event: 'began', run: '/runs/conv-1' })
    await vi.waitUntil(() => runs.coming.length === 0)
    program.tellEngine({ id: 'job', event: 'progress', progress: { done: 1, total: 4, secondsLeft: 9 } })
    await vi.waitUntil(() => runs.share === 0.25)
  })

  it('is warned of as soon as a validation tells that its code is dead', async () => {
    const { program, runs } = await open([status()])
    const trained = (active: number) => {
      const row = { ...historyRow(20), stage: 'train', epoch: 2, validation: { loss: 1, active } }
      program.tellEngine({ id: 'job', event: 'trained', run: path, row })
    }
    trained(0)
    await vi.waitUntil(() => runs.get(path)?.warnings[0] === 'warning.code-dead')
    trained(0.5)
    await vi.waitUntil(() => runs.get(path)?.warnings.length === 0)
  })

  it('has no share of its steps while it reads the data', async () => {
    const { program, training } = await open([status({ run: null })])
    expect(training.share).toBeNull()
    program.tellEngine({ id: 'job', event: 'began', run: path })
    await vi.waitUntil(() => training.job?.run === path)
    expect(training.share).toBeNull()
    program.tellEngine({ id: 'job', event: 'progress', progress: { done: 1, total: 4, secondsLeft: 9 } })
    await vi.waitUntil(() => training.share === 0.25)
  })

  it('stops now, or after the epoch, and says so until it has ended', async () => {
    const { program, training, called } = await open([status()])
    await training.stop('epoch')
    expect(training.asked).toBe('epoch')
    await training.stop('now')
    expect(called('stop')).toEqual([
      ['job', 'epoch'],
      ['job', 'now'],
    ])
    program.tellEngine({ id: 'job', event: 'cancelled' })
    await vi.waitUntil(() => training.job === null)
    expect(training.asked).toBeNull()
  })

  it('goes on in its own folder, from what the folder knows', async () => {
    const jobs: JobStatus[] = []
    const { program, training, called } = await open(jobs)
    const resumed = training.resume()
    expect(training.asked).toBe('start')
    await vi.waitUntil(() => called('start').length === 1)
    expect(called('start')[0]).toMatchObject([
      { type: 'train', recipe: null, data: null, out: path, resume: true, overrides: [] },
    ])
    jobs.push(status())
    program.tellEngine({ id: 'job', event: 'began', run: path })
    await resumed
    await vi.waitUntil(() => training.job !== null)
    expect(training.asked).toBeNull()
  })

  it('shows that it waits where another one is at work, and can be called off', async () => {
    const jobs: JobStatus[] = []
    const { program, training, called } = await open(jobs)
    void training.resume()
    await vi.waitUntil(() => called('start').length === 1)
    jobs.push(status({ run: null, progress: null }))
    program.tellEngine({ event: 'runs' })
    await vi.waitUntil(() => training.job !== null)
    expect(training.asked).toBeNull()
    await training.stop('now')
    expect(called('stop')).toEqual([['job', 'now']])
  })

  it('is made longer by the unit of its recipe', async () => {
    const { training, called } = await open([])
    void training.extend(recipe, 15)
    void training.extend({ ...recipe, epochs: null, steps: 1000 }, 3000)
    await vi.waitUntil(() => called('start').length === 2)
    expect(called('start').map(([job]) => (job as TrainJob).overrides)).toEqual([
      ['epochs=15'],
      ['steps=3000'],
    ])
  })

  it('that cannot begin says why and can be tried again', async () => {
    const { program, notices, training, called } = await open([])
    void training.resume()
    await vi.waitUntil(() => called('start').length === 1)
    program.tellEngine({ id: 'job', event: 'failed', error: { code: 'run-incompatible', file: path } })
    await vi.waitUntil(() => notices.all.length === 1)
    expect(notices.all[0]?.error?.code).toBe('run-incompatible')
    expect(training.asked).toBeNull()
  })

  it('shows in the list of runs what it has just reached', async () => {
    const { program, runs } = await open([status()])
    program.tellEngine({ id: 'job', event: 'trained', run: path, row: historyRow(300) })
    program.tellEngine({ id: 'job', event: 'trained', run: path, row: historyRow(310) })
    await vi.waitUntil(() => runs.get(path)?.step === 300)
    expect(runs.get(path)?.validation).toEqual(historyRow(300).validation)
  })
})
