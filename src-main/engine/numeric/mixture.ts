import { spreadCentres, squaredDistance } from './centres.ts'
import { cholesky } from './cholesky.ts'
import { densities, type MixtureParameters } from './mixture-density.ts'
import type { Random } from './random.ts'
import { drawSubset, rowsAt } from './subset.ts'

/** A Gaussian mixture, and how it was fitted. */
export interface Mixture extends MixtureParameters {
  /** Mean log-likelihood of a point under the mixture, in nats, at every round of the fit. */
  history: number[]
  /** Bayesian information criterion (Schwarz 1978) on the points that it was fitted to; less is better. */
  bic: number
}

export interface MixtureOptions {
  /** Null: as many as the Bayesian information criterion asks for. */
  components: number | null
  random: Random
  /** Told the share that is done, from 0 to 1, and awaited, every few milliseconds; throws to end the fit. */
  step?: Step
}

type Step = (share: number) => Promise<void>

/** Up to this size covariances are full: beyond, size² numbers a component are more than most data can tell. */
const largestFull = 32
/** Points of a component for each dimension that a full covariance needs. */
const fullNeeds = 2
const rounds = 100
/** Nats a point: a round that gains less is the last; `tried` while the number of components is looked for. */
const tolerance = { tried: 1e-2, final: 1e-3 }
/** A point's share of a component, below which it takes no part. */
const leastShare = 1e-6
/** Points between two steps. */
const atATime = 512
/** Share of the mean variance that is added to every variance, so that no component shrinks to a point. */
const ridge = 1e-4
/** How many components are tried where nobody says, on so many points; a fit that gets worse twice ends it. */
const tried = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
const triedOn = 3000

/**
 * Fits a Gaussian mixture by expectation maximisation (Dempster, Laird & Rubin 1977) from a k-means++ start (Arthur & Vassilvitskii 2007).
 * How many components there are is found out on a part of the points; the fit to all then goes on from there.
 * @param points one after the other, [count, size], at least one; `components` beyond their count are left out.
 */
export async function fitMixture(
  points: Float32Array,
  size: number,
  { components, random, step = () => Promise.resolve() }: MixtureOptions,
): Promise<Mixture> {
  const count = points.length / size
  if (components !== null) {
    const number = Math.min(components, count)
    const start = await startOf(points, size, number, random.fork(number), () => step(0))
    return fitFrom(start, points, tolerance.final, step)
  }
  const some = rowsAt(points, size, drawSubset(count, triedOn, random))
  const whole = tried.reduce((sum, number) => sum + number, 0)
  let best: Mixture | null = null
  let worse = 0
  let before = 0
  for (const number of tried) {
    if (worse === 2 || (best !== null && number > count / fullNeeds)) break
    const tell: Step = (share) => step((before + share * number) / whole / 2)
    const start = await startOf(some, size, number, random.fork(number), () => tell(0))
    const mixture = await fitFrom(start, some, tolerance.tried, tell)
    before += number
    worse = best !== null && mixture.bic >= best.bic ? worse + 1 : 0
    if (best === null || mixture.bic < best.bic) best = mixture
  }
  return fitFrom(best!, points, tolerance.final, (share) => step((1 + share) / 2))
}

/** Whether covariances of so many components are told by so many points. */
const isDiagonal = (count: number, size: number, number: number): boolean =>
  size > largestFull || count < fullNeeds * size * number

/** The mixture of the points, each wholly of the nearest of as many centres. */
async function startOf(
  points: Float32Array,
  size: number,
  number: number,
  random: Random,
  pause: () => Promise<void>,
): Promise<MixtureParameters> {
  const count = points.length / size
  const centres = await spreadCentres(points, size, number, random, pause)
  const moments = await assigned(points, size, centres, isDiagonal(count, size, number), pause)
  return maximise(moments, count, ridgeOf(points, size))
}

async function fitFrom(
  start: MixtureParameters,
  points: Float32Array,
  leastGain: number,
  step: Step,
): Promise<Mixture> {
  const { size } = start
  const count = points.length / size
  const number = start.weights.length
  const diagonal = isDiagonal(count, size, number)
  const added = ridgeOf(points, size)
  /** Component of each point that was likeliest in the last round. */
  const likeliest = new Int32Array(count)
  const history: number[] = []
  let mixture = start
  for (let round = 0; round < rounds; round++) {
    const tell = (): Promise<void> => step(round / rounds)
    const expected = await expect(mixture, points, likeliest, diagonal, tell)
    const gained = expected.logLikelihood / count - (history.at(-1) ?? -Infinity)
    history.push(expected.logLikelihood / count)
    // What was found on a part of the points is fitted to all of them at least once.
    if (gained < leastGain && mixture.diagonal === diagonal) break
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

const ridgeOf = (points: Float32Array, size: number): number =>
  Math.max(1e-12, (ridge * variancesOf(points, size).reduce((sum, value) => sum + value, 0)) / size)

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
function maximise(moments: Moments, count: number, added: number): MixtureParameters {
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

/**
 * The expectation step, with the sums that the next maximisation needs: shares of the points are not kept.
 * @param likeliest component that each point most likely belongs to, where one is known; set to what is found.
 * @param diagonal whether the next covariances are to be.
 */
async function expect(
  mixture: MixtureParameters,
  points: Float32Array,
  likeliest: Int32Array,
  diagonal: boolean,
  pause: () => Promise<void>,
): Promise<{ moments: Moments; logLikelihood: number }> {
  const { size, means } = mixture
  const moments = emptyMoments(means, size, diagonal)
  const { logs, look } = densities(mixture)
  const offset = new Float64Array(size)
  let logLikelihood = 0
  for (let point = 0; point < likeliest.length; point++) {
    if (point % atATime === 0) await pause()
    const from = point * size
    const log = look(points, from, likeliest[point]!)
    logLikelihood += log
    let largest = 0
    for (let k = 0; k < means.length; k++) {
      if (logs[k]! > logs[largest]!) largest = k
      const share = Math.exp(logs[k]! - log)
      if (share < leastShare) continue
      const mean = means[k]!
      for (let i = 0; i < size; i++) offset[i] = points[from + i]! - mean[i]!
      addPoint(moments, k, share, offset)
    }
    likeliest[point] = largest
  }
  return { moments, logLikelihood }
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
async function assigned(
  points: Float32Array,
  size: number,
  centres: Float64Array[],
  diagonal: boolean,
  pause: () => Promise<void>,
): Promise<Moments> {
  const moments = emptyMoments(centres, size, diagonal)
  const offset = new Float64Array(size)
  for (let from = 0; from < points.length; from += size) {
    if (from % (atATime * size) === 0) await pause()
    let nearest = 0
    let least = Infinity
    for (let k = 0; k < centres.length; k++) {
      const distance = squaredDistance(points, from, centres[k]!)
      if (distance >= least) continue
      nearest = k
      least = distance
    }
    for (let i = 0; i < size; i++) offset[i] = points[from + i]! - centres[nearest]![i]!
    addPoint(moments, nearest, 1, offset)
  }
  return moments
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
