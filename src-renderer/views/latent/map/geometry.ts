/** Where points of a map lie in the square of a plot, which reaches from −1 to 1 on both axes, at one scale. */
export interface Fit {
  /** Middle of the points, in the map's units. */
  centre: [number, number]
  /** Map's units for 1 of the plot. */
  unit: number
}

/** Room left around the points, as a share. */
const margin = 0.06

/** @param points [count, 2] */
export function fitOf(points: Float32Array): Fit {
  const low = [Infinity, Infinity]
  const high = [-Infinity, -Infinity]
  points.forEach((value, at) => {
    if (value < low[at % 2]!) low[at % 2] = value
    if (value > high[at % 2]!) high[at % 2] = value
  })
  if (points.length === 0) return { centre: [0, 0], unit: 1 }
  const side = Math.max(high[0]! - low[0]!, high[1]! - low[1]!)
  return {
    centre: [(low[0]! + high[0]!) / 2, (low[1]! + high[1]!) / 2],
    unit: side > 0 ? (side / 2) * (1 + margin) : 1,
  }
}

/** Points as the plot takes them. @param points [count, 2] */
export function plotted(points: Float32Array, { centre, unit }: Fit): { x: Float32Array; y: Float32Array } {
  const count = points.length / 2
  const [x, y] = [new Float32Array(count), new Float32Array(count)]
  for (let at = 0; at < count; at++) {
    x[at] = (points[2 * at]! - centre[0]) / unit
    y[at] = (points[2 * at + 1]! - centre[1]) / unit
  }
  return { x, y }
}

/** What of a plot is seen: its edges in the plot's units, and its size in CSS pixels. Downwards is less. */
export interface Shown {
  left: number
  right: number
  bottom: number
  top: number
  width: number
  height: number
}

/** From the middle to the upper edge of a plot of this size that shows the whole square. */
export const reachOfAll = (width: number, height: number): number => Math.max(1, height / width)

/** Whether just the whole square is seen. */
export const showsAll = ({ left, right, bottom, top, width, height }: Shown): boolean =>
  Math.abs(left + right) < 1e-3 &&
  Math.abs(bottom + top) < 1e-3 &&
  Math.abs(top - reachOfAll(width, height)) < 1e-3

/** CSS pixels from the plot's top left corner. */
export const pixelOf = (shown: Shown, x: number, y: number): [number, number] => [
  ((x - shown.left) / (shown.right - shown.left)) * shown.width,
  ((shown.top - y) / (shown.top - shown.bottom)) * shown.height,
]

/** The point of the plot at a pixel. */
export const plotAt = (shown: Shown, px: number, py: number): [number, number] => [
  shown.left + (px / shown.width) * (shown.right - shown.left),
  shown.top - (py / shown.height) * (shown.top - shown.bottom),
]

const directions: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}
export const arrowOf = (key: string): readonly [number, number] | undefined => directions[key]

/**
 * The point that an arrow key leads to: of those on that side, within 45° of the arrow, the nearest; null where there is none.
 * @param isShown whether a point can be gone to
 */
export function neighbourTowards(
  { x, y }: { x: Float32Array; y: Float32Array },
  from: number,
  [dx, dy]: readonly [number, number],
  isShown: (item: number) => boolean,
): number | null {
  let [best, nearest] = [-1, Infinity]
  for (let item = 0; item < x.length; item++) {
    if (item === from || !isShown(item)) continue
    const [ax, ay] = [x[item]! - x[from]!, y[item]! - y[from]!]
    const along = ax * dx + ay * dy
    const across = Math.abs(ax * dy - ay * dx)
    const distance = ax * ax + ay * ay
    if (along <= 0 || across > along || distance >= nearest) continue
    ;[best, nearest] = [item, distance]
  }
  return best < 0 ? null : best
}

/** The shown point that is nearest to a place; null where there is none. */
export function nearestTo(
  { x, y }: { x: Float32Array; y: Float32Array },
  [px, py]: readonly [number, number],
  isShown: (item: number) => boolean,
): number | null {
  let [best, nearest] = [-1, Infinity]
  for (let item = 0; item < x.length; item++) {
    const distance = (x[item]! - px) ** 2 + (y[item]! - py) ** 2
    if (distance < nearest && isShown(item)) [best, nearest] = [item, distance]
  }
  return best < 0 ? null : best
}

/** Items inside a closed line of points of the plot, by the even–odd rule. */
export function insideOf(
  { x, y }: { x: Float32Array; y: Float32Array },
  line: readonly (readonly [number, number])[],
  isShown: (item: number) => boolean,
): number[] {
  const found: number[] = []
  for (let item = 0; item < x.length; item++) {
    if (!isShown(item)) continue
    const [px, py] = [x[item]!, y[item]!]
    let isInside = false
    for (let at = 0, before = line.length - 1; at < line.length; before = at++) {
      const [ax, ay] = line[at]!
      const [bx, by] = line[before]!
      if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) isInside = !isInside
    }
    if (isInside) found.push(item)
  }
  return found
}
