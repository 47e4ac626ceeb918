import { resolve } from 'node:path'
import type { z } from 'zod'
import type { DataPage, DataPageQuestion, DataSource } from '../../contract/dataset.ts'
import type { ImageData, RowData } from '../../contract/recipe.ts'
import { createCache } from '../preview/cache.ts'
import { readSmall } from '../storage/sample-images.ts'
import { gridPng, rangeOf, type Cell } from '../storage/sheet.ts'
import { dataKindOf } from './data-kind.ts'
import { decodesAhead, keptImages } from './folder-samples.ts'
import { openIdx } from './idx.ts'
import { findImages } from './image-files.ts'
import type { Labels } from './labels.ts'
import { openDataset } from './open-dataset.ts'
import { mapAhead } from './ordered.ts'

type Question = z.output<typeof DataPageQuestion>

/** Answers questions for pages of datasets. */
export interface DataPages {
  /**
   * Items of a dataset with a sheet of their pictures: item i stands in a square of `cell` pixels, `columns` of them a line. Of folders all
   * image files are there; one that cannot be read is crossed out.
   * @throws data errors
   */
  page(question: Question): Promise<DataPage>
  close(): Promise<void>
}

/** Data that are open for looking at. */
interface OpenData {
  openedAt: number
  count: number
  name(index: number): string
  labels: Labels | null
  cells(indexes: number[], side: number): Promise<Cell[]>
  close(): Promise<void>
}

/** How long a list of files is taken as it is, in milliseconds: a person scrolls for so long. */
const listedFor = 60_000
/** Datasets that stay open. */
const openAtOnce = 2
/** Bytes of a dataset that are held in memory for looking at it. */
const memory = 64 * 2 ** 20
/** Bytes of sheets: about 300 screens, so that scrolling back shows them at once. */
const sheetBytes = 64 * 2 ** 20
const background = [36, 36, 36] as const
const gap = 2

/** @param cacheFolder where packed samples are kept that do not fit into memory */
export function createDataPages(cacheFolder: string): DataPages {
  const open = createCache<OpenData>({
    limit: openAtOnce,
    weigh: () => 1,
    isCurrent: ({ openedAt }) => Promise.resolve(performance.now() - openedAt < listedFor),
    drop: (data) => data.close(),
  })
  const pages = createCache<DataPage>({
    limit: sheetBytes,
    weigh: ({ sheet }) => sheet.bytes.length,
  })
  // One after the other: data that are dropped for others are closed, and must not be in use then.
  let last: Promise<unknown> = Promise.resolve()

  async function answer(question: Question): Promise<DataPage> {
    const data = await open.get(JSON.stringify(question.data), () => openData(question.data, cacheFolder))
    // A list that was made anew may be another one.
    const key = JSON.stringify([data.openedAt, question])
    return pages.get(key, () => drawPage(data, question))
  }

  return {
    page(question) {
      const next = last.then(() => answer(question))
      last = next.catch(() => undefined)
      return next
    },
    async close() {
      await last
      await open.clear()
    },
  }
}

async function drawPage(data: OpenData, { from, count, cell, columns }: Question): Promise<DataPage> {
  const indexes = Array.from({ length: Math.max(0, Math.min(count, data.count - from)) }, (_, i) => from + i)
  const cells = await data.cells(indexes, cell - gap)
  const lines: Cell[][] = []
  for (let first = 0; first < cells.length; first += columns) lines.push(cells.slice(first, first + columns))
  const drawn = await gridPng(lines, {
    ...{ width: cell - gap, height: cell - gap, gap, edge: gap / 2 },
    ...{ background, limit: Infinity, range: rangeOf(cells.flatMap(curvesOf)) },
  })
  const items = indexes.map((index) => ({
    index,
    name: data.name(index),
    label: data.labels?.names[data.labels.of[index]!] ?? null,
  }))
  const width = cell * Math.max(1, Math.min(columns, cells.length))
  const height = cell * Math.max(1, lines.length)
  return { items, sheet: { bytes: drawn, type: 'image/png', width, height } }
}

const curvesOf = (cell: Cell): Float32Array[] =>
  cell !== null && typeof cell === 'object' && 'curve' in cell ? [cell.curve] : []

async function openData(source: DataSource, cacheFolder: string): Promise<OpenData> {
  const kind = await dataKindOf(source.sources)
  if (kind === 'folder') return openFolders(source)
  const file = resolve(source.sources[0]!)
  const spec = kind === 'idx' ? await nativeSpec(file) : rowSpec
  const dataset = await openDataset(source, spec, { cacheFolder, memory })
  const [height, width, channels] = dataset.shape as [number, number, 1 | 3 | 4]
  const length = dataset.shape.reduce((a, b) => a * b, 1)
  return {
    ...dataset,
    openedAt: performance.now(),
    async cells(indexes) {
      const values = await dataset.read(indexes)
      return indexes.map((_, at) => {
        const sample = values.subarray(at * length, (at + 1) * length)
        if (spec.type === 'rows') return { curve: sample }
        return { width, height, channels, data: Uint8ClampedArray.from(sample, (value) => 255 * value) }
      })
    },
  }
}

async function openFolders(source: DataSource): Promise<OpenData> {
  const { files, labels } = await keptImages((await findImages(source.sources)).files, source)
  return {
    openedAt: performance.now(),
    count: files.length,
    name: (index) => files[index]!.path,
    labels,
    async cells(indexes, side) {
      const cells: Cell[] = []
      const read = (index: number): Promise<Cell> =>
        readSmall(files[index]!.path, side).catch(() => 'broken' as const)
      for await (const cell of mapAhead(indexes, decodesAhead, read)) cells.push(cell)
      return cells
    },
    close: () => Promise.resolve(),
  }
}

const rowSpec: RowData = { type: 'rows', scale: 'none', window: null }

/** An IDX file's items as they are. */
async function nativeSpec(file: string): Promise<ImageData | RowData> {
  const { header, close } = await openIdx(file)
  await close()
  const [, height, width, channels = 1] = header.dimensions as [number, number, number?, (1 | 3 | 4)?]
  if (width === undefined) return rowSpec
  return { type: 'images', width, height, channels, fit: 'cover', flip: false, tiles: null }
}
