/** The frame that is shown after so many seconds of playing. */
export interface Tick {
  frame: number
  /** Whether the end of a path that is no loop was reached. */
  isOver: boolean
}

/** @param from Frame that playing began at. @param rate Frames a second */
export function frameAfter(
  seconds: number,
  { from, count, rate, loop }: { from: number; count: number; rate: number; loop: boolean },
): Tick {
  const passed = from + Math.floor(seconds * rate)
  if (loop) return { frame: passed % count, isOver: false }
  return { frame: Math.min(passed, count - 1), isOver: passed >= count - 1 }
}

/** The order of things after one was moved: where the one at `from` comes to stand when it is dropped before place `before`. */
export const placeAfterDrop = (from: number, before: number): number => (before > from ? before - 1 : before)
