import { z } from 'zod'
import { DataSource, splitNames, type SplitName } from './dataset.ts'
import type { EncodedImage } from './preview.ts'

/*
 * What is done in the space of codes. A code is the encoder's output: of variational models zMean; of a GAN, which has no encoder, the
 * noise that the generator takes. Codes travel flattened, one after the other, [count, size].
 */

/** A code, and where it comes from. */
export const Anchor = z.discriminatedUnion('from', [
  /** A picture file, put through the encoder. */
  z.strictObject({ from: z.literal('file'), path: z.string().min(1) }),
  /** An item of a dataset (`images.idx#12` in a list), put through the encoder. */
  z.strictObject({ from: z.literal('item'), data: DataSource, index: z.int().min(0) }),
  z.strictObject({ from: z.literal('code'), code: z.array(z.number()).min(1).max(65_536) }),
  /** Number `index` of the draws from the prior N(0, 1) with that seed. */
  z.strictObject({ from: z.literal('seed'), seed: z.int().min(0), index: z.int().min(0).default(0) }),
])
export type Anchor = z.infer<typeof Anchor>
export type AnchorInput = z.input<typeof Anchor>

/** Items whose mean code is taken. */
export const Group = z.strictObject({
  data: DataSource,
  /** Null: all of them. */
  indexes: z.array(z.int().min(0)).min(1).nullable().default(null),
})
export type Group = z.infer<typeof Group>

export const maximumMixture = 64

/** Where new codes are drawn from. */
export const SampleSource = z.discriminatedUnion('type', [
  /** N(0, 1) in every dimension. */
  z.strictObject({ type: z.literal('prior') }),
  /** A Gaussian mixture fitted to the codes of data; `components` null: as many as the Bayesian information criterion asks for. */
  z.strictObject({
    type: z.literal('mixture'),
    /** Null: those that the run was trained on. */
    data: DataSource.nullable().default(null),
    components: z.int().min(1).max(maximumMixture).nullable().default(null),
    /** One mixture of each class; `label` picks one of them, null takes all in turn. */
    perClass: z.boolean().default(false),
    label: z.string().nullable().default(null),
  }),
])
export type SampleSource = z.infer<typeof SampleSource>

/**
 * How codes are laid out in the plane: `pca` two principal components of the codes; `umap` (McInnes et al. 2018); `raw` two dimensions of the
 * code itself; `pixels` two principal components of the samples, to compare with. Numbers count from 0.
 */
export const MapMethod = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('pca'),
    x: z.int().min(0).max(63).default(0),
    y: z.int().min(0).max(63).default(1),
  }),
  z.strictObject({
    type: z.literal('umap'),
    neighbours: z.int().min(2).max(200).default(15),
    minDistance: z.number().min(0).max(0.99).default(0.1),
  }),
  z.strictObject({
    type: z.literal('raw'),
    x: z.int().min(0).default(0),
    y: z.int().min(0).default(1),
  }),
  z.strictObject({ type: z.literal('pixels') }),
])
export type MapMethod = z.infer<typeof MapMethod>
export const mapMethods = ['pca', 'umap', 'raw', 'pixels'] as const

/** The items that are looked at, and in which run's space. The same spec and seed give the same map. */
export const LatentSpec = z.strictObject({
  run: z.string().min(1),
  /** Null: what the run was trained on; of a run without an encoder, draws from the prior. */
  data: DataSource.nullable().default(null),
  /** A part of the data that the run was trained on; of other data there is only `all`. */
  split: z.enum(splitNames).default('all'),
  /** Items at most, drawn by the seed; null: all. Of draws from the prior, how many: null is 2,000. */
  limit: z.int().min(1).max(1_000_000).nullable().default(null),
  seed: z.int().min(0).default(0),
})
export type LatentSpec = z.infer<typeof LatentSpec>
export type LatentSpecInput = z.input<typeof LatentSpec>

