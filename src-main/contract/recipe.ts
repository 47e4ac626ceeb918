import { z } from 'zod'
import { Corruption } from './corruption.ts'
import { ModelSpec } from './architecture.ts'

/** A share of the items where it is below 1, a number of items from 1 on. */
const ShareOrCount = z.number().min(0).max(10_000_000)

/** Which items are kept out of training. Drawn at random from the recipe's seed; within each class where there are labels. */
const Split = z.strictObject({
  validation: ShareOrCount.default(0.1),
  /** Never looked at while training; `evaluate` measures on them. */
  test: ShareOrCount.default(0.1),
})

/**
 * Random crops of photographs, for networks that take pictures of any size: every page of a file, in its own encoding and at its full
 * depth.
 */
const PatchData = z.strictObject({
  type: z.literal('patches'),
  /** Side of a training patch, in pixels. Smaller images are left out, and said. */
  patch: z.int().min(8).max(512),
  /** 1 gray (luma of BT.601), 3 RGB (gray is repeated); those of the model. Alpha is left out. */
  channels: z.union([z.literal(1), z.literal(3)]).default(3),
  /**
   * What becomes 0 and 1: `white` black and white of the file; `measured` the 0.1st and 99.9th percentile of the training pictures, one range
   * for all of them, which the run keeps and its network is given wherever it is used. Microscopes fill a small part of 16 bits.
   */
  range: z.enum(['white', 'measured']).default('white'),
  /** Flips and quarter turns. */
  augment: z.boolean().default(true),
  /** Share of patches turned to gray (R = G = B, noise too), so that one network serves gray photographs. */
  grayShare: z.number().min(0).max(1).default(0),
  /** Crops are enlarged (above 1) or made smaller by a factor drawn log-uniformly from this range, as far as the image reaches. */
  scale: z.tuple([z.number().min(0.25).max(4), z.number().min(0.25).max(4)]).default([1, 1]),
})

/** Whole images of one size, in [0, 1]: files of a folder, or an IDX file. */
const ImageData = z.strictObject({
  type: z.literal('images'),
  width: z.int().min(2).max(512).default(28),
  height: z.int().min(2).max(512).default(28),
  /** 1 gray (luma of BT.601), 3 RGB, 4 RGBA, colours multiplied by alpha. Without 4, alpha is laid over black. */
  channels: z.union([z.literal(1), z.literal(3), z.literal(4)]).default(1),
  /** `cover` crops the middle, `contain` pads with black (transparent with alpha), `stretch` changes the proportions. */
  fit: z.enum(['cover', 'contain', 'stretch']).default('cover'),
  /** Mirrors half of the training images, drawn anew each epoch. */
  flip: z.boolean().default(false),
  /**
   * Images of any size are cut into tiles of `width` × `height`, so many pixels apart, the last ones flush with the edges; all tiles of an
   * image go into the same split. Null: each image is one item, brought to that size.
   */
  tiles: z.int().min(1).max(512).nullable().default(null),
})

/** Rows of numbers: a CSV file. */
const RowData = z.strictObject({
  type: z.literal('rows'),
  /**
   * How values come to [0, 1], from the smallest and largest of the training rows alone: `all` one range for the whole table,
   * `column` one for each column, `none` leaves them. Held-out values may lie outside.
   */
  scale: z.enum(['all', 'column', 'none']).default('all'),
  /**
   * The rows are one long series, which is cut into windows of `length` rows, `stride` rows apart: a sample is the window's rows one after the
   * other. Windows that share a row go into the same split. Null: each row is one item.
   */
  window: z
    .strictObject({ length: z.int().min(2).max(65_536), stride: z.int().min(1).max(65_536) })
    .nullable()
    .default(null),
})

export const DataSpec = z.discriminatedUnion('type', [PatchData, ImageData, RowData])
export type DataSpec = z.infer<typeof DataSpec>
export type PatchData = z.infer<typeof PatchData>
export type ImageData = z.infer<typeof ImageData>
export type RowData = z.infer<typeof RowData>

/**
 * How far an output is from the clean input, d = output − input, over one sample.
 * `sum` adds up its elements (D of them), `mean` divides by D; either way the mean is taken over the samples of a batch. With `sum`,
 * λ and β of penalties mean what they mean in the literature.
 *
 * `mse` d²; `gaussian` d² / (2σ²) + ln σ + ½ ln 2π, the negative log-likelihood in nats of a Gaussian decoder with that σ; `bce`
 * binary cross-entropy, that of a Bernoulli decoder (needs a sigmoid output); `l1` |d|; `charbonnier` √(d² + 10⁻⁶); `ssim`
 * weight · (1 − SSIM) + (1 − weight) · |d| (Zhao et al., IEEE TCI 2017; images only; the SSIM of a sample counts for every element);
 * `psnr` 10 log₁₀(mean d² + 2·10⁻⁶), the negative PSNR in dB of a sample, for every element: all noise levels weigh alike (Chen et al., HINet,
 * CVPR workshops 2021), up to 57 dB.
 * `adversarial`, of a GAN and only there: cross-entropy of the discriminator's verdicts, and the generator's non-saturating −ln D(G(z))
 * (Goodfellow et al. 2014), one step of each in turn.
 */
