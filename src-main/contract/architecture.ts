import { z } from 'zod'

/**
 * A bias-free residual U-Net after a 2× space-to-depth (FFDNet's idea, DRUNet's layout), for pictures of any size. `widths`:
 * channels of each scale, finest first; `blocks`: residual blocks of each scale (on the way down and again on the way up).
 */
export const DenoiserSpec = z.strictObject({
  type: z.literal('denoiser'),
  channels: z.union([z.literal(1), z.literal(3)]).default(3),
  widths: z.array(z.int().min(4).max(512)).min(1).max(5),
  blocks: z.array(z.int().min(1).max(8)).min(1).max(5),
  /**
   * What it is told beside the picture, as one more channel: the noise level (`sigma`, 0–1), where pixels are missing (`mask`, 1 there), or
   * nothing.
   */
  condition: z.enum(['sigma', 'mask', 'none']).default('sigma'),
  /** Whether what it gives is added to the picture that came in. Without it nothing of a hidden pixel can come through (N2V2). */
  residual: z.boolean().default(true),
  /**
   * 2: it is trained on and applied to the four pictures that every second pixel of every second row makes, whose noise is less correlated
   * (pixel-shuffle downsampling, Zhou et al., AAAI 2020). The file does that by itself.
   */
  shuffle: z.union([z.literal(1), z.literal(2)]).default(1),
})
export type DenoiserSpec = z.infer<typeof DenoiserSpec>

/**
 * H and W of an input must be a multiple of this: one halving by space-to-depth, one more for each further scale, and one for the
 * pictures that `shuffle` makes of it.
 */
export const denoiserStride = ({ widths, shuffle }: Pick<DenoiserSpec, 'widths' | 'shuffle'>): number =>
  shuffle * 2 ** widths.length

const activation = z.enum(['linear', 'relu', 'leaky-relu', 'elu', 'sigmoid', 'tanh'])
export type Activation = z.infer<typeof activation>

const DenseLayer = z.strictObject({
  type: z.literal('dense'),
  units: z.int().min(1).max(65_536),
  activation: activation.default('relu'),
})
/** On rows of L values: one-dimensional, over L × channels. Padding is `same`: the output is ⌈side / stride⌉. */
const ConvLayer = z.strictObject({
  type: z.literal('conv'),
  filters: z.int().min(1).max(2048),
  kernel: z.int().min(1).max(15).default(3),
  stride: z.int().min(1).max(4).default(1),
  activation: activation.default('relu'),
})
/** Transposed convolution: the output's sides are side · stride. */
const ConvTransposeLayer = z.strictObject({
  type: z.literal('conv-transpose'),
  filters: z.int().min(1).max(2048),
  kernel: z.int().min(1).max(15).default(3),
  stride: z.int().min(1).max(4).default(2),
  activation: activation.default('relu'),
})

export const EncoderLayer = z.discriminatedUnion('type', [DenseLayer, ConvLayer])
export const DecoderLayer = z.discriminatedUnion('type', [DenseLayer, ConvTransposeLayer, ConvLayer])
export type EncoderLayer = z.infer<typeof EncoderLayer>
export type DecoderLayer = z.infer<typeof DecoderLayer>

/**
 * Encoder and decoder: hidden layers, the code, hidden layers, the output.
 *
 * `latentDim` makes the code a vector by a dense layer; null leaves it the last hidden layer's output, a feature map after convolutions.
 * `layers: "mirror"` gives the decoder the encoder's hidden layers in reverse, convolutions transposed. The output layer is added:
 * dense to the size of the input after dense layers, a 3-wide convolution to its channels after convolutions.
 * `tied` (dense only): the decoder's kernels are the encoder's, transposed, its biases its own.
 * `variational`: the encoder gives zMean and zLogVar, the code is zMean + exp(zLogVar / 2) · ε (Kingma & Welling 2014); `encoder.activation`
 * is then linear.
 */
export const AutoencoderSpec = z.strictObject({
  type: z.literal('autoencoder'),
  encoder: z.strictObject({
    layers: z.array(EncoderLayer).max(32).default([]),
    latentDim: z.int().min(1).max(65_536).nullable(),
    /** Of the code where it is a vector. */
    activation: activation.default('relu'),
  }),
  decoder: z.strictObject({
    layers: z.union([z.literal('mirror'), z.array(DecoderLayer).max(32)]).default('mirror'),
    /** Of the output: `sigmoid` for values in [0, 1]. */
    output: z.enum(['sigmoid', 'linear']).default('sigmoid'),
  }),
  variational: z.boolean().default(false),
  tied: z.boolean().default(false),
  bias: z.boolean().default(true),
})
export type AutoencoderSpec = z.infer<typeof AutoencoderSpec>

/**
 * Generator and discriminator (Goodfellow et al. 2014). The generator's hidden layers begin at the noise, a vector of `latentDim` standard
 * normal numbers; its output layer is added as an autoencoder's is, and so is the discriminator's, one dense logit. After convolutions
 * the output layer has its own kernel and stride; it is a transposed convolution where the stride is above 1.
 *
 * `norm: "batch"` follows every hidden layer but the discriminator's first (Radford et al. 2015; Ioffe & Szegedy 2015), with moving
 * statistics where the generator is used; `"spectral"` divides the discriminator's kernels by their largest singular value (Miyato et al.
 * 2018). `tanh` outputs stand for [0, 1] as −1 to 1. `initialisation: "dcgan"`: kernels of N(0, 0.02²), scales of N(1, 0.02²).
 */
export const GanSpec = z.strictObject({
  type: z.literal('gan'),
  latentDim: z.int().min(1).max(4096),
  generator: z.strictObject({
    layers: z.array(DecoderLayer).min(1).max(32),
    norm: z.enum(['none', 'batch']).default('none'),
    output: z.enum(['sigmoid', 'tanh']).default('tanh'),
    outputKernel: z.int().min(1).max(15).default(3),
    outputStride: z.int().min(1).max(4).default(1),
  }),
  discriminator: z.strictObject({
    layers: z.array(EncoderLayer).min(1).max(32),
    norm: z.enum(['none', 'batch', 'spectral']).default('none'),
  }),
  initialisation: z.enum(['usual', 'dcgan']).default('usual'),
})
export type GanSpec = z.infer<typeof GanSpec>

export const ModelSpec = z.discriminatedUnion('type', [DenoiserSpec, AutoencoderSpec, GanSpec])
export type ModelSpec = z.infer<typeof ModelSpec>

/** One row of a network's table. */
export interface LayerSummary {
  /** As its weights are called: `encoder.0`, `code`, `decoder.0`, `output`. */
  name: string
  /** In a few signs that need no translation: `conv 3×3/2 16`, `dense 64 relu`. */
  kind: string
  /** Of one sample. */
  output: number[]
  parameters: number
}
