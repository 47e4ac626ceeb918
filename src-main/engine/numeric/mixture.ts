import type { Random } from './random.ts'
import { drawSubset, rowsAt } from './subset.ts'

/** A Gaussian mixture: Σ wₖ N(μₖ, Σₖ). */
export interface Mixture {
  /** Of a point. */
  size: number
  /** They add up to 1. */
  weights: Float64Array
  means: Float64Array[]
  /** Of each component: the lower Cholesky factor of its covariance, [size, size] row-major; `diagonal`: standard deviations, [size]. */
  factors: Float64Array[]
  diagonal: boolean
  /** Mean log-likelihood of a point under the mixture, in nats, at every round of the fit. */
  history: number[]
  /** Bayesian information criterion (Schwarz 1978) on the points that it was fitted to; less is better. */
  bic: number
}

export interface MixtureOptions {
  /** Null: as many as the Bayesian information criterion asks for. */
  components: number | null
  random: Random
  /** Awaited between rounds; throws to end the fit. */
  pause?: () => Promise<void>
}

/** Up to this size covariances are full: beyond, size² numbers a component are more than most data can tell. */
const largestFull = 32
/** Points of a component for each dimension that a full covariance needs. */
const fullNeeds = 2
const rounds = 100
/** Nats a point: a round that gains less is the last. */
const tolerance = 1e-3
/** A point's share of a component, below which it takes no part. */
const leastShare = 1e-6
/** Share of the mean variance that is added to every variance, so that no component shrinks to a point. */
const ridge = 1e-4
/** How many components are tried where nobody says, on so many points; a fit that gets worse twice ends it. */
const tried = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
const triedOn = 3000

/**
 * Fits a Gaussian mixture by expectation maximisation (Dempster, Laird & Rubin 1977) from a k-means++ start (Arthur & Vassilvitskii 2007).
 * @param points one after the other, [count, size], at least one; `components` beyond their count are left out.
 */
export async function fitMixture(
  points: Float32Array,
  size: number,
  { components, random, pause = () => Promise.resolve() }: MixtureOptions,
): Promise<Mixture> {
  const count = points.length / size
  if (components !== null)
    return fitComponents(points, size, Math.min(components, count), random.fork(components), pause)
  let best: Mixture | null = null
  let worse = 0
  const some = rowsAt(points, size, drawSubset(count, triedOn, random))
  for (const number of tried) {
    if (worse === 2 || (best !== null && number > count / fullNeeds)) break
    const mixture = await fitComponents(some, size, number, random.fork(number), pause)
    worse = best !== null && mixture.bic >= best.bic ? worse + 1 : 0
    if (best === null || mixture.bic < best.bic) best = mixture
  }
  const chosen = best!.weights.length
  return some.length === points.length
    ? best!
    : fitComponents(points, size, chosen, random.fork(chosen), pause)
}

async function fitComponents(
  points: Float32Array,
  size: number,
  number: number,
  random: Random,
  pause: () => Promise<void>,
): Promise<Mixture> {
  const count = points.length / size
  const diagonal = size > largestFull || count < fullNeeds * size * number
  const variances = variancesOf(points, size)
  const added = Math.max(1e-12, (ridge * variances.reduce((sum, value) => sum + value, 0)) / size)
  const centres = spreadCentres(points, size, number, random)
  let mixture = maximise(assigned(points, size, centres, diagonal), count, added)
  const history: number[] = []
  for (let round = 0; round < rounds; round++) {
    await pause()
    const expected = expect(mixture, points)
    const gained = expected.logLikelihood / count - (history.at(-1) ?? -Infinity)
    history.push(expected.logLikelihood / count)
    if (gained < tolerance) break
    mixture = maximise(expected.moments, count, added)
  }
  const covariance = diagonal ? size : (size * (size + 1)) / 2
  const parameters = number * (size + covariance) + number - 1
  return {
    ...mixture,
    history,
    bic: parameters * Math.log(count) - 2 * count * history.at(-1)!,
  }
}

type Parameters = Omit<Mixture, 'history' | 'bic'>

