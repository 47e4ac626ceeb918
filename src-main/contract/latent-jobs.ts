import { z } from 'zod'
import { DataSource, splitNames } from './dataset.ts'
import { EngineChoice } from './engines.ts'
import {
  Anchor,
  ClusterMethod,
  Group,
  LatentSpec,
  LatentView,
  MapSpec,
  SampleSource,
  type Clusters,
  type MapSummary,
  type Neighbour,
} from './latent.ts'

const common = { overwrite: z.boolean().default(false), engine: EngineChoice.default('auto') }
const Path = z.string().min(1)
/** Frames a second of animations. */
const rate = z.number().min(1).max(50).default(12)
/** Pictures on a line of a sheet; null: about a square of them. */
const columns = z.int().min(1).max(256).nullable().default(null)

/** Codes of data as a table: CSV, NPY or Parquet by the extension of `out`. */
export const EncodeJob = z.strictObject({
  type: z.literal('encode'),
  run: Path,
  data: DataSource,
  /** Null: all of them. */
  split: z.enum(splitNames).nullable().default(null),
  out: Path,
  ...common,
})

/** Codes back into pictures, or rows. */
export const DecodeJob = z.strictObject({
  type: z.literal('decode'),
  run: Path,
  /** A CSV, NPY or Parquet file of codes, or the codes themselves. */
  latents: z.union([Path, z.array(z.array(z.number()).min(1)).min(1).max(100_000)]),
  /** A .png file: a sheet. Otherwise a folder: one file for each code. */
  out: Path,
  columns,
  ...common,
})

export const MapJob = z.strictObject({
  type: z.literal('map'),
  spec: MapSpec,
  /** A CSV of the points with their columns; null writes none. */
  out: Path.nullable().default(null),
  /** A picture of the map, coloured by labels where there are any; null writes none. */
  png: Path.nullable().default(null),
  ...common,
})

/** Pictures on the way from one code to the next. */
export const InterpolateJob = z.strictObject({
  type: z.literal('interpolate'),
  run: Path,
  anchors: z.array(Anchor).min(2).max(64),
  /** Pictures from one anchor to the next, both counted. */
  steps: z.int().min(2).max(240).default(9),
  /** Straight lines, or arcs that keep the norm (Shoemake 1985; White 2016). */
  mode: z.enum(['lerp', 'slerp']).default('lerp'),
  /** Go on from the last anchor back to the first. */
  loop: z.boolean().default(false),
  /** Add the blend of the pixels, to compare: a second line of a strip, a second half of a frame. */
  blend: z.boolean().default(false),
  /** .png: a strip; .gif or .webp: an animation; otherwise a folder of PNG files. */
  out: Path,
  rate,
  ...common,
})

/** One direction at a time, a line of the sheet each. */
export const TraverseJob = z.strictObject({
  type: z.literal('traverse'),
  run: Path,
  /** Whose codes tell how far to go, and where from; null: what the run was trained on. */
  data: DataSource.nullable().default(null),
  /** Null: the mean of the codes; of a GAN, whose mean noise is no usual one, the first draw of the seed. */
  start: Anchor.nullable().default(null),
  along: z.enum(['dimensions', 'components']).default('dimensions'),
  /** So many directions, the most active first. */
  top: z.int().min(1).max(64).default(10),
  /** Standard deviations to either side. */
  range: z.number().min(0.1).max(10).default(3),
  steps: z.int().min(3).max(64).default(11),
  seed: z.int().min(0).default(0),
  out: Path,
  ...common,
})

export const SampleJob = z.strictObject({
  type: z.literal('sample'),
  run: Path,
  count: z.int().min(1).max(100_000).default(64),
  seed: z.int().min(0).default(0),
  temperature: z.number().min(0).max(4).default(1),
  source: SampleSource.prefault({ type: 'prior' }),
  /** Leaves out draws whose picture is nearer to one before than this root mean square difference of pixels in [0, 1]; null keeps all. */
  unique: z.number().min(0).max(1).nullable().default(null),
  /** .png: a sheet. Otherwise a folder: a file for each, in a folder of its class where drawn per class. */
  out: Path,
  columns,
  ...common,
})

