import type { Dataset } from '../data/dataset.ts'

/** What gets a score: an image, whole or all tiles that it was cut into; a row; a window of rows. */
export interface Units {
  count: number
  name(unit: number): string
  labels: { names: string[]; of: Int32Array } | null
  /** Items of the dataset that a unit is made of, in ascending order. */
  itemsOf(unit: number): Int32Array
  /** Unit of every item. */
  of: Int32Array
  /** Of windows the first and last row, counted from 0; null of others. */
  rowsOf(unit: number): [first: number, last: number] | null
}

export function unitsOf(dataset: Pick<Dataset, 'count' | 'name' | 'labels' | 'groups'>): Units {
  const { groups, labels } = dataset
  if (groups?.type !== 'tiles') {
    const extent = groups?.extent[0] ?? 0
    return {
      ...{ count: dataset.count, labels, of: Int32Array.from({ length: dataset.count }, (_, i) => i) },
      name: (unit) => dataset.name(unit),
      itemsOf: (unit) => Int32Array.of(unit),
      rowsOf: (unit) => groups && [groups.starts[unit]!, groups.starts[unit]! + extent - 1],
    }
  }
  const members: number[][] = groups.names.map(() => [])
  for (const [item, group] of groups.of.entries()) members[group]!.push(item)
  return {
    count: members.length,
    name: (unit) => groups.names[unit]!,
    // All tiles of an image have its label.
    labels: labels && {
      names: labels.names,
      of: Int32Array.from(members, ([first]) => labels.of[first!]!),
    },
    itemsOf: (unit) => Int32Array.from(members[unit]!),
    of: groups.of,
    rowsOf: () => null,
  }
}

/**
 * What labels say of units: 1 normal, 0 anomalous, −1 where one has no label.
 * @param normal names of labels; null: every unit is normal
 */
export function truthOf({ count, labels }: Units, normal: readonly string[] | null): Int8Array {
  if (normal === null) return new Int8Array(count).fill(1)
  const isNormal = labels?.names.map((name) => normal.includes(name)) ?? []
  return Int8Array.from({ length: count }, (_, unit) => {
    const label = labels?.of[unit] ?? -1
    return label < 0 ? -1 : isNormal[label]! ? 1 : 0
  })
}
