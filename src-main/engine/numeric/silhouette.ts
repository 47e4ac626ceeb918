/** Rows between two looks at whether to go on. */
const rowsAtATime = 64

/**
 * Mean silhouette (Rousseeuw 1987): of each row (b − a) / max(a, b), where a is its mean distance to the others of its cluster and b that to
 * the rows of the nearest other cluster; 0 for a row alone in its cluster. O(n² · columns).
 * @param rows [count, columns].
 * @param clusters cluster of each row, from 0.
 * @param step awaited now and then.
 * @returns null with fewer than two clusters
 */
export async function meanSilhouette(
  rows: Float32Array,
  columns: number,
  clusters: ArrayLike<number>,
  step: () => Promise<void> = () => Promise.resolve(),
): Promise<number | null> {
  const sizes: number[] = []
  for (let i = 0; i < clusters.length; i++) sizes[clusters[i]!] = (sizes[clusters[i]!] ?? 0) + 1
  const used = Array.from(sizes.keys()).filter((cluster) => (sizes[cluster] ?? 0) > 0)
  if (used.length < 2) return null
  const sums = new Float64Array(sizes.length)
  let total = 0
  for (let i = 0; i < clusters.length; i++) {
    if (i % rowsAtATime === 0) await step()
    const own = clusters[i]!
    if (sizes[own] === 1) continue
    addDistances(rows, columns, i, clusters, sums.fill(0))
    const within = sums[own]! / (sizes[own]! - 1)
    let beyond = Infinity
    for (const cluster of used)
      if (cluster !== own) beyond = Math.min(beyond, sums[cluster]! / sizes[cluster]!)
    const larger = Math.max(within, beyond)
    if (larger > 0) total += (beyond - within) / larger
  }
  return total / clusters.length
}

/** Adds a row's distances from all rows to the sums of their clusters. */
function addDistances(
  rows: Float32Array,
  columns: number,
  from: number,
  clusters: ArrayLike<number>,
  sums: Float64Array,
): void {
  const start = from * columns
  for (let i = 0, at = 0; i < clusters.length; i++) {
    let square = 0
    for (let c = start; c < start + columns; c++, at++) {
      const difference = rows[at]! - rows[c]!
      square += difference * difference
    }
    sums[clusters[i]!]! += Math.sqrt(square)
  }
}
