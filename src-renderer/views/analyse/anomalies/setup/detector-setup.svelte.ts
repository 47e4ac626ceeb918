import { SvelteSet } from 'svelte/reactivity'
import type { ScoreKind, ThresholdRule } from '../../../../../src-main/contract/analysis.ts'
import type { DataSource } from '../../../../../src-main/contract/dataset.ts'
import type { RecipeSummary } from '../../../../../src-main/contract/engine.ts'
import type { JobInput } from '../../../../../src-main/contract/jobs.ts'
import type { RunSummary } from '../../../../../src-main/contract/runs.ts'
import type { App } from '../../../../state/app.ts'
import { remembered } from '../../../../state/remembered.svelte.ts'
import { runJob } from '../../../../state/run-job.ts'
import { createWork, type Work } from '../../../../state/work.svelte.ts'
import { createDataChoice, type DataChoice } from '../../../train/setup/data/data-choice.svelte.ts'
import { unsuitable } from '../../../train/setup/recipe/families.ts'
import { canStandOn, showMade } from '../../fitting.ts'
import { firstRules, usualNormal } from '../rules.ts'

export type FitInput = Extract<JobInput, { type: 'anomaly-fit' }>

/** What a detector is to stand on: a run that there is, or a recipe that is trained first. */
export type Base = 'run' | 'recipe'

export interface DetectorSetup {
  readonly data: DataChoice
  /** Labels of the normal items; all of them where the data have none. */
  readonly normal: ReadonlySet<string>
  setNormal(label: string, isNormal: boolean): void
  base: Base
  /** Run folder, or null until one is chosen. */
  run: string | null
  readonly runs: readonly RunSummary[]
  recipe: string | null
  /** Those that can learn from the data; null until they are read. */
  readonly recipes: readonly RecipeSummary[] | null
  /** Epochs, or steps where the recipe counts those; null: as many as the recipe says. */
  length: number | null
  readonly lengthUnit: 'epochs' | 'steps'
  /** What the recipe says. */
  readonly usualLength: number | null
  rule: ThresholdRule
  score: ScoreKind
  /** As it would be started now; null while something is missing. */
  readonly job: FitInput | null
  readonly work: Work
  /** Of the training that goes on: its run folder. */
  readonly training: string | null
  chooseData(source: DataSource): Promise<void>
  chooseLabels(labels: string | null): Promise<void>
  /** Takes a run, and its data where none are chosen yet. */
  chooseRun(run: string): Promise<void>
  start(): Promise<void>
}

/** What it needs of the window. */
type Window = Pick<App, 'i18n' | 'link' | 'notices' | 'route' | 'runs'>

/** What is being set up in a window. */
export const detectorSetupOf = remembered(createDetectorSetup)

export function createDetectorSetup(window: Window): DetectorSetup {
  const { link, runs } = window
  const data = createDataChoice(link)
  const normal = new SvelteSet<string>()
  let base = $state<Base>('recipe')
  let run = $state<string | null>(null)
  let recipe = $state<string | null>(null)
  let length = $state<number | null>(null)
  let rule = $state.raw<ThresholdRule>(firstRules['false-alarms'])
  let score = $state<ScoreKind>('squared')
  let recipes = $state.raw<readonly RecipeSummary[] | null>(null)
  let training = $state<string | null>(null)
  const work = createWork()

  link.onReady(() => {
    void link.engine.recipes().then((list) => (recipes = list))
  })

  const able = $derived.by(() => {
    const { report } = data
    if (recipes === null) return null
    return recipes.filter(({ recipe: one }) => {
      const rebuilds = one.model.type === 'autoencoder' && one.data.type !== 'patches'
      return rebuilds && (report === null || unsuitable(one, report) === null)
    })
  })
  const chosen = $derived(able?.find(({ name }) => name === recipe) ?? able?.[0] ?? null)
  const lengthUnit = $derived(chosen?.recipe.steps == null ? 'epochs' : 'steps')
  const ofRuns = $derived((runs.all ?? []).filter(canStandOn))
  const chosenRun = $derived(ofRuns.find(({ path }) => path === run)?.path ?? run)

  const job = $derived.by((): FitInput | null => {
    const { source, report } = data
    if (source === null || report === null || report.items === 0 || report.words !== null) return null
    const labels = report.labels?.map(({ name }) => name) ?? []
    if (labels.length > 0 && normal.size === 0) return null
    const stands = base === 'run' ? { run: chosenRun } : { recipe: chosen?.name ?? null }
    if ((base === 'run' ? stands.run : stands.recipe) === null) return null
    return {
      ...{ type: 'anomaly-fit', data: source, score, threshold: rule },
      normal: labels.length === 0 ? null : labels.filter((name) => normal.has(name)),
      ...stands,
      overrides: base === 'recipe' && length !== null ? [`${lengthUnit}=${length}`] : [],
    }
  })

  function takeLabels(): void {
    normal.clear()
    usualNormal(data.report?.labels?.map(({ name }) => name) ?? []).forEach((name) => normal.add(name))
  }

  return {
    data,
    normal,
    setNormal(label, isNormal) {
      if (isNormal) normal.add(label)
      else normal.delete(label)
    },
    get base() {
      return base
    },
    set base(next) {
      base = next
    },
    get run() {
      return chosenRun
    },
    set run(next) {
      run = next
    },
    get runs() {
      return ofRuns
    },
    get recipe() {
      return chosen?.name ?? null
    },
    set recipe(next) {
      recipe = next
      length = null
    },
    get recipes() {
      return able
    },
    get length() {
      return length
    },
    set length(next) {
      length = next
    },
    get lengthUnit() {
      return lengthUnit
    },
    get usualLength() {
      return chosen?.recipe[lengthUnit] ?? null
    },
    get rule() {
      return rule
    },
    set rule(next) {
      rule = next
    },
    get score() {
      return score
    },
    set score(next) {
      score = next
    },
    get job() {
      return job
    },
    work,
    get training() {
      return training
    },
    async chooseData(source) {
      await data.choose(source)
      takeLabels()
    },
    async chooseLabels(labels) {
      await data.setLabels(labels)
      takeLabels()
    },
    async chooseRun(next) {
      base = 'run'
      run = next
      if (data.source !== null) return
      const model = await link.engine.latentModel(next)
      await data.choose(model.data)
      takeLabels()
    },
    async start() {
      if (job === null || work.isRunning) return
      const own = job
      training = null
      const made = await work.run((watch) =>
        runJob(link, own, {
          ...watch,
          onEvent: (event) => {
            if (event.event === 'began') training = event.run
          },
        }),
      )
      training = null
      if (made === null) return
      showMade(window, 'detector', made.detector)
    },
  }
}
