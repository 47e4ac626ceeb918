/** Blurs a plane [height, width] by a Gaussian, σ in pixels; at the edges what lies within counts alone. */
export function blurPlane(plane: Float32Array, height: number, width: number, sigma: number): Float32Array {
  const reach = Math.ceil(3 * sigma)
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  )
  return along(along(plane, width, height, 1, width, weights), height, width, width, 1, weights)
}

/** One direction of it: `lines` lines of `length` values, `step` apart, each beginning `next` after the one before. */
function along(
  map: Float32Array,
  length: number,
  lines: number,
  step: number,
  next: number,
  weights: Float64Array,
): Float32Array {
  const result = new Float32Array(map.length)
  const reach = (weights.length - 1) / 2
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      let [sum, total] = [0, 0]
      const to = Math.min(length - 1, i + reach)
      for (let k = Math.max(0, i - reach); k <= to; k++) {
        const weight = weights[k - i + reach]!
        sum += weight * map[line * next + k * step]!
        total += weight
      }
      result[line * next + i * step] = sum / total
    }
  }
  return result
}