export const MapSpec = z.strictObject({
  ...LatentSpec.shape,
  method: MapMethod.prefault({ type: 'pca' }),
  /** A CSV with a header, whose first column names items (whole, or their file's name): its other columns colour the map. */
  attributes: z.string().min(1).nullable().default(null),
})
export type MapSpec = z.infer<typeof MapSpec>

/** How far to believe a map. */
export interface MapSummary {
  items: number
  /** Length of a code. */
  size: number
  /** Of `pca` and `pixels`: share of the variance that each of the first components explains. */
  explained: number[] | null
  /**
   * Venna & Kaski 2001, with `neighbours` neighbours, 1 is best: whether neighbours in the map are neighbours among the codes (of `pixels`:
   * among the samples), and whether neighbours among the codes are neighbours in the map; measured on `measured` items.
   */
  trustworthiness: number
  continuity: number
  neighbours: number
  measured: number
  /**
   * Dimensions of the code that are the same for all items; of variational models also those whose zMean has a variance of at most 0.01: not
   * active (Burda et al. 2016).
   */
  collapsed: number
}

/** Something that points can be coloured by. */
export type MapColumn = { id: string; name: string } & (
  | {
      kind: 'category'
      names: string[]
      /** Place in `names`; −1 for none. */
      values: Int32Array
    }
  | {
      kind: 'number'
      /** NaN for none. */
      values: Float32Array
    }
)

/**
 * The points of a map. Columns: `label`, `split`, `error` (mean squared error of the reconstruction), and `csv:<name>` of the attributes;
 * those that there are. What `name` of the first three is, is for the window to say.
 */
export interface LatentMap {
  /** For further questions, as long as the engine lives. */
  id: string
  spec: MapSpec
  summary: MapSummary
  /** [items, 2] */
  points: Float32Array
  names: string[]
  /** Place of each item in the dataset, for jobs on some of them; null of draws from the prior. */
  indexes: Int32Array | null
  columns: MapColumn[]
}

/** What can be done with a run's codes. */
export interface LatentModel {
  run: string
  title: string
  kind: 'autoencoder' | 'variational' | 'gan'
  /** Shape of a sample: [height, width, channels], or [columns]. */
  input: number[]
  /** Shape of a code. */
  code: number[]
  canEncode: boolean
  /** What it was trained on. */
  data: DataSource
  items: number
  labelNames: string[] | null
}

export const SheetQuestion = z.strictObject({
  map: z.string().min(1),
  /** Of the map's items. */
  indexes: z.array(z.int().min(0)).min(1).max(1024),
  /** Side of a cell in pixels. */
  cell: z.int().min(8).max(256).default(48),
  columns: z.int().min(1).max(256).default(32),
  what: z.enum(['sample', 'reconstruction']).default('sample'),
})
export type SheetQuestion = z.input<typeof SheetQuestion>

export const ItemQuestion = z.strictObject({ map: z.string().min(1), index: z.int().min(0) })
export type ItemQuestion = z.input<typeof ItemQuestion>

/** One item of a map. */
export interface LatentItem {
  name: string
  label: string | null
  split: Exclude<SplitName, 'all'> | null
  sample: EncodedImage
  reconstruction: EncodedImage
  code: number[]
  /** Standard deviation of q(z | x), of variational models. */
  deviation: number[] | null
  /** Mean squared error of the reconstruction; null without an encoder. */
  error: number | null
  /** For jobs and other questions. */
  anchor: Anchor
}

/** How the codes of a map's items spread. */
export interface LatentDirections {
  mean: number[]
  deviation: number[]
  /** Mean KL of each dimension in nats, of variational models. */
  kl: number[] | null
  /** Dimensions, the most active first: by KL, otherwise by deviation. */
  order: number[]
  /**
   * Principal components of the codes, at most 16: unit vectors, the deviation along each, the share of the variance that it explains. Of a
   * GAN, whose codes are noise, those of its first layer, as directions of the code (GANSpace, Härkönen et al. 2020).
   */
  components: { direction: number[]; deviation: number; share: number }[]
}

