import type { SampledPage } from './sampled-page.ts'

/**
 * Noise whose variance grows with the signal, as photons make it: variance = slope · x + offset, of samples x with black 0 and white 1.
 */
export interface NoiseLine {
  slope: number
  offset: number
}

/** Side of a block, in pixels. */
const side = 8
/** Levels of the signal at which the variance is measured, each on as many blocks. */
const mostBins = 40
/** Blocks of a bin, at least. */
const fewestBlocks = 24
/** Share of a bin's blocks that are flattest: in the others there is more than noise. */
const flatShare = 0.5
/** The median of |N(0, 1)|. */
const medianOfNormal = 0.6745

interface Block {
  level: number
  /** How much the means of its quarters differ, in proportion to its own detail. */
  slope: number
  /** Absolute values of the diagonal details of its cells of 2×2: of white noise of variance 1 they have variance 1. */
  details: number[]
}

/**
 * The noise of a picture as a line through its variance at each level, in the manner of Foi, Trimeche, Katkovnik & Egiazarian (IEEE TIP 2008):
 * the finest detail of flat blocks tells the noise, by its median, their mean tells the level; a line is fitted to the bins, in which the spread
 * of a variance is in proportion to it, by iteratively reweighted least squares (Huber). Channels are looked at together. No noise at all of
 * pictures that are too small to say anything.
 */
export function estimateNoiseLine(page: SampledPage): NoiseLine {
  const blocks = blocksOf(page).sort((a, b) => a.level - b.level)
  const bins = Math.min(mostBins, Math.floor(blocks.length / fewestBlocks))
  if (bins === 0) return { slope: 0, offset: 0 }
  const points = Array.from({ length: bins }, (_, i) => {
    const bin = blocks.slice(
      Math.floor((i * blocks.length) / bins),
      Math.floor(((i + 1) * blocks.length) / bins),
    )
    const flat = bin.sort((a, b) => a.slope - b.slope).slice(0, Math.ceil(flatShare * bin.length))
    const deviation = median(flat.flatMap(({ details }) => details)) / medianOfNormal
    return { level: median(flat.map(({ level }) => level)), variance: deviation ** 2 }
  })
  return fitLine(points)
}

function blocksOf({ width, height, channels, data, black, white }: SampledPage): Block[] {
  const scale = 1 / (white - black)
  const blocks: Block[] = []
  for (let top = 0; top + side <= height; top += side)
    for (let left = 0; left + side <= width; left += side)
      for (let channel = 0; channel < channels; channel++) {
        const at = (y: number, x: number): number =>
          (data[((top + y) * width + left + x) * channels + channel]! - black) * scale
        const quarters = [0, 0, 0, 0]
        const details: number[] = []
        for (let y = 0; y < side; y += 2)
          for (let x = 0; x < side; x += 2) {
            const [a, b, c, d] = [at(y, x), at(y, x + 1), at(y + 1, x), at(y + 1, x + 1)]
            details.push(Math.abs(a - b - c + d) / 2)
            quarters[(y < side / 2 ? 0 : 2) + (x < side / 2 ? 0 : 1)]! +=
              (a + b + c + d) / ((side * side) / 4)
          }
        const level = quarters.reduce((sum, one) => sum + one, 0) / 4
        const spread = Math.max(...quarters) - Math.min(...quarters)
        blocks.push({ level, slope: spread, details })
      }
  return blocks
}

function fitLine(points: { level: number; variance: number }[]): NoiseLine {
  const least = 1e-3 * Math.max(...points.map(({ variance }) => variance)) + 1e-12
  let weights = points.map(() => 1)
  let line = { slope: 0, offset: 0 }
  for (let round = 0; round < 20; round++) {
    let [w, x, y, xx, xy] = [0, 0, 0, 0, 0]
    for (const [i, { level, variance }] of points.entries()) {
      const weight = weights[i]! / Math.max(variance, least) ** 2
      w += weight
      x += weight * level
      y += weight * variance
      xx += weight * level ** 2
      xy += weight * level * variance
    }
    const determinant = w * xx - x ** 2
    const slope = determinant > 1e-12 * w * xx ? Math.max(0, (w * xy - x * y) / determinant) : 0
    line = { slope, offset: (y - slope * x) / w }
    // Huber: residuals beyond a fifth of the variance count by their size, not by its square.
    weights = points.map(({ level, variance }) => {
      const residual = Math.abs(variance - (line.slope * level + line.offset)) / Math.max(variance, least)
      return Math.min(1, 0.2 / Math.max(residual, 1e-12))
    })
  }
  return line
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}
