import { setImmediate } from 'node:timers/promises'
import { tileSide } from '../../contract/preview.ts'
import { samplesLike, type Samples } from '../numeric/samples.ts'
import type { ImagePage } from '../storage/image.ts'

/** Levels of a picture's pyramid: each halves both sides, rounded up, and the last fits into one tile. */
export function levelCount(width: number, height: number): number {
  return 1 + Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / tileSide)))
}

/** Rows between two chances for other work to go on: a few milliseconds for the widest pictures. */
const samplesAtOnce = 2e6

/**
 * The next level: means of 2×2 samples in the file's own encoding and sample type, rounded once. What is missing at an odd
 * edge is left out of the mean. Colours are weighted by alpha, so that what cannot be seen does not show at edges.
 */
export async function halve(page: ImagePage): Promise<ImagePage> {
  const width = Math.ceil(page.width / 2)
  const height = Math.ceil(page.height / 2)
  const half: ImagePage = {
    ...page,
    width,
    height,
    data: samplesLike(page.data, width * height * page.channels),
    alpha: page.alpha === null ? null : samplesLike(page.alpha, width * height),
  }
  const rows = Math.max(1, Math.floor(samplesAtOnce / (width * page.channels)))
  for (let y = 0; y < height; y += rows) {
    halveRows(page, half, y, Math.min(height, y + rows))
    await setImmediate()
  }
  return half
}

function halveRows(page: ImagePage, half: ImagePage, first: number, end: number): void {
  const { width, height, channels, data, alpha } = page
  // Typed arrays cut off what is behind the point.
  const rounding = data instanceof Float32Array ? 0 : 0.5
  for (let y = first; y < end; y++) {
    // A pixel at the edge that has no partner is its own: the mean stays the mean of what is there.
    const top = 2 * y * width
    const bottom = Math.min(2 * y + 1, height - 1) * width
    for (let x = 0; x < half.width; x++) {
      const left = 2 * x
      const right = Math.min(left + 1, width - 1)
      let out = y * half.width + x
      if (alpha !== null) {
        const sum = alpha[top + left]! + alpha[top + right]! + alpha[bottom + left]! + alpha[bottom + right]!
        half.alpha![out] = sum / 4 + rounding
        if (sum > 0) {
          weightedMean(page, alpha, [top + left, top + right, bottom + left, bottom + right], half.data, out)
          continue
        }
      }
      out *= channels
      const a = (top + left) * channels
      const b = (top + right) * channels
      const c = (bottom + left) * channels
      const d = (bottom + right) * channels
      for (let i = 0; i < channels; i++)
        half.data[out + i] = (data[a + i]! + data[b + i]! + data[c + i]! + data[d + i]!) / 4 + rounding
    }
  }
}

/** Mean of some pixels weighted by alpha, whose sum must not be 0, into pixel `to` of `out`. */
function weightedMean(
  { data, channels }: ImagePage,
  alpha: Samples,
  pixels: number[],
  out: Samples,
  to: number,
): void {
  const rounding = data instanceof Float32Array ? 0 : 0.5
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0
    let weight = 0
    for (const pixel of pixels) {
      sum += alpha[pixel]! * data[pixel * channels + channel]!
      weight += alpha[pixel]!
    }
    out[to * channels + channel] = sum / weight + rounding
  }
}
