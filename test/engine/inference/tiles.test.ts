import { describe, expect, it } from 'vitest'
import { mirrored, planTiles } from '../../../src-main/engine/inference/tiles.ts'

describe('planTiles', () => {
  const sizes = [1, 5, 7, 8, 9, 31, 64, 97, 128, 129, 191, 257, 499, 1000]
  const grids = [
    { tile: 64, overlap: 16, multiple: 8 },
    { tile: 96, overlap: 32, multiple: 8 },
    { tile: 100, overlap: 9, multiple: 4 },
    { tile: 16, overlap: 32, multiple: 8 },
    { tile: 128, overlap: 0, multiple: 1 },
  ]

  it.each(grids)(
    'covers every pixel once, with overlap $overlap around each: tile $tile, multiple $multiple',
    (grid) => {
      for (const [i, width] of sizes.entries()) {
        const height = sizes[sizes.length - 1 - i]!
        const plan = planTiles(width, height, grid)
        const covered = new Uint8Array(width * height)
        for (const { keep } of plan.tiles)
          for (let y = keep.y; y < keep.y + keep.height; y++)
            for (let x = keep.x; x < keep.x + keep.width; x++) covered[y * width + x]!++
        expect(covered.every((count) => count === 1)).toBe(true)
        for (const { x, y, keep } of plan.tiles) {
          expect(x % grid.multiple).toBe(0)
          expect(y % grid.multiple).toBe(0)
          expectContext(x, keep.x, keep.width, plan.width, width, grid.overlap)
          expectContext(y, keep.y, keep.height, plan.height, height, grid.overlap)
          // What is mirrored is what a whole image would have to mirror too.
          expect(x + plan.width).toBeLessThan(width + grid.multiple)
          expect(y + plan.height).toBeLessThan(height + grid.multiple)
        }
        for (const side of [plan.width, plan.height]) {
          expect(side % grid.multiple).toBe(0)
          expect(side).toBeLessThanOrEqual(
            Math.max(grid.tile, 2 * grid.overlap + 2 * grid.multiple) + grid.multiple,
          )
        }
      }
    },
  )

  /** Either `overlap` pixels of the window lie beside the kept part, or the image ends with the window. */
  function expectContext(
    start: number,
    keep: number,
    keepLength: number,
    size: number,
    length: number,
    overlap: number,
  ): void {
    expect(start === 0 ? keep === 0 || keep >= overlap : keep - start >= overlap).toBe(true)
    const end = start + size
    expect(end >= length || end - (keep + keepLength) >= overlap).toBe(true)
  }

  it('uses one tile where it fits, and balanced tiles where it does not', () => {
    expect(planTiles(200, 100, { tile: 256, overlap: 32, multiple: 8 })).toEqual({
      width: 200,
      height: 104,
      tiles: [{ x: 0, y: 0, keep: { x: 0, y: 0, width: 200, height: 100 } }],
    })
    const plan = planTiles(264, 8, { tile: 256, overlap: 32, multiple: 8 })
    expect(plan.width).toBe(168)
    expect(plan.tiles.map((tile) => tile.x)).toEqual([0, 96])
  })
})

it('mirrors with the edge pixel repeated, as often as it takes', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((i) => mirrored(i, 3))).toEqual([0, 1, 2, 2, 1, 0, 0, 1])
  expect([0, 1, 2, 3].map((i) => mirrored(i, 1))).toEqual([0, 0, 0, 0])
})
