import { flushSync } from 'svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TrainJob, type JobStatus } from '../../../../src-main/contract/jobs.ts'
import type { QueueItem } from '../../../../src-main/contract/queue.ts'
import type { RunSummary } from '../../../../src-main/contract/runs.ts'
import { createLink, type Link } from '../../../../src-renderer/state/connection.svelte.ts'
import { createI18n } from '../../../../src-renderer/state/i18n.svelte.ts'
import { createModels } from '../../../../src-renderer/state/models.svelte.ts'
import { createNotices } from '../../../../src-renderer/state/notices.svelte.ts'
import { createQueue } from '../../../../src-renderer/state/queue.svelte.ts'
import { createRuns } from '../../../../src-renderer/state/runs.svelte.ts'
import {
  createLearnings,
  isAmong,
  type Learnings,
} from '../../../../src-renderer/views/train/noisy/learning.svelte.ts'
import { fakeProgram, modelEntry, queueItem } from '../../../support/fake-program.ts'
import { runSummary } from '../../../support/fake-runs.ts'
import { noisyRecipe } from '../../../support/noisy-recipes.ts'
import { watching } from '../../../support/runes.svelte.ts'
import { shippedRecipe } from '../../../support/shipped-recipes.ts'

const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

const run = '/runs/cells'
const job = (recipe: string, sources: string[]): JobStatus => ({
  id: 'job-1',
  job: TrainJob.parse({ type: 'train', recipe, data: { sources }, out: null }),
  progress: { done: 30, total: 120, secondsLeft: 60 },
  run,
})
const model = modelEntry('run-cells', { origin: 'trained', title: 'Cells', file: `${run}/model.onnx` })

/** What a browser keeps. */
function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}

async function open(
  items: QueueItem[],
  given: { jobs?: JobStatus[]; runs?: RunSummary[]; storage?: ReturnType<typeof memory> } = {},
) {
  let { jobs = [], runs = [runSummary(run, { title: 'Cells', state: 'running' })] } = given
  const program = fakeProgram({
    engine: {
      queue: () => Promise.resolve({ items, paused: false, progress: null }),
      changeQueue: () => Promise.resolve({ ids: [], ignored: [] }),
      models: () => Promise.resolve([model]),
      recipes: () => Promise.resolve([noisyRecipe('noise2void'), shippedRecipe('photo-denoiser')]),
      runs: () => Promise.resolve(runs),
      jobs: () => Promise.resolve(jobs),
      start: () => Promise.resolve('job-1'),
      renameRun: () => Promise.resolve(),
    },
  })
  const link = createLink(program.open)
  links.push(link)
  const i18n = createI18n(
    () => 'en',
    () => [],
  )
  const app = {
    ...{ i18n, link, models: createModels(link, i18n), notices: createNotices() },
    ...{ queue: createQueue(link), runs: createRuns(link) },
  }
  let learnings!: Learnings
  const stop = watching(() => {
    learnings = createLearnings(app, given.storage ?? memory())
  })
  await vi.waitUntil(() => app.runs.all !== null && app.queue.isLoaded && app.models.all !== null)
  flushSync()
  const calls = (name: string): unknown[] =>
    program.calls.filter((call) => call.name === name).map(({ args }) => args[0])
  /** The training is over, in whatever way. */
  const end = async (state: RunSummary['state']): Promise<void> => {
    jobs = []
    runs = [runSummary(run, { title: 'Cells', state })]
    program.tellEngine({ id: 'job-1', event: 'cancelled' })
    program.tellEngine({ event: 'runs' })
    await vi.waitUntil(() => app.runs.get(run)?.state === state)
    flushSync()
  }
  return { program, app, learnings, stop, calls, end }
}

const cells = ['a', 'b'].map((id) => queueItem(id, { source: `/scans/cells/${id}.tif` }))
const other = queueItem('c', { source: '/scans/leaf.tif' })

