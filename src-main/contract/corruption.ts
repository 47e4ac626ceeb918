import { z } from 'zod'

/** Noise levels (σ) are given on the 8-bit scale, 0–255, as the literature does; the engine divides by 255, for signals too. */
const SigmaRange = z.tuple([z.number().min(0).max(255), z.number().min(0).max(255)])
const ShareRange = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
const probability = z.number().min(0).max(1).default(1)

/** Additive white Gaussian noise; σ drawn uniformly from the range, one value a sample. */
const GaussianCorruption = z.strictObject({ type: z.literal('gaussian'), sigma: SigmaRange, probability })

/**
 * A first camera-like noise: in linear light variance = shot · signal + read², blurred by a small kernel as demosaicking
 * does (`engine/data/camera-noise.ts`). Ranges are of the standard deviation at mid-gray (8-bit
 * scale), of the shot noise's share of that variance, and of the blur's standard deviation in pixels.
 */
const CameraCorruption = z.strictObject({
  type: z.literal('camera'),
  sigma: SigmaRange,
  shotShare: ShareRange.default([0.3, 1]),
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

/** Masking noise, or dropout of the input: so large a share of the elements, drawn from the range, is set to 0 (Vincent et al. 2010). */
const MaskCorruption = z.strictObject({ type: z.literal('mask'), share: ShareRange, probability })

/** Salt-and-pepper: so large a share of the elements is set to 0 or 1, with equal chance. */
const SaltPepperCorruption = z.strictObject({
  type: z.literal('salt-pepper'),
  share: ShareRange,
  probability,
})

/** Bicubic reduction by the factor (antialiased, a = −0.5 as MATLAB's imresize) and bicubic enlargement back to the size. */
const DownscaleCorruption = z.strictObject({
  type: z.literal('downscale'),
  factor: z.union([z.literal(2), z.literal(3), z.literal(4)]),
  probability,
})

/**
 * Missing blocks: rectangles with sides drawn from `side` (pixels), as many as are drawn from `count`, set to 0; a model with
 * `condition: "mask"` is told where.
 */
const BlocksCorruption = z.strictObject({
  type: z.literal('blocks'),
  count: z.tuple([z.int().min(1).max(64), z.int().min(1).max(64)]),
  side: z.tuple([z.int().min(1).max(512), z.int().min(1).max(512)]),
  probability,
})

export const SimpleCorruption = z.discriminatedUnion('type', [
  GaussianCorruption,
  CameraCorruption,
  JpegCorruption,
  QuantizeCorruption,
  MaskCorruption,
  SaltPepperCorruption,
  DownscaleCorruption,
  BlocksCorruption,
])
export type SimpleCorruption = z.infer<typeof SimpleCorruption>

/** One of several chains, drawn per sample by weight. */
const OneOfCorruption = z.strictObject({
  type: z.literal('oneOf'),
  options: z
    .array(z.strictObject({ weight: z.number().positive(), corruptions: z.array(SimpleCorruption) }))
    .min(1),
})

export const Corruption = z.discriminatedUnion('type', [...SimpleCorruption.options, OneOfCorruption])
export type Corruption = z.infer<typeof Corruption>
