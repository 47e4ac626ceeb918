import { DarkroomError } from '../../contract/errors.ts'
import { readCsv } from './csv.ts'
import { openIdx } from './idx.ts'

/** Items that a file has labels for, in order. */
export interface Labelled {
  count: number
  name: (index: number) => string
}

/** One line of a text file: `cells` is [''] where it is empty. */
interface Line {
  cells: string[]
  line: number
}

/**
 * The labels that a file holds, '' for none: an IDX file of whole numbers with one dimension; a text file with one a line, where a first line
 * too many is a header and an empty line is no label; or a table with the columns `name` and `label` (or those two without a header) which
 * names items as this program does, or by the end of their path.
 * @throws file-not-found, data-unreadable; labels-unusable where their number is another one, or a name is not that of one item
 */
export async function readLabelFile(file: string, items: Labelled): Promise<string[]> {
  if (!/\.(csv|tsv|txt)(\.gz)?$/i.test(file)) return checkCount(await readIdxLabels(file), items.count, file)
  const lines: Line[] = []
  for await (const { cells, line } of readCsv(file, { emptyLines: true })) lines.push({ cells, line })
  const filled = lines.filter(({ cells }) => cells.length > 1 || cells[0] !== '')
  const columns = namedColumns(filled)
  if (columns !== null) return labelsByName(filled, columns, items, file)
  const wide = filled.find(({ cells }) => cells.length > 1)
  if (wide !== undefined)
    throw new DarkroomError('labels-unusable', {
      file,
      expected: 'one label a line, or the columns name and label',
      received: `line ${wide.line}: ${wide.cells.length} cells`,
    })
  return labelsInOrder(lines, filled, items.count, file)
}

function labelsInOrder(lines: Line[], filled: Line[], count: number, file: string): string[] {
  // Where there is a label for each item, empty lines are nothing.
  const isWhole = filled.length === count || filled.length === count + 1
  const labels = (isWhole ? filled : lines).map(({ cells }) => cells[0]!)
  while (labels.length > count + 1 && labels.at(-1) === '') labels.pop()
  if (labels.length === count + 1) {
    if (labels.at(-1) === '') labels.pop()
    else labels.shift()
  }
  return checkCount(labels, count, file)
}

function checkCount(labels: string[], count: number, file: string): string[] {
  if (labels.length === count) return labels
  throw new DarkroomError('labels-unusable', {
    file,
    expected: `${count} labels, one for each item`,
    received: `${labels.length}`,
  })
}

/** What columns of such tables are called, ours first. */
const headers = { names: ['name', 'file', 'filename', 'path', 'image'], labels: ['label', 'class'] }

/** Where names and labels stand; null of a file that is no table of them. */
function namedColumns(lines: Line[]): { name: number; label: number; hasHeader: boolean } | null {
  const first = lines[0]?.cells.map((cell) => cell.toLowerCase())
  if (first === undefined || first.length < 2) return null
  const [name, label] = [headers.names, headers.labels].map((known) =>
    first.findIndex((cell) => known.includes(cell)),
  ) as [number, number]
  if (name !== -1 && label !== -1) return { name, label, hasHeader: true }
  return first.length === 2 ? { name: 0, label: 1, hasHeader: false } : null
}

function labelsByName(
  lines: Line[],
  { name, label, hasHeader }: NonNullable<ReturnType<typeof namedColumns>>,
  items: Labelled,
  file: string,
): string[] {
  const find = createFinder(items)
  const labels = new Array<string>(items.count).fill('')
  for (const { cells, line } of hasHeader ? lines.slice(1) : lines) {
    const wanted = cells[name] ?? ''
    const found = find(wanted)
    if (found.length !== 1)
      throw new DarkroomError('labels-unusable', {
        file,
        expected: found.length === 0 ? 'names of items' : 'names that one item alone has',
        received: `line ${line}: ${wanted}${found.length === 0 ? '' : `, which ${found.length} items have`}`,
      })
    labels[found[0]!] = cells[label] ?? ''
  }
  return labels
}

/** Finds items by their whole name, or by its end after a separator of folders. */
function createFinder({ count, name }: Labelled): (wanted: string) => number[] {
  const plain = (path: string): string => path.replaceAll('\\', '/')
  const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const names = Array.from({ length: count }, (_, index) => plain(name(index)))
  const byLast = new Map<string, number[]>()
  for (const [index, one] of names.entries()) {
    const alike = byLast.get(last(one))
    if (alike === undefined) byLast.set(last(one), [index])
    else alike.push(index)
  }
  return (wanted) => {
    const path = plain(wanted)
    const alike = byLast.get(last(path)) ?? []
    const exact = alike.filter((index) => names[index] === path)
    return exact.length > 0 ? exact : alike.filter((index) => names[index]!.endsWith(`/${path}`))
  }
}

async function readIdxLabels(file: string): Promise<string[]> {
  const { header, items, close } = await openIdx(file)
  try {
    if (header.dimensions.length > 1)
      throw new DarkroomError('labels-unusable', {
        file,
        expected: 'an IDX file with one dimension',
        received: header.dimensions.join(' × '),
      })
    const labels: string[] = []
    for await (const [value] of items) labels.push(String(value))
    return labels
  } finally {
    await close()
  }
}
