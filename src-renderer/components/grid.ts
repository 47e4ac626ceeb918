/** How cells are laid out in the width there is. CSS pixels but for `pixels`. */
export interface GridLayout {
  columns: number
  /** Side of a cell. */
  side: number
  /** Pixels of a cell's side in a sheet. */
  pixels: number
}

/** Bounds of the engine's question (`DataPageQuestion`). */
const maxColumns = 66
const [minPixels, maxPixels] = [16, 256]

/** As many cells of about the wanted side as fit, filling the width. */
export function layoutOf(width: number, wanted: number, pixelRatio: number): GridLayout {
  const columns = Math.min(maxColumns, Math.max(1, Math.floor(width / wanted)))
  const side = width / columns
  return { columns, side, pixels: Math.min(maxPixels, Math.max(minPixels, Math.round(side * pixelRatio))) }
}

/** The item that a key leads to from another one; null for keys that lead nowhere. */
export function itemAfter(
  key: string,
  from: number,
  count: number,
  columns: number,
  page: number,
): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * page,
    PageDown: columns * page,
    Home: -count,
    End: count,
  }
  const step = steps[key]
  if (step === undefined) return null
  const to = from + step
  // A line up from the first line, or down from the last, stays in its column.
  if ((key === 'ArrowUp' || key === 'ArrowDown') && (to < 0 || to >= count)) return from
  return Math.min(Math.max(to, 0), count - 1)
}
