import { z } from 'zod'

/** In the place of a model's id: the program looks at the noise of each picture and chooses a model. */
export const automaticModel = 'auto'
/** What it chooses between: the one for white noise, and the one for what cameras leave. */
export const automaticChoices = ['photo', 'camera'] as const

/** What was measured of a picture's noise before anything was done to it. */
export const NoiseFacts = z.strictObject({
  /** σ, 8-bit scale. */
  sigma: z.number().min(0),
  /** Correlation of the noise of neighbouring pixels, beside and above each other: 0 for white noise, towards 1 for blotches. */
  correlation: z.strictObject({ horizontal: z.number(), vertical: z.number() }),
  /** Steps at the borders of JPEG's 8×8 blocks, as a multiple of those inside, less one: 0 without blocks. */
  blocking: z.number().min(0),
  isGray: z.boolean(),
})
export type NoiseFacts = z.infer<typeof NoiseFacts>

/**
 * Why a model was chosen. `white`: noise without correlation, as it is added in tests or left by a scanner. `camera`: correlated, as
 * demosaicking leaves it. `compressed`: JPEG's blocks show. `clean`: hardly any noise was found.
 */
export const choiceReasons = ['white', 'camera', 'compressed', 'clean'] as const
export const ModelChoice = z.strictObject({
  /** Id of the model. */
  model: z.string(),
  reason: z.enum(choiceReasons),
  noise: NoiseFacts,
})
export type ModelChoice = z.infer<typeof ModelChoice>

/** What can be said of a cleaned picture without a clean one to compare it with. */
export const Evidence = z.strictObject({
  /** σ found before and after, 8-bit scale. */
  before: z.number().min(0),
  after: z.number().min(0),
  /** Of what was taken away: standard deviation (8-bit scale), correlation of neighbours, and structure (`ResidualReport`). */
  removed: z.strictObject({
    deviation: z.number().min(0),
    correlation: z.strictObject({ horizontal: z.number(), vertical: z.number() }),
    structure: z.number().min(0).max(1),
    isDetailLost: z.boolean(),
  }),
  /** Estimated change of the PSNR in dB; null where nothing can be said. How it is estimated: `engine/analysis/evidence.ts`. */
  gain: z.number().nullable(),
  /** Whether the estimate says that the output is better than the input. */
  isBetter: z.boolean(),
})
export type Evidence = z.infer<typeof Evidence>

/** What was done to a picture, and what it did. */
export const Cleaned = z.strictObject({
  /** Id or name of the model that cleaned it. */
  model: z.string(),
  /** Null where a person had chosen the model. */
  choice: ModelChoice.nullable(),
  /** Null where there was nothing to measure: strength 0, or σ 0. */
  evidence: Evidence.nullable(),
  /** The input was kept, because its cleaned version was no better by the estimate. */
  isKept: z.boolean(),
})
export type Cleaned = z.infer<typeof Cleaned>
