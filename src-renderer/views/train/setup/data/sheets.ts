import type { DataPage, DataSource } from '../../../../../src-main/contract/dataset.ts'
import type { Engine } from '../../../../../src-main/contract/engine.ts'
import { bytesOfBitmap, createAnswers, type Answers } from '../../../../state/answers.svelte.ts'

/** Lines of cells in one sheet: few enough to come quickly, many enough that a quick scroll does not ask for each line. */
export const linesPerSheet = 6
/** Bytes of decoded sheets that are kept. */
const maxBytes = 64 * 2 ** 20

export interface Sheet {
  bitmap: ImageBitmap
  items: DataPage['items']
}

/** What of the data is shown how: one page of the grid. */
export interface SheetQuestion {
  data: DataSource
  /** Cells in a line, and pixels of a cell's side. */
  columns: number
  cell: number
  /** 0 is the first sheet. */
  number: number
}

/** Sheets of small pictures of the data. @param failed told of a sheet that could not be had */
export const createSheets = (
  engine: Pick<Engine, 'dataPage'>,
  failed: (thrown: unknown) => void,
): Answers<SheetQuestion, Sheet> =>
  createAnswers({
    async ask({ data, columns, cell, number }) {
      const count = columns * linesPerSheet
      const { items, sheet } = await engine.dataPage({ data, from: number * count, count, cell, columns })
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(sheet.bytes)], { type: sheet.type }))
      return { bitmap, items }
    },
    keyOf: ({ data, columns, cell, number }) =>
      JSON.stringify([data.sources, data.labels, columns, cell, number]),
    maxBytes,
    bytesOf: ({ bitmap }) => bytesOfBitmap(bitmap),
    failed,
  })
