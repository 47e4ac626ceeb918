import type { DataSource } from '../../../../../src-main/contract/dataset.ts'
import type { JobInput } from '../../../../../src-main/contract/jobs.ts'
import type { LabelSet } from '../../../../../src-main/contract/label-sets.ts'
import type { RunSummary } from '../../../../../src-main/contract/runs.ts'
import type { App } from '../../../../state/app.ts'
import { remembered } from '../../../../state/remembered.svelte.ts'
import { runJob } from '../../../../state/run-job.ts'
import { createWork, type Work } from '../../../../state/work.svelte.ts'
import { createDataChoice, type DataChoice } from '../../../train/setup/data/data-choice.svelte.ts'
import { canStandOn, showMade } from '../../fitting.ts'
import { givenIn, labelledIn } from '../labelling/given.ts'

export type FitInput = Extract<JobInput, { type: 'classify-fit' }>

/** Where the labels come from: the data, a person's own hand, or both, where a person's count first. */
export type LabelWay = 'data' | 'hand' | 'both'

/** How the head is made. */
export interface HeadSettings {
  hidden: number
  /** Null: all labels. */
  labelsPerClass: number | null
  /** Last layers of the encoder that are trained, too. */
  fineTune: number
  selfTrain: boolean
  seed: number
}

export interface ClassifierSetup {
  readonly data: DataChoice
  /** Run folder, or null until one is chosen. */
  readonly run: string | null
  /** Those that have an encoder, and have learned. */
  readonly runs: readonly RunSummary[]
  /** Labels that were given by hand for this run and data; null for none. */
  readonly byHand: LabelSet | null
  /** Ways that there are labels. */
  readonly ways: readonly LabelWay[]
  /** One of them; null while there are none. */
  way: LabelWay | null
  readonly head: HeadSettings
  changeHead(change: Partial<HeadSettings>): void
  /** As it would be started now; null while something is missing. */
  readonly job: FitInput | null
  readonly work: Work
  chooseData(source: DataSource): Promise<void>
  chooseLabels(labels: string | null): Promise<void>
  /** Takes a run, and the data that it was trained on unless others are chosen. */
  chooseRun(run: string): Promise<void>
  /** Takes a run, data, and the labels that were given to those by hand. */
  chooseByHand(run: string, data: DataSource): Promise<void>
  start(): Promise<void>
}

/** What it needs of the window. */
type Window = Pick<App, 'i18n' | 'link' | 'notices' | 'route' | 'runs'>

/** What is being set up in a window. */
export const classifierSetupOf = remembered(createClassifierSetup)

export function createClassifierSetup(window: Window): ClassifierSetup {
  const { i18n, link, notices, runs } = window
  const data = createDataChoice(link)
  let run = $state<string | null>(null)
  let byHand = $state.raw<LabelSet | null>(null)
  let wanted = $state<LabelWay>('data')
  /** Whether the data are those of the run that was chosen: another run brings its own. */
  let isOwn = true
  let head = $state.raw<HeadSettings>({
    ...{ hidden: 128, labelsPerClass: null, fineTune: 0, selfTrain: false, seed: 0 },
  })
  const work = createWork()

  const ofRuns = $derived((runs.all ?? []).filter(canStandOn))
  const ways = $derived.by((): LabelWay[] => {
    const inData = (data.report?.labels?.length ?? 0) > 0
    if (byHand === null) return inData ? ['data'] : []
    return inData ? ['data', 'hand', 'both'] : ['hand']
  })
  const way = $derived(ways.find((one) => one === wanted) ?? ways[0] ?? null)

  const job = $derived.by((): FitInput | null => {
    const { source, report } = data
    if (run === null || source === null || report === null || way === null || data.isLooking) return null
    if (report.items === 0 || report.words !== null) return null
    const labelled = way === 'data' || byHand === null ? [] : labelledIn(givenIn(byHand))
    return {
      ...{ type: 'classify-fit', run, labelled, ...head },
      data: way === 'hand' ? { ...source, labels: null } : source,
    }
  })

  /** Labels by hand, and whether they are still those that were asked for. */
  async function readByHand(): Promise<void> {
    const { source } = data
    const own = run
    byHand = null
    if (own === null || source === null) return
    const found = await link.engine.keptLabels({ run: own, data: { ...source, labels: null } })
    if (own === run && source.sources === data.source?.sources)
      byHand = found !== null && found.labels.length > 0 ? found : null
  }

  async function chooseRun(next: string): Promise<void> {
    run = next
    if (data.source === null || isOwn) {
      isOwn = true
      await data.choose((await link.engine.latentModel(next)).data)
    }
    await readByHand()
  }

  return {
    data,
    get run() {
      return run
    },
    get runs() {
      return ofRuns
    },
    get byHand() {
      return byHand
    },
    get ways() {
      return ways
    },
    get way() {
      return way
    },
    set way(next) {
      if (next !== null) wanted = next
    },
    get head() {
      return head
    },
    changeHead(change) {
      head = { ...head, ...change }
    },
    get job() {
      return job
    },
    work,
    async chooseData(source) {
      isOwn = false
      await data.choose(source)
      await readByHand()
    },
    chooseLabels: (labels) => data.setLabels(labels),
    chooseRun,
    async chooseByHand(next, of) {
      run = next
      wanted = 'hand'
      const { data: own } = await link.engine.latentModel(next)
      // With the labels that the data have themselves, for whoever wants both.
      isOwn = own.sources.join('\n') === of.sources.join('\n')
      await data.choose(isOwn ? { ...of, labels: own.labels } : of)
      await readByHand()
    },
    async start() {
      if (job === null || work.isRunning) return
      const own = job
      const made = await work.run((watch) => runJob(link, own, watch))
      if (made === null) return
      if (made.single.length > 0)
        notices.show(i18n.t('result.classify-single', { classes: made.single.join(', ') }))
      showMade(window, 'classifier', made.classifier)
    },
  }
}
