import type { SparseRows } from './fuzzy-graph.ts'
import type { Random } from './random.ts'

/*
 * The layout of UMAP (McInnes, Healy & Melville 2018, §3.2 and algorithm 5): stochastic gradient descent on the cross entropy between the
 * graph and its picture, in which rows at a distance d are neighbours with 1 / (1 + a d^2b).
 */

/** The two numbers of 1 / (1 + a d^2b). */
export interface Curve {
  a: number
  b: number
}

/** Rows that are pushed away for each that is pulled near. */
const negatives = 5
/** Largest step along an axis, before the learning rate, which falls from 1 to 0. */
const largestStep = 4
/** Keeps the push finite where rows meet. */
const softening = 0.001
/** Rows between two looks at whether to go on: some milliseconds. */
const rowsAtATime = 2048

/** Of distances squared from 2^-32 to 2^32, in 256 parts for each power of two: neighbouring parts differ by less than 0.4 %. */
const cells = { octaves: 64, lowest: -32, each: 256 }
/** Sign, exponent and the first 8 bits of the fraction of a 32-bit float are the number of its cell but for a constant. */
const cellShift = 15
const firstCell = (127 + cells.lowest) * cells.each
const lastCell = cells.octaves * cells.each - 1

/** As the reference implementation has it: small graphs need more. */
export const epochsOf = (count: number): number => (count <= 10_000 ? 500 : 200)

/**
 * The curve that comes nearest, by least squares at 300 distances up to 3, to one that is 1 up to `minDistance` and exp(−(d − minDistance))
 * beyond: Levenberg–Marquardt (Marquardt 1963).
 * @param minDistance from 0 to 1.
 */
export function fitCurve(minDistance: number): Curve {
  const distances = Array.from({ length: 299 }, (_, i) => (3 * (i + 1)) / 299)
  const aims = distances.map((d) => Math.min(1, Math.exp(minDistance - d)))
  const error = ({ a, b }: Curve): number =>
    distances.reduce((sum, d, i) => sum + (1 / (1 + a * d ** (2 * b)) - aims[i]!) ** 2, 0)
  let curve: Curve = { a: 1, b: 1 }
  let damping = 1e-3
  for (let round = 0; round < 100; round++) {
    let [aa, ab, bb, ra, rb] = [0, 0, 0, 0, 0]
    for (const [i, d] of distances.entries()) {
      const power = d ** (2 * curve.b)
      const value = 1 / (1 + curve.a * power)
      const slopeA = -power * value ** 2
      const slopeB = 2 * curve.a * Math.log(d) * slopeA
      aa += slopeA ** 2
      ab += slopeA * slopeB
      bb += slopeB ** 2
      ra += slopeA * (aims[i]! - value)
      rb += slopeB * (aims[i]! - value)
    }
    const [da, db] = [aa * (1 + damping), bb * (1 + damping)]
    const determinant = da * db - ab * ab
    const next = {
      a: curve.a + (db * ra - ab * rb) / determinant,
      b: curve.b + (da * rb - ab * ra) / determinant,
    }
    const better = error(next) < error(curve)
    if (better) curve = next
    damping *= better ? 0.1 : 10
  }
  return curve
}

/**
 * Moves rows of a graph to where they are beside their neighbours. Of every edge, epoch n of N takes as many samples as whole numbers lie
 * in (w (n − 1), w n], w its weight beside the largest: what is left of its force over all epochs is in proportion to its weight.
 * @param places [count, 2], from where they start; changed.
 * @param graph symmetric.
 * @param random of the rows that are pushed away.
 * @param step told which share is done, from 0 to 1, and awaited, now and then.
 */
export async function layOutGraph(
  places: Float32Array,
  graph: SparseRows,
  curve: Curve,
  random: Random,
  step: (share: number) => Promise<void>,
): Promise<void> {
  const count = places.length / 2
  const epochs = epochsOf(count)
  const largest = graph.weights.reduce((a, b) => Math.max(a, b), 0)
  const move = mover(places, { ...graph, weights: graph.weights.map((w) => w / largest) }, curve, random)
  for (let epoch = 1; epoch <= epochs; epoch++)
    for (let from = 0; from < count; from += rowsAtATime) {
      await step((epoch - 1 + from / count) / epochs)
      move(from, Math.min(count, from + rowsAtATime), epoch, 1 - (epoch - 1) / epochs)
    }
}

type Move = (from: number, to: number, epoch: number, rate: number) => void

function mover(places: Float32Array, graph: SparseRows, curve: Curve, random: Random): Move {
  const { starts, ends, weights } = graph
  const toRow = places.length / 2 / 2 ** 32
  const [pulls, pushes] = forces(curve)
  const square = new Float32Array(1)
  const bits = new Int32Array(square.buffer)
  let chance = 1 + random.integer(2 ** 32 - 1)

  return (from, to, epoch, rate) => {
    const limit = largestStep * rate
    let state = chance | 0
    for (let row = from; row < to; row++) {
      let x = places[2 * row]!
      let y = places[2 * row + 1]!
      for (let edge = starts[row]!; edge < starts[row + 1]!; edge++) {
        const weight = weights[edge]!
        if (Math.floor(weight * epoch) === Math.floor(weight * (epoch - 1))) continue
        const other = 2 * ends[edge]!
        const dx = x - places[other]!
        const dy = y - places[other + 1]!
        square[0] = dx * dx + dy * dy
        const pull = rate * pulls[Math.max(0, Math.min(lastCell, (bits[0]! >> cellShift) - firstCell))]!
        const moveX = Math.max(-limit, Math.min(limit, pull * dx))
        const moveY = Math.max(-limit, Math.min(limit, pull * dy))
        x += moveX
        y += moveY
        places[other]! -= moveX
        places[other + 1]! -= moveY
        for (let i = 0; i < negatives; i++) {
          // xorshift32 (Marsaglia 2003): with `random` itself an epoch takes a quarter longer.
          state ^= state << 13
          state ^= state >>> 17
          state ^= state << 5
          const far = 2 * Math.floor((state >>> 0) * toRow)
          if (far === 2 * row) continue
          const farX = x - places[far]!
          const farY = y - places[far + 1]!
          square[0] = farX * farX + farY * farY
          const push = rate * pushes[Math.max(0, Math.min(lastCell, (bits[0]! >> cellShift) - firstCell))]!
          x += Math.max(-limit, Math.min(limit, push * farX))
          y += Math.max(-limit, Math.min(limit, push * farY))
        }
      }
      places[2 * row] = x
      places[2 * row + 1] = y
    }
    chance = state
  }
}

/**
 * By the square s of the distance, in cells, what a difference of places is multiplied with: −2ab s^(b−1) / (1 + a s^b) where rows are
 * pulled, 2b / ((0.001 + s)(1 + a s^b)) where they are pushed. With powers an epoch takes five times as long.
 */
function forces({ a, b }: Curve): [pulls: Float32Array, pushes: Float32Array] {
  const squares = Float64Array.from(
    { length: cells.octaves * cells.each },
    (_, i) => 2 ** (cells.lowest + Math.floor(i / cells.each)) * (1 + ((i % cells.each) + 0.5) / cells.each),
  )
  return [
    Float32Array.from(squares, (s) => (-2 * a * b * s ** (b - 1)) / (1 + a * s ** b)),
    Float32Array.from(squares, (s) => (2 * b) / ((softening + s) * (1 + a * s ** b))),
  ]
}
