/**
 * A picture, a crop of one, or a row of numbers (width = its length, height 1, one channel): samples around [0, 1],
 * interleaved, row-major. With four channels the last is straight alpha.
 */
export interface Sample {
  width: number
  height: number
  channels: 1 | 3 | 4
  data: Float32Array
}

/** Samples of one shape that lie one after the other, each by itself; nothing is copied. */
export function samplesOf(values: Float32Array, shape: readonly number[]): Float32Array[] {
  const size = shape.reduce((product, side) => product * side, 1)
  return Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size))
}
