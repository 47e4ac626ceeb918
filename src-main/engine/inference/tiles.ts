import { samplesLike, type Samples } from '../numeric/samples.ts'
import type { ImagePage } from '../storage/image.ts'

/** A rectangle of an image, in pixels. */
export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

/** One window of an image, cut for the network, and the part of its result that is kept. Pixels. */
export interface Tile {
  /**
   * Left and top edge of the window. It may reach past the image's right and bottom edge: by less than `multiple`, or where
   * the image is smaller than windows of a fixed size.
   */
  x: number
  y: number
  /** The part that is kept: a rectangle of the image, inside the window. */
  keep: Rectangle
}

export interface TilePlan {
  /** Size of every window of the plan: one size, so that an inference runtime plans its memory once. */
  width: number
  height: number
  /** In reading order; their kept parts cover the image exactly once. */
  tiles: Tile[]
}

export interface TileOptions {
  /** A window has at most the pixels of a square of this side; raised where that leaves no room between the overlaps. */
  tile: number
  /** Pixels around the kept part that the network must see, except where the image ends. */
  overlap: number
  /** What the network's sides must be a multiple of. Windows also start at multiples of it, as a whole image does. */
  multiple: number
  /** The only size of a window that the network takes; `tile` and `multiple` then say nothing. */
  fixed?: { width: number; height: number } | null
}

/**
 * Windows that cover an image of any size, 1×1 and up, with as few pixels in all as their size allows: overlaps are what tiles cost.
 * The windows at the image's edges end there (filled up to
 * `multiple` by mirroring), as the whole image run at once would, so that the network sees the same edges in both.
 */
export function planTiles(width: number, height: number, options: TileOptions): TilePlan {
  const { columns, rows } = options.fixed
    ? {
        columns: fixedAxis(width, options, options.fixed.width),
        rows: fixedAxis(height, options, options.fixed.height),
      }
    : fewestPixels(width, height, options)
  const tiles = rows.spans.flatMap((row) =>
    columns.spans.map((column) => ({
      x: column.start,
      y: row.start,
      keep: { x: column.keep, y: row.keep, width: column.keepLength, height: row.keepLength },
    })),
  )
  return { width: columns.size, height: rows.size, tiles }
}

/** Windows along one side of an image, all of one size. */
interface Axis {
  size: number
  spans: { start: number; keep: number; keepLength: number }[]
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple

function fewestPixels(width: number, height: number, options: TileOptions): { columns: Axis; rows: Axis } {
  const { multiple } = options
  const margin = 2 * roundUp(options.overlap, multiple)
  const smallest = margin + multiple
  const pixels = Math.max(roundUp(options.tile, multiple), smallest) ** 2
  const [paddedWidth, paddedHeight] = [roundUp(width, multiple), roundUp(height, multiple)]
  // As small as so many windows can be, and as many as it takes with windows of at most a size.
  const sizeOf = (padded: number, count: number): number =>
    roundUp((padded + (count - 1) * margin) / count, multiple)
  const countOf = (padded: number, largest: number): number =>
    padded <= largest ? 1 : Math.ceil((padded - margin) / (largest - margin))

  let best = { pixels: Infinity, columns: 1, rows: 1 }
  for (let columns = 1; ; columns++) {
    const across = sizeOf(paddedWidth, columns)
    const tallest = Math.floor(pixels / across / multiple) * multiple
    if (paddedHeight <= tallest || tallest >= smallest) {
      const rows = countOf(paddedHeight, tallest)
      const sent = columns * across * rows * sizeOf(paddedHeight, rows)
      if (sent < best.pixels) best = { pixels: sent, columns, rows }
    }
    // Narrower windows only cost more, once one row of them is enough or they are no wider than their overlaps.
    if (tallest >= paddedHeight || across <= smallest) break
  }
  const axis = (length: number, padded: number, count: number): Axis =>
    spread(length, padded, { size: sizeOf(padded, count), count, multiple })
  return {
    columns: axis(width, paddedWidth, best.columns),
    rows: axis(height, paddedHeight, best.rows),
  }
}

function fixedAxis(length: number, { overlap }: TileOptions, size: number): Axis {
  const margin = 2 * overlap
  const count = length <= size ? 1 : Math.ceil((length - margin) / (size - margin))
  return spread(length, length, { size, count, multiple: 1 })
}

/** So many windows of a size, evenly along a side. */
function spread(
  length: number,
  padded: number,
  { size, count, multiple }: { size: number; count: number; multiple: number },
): Axis {
  if (count === 1) return { size, spans: [{ start: 0, keep: 0, keepLength: length }] }
  const starts = Array.from({ length: count }, (_, i) => {
    const even = (i * (padded - size)) / (count - 1)
    return Math.floor(even / multiple) * multiple
  })
  // Neighbours share at least the margin; each keeps its side of the middle.
  const edges = starts.map((start, i) => (i === 0 ? 0 : Math.floor((starts[i - 1]! + size + start) / 2)))
  const spans = starts.map((start, i) => ({
    start,
    keep: edges[i]!,
    keepLength: (edges[i + 1] ?? length) - edges[i]!,
  }))
  return { size, spans }
}

/**
 * Windows that keep a rectangle of the image: one, which sees at least `overlap` pixels around it and ends where the image
 * does, as the windows of `planTiles` do. Windows of a fixed size are those of `planTiles` that the rectangle touches.
 */
export function planRegion(
  width: number,
  height: number,
  keep: Rectangle,
  options: Omit<TileOptions, 'tile'>,
): TilePlan {
  if (options.fixed) {
    const { tiles, ...size } = planTiles(width, height, { ...options, tile: 0 })
    const clipped = tiles.map((tile) => ({ ...tile, keep: intersection(tile.keep, keep) }))
    return { ...size, tiles: clipped.filter((tile) => tile.keep.width > 0 && tile.keep.height > 0) }
  }
  const { overlap, multiple } = options
  const span = (start: number, length: number, whole: number): { start: number; size: number } => {
    const first = Math.floor(Math.max(0, start - overlap) / multiple) * multiple
    const last = roundUp(Math.min(start + length + overlap, whole), multiple)
    return { start: first, size: last - first }
  }
  const columns = span(keep.x, keep.width, width)
  const rows = span(keep.y, keep.height, height)
  return { width: columns.size, height: rows.size, tiles: [{ x: columns.start, y: rows.start, keep }] }
}

/** What two rectangles share; of no or negative size where that is nothing. */
function intersection(a: Rectangle, b: Rectangle): Rectangle {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)]
  const width = Math.min(a.x + a.width, b.x + b.width) - x
  const height = Math.min(a.y + a.height, b.y + b.height) - y
  return { x, y, width, height }
}

