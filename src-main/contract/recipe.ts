import { z } from 'zod'

/** Noise levels (σ) are given on the 8-bit scale, 0–255, as the literature does; the engine divides by 255. */
const SigmaRange = z.tuple([z.number().min(0).max(255), z.number().min(0).max(255)])
const probability = z.number().min(0).max(1).default(1)

/** Additive white Gaussian noise; σ drawn uniformly from the range, one value a patch. */
const GaussianCorruption = z.strictObject({ type: z.literal('gaussian'), sigma: SigmaRange, probability })

/**
 * A first camera-like noise: in linear light variance = shot · signal + read², blurred by a small kernel as demosaicking
 * does (`engine/data/camera-noise.ts`). Ranges are of the standard deviation at mid-gray (8-bit
 * scale), of the shot noise's share of that variance, and of the blur's standard deviation in pixels.
 */
const CameraCorruption = z.strictObject({
  type: z.literal('camera'),
  sigma: SigmaRange,
  shotShare: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]).default([0.3, 1]),
  blur: z.tuple([z.number().min(0).max(3), z.number().min(0).max(3)]).default([0, 0.8]),
  probability,
})

/** JPEG compression at a quality drawn uniformly from the range. */
const JpegCorruption = z.strictObject({
  type: z.literal('jpeg'),
  quality: z.tuple([z.int().min(1).max(100), z.int().min(1).max(100)]),
  probability,
})

/** Clipping to [0, 1] and rounding to 8 bits, as an image file does. */
const QuantizeCorruption = z.strictObject({ type: z.literal('quantize'), probability })

export const SimpleCorruption = z.discriminatedUnion('type', [
  GaussianCorruption,
  CameraCorruption,
  JpegCorruption,
  QuantizeCorruption,
])
export type SimpleCorruption = z.infer<typeof SimpleCorruption>

/** One of several chains, drawn per patch by weight. */
const OneOfCorruption = z.strictObject({
  type: z.literal('oneOf'),
  options: z
    .array(z.strictObject({ weight: z.number().positive(), corruptions: z.array(SimpleCorruption) }))
    .min(1),
})

export const Corruption = z.discriminatedUnion('type', [...SimpleCorruption.options, OneOfCorruption])
export type Corruption = z.infer<typeof Corruption>

/**
 * A bias-free residual U-Net after a 2× space-to-depth, with the noise level map as an input channel (FFDNet's idea, DRUNet's
 * layout). `widths`: channels of each scale, finest first; `blocks`: residual blocks of each scale (on the way down
 * and again on the way up).
 */
export const DenoiserSpec = z.strictObject({
  type: z.literal('denoiser'),
  channels: z.literal(3).default(3),
  widths: z.array(z.int().min(4).max(512)).min(1).max(5),
  blocks: z.array(z.int().min(1).max(8)).min(1).max(5),
})
export type DenoiserSpec = z.infer<typeof DenoiserSpec>

/** H and W of an input must be a multiple of this: one halving by space-to-depth, one more for each further scale. */
export const denoiserStride = ({ widths }: DenoiserSpec): number => 2 ** widths.length

export const ModelSpec = z.discriminatedUnion('type', [DenoiserSpec])
export type ModelSpec = z.infer<typeof ModelSpec>

/** Everything that a training run needs besides the data: written by hand, refused where a key is unknown. */
export const Recipe = z.strictObject({
  version: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  description: z.string().default(''),
  model: ModelSpec,
  data: z.strictObject({
    /** Side of a training patch, in pixels. */
    patch: z.int().min(8).max(512),
    /** Flips and quarter turns. */
    augment: z.boolean().default(true),
    /** Share of patches turned to gray (R = G = B, noise too), so that one network serves gray photographs. */
    grayShare: z.number().min(0).max(1).default(0),
    /** Images kept out of training for validation. */
    heldOut: z.int().min(0).default(8),
  }),
  corruption: z.array(Corruption).min(1),
  loss: z.strictObject({ type: z.enum(['l1', 'mse', 'charbonnier']) }),
  optimizer: z.strictObject({
    type: z.literal('adam'),
    rate: z.number().positive(),
    /** Steps of linear warm-up, then cosine decay to `finalShare` of the rate. */
    warmup: z.int().min(0).default(0),
    finalShare: z.number().min(0).max(1).default(0.01),
    /** Gradients are scaled down to this global norm; null leaves them. */
    clipNorm: z.number().positive().nullable().default(null),
    /** Decay per step of the exponential moving average of the weights; 0 turns averaging off. */
    averageDecay: z.number().min(0).max(0.99999).default(0),
  }),
  batch: z.int().min(1).max(4096),
  steps: z.int().min(1),
  seed: z.int().min(0).default(1),
  /** Steps between validations and between checkpoints. */
  validateEvery: z.int().min(1).default(500),
  checkpointEvery: z.int().min(1).default(500),
  /** Noise levels (8-bit scale) at which validation PSNR is taken. */
  validateSigma: z.array(z.number().min(0).max(255)).default([15, 25, 50]),
})
export type Recipe = z.infer<typeof Recipe>
