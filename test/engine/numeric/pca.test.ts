import { expect, it } from 'vitest'
import { fitPca, reconstructPca } from '../../../src-main/engine/numeric/pca.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

/** Rows in 30 dimensions with standard deviations 30, 29, … along axes that are turned at random in pairs. */
function table(count: number) {
  const random = createRandom(4)
  const columns = 30
  const angles = Array.from({ length: columns - 1 }, () => random.uniform() * Math.PI)
  const rows = new Float32Array(count * columns)
  for (let r = 0; r < count; r++) {
    const row = rows.subarray(r * columns, (r + 1) * columns)
    for (let i = 0; i < columns; i++) row[i] = (columns - i) * random.normal()
    angles.forEach((angle, i) => {
      const [a, b] = [row[i]!, row[i + 1]!]
      row[i] = Math.cos(angle) * a - Math.sin(angle) * b
      row[i + 1] = Math.sin(angle) * a + Math.cos(angle) * b
    })
    for (let i = 0; i < columns; i++) row[i]! += i
  }
  return { rows, columns }
}

const errorOf = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)

it('finds mean and variances of turned axes', () => {
  const { rows, columns } = table(20_000)
  const { mean, components, variances } = fitPca(rows, columns, 5, createRandom(1))
  mean.forEach((value, i) => {
    expect(value).toBeGreaterThan(i - 1)
    expect(value).toBeLessThan(i + 1)
  })
  variances.forEach((variance, i) => {
    expect(Math.abs(variance / (columns - i) ** 2 - 1)).toBeLessThan(0.05)
  })
  components.forEach((a, i) => {
    components.forEach((b, j) => {
      expect(a.reduce((sum, value, k) => sum + value * b[k]!, 0)).toBeCloseTo(i === j ? 1 : 0, 10)
    })
  })
})

it('leaves exactly the variance that no component takes, and nothing with as many components as columns', () => {
  const { rows, columns } = table(400)
  const pca = fitPca(rows, columns, columns, createRandom(1))
  for (const kept of [0, 3, 12]) {
    const left = pca.variances.slice(kept).reduce((a, b) => a + b, 0) * 400
    expect(errorOf(rows, reconstructPca(pca, rows, kept)) / left).toBeCloseTo(1, 4)
  }
  expect(errorOf(rows, reconstructPca(pca, rows, columns))).toBeLessThan(1e-3)
})

it('finds no more directions than rows vary in', () => {
  const random = createRandom(7)
  // Four columns do not vary, and of the other four one is the sum of two.
  const rows = Float32Array.from(
    Array.from({ length: 500 }, () => {
      const [a, b, c] = [3 * random.normal(), random.normal(), 0.2 * random.normal()]
      return [1, 0, a, b, a + b, c, 0, -2]
    }).flat(),
  )
  const { components, variances, total } = fitPca(rows, 8, 8, createRandom(1))
  expect(variances.reduce((a, b) => a + b, 0) / total).toBeCloseTo(1, 6)
  components.forEach((a, i) => {
    components.forEach((b, j) => {
      const product = a.reduce((sum, value, k) => sum + value * b[k]!, 0)
      expect(product).toBeCloseTo(i === j && i < 3 ? 1 : 0, 6)
    })
  })
})

it('finds the same in few rows that are long, by their products, as in their covariance', () => {
  const random = createRandom(2)
  const columns = 1100
  const [long, count] = [[0, 1, 2].map(() => Array.from({ length: columns }, () => random.normal())), 60]
  const rows = new Float32Array(count * columns)
  for (let row = 0; row < count; row++)
    for (const [i, direction] of long.entries()) {
      const share = (3 - i) * random.normal()
      direction.forEach((value, c) => (rows[row * columns + c]! += share * value + 5 * (i === 0 ? 1 : 0)))
    }
  const { components, variances, total } = fitPca(rows, columns, 5, createRandom(1))
  for (const [i, a] of components.entries()) {
    // The variance along it, worked out from its rows.
    const places = Array.from({ length: count }, (_, row) =>
      a.reduce((sum, value, c) => sum + value * rows[row * columns + c]!, 0),
    )
    const mean = places.reduce((sum, place) => sum + place / count, 0)
    const variance = places.reduce((sum, place) => sum + (place - mean) ** 2 / count, 0)
    expect(Math.abs(variance - variances[i]!) / total).toBeLessThan(1e-6)
    for (const [j, b] of components.entries())
      expect(a.reduce((sum, value, c) => sum + value * b[c]!, 0)).toBeCloseTo(i === j && i < 3 ? 1 : 0, 6)
  }
  expect(variances.reduce((a, b) => a + b, 0) / total).toBeCloseTo(1, 6)
})
