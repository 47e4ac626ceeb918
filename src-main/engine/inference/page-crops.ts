import type { Random } from '../numeric/random.ts'
import type { ImagePage } from '../storage/image.ts'
import { cutTile, feedsOf } from './tiles.ts'

/** Pixels of a page that a network learns from, at most: more change nothing, and would cost memory. */
export const mostPixels = 2 ** 20
const largestSide = 256

/** Parts of a page, all of one size, spread evenly over it. */
export interface Crops {
  channels: 1 | 3
  width: number
  height: number
  /** Each [channels, height, width], mean 0 and standard deviation 1 over all of them. */
  noisy: Float32Array[]
  /** What was taken away, and divided by: black 0, white 1. */
  mean: number
  deviation: number
}

/** The whole page in crops, or 16 of 256×256 pixels of a large one. */
export function cutCrops(page: ImagePage): Crops {
  const width = Math.min(largestSide, Math.ceil(page.width / Math.ceil(page.width / largestSide)))
  const height = Math.min(largestSide, Math.ceil(page.height / Math.ceil(page.height / largestSide)))
  const most = Math.floor(mostPixels / (width * height))
  const [whole, down] = [Math.ceil(page.width / width), Math.ceil(page.height / height)]
  const share = Math.min(1, Math.sqrt(most / (whole * down)))
  const rows = Math.min(down, Math.max(1, Math.floor(down * share)))
  const columns = Math.min(whole, Math.floor(most / rows))
  const { channels } = page
  const feed = feedsOf(channels, page)[0]!
  const noisy = starts(page.height, height, rows).flatMap((y) =>
    starts(page.width, width, columns).map((x) => {
      const planes = new Float32Array(channels * width * height)
      const keep = { x, y, width, height }
      cutTile(page, { width, height, tiles: [] }, { x, y, keep }, feed, planes)
      return planes
    }),
  )
  return { channels, width, height, noisy, ...standardise(noisy) }
}

/** First pixels of so many windows, evenly spread from end to end; of one, in the middle. */
const starts = (length: number, size: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) =>
    Math.round(((length - size) * (count === 1 ? 0.5 : i)) / Math.max(1, count - 1)),
  )

/** In place, so that a dark or low-contrast page is learnt as well as any other. */
function standardise(planes: Float32Array[]): { mean: number; deviation: number } {
  let [sum, squares, count] = [0, 0, 0]
  for (const values of planes) for (const value of values) sum += value
  for (const values of planes) count += values.length
  const mean = sum / count
  for (const values of planes) for (const value of values) squares += (value - mean) ** 2
  // A page of one value has none; its result must be that value.
  const deviation = Math.max(Math.sqrt(squares / count), 1e-6)
  for (const values of planes)
    for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / deviation
  return { mean, deviation }
}

/** Mean of the four neighbours of each pixel, mirrored at the edges. @param planes [channels, height, width] */
export function neighbourMean(
  planes: Float32Array,
  { width, height }: Pick<Crops, 'width' | 'height'>,
): Float32Array {
  const out = new Float32Array(planes.length)
  for (let row = 0; row < planes.length / width; row++) {
    const y = row % height
    const [above, below] = [y === 0 ? width : -width, y === height - 1 ? -width : width]
    for (let x = 0, at = row * width; x < width; x++, at++) {
      const left = x === 0 ? 1 : -1
      const right = x === width - 1 ? -1 : 1
      out[at] = (planes[at + above]! + planes[at + below]! + planes[at + left]! + planes[at + right]!) / 4
    }
  }
  return out
}

/** A patch of every second pixel: the places of its pixels in a plane of a crop. Turned and mirrored by chance. */
export function drawPatch(
  side: number,
  { width, height }: Pick<Crops, 'width' | 'height'>,
  random: Random,
): Int32Array {
  const span = 2 * side - 1
  const [left, top] = [random.integer(width - span + 1), random.integer(height - span + 1)]
  const orientation = random.integer(8)
  const last = side - 1
  const places = new Int32Array(side * side)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [u, v] = orientation & 4 ? [y, x] : [x, y]
      const column = left + 2 * (orientation & 1 ? last - u : u)
      const row = top + 2 * (orientation & 2 ? last - v : v)
      places[y * side + x] = row * width + column
    }
  return places
}

/** Copies pixels of a crop into a patch. @param out [places.length, channels] from `offset` on */
export function fillPatch(
  planes: Float32Array,
  places: Int32Array,
  channels: number,
  out: Float32Array,
  offset: number,
): void {
  const size = planes.length / channels
  let index = offset
  for (const place of places)
    for (let channel = 0; channel < channels; channel++) out[index++] = planes[channel * size + place]!
}
