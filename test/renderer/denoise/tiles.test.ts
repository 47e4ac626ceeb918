import { describe, expect, it } from 'vitest'
import {
  levelFor,
  levelSize,
  tileRect,
  visibleTiles,
} from '../../../src-renderer/views/denoise/viewer/tiles.ts'
import { fittedViewport, panned, zoomedTo } from '../../../src-renderer/views/denoise/viewer/viewport.ts'

const image = { width: 6000, height: 4001 }
const view = { width: 900, height: 700 }

describe('level', () => {
  it('never has fewer pixels than the screen', () => {
    expect([8, 1, 0.75, 0.5, 0.49, 0.25, 0.2].map((scale) => levelFor(scale, 6))).toEqual([
      0, 0, 0, 1, 1, 2, 2,
    ])
  })

  it('is one that the picture has', () => {
    expect(levelFor(1 / 1000, 3)).toBe(2)
    expect(levelFor(1 / 1000, 1)).toBe(0)
  })
})

describe('tiles', () => {
  it('cover the picture, each point once, and reach past it by less than a pixel of their level', () => {
    for (const level of [0, 1, 3, 4]) {
      const rects = visibleTiles(fittedViewport(image, view, 1), level).map((place) => tileRect(image, place))
      const right = Math.max(...rects.map((rect) => rect.x + rect.width))
      const bottom = Math.max(...rects.map((rect) => rect.y + rect.height))
      expect(rects.reduce((sum, rect) => sum + rect.width * rect.height, 0)).toBe(right * bottom)
      for (const over of [right - image.width, bottom - image.height]) {
        expect(over).toBeGreaterThanOrEqual(0)
        expect(over).toBeLessThan(2 ** level)
      }
    }
  })

  it('are only those that are seen, the middle first', () => {
    const viewport = panned(zoomedTo(fittedViewport(image, view, 1), 1), { x: -200, y: 90 })
    const places = visibleTiles(viewport, 0)
    expect(places.length).toBeLessThanOrEqual(5 * 4)
    const { x, y } = viewport.centre
    expect(places[0]).toEqual({ level: 0, column: Math.floor(x / 256), row: Math.floor(y / 256) })
    const distances = places.map(({ column, row }) => Math.hypot(column * 256 + 128 - x, row * 256 + 128 - y))
    expect(distances).toEqual([...distances].sort((a, b) => a - b))
  })

  it('stay few for 100 megapixels at any zoom', () => {
    const huge = { width: 12000, height: 9000 }
    const large = { width: 1900, height: 1300 }
    let viewport = fittedViewport(huge, large, 1)
    for (const scale of [viewport.scale, 0.25, 0.26, 0.49, 0.5, 0.51, 0.99, 1, 2, 8]) {
      viewport = zoomedTo(viewport, scale)
      // At worst two pixels of the level to one of the screen along each side, and a rim of cut tiles.
      const most = (Math.ceil((2 * large.width) / 256) + 1) * (Math.ceil((2 * large.height) / 256) + 1)
      expect(visibleTiles(viewport, levelFor(viewport.scale, 7)).length).toBeLessThanOrEqual(most)
    }
  })
})

it('rounds the size of a level up', () => {
  expect(levelSize(image, 1)).toEqual({ width: 3000, height: 2001 })
  expect(levelSize({ width: 3, height: 1 }, 4)).toEqual({ width: 1, height: 1 })
})
