/** The sum of codes, one after the other in `codes`, added to `sum`. */
export function added(sum: readonly number[], codes: Float32Array): number[] {
  const next = [...sum]
  codes.forEach((value, at) => (next[at % sum.length]! += value))
  return next
}

/** start + strength · (plus − minus) */
export const shifted = (
  start: readonly number[],
  plus: readonly number[],
  minus: readonly number[],
  strength: number,
): number[] => start.map((value, at) => value + strength * (plus[at]! - minus[at]!))

/** `count` strengths evenly apart, from the first to the last; rounded, so that a name shows no tail of digits. */
export const strengthsBetween = (first: number, last: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) =>
    Number((count === 1 ? last : first + ((last - first) * at) / (count - 1)).toFixed(4)),
  )
