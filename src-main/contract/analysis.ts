import { z } from 'zod'
import type { DataSource } from './dataset.ts'
import type { EncodedImage } from './preview.ts'

/*
 * What codes and reconstructions are good for: finding anomalies, and classifying with few labels.
 *
 * A detector and a classifier are folders: a copy of the run that they stand on (`run/`), and what was fitted (`detector.json`, or
 * `classifier.json` and `head.safetensors`), so that they work wherever they are moved to.
 */

/** How the threshold of a detector is chosen: items with a score above it are anomalies. */
export const ThresholdRule = z.discriminatedUnion('type', [
  /** So that of normal items a share of at most `rate` is taken for anomalies: a quantile of the scores of held-out normal items. */
  z.strictObject({
    type: z.literal('false-alarms'),
    rate: z.number().min(0.0001).max(0.5).default(0.01),
  }),
  /** Mean and so many standard deviations of the scores of held-out normal items, as many tutorials do. */
  z.strictObject({ type: z.literal('deviations'), count: z.number().min(0).max(20).default(3) }),
  /** The best F1 of finding anomalies, among held-out items with labels of both kinds. */
  z.strictObject({ type: z.literal('best-f1') }),
  /** A person's own. */
  z.strictObject({ type: z.literal('set'), value: z.number().min(0) }),
])
export type ThresholdRule = z.infer<typeof ThresholdRule>

/** A threshold is never a bare number: it says where it comes from, and what to expect of it. */
export const Threshold = z.strictObject({
  rule: ThresholdRule,
  value: z.number(),
  /** Held-out normal items that it stands on. */
  items: z.int().min(0),
  /**
   * Share of normal items that it takes for anomalies: as seen on those items, and the limits between which it lies with 95 % confidence
   * (Clopper & Pearson 1934; of `false-alarms`, whose threshold is itself one of the scores, the Beta distribution of an order statistic).
   */
  falseAlarms: z.strictObject({ rate: z.number(), low: z.number(), high: z.number() }),
})
export type Threshold = z.infer<typeof Threshold>

/**
 * What an item's score is, of its residual r = reconstruction − sample: `squared` the mean of r², `absolute` the mean of |r|, `whitened`
 * rᵀ Σ⁻¹ r / D with Σ the covariance of normal residuals, shrunk (Ledoit & Wolf 2004): what normal items often leave out counts little.
 * Of images that are cut into tiles, the largest value of the heat map: the residuals of all tiles that cover a pixel, averaged and smoothed.
 */
export const scoreKinds = ['squared', 'absolute', 'whitened'] as const
export const ScoreKind = z.enum(scoreKinds)
export type ScoreKind = z.infer<typeof ScoreKind>

/** One convention of which kind counts as positive. */
export interface DetectionFigures {
  precision: number
  recall: number
  f1: number
  averagePrecision: number
}

/** How verdicts agree with labels. */
export interface AnomalyFigures {
  /** Items by their labels. */
  normal: number
  anomalous: number
  /** Anomalies that were found, and missed; normal items taken for anomalies, and not. */
  found: number
  missed: number
  falseAlarms: number
  passed: number
  accuracy: number
  /** Area under the ROC curve, the same by either convention, and its 95 % limits (Hanley & McNeil 1982). */
  auroc: number
  aurocLimits: [number, number]
  /** By what is called positive: both are met in the literature. */
  positive: { anomaly: DetectionFigures; normal: DetectionFigures }
  /** Where there are masks: of all pixels together. */
  pixels: { auroc: number; averagePrecision: number } | null
}

export interface AnomalySummary {
  /** Folder of the detector. */
  detector: string
  score: ScoreKind
  threshold: Threshold
  items: number
  /** Items above the threshold. */
  anomalies: number
  /** Null without labels. */
  figures: AnomalyFigures | null
}

/** Scores of items, kept for questions on them. */
export interface AnomalyScores {
  id: string
  summary: AnomalySummary
  data: DataSource
  names: string[]
  scores: Float32Array
  /** Share of the held-out normal items with a lower score, 0–100. */
  percentiles: Float32Array
  /** Of each item 1 normal, 0 anomalous, −1 not known; null without labels. */
  truth: Int8Array | null
  /** Class of each, −1 for none; null without labels. */
  labels: { names: string[]; of: Int32Array } | null
  /** Scores of the held-out normal items, rising. */
  calibration: Float32Array
  /** Whether items have heat maps: images have. */
  hasHeat: boolean
  /** The scale of all heat maps: what is shown as nothing, and as most. */
  heatScale: [number, number]
}

