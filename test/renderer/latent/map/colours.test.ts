import { describe, expect, it } from 'vitest'
import type { Clusters, LatentMap, MapColumn } from '../../../../src-main/contract/latent.ts'
import {
  clusterColumn,
  colouringOf,
  paletteOf,
  shownItems,
} from '../../../../src-renderer/views/latent/map/colours.ts'

const mapWith = (...columns: MapColumn[]) => ({ columns }) as unknown as LatentMap
const label: MapColumn = {
  ...{ id: 'label', name: 'label', kind: 'category', names: ['bag', 'boot'] },
  values: Int32Array.from([1, 0, -1, 1]),
}

describe('colours of the points', () => {
  it('are those of the categories, with one more for points that have none', () => {
    const colouring = colouringOf(mapWith(label), null, 'label')!
    expect([...colouring.of]).toEqual([1, 0, 2, 1])
    expect(colouring.groups.map(({ name, count }) => [name, count])).toEqual([
      ['bag', 1],
      ['boot', 2],
      [null, 1],
    ])
    const all = colouringOf(mapWith({ ...label, values: Int32Array.from([0, 1]) }), null, 'label')!
    expect(all.groups).toHaveLength(2)
  })

  it('cut values into steps that a few far ones do not stretch', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => i / 1000)
    values[0] = -500
    values[1] = NaN
    values[999] = 1e6
    const colouring = colouringOf(mapWith({ id: 'error', name: '', kind: 'number', values }), null, 'error')!
    const valued = colouring.groups.filter(({ range }) => range !== null)
    expect(valued).toHaveLength(8)
    for (const { count } of valued) expect(count).toBeGreaterThan(100)
    expect(valued[0]!.range![0]).toBe(-500)
    expect(valued.at(-1)!.range![1]).toBe(1e6)
    expect(colouring.groups.at(-1)).toMatchObject({ name: null, range: null, count: 1 })
    expect(colouring.of[999]).toBe(7)
  })

  it('are one where all values are the same, or none is known', () => {
    const same: MapColumn = { id: 'x', name: 'x', kind: 'number', values: Float32Array.from([2, 2]) }
    expect(colouringOf(mapWith(same), null, 'x')!.groups).toMatchObject([{ range: [2, 2], count: 2 }])
    const none: MapColumn = { id: 'x', name: 'x', kind: 'number', values: Float32Array.from([NaN, NaN]) }
    expect(colouringOf(mapWith(none), null, 'x')!.groups).toMatchObject([{ name: null, count: 2 }])
    expect(colouringOf(mapWith(), null, 'x')).toBeNull()
  })

  it('are those of clusters, with noise apart', () => {
    const clusters = { sizes: [2, 1], of: Int32Array.from([0, 1, -1, 0]) } as unknown as Clusters
    const colouring = colouringOf(mapWith(), clusters, clusterColumn)!
    expect(colouring.groups.map(({ name }) => name)).toEqual(['1', '2', null])
    expect([...colouring.of]).toEqual([0, 1, 2, 0])
  })

  it('leave out what the legend hides', () => {
    const colouring = colouringOf(mapWith(label), null, 'label')!
    expect(shownItems(colouring, new Set())).toBeNull()
    expect(shownItems(colouring, new Set([1]))).toEqual([1, 2])
  })
})

/** Relative luminance by WCAG. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe.each([
  ['light', '#dcdcdc'],
  ['dark', '#191919'],
] as const)('the palette of the %s theme', (name, ground) => {
  const names = Array.from({ length: 10 }, (_, i) => String(i))
  const ten = colouringOf(
    mapWith({ id: 'label', name: '', kind: 'category', names, values: Int32Array.from(names, Number) }),
    null,
    'label',
  )!

  it('has ten colours that differ, each seen on the ground', () => {
    const palette = paletteOf(ten, name)
    expect(new Set(palette).size).toBe(10)
    for (const colour of palette) {
      const [a, b] = [luminance(colour), luminance(ground)].sort((x, y) => y - x) as [number, number]
      expect((a + 0.05) / (b + 0.05), colour).toBeGreaterThan(2)
    }
  })

  it('rises in lightness along values', () => {
    const values = Float32Array.from({ length: 80 }, (_, i) => i)
    const colouring = colouringOf(mapWith({ id: 'x', name: '', kind: 'number', values }), null, 'x')
    const lights = paletteOf(colouring, name).map(luminance)
    expect([...lights].sort((a, b) => a - b)).toEqual(lights)
    expect(paletteOf(null, name)).toHaveLength(1)
  })
})