/** A copy of a rectangle of a page, which must lie inside it. */
export function cropPage(page: ImagePage, { x, y, width, height }: Rectangle): ImagePage {
  const crop = (samples: Samples, channels: number): Samples => {
    const out = samplesLike(samples, width * height * channels)
    for (let row = 0; row < height; row++) {
      const start = ((y + row) * page.width + x) * channels
      out.set(samples.subarray(start, start + width * channels), row * width * channels)
    }
    return out
  }
  const alpha = page.alpha === null ? null : crop(page.alpha, 1)
  return { ...page, width, height, data: crop(page.data, page.channels), alpha }
}

/**
 * Where a coordinate beyond the end of an axis is read from: symmetric mirroring (… b a | a b c | c b …), repeated as
 * often as it takes, so that it holds for an axis of one pixel too.
 */
export function mirrored(index: number, length: number): number {
  const inPeriod = index % (2 * length)
  return inPeriod < length ? inPeriod : 2 * length - 1 - inPeriod
}

/**
 * The page's channels that make up each input of a network of so many channels, one list a run: gray through a colour network is
 * R = G = B, colour through a gray network goes channel by channel.
 */
export function feedsOf(channels: 1 | 3, page: Pick<ImagePage, 'channels'>): number[][] {
  if (page.channels > channels) return [[0], [1], [2]]
  return [Array.from({ length: channels }, (_, plane) => Math.min(plane, page.channels - 1))]
}

/**
 * Copies a window's samples into a network's input as floats: black 0, white 1.
 * @param feed the page's channel for each plane of the input: [0, 1, 2], or [0, 0, 0] for gray through a colour network.
 * @param out [feed.length, plan.height, plan.width]. Samples that are no finite number are read as black.
 */
export function cutTile(
  page: ImagePage,
  plan: TilePlan,
  tile: Tile,
  feed: number[],
  out: Float32Array,
): void {
  const { data, black, channels } = page
  const scale = 1 / (page.white - black)
  const columns = Array.from({ length: plan.width }, (_, x) => channels * mirrored(tile.x + x, page.width))
  let index = 0
  for (const channel of feed) {
    for (let y = 0; y < plan.height; y++) {
      const row = mirrored(tile.y + y, page.height) * page.width * channels + channel
      for (let x = 0; x < plan.width; x++) {
        const value = (data[row + columns[x]!]! - black) * scale
        out[index++] = Number.isFinite(value) ? value : 0
      }
    }
  }
}

/** What a network made of a window: for each of the page's channels the planes [plan.height, plan.width] whose mean it is; black 0 and white 1. */
export type Made = Float32Array[][]

