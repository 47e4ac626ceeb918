import { dirname } from 'node:path'
import type { AnalysisSummary } from '../contract/analysis.ts'
import type { DataSourceInput } from '../contract/dataset.ts'
import type { Engine, EngineEvent, RecipeSummary } from '../contract/engine.ts'
import type { JobInput, JobResult, JobStatus } from '../contract/jobs.ts'
import type { AnchorInput, DrawQuestion, LatentSpecInput } from '../contract/latent.ts'
import type { ModelEntry } from '../contract/models.ts'
import type { QueueItem } from '../contract/queue.ts'
import type { RunSummary } from '../contract/runs.ts'
import type { SettingsChange } from '../contract/settings.ts'
import type { Grants, MaybePath } from './grants.ts'

/** Ids of models (those of trained ones hold a folder's name) and names of recipes; anything else is a path. */
const isName = (choice: string): boolean => /^([a-z0-9][a-z0-9-]*|run-[^\\/]+)$/.test(choice)
const pathIn = (choice: MaybePath): MaybePath => (choice && isName(choice) ? null : choice)

/** Labels that stand in the data themselves; anything else is the path of a file. */
const isInData = (labels: string): boolean => labels === 'folders' || labels.startsWith('column:')
const pathsOfData = (data: DataSourceInput | null | undefined): MaybePath[] =>
  data ? [...data.sources, data.second, data.labels && isInData(data.labels) ? null : data.labels] : []

/**
 * The engine as one window or page may use it: every path in its calls must be granted. What the engine gives out is granted
 * in turn. `close` does nothing: the engine is not the window's.
 * @throws path-not-granted
 */
