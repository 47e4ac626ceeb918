import { describe, expect, it } from 'vitest'
import { scrollToShow, shownRows } from '../../../src-renderer/components/rows.ts'

describe('rows on the page', () => {
  it('are few, whatever the length of the list, and hold all that is seen', () => {
    const { from, to } = shownRows(10_000, 56, 280_010, 700)
    expect(to - from).toBeLessThan(30)
    expect(from * 56).toBeLessThanOrEqual(280_010)
    expect(to * 56).toBeGreaterThanOrEqual(280_710)
  })

  it('end with the list', () => {
    expect(shownRows(3, 56, 0, 700)).toEqual({ from: 0, to: 3 })
    expect(shownRows(10, 56, 5000, 700)).toEqual({ from: 10, to: 10 })
  })
})

it('scrolls only as far as a row needs to be seen', () => {
  expect(scrollToShow(5, 50, 0, 500)).toBe(0)
  expect(scrollToShow(12, 50, 0, 500)).toBe(150)
  expect(scrollToShow(2, 50, 400, 500)).toBe(100)
})
