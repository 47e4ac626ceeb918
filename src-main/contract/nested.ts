/** A single value in nested data, and the way to it: `encoder.layers.0.units`. Lists of numbers and words are one value. */
export interface Leaf {
  path: string
  value: unknown
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null
const isPlainList = (value: object): boolean => Array.isArray(value) && !value.some(isNested)

/** Every single value of nested data, in order. */
export function leavesOf(value: unknown, path = ''): Leaf[] {
  if (!isNested(value) || isPlainList(value)) return [{ path, value }]
  return Object.entries(value).flatMap(([key, child]) =>
    leavesOf(child, path === '' ? key : `${path}.${key}`),
  )
}

/** A leaf's value as a person reads it. */
export const leafText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(', ') : String(value)

/** A value that is not the same in all; undefined where one has no such field. */
export interface Difference {
  path: string
  values: unknown[]
}

/** The fields in which data differ, in the order of the first that has them. */
export function differences(all: readonly unknown[]): Difference[] {
  const leaves = all.map((one) => new Map(leavesOf(one).map(({ path, value }) => [path, value])))
  const paths = [...new Set(leaves.flatMap((one) => [...one.keys()]))]
  // A list that is empty in one says no more than that its entries are not there.
  const isOutdone = (path: string): boolean => paths.some((other) => other.startsWith(`${path}.`))
  return paths
    .filter((path) => !isOutdone(path))
    .map((path) => ({ path, values: leaves.map((one) => one.get(path)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1)
}
