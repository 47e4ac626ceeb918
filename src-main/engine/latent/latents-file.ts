import { open, readFile, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { parquetMetadataAsync, parquetRead, parquetSchema, type ColumnData } from 'hyparquet'
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer'
import { DarkroomError } from '../../contract/errors.ts'
import { readCsv, type CsvRecord } from '../data/csv.ts'
import { numberIn } from '../data/table.ts'
import { csvLine } from '../storage/csv-write.ts'
import { decodeNpy, encodeNpy } from '../storage/npy.ts'

/** Codes with what is known of the items that they are of. */
export interface LatentTable {
  /** Length of a code. */
  size: number
  /** [count, size] */
  codes: Float32Array
  names: string[] | null
  /** Null for an item without one. */
  labels: (string | null)[] | null
  splits: string[] | null
}

const latentsFormats = ['csv', 'npy', 'parquet'] as const
export type LatentsFormat = (typeof latentsFormats)[number]

/** By the ending of a path. @throws argument-invalid */
export function latentsFormat(path: string): LatentsFormat {
  const ending = extname(path).toLowerCase()
  const format = latentsFormats.find((one) => ending === `.${one}`)
  if (format !== undefined) return format
  throw new DarkroomError('argument-invalid', {
    file: path,
    expected: 'a .csv, .npy or .parquet file',
    received: ending,
  })
}

/** Rows that are written at a time. */
const atATime = 1024
/** Columns that are not part of the code. */
const itemColumns = ['name', 'label', 'split'] as const

/**
 * Writes codes into a file: CSV and Parquet with the columns name, label and split (those that there are) and z0, z1, …; NPY as an array
 * [count, size], which has no place for the rest.
 * @param temporary the file to fill.
 */
export async function writeLatents(
  temporary: string,
  format: LatentsFormat,
  table: LatentTable,
): Promise<void> {
  if (format === 'npy') return writeFile(temporary, encodeNpy(table.codes, table.size))
  if (format === 'parquet') return writeFile(temporary, encodeParquet(table))
  const { size, codes } = table
  const count = codes.length / size
  const columns = columnsOfItems(table)
  const file = await open(temporary, 'w')
  try {
    const zs = Array.from({ length: size }, (_, i) => `z${i}`)
    await file.writeFile(`${csvLine([...columns.map(({ name }) => name), ...zs])}\n`)
    for (let from = 0; from < count; from += atATime) {
      const lines: string[] = []
      for (let i = from; i < Math.min(from + atATime, count); i++) {
        const cells = columns.map(({ values }) => values[i] ?? '')
        lines.push(csvLine([...cells, ...codes.subarray(i * size, (i + 1) * size)]))
      }
      await file.writeFile(`${lines.join('\n')}\n`)
    }
  } finally {
    await file.close()
  }
}

function columnsOfItems({
  names,
  labels,
  splits,
}: LatentTable): { name: string; values: (string | null)[] }[] {
  const values = { name: names, label: labels, split: splits }
  return itemColumns.flatMap((name) => {
    const column = values[name]
    return column === null ? [] : [{ name, values: column }]
  })
}

function encodeParquet(table: LatentTable): Uint8Array {
  const { size, codes } = table
  const count = codes.length / size
  const items: ColumnSource[] = columnsOfItems(table).map(({ name, values }) => ({
    ...{ name, data: values, type: 'STRING', nullable: name === 'label' },
  }))
  const numbers: ColumnSource[] = Array.from({ length: size }, (_, column) => ({
    ...{ name: `z${column}`, type: 'FLOAT', nullable: false },
    data: Float32Array.from({ length: count }, (_, row) => codes[row * size + column]!),
  }))
  return new Uint8Array(
    parquetWriteBuffer({ columnData: [...items, ...numbers], createdBy: 'Latent Darkroom' }),
  )
}

/**
 * Reads codes from a file. Of a table those columns are the code that are called z and a number, or all but name, label and split where none
 * is; a CSV may come without a header.
 * @throws file-not-found; argument-invalid for another ending; latents-unreadable for a file that is not what it is called, is empty, or has
 *   a place without a finite number, which it names
 */
export async function readLatents(path: string): Promise<LatentTable> {
  const format = latentsFormat(path)
  await checkThere(path)
  const table = await read[format](path)
  const { size, codes } = table
  if (size === 0 || codes.length === 0)
    throw unreadable(path, 'codes', size === 0 ? 'no column of numbers' : 'no row')
  const bad = codes.findIndex((value) => !Number.isFinite(value))
  if (bad !== -1)
    throw unreadable(
      path,
      'finite numbers',
      `row ${Math.floor(bad / size) + 1}, z${bad % size}: ${codes[bad]!}`,
    )
  return table
}

const unreadable = (file: string, expected: string, received: string, cause?: unknown): DarkroomError =>
  new DarkroomError('latents-unreadable', { file, expected, received }, cause)

async function checkThere(path: string): Promise<void> {
  try {
    await (await open(path)).close()
  } catch (cause) {
    throw new DarkroomError('file-not-found', { file: path }, cause)
  }
}

const read: Record<LatentsFormat, (path: string) => Promise<LatentTable>> = {
  csv: readCsvLatents,
  parquet: readParquetLatents,
  async npy(path) {
    const { values, columns } = decodeNpy(await readFile(path), path)
    return { size: columns, codes: values, names: null, labels: null, splits: null }
  },
}

/** Where the numbers of a code stand, in order, and what else there is. */
function columnsIn(header: string[]): {
  numbers: number[]
  items: Record<(typeof itemColumns)[number], number>
} {
  const names = header.map((name) => name.toLowerCase())
  const at = (name: string): number => names.indexOf(name)
  const items = { name: at('name'), label: at('label'), split: at('split') }
  const all = Array.from(names.keys()).filter((column) => !Object.values(items).includes(column))
  const called = all.filter((column) => /^z\d+$/.test(names[column]!))
  const place = (column: number): number => Number(names[column]!.slice(1))
  return { numbers: called.length > 0 ? called.sort((a, b) => place(a) - place(b)) : all, items }
}

async function readCsvLatents(path: string): Promise<LatentTable> {
  const records = recordsOf(path)
  const first = (await records.next()).value as CsvRecord | undefined
  if (first === undefined) throw unreadable(path, 'codes', 'no line')
  const isNumber = (cell: string): boolean => Number.isFinite(numberIn(cell, first.delimiter))
  const hasHeader = !first.cells.some(isNumber)
  const header = hasHeader ? first.cells : first.cells.map((_, i) => `z${i}`)
  const { numbers, items } = columnsIn(header)
  const codes: number[] = []
  const found = { name: [] as string[], label: [] as string[], split: [] as string[] }

  function add({ cells, line, delimiter }: CsvRecord): void {
    if (cells.length !== header.length)
      throw unreadable(path, `${header.length} columns`, `line ${line}: ${cells.length}`)
    for (const column of numbers) {
      const value = numberIn(cells[column]!, delimiter)
      if (!Number.isFinite(value))
        throw unreadable(
          path,
          'finite numbers',
          `line ${line}, ${header[column]!}: ${cells[column]! || '""'}`,
        )
      codes.push(value)
    }
    for (const name of itemColumns) if (items[name] !== -1) found[name].push(cells[items[name]]!)
  }
  if (!hasHeader) add(first)
  for await (const record of records) add(record)
  return {
    ...{ size: numbers.length, codes: Float32Array.from(codes) },
    names: items.name === -1 ? null : found.name,
    labels: items.label === -1 ? null : found.label.map((label) => (label === '' ? null : label)),
    splits: items.split === -1 ? null : found.split,
  }
}

async function* recordsOf(path: string): AsyncGenerator<CsvRecord> {
  try {
    yield* readCsv(path)
  } catch (thrown) {
    if (!(thrown instanceof DarkroomError) || thrown.detail.code !== 'data-unreadable') throw thrown
    const { expected = 'a CSV file', received = 'another one' } = thrown.detail
    throw unreadable(path, expected, received, thrown)
  }
}

async function readParquetLatents(path: string): Promise<LatentTable> {
  try {
    const bytes = await readFile(path)
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
    const metadata = await parquetMetadataAsync(file)
    const header = parquetSchema(metadata).children.map(({ element }) => element.name)
    const { numbers, items } = columnsIn(header)
    const count = Number(metadata.num_rows)
    const size = numbers.length
    const codes = new Float32Array(count * size)
    const texts = new Map<number, (string | null)[]>(
      Object.values(items).map((at) => [at, new Array<string | null>(count).fill(null)]),
    )
    const onChunk = ({ columnName, columnData, rowStart }: ColumnData): void => {
      const at = header.indexOf(columnName)
      const place = numbers.indexOf(at)
      const text = texts.get(at)
      if (place === -1 && text === undefined) return
      Array.from<unknown>(columnData).forEach((value, i) => {
        const row = rowStart + i
        if (text !== undefined) text[row] = typeof value === 'string' ? value : null
        else if (typeof value === 'number' || typeof value === 'bigint')
          codes[row * size + place] = Number(value)
        else throw unreadable(path, 'finite numbers', `row ${row + 1}, ${columnName}: ${typeof value}`)
      })
    }
    await parquetRead({ file, metadata, onChunk })
    const column = (at: number): (string | null)[] | null => (at === -1 ? null : texts.get(at)!)
    const named = (values: (string | null)[] | null): string[] | null =>
      values && values.map((value) => value ?? '')
    return {
      ...{ size, codes },
      names: named(column(items.name)),
      labels: column(items.label),
      splits: named(column(items.split)),
    }
  } catch (thrown) {
    if (thrown instanceof DarkroomError) throw thrown
    const received = thrown instanceof Error ? thrown.message : String(thrown)
    throw unreadable(path, 'a Parquet file', received, thrown)
  }
}