/** start + strength · (mean of `plus` − mean of `minus`): "smile vectors" (Radford et al. 2015; White 2016). */
export const ArithmeticJob = z.strictObject({
  type: z.literal('arithmetic'),
  run: Path,
  plus: Group,
  minus: Group,
  to: Anchor,
  strengths: z.array(z.number().min(-10).max(10)).min(1).max(64).default([0, 0.5, 1, 1.5]),
  out: Path,
  ...common,
})

/** The items whose codes are nearest to one code. */
export const NeighboursJob = z.strictObject({
  type: z.literal('neighbours'),
  spec: LatentSpec,
  of: Anchor,
  count: z.int().min(1).max(1000).default(10),
  /** A sheet: the picture, then its neighbours; null writes none. */
  out: Path.nullable().default(null),
  ...common,
})

export const ClusterJob = z.strictObject({
  type: z.literal('cluster'),
  spec: LatentSpec,
  method: ClusterMethod.prefault({ type: 'kmeans' }),
  /** A CSV of items and clusters; null writes none. */
  out: Path.nullable().default(null),
  ...common,
})

/** Items of a dataset taken out of it. */
export const ExportItemsJob = z.strictObject({
  type: z.literal('export-items'),
  data: DataSource,
  indexes: z.array(z.int().min(0)).min(1),
  /**
   * `copies` and `links` of the files (items of one file become PNG files or rows) in a folder, which can be trained on in turn; with a
   * `label` in a folder of that name within. `csv`: their names, and the label.
   */
  as: z.enum(['copies', 'links', 'csv']),
  label: z.string().min(1).max(120).nullable().default(null),
  /** Pictures keep the labels that they have: each goes into a folder of its own label's name within. */
  byLabel: z.boolean().default(false),
  /** Labels given by hand, of items among `indexes`: in the place of those that the data have. */
  labelled: z.array(z.strictObject({ index: z.int().min(0), label: z.string().min(1).max(120) })).default([]),
  /** Of IDX files and tables: how their items are read. The run whose recipe says so. */
  run: Path,
  out: Path,
  overwrite: z.boolean().default(false),
})

/** Writes what is set in the latent view to a file. */
export const SaveViewJob = z.strictObject({
  type: z.literal('save-view'),
  view: LatentView,
  out: Path,
  overwrite: z.boolean().default(false),
})

export type EncodeJob = z.infer<typeof EncodeJob>
export type DecodeJob = z.infer<typeof DecodeJob>
export type MapJob = z.infer<typeof MapJob>
export type InterpolateJob = z.infer<typeof InterpolateJob>
export type TraverseJob = z.infer<typeof TraverseJob>
export type SampleJob = z.infer<typeof SampleJob>
export type ArithmeticJob = z.infer<typeof ArithmeticJob>
export type NeighboursJob = z.infer<typeof NeighboursJob>
export type ClusterJob = z.infer<typeof ClusterJob>
export type ExportItemsJob = z.infer<typeof ExportItemsJob>
export type SaveViewJob = z.infer<typeof SaveViewJob>

export const latentJobs = [
  EncodeJob,
  DecodeJob,
  MapJob,
  InterpolateJob,
  TraverseJob,
  SampleJob,
  ArithmeticJob,
  NeighboursJob,
  ClusterJob,
  ExportItemsJob,
  SaveViewJob,
] as const

/** What they end with. */
export type LatentResult =
  | { type: 'map'; map: string; summary: MapSummary; files: string[] }
  | { type: 'neighbours'; items: Neighbour[]; files: string[] }
  | { type: 'cluster'; clusters: Clusters; files: string[] }
  | {
      type: 'encode' | 'decode' | 'interpolate' | 'traverse' | 'sample' | 'arithmetic' | 'export-items'
      /** Items, pictures or codes that were made. */
      items: number
      files: string[]
      /** Of `traverse`: what each line of the sheet goes along, from the top. */
      lines?: string[]
      /** Keys of the message catalogue: something the person should know. */
      warnings?: string[]
    }
  | { type: 'save-view'; files: string[] }
