import { describe, expect, it } from 'vitest'
import { fuzzyGraph, type SparseRows } from '../../../src-main/engine/numeric/fuzzy-graph.ts'
import { nearestOthers } from '../../../src-main/engine/numeric/nearest.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { epochsOf, fitCurve, layOutGraph } from '../../../src-main/engine/numeric/umap.ts'

const go = (): Promise<void> => Promise.resolve()

const edgesOf = ({ starts, ends, weights }: SparseRows): [from: number, to: number, weight: number][] =>
  Array.from(ends, (end, at) => [starts.findLastIndex((start) => start <= at), end, weights[at]!])

describe('the graph of neighbours', () => {
  // umap-learn 0.5.12: fuzzy_simplicial_set(X, 4, RandomState(0), 'euclidean')[0] of these eight points, the half above the diagonal.
  const points = Float32Array.of(0, 0, 0, 0, 1, 0.1, 0.2, 3, 2, 2.3, 4, 1, 7, 4.4, 4.1, 8)
  const reference: [from: number, to: number, weight: number][] = [
    [0, 1, 1],
    [0, 2, 1],
    [0, 3, 0.500001],
    [0, 5, 0.357362],
    [1, 2, 1],
    [1, 3, 0.500001],
    [2, 4, 0.488476],
    [2, 5, 0.642639],
    [3, 4, 1],
    [3, 7, 0.470812],
    [4, 5, 1],
    [4, 6, 0.164447],
    [4, 7, 0.529181],
    [5, 6, 1],
    [6, 7, 1],
  ]

  it('has the weights of umap-learn, also where rows are the same', async () => {
    const edges = edgesOf(await fuzzyGraph(await nearestOthers(points, 2, 3), go))
    const upper = edges.filter(([from, to]) => from < to)
    expect(upper.map(([from, to]) => [from, to])).toEqual(reference.map(([from, to]) => [from, to]))
    upper.forEach(([, , weight], i) => expect(weight).toBeCloseTo(reference[i]![2], 5))
  })

  it('is symmetric, and each row is in order', async () => {
    const random = createRandom(2)
    const rows = Float32Array.from({ length: 300 * 3 }, () => random.normal())
    const graph = await fuzzyGraph(await nearestOthers(rows, 3, 7), go)
    const edges = edgesOf(graph)
    const weightOf = new Map(edges.map(([from, to, weight]) => [`${from} ${to}`, weight]))
    expect(weightOf.size).toBe(edges.length)
    for (const [from, to, weight] of edges) expect(weightOf.get(`${to} ${from}`)).toBe(weight)
    const inOrder = edges.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
    expect(edges).toEqual(inOrder)
  })

  it('is all ones where all rows are the same', async () => {
    const graph = await fuzzyGraph(await nearestOthers(new Float32Array(20).fill(3), 2, 4), go)
    expect(new Set(graph.weights)).toEqual(new Set([1]))
  })
})

// umap-learn 0.5.12: find_ab_params(1.0, minDistance), by SciPy's curve_fit.
it.each([
  [0, 1.932808, 0.790495],
  [0.1, 1.576943, 0.895061],
  [0.5, 0.58303, 1.334167],
  [0.99, 0.119305, 1.91639],
])('the curve of the least distance %f is that of umap-learn', (minDistance, a, b) => {
  const curve = fitCurve(minDistance)
  expect(curve.a).toBeCloseTo(a, 5)
  expect(curve.b).toBeCloseTo(b, 4)
})

describe('the layout', () => {
  const heaps = 3
  const rows = 90
  const heapOf = (i: number): number => i % heaps
  /** Three heaps in five dimensions, from places that know nothing of them. */
  async function layOut(seed: number, step: (share: number) => Promise<void> = go): Promise<Float32Array> {
    const random = createRandom(11)
    const codes = Float32Array.from(
      { length: rows * 5 },
      (_, at) => (at % 5 === heapOf(Math.floor(at / 5)) ? 20 : 0) + random.normal(),
    )
    const graph = await fuzzyGraph(await nearestOthers(codes, 5, 14), go)
    const places = Float32Array.from({ length: 2 * rows }, () => 20 * random.uniform() - 10)
    await layOutGraph(places, graph, fitCurve(0.1), createRandom(seed), step)
    return places
  }

  it('puts those nearest to each other that are of one heap, anew with another seed', async () => {
    const places = await layOut(1)
    const near = await nearestOthers(places, 2, 10)
    near.indexes.forEach((j, at) => expect(heapOf(j)).toBe(heapOf(Math.floor(at / near.k))))
    expect(await layOut(1)).toEqual(places)
    expect(await layOut(2)).not.toEqual(places)
  })

  it('tells its share in order, a step at least each epoch, and can be stopped', async () => {
    const shares: number[] = []
    const stop = (share: number): Promise<void> => {
      shares.push(share)
      return share >= 0.5 ? Promise.reject(new Error('stopped')) : Promise.resolve()
    }
    await expect(layOut(1, stop)).rejects.toThrow('stopped')
    expect(shares[0]).toBe(0)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.length).toBeGreaterThan(epochsOf(rows) / 2)
  })
})