describe('what learns from the pictures of the queue', () => {
  it('is told while it is trained, of those that it learns from, whoever began it', async () => {
    const { learnings, stop } = await open([...cells, other], { jobs: [job('noise2void', ['/scans/cells'])] })
    await vi.waitUntil(() => learnings.all.length === 1)
    expect(learnings.all).toMatchObject([
      { run, title: 'Cells', pictures: ['a', 'b'], share: 0.25, isTraining: true, model: null },
    ])
    stop()
  })

  it('is not what learns from clean pictures', async () => {
    const { app, learnings, stop } = await open(cells, { jobs: [job('photo-denoiser', ['/scans/cells'])] })
    await vi.waitUntil(() => app.runs.jobs.length === 1)
    flushSync()
    expect(learnings.all).toEqual([])
    stop()
  })

  it('is offered for them when it has ended, and then cleans them', async () => {
    const { app, learnings, stop, calls, end } = await open(cells, { jobs: [job('noise2void', ['/scans'])] })
    await vi.waitUntil(() => learnings.all.length === 1)
    await end('finished')
    expect(learnings.all).toMatchObject([{ isTraining: false, model: { id: 'run-cells' } }])
    await learnings.use(learnings.all[0]!)
    expect(calls('changeQueue')).toEqual([
      { type: 'change', ids: ['a', 'b'], settings: { model: 'run-cells', sigma: 'auto' } },
    ])
    expect([learnings.all.length, app.notices.all[0]?.tone]).toEqual([0, 'good'])
    stop()
  })

  it('is remembered by a page that is loaded anew, until it is put away', async () => {
    const storage = memory()
    const first = await open(cells, { storage, jobs: [job('noise2void', ['/scans/cells/a.tif'])] })
    await vi.waitUntil(() => first.learnings.all.length === 1)
    first.stop()
    const runs = [runSummary(run, { title: 'Cells', state: 'finished' })]
    const second = await open(cells, { storage, runs })
    expect(second.learnings.all).toMatchObject([{ pictures: ['a'], model: { title: 'Cells' } }])
    second.learnings.putAway(second.learnings.all[0]!)
    expect(second.learnings.all).toEqual([])
    second.stop()
    const third = await open(cells, { storage, runs })
    expect(third.learnings.all).toEqual([])
    third.stop()
  })

  it('says where it was stopped, and nothing of pictures that are cleaned with it already', async () => {
    const { learnings, stop, end } = await open(cells, { jobs: [job('noise2void', ['/scans'])] })
    await vi.waitUntil(() => learnings.all.length === 1)
    await end('stopped')
    expect(learnings.all).toMatchObject([{ isTraining: false, model: null }])
    stop()
    const settings = { ...cells[0]!.settings, model: 'run-cells' }
    const storage = memory()
    storage.setItem('darkroom.lessons', JSON.stringify([{ run, sources: ['/scans'] }]))
    const used = await open([queueItem('a', { source: '/scans/a.tif', settings })], {
      ...{ storage, runs: [runSummary(run, { state: 'finished' })] },
    })
    expect(used.learnings.all).toEqual([])
    used.stop()
  })

  it('begins with the name that it was given', async () => {
    const { program, learnings, stop } = await open(cells)
    const begun = learnings.begin(
      { type: 'train', recipe: 'noise2void', data: { sources: ['/scans'] }, overrides: [], out: null },
      'My cells',
    )
    await vi.waitUntil(() => program.calls.some(({ name }) => name === 'start'))
    program.tellEngine({ id: 'job-1', event: 'began', run })
    await begun
    expect(program.calls.find(({ name }) => name === 'renameRun')?.args).toEqual([run, 'My cells'])
    stop()
  })

  it('survives what it cannot read', async () => {
    const storage = memory()
    storage.setItem('darkroom.lessons', '{"nonsense"')
    const { learnings, stop } = await open(cells, { storage })
    expect(learnings.all).toEqual([])
    stop()
  })
})

it('finds a file among files and folders of either kind of system', () => {
  expect(isAmong('/a/b/c.png', new Set(['/a']))).toBe(true)
  expect(isAmong('/a/b/c.png', new Set(['/a/b/c.png']))).toBe(true)
  expect(isAmong('/a/b/c.png', new Set(['/a/b/c', '/a/bb']))).toBe(false)
  expect(isAmong('C:\\a\\b.png', new Set(['C:\\a']))).toBe(true)
})
