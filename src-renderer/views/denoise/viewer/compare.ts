import type { Cleaned, Layer, Pane } from './paint.ts'
import type { TileSource } from './store.ts'
import type { Rect, Size } from './viewport.ts'

/** `split`: a divider between both. `single`: one at a time. `removed`: what the network takes away, amplified. */
export type CompareMode = 'split' | 'side-by-side' | 'single' | 'blink' | 'removed'

/** Between the two views that stand side by side, in CSS pixels. */
const gap = 2

/** Size of one view in CSS pixels: all there is, or half of it. */
export const viewSize = (mode: CompareMode, { width, height }: Size): Size =>
  mode === 'side-by-side' ? { width: Math.max(1, (width - gap) / 2), height } : { width, height }

export interface Comparison {
  mode: CompareMode
  original: TileSource
  cleaned: Cleaned[]
  /** Of the divider, as a share of the width. */
  divider: number
  /** How much what is removed is amplified. */
  gain: number
  /** The original is shown in the place of the cleaned picture. */
  isOriginal: boolean
}

/** What is painted where, on a canvas of a size (device pixels; `density` of them to a CSS pixel). */
export function panesOf(comparison: Comparison, canvas: Size, density: number): Pane[] {
  const { mode, original, cleaned, divider, gain, isOriginal } = comparison
  const before: Layer = { original, cleaned: [], look: { kind: 'cleaned' } }
  const after: Layer = isOriginal
    ? before
    : { original, cleaned, look: mode === 'removed' ? { kind: 'removed', gain } : { kind: 'cleaned' } }
  const part = (x: number, width: number): Rect => ({ x, y: 0, width, height: canvas.height })
  const corner = { x: 0, y: 0 }

  if (mode === 'side-by-side') {
    const width = Math.round(((canvas.width / density - gap) / 2) * density)
    const x = canvas.width - width
    return [
      { layer: before, at: corner, clip: part(0, width) },
      { layer: after, at: { x, y: 0 }, clip: part(x, width) },
    ]
  }
  if (mode === 'split') {
    const x = Math.round(divider * canvas.width)
    return [
      { layer: before, at: corner, clip: part(0, x) },
      { layer: after, at: corner, clip: part(x, canvas.width - x) },
    ]
  }
  return [{ layer: after, at: corner, clip: part(0, canvas.width) }]
}
