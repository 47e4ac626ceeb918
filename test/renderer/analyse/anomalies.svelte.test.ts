import { flushSync } from 'svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AnalysisSummary, AnomalyScores } from '../../../src-main/contract/analysis.ts'
import type { DataReport } from '../../../src-main/contract/dataset.ts'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { JobEvent, JobInput, JobResult } from '../../../src-main/contract/jobs.ts'
import type { App } from '../../../src-renderer/state/app.ts'
import { createScoring } from '../../../src-renderer/views/analyse/anomalies/scores/scoring.svelte.ts'
import { createDetectorSetup } from '../../../src-renderer/views/analyse/anomalies/setup/detector-setup.svelte.ts'
import { recipe } from '../../support/fake-runs.ts'

const releases: (() => void)[] = []
afterEach(() => releases.splice(0).forEach((release) => release()))

const threshold = {
  ...{ rule: { type: 'false-alarms', rate: 0.01 } as const, value: 0.5, items: 200 },
  falseAlarms: { rate: 0.01, low: 0.001, high: 0.03 },
}
const detector: AnalysisSummary = {
  ...{ kind: 'detector', path: '/analyses/beats', title: 'beats', run: 'signal-1', data: 'beats.csv' },
  source: { sources: ['/data/beats.csv'], labels: 'column:label' },
  ...{ at: '2026-01-01T00:00:00Z', threshold, score: 'squared', normal: ['n'], input: [140] },
}
const scoresOf = (id: string): AnomalyScores => ({
  ...{ id, data: detector.source, names: ['a', 'b', 'c'], scores: Float32Array.of(0.1, 0.6, 0.9) },
  summary: { detector: detector.path, score: 'squared', threshold, items: 3, anomalies: 2, figures: null },
  ...{ percentiles: Float32Array.of(10, 99, 100), truth: Int8Array.of(1, 1, 0), labels: null },
  ...{ calibration: Float32Array.of(0.1, 0.2), hasHeat: false, heatScale: [0, 1] },
})
const report: DataReport = {
  ...{ kind: 'csv', items: 30, sizes: [], columns: 140, columnNames: null, words: null, range: [0, 1] },
  labels: [
    { name: 'n', count: 20 },
    { name: 'odd', count: 10 },
  ],
  ...{ unlabelled: 0, duplicates: [], duplicateCount: 0, skipped: [], skippedCount: 0 },
  ...{ transparentCount: 0, ignoredCount: 0, bytes: 1 },
}