const reduction = z.enum(['sum', 'mean']).default('sum')
export const Loss = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('mse'), reduction }),
  z.strictObject({
    type: z.literal('gaussian'),
    sigma: z.number().min(0.001).max(10).default(0.1),
    reduction,
  }),
  z.strictObject({ type: z.literal('bce'), reduction }),
  z.strictObject({ type: z.literal('l1'), reduction }),
  z.strictObject({ type: z.literal('charbonnier'), reduction }),
  z.strictObject({
    type: z.literal('adversarial'),
    /** Real samples are to be told with this much less than certainty (one-sided label smoothing, Salimans et al. 2016). */
    smoothing: z.number().min(0).max(0.5).default(0),
    /** Learning rate of the discriminator as a multiple of the generator's (two time scales, Heusel et al. 2017). */
    discriminatorRate: z.number().positive().max(100).default(1),
  }),
  z.strictObject({ type: z.literal('ssim'), weight: z.number().min(0).max(1).default(0.84), reduction }),
  z.strictObject({ type: z.literal('psnr'), reduction }),
])
export type Loss = z.infer<typeof Loss>
/** A loss that compares an output with the clean input. */
export type ReconstructionLoss = Exclude<Loss, { type: 'adversarial' }>

const weight = z.number().min(0).max(1e6)

/**
 * What is added to the reconstruction loss, each times its weight: summed over the code, mean over the samples.
 *
 * `kl` (variational models have exactly one): β · Σⱼ max(KLⱼ, freeBits), KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − ln σ²) in nats
 * (Kingma & Welling 2014; β: Higgins et al. 2017; free bits, here in nats per dimension on the batch's mean: Kingma et al. 2016). β rises
 * linearly from 0 over `warmup` epochs (Bowman et al. 2016).
 * `l1` λ Σ|h|. `sparsity` λ Σⱼ KL(ρ ‖ ρ̂ⱼ) with ρ̂ⱼ the batch's mean activation of a sigmoid code (Ng 2011).
 * `contractive` λ Σᵢ ‖∇ₓhᵢ‖² (Rifai et al. 2011), exact for dense encoders with `projections` null, otherwise an unbiased estimate from so
 * many random projections of the code, which the history then calls `contractive-estimate`. `l2` λ Σ w² over the kernels.
 */
export const Penalty = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('kl'),
    weight: weight.default(1),
    warmup: z.number().min(0).max(1000).default(0),
    freeBits: z.number().min(0).max(100).default(0),
  }),
  z.strictObject({ type: z.literal('l1'), weight }),
  z.strictObject({
    type: z.literal('sparsity'),
    weight,
    target: z.number().min(0.001).max(0.999).default(0.05),
  }),
  z.strictObject({
    type: z.literal('contractive'),
    weight,
    projections: z.int().min(1).max(64).nullable().default(null),
  }),
  z.strictObject({ type: z.literal('l2'), weight }),
])
export type Penalty = z.infer<typeof Penalty>

const Optimizer = z.strictObject({
  type: z.literal('adam').default('adam'),
  rate: z.number().positive().max(1),
  /** Decay of the gradients' average: 0.5 is usual for GANs. */
  beta1: z.number().min(0).max(0.999).default(0.9),
  /** How the rate changes: not at all, or along a cosine down to `finalShare` of it. */
  schedule: z.enum(['constant', 'cosine']).default('cosine'),
  /** Steps of linear warm-up. */
  warmup: z.int().min(0).default(0),
  finalShare: z.number().min(0).max(1).default(0.01),
  /** Gradients are scaled down to this global norm; null leaves them. */
  clipNorm: z.number().positive().nullable().default(null),
  /** Decay per step of the exponential moving average of the weights; 0 turns averaging off. */
  averageDecay: z.number().min(0).max(0.99999).default(0),
})

