import { expect, it } from 'vitest'
import { symmetricEigen, symmetricEigenvalues } from '../../../src-main/engine/numeric/eigen.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

it('knows matrices with known eigenvalues', () => {
  expect([...symmetricEigenvalues(Float64Array.of(7), 1)]).toEqual([7])
  const two = symmetricEigenvalues(Float64Array.of(2, 1, 1, 2), 2)
  expect(two[0]).toBeCloseTo(1, 12)
  expect(two[1]).toBeCloseTo(3, 12)
  expect([...symmetricEigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0])
})

it('finds those of the second difference: 2 − 2 cos(kπ / (n + 1))', () => {
  const n = 40
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    matrix[i * n + i] = 2
    if (i > 0) matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = -1
  }
  for (const [k, value] of symmetricEigenvalues(matrix, n).entries())
    expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 12)
})

it('keeps trace and norm of a random matrix, and the matrix itself', () => {
  const n = 25
  const random = createRandom(1)
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.normal()
  const before = matrix.slice()
  const values = symmetricEigenvalues(matrix, n)
  expect(matrix).toEqual(before)
  const trace = matrix.filter((_, i) => i % (n + 1) === 0).reduce((a, b) => a + b)
  expect(values.reduce((a, b) => a + b)).toBeCloseTo(trace, 10)
  expect(Math.hypot(...values)).toBeCloseTo(Math.hypot(...matrix), 10)
  expect([...values]).toEqual([...values].sort((a, b) => a - b))
})

it('gives vectors that the matrix only stretches, largest value first', () => {
  const n = 12
  const random = createRandom(2)
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.normal()
  const { values, vectors } = symmetricEigen(matrix, n)
  expect([...values].reverse()).toEqual([...symmetricEigenvalues(matrix, n)])
  vectors.forEach((vector, k) => {
    expect(Math.hypot(...vector)).toBeCloseTo(1, 12)
    for (let i = 0; i < n; i++) {
      const image = vector.reduce((sum, value, j) => sum + matrix[i * n + j]! * value, 0)
      expect(image).toBeCloseTo(values[k]! * vector[i]!, 10)
    }
  })
})
