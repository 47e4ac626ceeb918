import type { DataKind } from '../../contract/dataset.ts'
import type { ErrorDetail } from '../../contract/errors.ts'

/** Items of one shape, ready to be trained on: decoded once, kept within a budget of memory. */
export interface Dataset {
  kind: DataKind
  /** Of one sample: [height, width, channels] with values in [0, 1], or [columns] as they are in the file. */
  shape: number[]
  count: number
  /** What an item is called: its file, or its place in the file (`images.idx#12`). */
  name(index: number): string
  /** Class of every item, −1 where it has none; null where no labels were asked for. */
  labels: { names: string[]; of: Int32Array } | null
  /** What the items were cut out of; null where each is whole. */
  groups: Groups | null
  /** Where an item stands among those that there would be without `DataSource.only`. */
  place(index: number): number
  /** SHA-256 over the items' values in order, their shape, and their labels. */
  sha256: string
  /** The same as if no labels had been asked for: samples are the same with and without. */
  samplesSha256: string
  skipped: ErrorDetail[]
  skippedCount: number
  /** The samples of these items, one after the other: in `into`, which has just that length, or in an array of the caller's own. */
  read(indexes: ArrayLike<number>, into?: Float32Array): Promise<Float32Array>
  close(): Promise<void>
}

/** Items that were cut out of larger things: tiles of images, windows of a series of rows. */
export interface Groups {
  type: 'tiles' | 'windows'
  /** Image, or series, of every item, by its place in `names`; each has at least one. */
  of: Int32Array
  /** What images are called: their file, or their place in a file. */
  names: string[]
  /** Of each image, in pixels, as [height, width]; of a series [rows]. */
  sizes: number[][]
  /** Where each item begins: [items, 2] of tiles, y and x in pixels; [items, 1] of windows, a row counted from 0. */
  starts: Int32Array
  /** Of an item: [height, width] of tiles, [rows] of windows. */
  extent: number[]
}

/** Indexes of a dataset's items, each part in ascending order; windows that would share rows of two parts are in none. */
export interface Split {
  training: Int32Array
  validation: Int32Array
  test: Int32Array
  stratified: boolean
  /** SHA-256 over the three parts. */
  sha256: string
}
