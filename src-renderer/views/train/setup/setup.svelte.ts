import type { RecipeSummary } from '../../../../src-main/contract/engine.ts'
import type { DataReport, DataSource } from '../../../../src-main/contract/dataset.ts'
import type { App } from '../../../state/app.ts'
import { remembered } from '../../../state/remembered.svelte.ts'
import type { TrainInput } from '../../../state/runs.svelte.ts'
import { partOf, trainPlace } from '../place.ts'
import { createDataChoice, type DataChoice } from './data/data-choice.svelte.ts'
import { isNoisyOnly, suits, unsuitable, usualFor, wishFor, type Wish } from './recipe/families.ts'
import { createSettings, type Settings } from './settings.svelte.ts'

export interface Setup {
  data: DataChoice
  settings: Settings
  /** Null until they are read. */
  readonly recipes: readonly RecipeSummary[] | null
  wish: Wish
  /** What the run is to be called; null: as the engine calls it. */
  title: string | null
  /** Run folder or model whose weights it begins with; null: from nothing. */
  startFrom: string | null
  /** The job as it would be started now; null while something is missing or wrong. */
  readonly job: TrainInput | null
  /** From the start until there is a run folder. */
  readonly isStarting: boolean
  /** Looks through data. Until somebody chooses a recipe, it is the usual one for them. */
  chooseData(source: DataSource): Promise<void>
  /** Where the labels are; the values of a row may be others then. */
  chooseLabels(labels: string | null): Promise<void>
  /** The folder of second takes of the same scenes; null for none. */
  chooseSecond(second: string | null): Promise<void>
  chooseRecipe(summary: RecipeSummary): void
  /** Begins with a run's weights, and with its recipe. */
  continueFrom(run: string): Promise<void>
  start(): Promise<void>
  /** Takes back a training whose turn has not come. */
  cancelStart(): void
}

/** What a set-up needs of the window. */
type Window = Pick<App, 'link' | 'notices' | 'route' | 'runs'>

/** What is being set up in a window. */
export const setupOf = remembered(createSetup)

function createSetup({ link, notices, route, runs }: Window): Setup {
  const data = createDataChoice(link)
  const settings = createSettings(link)
  let recipes = $state.raw<readonly RecipeSummary[] | null>(null)
  let wish = $state<Wish>('clean')
  let title = $state<string | null>(null)
  let startFrom = $state<string | null>(null)
  let starting = $state.raw<AbortController | null>(null)
  /** Whether nobody chose the recipe. */
  let isUsual = true

  link.onReady(() => {
    void link.engine.recipes().then((list) => (recipes = list))
  })

  /** Begins with the usual recipe. */
  function begin(known: readonly RecipeSummary[], report: DataReport): void {
    const usual = usualFor(known, report, wish)
    startFrom = null
    isUsual = true
    if (usual === undefined) settings.clear()
    else settings.choose(usual.name, usual.recipe, report)
  }

  const job = $derived.by((): TrainInput | null => {
    const { source, report } = data
    const { recipe, draft } = settings
    if (source === null || report === null || recipe === null || draft === null) return null
    if (report.words !== null) return null
    if (!settings.isValid || unsuitable(draft, report) !== null) return null
    return { type: 'train', data: source, recipe, overrides: [...settings.overrides], out: null, startFrom }
  })

  return {
    data,
    settings,
    get recipes() {
      return recipes
    },
    get wish() {
      return wish
    },
    set wish(next) {
      wish = next
      if (data.report === null || recipes === null) return
      if (settings.draft === null || !suits(settings.draft, wishFor(wish, data.report)))
        begin(recipes, data.report)
    },
    get title() {
      return title
    },
    set title(next) {
      title = next
    },
    get startFrom() {
      return startFrom
    },
    set startFrom(next) {
      startFrom = next
    },
    get job() {
      return job
    },
    get isStarting() {
      return starting !== null
    },

    async chooseData(source) {
      await data.choose(source)
      if (data.report === null) return
      settings.setData(data.report)
      // What was set for pictures is of no use for a table.
      const isOfUse =
        settings.draft !== null &&
        unsuitable(settings.draft, data.report) === null &&
        suits(settings.draft, wishFor(wish, data.report))
      if (isOfUse && (!isUsual || settings.overrides.length > 0)) return
      begin(recipes ?? (await link.engine.recipes()), data.report)
    },
    chooseSecond: (second) => data.setSecond(second),
    async chooseLabels(labels) {
      await data.setLabels(labels)
      settings.setData(data.report)
    },
    chooseRecipe({ name, recipe }) {
      isUsual = false
      settings.choose(name, recipe, data.report)
      startFrom = null
    },
    async continueFrom(run) {
      const { info } = await link.engine.run(run)
      const known = (recipes ?? (await link.engine.recipes())).find(({ name }) => name === info.recipe.name)
      if (known === undefined) return
      isUsual = false
      settings.choose(known.name, known.recipe, data.report, info.recipe)
      wish = isNoisyOnly(info.recipe) ? 'noisy' : 'clean'
      startFrom = run
    },
    async start() {
      if (job === null || starting !== null) return
      const own = new AbortController()
      starting = own
      try {
        const run = await runs.train(job, own.signal)
        if (title !== null && title.trim() !== '') await link.engine.renameRun(run, title.trim())
        title = null
        // Whoever looks at something else meanwhile is left there.
        if (route.view === 'train' && trainPlace(route.part).kind === 'new')
          route.go('train', partOf({ kind: 'run', path: run }))
      } catch (thrown) {
        if (!own.signal.aborted) notices.fail(thrown)
      } finally {
        starting = null
      }
    },
    cancelStart: () => starting?.abort(),
  }
}
