import { z } from 'zod'
import {
  ScoreKind,
  ThresholdRule,
  type AnomalySummary,
  type ClassFigures,
  type PredictionSummary,
  type Threshold,
} from './analysis.ts'
import { DataSource, splitNames } from './dataset.ts'
import { EngineChoice } from './engines.ts'

const common = { overwrite: z.boolean().default(false), engine: EngineChoice.default('auto') }
const Path = z.string().min(1)
/** Null: a new folder in the program's own. */
const out = Path.nullable().default(null)

/**
 * Makes a detector of anomalies from normal data: by a run that is there, or by a recipe that is trained first. The threshold comes from
 * normal items that the run has not learned from: its validation split where the data are its own, otherwise all of them.
 */
export const AnomalyFitJob = z.strictObject({
  type: z.literal('anomaly-fit'),
  data: DataSource,
  /**
   * Labels of the normal items; the others are anomalies: no training looks at them, `best-f1` at their validation part. Null: all items are
   * normal.
   */
  normal: z.array(z.string()).min(1).nullable().default(null),
  /** One of the two is null. */
  run: Path.nullable().default(null),
  recipe: Path.nullable().default(null),
  /** `path=value` pairs that change single fields of the recipe. */
  overrides: z.array(z.string()).default([]),
  score: ScoreKind.default('squared'),
  threshold: ThresholdRule.prefault({ type: 'false-alarms' }),
  out,
  ...common,
})

export const AnomalyScoreJob = z.strictObject({
  type: z.literal('anomaly-score'),
  detector: Path,
  /** With labels, verdicts are compared with them. */
  data: DataSource,
  /** Labels of the normal items; null: those that the detector was fitted with, or else a label `normal`, `good`, `ok` or `free`. */
  normal: z.array(z.string()).min(1).nullable().default(null),
  /**
   * A part of data of which some were kept apart: the run's own, or others that the detector was fitted on with labels of normal items (split by
   * the run's seed and shares). Null: the test split of those, all of any others.
   */
  split: z.enum(splitNames).nullable().default(null),
  /** Null: the detector's own. */
  threshold: ThresholdRule.nullable().default(null),
  /** Folder of masks, named as the images are (extensions may differ); what is above 50 % is anomalous. Missing ones are empty. */
  masks: Path.nullable().default(null),
  /** .csv or .json; null writes none. */
  out: Path.nullable().default(null),
  /** Folder for a picture of each image with its heat map over it; null writes none. */
  heat: Path.nullable().default(null),
  ...common,
})

/**
 * Puts a dense ReLU layer and a dense softmax on the codes of a run's encoder, and trains them on the labels there are. Items without a label
 * are left out. Of the run's own data only the training split is learned from.
 */
export const ClassifyFitJob = z.strictObject({
  type: z.literal('classify-fit'),
  run: Path,
  data: DataSource,
  /**
   * Labels given by hand, by the item's place in the data: they count before those of the data, and alone where `data` names none: those that
   * the run had are then only compared with.
   */
  labelled: z.array(z.strictObject({ index: z.int().min(0), label: z.string().min(1).max(120) })).default([]),
  /** So many labels of each class, drawn by the seed; null: all. */
  labelsPerClass: z.int().min(1).max(1_000_000).nullable().default(null),
  /** Units of the dense ReLU layer. */
  hidden: z.int().min(1).max(4096).default(128),
  /** Afterwards trains the encoder's last layers too, with a smaller rate; 0 leaves it frozen. */
  fineTune: z.int().min(0).max(32).default(0),
  /** Learns again from its own surest predictions on the items without a label (pseudo-labels, Lee 2013). */
  selfTrain: z.boolean().default(false),
  seed: z.int().min(0).default(0),
  out,
  ...common,
})

export const ClassifyPredictJob = z.strictObject({
  type: z.literal('classify-predict'),
  classifier: Path,
  /** With labels, predictions are compared with them. */
  data: DataSource,
  /** A part of the data that the run was trained on; null: the test split of those, all of others. */
  split: z.enum(splitNames).nullable().default(null),
  /** .csv or .json; null writes none. */
  out: Path.nullable().default(null),
  /** A .png sheet of the most confident mistakes; null writes none. */
  mistakes: Path.nullable().default(null),
  ...common,
})

export type AnomalyFitJob = z.infer<typeof AnomalyFitJob>
export type AnomalyScoreJob = z.infer<typeof AnomalyScoreJob>
export type ClassifyFitJob = z.infer<typeof ClassifyFitJob>
export type ClassifyPredictJob = z.infer<typeof ClassifyPredictJob>

export const analysisJobs = [AnomalyFitJob, AnomalyScoreJob, ClassifyFitJob, ClassifyPredictJob] as const

/** What they end with. `scores` and `predictions` are ids for the engine's questions. */
export type AnalysisResult =
  | { type: 'anomaly-fit'; detector: string; threshold: Threshold; run: string }
  | { type: 'anomaly-score'; scores: string; summary: AnomalySummary; files: string[] }
  | {
      type: 'classify-fit'
      classifier: string
      classes: string[]
      /** Labels that it learned from. */
      labels: number
      /** Classes of which it has seen one item alone. */
      single: string[]
      /** On the validation split of the run's own data; null of others. */
      figures: ClassFigures | null
    }
  | {
      type: 'classify-predict'
      predictions: string
      summary: PredictionSummary
      files: string[]
      /** What the lines of a sheet of mistakes show, from the top; null without one. */
      lines: string[] | null
    }
