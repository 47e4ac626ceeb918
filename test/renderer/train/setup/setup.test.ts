import { afterAll, describe, expect, it, vi } from 'vitest'
import type { DataReport } from '../../../../src-main/contract/dataset.ts'
import type { EngineEvent } from '../../../../src-main/contract/engine.ts'
import type { JobInput } from '../../../../src-main/contract/jobs.ts'
import { DarkroomError } from '../../../../src-main/contract/errors.ts'
import { createLink, type Link } from '../../../../src-renderer/state/connection.svelte.ts'
import { createNotices } from '../../../../src-renderer/state/notices.svelte.ts'
import { createRoute } from '../../../../src-renderer/state/route.svelte.ts'
import { createRuns } from '../../../../src-renderer/state/runs.svelte.ts'
import { sourceOf } from '../../../../src-renderer/views/train/setup/data/data-choice.svelte.ts'
import { setupOf, type Setup } from '../../../../src-renderer/views/train/setup/setup.svelte.ts'
import { fakeProgram, type FakeProgram } from '../../../support/fake-program.ts'
import { watching } from '../../../support/runes.svelte.ts'
import { noisyRecipe } from '../../../support/noisy-recipes.ts'
import { shippedRecipe, shippedRecipes } from '../../../support/shipped-recipes.ts'

