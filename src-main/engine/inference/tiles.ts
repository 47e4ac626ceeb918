import type { ImagePage, Samples } from '../storage/image.ts'

/** One window of an image, cut for the network, and the part of its result that is kept. Pixels. */
export interface Tile {
  /** Left and top edge of the window. It may reach past the image's right and bottom edge, by less than `multiple`. */
  x: number
  y: number
  /** The part that is kept: a rectangle of the image, inside the window. */
  keep: { x: number; y: number; width: number; height: number }
}

export interface TilePlan {
  /** Size of every window of the plan: one size, so that an inference runtime plans its memory once. */
  width: number
  height: number
  /** In reading order; their kept parts cover the image exactly once. */
  tiles: Tile[]
}

export interface TileOptions {
  /** Largest side of a window; raised where it leaves no room between the overlaps. */
  tile: number
  /** Pixels around the kept part that the network must see, except where the image ends. */
  overlap: number
  /** What the network's sides must be a multiple of. Windows also start at multiples of it, as a whole image does. */
  multiple: number
}

/**
 * Windows that cover an image of any size, 1×1 and up. The windows at the image's edges end there (filled up to
 * `multiple` by mirroring), as the whole image run at once would, so that the network sees the same edges in both.
 */
export function planTiles(width: number, height: number, options: TileOptions): TilePlan {
  const columns = planAxis(width, options)
  const rows = planAxis(height, options)
  const tiles = rows.spans.flatMap((row) =>
    columns.spans.map((column) => ({
      x: column.start,
      y: row.start,
      keep: { x: column.keep, y: row.keep, width: column.keepLength, height: row.keepLength },
    })),
  )
  return { width: columns.size, height: rows.size, tiles }
}

interface Span {
  start: number
  keep: number
  keepLength: number
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple

function planAxis(length: number, { tile, overlap, multiple }: TileOptions): { size: number; spans: Span[] } {
  const padded = roundUp(length, multiple)
  const margin = 2 * roundUp(overlap, multiple)
  const largest = Math.max(roundUp(tile, multiple), margin + multiple)
  if (padded <= largest) return { size: padded, spans: [{ start: 0, keep: 0, keepLength: length }] }
  const count = Math.ceil((padded - margin) / (largest - margin))
  // As few windows as `largest` allows, then as small as so many windows can be.
  const size = roundUp((padded + (count - 1) * margin) / count, multiple)
  const starts = Array.from({ length: count }, (_, i) => {
    const even = (i * (padded - size)) / (count - 1)
    return Math.floor(even / multiple) * multiple
  })
  // Neighbours share at least `margin` pixels; each keeps its side of the middle.
  const edges = starts.map((start, i) => (i === 0 ? 0 : Math.floor((starts[i - 1]! + size + start) / 2)))
  const spans = starts.map((start, i) => ({
    start,
    keep: edges[i]!,
    keepLength: (edges[i + 1] ?? length) - edges[i]!,
  }))
  return { size, spans }
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

/**
 * Blends the kept part of a network's result into `out`: noisy + share · (denoised − noisy), clipped and rounded where
 * the page holds integers, as it is where it holds floats. Samples that are no finite number stay.
 * @param denoised [feed.length, plan.height, plan.width]; planes that were fed from one channel are averaged.
 * @param out samples of the whole page, in its own encoding.
 */
export function pasteTile(
  page: ImagePage,
  plan: TilePlan,
  tile: Tile,
  feed: number[],
  denoised: Float32Array,
  share: number,
  out: Samples,
): void {
  const { data, black, white, channels } = page
  const range = white - black
  const isInteger = !(data instanceof Float32Array)
  const { keep } = tile
  for (const channel of new Set(feed)) {
    const planes = feed.flatMap((fed, plane) => (fed === channel ? [plane * plan.width * plan.height] : []))
    for (let y = keep.y; y < keep.y + keep.height; y++) {
      for (let x = keep.x; x < keep.x + keep.width; x++) {
        const index = (y * page.width + x) * channels + channel
        const noisy = data[index]!
        if (!Number.isFinite(noisy)) {
          out[index] = noisy
          continue
        }
        const pixel = (y - tile.y) * plan.width + x - tile.x
        let sum = 0
        for (const plane of planes) sum += denoised[plane + pixel]!
        const value = noisy + share * (black + (range * sum) / planes.length - noisy)
        out[index] = isInteger ? Math.round(Math.min(Math.max(value, black), white)) : value
      }
    }
  }
}
