/** Rows, and where a map has put them. */
export interface Mapped {
  /** [count, columns] */
  values: Float32Array
  columns: number
  /** [count, 2] */
  points: Float32Array
}

export interface Trust {
  trustworthiness: number
  continuity: number
  neighbours: number
}

/** Rows between two looks at whether to go on. */
const rowsAtATime = 32

/**
 * Trustworthiness and continuity of a map (Venna & Kaski, ICANN 2001; Kaski et al., BMC Bioinformatics 2003):
 * 1 − 2 / (n k (2n − 3k − 1)) · Σ over the k neighbours in the one space that are not among the k of the other, of how far their rank there
 * is beyond k. Trustworthiness punishes neighbours in the map that are none among the rows, continuity those that the map has torn apart.
 * Distances are Euclidean; of equal ones the lower row is the nearer. O(n² · columns).
 * @param neighbours k, from 1 to less than half of the rows.
 * @param step awaited now and then.
 */
export async function trustOfMap(
  { values, columns, points }: Mapped,
  neighbours: number,
  step: () => Promise<void> = () => Promise.resolve(),
): Promise<Trust> {
  const count = points.length / 2
  const distances = { rows: new Float64Array(count), map: new Float64Array(count) }
  const ranks = { rows: new Int32Array(count), map: new Int32Array(count) }
  const order = new Int32Array(count)
  let torn = 0
  let invented = 0
  for (let i = 0; i < count; i++) {
    if (i % rowsAtATime === 0) await step()
    distancesFrom(values, columns, i, distances.rows)
    distancesFrom(points, 2, i, distances.map)
    for (const space of ['rows', 'map'] as const) rank(distances[space], i, order, ranks[space])
    for (let j = 0; j < count; j++) {
      if (j === i) continue
      const inRows = ranks.rows[j]!
      const inMap = ranks.map[j]!
      if (inMap <= neighbours && inRows > neighbours) invented += inRows - neighbours
      else if (inRows <= neighbours && inMap > neighbours) torn += inMap - neighbours
    }
  }
  const scale = 2 / (count * neighbours * (2 * count - 3 * neighbours - 1))
  return { trustworthiness: 1 - scale * invented, continuity: 1 - scale * torn, neighbours }
}

function distancesFrom(values: Float32Array, columns: number, from: number, distances: Float64Array): void {
  const start = from * columns
  for (let i = 0, at = 0; i < distances.length; i++) {
    let sum = 0
    for (let c = start; c < start + columns; c++, at++) {
      const difference = values[at]! - values[c]!
      sum += difference * difference
    }
    distances[i] = sum
  }
}

/** Rank of every row by its distance: the row itself 0, the nearest other 1. */
function rank(distances: Float64Array, self: number, order: Int32Array, ranks: Int32Array): void {
  for (let i = 0; i < order.length; i++) order[i] = i
  distances[self] = -1
  order.sort((a, b) => distances[a]! - distances[b]! || a - b)
  for (let i = 0; i < order.length; i++) ranks[order[i]!] = i
}
