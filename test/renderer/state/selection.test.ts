import { describe, expect, it } from 'vitest'
import {
  choose,
  emptySelection,
  kept,
  neighbour,
  only,
  selectAll,
  type Selection,
} from '../../../src-renderer/state/selection.ts'

const order = ['a', 'b', 'c', 'd', 'e']
const [click, shift, ctrl] = [
  { range: false, toggle: false },
  { range: true, toggle: false },
  { range: false, toggle: true },
]
const idsOf = ({ ids }: Selection): string => [...ids].sort().join('')

describe('choosing', () => {
  it('takes one row, a range from the anchor in either direction, or single rows in and out', () => {
    const one = choose(emptySelection, order, 'c', click)
    expect(one).toEqual(only('c'))
    const down = choose(one, order, 'e', shift)
    expect([idsOf(down), down.current, down.anchor]).toEqual(['cde', 'e', 'c'])
    expect(idsOf(choose(down, order, 'a', shift))).toBe('abc')
    const out = choose(down, order, 'd', ctrl)
    expect([idsOf(out), out.current]).toEqual(['ce', 'd'])
    expect(idsOf(choose(out, order, 'a', ctrl))).toBe('ace')
    expect(idsOf(choose(out, order, 'b', { range: true, toggle: true }))).toBe('bcde')
  })

  it('takes all, and leaves what is shown where it is', () => {
    expect(selectAll(order, only('c'))).toMatchObject({ current: 'c' })
    expect(selectAll(order, emptySelection)).toMatchObject({ current: 'a', anchor: 'a' })
    expect(idsOf(selectAll(order, only('c')))).toBe('abcde')
  })

  it('steps to neighbours and stops at both ends', () => {
    expect(neighbour(only('c'), order, 1)).toBe('d')
    expect(neighbour(only('c'), order, -10)).toBe('a')
    expect(neighbour(only('c'), order, 10)).toBe('e')
    expect(neighbour(emptySelection, order, 1)).toBe('a')
    expect(neighbour(emptySelection, [], 1)).toBe(null)
  })
})

describe('when rows come and go', () => {
  it('stays as it was where nothing of it is concerned', () => {
    const selection = only('c')
    expect(kept(selection, order, ['b', 'c', 'z'])).toBe(selection)
  })

  it('moves to the row that took the place, or to the last one', () => {
    expect(kept(only('c'), order, ['a', 'b', 'd', 'e'])).toEqual(only('d'))
    expect(kept(only('e'), order, ['a', 'b'])).toEqual(only('b'))
    expect(kept(only('a'), order, [])).toEqual(emptySelection)
    expect(kept(emptySelection, [], ['x', 'y'])).toEqual(only('x'))
  })

  it('lets go of rows that are gone, and of an anchor that is', () => {
    const selection: Selection = { ids: new Set(['a', 'c']), current: 'c', anchor: 'a' }
    expect(kept(selection, order, ['b', 'c'])).toEqual({ ids: new Set(['c']), current: 'c', anchor: 'c' })
  })
})
