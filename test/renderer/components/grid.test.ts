import { describe, expect, it } from 'vitest'
import { itemAfter, layoutOf } from '../../../src-renderer/components/grid.ts'

describe('the grid of samples', () => {
  it('fills the width with cells of about the wanted side', () => {
    expect(layoutOf(650, 64, 1)).toEqual({ columns: 10, side: 65, pixels: 65 })
    expect(layoutOf(650, 64, 2).pixels).toBe(130)
    expect(layoutOf(40, 64, 1).columns).toBe(1)
    expect(layoutOf(0, 64, 1)).toMatchObject({ columns: 1, pixels: 16 })
    // What the engine answers at once.
    expect(layoutOf(20_000, 64, 1).columns * 6).toBeLessThanOrEqual(400)
    expect(layoutOf(900, 900, 3).pixels).toBe(256)
  })

  it.each([
    ['ArrowRight', 4, 5],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 4, 14],
    ['ArrowDown', 20, 20],
    ['ArrowUp', 4, 4],
    ['ArrowUp', 14, 4],
    ['PageDown', 4, 22],
    ['Home', 14, 0],
    ['End', 4, 22],
    ['a', 4, null],
  ])('%s leads from %i to %s', (key, from, to) => {
    expect(itemAfter(key, from, 23, 10, 2)).toBe(to)
  })
})
