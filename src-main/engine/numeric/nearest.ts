/** The k rows nearest to each of some points, nearest first. */
export interface Neighbours {
  k: number
  /** [count, k] rows. */
  indexes: Int32Array
  /** [count, k] Euclidean. */
  distances: Float32Array
}

/** Rows that can be asked which of them are near: a k-d tree (Friedman, Bentley & Finkel 1977). */
export interface NearestIndex {
  count: number
  /** All rows, those that are near each other mostly together. */
  order: Int32Array
  /**
   * The k rows nearest to a point, exactly; of equally near ones any.
   * @param without a row that does not count: the point itself.
   */
  nearest(point: ArrayLike<number>, k: number, without?: number): Neighbours
}

/** Rows that are looked at one after the other, where a box holds no more. */
const leafRows = 16
/** A box of more rows is cut in a piece of work of its own. */
const rowsInOnePiece = 4096
/** Points between two looks at whether to go on: of many rows some hundredths of a second. */
const pointsAtATime = 32

/** A box of rows, `from` to `to` of the order; cut at `at` along `axis`, or a leaf where `left` is 0. */
interface Tree {
  from: number[]
  to: number[]
  axis: number[]
  at: number[]
  left: number[]
  right: number[]
}

/** @param rows one after the other, [count, columns]; left as they are. Takes as much memory again. */
export function indexRows(rows: Float32Array, columns: number): NearestIndex {
  const work = indexing(rows, columns)
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** The same in pieces of some hundredths of a second. */
function* indexing(rows: Float32Array, columns: number): Generator<void, NearestIndex> {
  const count = rows.length / columns
  // The columns of largest variance first: a sum of squares then passes the limit after few of them.
  const axes = byVariance(rows, columns)
  const order = Int32Array.from({ length: count }, (_, i) => i)
  const placed = new Float32Array(rows.length)
  for (let i = 0; i < count; i++)
    for (let c = 0; c < columns; c++) placed[i * columns + c] = rows[i * columns + axes[c]!]!
  const tree = yield* grow(placed, columns, order)
  const sorted = new Float32Array(rows.length)
  for (let i = 0; i < count; i++)
    sorted.set(placed.subarray(order[i]! * columns, (order[i]! + 1) * columns), i * columns)

  return {
    count,
    order,
    nearest(point, k, without = -1) {
      const found = Math.min(k, count - (without >= 0 ? 1 : 0))
      const indexes = new Int32Array(found)
      const squares = new Float64Array(found).fill(Infinity)
      const target = Float32Array.from(axes, (axis) => point[axis]!)
      /** How far the box that is looked at is from the point, along each axis. */
      const offsets = new Float64Array(columns)

      function take(row: number, square: number): void {
        let to = found - 1
        for (; to > 0 && squares[to - 1]! > square; to--) {
          squares[to] = squares[to - 1]!
          indexes[to] = indexes[to - 1]!
        }
        squares[to] = square
        indexes[to] = row
      }
      function scan(from: number, to: number): void {
        for (let i = from; i < to; i++) {
          const limit = squares[found - 1]!
          let square = 0
          for (let c = 0, at = i * columns; c < columns && square < limit; c++, at++) {
            const difference = sorted[at]! - target[c]!
            square += difference * difference
          }
          if (square < limit && order[i]! !== without) take(order[i]!, square)
        }
      }
      function visit(box: number, square: number): void {
        const left = tree.left[box]!
        if (left === 0) return scan(tree.from[box]!, tree.to[box]!)
        const axis = tree.axis[box]!
        const offset = target[axis]! - tree.at[box]!
        visit(offset < 0 ? left : tree.right[box]!, square)
        const before = offsets[axis]!
        const beyond = square - before * before + offset * offset
        if (beyond >= squares[found - 1]!) return
        offsets[axis] = offset
        visit(offset < 0 ? tree.right[box]! : left, beyond)
        offsets[axis] = before
      }
      if (found > 0) visit(0, 0)
      return { k: found, indexes, distances: Float32Array.from(squares, Math.sqrt) }
    },
  }
}

/**
 * The k nearest others of every row, exactly: memory for the answer only, however many rows.
 * @param step told how many rows are done, and awaited, now and then.
 */
export async function nearestOthers(
  rows: Float32Array,
  columns: number,
  k: number,
  step: (done: number) => Promise<void> = () => Promise.resolve(),
): Promise<Neighbours> {
  const count = rows.length / columns
  const index = await inSteps(indexing(rows, columns), () => step(0))
  const found = Math.min(k, count - 1)
  const indexes = new Int32Array(count * found)
  const distances = new Float32Array(count * found)
  // One after the other they look at the same boxes, which are then at hand.
  for (const [done, row] of index.order.entries()) {
    if (done % pointsAtATime === 0) await step(done)
    const near = index.nearest(rows.subarray(row * columns, (row + 1) * columns), found, row)
    indexes.set(near.indexes, row * found)
    distances.set(near.distances, row * found)
  }
  return { k: found, indexes, distances }
}

async function inSteps<Result>(work: Generator<void, Result>, step: () => Promise<void>): Promise<Result> {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
    await step()
  }
}

