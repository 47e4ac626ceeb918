import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { adjustedRandIndex, normalisedMutualInformation } from '../../../src-main/engine/numeric/agreement.ts'
import { hdbscan } from '../../../src-main/engine/numeric/hdbscan.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { meanSilhouette } from '../../../src-main/engine/numeric/silhouette.ts'
import { trustOfMap } from '../../../src-main/engine/numeric/trust.ts'

const python = process.env['DARKROOM_PYTHON'] ?? 'python3'
const canRun = spawnSync(python, ['-c', 'import sklearn']).status === 0
if (!canRun)
  console.warn(
    `SKIPPED: figures of maps and clusters against scikit-learn. ${python} lacks bench/python/requirements-tests.txt; set DARKROOM_PYTHON to one that has it.`,
  )

/** Three heaps of different density in five dimensions, what lies between them, and a map that keeps two of the dimensions. */
function heaps() {
  const random = createRandom(11)
  const columns = 5
  const rows: number[][] = []
  const known: number[] = []
  for (const [heap, [centre, spread, count]] of (
    [
      [0, 0.4, 120],
      [4, 0.8, 90],
      [9, 0.3, 60],
    ] as const
  ).entries())
    for (let i = 0; i < count; i++) {
      rows.push(Array.from({ length: columns }, (_, c) => (c < 2 ? centre : 0) + spread * random.normal()))
      known.push(heap)
    }
  for (let i = 0; i < 40; i++) {
    rows.push(Array.from({ length: columns }, () => 14 * random.uniform() - 3))
    known.push(3)
  }
  const values = Float32Array.from(rows.flat())
  const points = Float32Array.from(rows.flatMap((row) => [row[0]!, row[2]!]))
  return { values, columns, points, known }
}

describe('how far to believe a map', () => {
  it('is wholly where it keeps all distances', async () => {
    const points = Float32Array.of(0, 0, 1, 0, 0, 3, 5, 5, 9, 1)
    expect(await trustOfMap({ values: points, columns: 2, points }, 2)).toEqual({
      trustworthiness: 1,
      continuity: 1,
      neighbours: 2,
    })
  })

  it('counts by how many ranks neighbours are wrong', async () => {
    // Two of four on a line change places: everyone’s nearest in the map is the second among the rows, and the other way round.
    // 1 − 2 / (4 · 1 · (8 − 3 − 1)) · (1 + 1 + 1 + 1)
    const values = Float32Array.of(0, 1, 3, 7)
    const points = Float32Array.of(0, 0, 3, 0, 1, 0, 7, 0)
    const { trustworthiness, continuity } = await trustOfMap({ values, columns: 1, points }, 1)
    expect(trustworthiness).toBe(0.5)
    expect(continuity).toBe(0.5)
  })
})

describe('clusters', () => {
  it('are as far apart as Rousseeuw’s formula says', async () => {
    const rows = Float32Array.of(0, 1, 10, 11)
    expect(await meanSilhouette(rows, 1, [0, 0, 1, 1])).toBeCloseTo((9.5 / 10.5 + 8.5 / 9.5) / 2, 12)
    expect(await meanSilhouette(rows, 1, [0, 0, 0, 0])).toBeNull()
    // One alone counts 0.
    expect(await meanSilhouette(Float32Array.of(0, 1, 10), 1, [0, 0, 1])).toBeCloseTo((0.9 + 8 / 9) / 3, 12)
  })

  it('agree with labels however both are numbered', () => {
    expect(normalisedMutualInformation([0, 0, 1, 1], [5, 5, 2, 2])).toBeCloseTo(1, 12)
    expect(adjustedRandIndex([0, 0, 1, 1], [5, 5, 2, 2])).toBe(1)
    expect(normalisedMutualInformation([0, 0, 1, 1], [0, 0, 1, 2])).toBeCloseTo(0.8, 12)
    expect(adjustedRandIndex([0, 0, 1, 1], [0, 0, 1, 2])).toBeCloseTo(4 / 7, 12)
    expect(normalisedMutualInformation([0, 1, 0, 1], [0, 0, 1, 1])).toBe(0)
    expect(adjustedRandIndex([0, 1, 0, 1], [0, 0, 1, 1])).toBeCloseTo(-0.5, 12)
  })

  it('are found by density, with what lies between them as noise', async () => {
    const { values, columns, known } = heaps()
    const found = await hdbscan(values, columns, 15)
    const largest = [0, 1, 2].map((heap) => {
      const counts = new Map<number, number>()
      for (const [i, cluster] of found.entries())
        if (known[i] === heap) counts.set(cluster, (counts.get(cluster) ?? 0) + 1)
      return [...counts].sort(([, a], [, b]) => b - a)[0]!
    })
    expect(new Set(largest.map(([cluster]) => cluster)).size).toBe(3)
    expect(largest.every(([cluster]) => cluster >= 0)).toBe(true)
    largest.forEach(([, count], heap) => {
      expect(count).toBeGreaterThan(0.85 * [120, 90, 60][heap]!)
    })
    expect(found.filter((cluster, i) => known[i] === 3 && cluster === -1).length).toBeGreaterThan(30)
  })

  it('are none where there are too few rows', async () => {
    expect(await hdbscan(Float32Array.of(1, 2, 3), 1, 5)).toEqual(Int32Array.of(-1, -1, -1))
  })
})

describe.skipIf(!canRun)('the same figures by scikit-learn', () => {
  it('are ours', async () => {
    const { values, columns, points, known } = heaps()
    const found = await hdbscan(values, columns, 15)
    const list = (data: Float32Array, size: number): number[][] =>
      Array.from({ length: data.length / size }, (_, i) =>
        Array.from(data.subarray(i * size, (i + 1) * size)),
      )
    const script = fileURLToPath(new URL('../../support/sklearn_figures.py', import.meta.url))
    const input = JSON.stringify({
      ...{ rows: list(values, columns), points: list(points, 2), neighbours: 12, smallest: 15 },
      ...{ found: known, known: Array.from(found) },
    })
    const theirs = JSON.parse(execFileSync(python, [script], { input, encoding: 'utf8' })) as Record<
      'trustworthiness' | 'continuity' | 'silhouette' | 'nmi' | 'ari',
      number
    > & { hdbscan: number[] }
    const trust = await trustOfMap({ values, columns, points }, 12)
    expect(trust.trustworthiness).toBeCloseTo(theirs.trustworthiness, 6)
    expect(trust.continuity).toBeCloseTo(theirs.continuity, 6)
    expect(await meanSilhouette(values, columns, known)).toBeCloseTo(theirs.silhouette, 6)
    const shifted = found.map((cluster) => cluster + 1)
    expect(normalisedMutualInformation(known, shifted)).toBeCloseTo(theirs.nmi, 9)
    expect(adjustedRandIndex(known, shifted)).toBeCloseTo(theirs.ari, 9)
    const byThem = theirs.hdbscan.map((cluster) => cluster + 1)
    // Many reachabilities are the same core distance: which of them comes first decides about single rows at the edges.
    expect(adjustedRandIndex(byThem, shifted)).toBeGreaterThan(0.97)
    expect(new Set(byThem).size).toBe(new Set(shifted).size)
  })
})
