import type { Evidence } from '../../contract/evidence.ts'
import { blockSteps } from './blocking.ts'
import { estimateNoise } from './noise.ts'
import type { SampledPage } from './sampled-page.ts'
import { measureResidual } from './residual.ts'
import { noiseCorrelation } from './whiteness.ts'
import { spreadWindows } from './windows.ts'

/** Patches for σ afterwards, which is a figure for people and decides nothing. */
const fewPatches = 4000
/** Correlation of the colours' finest detail above which a picture is gray, stored as RGB. */
const grayAbove = 0.9999
/** Correlation of neighbours below which noise is white. */
const whiteBelow = 0.2
/** With steps of JPEG's blocks below this, colour was not stored at half resolution: then fine detail tells content from noise. */
const uncompressed = 0.2

/**
 * What can be said of a cleaned picture without a clean one to compare it with.
 *
 * Let y be the picture, x the clean one that nobody has, n = y − x its noise, and r what was taken away. The mean square error falls by
 * 2⟨r, n⟩ − ‖r‖²: cleaning pays exactly where more than half of what was taken away is noise, ⟨r, n⟩ / ‖r‖² > ½. For white noise
 * of known σ that share is σ² div r / ‖r‖² (Stein 1981), whose divergence costs another run of the network, and which fails where it
 * matters: with noise that is neither white nor known. So it is estimated from what r looks like (`noiseShare`).
 *
 * Measured on windows spread over the picture, as many pixels as 512² at most.
 * @param noisy and `cleaned` of the same size, black and white.
 * @param before σ found in `noisy`, 8-bit scale.
 * @param strength how much was taken away of what the network found, more than 0 to 1. At half of it r is half as large, and pays
 * even where only a quarter of it is noise.
 */
export function measureEvidence(
  noisy: SampledPage,
  cleaned: SampledPage,
  before: number,
  strength: number,
): Evidence {
  const [input, output] = [spreadWindows(noisy), spreadWindows(cleaned)]
  const facts = residualFacts(input, output)
  const share = noiseShare(shareTerms(facts, contentOf(input), before, strength)) / strength
  const { structure, deviation, isDetailLost } = measureResidual(input, output)
  return {
    ...{ before, after: estimateNoise(output, fewPatches) },
    removed: { deviation, correlation: facts.correlation, structure, isDetailLost },
    gain: before === 0 ? null : gainOf(facts.power, share, before),
    isBetter: share > 0.5,
  }
}

/**
 * How alike the colours of the finest detail are, −1 to 1: content is, noise is not. 0 where they tell nothing: for gray; where the noise is
 * white, because its level is then known well and no texture was taken for noise, while the noise of film and of gray pictures that are stored
 * as RGB is alike in all colours; after strong JPEG, which takes the colours' detail away.
 */
export function contentOf(noisy: SampledPage): number {
  if (noisy.channels !== 3) return 0
  const { horizontal, vertical } = noiseCorrelation(noisy)
  if ((horizontal + vertical) / 2 < whiteBelow) return 0
  const fine = colourCorrelation(finest(noisy))
  return fine <= grayAbove && blockSteps(noisy) < uncompressed ? fine : 0
}

/** What was taken away from a picture, in figures that tell noise from content. */
export interface ResidualFacts {
  /** Mean square, 8-bit scale. */
  power: number
  /** Of neighbours. */
  correlation: Evidence['removed']['correlation']
  /** Fourth moment by the squared variance: 3 for normal noise that is the same everywhere, more for a camera's, and most where content was taken away. */
  kurtosis: number
}

/** Largest ratio of what was taken away to σ that tells more than a smaller one. */
const largestRatio = 1.2

/**
 * The figures that the share of noise is linear in: the logarithm of the kurtosis; how much content there is; and how much was taken away,
 * beside the σ that the network was told. A network takes less where it sees content in what it was told is noise.
 * @param sigma found before, 8-bit scale.
 */
