import { describe, expect, it } from 'vitest'
import { estimateNoiseLine } from '../../../src-main/engine/analysis/noise-line.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

/** A smooth picture from dark to bright with noise of variance slope · x + offset. */
function noisyRamp(slope: number, offset: number) {
  const random = createRandom(1)
  const [width, height] = [256, 192]
  const data = Float32Array.from({ length: width * height }, (_, i) => {
    const x = 0.1 + (0.8 * (i % width)) / width
    return x + Math.sqrt(slope * x + offset) * random.normal()
  })
  return { width, height, channels: 1, data, black: 0, white: 1 }
}

describe('estimateNoiseLine', () => {
  it.each([
    [0.01, 0.0005],
    [0.03, -0.001],
    [0, 0.0025],
  ])('finds variance %f · x + %f', (slope, offset) => {
    const found = estimateNoiseLine(noisyRamp(slope, offset))
    for (const x of [0.2, 0.5, 0.8]) {
      const ratio = (found.slope * x + found.offset) / (slope * x + offset)
      expect(ratio).toBeGreaterThan(0.88)
      expect(ratio).toBeLessThan(1.12)
    }
  })

  it('says nothing of what is too small', () => {
    const data = new Uint8Array(64)
    expect(estimateNoiseLine({ width: 8, height: 8, channels: 1, data, black: 0, white: 255 })).toEqual({
      ...{ slope: 0, offset: 0 },
    })
  })
})
