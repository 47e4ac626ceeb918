import { DarkroomError } from '../../contract/errors.ts'
import { readCsv, type CsvRecord, type Delimiter } from './csv.ts'

export interface Table {
  /** Names of all columns, that of labels among them; null without a header. */
  header: string[] | null
  /** Values a row. */
  width: number
  rows: AsyncGenerator<TableRow>
  /** For who does not read all rows. */
  close: () => Promise<void>
}

export interface TableRow {
  values: Float32Array
  /** What its column of labels says; null without such a column. */
  label: string | null
  /** In the file, from 1. */
  line: number
}

/** What programs write where a value is missing: a gap in a row of values, and no name of a column. */
const gap = /^(|-+|\?|nan|na|n\/a|null|none|#n\/a|[+-]?inf(inity)?)$/i
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** The number that a cell holds; NaN for none. Between semicolons a decimal comma may stand in it. */
export function numberIn(cell: string, delimiter: Delimiter): number {
  const text = delimiter === ';' ? cell.replace(',', '.') : cell
  return number.test(text) ? Math.fround(Number(text)) : NaN
}

/**
 * Rows of numbers from a CSV file. A first line with a name in it is a header. Where cells are told apart by semicolons, decimal commas
 * are read.
 * @param labelColumn name of the column of labels, or its number from 0; null for none
 * @throws data-unreadable naming line and column, as the rows are read; labels-unusable where there is no such column
 */
export async function openTable(file: string, labelColumn: string | null): Promise<Table> {
  const records = readCsv(file)
  try {
    const next = await records.next()
    if (next.done)
      throw new DarkroomError('data-unreadable', { file, expected: 'rows of numbers', received: 'no line' })
    const first = next.value
    const labelAt = labelColumn === null ? null : labelIndex(first, labelColumn, file)
    const header = isHeader(first, labelColumn, labelAt) ? first.cells : null
    const width = first.cells.length - (labelAt === null ? 0 : 1)
    if (width === 0)
      throw new DarkroomError('data-unreadable', {
        file,
        expected: 'values beside the labels',
        received: 'one column',
      })
    return {
      header,
      width,
      rows: readRows(file, header === null ? first : null, records, {
        cells: first.cells.length,
        header,
        labelAt,
      }),
      close: async () => {
        await records.return(undefined)
      },
    }
  } catch (error) {
    await records.return(undefined)
    throw error
  }
}

function labelIndex({ cells }: CsvRecord, column: string, file: string): number {
  const named = cells.indexOf(column)
  if (named !== -1 && !number.test(column)) return named
  // A header's name may be a number; the number of a column counts more.
  const index = /^\d+$/.test(column) && Number(column) < cells.length ? Number(column) : named
  if (index !== -1) return index
  throw new DarkroomError('labels-unusable', {
    file,
    expected: `one of ${cells.length} columns: ${cells.slice(0, 8).join(', ')}${cells.length > 8 ? ', …' : ''}`,
    received: column,
  })
}

/** What a column is found by: its name, or its number where the name is one, or another column's. */
export function columnKey(header: string[] | null, at: number): string {
  const name = header?.[at]
  return name !== undefined && !number.test(name) && header!.indexOf(name) === at ? name : String(at)
}

/** A column of labels is no proof of a header, but for its own name. */
function isHeader(
  { cells, delimiter }: CsvRecord,
  labelColumn: string | null,
  labelAt: number | null,
): boolean {
  if (labelAt !== null && cells[labelAt] === labelColumn && !number.test(labelColumn)) return true
  const values = cells.filter((_, at) => at !== labelAt)
  return values.some((cell) => isWord(cell, delimiter)) && !values.some((cell) => isMeasured(cell, delimiter))
}

/** Neither a number nor a gap: what a header has and values have not. */
export const isWord = (cell: string, delimiter: Delimiter): boolean =>
  Number.isNaN(numberIn(cell, delimiter)) && !gap.test(cell)

/** A number with a fraction or a sign, which no header has: years and counters are names too. */
export const isMeasured = (cell: string, delimiter: Delimiter): boolean =>
  !Number.isNaN(numberIn(cell, delimiter)) && !/^\d+$/.test(cell)

async function* readRows(
  file: string,
  first: CsvRecord | null,
  records: AsyncGenerator<CsvRecord>,
  layout: { cells: number; header: string[] | null; labelAt: number | null },
): AsyncGenerator<TableRow> {
  try {
    if (first !== null) yield rowOf(file, first, layout)
    for await (const record of records) yield rowOf(file, record, layout)
  } finally {
    await records.return(undefined)
  }
}

function rowOf(
  file: string,
  { cells, line, delimiter }: CsvRecord,
  layout: { cells: number; header: string[] | null; labelAt: number | null },
): TableRow {
  if (cells.length !== layout.cells)
    throw new DarkroomError('data-unreadable', {
      file,
      expected: `${layout.cells} cells, as in the first line`,
      received: `line ${line}: ${cells.length}`,
    })
  const values = new Float32Array(cells.length - (layout.labelAt === null ? 0 : 1))
  let to = 0
  for (const [at, cell] of cells.entries()) {
    if (at === layout.labelAt) continue
    const value = numberIn(cell, delimiter)
    if (!Number.isFinite(value)) {
      const name = layout.header?.[at]
      throw new DarkroomError('data-unreadable', {
        file,
        expected: 'a number in every cell',
        received: `line ${line}, column ${at + 1}${name ? ` (${name})` : ''}: ${gap.test(cell) ? cell || 'nothing' : cell.slice(0, 40)}`,
      })
    }
    values[to++] = value
  }
  return { values, label: layout.labelAt === null ? null : cells[layout.labelAt]!, line }
}