/** Agreement of predicted classes with labels. */
export interface ClassFigures {
  /** Items with a label. */
  items: number
  accuracy: number
  /** With 95 % confidence (Wilson 1927). */
  limits: [number, number]
  macroF1: number
  /** [true class][predicted class] */
  confusion: number[][]
  classes: { name: string; items: number; precision: number; recall: number; f1: number }[]
  /** Expected calibration error over 15 equal bins of the highest probability (Guo et al. 2017). */
  calibrationError: number
  /** Bins with items in them. */
  bins: { from: number; to: number; items: number; confidence: number; accuracy: number }[]
}

export interface PredictionSummary {
  /** Folder of the classifier. */
  classifier: string
  items: number
  /** Items of each class, by prediction. */
  counts: { name: string; items: number }[]
  /** Null without labels. */
  figures: ClassFigures | null
}

/** Predicted classes of items, kept for questions on them. */
export interface Predictions {
  id: string
  summary: PredictionSummary
  data: DataSource
  names: string[]
  classes: string[]
  /** Class of each item. */
  predicted: Int32Array
  /** [items, classes] */
  probabilities: Float32Array
  /** Class of each by its label, −1 for none; null without labels. */
  truth: Int32Array | null
}

/** A detector or a classifier, in a list. */
export type AnalysisSummary = {
  /** Folder, absolute. */
  path: string
  title: string
  /** What its run is called. */
  run: string
  data: string
  /** The data that it was made with, all of their items. */
  source: DataSource
  /** ISO 8601. */
  at: string
} & (
  | {
      kind: 'detector'
      threshold: Threshold
      score: ScoreKind
      /** Labels of the normal items; null: all items were normal. */
      normal: string[] | null
      input: number[]
    }
  | {
      kind: 'classifier'
      classes: string[]
      /** Labels that it learned from. */
      labels: number
      isFineTuned: boolean
      input: number[]
    }
)

/** Pictures of some items of scores or predictions, as one sheet. */
export const AnalysisSheetQuestion = z.strictObject({
  /** Of `AnomalyScores` or `Predictions`. */
  id: z.string().min(1),
  indexes: z.array(z.int().min(0)).min(1).max(1024),
  /** Side of a cell in pixels. */
  cell: z.int().min(8).max(256).default(64),
  columns: z.int().min(1).max(256).default(16),
  /** `heat`: the sample with its heat map over it; of scores of images only. */
  what: z.enum(['sample', 'reconstruction', 'heat']).default('sample'),
})
export type AnalysisSheetQuestion = z.input<typeof AnalysisSheetQuestion>

/** One item of scores: its pictures in full size, for the screen; rows drawn as curves. */
export const AnomalyItemQuestion = z.strictObject({ id: z.string().min(1), index: z.int().min(0) })
export type AnomalyItemQuestion = z.input<typeof AnomalyItemQuestion>

export interface AnomalyItem {
  name: string
  score: number
  percentile: number
  label: string | null
  sample: EncodedImage
  reconstruction: EncodedImage
  /** The heat map on its own, in the colours of `heatColours`, transparent where nothing is; null of rows. */
  heat: EncodedImage | null
  /** Of rows: values and reconstruction, column by column of a window; null of images. */
  curves: { sample: number[]; reconstruction: number[]; columns: number } | null
}

/** What a person has labelled of a map's items, and asks of the others. */
export const LabelQuestion = z.strictObject({
  /** A map that a `map` job has made, of a run with an encoder. */
  map: z.string().min(1),
  classes: z.array(z.string().min(1)).max(1000),
  /** Items that are labelled, and the class of each, by its place in `classes`. */
  labels: z.array(z.tuple([z.int().min(0), z.int().min(0)])).max(100_000),
  /** Items to propose. */
  count: z.int().min(1).max(256).default(16),
  seed: z.int().min(0).default(0),
})
export type LabelQuestion = z.input<typeof LabelQuestion>

export interface LabelAnswer {
  /** Class of each item of the map, and how sure that is, 0–1; null while fewer than two classes have a label. */
  predicted: Int32Array | null
  confidence: Float32Array | null
  /** Items worth labelling next: first such as stand for many others, then such as the head is unsure of; none twice alike. */
  next: number[]
  /** Accuracy by cross-validation on the labels, and its 95 % limits; null below 10 labels. */
  accuracy: { value: number; low: number; high: number } | null
}
