import { pixelOf, type Shown } from './geometry.ts'

/** A small picture over a point. CSS pixels of its middle. */
export interface Thumbnail {
  item: number
  x: number
  y: number
}

/** Points in sight up to which pictures are drawn over them: with more there is nothing to be seen but pictures of a few. */
export const mostInSight = 4000
/** Pictures at once. */
export const mostThumbnails = 320
/** Sides in CSS pixels: with few points in sight they are larger. */
export const sideFor = (inSight: number): number => (inSight > 1000 ? 28 : inSight > 150 ? 36 : 56)

/** Shown points that are in sight, a little beyond the edges included; null where there are more than `most`. */
export function inSight(
  { x, y }: { x: Float32Array; y: Float32Array },
  { left, right, bottom, top }: Shown,
  isShown: (item: number) => boolean,
  most: number,
): number[] | null {
  const found: number[] = []
  for (let item = 0; item < x.length; item++) {
    const [px, py] = [x[item]!, y[item]!]
    if (px < left || px > right || py < bottom || py > top || !isShown(item)) continue
    if (found.length === most) return null
    found.push(item)
  }
  return found
}

/**
 * As many pictures as fit without covering each other, at their points. Earlier items come first, so that a picture that is
 * there stays while one pans.
 */
export function placeThumbnails(
  items: readonly number[],
  { x, y }: { x: Float32Array; y: Float32Array },
  shown: Shown,
  side: number,
): Thumbnail[] {
  const placed: Thumbnail[] = []
  /** Those that are placed, by the cell of a grid that their middle is in: one a cell at most. */
  const cells = new Map<string, Thumbnail>()
  for (const item of items) {
    if (placed.length === mostThumbnails) break
    const [px, py] = pixelOf(shown, x[item]!, y[item]!)
    const [column, row] = [Math.floor(px / side), Math.floor(py / side)]
    const isFree = [-1, 0, 1].every((dx) =>
      [-1, 0, 1].every((dy) => {
        const other = cells.get(`${column + dx},${row + dy}`)
        return other === undefined || Math.abs(other.x - px) >= side || Math.abs(other.y - py) >= side
      }),
    )
    if (!isFree) continue
    const thumbnail = { item, x: px, y: py }
    cells.set(`${column},${row}`, thumbnail)
    placed.push(thumbnail)
  }
  return placed
}