export function guardEngine(engine: Engine, grants: Grants): Engine {
  const check = async (...paths: MaybePath[]): Promise<void> => {
    for (const path of paths) if (path !== null && path !== undefined) await grants.check(path)
  }
  const checkSettings = async ({ out, model }: SettingsChange): Promise<void> => {
    if (out !== null && out !== undefined) await grants.checkOutput(out)
    await check(pathIn(model))
  }
  const giveItems = (items: QueueItem[]): void => {
    for (const { source, output, settings } of items) {
      grants.give([source, output])
      grants.giveOutputs([settings.out, output && dirname(output)])
    }
  }
  const giveModel = (entry: ModelEntry): ModelEntry => {
    grants.give([entry.file])
    return entry
  }
  const giveRun = (run: RunSummary): RunSummary => {
    grants.give([run.path])
    return run
  }
  const giveAnalysis = (one: AnalysisSummary): AnalysisSummary => {
    // It was made with them.
    grants.give([one.path, ...pathsOfData(one.source)])
    return one
  }
  const giveRecipe = (recipe: RecipeSummary): RecipeSummary => {
    grants.give([recipe.file])
    return recipe
  }
  const giveJob = (status: JobStatus): JobStatus => {
    grants.give([status.run])
    return status
  }
  const giveEvent = (event: EngineEvent): void => {
    if (event.event === 'queue') giveItems(event.change.items)
    if (event.event === 'denoised') grants.give([event.row.output])
    if (event.event === 'began') grants.give([event.run])
    if (event.event === 'done') grants.give(pathsOfResult(event.result))
  }
  return {
    doctor: () => engine.doctor(),
    nativeOffer: () => engine.nativeOffer(),
    recipes: async () => (await engine.recipes()).map(giveRecipe),
    async describeRecipe(question) {
      await check(pathIn(question.recipe))
      return engine.describeRecipe(question)
    },
    async dataPage(question) {
      await check(...pathsOfData(question.data))
      return engine.dataPage(question)
    },
    async noisyAdvice(question) {
      await check(...pathsOfData(question.data))
      return engine.noisyAdvice(question)
    },
    async runs(folder) {
      await check(folder)
      return (await engine.runs(folder)).map(giveRun)
    },
    async run(path) {
      await check(path)
      return engine.run(path)
    },
    async runPicture(question) {
      await check(question.run)
      return engine.runPicture(question)
    },
    async renameRun(path, title) {
      await check(path)
      return giveRun(await engine.renameRun(path, title))
    },
    async deleteRun(path) {
      await check(path)
      await engine.deleteRun(path)
    },
    async latentModel(run) {
      await check(run)
      const model = await engine.latentModel(run)
      // It was trained on them.
      grants.give(pathsOfData(model.data))
      return model
    },
    // A map is known by its id to whoever had it made.
    latentMap: (id) => engine.latentMap(id),
    latentSheet: (question) => engine.latentSheet(question),
    latentItem: (question) => engine.latentItem(question),
    latentDirections: (map) => engine.latentDirections(map),
    async decodeCodes(question) {
      await check(question.run)
      return engine.decodeCodes(question)
    },
    async codesOf(question) {
      await check(question.run, ...question.anchors.flatMap(pathsOfAnchor))
      return engine.codesOf(question)
    },
    async drawCodes(question) {
      await check(question.run, ...pathsOfDraws(question.source))
      return engine.drawCodes(question)
    },
    async openLatentFile(path) {
      await check(path)
      const opened = await engine.openLatentFile(path)
      // The person opened it to see what it shows: its run and data.
      if (opened.kind === 'view')
        grants.give([...pathsOfSpec(opened.view.map), ...opened.view.track.flatMap(pathsOfAnchor)])
      else
        grants.give(pathsOfJob(opened.provenance.job).filter((file) => file !== outOf(opened.provenance.job)))
      return opened
    },
    analyses: async () => (await engine.analyses()).map(giveAnalysis),
    async analysis(path) {
      await check(path)
      return giveAnalysis(await engine.analysis(path))
    },
    async deleteAnalysis(path) {
      await check(path)
      await engine.deleteAnalysis(path)
    },
    // Scores and predictions are known by their id to whoever had them made.
    anomalyScores: (id) => engine.anomalyScores(id),
    anomalyItem: (question) => engine.anomalyItem(question),
    predictions: (id) => engine.predictions(id),
    analysisSheet: (question) => engine.analysisSheet(question),
    askLabels: (question) => engine.askLabels(question),
    async keptLabels(of) {
      await check(of.run, ...pathsOfData(of.data))
      return engine.keptLabels(of)
    },
    async keepLabels(set) {
      await check(set.run, ...pathsOfData(set.data))
      await engine.keepLabels(set)
    },
    models: async () => (await engine.models()).map(giveModel),
    async addModel(model) {
      await check(model.file)
      return giveModel(await engine.addModel(model))
    },
    renameModel: async (id, title) => giveModel(await engine.renameModel(id, title)),
    deleteModel: (id) => engine.deleteModel(id),
    async start(job) {
      await check(...pathsOfJob(job))
      return engine.start(job)
    },
    stop: (id, when) => engine.stop(id, when),
    jobs: async () => (await engine.jobs()).map(giveJob),
    async queue() {
      const state = await engine.queue()
      giveItems(state.items)
      return state
    },
    async changeQueue(command) {
      if (command.type === 'add') await check(...command.sources)
      if (command.type === 'add' || command.type === 'change') await checkSettings(command.settings)
      return engine.changeQueue(command)
    },
    async outputFor(question) {
      await check(question.source)
      await checkSettings(question.settings)
      return engine.outputFor(question)
    },
    async thumbnail(question) {
      await check(question.path)
      return engine.thumbnail(question)
    },
    async preview(question) {
      await check(question.path)
      return engine.preview(question)
    },
    async previewTile(question) {
      await check(question.path, pathIn(question.denoise?.model))
      return engine.previewTile(question)
    },
    async residual(question) {
      await check(question.path, pathIn(question.denoise.model))
      return engine.residual(question)
    },
    async screenImage(question) {
      await check(question.path)
      return engine.screenImage(question)
    },
    subscribe: (listener) =>
      engine.subscribe((event) => {
        giveEvent(event)
        listener(event)
      }),
    close: () => Promise.resolve(),
  }
}

