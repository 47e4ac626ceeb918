import { describe, expect, it } from 'vitest'
import { panesOf, viewSize, type Comparison } from '../../../src-renderer/views/denoise/viewer/compare.ts'

const original = { path: '/a.jpg', page: 0, denoise: null }
const cleaned = [
  {
    source: { ...original, denoise: { model: 'photo', sigma: 'auto' as const } },
    shares: { grain: 1, colour: 1 },
  },
]
const comparison: Comparison = {
  ...{ mode: 'split', original, cleaned, divider: 0.25, gain: 5, isOriginal: false },
}
const canvas = { width: 1001, height: 600 }

describe('panes', () => {
  it('split the canvas at the divider without a gap', () => {
    const [before, after] = panesOf(comparison, canvas, 1)
    expect(before!.clip).toEqual({ x: 0, y: 0, width: 250, height: 600 })
    expect(after!.clip).toEqual({ x: 250, y: 0, width: 751, height: 600 })
    expect(before!.layer.cleaned).toEqual([])
    expect(after!.layer.cleaned).toBe(cleaned)
    // Both show one picture in one place.
    expect(before!.at).toEqual(after!.at)
  })

  it.each([1, 1.5, 2])(
    'stand side by side, each as wide as its view, at %d pixels to one of CSS',
    (density) => {
      const [before, after] = panesOf({ ...comparison, mode: 'side-by-side' }, canvas, density)
      const view = viewSize('side-by-side', { width: canvas.width / density, height: 600 })
      for (const pane of [before!, after!])
        expect(Math.abs(pane.clip.width - view.width * density)).toBeLessThan(1)
      expect(before!.clip.x).toBe(0)
      expect(after!.clip.x + after!.clip.width).toBe(canvas.width)
      expect(after!.at.x).toBe(after!.clip.x)
    },
  )

  it.each(['split', 'side-by-side', 'single', 'blink', 'removed'] as const)(
    'show the original alone while it is held, in mode %s',
    (mode) => {
      for (const { layer } of panesOf({ ...comparison, mode, isOriginal: true }, canvas, 1)) {
        expect(layer.cleaned).toEqual([])
        expect(layer.look.kind).toBe('cleaned')
      }
    },
  )

  it('show what is removed, amplified', () => {
    const panes = panesOf({ ...comparison, mode: 'removed' }, canvas, 1)
    expect(panes.map((pane) => pane.layer.look)).toEqual([{ kind: 'removed', gain: 5 }])
  })
})
