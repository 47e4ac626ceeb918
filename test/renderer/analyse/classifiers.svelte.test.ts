import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AnalysisSummary, Predictions } from '../../../src-main/contract/analysis.ts'
import type { DataReport } from '../../../src-main/contract/dataset.ts'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { JobInput, JobResult } from '../../../src-main/contract/jobs.ts'
import type { LabelSet } from '../../../src-main/contract/label-sets.ts'
import type { App } from '../../../src-renderer/state/app.ts'
import { createLink, type Link } from '../../../src-renderer/state/connection.svelte.ts'
import {
  cellAfter,
  itemsOf,
  likeliest,
  sharesOf,
} from '../../../src-renderer/views/analyse/labels/classifier/figures.ts'
import { createPredicting } from '../../../src-renderer/views/analyse/labels/classifier/predicting.svelte.ts'
import { createClassifierSetup } from '../../../src-renderer/views/analyse/labels/setup/classifier-setup.svelte.ts'
import { fakeProgram } from '../../support/fake-program.ts'

const links: Link[] = []
afterEach(() => links.splice(0).forEach((link) => link.close()))

const source = { sources: ['/data/clothes'], labels: 'folders' }
const classifier: AnalysisSummary = {
  ...{ kind: 'classifier', path: '/analyses/clothes', title: 'clothes', run: 'vae', data: 'clothes' },
  ...{ source, at: '2026-01-01T00:00:00Z', classes: ['bag', 'boot'], labels: 20, isFineTuned: false },
  input: [28, 28, 1],
}
const predictionsOf = (id: string, truth: Int32Array | null): Predictions => ({
  ...{ id, data: source, names: ['a', 'b', 'c', 'd'], classes: ['bag', 'boot'], truth },
  summary: { classifier: classifier.path, items: 4, counts: [], figures: null },
  predicted: Int32Array.of(0, 1, 0, 1),
  probabilities: Float32Array.of(0.6, 0.4, 0.2, 0.8, 0.9, 0.1, 0.3, 0.7),
})
const reportOf = (labels: DataReport['labels']): DataReport => ({
  ...{ kind: 'folder', items: 30, sizes: [], columns: null, columnNames: null, words: null, range: null },
  ...{ labels, unlabelled: 0, duplicates: [], duplicateCount: 0, skipped: [], skippedCount: 0 },
  ...{ transparentCount: 0, ignoredCount: 0, bytes: 1 },
})
const byHand: LabelSet = {
  ...{ run: '/runs/vae', data: source, classes: [{ name: 'bag', key: 1 }] },
  labels: [{ index: 7, class: 0 }],
}

/** A window over an engine whose jobs end at once, each with what a test says. */
function openWindow(answer: (job: JobInput) => JobResult, kept: LabelSet | null = null) {
  const started: JobInput[] = []
  const known = new Set<string>()
  let truth: Int32Array | null = Int32Array.of(0, 0, 1, 1)
  const program = fakeProgram({
    engine: {
      analysis: () => Promise.resolve(classifier),
      predictions: (id: string) =>
        known.has(id)
          ? Promise.resolve(predictionsOf(id, truth))
          : Promise.reject(new DarkroomError('file-not-found', { file: id })),
      latentModel: () => Promise.resolve({ data: source }),
      keptLabels: () => Promise.resolve(kept),
      jobs: () => Promise.resolve([]),
      start: (job: JobInput) => {
        const id = String(started.push(job))
        const result = answer(job)
        if (result.type === 'classify-predict') known.add(result.predictions)
        queueMicrotask(() => program.tellEngine({ id, event: 'done', result }))
        return Promise.resolve(id)
      },
    },
  })
  const link = createLink(program.open)
  links.push(link)
  const went: [string, string | undefined][] = []
  const window = {
    ...{ link, i18n: { t: (key: string) => key }, notices: { show: () => undefined } },
    runs: { all: [], get: () => undefined, jobs: [] },
    route: { view: 'analyse', part: 'new-classifier', go: (...to: [string, string]) => went.push(to) },
  } as unknown as Pick<App, 'i18n' | 'link' | 'notices' | 'route' | 'runs'>
  return {
    ...{ window, program, started, known, went },
    forgetTruth: () => (truth = null),
  }
}
const predicted = (): JobResult => ({
  ...{ type: 'classify-predict', predictions: 'predictions-1', files: [], lines: null },
  summary: { classifier: classifier.path, items: 4, counts: [], figures: null },
})

