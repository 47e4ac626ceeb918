import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { maximumListed, type DataReport, type DataSource } from '../../contract/dataset.ts'
import { toErrorDetail } from '../../contract/errors.ts'
import type { Progress } from '../../contract/jobs.ts'
import { checkImage } from '../storage/sample-images.ts'
import { dataKindOf } from './data-kind.ts'
import { decodesAhead, folderLabels } from './folder-samples.ts'
import { openIdx } from './idx.ts'
import { findImages, type FoundImage } from './image-files.ts'
import { readLabelFile } from './label-file.ts'
import { labelSource, labelsOf, type Labels, type LabelSource } from './labels.ts'
import { mapAhead } from './ordered.ts'
import { createProgress } from './progress.ts'
import { fileVersion, nameInFile, throwIfCancelled } from './sample-source.ts'
import { openTable } from './table.ts'
import { findWords } from './words.ts'

export interface ReportOptions {
  signal: AbortSignal
  onProgress: (progress: Progress) => void
  /** Awaited between items. */
  pause: () => Promise<void>
}

/**
 * Looks through data. Images are decoded as small as their decoder can, so that bad ones are found; files of one length are compared by
 * their content. Memory: a few bytes an item.
 * @throws what opening them for training throws, but for an empty folder, and what only a recipe can decide
 */
export async function reportData(source: DataSource, options: ReportOptions): Promise<DataReport> {
  const kind = await dataKindOf(source.sources)
  const labels = labelSource(source, kind)
  if (kind === 'folder') return reportFolders(source.sources, labels, options)
  const file = resolve(source.sources[0]!)
  return kind === 'idx' ? reportIdx(file, labels, options) : reportTable(file, labels, options)
}

const empty = {
  columns: null,
  columnNames: null,
  words: null,
  range: null,
  skipped: [],
  skippedCount: 0,
  transparentCount: 0,
  ignoredCount: 0,
}

