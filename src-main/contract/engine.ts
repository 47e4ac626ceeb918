import { z } from 'zod'
import {
  AnalysisSheetQuestion,
  AnomalyItemQuestion,
  LabelQuestion,
  type AnalysisSummary,
  type AnomalyItem,
  type AnomalyScores,
  type LabelAnswer,
  type Predictions,
} from './analysis.ts'
import { DataPageQuestion, type DataPage } from './dataset.ts'
import { type EngineName } from './engines.ts'
import { LabelSet, LabelSetOf } from './label-sets.ts'
import { Job, type JobEvent, type JobInput, type JobStatus } from './jobs.ts'
import {
  CodesQuestion,
  DecodeQuestion,
  DrawQuestion,
  ItemQuestion,
  SheetQuestion,
  type Codes,
  type DecodedCodes,
  type LatentDirections,
  type LatentItem,
  type LatentMap,
  type LatentModel,
} from './latent.ts'
import { AddModel, type ModelEntry } from './models.ts'
import { NoisyQuestion, type NoisyAdvice } from './noisy.ts'
import {
  PreviewQuestion,
  ResidualQuestion,
  ThumbnailQuestion,
  TileQuestion,
  type EncodedImage,
  type PreviewInfo,
  type PreviewTile,
  type ResidualReport,
} from './preview.ts'
import type { NativeOffer } from './native.ts'
import type { LatentFile } from './provenance.ts'
import {
  OutputQuestion,
  QueueCommand,
  type QueueChange,
  type QueueCommandInput,
  type QueueReply,
  type QueueState,
} from './queue.ts'
import type { Recipe } from './recipe.ts'
import {
  RecipeQuestion,
  RunPictureQuestion,
  type RecipeDescription,
  type RunDetail,
  type RunSummary,
} from './runs.ts'

export interface EngineStatus {
  name: EngineName
  available: boolean
  inUse: boolean
  version: string | null
  /** A key of the message catalogue: why it is not in use; null for the one that is. */
  why: string | null
  /** What the runtime or the self-test said of it, where it was tried and is not used; null otherwise. */
  received: string | null
  /** Name of the graphics card; null where it is not known, and for engines on the processor. */
  device: string | null
  threads: number
}

/** What `darkroom doctor` says. Memory in bytes. */
export interface DoctorReport {
  version: string
  node: string
  platform: string
  cpu: string
  cores: number
  memory: { total: number; free: number; process: number }
  engines: EngineStatus[]
  libraries: Record<string, string>
}

export interface RecipeSummary {
  name: string
  description: string
  /** The file it was read from. */
  file: string
  recipe: Recipe
}

/** Everything that the engine tells by itself. */
export type EngineEvent =
  | JobEvent
  | { event: 'queue'; change: QueueChange }
  /** The list of models is another one now. */
  | { event: 'models' }
  /** The list of detectors and classifiers is another one now. */
  | { event: 'analyses' }
  /** The list of runs is another one now, or a run of it has another state; or a training waits for its turn. */
  | { event: 'runs' }

export const StopWhen = z.enum(['now', 'epoch'])
export type StopWhen = z.infer<typeof StopWhen>

/**
 * What a window, a browser tab, the command line and the tests talk to. Arguments and results are plain serialisable
 * data, so that any transport can carry them. Failures reject with a DarkroomError.
 */
export interface Engine {
  doctor(): Promise<DoctorReport>
  /** Whether and how the native engine can be had here, and what is there already. Uses no network. */
  nativeOffer(): Promise<NativeOffer>
  recipes(): Promise<RecipeSummary[]>
  /** A recipe and its network, layer by layer. @throws recipe-unknown, recipe-invalid naming the field. */
  describeRecipe(question: RecipeQuestion): Promise<RecipeDescription>
  /** Items of a dataset as a sheet of small pictures. @throws data errors. */
  dataPage(question: DataPageQuestion): Promise<DataPage>
  /** How pictures that are all noisy can be learnt from. @throws data errors. */
  noisyAdvice(question: NoisyQuestion): Promise<NoisyAdvice>

  /** The runs in a folder (null: the program's own), last worked on first. */
  runs(folder: string | null): Promise<RunSummary[]>
  run(path: string): Promise<RunDetail>
  runPicture(question: RunPictureQuestion): Promise<EncodedImage>
  renameRun(path: string, title: string): Promise<RunSummary>
  /** Deletes a run folder with all that is in it. @throws argument-invalid where it is no run, or is being trained. */
  deleteRun(path: string): Promise<void>

  /** What can be done with the codes of a run. @throws run-unreadable, model-without-codes */
  latentModel(run: string): Promise<LatentModel>
  /** A map that a `map` job has made, by its id. @throws file-not-found where it is no longer kept: the job makes it again. */
  latentMap(id: string): Promise<LatentMap>
  latentSheet(question: SheetQuestion): Promise<EncodedImage>
  latentItem(question: ItemQuestion): Promise<LatentItem>
  latentDirections(map: string): Promise<LatentDirections>
  /** Fast enough to follow a pointer. @throws latents-unsuitable for codes of the wrong length. */
  decodeCodes(question: DecodeQuestion): Promise<DecodedCodes>
  /** @throws model-without-encoder where an anchor needs one. */
  codesOf(question: CodesQuestion): Promise<Codes>
  drawCodes(question: DrawQuestion): Promise<Codes>
  /** What a saved view or an export says of itself. @throws export-unreadable */
  openLatentFile(path: string): Promise<LatentFile>

