import { cholesky, inverseOfLower } from '../numeric/cholesky.ts'

/** How residuals of normal items spread, so that what they often leave out counts little. */
export interface Whitening {
  mean: Float32Array
  /** Σ⁻¹: [size, size] of `full`; its diagonal, [size], of `diagonal`. */
  inverse: Float32Array
  form: 'full' | 'diagonal'
}

/** Values of a residual up to which the whole covariance matrix is taken; of longer ones its diagonal. */
const mostFull = 1024
/** Residuals that it is fitted to at most, and values of them. */
export const mostFitted = { items: 4096, values: 2 ** 24 }

/**
 * Mean and inverse covariance of residuals. The covariance S is drawn towards one number for all values, μ I with μ the mean variance, by the
 * share that Ledoit and Wolf (2004) find to err least: Σ = (1 − s) S + s μ I. Of residuals longer than `mostFull` values, where a matrix would
 * take too much room and too many residuals, Σ is the diagonal of S, each variance no less than a hundredth of their mean.
 * @param residuals one after the other, [count, size]
 */
export function fitWhitening(residuals: Float32Array, size: number): Whitening {
  const count = residuals.length / size
  const mean = new Float64Array(size)
  for (let from = 0; from < residuals.length; from += size)
    for (let i = 0; i < size; i++) mean[i]! += residuals[from + i]! / count
  const full = size <= mostFull
  const inverse = full ? inverseCovariance(residuals, mean) : inverseVariances(residuals, mean)
  return { mean: Float32Array.from(mean), inverse, form: full ? 'full' : 'diagonal' }
}

/** Variance below which values do not vary at all: nothing is divided by less. */
const least = 1e-12

function inverseVariances(residuals: Float32Array, mean: Float64Array): Float32Array {
  const size = mean.length
  const variances = new Float64Array(size)
  const count = residuals.length / size
  for (let from = 0; from < residuals.length; from += size)
    for (let i = 0; i < size; i++) variances[i]! += (residuals[from + i]! - mean[i]!) ** 2 / count
  const floor = Math.max(least, variances.reduce((sum, variance) => sum + variance / size, 0) / 100)
  return Float32Array.from(variances, (variance) => 1 / Math.max(variance, floor))
}

function inverseCovariance(residuals: Float32Array, mean: Float64Array): Float32Array {
  const size = mean.length
  const { matrix } = ledoitWolf(residuals, mean)
  const lower = inverseOfLower(cholesky(matrix, size), size)
  const inverse = new Float32Array(size * size)
  // Σ⁻¹ = L⁻ᵀ L⁻¹
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = i; k < size; k++) sum += lower[k * size + i]! * lower[k * size + j]!
      inverse[i * size + j] = inverse[j * size + i] = sum
    }
  return inverse
}

/** The shrunk covariance, [size, size], and its share s of μ I. */
export function ledoitWolf(
  residuals: Float32Array,
  mean: Float64Array,
): { matrix: Float64Array; shrinkage: number } {
  const size = mean.length
  const count = residuals.length / size
  const matrix = new Float64Array(size * size)
  const centred = new Float64Array(size)
  let fourth = 0
  for (let from = 0; from < residuals.length; from += size) {
    let length = 0
    for (let i = 0; i < size; i++) {
      centred[i] = residuals[from + i]! - mean[i]!
      length += centred[i]! ** 2
    }
    fourth += length ** 2
    for (let i = 0; i < size; i++) {
      const own = centred[i]! / count
      for (let j = 0, to = i * size; j <= i; j++, to++) matrix[to]! += own * centred[j]!
    }
  }
  let trace = 0
  let squares = 0
  for (let i = 0; i < size; i++) {
    trace += matrix[i * size + i]!
    for (let j = 0; j <= i; j++) squares += (i === j ? 1 : 2) * matrix[i * size + j]! ** 2
  }
  const level = Math.max(trace / size, least)
  // How far S is from μ I, and how much of that is chance.
  const distance = squares - size * level ** 2
  const chance = (fourth / count - squares) / count
  const shrinkage = distance <= 0 ? 1 : Math.min(1, Math.max(0, chance / distance))
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      const value = (1 - shrinkage) * matrix[i * size + j]! + (i === j ? shrinkage * level : 0)
      matrix[i * size + j] = matrix[j * size + i] = value
    }
  return { matrix, shrinkage }
}

/** What each value of a residual adds to rᵀ Σ⁻¹ r, with r its distance from the mean: their sum is that, single ones may be negative. */
export function whitenedErrors({ mean, inverse, form }: Whitening, residual: Float32Array): Float32Array {
  const size = mean.length
  const r = residual.map((value, i) => value - mean[i]!)
  if (form === 'diagonal') return r.map((value, i) => value * value * inverse[i]!)
  return r.map((value, i) => {
    let sum = 0
    for (let j = 0, at = i * size; j < size; j++, at++) sum += inverse[at]! * r[j]!
    return value * sum
  })
}