/** Pictures of codes, for the screen. */
export const DecodeQuestion = z.strictObject({
  run: z.string().min(1),
  /** [count, size], at most 4,096 of them. */
  codes: z.instanceof(Float32Array),
})
export type DecodeQuestion = z.infer<typeof DecodeQuestion>

export interface DecodedCodes {
  count: number
  width: number
  height: number
  /** 8-bit RGBA with straight alpha, one picture after the other; rows of numbers drawn as curves. */
  pixels: Uint8Array
}

export const CodesQuestion = z.strictObject({
  run: z.string().min(1),
  anchors: z.array(Anchor).min(1).max(256),
})
export type CodesQuestion = z.input<typeof CodesQuestion>

/** Draws number `first` to `first + count − 1` of a seed: the same each time, however many are asked for at once. */
export const DrawQuestion = z.strictObject({
  run: z.string().min(1),
  source: SampleSource.prefault({ type: 'prior' }),
  seed: z.int().min(0),
  first: z.int().min(0).default(0),
  count: z.int().min(1).max(1024),
  /** Scales the deviation of each draw from its mean; 1 leaves it. */
  temperature: z.number().min(0).max(4).default(1),
})
export type DrawQuestion = z.input<typeof DrawQuestion>

/** [count, size] */
export interface Codes {
  size: number
  codes: Float32Array
  /** Class of each, where they were drawn per class. */
  labels: string[] | null
}

export interface Neighbour {
  /** Place among the items that were looked at. */
  index: number
  name: string
  label: string | null
  /** Euclidean, between codes. */
  distance: number
}

export const ClusterMethod = z.discriminatedUnion('type', [
  /** `count` null: the one of 2 to 20 with the best silhouette. */
  z.strictObject({ type: z.literal('kmeans'), count: z.int().min(2).max(256).nullable().default(null) }),
  /** A Gaussian mixture; `count` null: by the Bayesian information criterion. */
  z.strictObject({
    type: z.literal('mixture'),
    count: z.int().min(1).max(maximumMixture).nullable().default(null),
  }),
  /** HDBSCAN (Campello et al. 2013); items in no cluster are noise. */
  z.strictObject({ type: z.literal('density'), smallest: z.int().min(2).max(10_000).default(25) }),
])
export type ClusterMethod = z.infer<typeof ClusterMethod>

export interface Clusters {
  /** Clusters, noise aside, largest first. */
  sizes: number[]
  /** Items that are in none. */
  noise: number
  /** Cluster of each item; −1 for noise. */
  of: Int32Array
  /** Mean silhouette (Rousseeuw 1987) over `measured` items; null with fewer than two clusters. */
  silhouette: number | null
  measured: number
  /** Agreement with the labels, where there are any: normalised mutual information (arithmetic mean), adjusted Rand index. */
  nmi: number | null
  ari: number | null
}

/** Version of the file that a view is saved in. */
export const latentViewVersion = 1

/** What a person has set in the latent view, apart from what follows from it: to be saved, shared, and opened again. */
export const LatentView = z.strictObject({
  darkroom: z.literal('latent-view'),
  version: z.literal(latentViewVersion),
  map: MapSpec,
  /** Column that colours the points; null: none. */
  colour: z.string().nullable().default(null),
  /** The path of the interpolation. */
  track: z.array(Anchor).max(64).default([]),
  spherical: z.boolean().default(false),
  loop: z.boolean().default(false),
  /** Frames from one anchor to the next. */
  steps: z.int().min(2).max(240).default(24),
  /** The code under the sliders; null: the mean. */
  code: z.array(z.number()).nullable().default(null),
  samples: z
    .strictObject({
      source: SampleSource.prefault({ type: 'prior' }),
      seed: z.int().min(0).default(0),
      temperature: z.number().min(0).max(4).default(1),
      /** Codes of the favourites. */
      favourites: z.array(z.array(z.number())).max(1024).default([]),
    })
    .prefault({}),
})
export type LatentView = z.infer<typeof LatentView>
