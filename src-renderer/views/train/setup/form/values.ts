/** Where a value stands: names of fields, and places in lists. */
export type Path = readonly (string | number)[]

type Container = Record<string | number, unknown>
const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

export const keyOf = (path: Path): string => path.join('.')

/** The value at a path; undefined where it leads nowhere. */
export const valueAt = (whole: unknown, path: Path): unknown =>
  path.reduce((value: unknown, key) => (isContainer(value) ? value[key] : undefined), whole)

/** The same with another value at a path; what is not on the way is shared. */
export function withValue<T>(whole: T, path: Path, value: unknown): T {
  const [key, ...rest] = path
  if (key === undefined) return value as T
  const copy = (Array.isArray(whole) ? [...(whole as unknown[])] : { ...whole }) as Container
  copy[key] = withValue(copy[key], rest, value)
  return copy as T
}

export const isSame = (a: unknown, b: unknown): boolean =>
  a === b ||
  (isContainer(a) &&
    isContainer(b) &&
    Array.isArray(a) === Array.isArray(b) &&
    sameKeys(a, b) &&
    Object.keys(a).every((key) => isSame(a[key], b[key])))

const sameKeys = (a: Container, b: Container): boolean => {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key))
}

/**
 * What makes one recipe of another, as `path=value` pairs that the command line takes too. An object of another type and a
 * list of another length are said whole: their fields are not those that were there.
 */
export function overridesBetween(from: unknown, to: unknown, path: Path = []): string[] {
  if (isSame(from, to)) return []
  const isLikewise =
    isContainer(from) &&
    isContainer(to) &&
    Array.isArray(from) === Array.isArray(to) &&
    sameKeys(from, to) &&
    from['type'] === to['type']
  if (isLikewise)
    return Object.keys(from).flatMap((key) => overridesBetween(from[key], to[key], [...path, key]))
  return [`${keyOf(path)}=${isPlainText(to) ? to : JSON.stringify(to)}`]
}

/** Whether a text means itself: one that is JSON would be read as such. */
function isPlainText(value: unknown): value is string {
  if (typeof value !== 'string') return false
  try {
    JSON.parse(value)
    return false
  } catch {
    return true
  }
}
