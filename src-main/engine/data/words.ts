import type { ColumnOfWords } from '../../contract/dataset.ts'
import { DarkroomError, type ErrorDetail } from '../../contract/errors.ts'
import { readCsv, type CsvRecord } from './csv.ts'
import { throwIfCancelled } from './sample-source.ts'
import { columnKey, isMeasured, isWord, numberIn } from './table.ts'

/** What a table is like that has words in it. */
interface WordyTable {
  header: string[] | null
  rows: number
  /** All of them, that of labels among them. */
  columns: number
  words: ColumnOfWords
}

/** Of a column. */
interface Tally {
  words: number
  numbers: number
  /** Whether the first line's cell comes again below it. */
  recurs: boolean
}

/**
 * Looks where the words of a table are that could not be read as one of numbers.
 * @param error what reading it without labels said
 * @returns the table where one column alone has words, with what helps
 * @throws the error, where naming a column of labels would not help
 */
export async function findWords(
  file: string,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<WordyTable> {
  if (!(error instanceof DarkroomError) || error.detail.code !== 'data-unreadable') throw error
  let first: CsvRecord | null = null
  let rows = 0
  const tallies: Tally[] = []
  for await (const record of readCsv(file)) {
    throwIfCancelled(signal)
    if (first === null) {
      first = record
      continue
    }
    rows++
    count(tallies, record, first)
  }
  if (first === null) throw error
  const header = isHeader(first, tallies) ? first.cells : null
  if (header === null) {
    rows++
    count(tallies, first, first)
  }
  const wordy = [...tallies.keys()].filter((at) => tallies[at]!.words > 0)
  const [at] = wordy
  if (at === undefined) throw error
  if (wordy.length > 1) {
    const names = wordy.slice(0, 8).map((one) => columnKey(header, one))
    throw new DarkroomError('data-unreadable', {
      file,
      expected: 'words in one column at most, that of labels',
      received: `${wordy.length}: ${names.join(', ')}${wordy.length > names.length ? ', …' : ''}`,
    })
  }
  const column = columnKey(header, at)
  const hasNumbers = tallies[at]!.numbers > 0
  const detail: ErrorDetail = hasNumbers
    ? error.detail
    : { ...error.detail, code: 'labels-missing', expected: `column:${column} as labels` }
  return {
    header,
    rows,
    columns: first.cells.length,
    words: { column, hasNumbers, detail },
  }
}

function count(tallies: Tally[], { cells, delimiter }: CsvRecord, first: CsvRecord): void {
  for (const [at, cell] of cells.entries()) {
    const tally = (tallies[at] ??= { words: 0, numbers: 0, recurs: false })
    if (isWord(cell, delimiter)) tally.words++
    else if (!Number.isNaN(numberIn(cell, delimiter))) tally.numbers++
    tally.recurs ||= cell === first.cells[at]
  }
}

/**
 * Whether the first line names the columns: where a column of values has a word in it there; or where all those are different counters, as
 * of a table whose columns were numbered, and the word beside them is in no row.
 */
function isHeader({ cells, delimiter }: CsvRecord, tallies: Tally[]): boolean {
  const isOfWords = (at: number): boolean => (tallies[at]?.words ?? 0) > 0 && tallies[at]!.numbers === 0
  const values = cells.filter((_, at) => !isOfWords(at))
  if (values.some((cell) => isMeasured(cell, delimiter))) return false
  if (values.some((cell) => isWord(cell, delimiter))) return true
  const isName = (cell: string, at: number): boolean => isWord(cell, delimiter) && !tallies[at]!.recurs
  return (
    new Set(values).size === values.length && cells.every((cell, at) => !isOfWords(at) || isName(cell, at))
  )
}
