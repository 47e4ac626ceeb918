import { createHash } from 'node:crypto'
import { DarkroomError } from '../../contract/errors.ts'
import type { RowData } from '../../contract/recipe.ts'
import { labelsOf, type Labels } from './labels.ts'
import type { Described } from './sample-source.ts'
import type { SampleStore } from './sample-store.ts'

export type Window = NonNullable<RowData['window']>

/** Values of one row, of samples that are rows or windows of them. */
export const columnsOf = (shape: readonly number[], { window }: Pick<RowData, 'window'>): number =>
  shape[0]! / (window?.length ?? 1)

/** Rows behind the last whole window are in none. */
const windowCount = (rows: number, { length, stride }: Window): number =>
  rows < length ? 0 : Math.floor((rows - length) / stride) + 1

/**
 * Stored rows as windows of them: rows are kept once, however many windows hold them.
 * @throws training-data-missing where the rows do not fill one
 */
export function windowStore(rows: SampleStore, window: Window, file: string): SampleStore {
  const { length, stride } = window
  const { count, sha256, facts } = rows.about
  const windows = windowCount(count, window)
  if (windows === 0)
    throw new DarkroomError('training-data-missing', {
      file,
      expected: `at least ${length} rows, for one window`,
      received: `${count}`,
    })
  const hash = createHash('sha256').update(JSON.stringify([sha256, length, stride]))
  return {
    about: { count: windows, sha256: hash.digest('hex'), facts },
    async read(indexes, take) {
      const places = new Int32Array(indexes.length * length)
      for (let at = 0; at < places.length; at++)
        places[at] = indexes[Math.floor(at / length)]! * stride + (at % length)
      const samples: Uint8Array[] = []
      await rows.read(places, (at, row) => {
        const sample = (samples[Math.floor(at / length)] ??= new Uint8Array(length * row.length))
        sample.set(row, (at % length) * row.length)
      })
      for (const [at, sample] of samples.entries()) take(at, sample)
    },
    close: () => rows.close(),
  }
}

/** What is known of the windows of rows. */
export function describeWindows(rows: Described, count: number, window: Window, series: string): Described {
  const { length, stride } = window
  const starts = Int32Array.from({ length: windowCount(count, window) }, (_, index) => index * stride)
  return {
    ...rows,
    name: (index) => rows.name(starts[index]!),
    labels: rows.labels && windowLabels(rows.labels, starts, length, series),
    groups: {
      type: 'windows',
      of: new Int32Array(starts.length),
      names: [series],
      sizes: [[count]],
      starts,
      extent: [length],
    },
  }
}

/**
 * A window has the label, of those of its rows, that the fewest rows of the whole series have: one row of a fault makes it a window of that
 * fault. Rows without a label say nothing.
 */
function windowLabels({ names, of }: Labels, starts: Int32Array, length: number, series: string): Labels {
  const counts = new Int32Array(names.length)
  for (const label of of) if (label !== -1) counts[label]!++
  const rarer = (a: number, b: number): boolean => b === -1 || (a !== -1 && counts[a]! < counts[b]!)
  const rarest = (start: number): number => {
    let found = -1
    for (let row = start; row < start + length; row++) if (rarer(of[row]!, found)) found = of[row]!
    return found
  }
  return labelsOf(
    Array.from(starts, (start) => names[rarest(start)] ?? null),
    series,
    'windows with a label',
  )
}
