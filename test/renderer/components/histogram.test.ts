import { describe, expect, it } from 'vitest'
import {
  axisOf,
  placeOf,
  sharesOf,
  spansDecades,
  ticksOf,
  valueAt,
} from '../../../src-renderer/components/histogram.ts'

describe('the axis of a histogram', () => {
  it.each([false, true])('leads from values to places and back, logarithmic: %s', (isLog) => {
    const axis = axisOf([[0.5, 3], [200]], isLog)
    expect([placeOf(axis, 0.5), placeOf(axis, 200)]).toEqual([0, 1])
    expect(valueAt(axis, placeOf(axis, 3))).toBeCloseTo(3, 9)
  })
  it('is none of zeros where it is logarithmic, and has room around one value', () => {
    expect(axisOf([[0, 1, 10]], true)).toEqual({ from: 1, to: 10, isLog: true })
    expect(axisOf([[0, 0]], true)).toEqual({ from: 0, to: 1, isLog: false })
    expect(axisOf([[4]], true)).toEqual({ from: 2, to: 6, isLog: false })
    expect(axisOf([[]], false)).toEqual({ from: 0, to: 1, isLog: false })
  })
  it('has round ticks within it', () => {
    expect(ticksOf({ from: 0, to: 1, isLog: false }, 5)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
    expect(ticksOf({ from: 0.003, to: 0.06, isLog: true }, 5)).toEqual([0.005, 0.01, 0.02, 0.05])
    expect(ticksOf({ from: 1, to: 1e6, isLog: true }, 4)).toEqual([1, 100, 10_000, 1_000_000])
  })
})

describe('bars', () => {
  it('say which share of the values lies where; what lies outside is in the outermost', () => {
    const axis = { from: 0, to: 4, isLog: false }
    expect(sharesOf([0, 1, 1.5, 4, 9, -1, 2.5, 3.5], axis, 4)).toEqual([0.25, 0.25, 0.125, 0.375])
    expect(sharesOf([], axis, 2)).toEqual([0, 0])
  })
  it('are better seen by the logarithm where a few values lie far off', () => {
    expect(spansDecades(Float32Array.of(1, 1.1, 1.2, 50))).toBe(true)
    expect(spansDecades(Float32Array.of(1, 2, 3, 4))).toBe(false)
    expect(spansDecades(Float32Array.of(0, 1, 1, 50))).toBe(false)
  })
})
