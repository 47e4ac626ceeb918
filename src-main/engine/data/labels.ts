import type { DataKind, DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Dataset } from './dataset.ts'

export type Labels = NonNullable<Dataset['labels']>

/** How `DataSource.labels` says where labels come from; a path is any other text. */
export type LabelSource =
  | { from: 'nowhere' }
  | { from: 'folders' }
  | { from: 'column'; column: string }
  | { from: 'file'; file: string }

/** @throws labels-unusable where data of this kind have no such labels */
export function labelSource({ sources, labels }: DataSource, kind: DataKind): LabelSource {
  if (labels === null) return { from: 'nowhere' }
  const wrong = (expected: string): DarkroomError =>
    new DarkroomError('labels-unusable', { file: sources.join(', '), expected, received: labels })
  if (labels === 'folders') {
    if (kind === 'folder') return { from: 'folders' }
    throw wrong(kind === 'csv' ? 'a column (column:<name>) or a file of labels' : 'a file of labels')
  }
  if (labels.startsWith('column:')) {
    if (kind === 'csv') return { from: 'column', column: labels.slice('column:'.length) }
    throw wrong(kind === 'folder' ? 'folders, or a file of labels' : 'a file of labels')
  }
  return { from: 'file', file: labels }
}

/** Names for a message: at most so many, and that there are more. */
export const listNames = (names: string[], most = 20): string =>
  names.slice(0, most).join(', ') + (names.length > most ? ', …' : '')

/** Numbers in their order, other names by code units. */
export function compareNames(a: string, b: string): number {
  const difference = Number(a) - Number(b)
  if (a.trim() !== '' && b.trim() !== '' && !Number.isNaN(difference) && difference !== 0) return difference
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Classes of items from the name that each has, null or an empty one for none.
 * @throws labels-unusable where not one has a name
 */
export function labelsOf(names: (string | null)[], file: string, expected: string): Labels {
  const isName = (name: string | null): name is string => name !== null && name !== ''
  const known = [...new Set(names)].filter(isName).sort(compareNames)
  if (known.length === 0) throw new DarkroomError('labels-unusable', { file, expected, received: 'none' })
  const numbers = new Map(known.map((name, number) => [name, number]))
  return { names: known, of: Int32Array.from(names, (name) => numbers.get(name ?? '') ?? -1) }
}
