/** Tells pictures that are nearly the same as one before. */
export interface Pictures {
  /** Whether one before is nearer than the limit; one that is not is kept. */
  isAlike(sample: Float32Array): boolean
}

/** @param limit root mean square difference of values in [0, 1], below which two are alike */
export function createPictures(limit: number): Pictures {
  const kept: { mean: number; values: Float32Array }[] = []
  return {
    isAlike(sample) {
      const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length
      const most = limit ** 2 * sample.length
      // Means never differ by more than values do in the root mean square.
      const found = kept.some(
        (one) => Math.abs(one.mean - mean) < limit && squaredDistance(one.values, sample, most) < most,
      )
      if (!found) kept.push({ mean, values: sample.slice() })
      return found
    },
  }
}

/** Up to `most`: what is farther is not looked at to its end. */
function squaredDistance(a: Float32Array, b: Float32Array, most: number): number {
  let sum = 0
  for (let i = 0; i < a.length && sum < most; i++) sum += (a[i]! - b[i]!) ** 2
  return sum
}
