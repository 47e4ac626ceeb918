import { describe, expect, it } from 'vitest'
import {
  frechetDistance,
  memorising,
  precisionAndRecall,
} from '../../../src-main/engine/analysis/generation.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

/** Rows of three normal numbers with a mean and a deviation of each; the second leans on the first. */
function rows(count: number, seed: number, mean = [0, 0, 0], deviation = [1, 1, 1], lean = 0): Float32Array {
  const random = createRandom(seed)
  const table = Array.from({ length: count }, () => {
    const row = mean.map((m, i) => m + deviation[i]! * random.normal())
    row[1]! += lean * (row[0]! - mean[0]!)
    return row
  })
  return Float32Array.from(table.flat())
}

describe('the Fréchet distance', () => {
  it('is 0 between the same rows, and the squared distance of the means where only they differ', () => {
    const a = rows(500, 1)
    expect(frechetDistance(a, a, 3)).toBeCloseTo(0, 6)
    const moved = a.map((value, i) => value + [3, 0, -4][i % 3]!)
    expect(frechetDistance(a, moved, 3)).toBeCloseTo(25, 3)
  })

  it('is that of the deviations where they differ: Σ (σ₁ − σ₂)²', () => {
    const [a, b] = [rows(40_000, 1, [0, 0, 0], [1, 2, 3]), rows(40_000, 2, [0, 0, 0], [2, 2, 0.5])]
    expect(frechetDistance(a, b, 3)).toBeCloseTo(1 + 0 + 6.25, 0)
  })

  it('counts how columns hang together, which their own figures do not show', () => {
    // The same variances: 1 and 2, with a covariance of 1 and of −1.
    const [a, b] = [rows(20_000, 1, [0, 0, 0], [1, 1, 1], 1), rows(20_000, 2, [0, 0, 0], [1, 1, 1], -1)]
    // tr Σ = 3; Σ₁ Σ₂ = [[0, 1], [−1, 3]] has the eigenvalues (3 ± √5) / 2, whose roots add up to √5.
    expect(frechetDistance(a, b, 3)).toBeCloseTo(6 - 2 * Math.sqrt(5), 1)
  })
})

describe('precision and recall', () => {
  it('are high for the same, fall by what is made up, and by what is left out', () => {
    const real = rows(400, 1)
    const same = precisionAndRecall(real, rows(400, 2), 3)
    expect(same.precision).toBeGreaterThan(0.8)
    expect(same.recall).toBeGreaterThan(0.8)
    const wide = precisionAndRecall(real, rows(400, 2, [0, 0, 0], [4, 4, 4]), 3)
    expect(wide.precision).toBeLessThan(0.4)
    expect(wide.recall).toBeGreaterThan(0.8)
    const narrow = precisionAndRecall(real, rows(400, 2, [0, 0, 0], [0.2, 0.2, 0.2]), 3)
    expect(narrow.precision).toBeGreaterThan(0.95)
    expect(narrow.recall).toBeLessThan(0.2)
  })

  it('are 0 of what lies elsewhere', () => {
    expect(precisionAndRecall(rows(50, 1), rows(50, 2, [100, 0, 0]), 3)).toEqual({ precision: 0, recall: 0 })
  })
})

describe('memorising', () => {
  const heldOut = Float32Array.from({ length: 201 }, (_, i) => 100 + i)

  it('is the share that is nearer than all but 1 % of what was held out', () => {
    expect(memorising(Float32Array.of(0, 100, 101.5, 200), heldOut)).toEqual({
      memorised: 0.75,
      nearest: 0.5,
    })
    expect(memorising(heldOut, heldOut)).toEqual({ memorised: 2 / 201, nearest: 1 })
  })
})