/** Sums over points, each with its share of the component, about `origin`: of shares, of points, of their products. */
interface Moments {
  shares: Float64Array
  origins: Float64Array[]
  sums: Float64Array[]
  /** Lower triangles [size, size], or of each dimension [size]. */
  products: Float64Array[]
  size: number
  diagonal: boolean
}

function emptyMoments(origins: Float64Array[], size: number, diagonal: boolean): Moments {
  const each = (length: number): Float64Array[] => origins.map(() => new Float64Array(length))
  const shares = new Float64Array(origins.length)
  return {
    shares,
    origins,
    sums: each(size),
    products: each(diagonal ? size : size * size),
    size,
    diagonal,
  }
}

/** @param offset the point minus the component's origin */
function addPoint(moments: Moments, k: number, share: number, offset: Float64Array): void {
  const { size, diagonal } = moments
  const [sums, products] = [moments.sums[k]!, moments.products[k]!]
  moments.shares[k]! += share
  for (let i = 0; i < size; i++) {
    const weighted = share * offset[i]!
    sums[i]! += weighted
    if (diagonal) products[i]! += weighted * offset[i]!
    else for (let j = 0; j <= i; j++) products[i * size + j]! += weighted * offset[j]!
  }
}

/** The maximisation step. @param added to every variance */
function maximise(moments: Moments, count: number, added: number): Parameters {
  const { size, diagonal, shares } = moments
  const means: Float64Array[] = []
  const factors: Float64Array[] = []
  for (const [k, origin] of moments.origins.entries()) {
    // A component that has lost all its points stays where it was, as wide as the ridge, and of no weight.
    const share = Math.max(shares[k]!, 1e-9)
    const shift = Float64Array.from(moments.sums[k]!, (sum) => sum / share)
    means.push(Float64Array.from(origin, (value, i) => value + shift[i]!))
    const covariance = Float64Array.from(moments.products[k]!, (product) => product / share)
    for (let i = 0; i < size; i++) {
      if (diagonal) covariance[i] = Math.max(0, covariance[i]! - shift[i]! ** 2) + added
      else {
        for (let j = 0; j <= i; j++) covariance[i * size + j]! -= shift[i]! * shift[j]!
        covariance[i * size + i] = Math.max(0, covariance[i * size + i]!) + added
      }
    }
    factors.push(
      diagonal ? Float64Array.from(covariance, (value) => Math.sqrt(value)) : cholesky(covariance, size),
    )
  }
  const weights = Float64Array.from(shares, (share) => share / count)
  return { size, weights, means, factors, diagonal }
}

/** The expectation step, with the sums that the next maximisation needs: shares of the points are not kept. */
function expect(mixture: Parameters, points: Float32Array): { moments: Moments; logLikelihood: number } {
  const { size, means, diagonal } = mixture
  const moments = emptyMoments(means, size, diagonal)
  const density = densities(mixture)
  const offset = new Float64Array(size)
  let logLikelihood = 0
  for (let from = 0; from < points.length; from += size) {
    const { logs, log } = density(points, from)
    logLikelihood += log
    for (const [k, mean] of means.entries()) {
      const share = Math.exp(logs[k]! - log)
      if (share < leastShare) continue
      for (let i = 0; i < size; i++) offset[i] = points[from + i]! - mean[i]!
      addPoint(moments, k, share, offset)
    }
  }
  return { moments, logLikelihood }
}

/** Log-densities of one point: of each component with its weight, and of the mixture. `logs` is used again by the next call. */
function densities(
  mixture: Parameters,
): (points: Float32Array, from: number) => { logs: Float64Array; log: number } {
  const { size, weights, means, factors, diagonal } = mixture
  const constants = factors.map((factor, k) => {
    let logDeterminant = 0
    for (let i = 0; i < size; i++) logDeterminant += Math.log(factor[diagonal ? i : i * size + i]!)
    return Math.log(weights[k]!) - logDeterminant - (size / 2) * Math.log(2 * Math.PI)
  })
  const logs = new Float64Array(means.length)
  const solved = new Float64Array(size)
  return (points, from) => {
    let largest = -Infinity
    for (const [k, mean] of means.entries()) {
      const factor = factors[k]!
      let square = 0
      for (let i = 0; i < size; i++) {
        let value = points[from + i]! - mean[i]!
        if (!diagonal) for (let j = 0; j < i; j++) value -= factor[i * size + j]! * solved[j]!
        solved[i] = value / factor[diagonal ? i : i * size + i]!
        square += solved[i]! ** 2
      }
      logs[k] = constants[k]! - square / 2
      largest = Math.max(largest, logs[k])
    }
    let sum = 0
    for (const log of logs) sum += Math.exp(log - largest)
    return { logs, log: largest + Math.log(sum) }
  }
}

