import { describe, expect, it } from 'vitest'
import type { SampledPage } from '../../../src-main/engine/analysis/sampled-page.ts'
import { noiseCorrelation } from '../../../src-main/engine/analysis/whiteness.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const side = 192

/** A slope with a dark square, and noise through a filter [rows][columns] whose squares sum to 1; 8 bits. */
function picture(sigma: number, filter: number[][], channels = 3): SampledPage {
  const random = createRandom(3)
  const noise = Float32Array.from({ length: (side + 2) ** 2 * channels }, () => random.normal())
  const data = new Uint8Array(side * side * channels)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        for (const [dy, row] of filter.entries())
          for (const [dx, tap] of row.entries())
            sum += tap * noise[((y + dy) * (side + 2) + x + dx) * channels + channel]!
        const clean = x > 60 && x < 110 && y > 70 && y < 120 ? 60 : 110 + x / 4
        data[(y * side + x) * channels + channel] = Math.round(clean + sigma * sum)
      }
  return { width: side, height: side, channels, data, black: 0, white: 255 }
}

const white = [[1]]
const beside = [[Math.SQRT1_2, Math.SQRT1_2]]
const above = [[Math.SQRT1_2], [Math.SQRT1_2]]

describe('correlation of the noise of neighbours', () => {
  it.each([3, 10, 30])('is none for white noise of σ %i', (sigma) => {
    const { horizontal, vertical } = noiseCorrelation(picture(sigma, white))
    expect(Math.abs(horizontal)).toBeLessThan(0.05)
    expect(Math.abs(vertical)).toBeLessThan(0.05)
  })

  it('tells the direction in which noise is correlated', () => {
    const along = noiseCorrelation(picture(12, beside))
    expect(along.horizontal).toBeGreaterThan(0.4)
    expect(along.horizontal).toBeLessThan(0.55)
    expect(Math.abs(along.vertical)).toBeLessThan(0.06)
    const down = noiseCorrelation(picture(12, above, 1))
    expect(down.vertical).toBeGreaterThan(0.4)
    expect(Math.abs(down.horizontal)).toBeLessThan(0.1)
  })

  it('does not depend on the scale of the samples', () => {
    const bytes = picture(12, beside)
    const wide = { ...bytes, data: Uint16Array.from(bytes.data, (value) => value * 257), white: 65535 }
    expect(noiseCorrelation(wide).horizontal).toBeCloseTo(noiseCorrelation(bytes).horizontal, 6)
  })

  it('is 0 where there is no noise, or too little picture', () => {
    expect(noiseCorrelation(picture(0, white))).toEqual({ horizontal: 0, vertical: 0 })
    const small = { width: 20, height: 20, channels: 1, data: new Uint8Array(400), black: 0, white: 255 }
    expect(noiseCorrelation(small)).toEqual({ horizontal: 0, vertical: 0 })
  })
})
