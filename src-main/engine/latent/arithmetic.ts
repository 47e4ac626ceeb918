/** start + strength · (plus − minus) for each strength: [strengths, size]. */
export function alongDifference(
  start: Float32Array,
  plus: Float32Array,
  minus: Float32Array,
  strengths: readonly number[],
): Float32Array {
  const size = start.length
  const codes = new Float32Array(strengths.length * size)
  for (const [i, strength] of strengths.entries())
    for (let j = 0; j < size; j++) codes[i * size + j] = start[j]! + strength * (plus[j]! - minus[j]!)
  return codes
}

/** @param codes [count, size], one at least */
export function meanCode(codes: Float32Array, size: number): Float32Array {
  const sum = new Float64Array(size)
  for (let at = 0; at < codes.length; at++) sum[at % size]! += codes[at]!
  return Float32Array.from(sum, (value) => (value * size) / codes.length)
}
