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
 * Distances are Euclidean; of equal ones the lower row is the nearer. O(n² · columns), and n² · 8 bytes.
 * @param neighbours k, from 1 to less than half of the rows.
 * @param step awaited now and then.
 */
export async function trustOfMap(
  { values, columns, points }: Mapped,
  neighbours: number,
  step: () => Promise<void> = () => Promise.resolve(),
): Promise<Trust> {
  const count = points.length / 2
  const amongRows = await squaredDistances(values, columns, step)
  const nearRows = new Int32Array(neighbours)
  const nearPoints = new Int32Array(neighbours)
  const inMap = new Float64Array(count)
  let torn = 0
  let invented = 0
  for (let i = 0; i < count; i++) {
    if (i % rowsAtATime === 0) await step()
    const inRows = amongRows.subarray(i * count, (i + 1) * count)
    for (let j = 0; j < count; j++)
      inMap[j] = (points[2 * j]! - points[2 * i]!) ** 2 + (points[2 * j + 1]! - points[2 * i + 1]!) ** 2
    findNearest(inRows, i, nearRows)
    findNearest(inMap, i, nearPoints)
    for (const j of nearPoints) if (!nearRows.includes(j)) invented += rankOf(j, inRows, i) - neighbours
    for (const j of nearRows) if (!nearPoints.includes(j)) torn += rankOf(j, inMap, i) - neighbours
  }
  const scale = 2 / (count * neighbours * (2 * count - 3 * neighbours - 1))
  return { trustworthiness: 1 - scale * invented, continuity: 1 - scale * torn, neighbours }
}

/** Between all rows: [count, count]. */
async function squaredDistances(
  rows: Float32Array,
  columns: number,
  step: () => Promise<void>,
): Promise<Float64Array> {
  const count = rows.length / columns
  const squares = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    if (i % rowsAtATime === 0) await step()
    for (let j = 0; j < i; j++) {
      let sum = 0
      for (let c = 0, a = i * columns, b = j * columns; c < columns; c++, a++, b++) {
        const difference = rows[a]! - rows[b]!
        sum += difference * difference
      }
      squares[i * count + j] = squares[j * count + i] = sum
    }
  }
  return squares
}

/** Fills `nearest` with the nearest others, by distance and then by number. */
function findNearest(distances: Float64Array, self: number, nearest: Int32Array): void {
  let found = 0
  for (let i = 0; i < distances.length; i++) {
    if (i === self) continue
    if (found === nearest.length && distances[i]! >= distances[nearest[found - 1]!]!) continue
    if (found < nearest.length) found++
    let to = found - 1
    for (; to > 0 && distances[nearest[to - 1]!]! > distances[i]!; to--) nearest[to] = nearest[to - 1]!
    nearest[to] = i
  }
}

/** Among the others, from 1. */
function rankOf(row: number, distances: Float64Array, self: number): number {
  const own = distances[row]!
  let rank = 1
  for (let i = 0; i < distances.length; i++)
    if (i !== self && (distances[i]! < own || (distances[i] === own && i < row))) rank++
  return rank
}
