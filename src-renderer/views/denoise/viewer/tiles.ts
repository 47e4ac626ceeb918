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

/**
 * The part of the picture, in pixels of level 0, that a tile covers. At the right and bottom edge of a reduced level it may
 * reach past the picture by less than one pixel of that level: sizes of levels are rounded up.
 */
export function tileRect(image: Size, { level, column, row }: TilePlace): Rect {
  const size = levelSize(image, level)
  const unit = 2 ** level
  return {
    x: column * tileSide * unit,
    y: row * tileSide * unit,
    width: Math.min(tileSide, size.width - column * tileSide) * unit,
    height: Math.min(tileSide, size.height - row * tileSide) * unit,
  }
}

/** The tiles of a level that are seen, from the middle of the view outwards. */
export function visibleTiles(viewport: Viewport, level: number): TilePlace[] {
  const { centre } = viewport
  const region = visibleRegion(viewport)
  const side = tileSide * 2 ** level
  const places: TilePlace[] = []
  for (let row = Math.floor(region.y / side); row * side < region.y + region.height; row += 1)
    for (let column = Math.floor(region.x / side); column * side < region.x + region.width; column += 1)
      places.push({ level, column, row })
  const distance = ({ column, row }: TilePlace): number =>
    Math.hypot((column + 0.5) * side - centre.x, (row + 0.5) * side - centre.y)
  return places.sort((a, b) => distance(a) - distance(b))
}
