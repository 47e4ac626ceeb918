import { describe, expect, it } from 'vitest'
import { blockSteps } from '../../../src-main/engine/analysis/blocking.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { jpegRoundTrip } from '../../../src-main/engine/storage/jpeg-round-trip.ts'

const side = 160

/** Waves with noise of σ 4, gray. */
function waves(): Uint8Array {
  const random = createRandom(5)
  return Uint8Array.from({ length: side * side }, (_, i) =>
    Math.round(120 + 60 * Math.sin(i / 9) * Math.cos(i / side / 7) + 4 * random.normal()),
  )
}
const page = (data: Uint8Array, width = side, height = side) => ({
  ...{ width, height, channels: 1, data, black: 0, white: 255 },
})
const compressed = (quality: number) =>
  jpegRoundTrip(waves(), { width: side, height: side, channels: 1 }, quality)

describe('blocks of JPEG', () => {
  it('do not show in a picture that was never compressed', () => {
    expect(blockSteps(page(waves()))).toBeLessThan(0.05)
  })

  it('show the more, the lower the quality', async () => {
    const [low, high] = [blockSteps(page(await compressed(30))), blockSteps(page(await compressed(70)))]
    expect(high).toBeGreaterThan(0.1)
    expect(low).toBeGreaterThan(2 * high)
  })

  it('are found wherever the grid begins', async () => {
    const data = await compressed(40)
    const [width, height] = [side - 5, side - 3]
    const cropped = Uint8Array.from(
      { length: width * height },
      (_, i) => data[(Math.floor(i / width) + 3) * side + (i % width) + 5]!,
    )
    expect(blockSteps(page(cropped, width, height))).toBeCloseTo(blockSteps(page(data)), 0)
    expect(blockSteps(page(cropped, width, height))).toBeGreaterThan(0.3)
  })

  it('are none in a flat or a tiny picture', () => {
    expect(blockSteps(page(new Uint8Array(side * side).fill(90)))).toBe(0)
    expect(blockSteps(page(new Uint8Array(9), 3, 3))).toBe(0)
  })
})
