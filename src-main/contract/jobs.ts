import { z } from 'zod'
import { analysisJobs, type AnalysisResult } from './analysis-jobs.ts'
import { DataSource, splitNames, type DataReport, type SplitName } from './dataset.ts'
import { EngineChoice } from './engines.ts'
import { automaticModel, Cleaned, ModelChoice } from './evidence.ts'
import { ErrorDetail } from './errors.ts'
import { latentJobs, type LatentResult } from './latent-jobs.ts'
import { StageNativeJob, type StagedNative, type SelfTestReport, type StagingStep } from './native.ts'
import type { HistoryRow } from './runs.ts'

export const outputFormats = ['keep', 'jpeg', 'png', 'tiff', 'webp', 'avif'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** σ on the 8-bit scale (0–255), or estimated per image. */
export const SigmaChoice = z.union([z.literal('auto'), z.number().min(0).max(255)])
export type SigmaChoice = z.infer<typeof SigmaChoice>

/** Clean files and folders of images. */
export const DenoiseJob = z.strictObject({
  type: z.literal('denoise'),
  sources: z.array(z.string().min(1)).min(1),
  out: z.string().min(1),
  recursive: z.boolean().default(false),
  /** `auto`, a model's id, an .onnx file, or a run folder. */
  model: z.string().default(automaticModel),
  sigma: SigmaChoice.default('auto'),
  /** Keeps a picture as it was where the estimate says that its cleaned version is no better (`evidence.ts`). */
  onlyIfBetter: z.boolean().default(true),
  /** Averages over mirror images of the picture: a little better, in four times the time. */
  ensemble: z.boolean().default(false),
  /** Percent of the noise removed: 100 all of it, 0 gives the input pixels back. */
  strength: z.number().min(0).max(100).default(100),
  /** Percent of the colour noise removed, where it is set apart from the grain (brightness noise); null: as `strength`. */
  colourStrength: z.number().min(0).max(100).nullable().default(null),
  format: z.enum(outputFormats).default('keep'),
  /** Quality of lossy formats, 1–100; null keeps each format's default. */
  quality: z.int().min(1).max(100).nullable().default(null),
  /** Output path below `out`: {dir} {name} {ext} {model} {sigma}. */
  name: z.string().default('{dir}/{name}{ext}'),
  overwrite: z.boolean().default(false),
  resume: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  /** Files decoded and encoded beside the one that is being denoised. */
  jobs: z.int().min(1).max(16).default(2),
  /** Side of a square with the most pixels that a tile may have, or by the memory there is. */
  tile: z.union([z.literal('auto'), z.int().min(64).max(8192)]).default('auto'),
  engine: EngineChoice.default('auto'),
  /** A JSON-lines file that gets one row a file; null writes none. */
  report: z.string().nullable().default(null),
})
export type DenoiseJob = z.infer<typeof DenoiseJob>

/**
 * Train a recipe on data into a run folder. With `resume` the run itself knows recipe and data: they may be left out, and must be the same
 * where they are given, but for more (or fewer) epochs or steps.
 */
export const TrainJob = z.strictObject({
  type: z.literal('train'),
  data: DataSource.nullable().default(null),
  /** A shipped recipe's name or a JSON file. */
  recipe: z.string().min(1).nullable().default(null),
  /** `path=value` pairs that change single fields of the recipe. */
  overrides: z.array(z.string()).default([]),
  /** Run folder; null makes a new one in the program's own folder. */
  out: z.string().min(1).nullable(),
  resume: z.boolean().default(false),
  /** Weights to go on from: a model id, an .onnx file of ours, or a run folder; null starts from nothing. */
  startFrom: z.string().nullable().default(null),
  engine: EngineChoice.default('auto'),
})
export type TrainJob = z.infer<typeof TrainJob>

/** Look through data before training: what is there, what is bad, what is there twice. Runs beside other jobs. */
export const InspectJob = z.strictObject({ type: z.literal('inspect'), data: DataSource })
export type InspectJob = z.infer<typeof InspectJob>

/** Put data through a run's network: whole pictures side by side, or a file for each. */
export const ReconstructJob = z.strictObject({
  type: z.literal('reconstruct'),
  run: z.string().min(1),
  data: DataSource,
  /** A .png file: a sheet of inputs above outputs. Otherwise a folder: one file for each item. */
  out: z.string().min(1),
  /** Corrupt the input as the recipe does, and show that too. */
  corrupt: z.boolean().default(false),
  /** Items at most, on a sheet 16; null: all of them. */
  count: z.int().min(1).nullable().default(null),
  seed: z.int().min(0).default(0),
  overwrite: z.boolean().default(false),
  engine: EngineChoice.default('auto'),
})
export type ReconstructJob = z.infer<typeof ReconstructJob>

/** Measure a trained run on data: every loss term, and PSNR, SSIM or ELBO; or what it generates. */
export const EvaluateRunJob = z.strictObject({
  type: z.literal('evaluate-run'),
  run: z.string().min(1),
  data: DataSource,
  /** Null: the test split where the data are those that it was trained on, all of them otherwise. */
  split: z.enum(splitNames).nullable().default(null),
  /** Measure draws from the prior instead, against items that were kept out; of a GAN there is nothing else. */
  generation: z.boolean().default(false),
  engine: EngineChoice.default('auto'),
})
export type EvaluateRunJob = z.infer<typeof EvaluateRunJob>

/** Pack a whole run into one .zip file, or unpack one into a new run folder. */
export const ArchiveJob = z.strictObject({
  type: z.literal('archive'),
  run: z.string().min(1),
  out: z.string().min(1),
  overwrite: z.boolean().default(false),
})
export type ArchiveJob = z.infer<typeof ArchiveJob>
export const ImportRunJob = z.strictObject({
  type: z.literal('import-run'),
  file: z.string().min(1),
  /** Null: a new folder in the program's own. */
  out: z.string().min(1).nullable().default(null),
})
export type ImportRunJob = z.infer<typeof ImportRunJob>

/** Measure a denoiser: known noise added to clean images, or noisy images beside their references. */
export const EvaluateJob = z.strictObject({
  type: z.literal('evaluate'),
  model: z.string().min(1),
  /** Clean images when noise is added; noisy ones when there are references. */
  folder: z.string().min(1),
  noise: z.literal('gaussian').nullable().default('gaussian'),
  /** σ of the noise that is added (null: 25); with references what the network is told (null: auto). */
  sigma: SigmaChoice.nullable().default(null),
  seed: z.int().min(0).default(0),
  /** Folder of references with the same names (extensions may differ). */
  reference: z.string().nullable().default(null),
  /** Give the network the estimated σ instead of the true one. */
  blind: z.boolean().default(false),
  /** As of `DenoiseJob`. */
  ensemble: z.boolean().default(false),
  strength: z.number().min(0).max(100).default(100),
  engine: EngineChoice.default('auto'),
})
export type EvaluateJob = z.infer<typeof EvaluateJob>

export const modelParts = ['model', 'encoder', 'decoder'] as const
export type ModelPart = (typeof modelParts)[number]

/** Write a run's or a shipped model's network as an ONNX file, and check it against the engine. */
export const ExportJob = z.strictObject({
  type: z.literal('export'),
  model: z.string().min(1),
  out: z.string().min(1),
  format: z.literal('onnx').default('onnx'),
  /** Of autoencoders: the whole, or one half of it. */
  part: z.enum(modelParts).default('model'),
  overwrite: z.boolean().default(false),
})
export type ExportJob = z.infer<typeof ExportJob>

export const Job = z.discriminatedUnion('type', [
  DenoiseJob,
  TrainJob,
  InspectJob,
  ReconstructJob,
  EvaluateJob,
  EvaluateRunJob,
  ExportJob,
  ArchiveJob,
  ImportRunJob,
  StageNativeJob,
  ...latentJobs,
  ...analysisJobs,
])
export type Job = z.infer<typeof Job>
/** A job as a person writes it: fields with defaults may be left out. */
export type JobInput = z.input<typeof Job>

/** One row of a denoise report: one source file. */
export const DenoiseRow = z.strictObject({
  source: z.string(),
  output: z.string().nullable(),
  /** `ignored`: not an image. `skipped`: done before. */
  status: z.enum(['done', 'planned', 'skipped', 'ignored', 'failed']),
  width: z.int().optional(),
  height: z.int().optional(),
  pages: z.int().optional(),
  /** σ that was used (8-bit scale), and whether it was estimated. */
  sigma: z.number().optional(),
  sigmaEstimated: z.boolean().optional(),
  seconds: z.number().optional(),
  cleaned: Cleaned.optional(),
  /** Keys of the message catalogue: something the person should know. */
  warnings: z.array(z.string()).optional(),
  error: ErrorDetail.optional(),
})
export type DenoiseRow = z.infer<typeof DenoiseRow>

/** One row of an evaluation: one image. PSNR in dB and SSIM (Wang et al. 2004), data range 1. */
export const EvaluateRow = z.strictObject({
  file: z.string(),
  sigma: z.number(),
  sigmaEstimated: z.number().optional(),
  noisyPsnr: z.number(),
  psnr: z.number(),
  noisySsim: z.number(),
  ssim: z.number(),
  seconds: z.number(),
  /** Where the model was chosen automatically. */
  choice: ModelChoice.optional(),
})
export type EvaluateRow = z.infer<typeof EvaluateRow>

export interface Progress {
  /** Units done and in all: files for denoise and evaluate, steps for train, bytes for stage-native. */
  done: number
  total: number
  /** Seconds left, or null while it cannot be told. */
  secondsLeft: number | null
  /** Megapixels a second so far, for images. */
  megapixelsPerSecond?: number
  /** What is being worked on. */
  current?: string
  /** Of stage-native. Its bytes are those that are downloaded; the later steps count nothing. */
  step?: StagingStep
}

/** The last word of a job. */
export type JobResult =
  | {
      type: 'denoise'
      done: number
      /** Of the done ones, those that were kept as they were: cleaning them would not have made them better. */
      kept: number
      /** How many of the done ones each model cleaned, where it was chosen automatically. */
      models: Record<string, number>
      skipped: number
      ignored: number
      failed: number
      planned: number
      seconds: number
      megapixels: number
      /** Share of the wall time in which the network was running, or learning (`zero-shot`). */
      networkShare: number
    }
  | {
      type: 'train'
      run: string
      steps: number
      why: 'done' | 'early' | 'asked'
      /** The network as an ONNX file. */
      model: string
      validation: Record<string, number>
    }
  | { type: 'inspect'; report: DataReport }
  | { type: 'reconstruct'; items: number; files: string[] }
  | {
      type: 'evaluate-run'
      split: SplitName
      /** Whether the data are those that the run was trained on. */
      same: boolean
      items: number
      values: Record<string, number>
      /** Of draws: what they were compared by, so many of them and of the items, and what the classifier knows; null otherwise. */
      generation: { features: 'classifier' | 'components'; count: number; accuracy: number | null } | null
    }
  | { type: 'archive'; file: string; bytes: number }
  | { type: 'import-run'; run: string }
  | { type: 'stage-native'; staged: StagedNative; selfTest: SelfTestReport }
  | LatentResult
  | AnalysisResult
  | {
      type: 'evaluate'
      images: number
      noisyPsnr: number
      psnr: number
      noisySsim: number
      ssim: number
      secondsPerImage: number
    }
  | {
      type: 'export'
      file: string
      /** Largest difference of an output from the engine's own, on seeded noise; null where it was not our network. */
      maxDifference: number | null
    }

export type JobEvent = { id: string } & (
  | { event: 'progress'; progress: Progress }
  | { event: 'denoised'; row: DenoiseRow }
  | { event: 'evaluated'; row: EvaluateRow }
  /** A training has its run folder now. */
  | { event: 'began'; run: string }
  | { event: 'trained'; run: string; row: HistoryRow }
  /** A new picture in the run's `previews`. */
  | { event: 'previewed'; run: string; name: string }
  /** Something that the person should know of how it goes: a key of the message catalogue. */
  | { event: 'warned'; warning: string }
  | { event: 'done'; result: JobResult }
  | { event: 'failed'; error: ErrorDetail }
  | { event: 'cancelled' }
)

/** A job that has not ended, for a window that comes later. */
export interface JobStatus {
  id: string
  job: Job
  /** Null while it waits for its turn. */
  progress: Progress | null
  /** The run folder of a training that has begun. */
  run: string | null
}