/** The columns, that of the largest variance first. */
function byVariance(rows: Float32Array, columns: number): number[] {
  const sum = new Float64Array(columns)
  const squares = new Float64Array(columns)
  for (let from = 0; from < rows.length; from += columns)
    for (let c = 0; c < columns; c++) {
      sum[c]! += rows[from + c]!
      squares[c]! += rows[from + c]! ** 2
    }
  const count = rows.length / columns
  const variance = squares.map((square, c) => square / count - (sum[c]! / count) ** 2)
  return Array.from(variance.keys()).sort((a, b) => variance[b]! - variance[a]!)
}

/** Cuts boxes along their longest side, at the middle row, until they are small. `order` is put in the order of the leaves. */
function* grow(rows: Float32Array, columns: number, order: Int32Array): Generator<void, Tree> {
  const tree: Tree = { from: [], to: [], axis: [], at: [], left: [], right: [] }
  function* cut(from: number, to: number): Generator<void, number> {
    if (to - from > rowsInOnePiece) yield
    const box = tree.from.push(from) - 1
    tree.to.push(to)
    for (const column of [tree.axis, tree.at, tree.left, tree.right]) column.push(0)
    if (to - from <= leafRows) return box
    const axis = longestSide(rows, columns, order.subarray(from, to))
    const values = Float32Array.from(order.subarray(from, to), (row) => rows[row * columns + axis]!).sort()
    // Where the middle value is the least, as of codes with many zeros, the cut is above it.
    const middleValue = values[values.length >> 1]!
    const at = middleValue > values[0]! ? middleValue : values.find((value) => value > values[0]!)
    if (at === undefined) return box
    const middle = partition(rows, columns, order, from, to, axis, at)
    tree.axis[box] = axis
    tree.at[box] = at
    tree.left[box] = yield* cut(from, middle)
    tree.right[box] = yield* cut(middle, to)
    return box
  }
  yield* cut(0, order.length)
  return tree
}

function longestSide(rows: Float32Array, columns: number, members: Int32Array): number {
  let longest = -1
  let axis = 0
  for (let c = 0; c < columns; c++) {
    let low = Infinity
    let high = -Infinity
    for (const row of members) {
      const value = rows[row * columns + c]!
      if (value < low) low = value
      if (value > high) high = value
    }
    if (high - low <= longest) continue
    longest = high - low
    axis = c
  }
  return axis
}

/** Puts rows below `at` before the others. @returns where those begin */
function partition(
  rows: Float32Array,
  columns: number,
  order: Int32Array,
  from: number,
  to: number,
  axis: number,
  at: number,
): number {
  let middle = from
  for (let i = from; i < to; i++) {
    const row = order[i]!
    if (rows[row * columns + axis]! >= at) continue
    order[i] = order[middle]!
    order[middle++] = row
  }
  return middle
}
