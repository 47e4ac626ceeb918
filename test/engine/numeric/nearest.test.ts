import { describe, expect, it } from 'vitest'
import { indexRows, nearestOthers } from '../../../src-main/engine/numeric/nearest.ts'
import { createRandom, type Random } from '../../../src-main/engine/numeric/random.ts'

const distance = (rows: Float32Array, columns: number, i: number, j: number): number => {
  let sum = 0
  for (let c = 0; c < columns; c++) sum += (rows[i * columns + c]! - rows[j * columns + c]!) ** 2
  return Math.sqrt(sum)
}

/** All distances of one row, ascending. */
function bruteForce(rows: Float32Array, columns: number, i: number): number[] {
  const others = Array.from({ length: rows.length / columns }, (_, j) => j).filter((j) => j !== i)
  return others.map((j) => distance(rows, columns, i, j)).sort((a, b) => a - b)
}

const kinds: [name: string, columns: number, value: (random: Random) => number][] = [
  ['in the plane', 2, (random) => random.normal()],
  ['of sixteen dimensions', 16, (random) => random.normal()],
  ['of more dimensions than a tree can part', 100, (random) => random.uniform()],
  ['with many zeros and equal values', 8, (random) => Math.max(0, Math.round(2 * random.normal()))],
  ['that are all the same', 3, () => 7],
]

describe('nearest rows', () => {
  it.each(kinds)('are those of brute force: rows %s', async (_, columns, value) => {
    const random = createRandom(3)
    const rows = Float32Array.from({ length: 400 * columns }, () => value(random))
    const { k, indexes, distances } = await nearestOthers(rows, columns, 12)
    expect(k).toBe(12)
    for (let i = 0; i < 400; i++) {
      const expected = bruteForce(rows, columns, i).slice(0, k)
      const found = Array.from(indexes.subarray(i * k, (i + 1) * k))
      expect(new Set(found).size).toBe(k)
      expect(found).not.toContain(i)
      // Of equally near ones any may be given: the distances tell whether they are right.
      found.forEach((j, at) => {
        expect(distance(rows, columns, i, j)).toBeCloseTo(expected[at]!, 5)
        expect(distances[i * k + at]).toBeCloseTo(expected[at]!, 5)
      })
    }
  })

  it('are found for a point that is no row, and are all where more are asked for', () => {
    const index = indexRows(Float32Array.of(0, 0, 3, 4, 6, 8), 2)
    expect(index.nearest([3, 3], 9)).toEqual({
      k: 3,
      indexes: Int32Array.of(1, 0, 2),
      distances: Float32Array.of(1, Math.sqrt(18), Math.sqrt(34)),
    })
    expect(indexRows(Float32Array.of(1, 2), 2).nearest([1, 2], 3, 0).k).toBe(0)
  })

  it('can be stopped', async () => {
    const rows = new Float32Array(2000).map((_, i) => i)
    const stop = (done: number): Promise<void> =>
      done > 0 ? Promise.reject(new Error('stopped')) : Promise.resolve()
    await expect(nearestOthers(rows, 2, 3, stop)).rejects.toThrow('stopped')
  })
})
