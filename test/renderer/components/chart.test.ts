import { describe, expect, it } from 'vitest'
import { hasPositive, roomy, thinned, valueUpTo } from '../../../src-renderer/components/chart.ts'

describe('a chart', () => {
  it('reads at a place the last value up to it', () => {
    const values = [null, 2, null, null, 5]
    expect([0, 1, 3, 4, 99].map((place) => valueUpTo(values, place))).toEqual([null, 2, 2, 5, 5])
  })

  it('lists of many rows some, the first and the last among them', () => {
    expect(thinned(3, 100)).toEqual([0, 1, 2])
    const places = thinned(20_000, 100)
    expect(places).toHaveLength(100)
    expect([places[0], places.at(-1)]).toEqual([0, 19_999])
  })

  it('has a logarithmic axis where something is above zero', () => {
    expect(hasPositive([{ values: [null, -1] }, { values: [0, 0.5] }])).toBe(true)
    expect(hasPositive([{ values: [null, -1, 0] }])).toBe(false)
  })

  it.each([
    [null, null, [0, 1]],
    [1, 2, [1, 2]],
    [10, 10, [9, 11]],
    [0, 0, [-1, 1]],
  ])('has room around %s to %s', (least, most, expected) => {
    expect(roomy(least, most)).toEqual(expected)
  })
})
