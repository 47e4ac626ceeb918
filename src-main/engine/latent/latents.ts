import type { LatentSpec } from '../../contract/latent.ts'
import type { SplitName } from '../../contract/dataset.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import type { TrainedRun } from '../jobs/trained-run.ts'

/** Items of data with their codes, or draws from the prior with their pictures. */
export interface Latents {
  run: TrainedRun
  model: OpenLatentModel
  count: number
  /** Length of a code. */
  size: number
  /** [count, size] */
  codes: Float32Array
  /** [count, size], of variational models. */
  zLogVar: Float32Array | null
  /** Mean squared error of each reconstruction; null of draws. */
  errors: Float32Array | null
  name(i: number): string
  /** Class of every item, −1 where it has none. */
  labels: { names: string[]; of: Int32Array } | null
  /** Part of the run's data that each item belongs to; null where the data are others. */
  splits: Exclude<SplitName, 'all'>[] | null
  /** Place of each item in the dataset; null of draws. */
  indexes: Int32Array | null
  /** Samples of these items, one after the other, as the network takes them: [count, ...input]. */
  read(items: ArrayLike<number>): Promise<Float32Array>
  close(): Promise<void>
}

export type OpenLatents = (spec: LatentSpec) => Promise<Latents>
