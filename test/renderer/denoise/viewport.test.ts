import { describe, expect, it } from 'vitest'
import {
  fitScale,
  fittedViewport,
  imageOrigin,
  panned,
  resized,
  toImage,
  toScreen,
  visibleRegion,
  zoomedStep,
  zoomedTo,
} from '../../../src-renderer/views/denoise/viewer/viewport.ts'

const image = { width: 6000, height: 4000 }
const view = { width: 900, height: 700 }
const fitted = fittedViewport(image, view, 1)

describe('fit', () => {
  it('shows the whole of a large picture, touching two edges', () => {
    expect(fitted.scale).toBe(900 / 6000)
    expect(visibleRegion(fitted)).toEqual({ x: 0, y: 0, ...image })
  })

  it('enlarges a small picture by whole numbers only, up to 800 %', () => {
    expect(fitScale({ image: { width: 400, height: 300 }, view, density: 1 })).toBe(2)
    expect(fitScale({ image: { width: 8, height: 8 }, view, density: 1 })).toBe(8)
  })

  it('counts device pixels: a dense screen fits twice the scale', () => {
    expect(fittedViewport(image, view, 2).scale).toBe(2 * fitted.scale)
  })

  it('stays fitted when the view is resized, and only then', () => {
    expect(resized(fitted, { width: 450, height: 700 }, 1).scale).toBe(450 / 6000)
    const zoomed = zoomedTo(fitted, 1)
    expect(resized(zoomed, { width: 450, height: 700 }, 1).scale).toBe(1)
  })
})

describe('zoom', () => {
  it('keeps the point under the pointer', () => {
    const start = zoomedTo(fitted, 0.5)
    const pointer = { x: 321, y: 123 }
    const before = toImage(start, pointer)
    const after = toImage(zoomedTo(start, 3, pointer), pointer)
    // The origin is rounded to a device pixel: a third of a picture's pixel at 300 %, two at 50 %.
    expect(Math.abs(after.x - before.x)).toBeLessThan(2)
    expect(Math.abs(after.y - before.y)).toBeLessThan(2)
  })

  it('ends at fit and at 800 %', () => {
    expect(zoomedTo(fitted, 1e-6).scale).toBe(fitted.scale)
    expect(zoomedTo(fitted, 1e-6).isFitted).toBe(true)
    expect(zoomedTo(fitted, 100).scale).toBe(8)
  })

  it('lets a small picture shrink to 100 %, below its fit', () => {
    const small = fittedViewport({ width: 100, height: 100 }, view, 1)
    expect(small.scale).toBe(7)
    expect(zoomedTo(small, 0.1).scale).toBe(1)
  })

  it('steps through stops and through fit', () => {
    const scales: number[] = []
    let viewport = fitted
    for (let i = 0; i < 4; i += 1) {
      viewport = zoomedStep(viewport, 1)
      scales.push(viewport.scale)
    }
    expect(scales).toEqual([1 / 6, 1 / 4, 1 / 3, 1 / 2])
    for (let i = 0; i < 10; i += 1) viewport = zoomedStep(viewport, -1)
    expect(viewport.scale).toBe(fitted.scale)
    expect(viewport.isFitted).toBe(true)
  })
})

describe('pan', () => {
  it('moves by CSS pixels, whatever the density', () => {
    const dense = zoomedTo(fittedViewport(image, view, 2), 2)
    const before = toScreen(dense, { x: 3000, y: 2000 })
    const after = toScreen(panned(dense, { x: -30, y: 12 }), { x: 3000, y: 2000 })
    expect(after.x - before.x).toBeCloseTo(-30)
    expect(after.y - before.y).toBeCloseTo(12)
  })

  it('ends at the picture’s edge, and centres what is smaller than the view', () => {
    const moved = panned(zoomedTo(fitted, 1), { x: 1e6, y: -1e6 })
    expect(visibleRegion(moved)).toEqual({ x: 0, y: 3300, width: 900, height: 700 })
    expect(panned(fitted, { x: 50, y: 50 }).centre).toEqual(fitted.centre)
  })
})

it('puts the picture on whole device pixels', () => {
  const odd = panned(zoomedTo(fittedViewport({ width: 6001, height: 4001 }, view, 1.5), 1), {
    x: 0.3,
    y: 0.7,
  })
  const origin = imageOrigin(odd)
  expect([origin.x % 1, origin.y % 1].map(Math.abs)).toEqual([0, 0])
})

it('turns points of the view into points of the picture and back', () => {
  const viewport = panned(zoomedTo(fittedViewport(image, view, 1.25), 0.7), { x: 31, y: 7 })
  const point = { x: 12.5, y: 600 }
  const back = toScreen(viewport, toImage(viewport, point))
  expect(back.x).toBeCloseTo(point.x)
  expect(back.y).toBeCloseTo(point.y)
})
