import { describe, expect, it } from 'vitest'
import { blendPixels, codePath, lerp, slerp } from '../../src-main/contract/interpolate.ts'

const code = (...values: number[]): Float32Array => Float32Array.from(values)
const close = (values: ArrayLike<number>, expected: number[], digits = 5): void =>
  Array.from(expected.keys()).forEach((i) => expect(values[i]!).toBeCloseTo(expected[i]!, digits))
const norm = (values: Float32Array): number => Math.hypot(...values)

describe('between two codes', () => {
  it('a line is the weighted mean', () => {
    close(lerp(code(0, 4, -2), code(8, 0, 2), 0.25), [2, 3, -1])
  })

  it('an arc is (sin (1 − t) Ω a + sin t Ω b) / sin Ω, and keeps the norm', () => {
    close(slerp(code(2, 0), code(0, 2), 1 / 3), [2 * Math.cos(Math.PI / 6), 2 * Math.sin(Math.PI / 6)])
    const [a, b, t] = [code(1, 2, 2), code(-2, 1, 2), 0.3]
    const angle = Math.acos(4 / 9)
    const [p, q] = [Math.sin(0.7 * angle) / Math.sin(angle), Math.sin(0.3 * angle) / Math.sin(angle)]
    close(slerp(a, b, t), [p - 2 * q, 2 * p + q, 2 * p + 2 * q])
    expect(norm(slerp(a, b, 0.5))).toBeCloseTo(3, 5)
  })

  it.each([
    ['of one direction', code(1, 1), code(2, 2)],
    ['of opposite directions', code(1, 1), code(-1, -1)],
    ['from zero', code(0, 0), code(3, 1)],
  ])('an arc %s is a line', (_, a, b) => {
    expect(slerp(a, b, 0.4)).toEqual(lerp(a, b, 0.4))
  })
})

describe('a path', () => {
  const corners = code(1, 0, 0, 3, -3, 0)
  const lengths = ({ codes, count }: { codes: Float32Array; count: number }): number[] =>
    Array.from({ length: count - 1 }, (_, i) =>
      Math.hypot(codes[2 * i + 2]! - codes[2 * i]!, codes[2 * i + 3]! - codes[2 * i + 1]!),
    )

  it('goes over its anchors, each once, in equally long steps', () => {
    const path = codePath(corners, 2, { steps: 5, mode: 'slerp', loop: false })
    expect(path.count).toBe(9)
    close(path.codes.subarray(0, 2), [1, 0])
    close(path.codes.subarray(8, 10), [0, 3])
    close(path.codes.subarray(16, 18), [-3, 0])
    expect(path.straightened).toBe(0)
    // So many that the chords are as long as their arcs; norms of 1 and 3 would make them three times as long at one end.
    const steps = lengths(codePath(corners, 2, { steps: 65, mode: 'slerp', loop: false })).slice(0, 64)
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.01)
  })

  it('goes back to the first, which is not shown again', () => {
    const path = codePath(corners, 2, { steps: 4, mode: 'lerp', loop: true })
    expect(path.count).toBe(9)
    close(path.codes.subarray(16, 18), [-3 + 8 / 3, 0])
    expect(path.places.at(-1)).toMatchObject({ from: 2, to: 0 })
  })

  it('says where there was no arc', () => {
    expect(codePath(corners, 2, { steps: 3, mode: 'slerp', loop: true }).straightened).toBe(1)
  })

  it('has a blend of pixels at the same places', () => {
    const path = codePath(corners, 2, { steps: 3, mode: 'lerp', loop: false })
    close(blendPixels(code(0, 1, 0.5), 1, path), [0, 0.5, 1, 0.75, 0.5])
  })
})