export const shareTerms = (
  { kurtosis, power }: ResidualFacts,
  content: number,
  sigma: number,
  strength: number,
): [number, number, number] => [
  Math.log(kurtosis),
  content,
  Math.min(largestRatio, Math.sqrt(power) / strength / Math.max(sigma, 0.3)),
]

/**
 * Share of noise in what was taken away, ⟨r, n⟩ / ‖r‖²: a linear model, fitted by weighted least squares to 460 runs of `photo` and `camera` on
 * CBSD68 with known noise (white, a camera's, JPEG, none). `npx tsx bench/evidence.ts` prints the coefficients; what else was tried:
 * docs/decisions/0028-evidence.md.
 */
export const noiseShare = ([kurtosis, content, ratio]: [number, number, number]): number =>
  0.951 - 0.204 * kurtosis - 0.202 * content + 0.304 * ratio

/** Change of the PSNR in dB, if the noise has this σ and the residual this power and share of noise. */
function gainOf(power: number, share: number, sigma: number): number {
  const noise = Math.min(1, Math.max(0, share))
  // ⟨r, n⟩ is at most ‖r‖ ‖n‖, whatever σ was found; and nothing takes away all of the noise.
  const before = Math.max(sigma ** 2, noise ** 2 * power)
  const after = Math.max(0.02 * before, before - (2 * noise - 1) * power)
  return 10 * Math.log10(before / after)
}

export function residualFacts(noisy: SampledPage, cleaned: SampledPage): ResidualFacts {
  const { width, height, channels, data } = noisy
  const scale = 255 / (noisy.white - noisy.black)
  const residual = new Float32Array(data.length)
  let [sum, power] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    const value = scale * (data[i]! - cleaned.data[i]!)
    residual[i] = value
    sum += value
    power += value * value
  }
  const row = width * channels
  const mean = sum / data.length
  let [squares, fourth, beside, above] = [0, 0, 0, 0]
  for (let y = 0; y + 1 < height; y++)
    for (let i = y * row; i < (y + 1) * row - channels; i++) {
      const value = residual[i]!
      beside += value * residual[i + channels]!
      above += value * residual[i + row]!
      const square = (value - mean) ** 2
      squares += square
      fourth += square * square
    }
  const count = Math.max(1, (height - 1) * (width - 1) * channels)
  const [variance, all] = [squares / count, power / data.length]
  const share = (product: number): number => (all > 0 ? product / count / all : 0)
  return {
    power: all,
    correlation: { horizontal: share(beside), vertical: share(above) },
    kurtosis: variance > 0 ? fourth / count / variance ** 2 : 3,
  }
}

/** Correlation of three interleaved colours, mean over the pairs. */
function colourCorrelation(values: Float32Array): number {
  let [red, green, blue] = [0, 0, 0]
  for (let i = 0; i < values.length; i += 3) {
    red += values[i]!
    green += values[i + 1]!
    blue += values[i + 2]!
  }
  red *= 3 / values.length
  green *= 3 / values.length
  blue *= 3 / values.length
  let [rr, gg, bb, rg, rb, gb] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < values.length; i += 3) {
    const [r, g, b] = [values[i]! - red, values[i + 1]! - green, values[i + 2]! - blue]
    rr += r * r
    gg += g * g
    bb += b * b
    rg += r * g
    rb += r * b
    gb += g * b
  }
  const correlation = (product: number, a: number, b: number): number =>
    a > 0 && b > 0 ? product / Math.sqrt(a * b) : 0
  return (correlation(rg, rr, gg) + correlation(rb, rr, bb) + correlation(gb, gg, bb)) / 3
}

/** The finest detail of a page: differences in both directions, interleaved, 8-bit scale. */
function finest({ width, height, channels, data, black, white }: SampledPage): Float32Array {
  const row = width * channels
  const out = new Float32Array(Math.max(0, (width - 1) * (height - 1)) * channels)
  const scale = 255 / (white - black)
  let next = 0
  for (let y = 0; y + 1 < height; y++)
    for (let i = y * row; i < (y + 1) * row - channels; i++)
      out[next++] = scale * (data[i]! - data[i + channels]! - data[i + row]! + data[i + row + channels]!)
  return out
}
