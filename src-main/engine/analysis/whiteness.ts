import type { NoiseFacts } from '../../contract/evidence.ts'
import type { SampledPage } from './sampled-page.ts'

/** Side of a block in pixels: small beside objects. Blocks of 16 hold more noise, but so much texture that white noise of σ 10 shows as 0.17. */
const side = 8
/** Blocks that are compared; more change the result by less than its error. */
const mostBlocks = 1024
/** Share of the blocks whose surroundings are flattest, and their least number. */
const flatShare = 0.03
const fewestFlat = 16
/** Of those, blocks that vary this many times as much as the middle one hold something beside noise. */
const outlierRatio = 1.5
/** Blocks nearer to black or white than this (8-bit scale) may be clipped. */
const clippedMargin = 8
/** Less variance than that of rounding to 8 bits is no noise to speak of. */
const leastVariance = 1 / 12

/**
 * How much the noise of neighbouring pixels is alike, measured where a picture is flat: the noise of demosaicking, of JPEG and of
 * a reduced or enlarged picture is correlated, that of a sensor or of a scanner is not.
 *
 * Each 8×8 block of each channel, less the plane that fits it best, is taken for noise. A block is chosen by how little the
 * blocks *around* it vary: chosen by its own samples, those would be preferred in which the noise looks alike by chance. The
 * rest is an autocorrelation at a distance of one pixel, summed over blocks and channels, so that strong noise counts most.
 * What the plane takes away of white noise is put right; of correlated noise it takes more, so that 0.67 shows as 0.56.
 *
 * Texture that is everywhere counts as correlated noise: beside white noise of σ 10 it shows as 0.03 in the median of CBSD68, as
 * 0.2 at worst. 0 where there is no noise, or too few blocks to say anything. Time and memory are bounded, whatever the
 * size of the picture. Figures: `bench/evidence.ts`.
 */
export function noiseCorrelation(page: SampledPage): NoiseFacts['correlation'] {
  const usable = flatBlocks(page)
  let [variance, horizontal, vertical] = [0, 0, 0]
  for (const block of usable) {
    const covariances = neighbourCovariances(page, block)
    variance += block.variance
    horizontal += covariances.horizontal
    vertical += covariances.vertical
  }
  if (!(variance > usable.length * leastVariance)) return { horizontal: 0, vertical: 0 }
  return { horizontal: horizontal / variance, vertical: vertical / variance }
}

interface Block {
  left: number
  top: number
  /** Mean over its channels, 8-bit scale. */
  variance: number
  isClipped: boolean
}

function flatBlocks(page: SampledPage): Block[] {
  const columns = Math.floor(page.width / side)
  const rows = Math.floor(page.height / side)
  const step = Math.max(1, Math.ceil(Math.sqrt((columns * rows) / mostBlocks)))
  const measured = new Map<number, Block>()
  const blockAt = (column: number, row: number): Block => {
    const key = row * columns + column
    let block = measured.get(key)
    if (block === undefined) measured.set(key, (block = measureBlock(page, column * side, row * side)))
    return block
  }
  const found: { block: Block; around: number }[] = []
  for (let row = 0; row < rows; row += step)
    for (let column = 0; column < columns; column += step) {
      const block = blockAt(column, row)
      let [sum, count] = [0, 0]
      for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++)
        for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
          if (x === column && y === row) continue
          sum += blockAt(x, y).variance
          count++
        }
      if (!block.isClipped && Number.isFinite(sum + block.variance) && count > 0)
        found.push({ block, around: sum / count })
    }
  if (found.length < fewestFlat) return []
  const flattest = found
    .sort((a, b) => a.around - b.around)
    .slice(0, Math.max(fewestFlat, Math.floor(found.length * flatShare)))
    .map(({ block }) => block)
    .sort((a, b) => a.variance - b.variance)
  const middle = flattest[flattest.length >> 1]!.variance
  return flattest.filter(({ variance }) => variance <= outlierRatio * middle)
}

const count = side ** 2
const centre = (side - 1) / 2
/** Sum of the squared distances from the centre in one direction, over the block. */
const spread = (side * (side * (side ** 2 - 1))) / 12
const pairs = side * (side - 1)
/**
 * Of white noise with variance 1, a plane takes 1 / count + x·x' / spread + y·y' / spread away from the covariance of two
 * samples: the mean over pairs of neighbours.
 */
const takenAway = planeCovariance() / pairs

function planeCovariance(): number {
  let sum = 0
  for (let y = 0; y < side; y++)
    for (let x = 0; x + 1 < side; x++)
      sum += 1 / count + ((x - centre) * (x + 1 - centre) + (y - centre) ** 2) / spread
  return sum
}

function measureBlock(page: SampledPage, left: number, top: number): Block {
  const { channels, data } = page
  const block: Block = { left, top, variance: 0, isClipped: false }
  for (let channel = 0; channel < channels; channel++) {
    const { mean, variance } = fitPlane(page, left, top, channel)
    block.variance += variance / channels
    if (!(data instanceof Float32Array) && (mean < clippedMargin || mean > 255 - clippedMargin))
      block.isClipped = true
  }
  return block
}

interface Plane {
  mean: number
  /** For each pixel to the right, and down. */
  slopeX: number
  slopeY: number
  /** Of what the plane leaves. */
  variance: number
}

/** The plane that fits one channel of a block best; 8-bit scale. */
function fitPlane(
  { width, channels, data, black, white }: SampledPage,
  left: number,
  top: number,
  channel: number,
): Plane {
  const scale = 255 / (white - black)
  let [sum, squares, sumX, sumY] = [0, 0, 0, 0]
  for (let y = 0; y < side; y++) {
    const start = ((top + y) * width + left) * channels + channel
    let row = 0
    for (let x = 0; x < side; x++) {
      const value = (data[start + x * channels]! - black) * scale
      row += value
      squares += value * value
      sumX += value * x
    }
    sum += row
    sumY += row * (y - centre)
  }
  sumX -= sum * centre
  const [mean, slopeX, slopeY] = [sum / count, sumX / spread, sumY / spread]
  const rest = squares - mean * sum - slopeX * sumX - slopeY * sumY
  return { mean, slopeX, slopeY, variance: Math.max(0, rest) / (count - 3) }
}

/** Covariances of samples beside, and above each other, less the block's plane: means over its channels. */
function neighbourCovariances(page: SampledPage, { left, top }: Block): NoiseFacts['correlation'] {
  const { width, channels, data, black, white } = page
  const scale = 255 / (white - black)
  const rest = new Float64Array(count)
  const covariances = { horizontal: 0, vertical: 0 }
  for (let channel = 0; channel < channels; channel++) {
    const { mean, slopeX, slopeY, variance } = fitPlane(page, left, top, channel)
    let [beside, above] = [0, 0]
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const sample = (data[((top + y) * width + left + x) * channels + channel]! - black) * scale
        const i = y * side + x
        const value = sample - mean - slopeX * (x - centre) - slopeY * (y - centre)
        rest[i] = value
        if (x > 0) beside += value * rest[i - 1]!
        if (y > 0) above += value * rest[i - side]!
      }
    covariances.horizontal += (beside / pairs + takenAway * variance) / channels
    covariances.vertical += (above / pairs + takenAway * variance) / channels
  }
  return covariances
}
