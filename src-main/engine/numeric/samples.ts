/** The values of a picture's pixels, in whatever type its file or its measurement has. */
export type Samples = Uint8Array | Uint16Array | Float32Array

/** Zeros of the same type. */
export function samplesLike(samples: Samples, length: number): Samples {
  if (samples instanceof Uint8Array) return new Uint8Array(length)
  return samples instanceof Uint16Array ? new Uint16Array(length) : new Float32Array(length)
}
