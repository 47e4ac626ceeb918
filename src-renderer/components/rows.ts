/** Rows of a long list that are put on the page. */
export interface Window {
  /** First row, and the one after the last. */
  from: number
  to: number
}

/** Rows above and below what is seen, so that a quick scroll does not meet blank ones. */
const margin = 6

/** The rows of equal height (CSS pixels) that a list of `count` shows when it is scrolled by `top`. */
export function shownRows(count: number, rowHeight: number, top: number, height: number): Window {
  const from = Math.max(Math.floor(top / rowHeight) - margin, 0)
  const to = Math.min(Math.ceil((top + height) / rowHeight) + margin, count)
  return { from: Math.min(from, to), to }
}

/** Where a list must be scrolled to for a row to be seen whole; as it is if it is. */
export function scrollToShow(row: number, rowHeight: number, top: number, height: number): number {
  const start = row * rowHeight
  if (start < top) return start
  return Math.max(top, start + rowHeight - height)
}