/**
 * Where the target of a training comes from.
 *
 * `clean`: from the picture as it was before the corruption.
 *
 * The others learn from pictures that are all noisy (y, of a scene x that nobody has seen); their network is told nothing beside the
 * picture. A corruption is then what makes the noisy pictures out of clean ones, for experiments: it is part of y, drawn anew for each
 * patch.
 *
 * `noise2void` (Krull et al., CVPR 2019; Höck et al., N2V2, 2022): a `share` of the pixels, one in each cell of a grid, is hidden, and the loss
 * is taken over these alone, against y. A hidden pixel becomes the median of the window of `radius` pixels around it (without itself), or
 * one of them drawn at random. Needs noise without correlation; `structure` (Broaddus et al., ISBI 2020) hides so many
 * neighbours to each side along an axis as well, where the noise is correlated along rows or columns.
 *
 * `neighbor2neighbor` (Huang et al., CVPR 2021): of each cell of 2×2 pixels two neighbours are drawn, and make two pictures g₁(y) and g₂(y) of
 * half the sides: ‖f(g₁(y)) − g₂(y)‖² + γ ‖f(g₁(y)) − g₂(y) − (g₁(f(y)) − g₂(f(y)))‖², without gradient through f(y). γ rises
 * linearly from 0 over `ramp` epochs. Patches are cut twice as large as `data.patch`.
 *
 * `noise2noise` (Lehtinen et al., ICML 2018): another take of the same scene, from a second folder (`DataSource.second`) or from the pages of
 * a stack. `symmetric`: each take serves as input and as target; without it the second folder is always the target, as where it is less noisy.
 *
 * `recorrupted` (Pang et al., CVPR 2021): y + α z against y − z / α, z white noise of the σ that was measured of each picture: the two noises
 * are independent, so that the minimum is that of training with clean targets, at a noise of σ √(1 + α²). Each z is used with both signs, which
 * cancels most of what the large noise of the target would add to the gradient. Needs white noise, the same everywhere (`uniform`) or with a
 * variance that grows with the signal (`signal-dependent`): then z has the variance that the measured line gives at the picture's local mean.
 */
export const Supervision = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('clean') }),
  z.strictObject({
    type: z.literal('noise2void'),
    share: z.number().min(0.001).max(0.1).default(0.015),
    radius: z.int().min(1).max(10).default(2),
    replacement: z.enum(['median', 'random']).default('median'),
    structure: z
      .strictObject({ axis: z.enum(['horizontal', 'vertical']), length: z.int().min(1).max(16) })
      .nullable()
      .default(null),
  }),
  z.strictObject({
    type: z.literal('neighbor2neighbor'),
    gamma: z.number().min(0).max(100).default(2),
    ramp: z.number().min(0).max(100_000).default(0),
  }),
  z.strictObject({ type: z.literal('noise2noise'), symmetric: z.boolean().default(true) }),
  z.strictObject({
    type: z.literal('recorrupted'),
    alpha: z.number().min(0.05).max(2).default(0.3),
    noise: z.enum(['uniform', 'signal-dependent']).default('uniform'),
  }),
])
export type Supervision = z.infer<typeof Supervision>
export type SupervisionOf<Type extends Supervision['type']> = Extract<Supervision, { type: Type }>

/** Ends the training when the validation loss has not fallen by `minDelta` for `patience` validations. */
const EarlyStopping = z.strictObject({
  patience: z.int().min(1).max(10_000),
  minDelta: z.number().min(0).default(0),
})

/**
 * Greedy layer-wise pretraining (Hinton & Salakhutdinov 2006; Bengio et al. 2007): before the whole is trained, each layer of a
 * dense encoder and its counterpart of the decoder are trained for `epochs` on the codes of the layers before, MSE.
 */
const Pretraining = z.strictObject({
  epochs: z.int().min(1).max(10_000),
  rate: z.number().positive().max(1),
})

/** From this epoch on (0 is the first) batches have this size. */
const BatchChange = z.strictObject({ fromEpoch: z.int().min(0), size: z.int().min(1).max(4096) })

/** The version that this program writes. Older ones are migrated (`recipe-migrations.ts`). */
export const recipeVersion = 2

/** Everything that a training run needs besides the data: written by hand, refused where a key is unknown. */
export const Recipe = z.strictObject({
  version: z.literal(recipeVersion),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  description: z.string().default(''),
  data: DataSpec,
  split: Split.default({ validation: 0.1, test: 0.1 }),
  model: ModelSpec,
  /** Applied in order to the network's input; the target stays clean. */
  corruption: z.array(Corruption).default([]),
  supervision: Supervision.default({ type: 'clean' }),
  loss: Loss,
  penalties: z.array(Penalty).default([]),
  optimizer: Optimizer,
  /** One size, or sizes that begin at given epochs (the first at 0). The last batch of an epoch may be smaller. */
  batch: z.union([z.int().min(1).max(4096), z.array(BatchChange).min(1).max(16)]),
  /**
   * How long: so many times through the training data, or so many steps; one of them is null. Of patches, an epoch draws as many as there
   * are images.
   */
  epochs: z.int().min(1).max(1_000_000).nullable().default(null),
  steps: z.int().min(1).max(100_000_000).nullable().default(null),
  pretraining: Pretraining.nullable().default(null),
  earlyStopping: EarlyStopping.nullable().default(null),
  /** Which weights become the model: those of the lowest validation loss, or the last. */
  keep: z.enum(['best', 'last']).default('last'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  /** Steps between validations and between checkpoints; null: at the end of each epoch. */
  validateEvery: z.int().min(1).nullable().default(null),
  checkpointEvery: z.int().min(1).nullable().default(null),
  /** Of denoisers: noise levels (8-bit scale) at which validation PSNR is taken; empty where the corruption is not noise. */
  validateSigma: z.array(z.number().min(0).max(255)).default([]),
})
export type Recipe = z.infer<typeof Recipe>
export type RecipeOf<Type extends DataSpec['type']> = Recipe & { data: Extract<DataSpec, { type: Type }> }