const links: Link[] = []
const programs: FakeProgram[] = []
afterAll(async () => {
  // What is asked by itself, after the last event, is answered first.
  const calls = () => programs.reduce((sum, program) => sum + program.calls.length, 0)
  for (let before = -1; before !== calls();) {
    before = calls()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  links.forEach((link) => link.close())
})

const report = (changes: Partial<DataReport> = {}): DataReport => ({
  ...{ kind: 'idx', items: 300, sizes: [{ width: 28, height: 28, count: 300 }], columns: null, range: null },
  ...{ columnNames: null, words: null, labels: null, unlabelled: 0, duplicates: [], duplicateCount: 0 },
  ...{ skipped: [], skippedCount: 0, transparentCount: 0, ignoredCount: 0, bytes: 1000 },
  ...changes,
})
const table = report({ kind: 'csv', sizes: [], columns: 140, range: [-5, 5] })
const source = (path: string) => ({ sources: [path], labels: null })

const photos = { ...report(), kind: 'folder' as const, sizes: [{ width: 640, height: 480, count: 300 }] }
const clean = shippedRecipes.filter(({ recipe }) => recipe.supervision.type === 'clean')
const pairs = noisyRecipe('noise2noise')

/** A set-up whose engine starts jobs and leaves their course to the test. */
async function open() {
  let last = 0
  const location = { hash: '#/train/new' }
  const described = vi.fn((question: { overrides: string[] }) =>
    question.overrides.some((override) => override.startsWith('batch=4096'))
      ? Promise.reject(new DarkroomError('recipe-invalid', { received: 'batch: too much' }))
      : Promise.resolve({
          ...{ recipe: shippedRecipe('conv').recipe, input: [28, 28, 1], code: [8], layers: [] },
          ...{ parameters: 7, memory: 8 },
        }),
  )
  const program: FakeProgram = fakeProgram({
    engine: {
      recipes: () => Promise.resolve([...clean, noisyRecipe('neighbor2neighbor'), pairs]),
      runs: () => Promise.resolve([]),
      jobs: () => Promise.resolve([]),
      describeRecipe: described,
      start: () => Promise.resolve(`job-${++last}`),
      stop: () => Promise.resolve(),
      renameRun: () => Promise.resolve(),
      run: () => Promise.resolve({ info: { recipe: { ...shippedRecipe('vae').recipe, seed: 5 } } }),
    },
  })
  const link = createLink(program.open)
  links.push(link)
  programs.push(program)
  const notices = createNotices()
  const route = createRoute({ location, addEventListener: () => undefined } as unknown as Window)
  const app = { link, notices, route, runs: createRuns(link) }
  let setup!: Setup
  // A component asks for it first, and is gone when it is used.
  watching(() => {
    setup = setupOf(app)
  })()
  await vi.waitUntil(() => setup.recipes !== null)
  const started = (): JobInput[] =>
    program.calls.filter(({ name }) => name === 'start').map(({ args }) => args[0] as JobInput)
  /** Tells of the job that was started last, once it was. */
  const tell = async (event: object, jobs: number): Promise<void> => {
    await vi.waitUntil(() => last >= jobs)
    program.tellEngine({ id: `job-${jobs}`, ...event } as EngineEvent)
  }
  const inspected = async (found: DataReport, jobs: number): Promise<void> =>
    tell({ event: 'done', result: { type: 'inspect', report: found } }, jobs)
  const look = async (found = report(), path = '/data/images.gz'): Promise<void> => {
    const jobs = last + 1
    const chosen = setup.chooseData(source(path))
    await inspected(found, jobs)
    await chosen
  }
  return { app, program, notices, route, setup, described, started, tell, inspected, look }
}

describe('choosing data', () => {
  it('looks through them, tells how far it is, and keeps what was found', async () => {
    const { setup, started, tell, inspected } = await open()
    const chosen = setup.chooseData(source('/data'))
    expect(setup.data.isLooking).toBe(true)
    await tell({ event: 'progress', progress: { done: 3, total: 9, secondsLeft: null } }, 1)
    await vi.waitUntil(() => setup.data.progress?.done === 3)
    await inspected(report({ items: 9 }), 1)
    await chosen
    expect([setup.data.isLooking, setup.data.report?.items]).toEqual([false, 9])
    expect(started()).toEqual([{ type: 'inspect', data: source('/data') }])
  })

  it('says why data cannot be used, and lets go of them when the look is cancelled', async () => {
    const { program, setup, tell } = await open()
    const bad = setup.chooseData(source('/bad'))
    await tell({ event: 'failed', error: { code: 'data-unreadable', file: '/bad' } }, 1)
    await bad
    expect(setup.data.error).toEqual({ code: 'data-unreadable', file: '/bad' })

    const left = setup.chooseData(source('/large'))
    expect(setup.data.error).toBeNull()
    await vi.waitUntil(() => program.calls.filter(({ name }) => name === 'start').length === 2)
    setup.data.cancel()
    await vi.waitUntil(() => program.calls.some(({ name, args }) => name === 'stop' && args[0] === 'job-2'))
    await tell({ event: 'cancelled' }, 2)
    await left
    expect([setup.data.source, setup.data.error]).toEqual([null, null])
  })

  it('takes the only column of words as the labels, and waits for an answer where numbers are in it', async () => {
    const { setup, started, inspected } = await open()
    const words = {
      ...{ column: 'kind', hasNumbers: false },
      detail: { code: 'labels-missing', expected: 'column:kind as labels' } as const,
    }
    const chosen = setup.chooseData(source('/waves.csv'))
    await inspected({ ...table, range: null, columnNames: ['kind', 't0'], words }, 1)
    const named = { sources: ['/waves.csv'], labels: 'column:kind' }
    await inspected({ ...table, labels: [{ name: 'odd', count: 300 }] }, 2)
    await chosen
    expect(started()).toEqual([
      { type: 'inspect', data: source('/waves.csv') },
      { type: 'inspect', data: named },
    ])
    expect([setup.data.source, setup.data.report?.words]).toEqual([named, null])
    expect(setup.job).toMatchObject({ data: named })

    const other = setup.chooseData(source('/stray.csv'))
    await inspected({ ...table, words: { ...words, hasNumbers: true } }, 3)
    await other
    expect([started().length, setup.data.source, setup.job]).toEqual([3, source('/stray.csv'), null])
    const answered = setup.chooseLabels('column:kind')
    await inspected(table, 4)
    await answered
    expect(setup.job).toMatchObject({ data: { labels: 'column:kind' } })
  })

  it('forgets the first of two looks: the last one counts, whichever ends first', async () => {
    const { setup, inspected } = await open()
    const first = setup.chooseData(source('/first'))
    const second = setup.chooseData(source('/second'))
    await inspected(report({ items: 2 }), 2)
    await inspected(report({ items: 1 }), 1)
    await Promise.all([first, second])
    expect([setup.data.source?.sources[0], setup.data.report?.items]).toEqual(['/second', 2])
  })

  it('keeps the data as they were where the labels cannot be used', async () => {
    const { setup, look, tell, inspected } = await open()
    await look()
    const wrong = setup.data.setLabels('/few.idx')
    await tell({ event: 'failed', error: { code: 'labels-unusable' } }, 2)
    await wrong
    expect(setup.data.labelsError?.code).toBe('labels-unusable')
    expect([setup.data.source?.labels, setup.data.report?.items]).toEqual([null, 300])
    const right = setup.data.setLabels('/labels.idx')
    await inspected(report({ labels: [{ name: '7', count: 300 }] }), 3)
    await right
    expect([setup.data.source?.labels, setup.data.labelsError]).toEqual(['/labels.idx', null])
  })

  it('takes a second file that is called so for the labels of the first', () => {
    expect(sourceOf(['/a/train-labels-idx1-ubyte.gz', '/a/train-images-idx3-ubyte.gz'])).toEqual({
      ...{ sources: ['/a/train-images-idx3-ubyte.gz'], labels: '/a/train-labels-idx1-ubyte.gz' },
    })
    expect(sourceOf(['/labels'])).toEqual({ sources: ['/labels'], labels: null })
    expect(sourceOf(['/a', '/b'])).toEqual({ sources: ['/a', '/b'], labels: null })
  })
})

describe('choosing a recipe', () => {
  it('describes its network, again after each pause in the changes', async () => {
    const { setup, described, look } = await open()
    await look()
    await vi.waitUntil(() => setup.settings.description !== null)
    described.mockClear()
    setup.chooseRecipe(shippedRecipe('conv'))
    await vi.waitUntil(() => setup.settings.description !== null)
    setup.settings.set(['seed'], 4)
    setup.settings.set(['seed'], 42)
    await vi.waitUntil(() => described.mock.calls.length === 2)
    expect(described.mock.calls.map(([question]) => question)).toEqual([
      { recipe: 'conv', overrides: [], input: null },
      { recipe: 'conv', overrides: ['seed=42'], input: null },
    ])
  })

  it('asks for the network of rows of the table’s width', async () => {
    const { setup, described, inspected, look } = await open()
    await look(table, '/ecg.csv')
    await vi.waitUntil(() => described.mock.calls.length === 1)
    expect(described.mock.calls[0]?.[0]).toMatchObject({ input: [140] })
    // The column of labels is no value.
    const labelled = setup.chooseLabels('column:class')
    await inspected(report({ ...table, columns: 139 }), 2)
    await labelled
    await vi.waitUntil(() => described.mock.calls.length === 2)
    expect(described.mock.calls[1]?.[0]).toMatchObject({ input: [139] })
  })

  it('is the usual one for the data until somebody chooses', async () => {
    const { setup, look } = await open()
    await look()
    expect([setup.settings.recipe, setup.job?.recipe]).toEqual(['undercomplete', 'undercomplete'])
    await look(photos, '/photos')
    expect(setup.settings.recipe).toBe('photo-denoiser-tiny')
    setup.chooseRecipe(shippedRecipe('conv'))
    await look()
    expect(setup.settings.recipe).toBe('conv')
  })

  it('suits what there is of photographs: clean ones, or none that are', async () => {
    const { setup, look } = await open()
    setup.wish = 'noisy'
    await look(photos, '/photos')
    expect(setup.job?.recipe).toBe('neighbor2neighbor')
    setup.wish = 'clean'
    expect(setup.job?.recipe).toBe('photo-denoiser-tiny')
    setup.wish = 'noisy'
    setup.chooseRecipe(pairs)
    setup.wish = 'noisy'
    expect(setup.job?.recipe).toBe('noise2noise')
    // It makes no difference for anything else.
    await look(table, '/ecg.csv')
    expect(setup.job?.recipe).toBe('signal')
  })

  it('may want second takes, which are looked through with the data', async () => {
    const { setup, started, look, inspected, tell } = await open()
    await look(photos, '/photos')
    setup.chooseRecipe(pairs)
    const taken = setup.chooseSecond('/again')
    await inspected({ ...photos, items: 290 }, 2)
    await taken
    const data = { sources: ['/photos'], labels: null, second: '/again' }
    expect(started().at(-1)).toEqual({ type: 'inspect', data })
    expect([setup.job?.data, setup.data.report?.items]).toEqual([data, 290])

    const wrong = setup.chooseSecond('/nothing')
    await tell({ event: 'failed', error: { code: 'data-unsuitable' } }, 3)
    await wrong
    expect([setup.data.secondError?.code, setup.job?.data]).toEqual(['data-unsuitable', data])
    const without = setup.chooseSecond(null)
    await inspected(photos, 4)
    await without
    expect(setup.job?.data).toEqual({ sources: ['/photos'], labels: null })
  })

  it('is none where there is nothing to learn from', async () => {
    const { setup, look } = await open()
    await look(report({ kind: 'folder', items: 0, sizes: [] }), '/empty')
    expect([setup.settings.recipe, setup.job]).toEqual([null, null])
  })

  it('gives way to the usual one where other data do not suit it', async () => {
    const { setup, look } = await open()
    await look()
    setup.chooseRecipe(shippedRecipe('conv'))
    expect(setup.job).not.toBeNull()
    await look(table, '/ecg.csv')
    expect(setup.settings.recipe).toBe('signal')
  })

  it('marks what was changed, resets it, and is not startable while something is wrong', async () => {
    const { setup, look } = await open()
    await look()
    const { settings } = setup
    setup.chooseRecipe(shippedRecipe('conv'))
    settings.set(['optimizer', 'rate'], 0.5)
    expect([settings.isChanged(['optimizer']), settings.isChanged(['loss'])]).toEqual([true, false])
    settings.setInvalid(['optimizer', 'rate'], '5 apples')
    expect([settings.isValid, setup.job]).toEqual([false, null])
    settings.reset(['optimizer', 'rate'])
    expect([settings.isValid, settings.overrides]).toEqual([true, []])

    settings.set(['batch'], 4096)
    await vi.waitUntil(() => settings.error !== null)
    expect([settings.error?.code, setup.job]).toEqual(['recipe-invalid', null])
    settings.resetAll()
    await vi.waitUntil(() => settings.error === null)
    expect(setup.job).not.toBeNull()
  })

  it('has one length: of epochs and steps the one that was said', async () => {
    const { setup } = await open()
    setup.chooseRecipe(shippedRecipe('conv'))
    setup.settings.set(['steps'], 500)
    expect(setup.settings.draft).toMatchObject({ epochs: null, steps: 500 })
    setup.settings.set(['epochs'], 3)
    expect(setup.settings.draft).toMatchObject({ epochs: 3, steps: null })
  })

  it('goes on from a run with the run’s recipe', async () => {
    const { setup } = await open()
    await setup.continueFrom('/runs/vae-1')
    expect([setup.startFrom, setup.settings.recipe, setup.settings.overrides]).toEqual([
      ...['/runs/vae-1', 'vae'],
      ['seed=5'],
    ])
  })
})

describe('starting', () => {
  it('is of what is set now, also after one has looked at something else', async () => {
    const { app, setup, look } = await open()
    await look()
    setup.chooseRecipe(shippedRecipe('conv'))
    expect(setup.job).toMatchObject({ overrides: [], startFrom: null })
    expect(setupOf(app)).toBe(setup)
    setup.settings.set(['epochs'], 7)
    setup.startFrom = '/runs/conv-1'
    expect(setup.job).toMatchObject({ overrides: ['epochs=7'], startFrom: '/runs/conv-1' })
  })

  it('starts the job that it shows, names the run, and goes to its page once it has one', async () => {
    const { program, route, setup, started, look, tell } = await open()
    await look()
    setup.chooseRecipe(shippedRecipe('conv'))
    setup.settings.set(['epochs'], 2)
    setup.title = ' Clothes '
    const begun = setup.start()
    expect(setup.isStarting).toBe(true)
    await tell({ event: 'began', run: '/runs/conv-1' }, 2)
    await begun
    expect(started().at(-1)).toMatchObject({
      ...{ type: 'train', recipe: 'conv', overrides: ['epochs=2'], out: null },
      data: { sources: ['/data/images.gz'], labels: null },
    })
    expect(program.calls.find(({ name }) => name === 'renameRun')?.args).toEqual(['/runs/conv-1', 'Clothes'])
    expect([route.part, setup.isStarting, setup.title]).toEqual(['run-/runs/conv-1', false, null])
  })

  it('leaves whoever looks at something else there', async () => {
    const { route, setup, look, tell } = await open()
    await look()
    setup.chooseRecipe(shippedRecipe('conv'))
    const begun = setup.start()
    route.go('denoise')
    await tell({ event: 'began', run: '/runs/conv-1' }, 2)
    await begun
    expect(route.view).toBe('denoise')
  })

  it('says why a training did not begin, and keeps everything as it was set', async () => {
    const { notices, setup, look, tell } = await open()
    await look()
    setup.chooseRecipe(shippedRecipe('conv'))
    setup.settings.set(['seed'], 3)
    const begun = setup.start()
    await tell({ event: 'failed', error: { code: 'recipe-too-large' } }, 2)
    await begun
    expect(notices.all.map(({ error }) => error?.code)).toEqual(['recipe-too-large'])
    expect([setup.isStarting, setup.settings.overrides]).toEqual([false, ['seed=3']])
  })

  it('can be taken back while it waits for its turn', async () => {
    const { program, notices, setup, look, tell } = await open()
    await look()
    setup.chooseRecipe(shippedRecipe('conv'))
    const begun = setup.start()
    await vi.waitUntil(() => program.calls.filter(({ name }) => name === 'start').length === 2)
    setup.cancelStart()
    await tell({ event: 'cancelled' }, 2)
    await begun
    expect([notices.all.length, setup.isStarting]).toEqual([0, false])
  })
})
