import { SvelteSet } from 'svelte/reactivity'
import type { AnalysisSummary, AnomalyScores } from '../../../../../src-main/contract/analysis.ts'
import type { DataSource, SplitName } from '../../../../../src-main/contract/dataset.ts'
import { toErrorDetail, type ErrorDetail } from '../../../../../src-main/contract/errors.ts'
import type { JobInput } from '../../../../../src-main/contract/jobs.ts'
import { spansDecades } from '../../../../components/histogram.ts'
import type { App } from '../../../../state/app.ts'
import { runJob } from '../../../../state/run-job.ts'
import { createWork, type Work } from '../../../../state/work.svelte.ts'
import { createDataChoice, type DataChoice } from '../../../train/setup/data/data-choice.svelte.ts'
import { usualNormal } from '../rules.ts'
import type { Filter } from './verdicts.ts'

export type Detector = Extract<AnalysisSummary, { kind: 'detector' }>
export type ScoreInput = Extract<JobInput, { type: 'anomaly-score' }>

/** What is done with one detector: data are scored, and what comes of it is looked at. */
export interface Scoring {
  /** Null until it is known. */
  readonly detector: Detector | null
  /** Why nothing can be done with it. */
  readonly error: ErrorDetail | null

  /** Other data than those that it was made with. */
  readonly data: DataChoice
  /** Whether those that it was made with are scored. */
  readonly isOwn: boolean
  /** Which part of its own. */
  split: SplitName
  /** Labels of the normal items of other data. */
  readonly normal: ReadonlySet<string>
  setNormal(label: string, isNormal: boolean): void
  /** Folder of masks that say which pixels are anomalous. */
  masks: string | null
  takeOwn(): void
  chooseData(source: DataSource): Promise<void>
  chooseLabels(labels: string | null): Promise<void>
  /** As it would be started now; null while something is missing. */
  readonly job: ScoreInput | null
  readonly work: Work
  start(): Promise<void>

  /** The last ones; they stay while others are made. */
  readonly scores: AnomalyScores | null
  /** What they were made by: exports ask for the same. */
  readonly scored: ScoreInput | null
  threshold: number
  /** Whether it is another one than the detector's. */
  readonly isMoved: boolean
  resetThreshold(): void
  isLog: boolean
  /** What is called positive. */
  positive: 'anomaly' | 'normal'
  filter: Filter
  /** The item that is looked at; null for none. */
  item: number | null
}

/** What it needs of the window. */
type Window = Pick<App, 'link'>

const known = new WeakMap<Window, Map<string, Scoring>>()

/** What is being done with a detector in a window: one looks elsewhere and comes back to it. */
export function scoringOf(window: Window, path: string): Scoring {
  const ofWindow = known.get(window) ?? new Map<string, Scoring>()
  known.set(window, ofWindow)
  const there = ofWindow.get(path)
  if (there !== undefined) return there
  // A root of its own: what is derived in a component goes stale with it.
  let made!: Scoring
  $effect.root(() => {
    made = createScoring(window, path)
  })
  ofWindow.set(path, made)
  return made
}

export function createScoring({ link }: Window, path: string): Scoring {
  const { engine } = link
  let detector = $state.raw<Detector | null>(null)
  let error = $state.raw<ErrorDetail | null>(null)
  const data = createDataChoice(link)
  const normal = new SvelteSet<string>()
  let split = $state<SplitName>('test')
  let masks = $state<string | null>(null)
  const work = createWork()
  let scores = $state.raw<AnomalyScores | null>(null)
  let scored = $state.raw<ScoreInput | null>(null)
  let threshold = $state(0)
  let isLog = $state(false)
  let positive = $state<'anomaly' | 'normal'>('anomaly')
  let filter = $state<Filter>('all')
  let item = $state<number | null>(null)

  async function read(): Promise<void> {
    try {
      const found = await engine.analysis(path)
      if (found.kind === 'detector') [detector, error] = [found, null]
      else error = { code: 'analysis-unreadable', file: path }
    } catch (thrown) {
      error = toErrorDetail(thrown)
    }
  }
  link.onReady(() => {
    void read()
    const shown = scores
    const by = scored
    // A new engine may not have kept them: they are made again, the same.
    if (shown !== null && by !== null)
      engine.anomalyScores(shown.id).catch(() => {
        if (scores === shown) void score(by)
      })
  })

  const job = $derived.by((): ScoreInput | null => {
    if (detector === null) return null
    const common = { type: 'anomaly-score', detector: path, masks } as const
    const { source, report } = data
    if (source === null) return { ...common, data: detector.source, split }
    if (report === null || report.items === 0 || report.words !== null) return null
    const labels = report.labels?.map(({ name }) => name) ?? []
    if (labels.length > 0 && normal.size === 0) return null
    return {
      ...{ ...common, data: source, split: null },
      normal: labels.length === 0 ? null : labels.filter((name) => normal.has(name)),
    }
  })

  async function score(input: ScoreInput): Promise<void> {
    const made = await work.run(async (watch) => {
      const { scores: id } = await runJob(link, input, watch)
      return engine.anomalyScores(id)
    })
    if (made === null) return
    const isSame = scores !== null && scored === input
    ;[scores, scored] = [made, input]
    if (isSame) return
    threshold = made.summary.threshold.value
    isLog = spansDecades(made.scores)
    filter = 'all'
    item = null
  }

  function takeLabels(): void {
    const labels = data.report?.labels?.map(({ name }) => name) ?? []
    const fitted = labels.filter((name) => detector?.normal?.includes(name) === true)
    normal.clear()
    ;(fitted.length > 0 ? fitted : usualNormal(labels)).forEach((name) => normal.add(name))
  }

  return {
    get detector() {
      return detector
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
    normal,
    setNormal(label, isNormal) {
      if (isNormal) normal.add(label)
      else normal.delete(label)
    },
    get masks() {
      return masks
    },
    set masks(next) {
      masks = next
    },
    takeOwn: () => data.clear(),
    async chooseData(source) {
      await data.choose(source)
      takeLabels()
    },
    async chooseLabels(labels) {
      await data.setLabels(labels)
      takeLabels()
    },
    get job() {
      return job
    },
    work,
    async start() {
      if (job !== null) await score(job)
    },
    get scores() {
      return scores
    },
    get scored() {
      return scored
    },
    get threshold() {
      return threshold
    },
    set threshold(next) {
      threshold = next
    },
    get isMoved() {
      return scores !== null && threshold !== scores.summary.threshold.value
    },
    resetThreshold() {
      threshold = scores?.summary.threshold.value ?? 0
    },
    get isLog() {
      return isLog
    },
    set isLog(next) {
      isLog = next
    },
    get positive() {
      return positive
    },
    set positive(next) {
      positive = next
    },
    get filter() {
      return filter
    },
    set filter(next) {
      filter = next
    },
    get item() {
      return item
    },
    set item(next) {
      item = next
    },
  }
}
