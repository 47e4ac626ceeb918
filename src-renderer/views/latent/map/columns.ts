import type { LatentMap } from '../../../../src-main/contract/latent.ts'

/** What a column says of an item; null where there is no such column, or it says nothing. */
export function categoryOf(map: LatentMap, id: string, item: number): string | null {
  const column = map.columns.find((one) => one.id === id)
  return column?.kind === 'category' ? (column.names[column.values[item]!] ?? null) : null
}

export function valueOf(map: LatentMap, id: string, item: number): number | null {
  const value = map.columns.find((one) => one.id === id && one.kind === 'number')?.values[item]
  return value === undefined || Number.isNaN(value) ? null : value
}
