import { TextDecoder } from 'node:util'
import { DarkroomError } from '../../contract/errors.ts'
import { readBytesOf } from './byte-stream.ts'

export interface CsvRecord {
  cells: string[]
  /** Where it begins in the file, from 1. */
  line: number
  delimiter: Delimiter
}

/** What cells are told apart by: the first that is there, for between semicolons commas are decimal ones. */
const delimiters = ['\t', ';', ','] as const
export type Delimiter = (typeof delimiters)[number]

/** Characters of one record, far beyond what a row of values takes: a file of something else ends here, and not in the memory. */
const recordLimit = 2 ** 25

/**
 * The records of a CSV file (RFC 4180: cells in quotes may hold delimiters, line breaks and doubled quotes; line ends of any system),
 * piece by piece; UTF-8, or UTF-16 with its mark. Empty lines are passed over, or are records of one empty cell. The delimiter is a tab, a semicolon or a
 * comma: the first of them that the first line has outside of quotes.
 * Memory: a record and a piece of the file.
 * @throws file-not-found, data-unreadable naming the line
 */
export async function* readCsv(
  file: string,
  { emptyLines = false }: { emptyLines?: boolean } = {},
): AsyncGenerator<CsvRecord> {
  let delimiter: Delimiter | null = null
  let line = 0
  let record = ''
  /** Where the record that is open began; null between records. */
  let openedAt: number | null = null
  for await (const text of linesOf(file)) {
    line++
    if (openedAt === null && text.trim() === '') {
      if (emptyLines) yield { cells: [''], line, delimiter: delimiter ?? ',' }
      continue
    }
    record = openedAt === null ? text : `${record}\n${text}`
    if (record.length > recordLimit) throw unreadable(file, line, 'lines of cells', 'a line without an end')
    // Within a record quotes come in pairs, doubled ones too.
    if (quotesOf(text) % 2 === 1) {
      if (openedAt === null) {
        openedAt = line
        continue
      }
    } else if (openedAt !== null) continue
    delimiter ??= delimiterOf(record)
    const at = openedAt ?? line
    openedAt = null
    yield { cells: cellsOf(record, delimiter, file, at), line: at, delimiter }
  }
  if (openedAt !== null) throw unreadable(file, openedAt, 'a closing quote', 'none up to the end of the file')
}

const unreadable = (file: string, line: number, expected: string, received: string): DarkroomError =>
  new DarkroomError('data-unreadable', { file, expected, received: `line ${line}: ${received}` })

function quotesOf(text: string): number {
  let count = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++
  return count
}

function delimiterOf(record: string): Delimiter {
  const unquoted = record.replaceAll(/"[^"]*"/g, '')
  return delimiters.find((delimiter) => unquoted.includes(delimiter)) ?? ','
}

function cellsOf(record: string, delimiter: Delimiter, file: string, line: number): string[] {
  const parts = record.split(delimiter)
  if (!record.includes('"')) return parts.map((part) => part.trim())
  const cells: string[] = []
  let open: string | null = null
  for (const part of parts) {
    open = open === null ? part : open + delimiter + part
    if (quotesOf(open) % 2 === 1) continue
    const cell = open.trim()
    open = null
    if (!cell.includes('"')) cells.push(cell)
    else if (/^"(?:[^"]|"")*"$/.test(cell)) cells.push(cell.slice(1, -1).replaceAll('""', '"'))
    else throw unreadable(file, line, 'quotes around a whole cell', cell.slice(0, 40))
  }
  return cells
}

async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const text of decode(file)) {
    // A carriage return at the end may be the first half of a line end.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    if (rest.length > recordLimit)
      throw new DarkroomError('data-unreadable', { file, expected: 'lines of cells' })
    yield* lines
  }
  if (rest !== '') yield* rest.split('\r', 1)
}

async function* decode(file: string): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null
  try {
    for await (const bytes of readBytesOf(file)) {
      const isWide = bytes[0] === 0xff && bytes[1] === 0xfe
      decoder ??= new TextDecoder(isWide ? 'utf-16le' : 'utf-8', { fatal: true })
      yield decoder.decode(bytes, { stream: true })
    }
    if (decoder !== null) yield decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new DarkroomError('data-unreadable', { file, expected: 'text in UTF-8' }, error)
  }
}
