/** Where values lie from left to right: evenly, or by their logarithm where they span decades. */
export interface ValueAxis {
  from: number
  to: number
  isLog: boolean
}

/** The axis of all that is shown; a log axis begins at the smallest value above 0. */
export function axisOf(lists: readonly ArrayLike<number>[], isLog: boolean): ValueAxis {
  let [from, to] = [Infinity, -Infinity]
  for (const values of lists)
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!
      if (isLog && value <= 0) continue
      from = Math.min(from, value)
      to = Math.max(to, value)
    }
  if (from > to) return { from: 0, to: 1, isLog: false }
  if (from === to)
    return { from: from - (Math.abs(from) / 2 || 1), to: to + (Math.abs(to) / 2 || 1), isLog: false }
  return { from, to, isLog }
}

/** Place of a value, 0 at the left and 1 at the right; beyond them for what lies outside. */
export function placeOf({ from, to, isLog }: ValueAxis, value: number): number {
  if (!isLog) return (value - from) / (to - from)
  return value <= 0 ? -Infinity : Math.log(value / from) / Math.log(to / from)
}

export const valueAt = ({ from, to, isLog }: ValueAxis, place: number): number =>
  isLog ? from * (to / from) ** place : from + place * (to - from)

/** Share of the values in each bin; what lies outside is in the outermost ones. */
export function sharesOf(values: ArrayLike<number>, axis: ValueAxis, bins: number): number[] {
  const shares = new Array<number>(bins).fill(0)
  for (let at = 0; at < values.length; at++) {
    const bin = Math.floor(placeOf(axis, values[at]!) * bins)
    shares[Math.min(Math.max(bin, 0), bins - 1)]! += 1 / values.length
  }
  return shares
}

/** Round values to write under the axis, about `most` of them. */
export function ticksOf({ from, to, isLog }: ValueAxis, most: number): number[] {
  if (isLog) {
    const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))]
    const digits = last - first <= 2 ? [1, 2, 5] : [1]
    const every = Math.max(1, Math.ceil((last - first) / most))
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
      .filter((power) => (power - first) % every === 0)
      .flatMap((power) => digits.map((digit) => digit * 10 ** power))
      .filter((value) => value >= from && value <= to)
  }
  const rough = (to - from) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough)!
  const first = Math.ceil(from / step)
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, at) => (first + at) * step)
}

/** Whether the values span so much that they are seen better by their logarithm. */
export function spansDecades(values: Float32Array): boolean {
  const rising = values.slice().sort()
  const at = (share: number): number => rising[Math.floor(share * (rising.length - 1))] ?? 0
  return at(0) > 0 && at(1) / at(0.5) > 20
}
