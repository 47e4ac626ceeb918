import { z } from 'zod'

/** Noise levels (σ) are given on the 8-bit scale, 0–255, as the literature does; the engine divides by 255, for signals too. */
const SigmaRange = z.tuple([z.number().min(0).max(255), z.number().min(0).max(255)])
const ShareRange = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
const probability = z.number().min(0).max(1).default(1)

/** Additive white Gaussian noise; σ drawn uniformly from the range, one value a sample. */
const GaussianCorruption = z.strictObject({ type: z.literal('gaussian'), sigma: SigmaRange, probability })

const BlurRange = z.tuple([z.number().min(0).max(4), z.number().min(0).max(4)])

/**
 * A camera's noise (`engine/data/camera-noise.ts`): shot and read noise of a Bayer sensor, through white balance,
 * demosaicking, colours and tone curve. What a camera does to the picture besides noise it leaves out. Its JPEG is a corruption of its own.
 */
const CameraCorruption = z.strictObject({
  type: z.literal('camera'),
  /** Variance of the raw values (white = 1) for each unit of light, drawn log-uniformly; the read noise goes with it. 0.0001 is daylight, 0.01 night. */
  shot: z.tuple([z.number().min(1e-6).max(0.1), z.number().min(1e-6).max(0.1)]).default([1e-4, 0.012]),
  /**
   * Exponents of tone curves: behind sRGB's own (log-uniform; 2.4 is linear light), which says whether dark or bright parts are noisier,
   * and of an S, which makes the middle steeper.
   */
  tone: z.tuple([z.number().min(0.5).max(3), z.number().min(0.5).max(3)]).default([1, 2.4]),
  contrast: z.tuple([z.number().min(0.5).max(3), z.number().min(0.5).max(3)]).default([1, 1.7]),
  /** Share of pictures from a sensor that measures one colour a pixel; the rest have all three, as photographs made smaller. */
  mosaic: z.number().min(0).max(1).default(0.85),
  /** Share of these whose missing colours are filled in along edges (Hamilton & Adams); of the rest, from all around. */
  directed: z.number().min(0).max(1).default(0.4),
  /** Share of pictures that the camera has smoothed, by Gaussians with these standard deviations in pixels (colour: log-uniform). */
  smoothed: z.number().min(0).max(1).default(0.6),
  lumaBlur: BlurRange.default([0, 1]),
  chromaBlur: z.tuple([z.number().min(0.1).max(4), z.number().min(0.1).max(4)]).default([0.4, 4]),
  probability,
})
export type CameraCorruption = z.infer<typeof CameraCorruption>

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

/**
 * Leaves the picture alone and makes what the network is told of σ as wrong as an estimate is: σ · factor · exp(spread · N(0, 1)) plus a
 * number drawn from `excess` (8-bit scale), as where texture is taken for noise. Last in a chain.
 */
const MisjudgedCorruption = z.strictObject({
  type: z.literal('misjudged'),
  factor: z.number().min(0.1).max(10).default(1),
  spread: z.number().min(0).max(2).default(0.5),
  excess: SigmaRange.default([0, 0]),
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
  MisjudgedCorruption,
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
