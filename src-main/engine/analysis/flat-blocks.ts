import { isClipped, type SampledPage } from './sampled-page.ts'

/** Side of a block, in pixels of the image; half as many at half resolution. */
const blockSide = 16
const mostBlocks = 10_000
/** Share of the blocks that count as the flattest, of those that vary evenly, and their least number. */
const flatShare = 0.01
const evenShare = 0.1
const fewestFlat = 4
/** Noise makes the flattest tenth of the blocks of like brightness vary at most this much more than the flattest hundredth. */
const evenRatio = 1.3
/** Blocks nearer to black or white than this (8-bit scale) may be clipped. */
const clippedMargin = 8

interface Block {
  x: number
  y: number
  /** Over the channels, 8-bit scale. */
  mean: number
  /** At half resolution. */
  variance: number
}

/** Blocks over the page without those that may be clipped, unless these are almost all. */
export function blocksOf(page: SampledPage): Block[] {
  const { width, height, channels } = page
  const stride = Math.max(blockSide / 2, 2 * Math.ceil(Math.sqrt((width * height) / mostBlocks) / 2))
  const margin = isClipped(page) ? clippedMargin : -Infinity
  const all: Block[] = []
  const inside: Block[] = []
  for (let y = 0; y + blockSide <= height; y += stride) {
    for (let x = 0; x + blockSide <= width; x += stride) {
      const block: Block = { x, y, mean: 0, variance: 0 }
      let isInside = true
      for (let channel = 0; channel < channels; channel++) {
        const { mean, variance } = blockMoments(page, x, y, channel, 2)
        block.mean += mean / channels
        block.variance += variance / channels
        if (mean < margin || mean > 255 - margin) isInside = false
      }
      if (!Number.isFinite(block.variance)) continue
      all.push(block)
      if (isInside) inside.push(block)
    }
  }
  return inside.length >= fewestFlat ? inside : all
}

const meanVariance = (blocks: { variance: number }[]): number =>
  blocks.reduce((sum, { variance }) => sum + variance, 0) / blocks.length

/** Sorts the blocks by their variance, and gives that share of them from the first on. */
function flattestOf(blocks: Block[], share: number): Block[] {
  blocks.sort((a, b) => a.variance - b.variance)
  return blocks.slice(0, Math.max(fewestFlat, Math.floor(blocks.length * share)))
}

/**
 * Twice the standard deviation of the flattest 1 % of blocks after averaging 2×2 pixels: the σ of the white noise that
 * would look the same at half resolution. (Averaging four halves the σ of white noise, and leaves noise alone that is
 * the same in all four.) 0 when the image is smaller than four blocks.
 */
export const flattestNoise = (blocks: Block[]): number =>
  blocks.length < fewestFlat ? 0 : 2 * Math.sqrt(meanVariance(flattestOf(blocks, flatShare)))

/** Groups from dark to bright, since a camera's noise depends on light. */
const brightnesses = 4

/**
 * The level of noise that varies evenly among blocks of like brightness: root mean square, over the groups, of the standard deviation
 * (full resolution) of each group's flattest tenth. Null where more than one group is uneven, as texture is; of that one it is the hundredth.
 */
export function evenNoise(page: SampledPage, blocks: Block[]): number | null {
  if (blocks.length < brightnesses * fewestFlat) return null
  const byBrightness = blocks.toSorted((a, b) => a.mean - b.mean)
  const size = Math.floor(blocks.length / brightnesses)
  let [uneven, sum] = [0, 0]
  for (let k = 0; k < brightnesses; k++) {
    const flat = flattestOf(byBrightness.slice(k * size, (k + 1) * size), evenShare)
    const isEven = flat.at(-1)!.variance <= evenRatio ** 2 * flat[Math.floor(size * flatShare)]!.variance
    if (!isEven) uneven++
    const counted = isEven ? flat : flattestOf(flat, flatShare / evenShare)
    for (let channel = 0; channel < page.channels; channel++)
      sum += meanVariance(counted.map(({ x, y }) => blockMoments(page, x, y, channel, 1))) / page.channels
  }
  return uneven > 1 ? null : Math.sqrt(sum / brightnesses)
}

/** Mean and unbiased variance (8-bit scale) of one channel of a block, after averaging `step` × `step` pixels: 1 or 2. */
function blockMoments(
  page: SampledPage,
  left: number,
  top: number,
  channel: number,
  step: 1 | 2,
): { mean: number; variance: number } {
  const { width, channels, data, black } = page
  const scale = 255 / (page.white - black)
  const [right, below] = step === 2 ? [channels, width * channels] : [0, 0]
  let sum = 0
  let squares = 0
  // Squares are taken about the first value, so that a small variance does not drown in a large mean.
  let first = 0
  for (let y = 0; y < blockSide; y += step) {
    for (let x = 0; x < blockSide; x += step) {
      const i = ((top + y) * width + left + x) * channels + channel
      const average = (data[i]! + data[i + right]! + data[i + below]! + data[i + below + right]!) / 4
      if (x === 0 && y === 0) first = average
      const value = (average - first) * scale
      sum += value
      squares += value * value
    }
  }
  const count = (blockSide / step) ** 2
  const mean = sum / count
  return {
    mean: mean + (first - black) * scale,
    variance: Math.max(0, (squares - count * mean * mean) / (count - 1)),
  }
}
