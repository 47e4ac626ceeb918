/**
 * Eigenvalues of a small symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, §8.5): simple
 * and accurate, O(n³) a sweep, fit for n up to about 100.
 * @param matrix [n, n] row-major; left as it is.
 * @returns n eigenvalues, ascending.
 */
export const symmetricEigenvalues = (matrix: Float64Array, n: number): Float64Array =>
  diagonalise(matrix, n, null).sort()

/**
 * The same with eigenvectors: `vectors[i]` has length 1 and belongs to `values[i]`, of falling value. Signs are arbitrary.
 * @param matrix [n, n] row-major; left as it is.
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
): { values: Float64Array; vectors: Float64Array[] } {
  const rotated = new Float64Array(n * n)
  for (let i = 0; i < n; i++) rotated[i * n + i] = 1
  const values = diagonalise(matrix, n, rotated)
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!)
  return {
    values: Float64Array.from(order, (i) => values[i]!),
    vectors: order.map((i) => Float64Array.from({ length: n }, (_, k) => rotated[k * n + i]!)),
  }
}

/** The eigenvalues in no order. @param vectors the identity; its columns become the eigenvectors */
function diagonalise(matrix: Float64Array, n: number, vectors: Float64Array | null): Float64Array {
  const a = matrix.slice()
  const norm = Math.hypot(...a)
  for (let sweep = 0; sweep < 50; sweep++) {
    let offDiagonal = 0
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) offDiagonal += a[p * n + q]! ** 2
    if (Math.sqrt(offDiagonal) <= 1e-14 * norm) break
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q, vectors)
  }
  return Float64Array.from({ length: n }, (_, i) => a[i * n + i]!)
}

/** Turns rows and columns p and q so that a[p, q] becomes 0, and the vectors' columns with them. */
function rotate(a: Float64Array, n: number, p: number, q: number, vectors: Float64Array | null): void {
  const coupling = a[p * n + q]!
  if (coupling === 0) return
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * coupling)
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const cosine = 1 / Math.hypot(tangent, 1)
  const sine = tangent * cosine
  turnColumns(a, n, p, q, cosine, sine)
  if (vectors !== null) turnColumns(vectors, n, p, q, cosine, sine)
  for (let k = 0; k < n; k++) {
    const ap = a[p * n + k]!
    const aq = a[q * n + k]!
    a[p * n + k] = cosine * ap - sine * aq
    a[q * n + k] = sine * ap + cosine * aq
  }
}

function turnColumns(a: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void {
  for (let k = 0; k < n; k++) {
    const ap = a[k * n + p]!
    const aq = a[k * n + q]!
    a[k * n + p] = cosine * ap - sine * aq
    a[k * n + q] = sine * ap + cosine * aq
  }
}
