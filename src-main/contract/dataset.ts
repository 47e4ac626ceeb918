import { z } from 'zod'
import type { ErrorDetail } from './errors.ts'
import type { EncodedImage } from './preview.ts'

/**
 * What there is to learn from: folders of images (recursive), one IDX file of images or one CSV file of rows (`.gz` too).
 *
 * `labels`: null for none, `folders` for the names of the folders that the images are in, `column:<name>` or `column:<number from 0>` for a
 * column of the CSV (which is then no value), or the path of an IDX or CSV file with one label for each item in order (an
 * empty line for none), or of a CSV file with the columns `name` and `label` for some of them.
 */
export const DataSource = z.strictObject({
  sources: z.array(z.string().min(1)).min(1),
  labels: z.string().min(1).nullable().default(null),
  /** Only the items with one of these labels; without it all items. */
  only: z.array(z.string()).min(1).optional(),
  /** Second takes of the same scenes, for Noise2Noise: a folder of files with the same relative names. */
  second: z.string().min(1).optional(),
})
export type DataSource = z.infer<typeof DataSource>
export type DataSourceInput = z.input<typeof DataSource>

/** Parts of a run's data, as the run split them. */
export const splitNames = ['training', 'validation', 'test', 'all'] as const
export type SplitName = (typeof splitNames)[number]

export const dataKinds = ['folder', 'idx', 'csv'] as const
export type DataKind = (typeof dataKinds)[number]

/** The one column with words in it: nothing can be learned before it is named as that of labels. */
export interface ColumnOfWords {
  /** As `labels` takes it after `column:`. */
  column: string
  /** Whether numbers stand beside the words: they may be mistakes in a column of values. */
  hasNumbers: boolean
  /** What training would say. */
  detail: ErrorDetail
}

/** What an `inspect` job finds, before anything is trained. Lists are cut; the counts beside them are whole. */
export interface DataReport {
  kind: DataKind
  /** Items that can be used. */
  items: number
  /** Of images: how often which size, commonest first. Of rows: none. */
  sizes: { width: number; height: number; count: number }[]
  /** Values a row, without the column of labels; null for images. */
  columns: number | null
  /** What the header of a CSV calls its columns, that of labels among them, in order; null without a header, and of other kinds. */
  columnNames: string[] | null
  /** Of a CSV that was looked through without labels, and then `range` and copies are not known; null where all cells are numbers. */
  words: ColumnOfWords | null
  /** Smallest and largest value of rows; null for images. */
  range: [number, number] | null
  /** In the order of their names; null where none were asked for. */
  labels: { name: string; count: number }[] | null
  /** Items without a label. */
  unlabelled: number
  /** Groups of items with the same content, by name. */
  duplicates: string[][]
  /** Items that are a copy of one before. */
  duplicateCount: number
  /** Files that are left out, each with the reason. */
  skipped: ErrorDetail[]
  skippedCount: number
  /** Pictures that are transparent somewhere: a network without alpha learns them as laid over black. */
  transparentCount: number
  /** Files that are no images, by their name. */
  ignoredCount: number
  bytes: number
}

export const maximumListed = 200

/** Items of a dataset as one picture of equal cells, for a grid. Rows are drawn as curves. */
export const DataPageQuestion = z.strictObject({
  data: DataSource,
  from: z.int().min(0).default(0),
  count: z.int().min(1).max(400).default(100),
  /** Side of a cell in pixels. */
  cell: z.int().min(16).max(256).default(64),
  columns: z.int().min(1).max(100).default(10),
})
export type DataPageQuestion = z.input<typeof DataPageQuestion>

export interface DataPage {
  items: { index: number; name: string; label: string | null }[]
  /** `columns` cells a line, in order. */
  sheet: EncodedImage
}
