import type { AnalysisSummary, Predictions } from '../../../../../src-main/contract/analysis.ts'
import type { DataSource, SplitName } from '../../../../../src-main/contract/dataset.ts'
import { toErrorDetail, type ErrorDetail } from '../../../../../src-main/contract/errors.ts'
import type { JobInput } from '../../../../../src-main/contract/jobs.ts'
import type { App } from '../../../../state/app.ts'
import { runJob } from '../../../../state/run-job.ts'
import { createWork, type Work } from '../../../../state/work.svelte.ts'
import { createDataChoice, type DataChoice } from '../../../train/setup/data/data-choice.svelte.ts'
import type { Looked } from './figures.ts'

export type Classifier = Extract<AnalysisSummary, { kind: 'classifier' }>
export type PredictInput = Extract<JobInput, { type: 'classify-predict' }>

/** What is done with one classifier: data are classified, and what comes of it is looked at. */
export interface Predicting {
  /** Null until it is known. */
  readonly classifier: Classifier | null
  /** Why nothing can be done with it. */
  readonly error: ErrorDetail | null

  /** Other data than those that it was made with. */
  readonly data: DataChoice
  /** Whether those that it was made with are classified. */
  readonly isOwn: boolean
  /** Which part of its own. */
  split: SplitName
  takeOwn(): void
  chooseData(source: DataSource): Promise<void>
  chooseLabels(labels: string | null): Promise<void>
  /** As it would be started now; null while something is missing. */
  readonly job: PredictInput | null
  readonly work: Work
  start(): Promise<void>

  /** The last ones; they stay while others are made. */
  readonly predictions: Predictions | null
  /** What they were made by: exports ask for the same. */
  readonly made: PredictInput | null
  looked: Looked
  /** The item that is looked at; null for the first. */
  item: number | null
}

/** What it needs of the window. */
type Window = Pick<App, 'link'>

const known = new WeakMap<Window, Map<string, Predicting>>()

/** What is being done with a classifier in a window: one looks elsewhere and comes back to it. */
export function predictingOf(window: Window, path: string): Predicting {
  const ofWindow = known.get(window) ?? new Map<string, Predicting>()
  known.set(window, ofWindow)
  const there = ofWindow.get(path)
  if (there !== undefined) return there
  // A root of its own: what is derived in a component goes stale with it.
  let made!: Predicting
  $effect.root(() => {
    made = createPredicting(window, path)
  })
  ofWindow.set(path, made)
  return made
}

export function createPredicting({ link }: Window, path: string): Predicting {
  const { engine } = link
  let classifier = $state.raw<Classifier | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)
  const data = createDataChoice(link)
  let split = $state<SplitName>('test')
  const work = createWork()
  let predictions = $state.raw<Predictions | null>(null)
  let made = $state.raw<PredictInput | null>(null)
  let looked = $state.raw<Looked>('mistakes')
  let item = $state<number | null>(null)

  async function read(): Promise<void> {
    try {
      const found = await engine.analysis(path)
      if (found.kind === 'classifier') [classifier, error] = [found, null]
      else error = { code: 'analysis-unreadable', file: path }
    } catch (thrown) {
      error = toErrorDetail(thrown)
    }
  }
  link.onReady(() => {
    void read()
    const [shown, by] = [predictions, made]
    // A new engine may not have kept them: they are made again, the same.
    if (shown !== null && by !== null)
      engine.predictions(shown.id).catch(() => {
        if (predictions === shown) void predict(by)
      })
  })

  const job = $derived.by((): PredictInput | null => {
    if (classifier === null || data.isLooking) return null
    const { source, report } = data
    if (source === null) return { type: 'classify-predict', classifier: path, data: classifier.source, split }
    if (report === null || report.items === 0 || report.words !== null) return null
    return { type: 'classify-predict', classifier: path, data: source, split: null }
  })

  async function predict(input: PredictInput): Promise<void> {
    const found = await work.run(async (watch) => {
      const result = await runJob(link, input, watch)
      return engine.predictions(result.predictions)
    })
    if (found === null) return
    const isSame = made === input
    ;[predictions, made] = [found, input]
    if (isSame) return
    looked = found.truth === null ? { truth: null, predicted: null } : 'mistakes'
    item = null
  }

  return {
    get classifier() {
      return classifier
    },
    get error() {
      return error
    },
    data,
    get isOwn() {
      return data.source === null
    },
    get split() {
      return split
    },
    set split(next) {
      split = next
    },
    takeOwn: () => data.clear(),
    chooseData: (source) => data.choose(source),
    chooseLabels: (labels) => data.setLabels(labels),
    get job() {
      return job
    },
    work,
    async start() {
      if (job !== null) await predict(job)
    },
    get predictions() {
      return predictions
    },
    get made() {
      return made
    },
    get looked() {
      return looked
    },
    set looked(next) {
      looked = next
      item = null
    },
    get item() {
      return item
    },
    set item(next) {
      item = next
    },
  }
}