describe('what a classifier says of data', () => {
  const predictions = predictionsOf('x', Int32Array.of(0, 0, 1, 1))

  it('is looked at by mistakes and by cells, the surest first', () => {
    expect(itemsOf(predictions, 'mistakes')).toEqual([2, 1])
    expect(itemsOf(predictions, { truth: 0, predicted: 1 })).toEqual([1])
    expect(itemsOf(predictions, { truth: null, predicted: 0 })).toEqual([2, 0])
    expect(itemsOf(predictions, { truth: 1, predicted: null })).toEqual([2, 3])
    expect(itemsOf({ ...predictions, truth: Int32Array.of(0, -1, -1, 1) }, 'mistakes')).toEqual([])
    expect(likeliest(predictions, 1, 1)).toEqual([
      { place: 1, probability: expect.closeTo(0.8, 5) as number },
    ])
  })

  it('is shaded by the share of its line, and gone through by keys', () => {
    expect(
      sharesOf([
        [3, 1],
        [0, 0],
      ]),
    ).toEqual([
      [0.75, 0.25],
      [0, 0],
    ])
    expect(cellAfter('ArrowDown', [1, 0], 2)).toEqual([1, 0])
    expect(cellAfter('ArrowRight', [1, 0], 2)).toEqual([1, 1])
    expect(cellAfter('a', [1, 0], 2)).toBeNull()
  })

  it('is of the test part of its own data first, and made again where it was forgotten', async () => {
    const { window, program, started, known } = openWindow(predicted)
    const predicting = createPredicting(window, classifier.path)
    await vi.waitUntil(() => predicting.applied.job !== null)
    expect(predicting.applied.job).toMatchObject({ data: source, split: 'test' })
    await predicting.applied.start()
    expect(predicting.applied.result?.id).toBe('predictions-1')
    expect(predicting.looked).toBe('mistakes')
    predicting.looked = { truth: 0, predicted: 1 }
    known.clear()
    program.cut()
    await vi.waitUntil(() => started.length === 2 && !predicting.applied.work.isRunning)
    expect(started[1]).toEqual(started[0])
    // The same are looked at as before.
    expect(predicting.looked).toEqual({ truth: 0, predicted: 1 })
  })

  it('is shown as a whole where nothing is known of it', async () => {
    const { window, forgetTruth } = openWindow(predicted)
    forgetTruth()
    const predicting = createPredicting(window, classifier.path)
    await vi.waitUntil(() => predicting.applied.job !== null)
    await predicting.applied.start()
    expect(predicting.looked).toEqual({ truth: null, predicted: null })
  })
})

describe('a classifier that is set up', () => {
  const labels = [
    { name: 'bag', count: 20 },
    { name: 'boot', count: 10 },
  ]
  const fitted: JobResult = {
    ...{ type: 'classify-fit', classifier: '/analyses/new', classes: ['bag', 'boot'] },
    ...{ labels: 20, single: [], figures: null },
  }
  const answer =
    (found: DataReport['labels']) =>
    (job: JobInput): JobResult =>
      job.type === 'inspect' ? { type: 'inspect', report: reportOf(found) } : fitted

  it('learns from the data of its run, as the settings say, and is opened', async () => {
    const { window, started, went } = openWindow(answer(labels))
    const setup = createClassifierSetup(window)
    expect(setup.job).toBeNull()
    await setup.chooseRun('/runs/vae')
    setup.changeHead({ labelsPerClass: 10, fineTune: 2, selfTrain: true })
    await setup.start()
    expect(started.at(-1)).toMatchObject({
      ...{ type: 'classify-fit', run: '/runs/vae', data: source, labelled: [], hidden: 128, seed: 0 },
      ...{ labelsPerClass: 10, fineTune: 2, selfTrain: true },
    })
    expect(went).toEqual([['analyse', 'classifier-/analyses/new']])
  })

  it('learns from labels by hand, alone or before those of the data', async () => {
    const { window } = openWindow(answer(labels), byHand)
    const setup = createClassifierSetup(window)
    await setup.chooseByHand('/runs/vae', { ...source, labels: null })
    expect(setup.ways).toEqual(['data', 'hand', 'both'])
    const labelled = [{ index: 7, label: 'bag' }]
    expect(setup.job).toMatchObject({ data: { ...source, labels: null }, labelled })
    setup.way = 'both'
    expect(setup.job).toMatchObject({ data: source, labelled })
    setup.way = 'data'
    expect(setup.job).toMatchObject({ data: source, labelled: [] })
  })

  it('needs labels from somewhere', async () => {
    const { window } = openWindow(answer(null))
    const setup = createClassifierSetup(window)
    await setup.chooseRun('/runs/vae')
    expect([setup.ways, setup.way, setup.job]).toEqual([[], null, null])
  })
})
