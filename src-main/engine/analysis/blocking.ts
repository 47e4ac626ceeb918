import type { SampledPage } from './sampled-page.ts'

/** JPEG's blocks, in pixels. */
const side = 8
/** Rows, and columns, that are looked at; more change the result by less than its error. */
const mostLines = 192
/** Steps count at most this much (8-bit scale): those of JPEG are lower, those of objects would drown them. */
const highestStep = 6

/**
 * How much JPEG's 8×8 blocks show: the mean step between neighbours across the borders of the blocks, as a multiple of
 * the mean inside of them, less one; 0 without blocks. It is a measure as those of Wang, Sheikh & Bovik, "No-reference
 * perceptual quality assessment of JPEG compressed images", ICIP 2002.
 *
 * A step is what is left of a difference in luma when the slope on both sides is taken from it. Where the grid begins is
 * found out: a picture may have been cropped. Noise that was added after compression hides the blocks, and rightly so. Mean of rows and
 * columns. Time is bounded, whatever the size of the picture. Figures: `bench/evidence.ts`.
 */
export function blockSteps(page: SampledPage): number {
  const rows = excess(page, page.width, page.height, (along, across) => across * page.width + along)
  const columns = excess(page, page.height, page.width, (along, across) => along * page.width + across)
  return (rows + columns) / 2
}

/** Excess of the steps along the lines of one direction. @param at index of the pixel so far along, on that line. */
function excess(
  page: SampledPage,
  length: number,
  lines: number,
  at: (along: number, line: number) => number,
): number {
  // Fewer than two blocks have no border to compare with another.
  if (length < 2 * side) return 0
  const every = Math.max(1, Math.ceil(lines / mostLines))
  const sums = new Float64Array(side)
  const counts = new Float64Array(side)
  const luma = new Float32Array(length)
  for (let line = 0; line < lines; line += every) {
    for (let i = 0; i < length; i++) luma[i] = lumaAt(page, at(i, line))
    for (let i = 1; i + 2 < length; i++) {
      const step = Math.abs(1.5 * (luma[i + 1]! - luma[i]!) - 0.5 * (luma[i + 2]! - luma[i - 1]!))
      if (Number.isNaN(step)) continue
      sums[i % side]! += Math.min(step, highestStep)
      counts[i % side]!++
    }
  }
  const means = Array.from(sums, (sum, phase) => sum / Math.max(1, counts[phase]!)).sort((a, b) => a - b)
  const inside = (means[3]! + means[4]!) / 2
  return inside > 0 ? means[side - 1]! / inside - 1 : 0
}

/** Luma (ITU-R BT.601, as JPEG has it) or gray, on the 8-bit scale. */
function lumaAt({ channels, data, black, white }: SampledPage, pixel: number): number {
  const i = pixel * channels
  const value = channels === 1 ? data[i]! : 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!
  return (255 * (value - black)) / (white - black)
}
