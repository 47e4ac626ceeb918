import type { Neighbours } from './nearest.ts'

/*
 * The graph of UMAP (McInnes, Healy & Melville 2018, §3.1 and algorithms 2 and 3): how likely two rows are neighbours, each row measuring with
 * a ruler of its own.
 */

/** Rows of a sparse matrix one after the other (CSR): those of row i are from `starts[i]` to `starts[i + 1]`, by rising end. */
export interface SparseRows {
  /** [count + 1] */
  starts: Int32Array
  ends: Int32Array
  weights: Float32Array
}

/** Awaited between two pieces of work. */
type Step = () => Promise<void>

/** Rows between two looks at whether to go on: a few milliseconds. */
const rowsAtATime = 4096
const mostHalvings = 64
/** How near the sum of memberships comes to its aim. */
const tolerance = 1e-5
/** A ruler is at least this share of the mean distance. */
const shortestRuler = 1e-3

/**
 * Fuzzy union of what every row holds for its neighbours: w = a + b − a·b, where a = exp(−max(0, d − ρ) / σ) as row i sees row j, and b as row
 * j sees row i. ρ is the distance to the nearest row that is elsewhere (local connectivity 1), and σ such that the memberships of a row
 * sum to log₂(neighbours + 1): the row counts itself among its neighbours.
 * @param near at least one each.
 * @returns symmetric, without a diagonal
 */
export async function fuzzyGraph(near: Neighbours, step: Step): Promise<SparseRows> {
  const { k, indexes } = near
  const count = indexes.length / k
  const seen = {
    starts: Int32Array.from({ length: count + 1 }, (_, i) => i * k),
    ends: indexes,
    weights: await memberships(near, count, step),
  }
  // Turned round twice, what goes out of a row is in the same order as what comes into it.
  const into = await transpose(seen, step)
  return union(await transpose(into, step), into, step)
}

/** [count, k] in [0, 1]. */
async function memberships({ k, distances }: Neighbours, count: number, step: Step): Promise<Float32Array> {
  const weights = new Float32Array(count * k)
  let sum = 0
  for (const distance of distances) sum += distance
  const mean = sum / (count * (k + 1))
  for (let row = 0; row < count; row++) {
    if (row % rowsAtATime === 0) await step()
    const own = distances.subarray(row * k, (row + 1) * k)
    const nearest = own.find((distance) => distance > 0) ?? 0
    const ruler = rulerOf(own, nearest, mean)
    for (let j = 0; j < k; j++) weights[row * k + j] = Math.exp(-Math.max(0, own[j]! - nearest) / ruler)
  }
  return weights
}

/** σ of a row, by bisection. @param mean distance of all rows, which themselves count as neighbours at 0 */
function rulerOf(distances: Float32Array, nearest: number, mean: number): number {
  const aim = Math.log2(distances.length + 1)
  let low = 0
  let high = Infinity
  let ruler = 1
  for (let i = 0; i < mostHalvings; i++) {
    let sum = 0
    for (const distance of distances) sum += Math.exp(-Math.max(0, distance - nearest) / ruler)
    if (Math.abs(sum - aim) < tolerance) break
    if (sum > aim) high = ruler
    else low = ruler
    ruler = high === Infinity ? 2 * ruler : (low + high) / 2
  }
  const around = nearest > 0 ? distances.reduce((a, b) => a + b) / (distances.length + 1) : mean
  return Math.max(ruler, shortestRuler * around)
}

async function transpose({ starts, ends, weights }: SparseRows, step: Step): Promise<SparseRows> {
  const turned = {
    starts: new Int32Array(starts.length),
    ends: new Int32Array(ends.length),
    weights: new Float32Array(weights.length),
  }
  for (const end of ends) turned.starts[end + 1]!++
  for (let i = 1; i < starts.length; i++) turned.starts[i]! += turned.starts[i - 1]!
  const next = turned.starts.slice()
  for (let row = 0; row + 1 < starts.length; row++) {
    if (row % rowsAtATime === 0) await step()
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      const to = next[ends[at]!]!++
      turned.ends[to] = row
      turned.weights[to] = weights[at]!
    }
  }
  return turned
}

async function union(a: SparseRows, b: SparseRows, step: Step): Promise<SparseRows> {
  const starts = new Int32Array(a.starts.length)
  const ends = new Int32Array(a.ends.length + b.ends.length)
  const weights = new Float32Array(ends.length)
  let to = 0
  for (let row = 0; row + 1 < starts.length; row++) {
    if (row % rowsAtATime === 0) await step()
    const [lastA, lastB] = [a.starts[row + 1]!, b.starts[row + 1]!]
    let atA = a.starts[row]!
    let atB = b.starts[row]!
    while (atA < lastA || atB < lastB) {
      const endA = atA < lastA ? a.ends[atA]! : Infinity
      const endB = atB < lastB ? b.ends[atB]! : Infinity
      const weightA = endA <= endB ? a.weights[atA++]! : 0
      const weightB = endB <= endA ? b.weights[atB++]! : 0
      ends[to] = Math.min(endA, endB)
      weights[to++] = weightA + weightB - weightA * weightB
    }
    starts[row + 1] = to
  }
  return { starts, ends: ends.slice(0, to), weights: weights.slice(0, to) }
}
