import { SvelteSet } from 'svelte/reactivity'
import type { AnalysisSummary, AnomalyScores } from '../../../../../src-main/contract/analysis.ts'
import type { JobInput } from '../../../../../src-main/contract/jobs.ts'
import { spansDecades } from '../../../../components/histogram.ts'
import type { App } from '../../../../state/app.ts'
import { remembered } from '../../../../state/remembered.svelte.ts'
import { runJob } from '../../../../state/run-job.ts'
import { createApplied, type Applied } from '../../applied.svelte.ts'
import { usualNormal } from '../rules.ts'
import type { Filter } from './verdicts.ts'

export type Detector = Extract<AnalysisSummary, { kind: 'detector' }>
export type ScoreInput = Extract<JobInput, { type: 'anomaly-score' }>

/** What is done with one detector: data are scored, and what comes of it is looked at. */
export interface Scoring {
  readonly applied: Applied<Detector, ScoreInput, AnomalyScores>
  /** Labels of the normal items of other data. */
  readonly normal: ReadonlySet<string>
  setNormal(label: string, isNormal: boolean): void
  /** Folder of masks that say which pixels are anomalous. */
  masks: string | null

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

/** What is being done with a detector in a window. */
export const scoringOf = remembered(createScoring)

export function createScoring({ link }: Window, path: string): Scoring {
  const normal = new SvelteSet<string>()
  let masks = $state<string | null>(null)
  let threshold = $state(0)
  let isLog = $state(false)
  let positive = $state<'anomaly' | 'normal'>('anomaly')
  let filter = $state<Filter>('all')
  let item = $state<number | null>(null)

  const applied = createApplied<'detector', ScoreInput, AnomalyScores>(link, path, {
    kind: 'detector',
    jobOf(asked, report) {
      const common = { type: 'anomaly-score', detector: path, masks, ...asked } as const
      if (report === null) return common
      const labels = report.labels?.map(({ name }) => name) ?? []
      if (labels.length === 0) return { ...common, normal: null }
      return normal.size === 0 ? null : { ...common, normal: labels.filter((name) => normal.has(name)) }
    },
    run: async (input, watch) => (await runJob(link, input, watch)).scores,
    find: (id) => link.engine.anomalyScores(id),
    onlook(detector, report) {
      const labels = report?.labels?.map(({ name }) => name) ?? []
      const fitted = labels.filter((name) => detector?.normal?.includes(name) === true)
      normal.clear()
      ;(fitted.length > 0 ? fitted : usualNormal(labels)).forEach((name) => normal.add(name))
    },
    onresult({ scores, summary }) {
      threshold = summary.threshold.value
      isLog = spansDecades(scores)
      filter = 'all'
      item = null
    },
  })

  return {
    applied,
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
    get threshold() {
      return threshold
    },
    set threshold(next) {
      threshold = next
    },
    get isMoved() {
      return applied.result !== null && threshold !== applied.result.summary.threshold.value
    },
    resetThreshold() {
      threshold = applied.result?.summary.threshold.value ?? 0
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
