import type { Random } from './random.ts'

/**
 * The centres of k-means++ (Arthur & Vassilvitskii 2007): each further one is a point, drawn by its squared distance to the nearest centre
 * before it.
 * @param points [count, size]
 * @param pause awaited before each
 */
export async function spreadCentres(
  points: Float32Array,
  size: number,
  number: number,
  random: Random,
  pause: () => Promise<void>,
): Promise<Float64Array[]> {
  const count = points.length / size
  const pointAt = (i: number): Float64Array => Float64Array.from(points.subarray(i * size, (i + 1) * size))
  const centres = [pointAt(random.integer(count))]
  const distances = new Float64Array(count).fill(Infinity)
  while (centres.length < number) {
    await pause()
    let sum = 0
    for (let i = 0; i < count; i++) {
      distances[i] = Math.min(distances[i]!, squaredDistance(points, i * size, centres.at(-1)!))
      sum += distances[i]!
    }
    let left = random.uniform() * sum
    let chosen = 0
    while (chosen < count - 1 && left >= distances[chosen]!) left -= distances[chosen++]!
    centres.push(pointAt(chosen))
  }
  return centres
}

/** @param from place where the point begins */
export function squaredDistance(points: Float32Array, from: number, centre: Float64Array): number {
  let sum = 0
  for (let i = 0; i < centre.length; i++) sum += (points[from + i]! - centre[i]!) ** 2
  return sum
}