const pathsOfAnchor = (anchor: AnchorInput): MaybePath[] =>
  anchor.from === 'file' ? [anchor.path] : anchor.from === 'item' ? pathsOfData(anchor.data) : []
const pathsOfSpec = ({ run, data }: LatentSpecInput): MaybePath[] => [run, ...pathsOfData(data)]
const pathsOfDraws = (source: DrawQuestion['source']): MaybePath[] =>
  source?.type === 'mixture' ? pathsOfData(source.data) : []

function pathsOfJob(job: JobInput): MaybePath[] {
  switch (job.type) {
    case 'denoise':
      return [...job.sources, job.out, job.report, pathIn(job.model)]
    case 'train':
      return [...pathsOfData(job.data), job.out, pathIn(job.recipe), pathIn(job.startFrom)]
    case 'inspect':
      return pathsOfData(job.data)
    case 'reconstruct':
      return [job.run, job.out, ...pathsOfData(job.data)]
    case 'evaluate-run':
      return [job.run, ...pathsOfData(job.data)]
    case 'archive':
      return [job.run, job.out]
    case 'import-run':
      return [job.file, job.out]
    case 'stage-native':
      return []
    case 'evaluate':
      return [job.folder, job.reference, pathIn(job.model)]
    case 'export':
      return [job.out, pathIn(job.model)]
    case 'encode':
      return [job.run, job.out, ...pathsOfData(job.data)]
    case 'decode':
      return [job.run, job.out, typeof job.latents === 'string' ? job.latents : null]
    case 'map':
      return [job.out, job.png, job.spec.attributes, ...pathsOfSpec(job.spec)]
    case 'interpolate':
      return [job.run, job.out, ...job.anchors.flatMap(pathsOfAnchor)]
    case 'traverse':
      return [job.run, job.out, ...pathsOfData(job.data), ...(job.start ? pathsOfAnchor(job.start) : [])]
    case 'sample':
      return [job.run, job.out, ...pathsOfDraws(job.source)]
    case 'arithmetic':
      return [
        ...[job.run, job.out, ...pathsOfAnchor(job.to)],
        ...[...pathsOfData(job.plus.data), ...pathsOfData(job.minus.data)],
      ]
    case 'neighbours':
      return [job.out, ...pathsOfSpec(job.spec), ...pathsOfAnchor(job.of)]
    case 'cluster':
      return [job.out, ...pathsOfSpec(job.spec)]
    case 'export-items':
      return [job.run, job.out, ...pathsOfData(job.data)]
    case 'save-view':
      return [job.out]
    case 'anomaly-fit':
      return [job.run, pathIn(job.recipe), job.out, ...pathsOfData(job.data)]
    case 'anomaly-score':
      return [job.detector, job.masks, job.out, job.heat, ...pathsOfData(job.data)]
    case 'classify-fit':
      return [job.run, job.out, ...pathsOfData(job.data)]
    case 'classify-predict':
      return [job.classifier, job.out, job.mistakes, ...pathsOfData(job.data)]
  }
}

const outOf = (job: JobInput): MaybePath => ('out' in job ? job.out : null)

function pathsOfResult(result: JobResult): string[] {
  switch (result.type) {
    case 'train':
      return [result.run, result.model]
    case 'reconstruct':
    case 'encode':
    case 'decode':
    case 'map':
    case 'interpolate':
    case 'traverse':
    case 'sample':
    case 'arithmetic':
    case 'neighbours':
    case 'cluster':
    case 'export-items':
    case 'save-view':
    case 'anomaly-score':
    case 'classify-predict':
      return result.files
    case 'anomaly-fit':
      return [result.detector, result.run]
    case 'classify-fit':
      return [result.classifier]
    case 'export':
    case 'archive':
      return [result.file]
    case 'import-run':
      return [result.run]
    default:
      return []
  }
}