/** Sorts what one run gave, [feed.length, plan.height, plan.width], by the channels that it was fed. */
export function sortPlanes(planes: Float32Array, plan: TilePlan, feed: number[], made: Made): void {
  const size = plan.width * plan.height
  for (const [plane, channel] of feed.entries())
    (made[channel] ??= []).push(planes.subarray(plane * size, (plane + 1) * size))
}

/**
 * One row of the kept part of a result, interleaved and in the page's own encoding, not rounded. Row by row it stays in the processor's cache.
 * @param y of the page.
 * @param out [keep.width, page.channels].
 */
function keepRow(
  page: ImagePage,
  plan: TilePlan,
  { x: left, y: top, keep }: Tile,
  y: number,
  made: Made,
  out: Float32Array,
): void {
  const { black, channels } = page
  const range = page.white - black
  const start = (y - top) * plan.width + keep.x - left
  for (let channel = 0; channel < channels; channel++) {
    const planes = made[channel]!
    const scale = range / planes.length
    // One plane after the other: twice as fast as adding up sample by sample.
    for (let plane = 0; plane < planes.length; plane++) {
      const from = planes[plane]!
      for (let x = 0, i = channel; x < keep.width; x++, i += channels)
        out[i] = (plane === 0 ? black : out[i]!) + scale * from[start + x]!
    }
  }
}

/**
 * Puts the kept part of a result into the samples of its page. Integers are clipped and rounded, floats are not.
 * @param seen the page with the levels that are 0 and 1 to the network.
 */
export function putTile(page: ImagePage, seen: ImagePage, plan: TilePlan, tile: Tile, made: Made): void {
  const { data, black, white, channels } = page
  const { keep } = tile
  const isInteger = !(data instanceof Float32Array)
  const row = new Float32Array(keep.width * channels)
  for (let y = keep.y; y < keep.y + keep.height; y++) {
    keepRow(seen, plan, tile, y, made, row)
    const start = (y * page.width + keep.x) * channels
    for (let i = 0; i < row.length; i++) {
      const value = row[i]!
      data[start + i] = isInteger ? Math.round(Math.min(Math.max(value, black), white)) : value
    }
  }
}

/** Shares of the noise that are removed, 0–1: of the grain (brightness) and of the colour noise. */
export interface Shares {
  grain: number
  colour: number
}

/**
 * Weights of R, G and B in luma (ITU-R BT.709-6, item 3.2). They are applied to the encoded samples, not to light: encoded
 * values are about even to the eye, so that this luma is the brightness that grain is seen in; and the window, which
 * blends strengths by itself, has nothing else. Other primaries than sRGB's have somewhat other weights; that moves a
 * little between the two sliders and nothing where both are equal.
 */
const luma = [0.2126, 0.7152, 0.0722] as const

const changeOf = (noisy: number, denoised: number): number => (Number.isFinite(noisy) ? denoised - noisy : 0)

/**
 * Blends the kept part of a result with the noisy samples into `out`. With d = denoised − noisy and dY = luma(d), the grain
 * is dY in every channel, which leaves all colour differences as they are, and the colour noise is d − dY, which leaves
 * luma as it is:
 *
 *     out = noisy + grain · dY + colour · (d − dY) = noisy + colour · d + (grain − colour) · dY
 *
 * Gray pages have grain alone. Integers are clipped and rounded, floats are not; samples that are no finite number stay.
 * @param seen the page with the levels that are 0 and 1 to the network.
 * @param out samples of the whole page.
 */
export function blendTile(
  page: ImagePage,
  seen: ImagePage,
  plan: TilePlan,
  tile: Tile,
  made: Made,
  shares: Shares,
  out: Samples,
): void {
  const { data, black, white, channels } = page
  const { keep } = tile
  const isInteger = !(data instanceof Float32Array)
  const weights = channels === 1 ? [1] : luma
  const colour = channels === 1 ? shares.grain : shares.colour
  const apart = shares.grain - colour
  const denoised = new Float32Array(keep.width * channels)
  for (let y = keep.y; y < keep.y + keep.height; y++) {
    keepRow(seen, plan, tile, y, made, denoised)
    let index = (y * page.width + keep.x) * channels
    for (let kept = 0; kept < denoised.length; index += channels, kept += channels) {
      let lumaChange = 0
      if (apart !== 0)
        for (let c = 0; c < channels; c++)
          lumaChange += weights[c]! * changeOf(data[index + c]!, denoised[kept + c]!)
      for (let c = 0; c < channels; c++) {
        const noisy = data[index + c]!
        const value = noisy + colour * changeOf(noisy, denoised[kept + c]!) + apart * lumaChange
        out[index + c] = isInteger ? Math.floor(Math.min(Math.max(value, black), white) + 0.5) : value
      }
    }
  }
}
