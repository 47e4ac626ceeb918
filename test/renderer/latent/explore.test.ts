import { describe, expect, it } from 'vitest'
import { codeText, readCode } from '../../../src-renderer/views/latent/explore/code-text.ts'
import {
  codeFromNoise,
  directionsOf,
  movedTo,
  positionOf,
} from '../../../src-renderer/views/latent/explore/directions.ts'
import { codeOn, gridOf, onPad } from '../../../src-renderer/views/latent/explore/pad.ts'
import { distance } from '../../../src-renderer/views/latent/codes.ts'

const half = Math.SQRT1_2
/** Three dimensions: the last one has collapsed, the second is more active than the first. */
const spread = {
  mean: [1, -1, 5],
  deviation: [0.5, 2, 0],
  kl: [0.3, 1.7, 0],
  order: [1, 0, 2],
  components: [
    { direction: [half, half, 0], deviation: 3, share: 0.9 },
    { direction: [half, -half, 0], deviation: 1, share: 0.1 },
  ],
}

describe('directions', () => {
  it('are the active dimensions, the most active first', () => {
    const found = directionsOf(spread, 'dimensions')
    expect(found.map(({ number, activity }) => [number, activity])).toEqual([
      [2, 1.7],
      [1, 0.3],
    ])
  })

  it('are the principal components, each with its share', () => {
    const found = directionsOf(spread, 'components')
    expect(found.map(({ number, activity }) => [number, activity])).toEqual([
      [1, 0.9],
      [2, 0.1],
    ])
  })

  it('tell no activity of a model without KL', () => {
    expect(directionsOf({ ...spread, kl: null }, 'dimensions')[0]!.activity).toBeNull()
  })

  it.each(['dimensions', 'components'] as const)('move a code along %s, and nowhere else', (along) => {
    const [first, second] = directionsOf(spread, along)
    const code = [2, 0.5, 5]
    const moved = movedTo(code, first!, -1.5)
    expect(positionOf(moved, first!)).toBeCloseTo(-1.5, 12)
    expect(positionOf(moved, second!)).toBeCloseTo(positionOf(code, second!), 12)
    expect(moved[2]).toBe(5)
    expect(positionOf(spread.mean, first!)).toBe(0)
  })

  it('draw from the Gaussian of the codes', () => {
    expect(codeFromNoise(spread, [0, 0])).toEqual(spread.mean)
    const drawn = codeFromNoise(spread, [2, -1])
    const [first, second] = directionsOf(spread, 'components')
    expect(positionOf(drawn, first!)).toBeCloseTo(2, 12)
    expect(positionOf(drawn, second!)).toBeCloseTo(-1, 12)
  })
})

describe('a code as text', () => {
  it('comes back as it went, to six digits', () => {
    const code = [0.123456789, -12.5, 0, 3e-9]
    const read = readCode(codeText(code), 4)
    expect(read).toEqual({ code: [0.123457, -12.5, 0, 3e-9] })
  })

  it.each([
    ['', 'ui.latent.paste.no-list'],
    ['hello', 'ui.latent.paste.no-list'],
    ['{"code": [1, 2]}', 'ui.latent.paste.no-list'],
    ['1', 'ui.latent.paste.no-list'],
    ['[1, "2"]', 'ui.latent.paste.no-numbers'],
    ['[1, null]', 'ui.latent.paste.no-numbers'],
    ['[[1, 2]]', 'ui.latent.paste.no-numbers'],
    ['[1, 1e999]', 'ui.latent.paste.no-numbers'],
  ])('that is none is refused: %s', (text, wrong) => {
    expect(readCode(text, 2)).toEqual({ wrong })
  })

  it('of another width says both widths', () => {
    expect(readCode('[1, 2, 3]', 2)).toEqual({
      wrong: 'ui.latent.paste.width',
      params: { expected: 2, received: 3 },
    })
  })
})

describe('the pad of two dimensions', () => {
  const plane = { mean: [1, -1], deviation: [0.5, 2] }

  it('has the mean in its middle, and three deviations at its edges', () => {
    expect(codeOn(plane, { x: 0.5, y: 0.5 })).toEqual([1, -1])
    // The second number grows upwards.
    expect(codeOn(plane, { x: 1, y: 0 })).toEqual([2.5, 5])
    expect(onPad(plane, [2.5, 5])).toEqual({ x: 1, y: 0 })
  })

  it('keeps a point at its edge', () => {
    expect(codeOn(plane, { x: -3, y: 0.5 })).toEqual([-0.5, -1])
    expect(onPad(plane, [100, -1])).toEqual({ x: 1, y: 0.5 })
  })

  it('shows a collapsed dimension in its middle', () => {
    expect(onPad({ mean: [1, 0], deviation: [0, 1] }, [1, 0])).toEqual({ x: 0.5, y: 0.5 })
  })

  it('has a ground of codes line by line', () => {
    const grid = gridOf(plane, 2)
    expect(grid.map((code) => onPad(plane, code))).toEqual([
      { x: 0.25, y: 0.25 },
      { x: 0.75, y: 0.25 },
      { x: 0.25, y: 0.75 },
      { x: 0.75, y: 0.75 },
    ])
  })
})

it('measures how far codes are apart', () => {
  expect(distance([1, 2, 2], [1, -1, -2])).toBe(5)
})
