import { symmetricEigenvalues } from '../numeric/eigen.ts'

/** Interleaved samples and the values that are black and white: an image page without the rest. */
export interface Samples {
  width: number
  height: number
  channels: number
  data: Uint8Array | Uint16Array | Float32Array
  black: number
  white: number
}

/**
 * The noise level of an image: σ on the 8-bit scale, 255 from black to white.
 *
 * White noise is measured at the finest scale (`whiteNoise`). A camera's demosaicking, smoothing and JPEG compression take
 * noise away there and leave it at coarser scales, where a denoiser must remove it; then the flattest parts of the
 * image at half resolution (`coarseNoise`) vary much more than white noise of the measured level would. Texture makes
 * them vary more too, but on CBSD68 with σ ≥ 5 not by a factor of 5, while it is 6 to 17 on RENOIR's photographs.
 *
 * A clean image with texture everywhere has that factor as well. Two things tell it from noise: the flat parts of a noisy
 * image vary evenly, and camera noise leaves about an eighth of itself at the finest scale. So the coarse measure is
 * held below 2 + 8 times the fine one, or 2 + 3 times where the flat parts are uneven. The factors are ours, from the
 * figures that `bench/noise-estimate.ts` prints.
 *
 * Time and memory are bounded, whatever the size of the image. Deterministic. Flat images and ones too small to say
 * anything have σ 0.
 */
export function estimateNoise(page: Samples): number {
  if (!(page.white > page.black)) return 0
  const fine = whiteNoise(page)
  const coarse = coarseNoise(page)
  if (coarse.sigma <= 5 * fine) return fine
  return Math.min(coarse.sigma, 2 + (coarse.isEven ? 8 : 3) * fine)
}

/** Integers have been clipped to the range, which takes noise away near its ends; floats count as not clipped. */
const isClipped = (page: Samples): boolean => !(page.data instanceof Float32Array)

const patchSide = 5
const patchSize = patchSide ** 2
/** Patches looked at in each channel; more change the result by less than its error. */
const mostPatches = 20_000

/**
 * The sum of a patch's squared differences of neighbours is a quadratic form in it, whose matrix is the Laplacian of the
 * patch's grid graph: 40 edges, degrees 2 to 4. For white noise it has mean σ² · trace and variance 2σ⁴ · ‖·‖².
 */
const laplacianTrace = 80
const laplacianNormSquared = 348
/** Patches above the mean by this many standard deviations of pure noise have texture. */
const textureDeviations = 5

/**
 * σ of white noise, after Liu, Tanaka & Okutomi, "Single-image noise level estimation for blind denoising", IEEE TIP 2013:
 * texture spans few dimensions of the space of small patches, white noise spans all; so the smallest eigenvalue of the
 * patches' covariance is σ², if patches with strong texture are left out, which depends on σ: iterated. One estimate
 * a channel, and their root mean square; so that it holds for gray stored as RGB as well.
 */
function whiteNoise(page: Samples): number {
  let sum = 0
  for (let channel = 0; channel < page.channels; channel++)
    sum += channelVariance(samplePatches(page, channel), page)
  return Math.sqrt(sum / page.channels)
}

interface Patches {
  count: number
  /** [count, 25], on the 8-bit scale. */
  values: Float32Array
  /** Sums of squared differences of neighbours. */
  texture: Float32Array
  means: Float32Array
}

function samplePatches(page: Samples, channel: number): Patches {
  const { width, height, channels, data, black } = page
  const scale = 255 / (page.white - black)
  const stride = Math.max(1, Math.ceil(Math.sqrt((width * height) / mostPatches)))
  const columns = Math.max(0, Math.floor((width - patchSide) / stride) + 1)
  const rows = Math.max(0, Math.floor((height - patchSide) / stride) + 1)
  const values = new Float32Array(columns * rows * patchSize)
  const texture = new Float32Array(columns * rows)
  const means = new Float32Array(columns * rows)
  let count = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const patch = values.subarray(count * patchSize, (count + 1) * patchSize)
      let sum = 0
      let differences = 0
      for (let y = 0; y < patchSide; y++) {
        const start = ((row * stride + y) * width + column * stride) * channels + channel
        for (let x = 0; x < patchSide; x++) {
          const i = y * patchSide + x
          const value = (data[start + x * channels]! - black) * scale
          patch[i] = value
          sum += value
          if (x > 0) differences += (value - patch[i - 1]!) ** 2
          if (y > 0) differences += (value - patch[i - patchSide]!) ** 2
        }
      }
      if (!Number.isFinite(sum)) continue
      texture[count] = differences
      means[count] = sum / patchSize
      count++
    }
  }
  return { count, values, texture, means }
}

/** σ² of the white noise in one channel's patches. */
function channelVariance(patches: Patches, page: Samples): number {
  let selected = Array.from({ length: patches.count }, (_, i) => i)
  let variance = 0
  for (let round = 0; round < 10 && selected.length > 1; round++) {
    const previous = variance
    variance = Math.max(0, symmetricEigenvalues(covariance(patches.values, selected), patchSize)[0]!)
    if (Math.abs(variance - previous) <= 0.02 * variance) break
    const limit = variance * (laplacianTrace + textureDeviations * Math.sqrt(2 * laplacianNormSquared))
    const margin = isClipped(page) ? 1.5 * Math.sqrt(variance) : -Infinity
    const weak = selectPatches(patches, limit, margin)
    const kept = weak.length < fewestPatches ? selectPatches(patches, limit, -Infinity) : weak
    if (kept.length < fewestPatches) break
    selected = kept
  }
  return variance
}

