import { inverseOfLower } from './cholesky.ts'

/** A Gaussian mixture: Σ wₖ N(μₖ, Σₖ). */
export interface MixtureParameters {
  /** Of a point. */
  size: number
  /** They add up to 1. */
  weights: Float64Array
  means: Float64Array[]
  /** Of each component: the lower Cholesky factor of its covariance, [size, size] row-major; `diagonal`: standard deviations, [size]. */
  factors: Float64Array[]
  diagonal: boolean
}

/** Nats below the likeliest component of a point, from which on another one's part in its likelihood is not worked out. */
const reach = 25

/** Log-densities of points under each component, with its weight. */
export interface Densities {
  /** Of the point that was looked at last; −∞ where it is next to nothing. */
  logs: Float64Array
  /** Looks at one point, and returns its log-density under the mixture. @param first the component that is looked at first: best the likeliest */
  look: (points: Float32Array, from: number, first: number) => number
}

export function densities({ size, weights, means, factors, diagonal }: MixtureParameters): Densities {
  const constants = factors.map((factor, k) => {
    let logDeterminant = 0
    for (let i = 0; i < size; i++) logDeterminant += Math.log(factor[diagonal ? i : i * size + i]!)
    return Math.log(weights[k]!) - logDeterminant - (size / 2) * Math.log(2 * Math.PI)
  })
  const whiteners = factors.map((factor) =>
    diagonal ? factor.map((deviation) => 1 / deviation) : inverseOfLower(factor, size),
  )
  const logs = new Float64Array(means.length)
  const offset = new Float64Array(size)

  /** (x − μ)ᵀ Σ⁻¹ (x − μ), or any number above `limit` where it is more. */
  function squareOf(points: Float32Array, from: number, k: number, limit: number): number {
    const [mean, whitener] = [means[k]!, whiteners[k]!]
    let square = 0
    for (let i = 0; i < size && square <= limit; i++) {
      const own = points[from + i]! - mean[i]!
      let value = 0
      if (diagonal) value = whitener[i]! * own
      else {
        offset[i] = own
        for (let j = 0, at = i * size; j <= i; j++, at++) value += whitener[at]! * offset[j]!
      }
      square += value * value
    }
    return square
  }
  return {
    logs,
    look(points, from, first) {
      let largest = -Infinity
      for (let turn = 0; turn < means.length; turn++) {
        const k = turn === 0 ? first : turn <= first ? turn - 1 : turn
        const limit = 2 * (constants[k]! - largest + reach)
        const square = squareOf(points, from, k, limit)
        logs[k] = square > limit ? -Infinity : constants[k]! - square / 2
        if (logs[k] > largest) largest = logs[k]
      }
      let sum = 0
      for (let k = 0; k < logs.length; k++) sum += Math.exp(logs[k]! - largest)
      return largest + Math.log(sum)
    },
  }
}

/** The component that each point belongs to most likely. @param points [count, size] */
export function assignComponents(mixture: MixtureParameters, points: Float32Array): Int32Array {
  const { logs, look } = densities(mixture)
  let likeliest = 0
  return Int32Array.from({ length: points.length / mixture.size }, (_, i) => {
    look(points, i * mixture.size, likeliest)
    likeliest = logs.indexOf(logs.reduce((a, b) => Math.max(a, b)))
    return likeliest
  })
}
