/** The mean Euclidean distance between two of the samples, over all pairs. */
export function meanDistance(samples: readonly Float32Array[]): number {
  let sum = 0
  let pairs = 0
  for (const [i, a] of samples.entries())
    for (const b of samples.slice(0, i)) {
      sum += distance(a, b)
      pairs++
    }
  return sum / pairs
}

function distance(a: Float32Array, b: Float32Array): number {
  let square = 0
  for (let i = 0; i < a.length; i++) square += (a[i]! - b[i]!) ** 2
  return Math.sqrt(square)
}
