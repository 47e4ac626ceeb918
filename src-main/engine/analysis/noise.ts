import { symmetricEigenvalues } from '../numeric/eigen.ts'
import { blocksOf, evenNoise, flattestNoise } from './flat-blocks.ts'
import { isClipped, type SampledPage } from './sampled-page.ts'

/**
 * The noise level of an image: σ on the 8-bit scale, 255 from black to white.
 *
 * White noise is measured at the finest scale (`whiteNoise`). A camera's demosaicking, smoothing and JPEG compression take
 * noise away there and leave it at coarser scales, where a denoiser must remove it; then the flattest parts of the
 * image at half resolution (`flattestNoise`) vary much more than white noise of the measured level would. Texture makes
 * them vary more too, but on CBSD68 with σ ≥ 5 not by a factor of 5, while it is 6 to 17 on RENOIR's photographs.
 *
 * A clean image with texture everywhere has that factor as well. What tells the two apart: of like brightness, flat parts with noise vary evenly,
 * and texture does not (`evenNoise`). Noise of that kind has the level of the flat parts of all brightnesses, which the finest scale still
 * bears out: at most 4 + 12 times the fine measure, for JPEG may leave nothing there. Anything else is held below 2 + 3 times the fine one.
 * The factors are ours, from the figures that `bench/noise-estimate.ts` prints.
 *
 * Time and memory are bounded, whatever the size of the image. Deterministic. Flat images and ones too small to say
 * anything have σ 0.
 * @param patches most of them that are looked at in each channel: a quarter of the usual number costs a third of the time.
 */