async function reportFolders(
  sources: string[],
  labels: LabelSource,
  { signal, onProgress, pause }: ReportOptions,
): Promise<DataReport> {
  const { files, ignoredCount } = await findImages(sources, signal)
  const note = createProgress(files.length, onProgress)
  const lengths = new Map<number, number>()
  for (const { bytes } of files) lengths.set(bytes, (lengths.get(bytes) ?? 0) + 1)
  const isAlone = ({ bytes }: FoundImage): boolean => lengths.get(bytes) === 1

  const copies = createCopies()
  const sizes = new Map<string, { width: number; height: number; count: number }>()
  const unusable = new Set<number>()
  let transparentCount = 0
  const skipped: DataReport['skipped'] = []
  const looks = mapAhead(files.entries(), decodesAhead, async ([index, file]) => {
    try {
      const size = await checkImage(file.path)
      return { index, file, size, content: isAlone(file) ? null : await contentHash(file.path) }
    } catch (error) {
      return { index, file, error }
    }
  })
  for await (const look of looks) {
    throwIfCancelled(signal)
    note(look.file.path)
    if ('error' in look) {
      unusable.add(look.index)
      if (skipped.length < maximumListed) skipped.push(toErrorDetail(look.error, look.file.path))
    } else {
      const { width, height, isTransparent } = look.size
      if (isTransparent) transparentCount++
      const size = sizes.get(`${width}×${height}`) ?? { width, height, count: 0 }
      size.count++
      sizes.set(`${width}×${height}`, size)
      if (look.content !== null) copies.note(look.content, look.file.path)
    }
    await pause()
  }
  const isUsed = (_: unknown, index: number): boolean => !unusable.has(index)
  return {
    ...empty,
    kind: 'folder',
    items: files.length - unusable.size,
    sizes: [...sizes.values()].sort((a, b) => b.count - a.count).slice(0, maximumListed),
    ...countLabels(files.length > unusable.size ? await folderLabels(files, isUsed, labels, sources) : null),
    ...copies.found(),
    skipped,
    skippedCount: unusable.size,
    transparentCount,
    ignoredCount,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

async function reportIdx(
  file: string,
  labels: LabelSource,
  { signal, onProgress, pause }: ReportOptions,
): Promise<DataReport> {
  const { header, items } = await openIdx(file)
  const [count, height, width] = header.dimensions as [number, number?, number?]
  const isImages = width !== undefined
  const note = createProgress(count, onProgress)
  const copies = createCopies()
  const range = createRange()
  let index = 0
  for await (const item of items) {
    throwIfCancelled(signal)
    const name = nameInFile(file, index++)
    note(name)
    copies.note(hashOf(new Uint8Array(item.buffer, item.byteOffset, item.byteLength)), name)
    if (!isImages) range.note(item)
    await pause()
  }
  return {
    ...empty,
    kind: 'idx',
    items: count,
    sizes: isImages ? [{ width, height: height!, count }] : [],
    columns: isImages ? null : (height ?? 1),
    range: isImages ? null : range.found(),
    ...countLabels(
      labels.from === 'file'
        ? labelsOf(
            await readLabelFile(labels.file, { count, name: (index) => nameInFile(file, index) }),
            labels.file,
            'labels',
          )
        : null,
    ),
    ...copies.found(),
    bytes: (await fileVersion(file)).size,
  }
}

async function reportTable(file: string, labels: LabelSource, options: ReportOptions): Promise<DataReport> {
  const [kind, bytes] = ['csv' as const, (await fileVersion(file)).size]
  try {
    return { ...empty, kind, bytes, ...(await reportRows(file, labels, options)) }
  } catch (error) {
    if (labels.from !== 'nowhere') throw error
    const { header, rows, columns, words } = await findWords(file, error, options.signal)
    return {
      ...{ ...empty, kind, bytes, items: rows, sizes: [], columns: columns - 1, columnNames: header, words },
      ...{ ...countLabels(null), ...createCopies().found() },
    }
  }
}

async function reportRows(file: string, labels: LabelSource, { signal, pause }: ReportOptions) {
  const table = await openTable(file, labels.from === 'column' ? labels.column : null)
  const copies = createCopies()
  const range = createRange()
  const named: (string | null)[] = []
  for await (const { values, label } of table.rows) {
    throwIfCancelled(signal)
    copies.note(hashOf(new Uint8Array(values.buffer)), nameInFile(file, named.length))
    range.note(values)
    named.push(label)
    await pause()
  }
  if (labels.from === 'file')
    named.splice(
      0,
      named.length,
      ...(await readLabelFile(labels.file, {
        count: named.length,
        name: (index) => nameInFile(file, index),
      })),
    )
  return {
    items: named.length,
    sizes: [],
    columns: table.width,
    columnNames: table.header,
    range: range.found(),
    ...countLabels(labels.from === 'nowhere' ? null : labelsOf(named, file, 'labels')),
    ...copies.found(),
  }
}

function countLabels(labels: Labels | null): Pick<DataReport, 'labels' | 'unlabelled'> {
  if (labels === null) return { labels: null, unlabelled: 0 }
  const counts = new Array<number>(labels.names.length).fill(0)
  let unlabelled = 0
  for (const label of labels.of) {
    if (label === -1) unlabelled++
    else counts[label]!++
  }
  return { labels: labels.names.map((name, i) => ({ name, count: counts[i]! })), unlabelled }
}

/** Finds what is there more than once by a hash of its content. */
function createCopies() {
  const first = new Map<string, string>()
  const groups = new Map<string, string[]>()
  let duplicateCount = 0
  return {
    note(content: string, name: string): void {
      const original = first.get(content)
      if (original === undefined) {
        first.set(content, name)
        return
      }
      duplicateCount++
      const group = groups.get(content)
      if (group === undefined) {
        if (groups.size < maximumListed) groups.set(content, [original, name])
      } else if (group.length < maximumListed) group.push(name)
    },
    found: () => ({ duplicates: [...groups.values()], duplicateCount }),
  }
}

function createRange() {
  let low = Infinity
  let high = -Infinity
  return {
    note(values: Iterable<number>): void {
      for (const value of values) {
        low = Math.min(low, value)
        high = Math.max(high, value)
      }
    },
    found: (): [number, number] | null => (low <= high ? [low, high] : null),
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64')

async function contentHash(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('base64')
}