/** The component that each point belongs to most likely. @param points [count, size] */
export function assignComponents(mixture: Mixture, points: Float32Array): Int32Array {
  const density = densities(mixture)
  return Int32Array.from({ length: points.length / mixture.size }, (_, i) => {
    const { logs } = density(points, i * mixture.size)
    return logs.indexOf(logs.reduce((a, b) => Math.max(a, b)))
  })
}

/** One draw. @param temperature scales its deviation from the mean of its component */
export function drawFromMixture(mixture: Mixture, random: Random, temperature: number): Float32Array {
  const { size, weights, means, factors, diagonal } = mixture
  let left = random.uniform()
  let k = 0
  while (k < weights.length - 1 && left >= weights[k]!) left -= weights[k++]!
  const factor = factors[k]!
  const noise = Float64Array.from({ length: size }, () => temperature * random.normal())
  return Float32Array.from(means[k]!, (mean, i) => {
    if (diagonal) return mean + factor[i]! * noise[i]!
    let value = mean
    for (let j = 0; j <= i; j++) value += factor[i * size + j]! * noise[j]!
    return value
  })
}

/** Every point wholly to the nearest of the centres. */
function assigned(points: Float32Array, size: number, centres: Float64Array[], diagonal: boolean): Moments {
  const moments = emptyMoments(centres, size, diagonal)
  const offset = new Float64Array(size)
  for (let from = 0; from < points.length; from += size) {
    let nearest = 0
    let least = Infinity
    for (const [k, centre] of centres.entries()) {
      const distance = squaredDistance(points, from, centre)
      if (distance < least) [nearest, least] = [k, distance]
    }
    for (let i = 0; i < size; i++) offset[i] = points[from + i]! - centres[nearest]![i]!
    addPoint(moments, nearest, 1, offset)
  }
  return moments
}

/** k-means++: each further centre is a point, drawn by its squared distance to the nearest centre before it. */
function spreadCentres(points: Float32Array, size: number, number: number, random: Random): Float64Array[] {
  const count = points.length / size
  const pointAt = (i: number): Float64Array => Float64Array.from(points.subarray(i * size, (i + 1) * size))
  const centres = [pointAt(random.integer(count))]
  const distances = new Float64Array(count).fill(Infinity)
  while (centres.length < number) {
    let sum = 0
    for (let i = 0; i < count; i++) {
      distances[i] = Math.min(distances[i]!, squaredDistance(points, i * size, centres.at(-1)!))
      sum += distances[i]!
    }
    let left = random.uniform() * sum
    let chosen = 0
    while (chosen < count - 1 && left >= distances[chosen]!) left -= distances[chosen++]!
    centres.push(pointAt(chosen))
  }
  return centres
}

function squaredDistance(points: Float32Array, from: number, centre: Float64Array): number {
  let sum = 0
  for (let i = 0; i < centre.length; i++) sum += (points[from + i]! - centre[i]!) ** 2
  return sum
}

function variancesOf(points: Float32Array, size: number): Float64Array {
  const count = points.length / size
  const mean = new Float64Array(size)
  const variance = new Float64Array(size)
  for (let at = 0; at < points.length; at++) mean[at % size]! += points[at]! / count
  for (let at = 0; at < points.length; at++)
    variance[at % size]! += (points[at]! - mean[at % size]!) ** 2 / count
  return variance
}

/** The lower factor L of A = L Lᵀ (Golub & Van Loan, §4.2). @param matrix its lower triangle is read, [n, n] row-major */
function cholesky(matrix: Float64Array, n: number): Float64Array {
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
