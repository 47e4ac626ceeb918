import type { DataPage, DataSource } from '../../../../../src-main/contract/dataset.ts'
import type { Engine } from '../../../../../src-main/contract/engine.ts'
import { createCache } from '../../../../state/cache.ts'
import { createLoader } from '../../../../state/loader.ts'

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

export interface Sheets {
  /** The sheet if it is here. */
  get(question: SheetQuestion): Sheet | undefined
  want(questions: readonly SheetQuestion[]): void
  close(): void
}

const keyOf = ({ data, columns, cell, number }: SheetQuestion): string =>
  JSON.stringify([data.sources, data.labels, columns, cell, number])

/** Sheets of small pictures of the data. @param onFailure told of a sheet that could not be had */
export function createSheets(engine: Pick<Engine, 'dataPage'>, onFailure: (thrown: unknown) => void): Sheets {
  const cache = createCache<Sheet>(maxBytes, ({ bitmap }) => bitmap.width * bitmap.height * 4)
  let arrivals = $state(0)
  const loader = createLoader<SheetQuestion, Sheet>({
    ask: async ({ data, columns, cell, number }) => {
      const count = columns * linesPerSheet
      const { items, sheet } = await engine.dataPage({ data, from: number * count, count, cell, columns })
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(sheet.bytes)], { type: sheet.type }))
      return { bitmap, items }
    },
    inFlight: 2,
    ready: (key, sheet) => {
      cache.set(key, sheet)
      arrivals += 1
    },
    failed: (_key, thrown) => onFailure(thrown),
  })
  return {
    get: (question) => (arrivals >= 0 ? cache.get(keyOf(question)) : undefined),
    want: (questions) =>
      loader.want(
        questions
          .map((question) => ({ key: keyOf(question), question }))
          .filter(({ key }) => !cache.has(key)),
      ),
    close: () => loader.close(),
  }
}