  /** Detectors and classifiers of the program's own folder, newest first. */
  analyses(): Promise<AnalysisSummary[]>
  /** One of them, wherever it is. @throws analysis-unreadable */
  analysis(path: string): Promise<AnalysisSummary>
  /** Deletes a detector's or a classifier's folder. @throws analysis-unreadable where it is none */
  deleteAnalysis(path: string): Promise<void>
  /** What an `anomaly-score` job found, by its id. @throws file-not-found where it is no longer kept: the job makes it again. */
  anomalyScores(id: string): Promise<AnomalyScores>
  anomalyItem(question: AnomalyItemQuestion): Promise<AnomalyItem>
  /** What a `classify-predict` job found, by its id. @throws file-not-found */
  predictions(id: string): Promise<Predictions>
  analysisSheet(question: AnalysisSheetQuestion): Promise<EncodedImage>
  /** What the labels so far say of the other items, and which to label next. Fast enough to be asked after each label. */
  askLabels(question: LabelQuestion): Promise<LabelAnswer>
  /** The labels that a person has given by hand so far; null where none are kept. */
  keptLabels(of: LabelSetOf): Promise<LabelSet | null>
  /** Keeps them, in the place of those before. @throws output-unwritable, disk-full */
  keepLabels(set: LabelSet): Promise<void>

  models(): Promise<ModelEntry[]>
  /** Copies an ONNX file into the program's folder. @throws model-incompatible, model-ambiguous naming what must be said. */
  addModel(model: AddModel): Promise<ModelEntry>
  renameModel(id: string, title: string): Promise<ModelEntry>
  /** Deletes a trained or added model's file. Shipped ones stay. */
  deleteModel(id: string): Promise<void>

  /** Validates the job, starts it and returns its id; everything further arrives as events. */
  start(job: JobInput): Promise<string>
  /**
   * Asks a job to end: `now` at the next safe point (it then sends `cancelled`; a training has written a checkpoint and can be resumed), or
   * a training after the `epoch` under way (it then sends `done`). An id that has ended is no error.
   */
  stop(id: string, when?: StopWhen): Promise<void>
  /** Jobs that have not ended, in the order of their start. */
  jobs(): Promise<JobStatus[]>

  /** The queue of pictures that the window shows. */
  queue(): Promise<QueueState>
  changeQueue(command: QueueCommandInput): Promise<QueueReply>
  /** The path that a picture would be written to. @throws argument-invalid for a wrong template. */
  outputFor(question: OutputQuestion): Promise<string>

  thumbnail(question: ThumbnailQuestion): Promise<EncodedImage>
  /** Opens a picture for showing, and finds its noise level. */
  preview(question: PreviewQuestion): Promise<PreviewInfo>
  previewTile(question: TileQuestion): Promise<PreviewTile>
  residual(question: ResidualQuestion): Promise<ResidualReport>
  /** A whole page in full size as PNG, of any format that is read: for the clipboard. */
  screenImage(question: PreviewQuestion): Promise<EncodedImage>

  /** Adds a listener for everything that the engine tells; the result removes it. */
  subscribe(listener: (event: EngineEvent) => void): () => void
  /** Stops all jobs and frees sessions and threads. */
  close(): Promise<void>
}

const Id = z.string().min(1)
const Path = z.string().min(1)

/** Arguments of the engine's methods, checked where they arrive from another process. */
export const engineArguments = {
  doctor: z.tuple([]),
  nativeOffer: z.tuple([]),
  recipes: z.tuple([]),
  describeRecipe: z.tuple([RecipeQuestion]),
  dataPage: z.tuple([DataPageQuestion]),
  noisyAdvice: z.tuple([NoisyQuestion]),
  runs: z.tuple([Path.nullable()]),
  run: z.tuple([Path]),
  runPicture: z.tuple([RunPictureQuestion]),
  renameRun: z.tuple([Path, z.string().min(1).max(120)]),
  deleteRun: z.tuple([Path]),
  latentModel: z.tuple([Path]),
  latentMap: z.tuple([Id]),
  latentSheet: z.tuple([SheetQuestion]),
  latentItem: z.tuple([ItemQuestion]),
  latentDirections: z.tuple([Id]),
  decodeCodes: z.tuple([DecodeQuestion]),
  codesOf: z.tuple([CodesQuestion]),
  drawCodes: z.tuple([DrawQuestion]),
  openLatentFile: z.tuple([Path]),
  analyses: z.tuple([]),
  analysis: z.tuple([Path]),
  deleteAnalysis: z.tuple([Path]),
  anomalyScores: z.tuple([Id]),
  anomalyItem: z.tuple([AnomalyItemQuestion]),
  predictions: z.tuple([Id]),
  analysisSheet: z.tuple([AnalysisSheetQuestion]),
  askLabels: z.tuple([LabelQuestion]),
  keptLabels: z.tuple([LabelSetOf]),
  keepLabels: z.tuple([LabelSet]),
  models: z.tuple([]),
  addModel: z.tuple([AddModel]),
  renameModel: z.tuple([Id, z.string().min(1).max(120)]),
  deleteModel: z.tuple([Id]),
  start: z.tuple([Job]),
  stop: z.tuple([Id, StopWhen.default('now')]),
  jobs: z.tuple([]),
  queue: z.tuple([]),
  changeQueue: z.tuple([QueueCommand]),
  outputFor: z.tuple([OutputQuestion]),
  thumbnail: z.tuple([ThumbnailQuestion]),
  preview: z.tuple([PreviewQuestion]),
  previewTile: z.tuple([TileQuestion]),
  residual: z.tuple([ResidualQuestion]),
  screenImage: z.tuple([PreviewQuestion]),
  close: z.tuple([]),
} satisfies Record<Exclude<keyof Engine, 'subscribe'>, z.ZodType>
