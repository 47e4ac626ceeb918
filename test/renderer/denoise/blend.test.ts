import { expect, it } from 'vitest'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { blend, residual, type Shares } from '../../../src-renderer/views/denoise/viewer/blend.ts'

const random = createRandom(11)
const pixels = (count: number): Uint8ClampedArray =>
  Uint8ClampedArray.from({ length: count * 4 }, () => Math.floor(random.uniform() * 256))
const noisy = pixels(500)
const denoised = pixels(500)

/** The formula as it is written in the docstring, a pixel at a time, with a rounding and a clamp at the end. */
function change(at: number, shares: Shares): number[] {
  const d = [0, 1, 2].map((channel) => denoised[at + channel]! - noisy[at + channel]!)
  const luma = 0.2126 * d[0]! + 0.7152 * d[1]! + 0.0722 * d[2]!
  return d.map((value) => shares.grain * luma + shares.colour * (value - luma))
}
const asByte = (value: number): number => Math.min(Math.max(value, 0), 255)

const cases: Shares[] = [
  { grain: 1, colour: 1 },
  { grain: 0, colour: 0 },
  { grain: 0.37, colour: 0.37 },
  { grain: 0.2, colour: 1 },
  { grain: 1, colour: 0 },
]

it.each(cases)('blends as the formula says: %o', (shares) => {
  const out = new Uint8ClampedArray(noisy.length)
  blend(noisy, denoised, shares, out)
  for (let i = 0; i < noisy.length; i += 4) {
    const expected = change(i, shares)
    // Half a step for the rounding, and what integers with 16 bits behind the point may be off.
    for (const c of [0, 1, 2])
      expect(Math.abs(out[i + c]! - asByte(noisy[i + c]! + expected[c]!))).toBeLessThan(0.51)
    expect(out[i + 3]).toBe(noisy[i + 3])
  }
})

it('gives both ends exactly: the noisy picture at 0, the denoised one at 1', () => {
  const out = new Uint8ClampedArray(noisy.length)
  blend(noisy, denoised, { grain: 0, colour: 0 }, out)
  expect(out).toEqual(noisy)
  blend(noisy, denoised, { grain: 1, colour: 1 }, out)
  expect(out.filter((_, i) => i % 4 !== 3)).toEqual(denoised.filter((_, i) => i % 4 !== 3))
})

it.each(cases)('shows what is removed around mid-gray: %o', (shares) => {
  const out = new Uint8ClampedArray(noisy.length)
  residual(noisy, denoised, shares, 4, out)
  for (let i = 0; i < noisy.length; i += 4) {
    const expected = change(i, shares)
    for (const c of [0, 1, 2])
      // Four times as much of the same.
      expect(Math.abs(out[i + c]! - asByte(128 - 4 * expected[c]!))).toBeLessThan(0.54)
    expect(out[i + 3]).toBe(255)
  }
})
