/** A single value in nested data, and the way to it: `encoder.layers.0.units`. */
export interface Leaf {
  path: string
  /** As a person reads it; lists of numbers and words in one piece. */
  text: string
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null
const isPlainList = (value: object): boolean => Array.isArray(value) && !value.some(isNested)

/** Every single value of nested data, in order. */
export function leavesOf(value: unknown, path = ''): Leaf[] {
  if (!isNested(value)) return [{ path, text: String(value) }]
  if (isPlainList(value)) return [{ path, text: (value as unknown[]).join(', ') }]
  return Object.entries(value).flatMap(([key, child]) =>
    leavesOf(child, path === '' ? key : `${path}.${key}`),
  )
}

/** A value that is not the same in all; null where one has no such field. */
export interface Difference {
  path: string
  texts: (string | null)[]
}

/** The fields in which data differ, in the order of the first that has them. */
export function differences(all: readonly unknown[]): Difference[] {
  const leaves = all.map((one) => new Map(leavesOf(one).map(({ path, text }) => [path, text])))
  const paths = [...new Set(leaves.flatMap((one) => [...one.keys()]))]
  // A list that is empty in one says no more than that its entries are not there.
  const isOutdone = (path: string): boolean => paths.some((other) => other.startsWith(`${path}.`))
  return paths
    .filter((path) => !isOutdone(path))
    .map((path) => ({ path, texts: leaves.map((one) => one.get(path) ?? null) }))
    .filter(({ texts }) => new Set(texts).size > 1)
}