export function estimateNoise(page: SampledPage, patches = mostPatches): number {
  if (!(page.white > page.black)) return 0
  const fine = whiteNoise(page, patches)
  const blocks = blocksOf(page)
  const flattest = flattestNoise(blocks)
  if (flattest <= 5 * fine) return fine
  const level = evenNoise(page, blocks)
  return level === null ? Math.min(flattest, 2 + 3 * fine) : Math.min(level, 4 + 12 * fine)
}

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
function whiteNoise(page: SampledPage, most: number): number {
  let sum = 0
  for (let channel = 0; channel < page.channels; channel++)
    sum += channelVariance(samplePatches(page, channel, most), page)
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

function samplePatches(page: SampledPage, channel: number, most: number): Patches {
  const { width, height, channels, data, black } = page
  const scale = 255 / (page.white - black)
  const stride = Math.max(1, Math.ceil(Math.sqrt((width * height) / most)))
  const columns = Math.max(0, Math.floor((width - patchSide) / stride) + 1)
  const rows = Math.max(0, Math.floor((height - patchSide) / stride) + 1)
  const values = new Float32Array(columns * rows * patchSize)
  const texture = new Float32Array(columns * rows)
  const means = new Float32Array(columns * rows)
  let count = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const patch = count * patchSize
      let sum = 0
      let differences = 0
      for (let y = 0; y < patchSide; y++) {
        const start = ((row * stride + y) * width + column * stride) * channels + channel
        for (let x = 0; x < patchSide; x++) {
          const i = patch + y * patchSide + x
          const value = (data[start + x * channels]! - black) * scale
          values[i] = value
          sum += value
          if (x > 0) differences += (value - values[i - 1]!) ** 2
          if (y > 0) differences += (value - values[i - patchSide]!) ** 2
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

/** Of so many patches one is looked at first: enough to tell which ones have texture. */
const firstShare = 8

/**
 * σ² of the white noise in one channel's patches. From round to round few patches change sides, so that their covariance is
 * kept up to date by taking patches away and adding others.
 */
function channelVariance(patches: Patches, page: SampledPage): number {
  const step = patches.count > firstShare * fewestPatches ? firstShare : 1
  let selected: Uint8Array = new Uint8Array(patches.count)
  for (let i = 0; i < patches.count; i += step) selected[i] = 1
  const moments = createMoments()
  addPatches(moments, patches, selected, null, 1)
  let variance = 0
  for (let round = 0; round < 10 && moments.count > 1; round++) {
    const previous = variance
    variance = Math.max(0, symmetricEigenvalues(covariance(moments), patchSize)[0]!)
    if (Math.abs(variance - previous) <= 0.02 * variance) break
    const kept = selectWeak(patches, page, variance)
    if (kept === null) break
    update(moments, patches, selected, kept)
    selected = kept
  }
  return variance
}

/** A covariance of fewer patches than this says too little about 25 dimensions. */
const fewestPatches = 4 * patchSize

const countOf = (selected: Uint8Array): number => {
  let count = 0
  for (const one of selected) count += one
  return count
}

/**
 * The patches without texture, if noise has this σ², and preferably far enough from black and white not to be clipped: 1 for
 * each that is chosen. Null where they are too few.
 */
function selectWeak(patches: Patches, page: SampledPage, variance: number): Uint8Array | null {
  const { count, texture, means } = patches
  const limit = variance * (laplacianTrace + textureDeviations * Math.sqrt(2 * laplacianNormSquared))
  const margin = isClipped(page) ? 1.5 * Math.sqrt(variance) : -Infinity
  const weak = new Uint8Array(count)
  const inside = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    if (!(texture[i]! < limit)) continue
    weak[i] = 1
    if (means[i]! > margin && means[i]! < 255 - margin) inside[i] = 1
  }
  if (countOf(inside) >= fewestPatches) return inside
  return countOf(weak) >= fewestPatches ? weak : null
}

/** Values of a patch, filled up with zeros so that four at a time come out even. */
const paddedSize = 28

/** Sums over patches, from which their covariance follows. */
interface Moments {
  count: number
  /** [28], of the values. */
  sums: Float64Array
  /** [28, 28], of the products of two; the upper half. */
  products: Float64Array
}

const createMoments = (): Moments => ({
  count: 0,
  sums: new Float64Array(paddedSize),
  products: new Float64Array(paddedSize ** 2),
})

/** Brings the sums from one selection of the patches to another, by as few patches as possible. */
function update(moments: Moments, patches: Patches, from: Uint8Array, to: Uint8Array): void {
  let stays = 0
  for (let i = 0; i < patches.count; i++) stays += from[i]! & to[i]!
  if (moments.count - stays > countOf(to)) {
    Object.assign(moments, createMoments())
    addPatches(moments, patches, to, null, 1)
  } else {
    addPatches(moments, patches, from, to, -1)
    addPatches(moments, patches, to, from, 1)
  }
}

/** Patches that are added at a time: they stay in a processor's first cache. */
const patchesAtOnce = 128

/** Adds (sign 1) or takes away (sign −1) the patches of one selection that are not in another one. */
function addPatches(
  moments: Moments,
  { count, values }: Patches,
  selected: Uint8Array,
  except: Uint8Array | null,
  sign: 1 | -1,
): void {
  // The same is taken from all: it changes no covariance, and flat patches become exact zeros.
  const centre = values[0]!
  const block = new Float64Array(patchesAtOnce * paddedSize)
  let filled = 0
  for (let index = 0; index < count; index++) {
    if (selected[index] === 0 || (except !== null && except[index] === 1)) continue
    const [from, to] = [index * patchSize, filled * paddedSize]
    for (let i = 0; i < patchSize; i++) block[to + i] = values[from + i]! - centre
    if (++filled < patchesAtOnce) continue
    addBlock(moments, block, filled, sign)
    filled = 0
  }
  addBlock(moments, block, filled, sign)
}

function addBlock(moments: Moments, block: Float64Array, count: number, sign: number): void {
  for (let k = 0; k < count; k++)
    for (let i = 0; i < patchSize; i++) moments.sums[i]! += sign * block[k * paddedSize + i]!
  for (let i = 0; i < patchSize; i += 2)
    for (let j = i - (i % 4); j < patchSize; j += 4) addProducts(moments.products, block, count, i, j, sign)
  moments.count += sign * count
}

/**
 * Adds the products of values i and i + 1 with values j to j + 3. Eight sums stay in registers, which is four times as fast
 * as adding up the matrix patch by patch.
 */
function addProducts(
  products: Float64Array,
  block: Float64Array,
  count: number,
  i: number,
  j: number,
  sign: number,
): void {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let e = 0
  let f = 0
  let g = 0
  let h = 0
  for (let start = 0; start < count * paddedSize; start += paddedSize) {
    const x = block[start + i]!
    const y = block[start + i + 1]!
    const p = block[start + j]!
    const q = block[start + j + 1]!
    const r = block[start + j + 2]!
    const s = block[start + j + 3]!
    a += x * p
    b += x * q
    c += x * r
    d += x * s
    e += y * p
    f += y * q
    g += y * r
    h += y * s
  }
  const upper = i * paddedSize + j
  products[upper]! += sign * a
  products[upper + 1]! += sign * b
  products[upper + 2]! += sign * c
  products[upper + 3]! += sign * d
  const lower = upper + paddedSize
  products[lower]! += sign * e
  products[lower + 1]! += sign * f
  products[lower + 2]! += sign * g
  products[lower + 3]! += sign * h
}

/** Covariance [25, 25] of the patches that the sums are of. */
function covariance({ count, sums, products }: Moments): Float64Array {
  const matrix = new Float64Array(patchSize * patchSize)
  for (let i = 0; i < patchSize; i++)
    for (let j = i; j < patchSize; j++) {
      const value = (products[i * paddedSize + j]! - (sums[i]! * sums[j]!) / count) / count
      matrix[i * patchSize + j] = value
      matrix[j * patchSize + i] = value
    }
  return matrix
}
