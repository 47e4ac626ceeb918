import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

/** Where the window was: its rectangle when not maximized, in device-independent pixels of the whole desktop. */
const Placement = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int(),
  height: z.int(),
  isMaximized: z.boolean(),
})
export type Placement = z.infer<typeof Placement>
export interface Area {
  x: number
  y: number
  width: number
  height: number
}

export const smallestWindow = { width: 800, height: 560 }
const firstWindow = { width: 1360, height: 880 }
/** At least this much of the window must lie on a display, or a person could not take hold of it. */
const graspable = { width: 200, height: 80 }

const overlap = (start: number, length: number, otherStart: number, otherLength: number): number =>
  Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart)

/**
 * Where to open the window: where it was, if a display shows that place still; otherwise in the middle of the main one.
 *
 * @param areas of the displays, without task bars; the main one first
 */
export function placeWindow(last: Placement | null, areas: readonly Area[]): Placement {
  const main = areas[0] ?? { x: 0, y: 0, ...firstWindow }
  const home =
    last &&
    areas.find(
      (area) =>
        overlap(last.x, last.width, area.x, area.width) >= graspable.width &&
        // The title bar is at the top: that edge must be on the display.
        last.y >= area.y &&
        last.y + graspable.height <= area.y + area.height,
    )
  const { width: areaWidth, height: areaHeight } = home ?? main
  const width = Math.max(smallestWindow.width, Math.min(last?.width ?? firstWindow.width, areaWidth))
  const height = Math.max(smallestWindow.height, Math.min(last?.height ?? firstWindow.height, areaHeight))
  const isMaximized = last?.isMaximized ?? false
  if (last && home) return { x: last.x, y: last.y, width, height, isMaximized }
  const x = main.x + Math.max(0, Math.round((areaWidth - width) / 2))
  const y = main.y + Math.max(0, Math.round((areaHeight - height) / 2))
  return { x, y, width, height, isMaximized }
}

/** Null where there is none, or not a whole one: the window then opens as the first time. */
export function readPlacement(file: string): Placement | null {
  try {
    return Placement.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

export function writePlacement(file: string, placement: Placement): void {
  try {
    writeFileSync(file, JSON.stringify(placement))
  } catch {
    // A full disk must not keep the window from closing.
  }
}
