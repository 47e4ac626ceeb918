import { samplesLike } from '../numeric/samples.ts'
import type { SampledPage } from './sampled-page.ts'

/** Windows in each direction, and their side in pixels: whole blocks of JPEG. */
const count = 4
const side = 128

/**
 * Parts that stand for all of a picture: 4×4 windows of 128² pixels, spread evenly, put together. A picture of no more pixels is given back
 * as it is. What is measured on it costs the same for any larger picture.
 */
export function spreadWindows(page: SampledPage): SampledPage {
  const { width, height, channels, data } = page
  if (width * height <= (count * side) ** 2) return page
  const [columns, wide] = spread(width)
  const [rows, tall] = spread(height)
  const [all, high] = [columns.length * wide, rows.length * tall]
  const out = samplesLike(data, all * high * channels)
  for (const [row, top] of rows.entries())
    for (const [column, left] of columns.entries())
      for (let y = 0; y < tall; y++) {
        const from = ((top + y) * width + left) * channels
        const to = ((row * tall + y) * all + column * wide) * channels
        out.set(data.subarray(from, from + wide * channels), to)
      }
  return { ...page, width: all, height: high, data: out }
}

/** Where windows begin along a side, at multiples of 8, and how long they are; one as long as the side where that is short. */
function spread(length: number): [number[], number] {
  if (length < count * side) return [[0], length]
  return [
    Array.from({ length: count }, (_, i) => 8 * Math.floor((i * (length - side)) / (count - 1) / 8)),
    side,
  ]
}
