import { AnalysisSheetQuestion, AnomalyItemQuestion, LabelQuestion } from '../contract/analysis.ts'
import { DataPageQuestion } from '../contract/dataset.ts'
import type { Engine, EngineEvent } from '../contract/engine.ts'
import { parseOrThrow } from '../contract/errors.ts'
import { type EngineChoice } from '../contract/engines.ts'
import { Job } from '../contract/jobs.ts'
import { LabelSet, LabelSetOf } from '../contract/label-sets.ts'
import { NoisyQuestion } from '../contract/noisy.ts'
import { PreviewQuestion, ResidualQuestion, TileQuestion } from '../contract/preview.ts'
import {
  CodesQuestion,
  DecodeQuestion,
  DrawQuestion,
  ItemQuestion,
  SheetQuestion,
} from '../contract/latent.ts'
import { OutputQuestion, QueueCommand } from '../contract/queue.ts'
import { RecipeQuestion, RunPictureQuestion } from '../contract/runs.ts'
import type { Analyses } from './analyses.ts'
import { createJobLanes, type SharedContext } from './job-lanes.ts'
import type { DataPages } from './data/page.ts'
import type { LatentQuestions } from './latent/questions.ts'
import type { Previews } from './preview/previews.ts'
import { productFile, productVersion } from './product.ts'
import { createQuestionContext } from './question-context.ts'
import type { Queue } from './queue/queue.ts'
import { runJob } from './run-job.ts'
import type { Runs } from './run-list.ts'
import { dataCache, programHome } from './storage/home.ts'
import { createTurns } from './turns.ts'

// Everything heavy (onnxruntime, tfjs, sharp) is imported when a job or a question needs it, so that `darkroom --help`
// and a window that opens do not wait for it.

export interface EngineOptions {
  /** Folder with the shipped models and recipes; default: the product's own. */
  assets?: string
  /** The program's own folder, with the queue, added models and runs; default: this person's (`storage/home.ts`). */
  home?: string
  /** What `auto` stands for: in the queue, for previews, and in jobs that name no other. */
  engine?: EngineChoice
  /** Threads for one operation; default: as many as there are cores. */
  threads?: number
  /** Told every error that fails a job or one of its files, as it was thrown; events carry only its plain data. */
  onError?: (thrown: unknown) => void
}

/**
 * An engine in this process. Jobs run one after another (`job-lanes.ts`). The queue is opened, and goes on where it stopped, when it is
 * first asked for: the command line never does.
 */
