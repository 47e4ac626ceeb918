import { blend, residual, type Shares } from './blend.ts'
import type { Tile, TileSource, TileStore } from './store.ts'
import { levelFor, tileRect, visibleTiles, type TilePlace } from './tiles.ts'
import { imageOrigin, type Point, type Rect, type Viewport } from './viewport.ts'

/** How a picture and its cleaned one are put together: the result at a strength, or what it removes, amplified. */
export type Look = { kind: 'cleaned' } | { kind: 'removed'; gain: number }

export interface Cleaned {
  source: TileSource
  shares: Shares
}

/** One picture on the canvas: the original, or with what the network made of it. */
export interface Layer {
  original: TileSource
  /** Best first: the one asked for, then the one that was shown until it arrives. None: the original alone. */
  cleaned: Cleaned[]
  look: Look
}

/** A layer and the part of the canvas that it is painted into. */
export interface Pane {
  layer: Layer
  /** Where the view's upper left corner lies on the canvas, in device pixels. */
  at: Point
  /** Device pixels of the canvas. */
  clip: Rect
}

const keyOf = (look: Look, { grain, colour }: Shares): string =>
  `${look.kind} ${look.kind === 'removed' ? look.gain : 1} ${grain} ${colour}`

/** Where tiles are blended, before they go onto their surface: one for nearly all, or a slider that is moved makes rubbish. */
let scratch: ImageData | null = null
function scratchOf({ width, height }: OffscreenCanvas): ImageData {
  if (scratch?.width !== width || scratch.height !== height) scratch = new ImageData(width, height)
  return scratch
}

/** Draws a pair of tiles onto the cleaned one's surface, if they are not on it already. */
function combined(noisy: Tile, cleaned: Tile, shares: Shares, look: Look): OffscreenCanvas {
  const key = keyOf(look, shares)
  if (cleaned.look === key) return cleaned.surface
  const context = cleaned.surface.getContext('2d', { willReadFrequently: true })!
  const out = scratchOf(cleaned.surface)
  if (look.kind === 'cleaned') blend(noisy.pixels.data, cleaned.pixels.data, shares, out.data)
  else residual(noisy.pixels.data, cleaned.pixels.data, shares, look.gain, out.data)
  context.putImageData(out, 0, 0)
  cleaned.look = key
  return cleaned.surface
}

function surfaceAt(store: TileStore, layer: Layer, place: TilePlace): OffscreenCanvas | null {
  const noisy = store.get(layer.original, place)
  if (noisy === undefined) return null
  for (const { source, shares } of layer.cleaned) {
    const tile = store.get(source, place)
    if (tile?.pixels.data.length === noisy.pixels.data.length)
      return combined(noisy, tile, shares, layer.look)
  }
  // What is removed is not known here yet: nothing is shown rather than the picture.
  return layer.look.kind === 'removed' ? null : noisy.surface
}

/** Paints a pane. Coarser tiles stand in where finer ones of the original are not there yet. */
export function paintPane(
  context: CanvasRenderingContext2D,
  store: TileStore,
  viewport: Viewport,
  levels: number,
  { layer, at, clip }: Pane,
): void {
  const corner = imageOrigin(viewport)
  const origin = { x: at.x + corner.x, y: at.y + corner.y }
  const { scale, image } = viewport
  const draw = (place: TilePlace): void => {
    const rect = tileRect(image, place)
    // Both edges are rounded, not the width: neighbours then meet without a seam.
    const left = origin.x + Math.round(rect.x * scale)
    const top = origin.y + Math.round(rect.y * scale)
    const right = origin.x + Math.round((rect.x + rect.width) * scale)
    const bottom = origin.y + Math.round((rect.y + rect.height) * scale)
    const isOutside =
      right <= clip.x || bottom <= clip.y || left >= clip.x + clip.width || top >= clip.y + clip.height
    const surface = isOutside ? null : surfaceAt(store, layer, place)
    if (surface !== null) context.drawImage(surface, left, top, right - left, bottom - top)
  }

  context.save()
  context.beginPath()
  context.rect(clip.x, clip.y, clip.width, clip.height)
  context.clip()
  // Tiles may reach past the picture by part of a pixel.
  context.beginPath()
  context.rect(origin.x, origin.y, Math.round(image.width * scale), Math.round(image.height * scale))
  context.clip()
  // Pixel peeping is for pixels.
  context.imageSmoothingEnabled = scale < 1
  // Between the two levels nearest to a scale nothing better is seen, and it costs three times as much.
  context.imageSmoothingQuality = 'low'
  const target = levelFor(scale, levels)
  const places = visibleTiles(viewport, target)
  if (layer.look.kind === 'cleaned' && !places.every((place) => store.has(layer.original, place)))
    for (let level = levels - 1; level > target; level -= 1) visibleTiles(viewport, level).forEach(draw)
  places.forEach(draw)
  context.restore()
}

/** What should be there for a picture to be painted, in the order in which it matters. */
export function wishes(
  viewport: Viewport,
  levels: number,
  original: TileSource,
  cleaned: TileSource | null,
): { source: TileSource; place: TilePlace }[] {
  const places = visibleTiles(viewport, levelFor(viewport.scale, levels))
  return [
    // One tile that holds the whole picture, so that something is seen at once.
    { source: original, place: { level: levels - 1, column: 0, row: 0 } },
    ...places.map((place) => ({ source: original, place })),
    ...(cleaned === null ? [] : places.map((place) => ({ source: cleaned, place }))),
  ]
}
