import { tileSide } from '../../../../src-main/contract/preview.ts'
import { visibleRegion, type Rect, type Size, type Viewport } from './viewport.ts'

/** A tile's place in the pyramid. */
export interface TilePlace {
  level: number
  column: number
  row: number
}

/** The smallest level that still has a pixel for every device pixel, so that nothing is shown softer than it is. */
export function levelFor(scale: number, levels: number): number {
  // 1e-9: exactly 50 % must not fall to the finer level by rounding.
  const level = Math.floor(Math.log2(1 / scale) + 1e-9)
  return Math.min(Math.max(level, 0), levels - 1)
}

/** Size of a level in its own pixels. */
export function levelSize(image: Size, level: number): Size {
  return {
    width: Math.max(1, Math.ceil(image.width / 2 ** level)),
    height: Math.max(1, Math.ceil(image.height / 2 ** level)),
  }
}

/** The part of the picture, in pixels of level 0, that a tile covers. Fractions arise where a side is odd. */
export function tileRect(image: Size, { level, column, row }: TilePlace): Rect {
  const size = levelSize(image, level)
  const unit = { x: image.width / size.width, y: image.height / size.height }
  return {
    x: column * tileSide * unit.x,
    y: row * tileSide * unit.y,
    width: Math.min(tileSide, size.width - column * tileSide) * unit.x,
    height: Math.min(tileSide, size.height - row * tileSide) * unit.y,
  }
}

/** The tiles of a level that are seen, from the middle of the view outwards. */
export function visibleTiles(viewport: Viewport, level: number): TilePlace[] {
  const { image, centre } = viewport
  const region = visibleRegion(viewport)
  const size = levelSize(image, level)
  const side = { x: (tileSide * image.width) / size.width, y: (tileSide * image.height) / size.height }
  const places: TilePlace[] = []
  for (let row = Math.floor(region.y / side.y); row * side.y < region.y + region.height; row += 1)
    for (let column = Math.floor(region.x / side.x); column * side.x < region.x + region.width; column += 1)
      places.push({ level, column, row })
  const distance = ({ column, row }: TilePlace): number =>
    Math.hypot((column + 0.5) * side.x - centre.x, (row + 0.5) * side.y - centre.y)
  return places.sort((a, b) => distance(a) - distance(b))
}