/** A covariance of fewer patches than this says too little about 25 dimensions. */
const fewestPatches = 4 * patchSize

/** Indices of the patches with less texture than `limit`, and a mean at least `margin` inside the range. */
function selectPatches({ count, texture, means }: Patches, limit: number, margin: number): number[] {
  const selected: number[] = []
  for (let i = 0; i < count; i++)
    if (texture[i]! < limit && means[i]! > margin && means[i]! < 255 - margin) selected.push(i)
  return selected
}

/** Covariance [25, 25] of the selected patches. */
function covariance(values: Float32Array, selected: number[]): Float64Array {
  const mean = new Float64Array(patchSize)
  for (const index of selected)
    for (let i = 0; i < patchSize; i++) mean[i]! += values[index * patchSize + i]! / selected.length
  const matrix = new Float64Array(patchSize * patchSize)
  const centred = new Float64Array(patchSize)
  for (const index of selected) {
    for (let i = 0; i < patchSize; i++) centred[i] = values[index * patchSize + i]! - mean[i]!
    for (let i = 0; i < patchSize; i++) {
      const value = centred[i]!
      for (let j = i; j < patchSize; j++) matrix[i * patchSize + j]! += value * centred[j]!
    }
  }
  for (let i = 0; i < patchSize; i++)
    for (let j = i; j < patchSize; j++) {
      matrix[i * patchSize + j]! /= selected.length
      matrix[j * patchSize + i] = matrix[i * patchSize + j]!
    }
  return matrix
}

/** Side of a block, in pixels of the image; half as many at half resolution. */
const blockSide = 16
const mostBlocks = 10_000
/** Share of the blocks that count as the flattest, and their least number. */
const flatShare = 0.01
const fewestFlat = 4
/** Noise makes the flattest tenth of the blocks vary at most this much more than the flattest hundredth. */
const evenRatio = 1.5
/** Blocks nearer to black or white than this (8-bit scale) may be clipped. */
const clippedMargin = 8

/**
 * Twice the standard deviation of the flattest 1 % of blocks after averaging 2×2 pixels: the σ of the white noise that
 * would look the same at half resolution. (Averaging four halves the σ of white noise, and leaves noise alone that is
 * the same in all four.) 0 when the image is smaller than four blocks. `isEven`: the flattest tenth varies about alike.
 */
function coarseNoise(page: Samples): { sigma: number; isEven: boolean } {
  const { width, height, channels } = page
  const stride = Math.max(blockSide / 2, 2 * Math.ceil(Math.sqrt((width * height) / mostBlocks) / 2))
  const margin = isClipped(page) ? clippedMargin : -Infinity
  const all: number[] = []
  const inside: number[] = []
  for (let y = 0; y + blockSide <= height; y += stride) {
    for (let x = 0; x + blockSide <= width; x += stride) {
      let sum = 0
      let isInside = true
      for (let channel = 0; channel < channels; channel++) {
        const { mean, variance } = halvedBlock(page, x, y, channel)
        sum += variance
        if (mean < margin || mean > 255 - margin) isInside = false
      }
      if (!Number.isFinite(sum)) continue
      all.push(sum / channels)
      if (isInside) inside.push(sum / channels)
    }
  }
  const blocks = (inside.length >= fewestFlat ? inside : all).sort((a, b) => a - b)
  if (blocks.length < fewestFlat) return { sigma: 0, isEven: true }
  const flat = blocks.slice(0, Math.max(fewestFlat, Math.floor(blocks.length * flatShare)))
  const variance = flat.reduce((a, b) => a + b) / flat.length
  const tenth = blocks[Math.floor(blocks.length / 10)]!
  const hundredth = blocks[Math.floor(blocks.length / 100)]!
  return { sigma: 2 * Math.sqrt(variance), isEven: tenth <= evenRatio ** 2 * hundredth }
}

/** Mean and unbiased variance (8-bit scale) of one channel of a block at half resolution. */
function halvedBlock(
  page: Samples,
  left: number,
  top: number,
  channel: number,
): { mean: number; variance: number } {
  const { width, channels, data, black } = page
  const scale = 255 / (page.white - black)
  const below = width * channels
  let sum = 0
  let squares = 0
  // Squares are taken about the first value, so that a small variance does not drown in a large mean.
  let first = 0
  for (let y = 0; y < blockSide; y += 2) {
    for (let x = 0; x < blockSide; x += 2) {
      const i = ((top + y) * width + left + x) * channels + channel
      const average = (data[i]! + data[i + channels]! + data[i + below]! + data[i + below + channels]!) / 4
      if (x === 0 && y === 0) first = average
      const value = (average - first) * scale
      sum += value
      squares += value * value
    }
  }
  const count = (blockSide / 2) ** 2
  const mean = sum / count
  return {
    mean: mean + (first - black) * scale,
    variance: Math.max(0, (squares - count * mean * mean) / (count - 1)),
  }
}
