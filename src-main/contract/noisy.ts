import { z } from 'zod'
import { DataSource } from './dataset.ts'
import { NoiseFacts } from './evidence.ts'

/** Pictures that are all noisy, to learn from: which recipe suits them? */
export const NoisyQuestion = z.strictObject({ data: DataSource })
export type NoisyQuestion = z.input<typeof NoisyQuestion>

/**
 * What is said of a recipe for these pictures. `correlated`: their noise is correlated, which learning from noisy pictures alone cannot take away
 * unless the recipe allows for it. `few`: so few pixels that the network may learn them by heart. `little-noise`: there is hardly any.
 */
export const noisyWarnings = ['correlated', 'few', 'little-noise'] as const

/** A way to learn from them: a shipped recipe and what is to be changed in it. */
export const NoisyWay = z.strictObject({
  recipe: z.string(),
  /** `path=value` pairs, as `TrainJob` takes them. */
  overrides: z.array(z.string()),
  /** What it does against correlated noise: nothing, masks along the correlation (Broaddus et al. 2020), or pictures reduced to half. */
  against: z.enum(['nothing', 'structured-mask', 'downsampling']),
})
export type NoisyWay = z.infer<typeof NoisyWay>

/** What was found in a sample of the pictures. */
export const NoisyAdvice = z.strictObject({
  /** Usable pictures; each page of a stack counts. */
  pictures: z.int(),
  megapixels: z.number(),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Bits a sample. */
  bits: z.int(),
  noise: NoiseFacts,
  warnings: z.array(z.enum(noisyWarnings)),
  /** Best first, at least one. */
  ways: z.array(NoisyWay).min(1),
})
export type NoisyAdvice = z.infer<typeof NoisyAdvice>
