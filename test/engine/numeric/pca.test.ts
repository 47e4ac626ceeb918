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
