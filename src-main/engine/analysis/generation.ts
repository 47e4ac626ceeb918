import { symmetricEigen, symmetricEigenvalues } from '../numeric/eigen.ts'

/*
 * How samples of a generative model compare with real items, by features of both: tables of rows one after the other, [count, columns].
 */

/** Neighbours whose farthest sets the radius around an item, as in Kynkäänniemi et al. */
const radiusNeighbours = 3

/**
 * Fréchet distance between two Gaussians with the tables' means and covariances: ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½) (Heusel et al.
 * 2017); 0 is best. What it comes to depends on the features, and falls with the number of items: it only compares what was measured alike.
 * @param columns up to about 100.
 */
export function frechetDistance(a: Float32Array, b: Float32Array, columns: number): number {
  const [first, second] = [momentsOf(a, columns), momentsOf(b, columns)]
  let distance = 0
  for (let i = 0; i < columns; i++) {
    distance += (first.mean[i]! - second.mean[i]!) ** 2
    distance += first.covariance[i * columns + i]! + second.covariance[i * columns + i]!
  }
  // (Σ₁ Σ₂)^½ has the eigenvalues of (Σ₁^½ Σ₂ Σ₁^½)^½, which is symmetric.
  const root = squareRoot(first.covariance, columns)
  const product = multiply(multiply(root, second.covariance, columns), root, columns)
  for (const value of symmetricEigenvalues(product, columns)) distance -= 2 * Math.sqrt(Math.max(0, value))
  return Math.max(0, distance)
}

function momentsOf(rows: Float32Array, columns: number): { mean: Float64Array; covariance: Float64Array } {
  const count = rows.length / columns
  const mean = new Float64Array(columns)
  for (let i = 0; i < rows.length; i++) mean[i % columns]! += rows[i]! / count
  const covariance = new Float64Array(columns * columns)
  for (let from = 0; from < rows.length; from += columns)
    for (let i = 0; i < columns; i++) {
      const scale = (rows[from + i]! - mean[i]!) / Math.max(1, count - 1)
      for (let j = 0; j < columns; j++) covariance[i * columns + j]! += scale * (rows[from + j]! - mean[j]!)
    }
  return { mean, covariance }
}

/** Of a symmetric positive matrix [n, n]. */
function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, n)
  const root = new Float64Array(n * n)
  for (const [k, vector] of vectors.entries()) {
    const scale = Math.sqrt(Math.max(0, values[k]!))
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) root[i * n + j]! += scale * vector[i]! * vector[j]!
  }
  return root
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const scale = a[i * n + k]!
      for (let j = 0; j < n; j++) product[i * n + j]! += scale * b[k * n + j]!
    }
  return product
}

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019): the share of the samples that lie where real items are, and the share of the real
 * items that lie where samples are. A table's items are within the balls around each of them that reach to its third nearest other.
 */
export function precisionAndRecall(
  real: Float32Array,
  samples: Float32Array,
  columns: number,
): { precision: number; recall: number } {
  return {
    precision: shareWithin(samples, real, columns),
    recall: shareWithin(real, samples, columns),
  }
}

function shareWithin(points: Float32Array, centres: Float32Array, columns: number): number {
  const radii = squaredRadii(centres, columns)
  const count = points.length / columns
  let within = 0
  for (let i = 0; i < count; i++)
    if (radii.some((radius, j) => squaredDistance(points, i, centres, j, columns, radius) <= radius)) within++
  return within / count
}

function squaredRadii(rows: Float32Array, columns: number): Float64Array {
  const count = rows.length / columns
  return Float64Array.from({ length: count }, (_, i) => {
    const nearest = new Float64Array(Math.min(radiusNeighbours, count - 1)).fill(Infinity)
    for (let j = 0; j < count; j++) {
      const farthest = nearest.at(-1) ?? 0
      const distance = i === j ? Infinity : squaredDistance(rows, i, rows, j, columns, farthest)
      if (distance >= farthest) continue
      nearest[nearest.length - 1] = distance
      nearest.sort()
    }
    return nearest.at(-1) ?? 0
  })
}

/** Stops adding up where it is beyond `limit`. */
function squaredDistance(
  a: Float32Array,
  i: number,
  b: Float32Array,
  j: number,
  columns: number,
  limit: number,
): number {
  let sum = 0
  for (let c = 0; c < columns && sum <= limit; c++) sum += (a[i * columns + c]! - b[j * columns + c]!) ** 2
  return sum
}

/**
 * Whether a model gives its training items back, from the distances of samples and of held-out items to the nearest training item:
 * `memorised`, the share of the samples that are nearer than all but 1 % of the held-out items, about 0.01 where nothing is memorised; and
 * `nearest`, the samples' median over the held-out items' median.
 */
export function memorising(
  ofSamples: Float32Array,
  ofHeldOut: Float32Array,
): { memorised: number; nearest: number } {
  const limit = quantile(ofHeldOut, 0.01)
  return {
    memorised: ofSamples.filter((distance) => distance < limit).length / ofSamples.length,
    nearest: quantile(ofSamples, 0.5) / quantile(ofHeldOut, 0.5),
  }
}

const quantile = (values: Float32Array, share: number): number => {
  const sorted = values.toSorted()
  return sorted[Math.floor(share * (sorted.length - 1))]!
}
