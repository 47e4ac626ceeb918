import { basename } from 'node:path'
import { splitNames } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { MapColumn } from '../../contract/latent.ts'
import { readCsv, type CsvRecord, type Delimiter } from '../data/csv.ts'
import { compareNames } from '../data/labels.ts'
import { isWord, numberIn } from '../data/table.ts'
import type { Latents } from './latents.ts'

/** What the points of a map can be coloured by. @throws data-unreadable, data-unsuitable, file-not-found for the attributes */
export async function columnsOf(latents: Latents, attributes: string | null): Promise<MapColumn[]> {
  const columns: MapColumn[] = []
  const { labels, splits, errors } = latents
  if (labels !== null)
    columns.push({ id: 'label', name: 'label', kind: 'category', names: labels.names, values: labels.of })
  if (splits !== null) {
    const parts: readonly string[] = splitNames.filter((name) => name !== 'all')
    const values = Int32Array.from(splits, (split) => parts.indexOf(split))
    columns.push({ id: 'split', name: 'split', kind: 'category', names: [...parts], values })
  }
  if (errors !== null) columns.push({ id: 'error', name: 'error', kind: 'number', values: errors })
  return attributes === null ? columns : [...columns, ...(await readAttributes(latents, attributes))]
}

/** The columns of a table about the items, each line with the name of one in its first cell. */
async function readAttributes(latents: Latents, file: string): Promise<MapColumn[]> {
  const all: CsvRecord[] = []
  for await (const record of readCsv(file)) all.push(record)
  const [header, ...records] = all
  if (header === undefined || header.cells.length < 2)
    throw new DarkroomError('data-unreadable', {
      file,
      expected: 'a header, and a column beside that of names',
      received: header === undefined ? 'no line' : `line 1: ${header.cells.length} cell`,
    })
  const byName = new Map<string, CsvRecord>()
  for (const record of records) {
    if (record.cells.length !== header.cells.length)
      throw new DarkroomError('data-unreadable', {
        file,
        expected: `${header.cells.length} cells, as in the first line`,
        received: `line ${record.line}: ${record.cells.length}`,
      })
    byName.set(record.cells[0]!, record)
  }
  const lines = Array.from({ length: latents.count }, (_, i) => {
    const name = latents.name(i)
    return byName.get(name) ?? byName.get(basename(name))
  })
  if (!lines.some((line) => line !== undefined))
    throw new DarkroomError('data-unsuitable', {
      file,
      expected: `names of items in the first column, such as ${basename(latents.name(0))}`,
      received: records[0]?.cells[0] ?? 'none',
    })
  return header.cells.slice(1).map((name, i) => {
    const cells = lines.map((line) => line?.cells[i + 1] ?? '')
    return { id: `csv:${name}`, name, ...valuesOf(cells, header.delimiter) }
  })
}

/** Numbers where all that is said is a number; categories otherwise. */
function valuesOf(
  cells: string[],
  delimiter: Delimiter,
): { kind: 'number'; values: Float32Array } | { kind: 'category'; names: string[]; values: Int32Array } {
  if (!cells.some((cell) => isWord(cell, delimiter)))
    return { kind: 'number', values: Float32Array.from(cells, (cell) => numberIn(cell, delimiter)) }
  const names = [...new Set(cells)].filter((cell) => cell !== '').sort(compareNames)
  const places = new Map(names.map((name, place) => [name, place]))
  return { kind: 'category', names, values: Int32Array.from(cells, (cell) => places.get(cell) ?? -1) }
}