export function createEngine(options: EngineOptions = {}): Engine {
  const assets = options.assets ?? productFile('assets')
  const home = options.home ?? programHome()
  const backendOptions = { home, ...(options.threads !== undefined && { threads: options.threads }) }
  const folders = { assets, home }
  const listeners = new Set<(event: EngineEvent) => void>()
  const turns = createTurns()
  let queue: Promise<Queue> | null = null
  let previews: Promise<Previews> | null = null
  let dataPages: Promise<DataPages> | null = null
  let latent: Promise<LatentQuestions> | null = null
  let analyses: Promise<Analyses> | null = null

  const tell = (event: EngineEvent): void => {
    for (const listener of listeners) listener(event)
  }
  const shared: SharedContext = {
    ...folders,
    product: productVersion(),
    pause: () => turns.pause(),
    onError: (thrown) => options.onError?.(thrown),
    openBackend: async (choice, tell) =>
      (await import('./backend/select.ts')).openBackend(choice, { ...backendOptions, ...(tell && { tell }) }),
  }
  const engineChoice = options.engine ?? 'auto'
  const chosen = (job: Job): Job =>
    'engine' in job && job.engine === 'auto' ? { ...job, engine: engineChoice } : job

  const openQueue = (): Promise<Queue> =>
    (queue ??= import('./queue/queue.ts')
      .then((module) =>
        module.openQueue({
          ...shared,
          engine: engineChoice,
          tell: (change) => tell({ event: 'queue', change }),
        }),
      )
      .catch((thrown: unknown) => {
        // It may be opened the next time: what was in the way may be gone.
        queue = null
        throw thrown
      }))
  const openPreviews = (): Promise<Previews> =>
    (previews ??= import('./preview/previews.ts').then(async (module) => {
      const { readModel, shippedModels } = await import('./storage/models.ts')
      return module.createPreviews({
        shippedModels: () => shippedModels(assets),
        openBackend: () => shared.openBackend(engineChoice),
        readModel: (choice) => readModel(choice, folders),
      })
    }))

  const openDataPages = (): Promise<DataPages> =>
    (dataPages ??= import('./data/page.ts').then(({ createDataPages }) => createDataPages(dataCache(home))))

  // One for codes and analyses: they open one backend, and do one work at a time.
  const questions = createQuestionContext(home, () => shared.openBackend(engineChoice))
  const openLatent = (): Promise<LatentQuestions> =>
    (latent ??= import('./latent/questions.ts').then(({ createLatentQuestions }) =>
      createLatentQuestions(questions),
    ))

  const openAnalyses = (): Promise<Analyses> =>
    (analyses ??= import('./analyses.ts').then(({ createAnalyses }) => createAnalyses(questions)))

  const lanes = createJobLanes(shared, runJob, tell)
  const openRuns = async (): Promise<Runs> =>
    (await import('./run-list.ts')).createRuns({
      home,
      jobs: () => lanes.list(),
      failureOf: (run) => lanes.failureOf(run),
    })

  return {
    async doctor() {
      return (await import('./doctor.ts')).doctorReport(engineChoice, backendOptions)
    },

    async nativeOffer() {
      return (await import('./staging/offer.ts')).nativeOffer(home)
    },

    async latentModel(run) {
      return (await openLatent()).model(run)
    },

    async latentMap(id) {
      return (await openLatent()).map(id)
    },

    async latentSheet(input) {
      const question = parseOrThrow(SheetQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openLatent()).sheet(question))
    },

    async latentItem(input) {
      const question = parseOrThrow(ItemQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openLatent()).item(question))
    },

    async latentDirections(map) {
      return turns.urgent(async () => (await openLatent()).directions(map))
    },

    async decodeCodes(input) {
      const question = parseOrThrow(DecodeQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openLatent()).decode(question))
    },

    async codesOf(input) {
      const question = parseOrThrow(CodesQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openLatent()).codes(question))
    },

    async drawCodes(input) {
      const question = parseOrThrow(DrawQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openLatent()).draw(question))
    },

    async openLatentFile(path) {
      return (await openLatent()).open(path)
    },

    async analyses() {
      return (await openAnalyses()).list()
    },

    async analysis(path) {
      return (await openAnalyses()).summary(path)
    },

    async deleteAnalysis(path) {
      await (await openAnalyses()).remove(path)
      tell({ event: 'analyses' })
    },

    async anomalyScores(id) {
      return (await openAnalyses()).scores(id)
    },

    async anomalyItem(input) {
      const question = parseOrThrow(AnomalyItemQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openAnalyses()).item(question))
    },

    async predictions(id) {
      return (await openAnalyses()).predictions(id)
    },

    async analysisSheet(input) {
      const question = parseOrThrow(AnalysisSheetQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openAnalyses()).sheet(question))
    },

    async askLabels(input) {
      const question = parseOrThrow(LabelQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openAnalyses()).askLabels(question))
    },

    async keptLabels(input) {
      const of = parseOrThrow(LabelSetOf, input, 'argument-invalid')
      return (await import('./storage/label-sets.ts')).readLabelSet(home, of)
    },

    async keepLabels(input) {
      const set = parseOrThrow(LabelSet, input, 'argument-invalid')
      await (await import('./storage/label-sets.ts')).writeLabelSet(home, set)
    },

    async models() {
      return (await import('./storage/models.ts')).listModels(folders)
    },

    async addModel(model) {
      const { addModel } = await import('./jobs/add-model.ts')
      const entry = await addModel(model, shared)
      tell({ event: 'models' })
      return entry
    },

    async renameModel(id, title) {
      const entry = await (await import('./storage/models.ts')).renameModel(id, title, folders)
      tell({ event: 'models' })
      return entry
    },

    async deleteModel(id) {
      await (await import('./storage/models.ts')).deleteModel(id, folders)
      tell({ event: 'models' })
    },

    async recipes() {
      const { listRecipes } = await import('./storage/recipes.ts')
      return listRecipes(assets, shared.onError)
    },

    async describeRecipe(input) {
      const { recipe, overrides, input: shape } = parseOrThrow(RecipeQuestion, input, 'argument-invalid')
      const { loadRecipe } = await import('./storage/recipes.ts')
      const { describeRecipe } = await import('./models/describe.ts')
      return describeRecipe(await loadRecipe(recipe, assets, overrides), shape)
    },

    async dataPage(input) {
      const question = parseOrThrow(DataPageQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openDataPages()).page(question))
    },

    async noisyAdvice(input) {
      const { data } = parseOrThrow(NoisyQuestion, input, 'argument-invalid')
      return (await import('./training/noisy-advice.ts')).noisyAdvice(data)
    },

    async runs(folder) {
      return (await openRuns()).list(folder)
    },

    async run(path) {
      return (await openRuns()).detail(path)
    },

    async runPicture(input) {
      const question = parseOrThrow(RunPictureQuestion, input, 'argument-invalid')
      return (await openRuns()).picture(question)
    },

    async renameRun(path, title) {
      const summary = await (await openRuns()).rename(path, title)
      tell({ event: 'runs' })
      tell({ event: 'models' })
      return summary
    },

    async deleteRun(path) {
      await (await openRuns()).remove(path)
      tell({ event: 'runs' })
      tell({ event: 'models' })
    },

    start(input) {
      return new Promise((resolve) =>
        resolve(lanes.start(chosen(parseOrThrow(Job, input, 'argument-invalid')))),
      )
    },

    stop(id, when = 'now') {
      lanes.stop(id, when)
      return Promise.resolve()
    },

    jobs: () => Promise.resolve(lanes.list()),

    async queue() {
      return (await openQueue()).state()
    },

    async changeQueue(input) {
      const command = parseOrThrow(QueueCommand, input, 'argument-invalid')
      return (await openQueue()).change(command)
    },

    async outputFor(input) {
      const question = parseOrThrow(OutputQuestion, input, 'argument-invalid')
      const { outputFor } = await import('./queue/output.ts')
      return outputFor(
        question,
        async (path) => (await (await openPreviews()).preview({ path })).choice.model,
      )
    },

    async thumbnail(question) {
      return (await openPreviews()).thumbnail(question)
    },

    async preview(input) {
      const question = parseOrThrow(PreviewQuestion, input, 'argument-invalid')
      const info = await turns.urgent(async () => (await openPreviews()).preview(question))
      // A queue that cannot be opened is no reason not to show a picture.
      if (info.page === 0) (await queue?.catch(() => null))?.noteSigma(info.path, info.sigma)
      return info
    },

    async previewTile(input) {
      const question = parseOrThrow(TileQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openPreviews()).tile(question))
    },

    async residual(input) {
      const question = parseOrThrow(ResidualQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openPreviews()).residual(question))
    },

    async screenImage(input) {
      const question = parseOrThrow(PreviewQuestion, input, 'argument-invalid')
      return turns.urgent(async () => (await openPreviews()).screenImage(question))
    },

    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async close() {
      await Promise.all([
        lanes.close(),
        queue?.then((one) => one.close()),
        previews?.then((one) => one.close()),
        dataPages?.then((one) => one.close()),
        questions.close(() =>
          Promise.all([latent?.then((one) => one.close()), analyses?.then((one) => one.close())]),
        ),
      ])
    },
  }
}
