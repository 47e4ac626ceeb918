import { describe, expect, it } from 'vitest'
import type { LatentDirections } from '../../../../src-main/contract/latent.ts'
import { createRandom } from '../../../../src-main/engine/numeric/random.ts'
import {
  fitOf,
  insideOf,
  nearestTo,
  neighbourTowards,
  pixelOf,
  plotAt,
  plotted,
  type Shown,
} from '../../../../src-renderer/views/latent/map/geometry.ts'
import { itemsNamed, stepAround } from '../../../../src-renderer/views/latent/map/search.ts'
import {
  inSight,
  mostThumbnails,
  placeThumbnails,
} from '../../../../src-renderer/views/latent/map/thumbnails.ts'
import { codeAt } from '../../../../src-renderer/views/latent/map/walk.ts'

const shown: Shown = { left: -1, right: 1, bottom: -1, top: 1, width: 800, height: 800 }
const everyone = (): boolean => true
const pointsAt = (...places: [number, number][]) => ({
  x: Float32Array.from(places, ([x]) => x),
  y: Float32Array.from(places, ([, y]) => y),
})
/** Points all over the plot. */
function scattered(count: number) {
  const random = createRandom(1)
  return pointsAt(
    ...Array.from({ length: count }, (): [number, number] => [
      random.uniform() * 2 - 1,
      random.uniform() * 2 - 1,
    ]),
  )
}

describe('where points are', () => {
  it('fits a map into the square at one scale, and leads back', () => {
    const points = Float32Array.from([10, 0, 30, 5, 20, -5])
    const fit = fitOf(points)
    const { x, y } = plotted(points, fit)
    expect(Math.max(...x.map(Math.abs))).toBeCloseTo(1 / 1.06)
    expect(y[1]! - y[2]!).toBeCloseTo((x[1]! - x[0]!) / 2)
    expect(x[1]! * fit.unit + fit.centre[0]).toBeCloseTo(30, 4)
    expect(fitOf(Float32Array.from([3, 3]))).toEqual({ centre: [3, 3], unit: 1 })
  })

  it('goes to pixels and back', () => {
    const part: Shown = { left: 0, right: 0.5, bottom: -0.25, top: 0.25, width: 400, height: 400 }
    expect(pixelOf(part, 0.25, 0.25)).toEqual([200, 0])
    expect(plotAt(part, 200, 0)).toEqual([0.25, 0.25])
  })

  it('leads with an arrow to the nearest on that side that is shown', () => {
    const points = pointsAt([0, 0], [0.5, 0.1], [0.2, 0.6], [0.3, 0], [-0.4, 0])
    expect(neighbourTowards(points, 0, [1, 0], everyone)).toBe(3)
    expect(neighbourTowards(points, 0, [1, 0], (item) => item !== 3)).toBe(1)
    expect(neighbourTowards(points, 0, [0, 1], everyone)).toBe(2)
    expect(neighbourTowards(points, 0, [0, -1], everyone)).toBeNull()
    expect(nearestTo(points, [-1, 0], everyone)).toBe(4)
    expect(nearestTo(points, [-1, 0], () => false)).toBeNull()
  })

  it('tells which are inside a lasso, also one that is not convex', () => {
    const points = pointsAt([0, 0], [0.5, 0], [0.25, 0.3], [2, 2])
    // A U around the first two.
    const line = [
      [-0.2, -0.2],
      [0.7, -0.2],
      [0.7, 0.5],
      [0.4, 0.5],
      [0.4, 0.1],
      [0.1, 0.1],
      [0.1, 0.5],
      [-0.2, 0.5],
    ] as const
    expect(insideOf(points, line, everyone)).toEqual([0, 1])
    expect(insideOf(points, line, (item) => item !== 0)).toEqual([1])
  })
})

describe('pictures over points', () => {
  it('never cover each other, and are at most so many', () => {
    const points = scattered(4000)
    const placed = placeThumbnails([...points.x.keys()], points, shown, 30)
    expect(placed.length).toBeGreaterThan(100)
    expect(placed.length).toBeLessThanOrEqual(mostThumbnails)
    const apart = placed.flatMap((one, at) =>
      placed.slice(at + 1).map((other) => Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y))),
    )
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(30)
  })

  it('stay while one pans', () => {
    const points = scattered(300)
    const before = placeThumbnails([...points.x.keys()], points, shown, 30).map(({ item }) => item)
    const moved = { ...shown, left: shown.left + 0.01, right: shown.right + 0.01 }
    const after = new Set(placeThumbnails([...points.x.keys()], points, moved, 30).map(({ item }) => item))
    expect(before.filter((item) => after.has(item)).length).toBeGreaterThan(0.8 * before.length)
  })

  it('are only of points that are shown and in sight, and of none where there are too many', () => {
    const points = pointsAt([0, 0], [3, 0], [0.5, 0.5])
    expect(inSight(points, shown, everyone, 10)).toEqual([0, 2])
    expect(inSight(points, shown, (item) => item !== 0, 10)).toEqual([2])
    expect(inSight(points, shown, everyone, 1)).toBeNull()
  })
})

describe('search by name', () => {
  const names = ['/data/shoes/IMG_001.png', '/data/shirts/IMG_001.png', '/data/shirts/red.png']
  it('finds what has all the words', () => {
    expect(itemsNamed(names, 'img_001')).toEqual([0, 1])
    expect(itemsNamed(names, '001 SHIRTS')).toEqual([1])
    expect(itemsNamed(names, '  ')).toEqual([])
  })
  it('goes around', () => {
    expect([stepAround(-1, 1, 3), stepAround(2, 1, 3), stepAround(-1, -1, 3), stepAround(0, -1, 3)]).toEqual([
      0, 0, 2, 2,
    ])
  })
})

describe('the code at a place', () => {
  const directions: LatentDirections = {
    ...{ mean: [1, 2, 3], deviation: [1, 1, 1], kl: null, order: [0, 1, 2] },
    components: [
      { direction: [0, 0.6, 0.8], deviation: 1, share: 0.6 },
      { direction: [1, 0, 0], deviation: 1, share: 0.4 },
    ],
  }
  it('is the mean, and so much of either component', () => {
    const code = codeAt({ type: 'pca', x: 0, y: 1 }, directions, [10, -1])!
    ;[0, 8, 11].forEach((value, at) => expect(code[at]).toBeCloseTo(value, 5))
    expect(codeAt({ type: 'pca', x: 0, y: 5 }, directions, [0, 0])).toBeNull()
  })
  it('has these dimensions, and the mean of the others', () => {
    expect([...codeAt({ type: 'raw', x: 2, y: 0 }, directions, [7, 8])!]).toEqual([8, 2, 7])
  })
  it('leaves the plane where another code than the mean does', () => {
    const base = [5, 6, 7]
    // Out of the plane, (0, 0.8, -0.6) is kept: of the base it has 0.8·(6 − 2) − 0.6·(7 − 3) = 0.8.
    const code = codeAt({ type: 'pca', x: 0, y: 1 }, directions, [10, -1], base)!
    ;[0, 2 + 6 + 0.64, 3 + 8 - 0.48].forEach((value, at) => expect(code[at]).toBeCloseTo(value, 5))
    expect([...codeAt({ type: 'raw', x: 2, y: 0 }, directions, [7, 8], base)!]).toEqual([8, 6, 7])
  })
  it('is not known of maps without a way back', () => {
    expect(codeAt({ type: 'umap', neighbours: 15, minDistance: 0.1 }, directions, [0, 0])).toBeNull()
    expect(codeAt({ type: 'raw', x: 0, y: 1 }, null, [0, 0])).toBeNull()
  })
})
