import { nearestOthers } from './nearest.ts'

/*
 * HDBSCAN (Campello, Moulavi & Sander, PAKDD 2013; Campello et al., ACM TKDD 2015): the hierarchy of clusters at all densities at once,
 * out of which those are taken that last longest.
 */

/** Rows that join the tree between two looks at whether to go on. */
const rowsAtATime = 64
/** Distances below this count as this: the inverse of 0 has no sum. */
const shortest = 1e-12

/** An edge of the minimum spanning tree. */
interface Edge {
  from: number
  to: number
  distance: number
}

/** Two parts that become one at a distance; below `count` a part is a row, from there on an earlier join. */
interface Join {
  left: number
  right: number
  distance: number
  size: number
}

/** Clusters of the condensed tree, the root first, each after its parent. */
interface Condensed {
  parent: number[]
  /** 1 / distance at which it came into being. */
  birth: number[]
  /** Σ over its rows of how much longer than from its birth they stay together, in 1 / distance. */
  stability: number[]
  /** Cluster that each row falls out of. */
  of: Int32Array
}

/**
 * Clusters of rows by density. Memory O(n), time O(n² · columns) at worst.
 * @param rows [count, columns].
 * @param smallest rows of the smallest cluster, and how many near rows, itself counted, make a row dense.
 * @param step told how many rows are done, of twice their number, and awaited, now and then.
 * @returns cluster of each row, from 0; −1 for noise
 */
export async function hdbscan(
  rows: Float32Array,
  columns: number,
  smallest: number,
  step: (done: number) => Promise<void> = () => Promise.resolve(),
): Promise<Int32Array> {
  const count = rows.length / columns
  if (count < smallest) return new Int32Array(count).fill(-1)
  const core = await coreDistances(rows, columns, smallest, step)
  const edges = await spanningTree(rows, columns, core, (done) => step(count + done))
  return label(select(condense(joinsOf(edges, count), count, smallest)))
}

/** How far each row must reach to have so many rows around it, itself counted. */
async function coreDistances(
  rows: Float32Array,
  columns: number,
  smallest: number,
  step: (done: number) => Promise<void>,
): Promise<Float64Array> {
  const { k, distances } = await nearestOthers(rows, columns, smallest - 1, step)
  return Float64Array.from({ length: rows.length / columns }, (_, i) => distances[i * k + k - 1]!)
}

/** The minimum spanning tree by mutual reachability: the larger of distance and both core distances (Prim 1957). */
async function spanningTree(
  rows: Float32Array,
  columns: number,
  core: Float64Array,
  step: (done: number) => Promise<void>,
): Promise<Edge[]> {
  const count = core.length
  const edges: Edge[] = []
  /** Rows that are not in the tree yet, and what each is nearest to within it. */
  const left = Int32Array.from({ length: count - 1 }, (_, i) => i + 1)
  const nearest = new Float64Array(count).fill(Infinity)
  const via = new Int32Array(count)
  let last = 0
  for (let remaining = count - 1; remaining > 0; remaining--) {
    if (remaining % rowsAtATime === 0) await step(count - remaining)
    let next = 0
    for (let i = 0; i < remaining; i++) {
      const row = left[i]!
      const floor = Math.max(core[last]!, core[row]!)
      if (floor < nearest[row]!) {
        const limit = nearest[row]! * nearest[row]!
        let square = 0
        for (let c = 0, a = row * columns, b = last * columns; c < columns && square < limit; c++, a++, b++) {
          const difference = rows[a]! - rows[b]!
          square += difference * difference
        }
        if (square < limit) {
          nearest[row] = Math.max(floor, Math.sqrt(square))
          via[row] = last
        }
      }
      if (nearest[row]! < nearest[left[next]!]!) next = i
    }
    const joined = left[next]!
    edges.push({ from: via[joined]!, to: joined, distance: nearest[joined]! })
    left[next] = left[remaining - 1]!
    last = joined
  }
  return edges
}

/** Single linkage: parts that become one, the nearest first. */
function joinsOf(edges: Edge[], count: number): Join[] {
  const parts = Int32Array.from({ length: 2 * count - 1 }, (_, i) => i)
  const find = (part: number): number => {
    let root = part
    while (parts[root]! !== root) root = parts[root]!
    for (let at = part; at !== root;) {
      const above = parts[at]!
      parts[at] = root
      at = above
    }
    return root
  }
  const joins: Join[] = []
  const sizeOf = (part: number): number => (part < count ? 1 : joins[part - count]!.size)
  for (const { from, to, distance } of edges.toSorted((a, b) => a.distance - b.distance)) {
    const [left, right] = [find(from), find(to)]
    parts[left] = parts[right] = count + joins.length
    joins.push({ left, right, distance, size: sizeOf(left) + sizeOf(right) })
  }
  return joins
}

/** The hierarchy without parts that are too small: rows of those fall out of the cluster that they leave. */
function condense(joins: Join[], count: number, smallest: number): Condensed {
  const tree: Condensed = { parent: [-1], birth: [0], stability: [0], of: new Int32Array(count) }
  const sizeOf = (part: number): number => (part < count ? 1 : joins[part - count]!.size)
  const open = [{ part: 2 * count - 2, cluster: 0 }]

  function fallOut(part: number, cluster: number, density: number): void {
    tree.stability[cluster]! += (density - tree.birth[cluster]!) * sizeOf(part)
    const falling = [part]
    for (let one = falling.pop(); one !== undefined; one = falling.pop()) {
      if (one < count) tree.of[one] = cluster
      else falling.push(joins[one - count]!.left, joins[one - count]!.right)
    }
  }
  function begin(cluster: number, density: number, size: number): number {
    tree.stability[cluster]! += (density - tree.birth[cluster]!) * size
    tree.birth.push(density)
    tree.stability.push(0)
    return tree.parent.push(cluster) - 1
  }

  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { part, cluster } = one
    const { left, right, distance } = joins[part - count]!
    const density = 1 / Math.max(distance, shortest)
    const large = [left, right].filter((side) => sizeOf(side) >= smallest)
    for (const side of [left, right]) {
      if (!large.includes(side)) fallOut(side, cluster, density)
      else
        open.push({
          part: side,
          cluster: large.length === 2 ? begin(cluster, density, sizeOf(side)) : cluster,
        })
    }
  }
  return tree
}

/** Excess of mass: a cluster stands where it is more stable than those within it together; never the root, which is everything. */
function select({ parent, stability, of }: Condensed): { chosen: Int32Array; of: Int32Array } {
  const best = stability.slice()
  const within = new Float64Array(parent.length)
  const stands = new Uint8Array(parent.length)
  for (let cluster = parent.length - 1; cluster > 0; cluster--) {
    stands[cluster] = within[cluster]! > best[cluster]! ? 0 : 1
    best[cluster] = Math.max(best[cluster]!, within[cluster]!)
    within[parent[cluster]!]! += best[cluster]!
  }
  // From the root on: the uppermost that stands takes all within it.
  const chosen = new Int32Array(parent.length).fill(-1)
  for (let cluster = 1; cluster < parent.length; cluster++) {
    const above = chosen[parent[cluster]!]!
    chosen[cluster] = above >= 0 ? above : stands[cluster] === 1 ? cluster : -1
  }
  return { chosen, of }
}

function label({ chosen, of }: { chosen: Int32Array; of: Int32Array }): Int32Array {
  const numbers = new Map<number, number>()
  return of.map((cluster) => {
    const own = chosen[cluster]!
    if (own < 0) return -1
    if (!numbers.has(own)) numbers.set(own, numbers.size)
    return numbers.get(own)!
  })
}
