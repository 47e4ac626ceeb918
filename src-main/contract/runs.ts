import { z } from 'zod'
import { dataKinds } from './dataset.ts'
import { ErrorDetail } from './errors.ts'
import type { LayerSummary, ModelSpec } from './architecture.ts'
import { Recipe } from './recipe.ts'

/** What must be known to repeat a run: `run.json` in its folder. Times are ISO 8601. */
export const RunInfo = z.strictObject({
  version: z.literal(2),
  /** Version of the product that began the run. */
  product: z.string(),
  /** With all its fields. */
  recipe: Recipe,
  data: z.strictObject({
    /** Absolute paths. */
    sources: z.array(z.string()),
    labels: z.string().nullable(),
    /** As `DataSource.only`. */
    only: z.array(z.string()).optional(),
    /** As `DataSource.second`, absolute. */
    second: z.string().optional(),
    kind: z.enum(dataKinds),
    /** Items used, all splits together. */
    items: z.int(),
    /** Of one sample: [height, width, channels] or [columns]; of patches [patch, patch, channels]. */
    shape: z.array(z.int()),
    /** SHA-256 over the content of the items, in order, and their labels. */
    sha256: z.string(),
    labelNames: z.array(z.string()).nullable(),
    /** Of rows: smallest and largest training value, of the table or of each column; null where nothing is scaled. */
    scaling: z.strictObject({ minimum: z.array(z.number()), maximum: z.array(z.number()) }).nullable(),
    /**
     * Of patches with `range: "measured"`: the samples that are 0 and 1, as shares of the full scale of integers (255 or 65535); floats as
     * they are.
     */
    levels: z.tuple([z.number(), z.number()]).optional(),
    /** Files left out; the list is cut at `maximumListed`. */
    skipped: z.array(ErrorDetail),
    skippedCount: z.int(),
  }),
  split: z.strictObject({
    training: z.int(),
    validation: z.int(),
    test: z.int(),
    /** Whether each class is split alike. */
    stratified: z.boolean(),
    /** SHA-256 over the indexes of the three parts: the split follows from seed and data, and this proves it. */
    sha256: z.string(),
  }),
  parameters: z.int(),
  /** Where the first weights came from; null: from the seed. */
  startFrom: z.strictObject({ name: z.string(), sha256: z.string() }).nullable(),
  /** One entry each time that the run was started or resumed. */
  sessions: z.array(
    z.strictObject({
      engine: z.string(),
      engineVersion: z.string(),
      threads: z.int(),
      fromStep: z.int(),
      startedAt: z.string(),
    }),
  ),
  finished: z
    .strictObject({
      at: z.string(),
      steps: z.int(),
      /** Why it ended: all epochs done, early stopping, or a person's word after an epoch. */
      why: z.enum(['done', 'early', 'asked']),
      /** Step of the weights that became the model. */
      modelStep: z.int(),
      validation: z.record(z.string(), z.number()),
    })
    .nullable(),
})
export type RunInfo = z.infer<typeof RunInfo>

/**
 * One line of `history.jsonl`. `training`: means since the last row of `loss` (what is minimised), `reconstruction` and each penalty by its
 * type (before its weight). `validation`: the same on the validation split, and measures: `psnr` (dB, data range 1), `ssim`, `psnr-<σ>`,
 * `elbo` (nats a sample), `active` (share of code units that are used). Of GANs `generator` and `discriminator` are their losses,
 * `verdict-real` and `verdict-generated` the means of D(x) and D(G(z)), and of the validation `diversity` how far generated samples are
 * from each other, as a share of how far real ones are.
 */
export const HistoryRow = z.strictObject({
  step: z.int(),
  /** Times through the training data, at the end of this row; counted from 0 in each stage. */
  epoch: z.number(),
  /** `train`, or `pretrain-1`, `pretrain-2`, … */
  stage: z.string(),
  rate: z.number(),
  /** Milliseconds a step, median since the last row. */
  stepMs: z.number(),
  samplesPerSecond: z.number(),
  /** Resident memory of the engine's process, in bytes. */
  memory: z.number(),
  /** Time spent training so far, in seconds, all sessions together. */
  seconds: z.number(),
  training: z.record(z.string(), z.number()),
  validation: z.record(z.string(), z.number()).nullable(),
})
export type HistoryRow = z.infer<typeof HistoryRow>

/** A run as a list shows it. */
export interface RunSummary {
  /** Folder, absolute. */
  path: string
  /** What a person called it, or the folder's name. */
  title: string
  /** `running`: by a job of this engine. */
  state: 'running' | 'stopped' | 'finished' | 'unreadable'
  recipe: string
  model: ModelSpec['type'] | null
  data: string
  step: number
  steps: number
  /** The last validation. */
  validation: Record<string, number>
  /** When it was last worked on; ISO 8601. */
  changedAt: string
  /** Why it cannot be read, or why its last training failed. */
  error: ErrorDetail | null
  /** Keys of the message catalogue: what a person should know of how it goes, by its last validation (`rowWarnings`). */
  warnings: string[]
}

export interface RunDetail {
  summary: RunSummary
  info: RunInfo
  /** Of a very long one every second row, every fourth, …, and the last. */
  history: HistoryRow[]
  layers: LayerSummary[]
  /** Names of its preview pictures, oldest first: `step-000120.png`. */
  previews: string[]
  /** What the columns or rows of a preview show: `input`, `corrupted`, `output`. */
  previewRows: string[]
}

/** A picture of a run's `previews` folder. */
export const RunPictureQuestion = z.strictObject({
  run: z.string().min(1),
  name: z.string().regex(/^[a-z0-9-]+\.png$/),
})
export type RunPictureQuestion = z.infer<typeof RunPictureQuestion>

/** A recipe with the network that it makes for samples of one shape. */
export const RecipeQuestion = z.strictObject({
  recipe: z.string().min(1),
  overrides: z.array(z.string()).default([]),
  /** Shape of a sample; null: what the recipe itself says, which rows of a table do not. */
  input: z.array(z.int().min(1)).min(1).max(3).nullable().default(null),
})
export type RecipeQuestion = z.input<typeof RecipeQuestion>

export interface RecipeDescription {
  recipe: Recipe
  /** Null where neither recipe nor question say it; the rest is then empty. */
  input: number[] | null
  code: number[] | null
  layers: LayerSummary[]
  parameters: number
  /** Estimated memory of a training step, in bytes. */
  memory: number
}
