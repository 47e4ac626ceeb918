/** Interleaved samples and the values that are black and white: an image page without the rest. */
export interface Samples {
  width: number
  height: number
  channels: number
  data: Uint8Array | Uint16Array | Float32Array
  black: number
  white: number
}

/** Integers have been clipped to the range, which takes noise away near its ends; floats count as not clipped. */
export const isClipped = (page: Samples): boolean => !(page.data instanceof Float32Array)

/** Zeros of the same type. */
export function sameType(data: Samples['data'], length: number): Samples['data'] {
  if (data instanceof Uint8Array) return new Uint8Array(length)
  return data instanceof Uint16Array ? new Uint16Array(length) : new Float32Array(length)
}
