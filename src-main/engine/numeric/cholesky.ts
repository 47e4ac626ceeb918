/** The lower factor L of A = L Lᵀ (Golub & Van Loan, §4.2). @param matrix its lower triangle is read, [n, n] row-major */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let value = matrix[i * n + j]!
      for (let k = 0; k < j; k++) value -= factor[i * n + k]! * factor[j * n + k]!
      // Rounding can leave a pivot at or below 0 where the ridge is small beside the largest variances.
      factor[i * n + j] = i === j ? Math.sqrt(Math.max(value, 1e-12)) : value / factor[j * n + j]!
    }
  }
  return factor
}

/** L⁻¹ of a lower factor, by forward substitution. @param factor [n, n] row-major */
export function inverseOfLower(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const pivot = factor[i * n + i]!
    inverse[i * n + i] = 1 / pivot
    for (let j = 0; j < i; j++) {
      let sum = 0
      for (let k = j; k < i; k++) sum += factor[i * n + k]! * inverse[k * n + j]!
      inverse[i * n + j] = -sum / pivot
    }
  }
  return inverse
}