/** A window over an engine whose jobs end at once, each with what a test says. */
function fakeWindow(answer: (job: JobInput) => JobResult | DarkroomError) {
  const started: JobInput[] = []
  const listeners = new Set<(event: JobEvent) => void>()
  const ready: (() => void)[] = []
  const kept = new Set(['first'])
  const engine = {
    analysis: (path: string) =>
      path === detector.path
        ? Promise.resolve(detector)
        : Promise.reject(new DarkroomError('analysis-unreadable', { file: path })),
    anomalyScores: (id: string) =>
      kept.has(id) ? Promise.resolve(scoresOf(id)) : Promise.reject(new DarkroomError('file-not-found')),
    latentModel: () => Promise.resolve({ data: detector.source }),
    recipes: () =>
      Promise.resolve([
        { name: 'patches', description: '', file: 'p', recipe },
        {
          ...{ name: 'rows', description: '', file: 'r' },
          recipe: {
            ...recipe,
            data: { type: 'rows' },
            model: { type: 'autoencoder' },
            epochs: 9,
            steps: null,
          },
        },
      ]),
    subscribe: (listener: (event: JobEvent) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start: (job: JobInput) => {
      const id = String(started.push(job))
      const result = answer(job)
      const end: JobEvent =
        result instanceof DarkroomError
          ? { id, event: 'failed', error: result.detail }
          : { id, event: 'done', result }
      queueMicrotask(() => listeners.forEach((listener) => listener(end)))
      return Promise.resolve(id)
    },
    stop: () => Promise.resolve(),
    jobs: () => Promise.resolve([]),
  }
  const onReady = (listener: () => void): (() => void) => {
    ready.push(listener)
    listener()
    return () => undefined
  }
  const went: unknown[] = []
  const route = { view: 'analyse', part: 'new-detector', go: (...to: unknown[]) => went.push(to) }
  const window = {
    link: { engine, onReady },
    i18n: { t: (key: string) => key },
    notices: { show: vi.fn(), fail: (thrown: unknown) => expect.unreachable(String(thrown)) },
    ...{ route, runs: { all: [] } },
  } as unknown as App
  return { window, started, went, kept, reconnect: () => [...ready].forEach((listener) => listener()) }
}
const rooted = <T>(make: () => T): T => {
  let made!: T
  releases.push(
    $effect.root(() => {
      made = make()
    }),
  )
  flushSync()
  return made
}
const scored = (id: string): JobResult => ({
  ...{ type: 'anomaly-score', scores: id, summary: scoresOf(id).summary, files: [] },
})

describe('scores of a detector', () => {
  it('are of the test part of its own data first, and keep the threshold that is dragged', async () => {
    const { window, started, kept, reconnect } = fakeWindow(() => scored('first'))
    const scoring = rooted(() => createScoring(window, detector.path))
    await vi.waitUntil(() => scoring.applied.job !== null)
    await scoring.applied.start()
    expect(started).toEqual([
      {
        ...{ type: 'anomaly-score', detector: detector.path, masks: null },
        ...{ data: detector.source, split: 'test' },
      },
    ])
    expect([scoring.applied.result?.id, scoring.threshold, scoring.isMoved]).toEqual(['first', 0.5, false])
    scoring.threshold = 0.7
    expect(scoring.isMoved).toBe(true)

    // A new engine that has lost them makes them again; what was set stays.
    kept.delete('first')
    reconnect()
    kept.add('first')
    await vi.waitUntil(() => started.length === 2)
    await vi.waitUntil(() => !scoring.applied.work.isRunning)
    expect([scoring.threshold, scoring.applied.error]).toEqual([0.7, null])
    scoring.resetThreshold()
    expect(scoring.isMoved).toBe(false)
  })

  it('of other data ask which labels are normal, beginning with the detector’s', async () => {
    const { window } = fakeWindow(() => ({ type: 'inspect', report }))
    const scoring = rooted(() => createScoring(window, detector.path))
    await vi.waitUntil(() => scoring.applied.analysis !== null)
    await scoring.applied.chooseData({ sources: ['/other.csv'], labels: 'column:kind' })
    expect(scoring.applied.job).toMatchObject({
      normal: ['n'],
      split: null,
      data: { sources: ['/other.csv'] },
    })
    scoring.setNormal('n', false)
    expect(scoring.applied.job).toBeNull()
    scoring.applied.takeOwn()
    expect(scoring.applied.job).toMatchObject({ split: 'test' })
  })

  it('say why there are none', async () => {
    const { window } = fakeWindow(() => new DarkroomError('labels-unusable', { file: 'beats.csv' }))
    const scoring = rooted(() => createScoring(window, detector.path))
    await vi.waitUntil(() => scoring.applied.job !== null)
    await scoring.applied.start()
    expect([scoring.applied.work.error?.code, scoring.applied.result]).toEqual(['labels-unusable', null])
    const gone = rooted(() => createScoring(window, '/gone'))
    await vi.waitUntil(() => gone.applied.error !== null)
    expect(gone.applied.error?.code).toBe('analysis-unreadable')
  })
})

describe('setting up a detector', () => {
  it('needs data, normal labels and a recipe that rebuilds such items; then goes to what was made', async () => {
    const { window, started, went } = fakeWindow((job) =>
      job.type === 'inspect'
        ? { type: 'inspect', report }
        : { type: 'anomaly-fit', detector: '/analyses/rows-1', threshold, run: '/runs/rows-1' },
    )
    const setup = rooted(() => createDetectorSetup(window))
    expect(setup.job).toBeNull()
    await setup.chooseData({ sources: ['/beats.csv'], labels: 'column:label' })
    await vi.waitUntil(() => setup.recipes !== null)
    expect(setup.recipes?.map(({ name }) => name)).toEqual(['rows'])
    // No label says that it is normal: all are until somebody says which are not.
    expect([...setup.normal]).toEqual(['n', 'odd'])
    setup.setNormal('odd', false)
    setup.length = 3
    expect(setup.job).toMatchObject({
      ...{ normal: ['n'], recipe: 'rows', overrides: ['epochs=3'] },
      threshold: { type: 'false-alarms', rate: 0.01 },
    })
    await setup.start()
    expect(started.at(-1)).toMatchObject({ type: 'anomaly-fit' })
    expect(went).toEqual([['analyse', 'detector-/analyses/rows-1']])
  })

  it('takes a run with the data that it was trained on', async () => {
    const { window } = fakeWindow(() => ({ type: 'inspect', report }))
    const setup = rooted(() => createDetectorSetup(window))
    await setup.chooseRun('/runs/signal-1')
    expect(setup.job).toMatchObject({ run: '/runs/signal-1', data: detector.source, overrides: [] })
    setup.setNormal('n', false)
    setup.setNormal('odd', false)
    expect(setup.job).toBeNull()
  })
})
