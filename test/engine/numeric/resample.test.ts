import { describe, expect, it } from 'vitest'
import {
  cropRaster,
  enlargeBicubic,
  reduceBicubic,
  type Raster,
} from '../../../src-main/engine/numeric/resample.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const row = (...values: number[]): Raster => ({
  width: values.length,
  height: 1,
  channels: 1,
  data: Float32Array.from(values),
})
const random = createRandom(1)
const image = (width: number, height: number, channels = 1): Raster => ({
  ...{ width, height, channels },
  data: Float32Array.from({ length: width * height * channels }, () => random.uniform()),
})
const transposed = ({ width, height, channels, data }: Raster): Raster => {
  const out = new Float32Array(data.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        out[(x * height + y) * channels + c] = data[(y * width + x) * channels + c]!
  return { width: height, height: width, channels, data: out }
}

/** What MATLAB's `imresize(row, 0.5)` weighs eight samples with: the cubic kernel at ±¼, ±¾, ±1¼, ±1¾, halved. */
const halving = [-0.01171875, -0.03515625, 0.11328125, 0.43359375]
/** And `imresize(row, 2)` four samples: the same kernel, not halved. */
const doubling = [-0.0234375, 0.2265625, 0.8671875, -0.0703125]

describe('reduceBicubic', () => {
  it('weighs samples as imresize does', () => {
    const weights = [...halving, ...halving.toReversed()]
    for (const [at, weight] of weights.entries()) {
      const impulse = row(...Array.from({ length: 16 }, (_, i) => (i === 3 + at ? 1 : 0)))
      // Sample 3 of the result lies between samples 6 and 7, and sees 3 to 10.
      expect(reduceBicubic(impulse, 2).data[3]).toBeCloseTo(weight, 7)
    }
  })

  it('mirrors the ends', () => {
    const values = [0.9, 0.2, 0.4, 0.7]
    const wide = [...values.toReversed(), ...values, ...values.toReversed()]
    const expected = reduceBicubic(row(...wide), 2).data.subarray(2, 4)
    expect([...reduceBicubic(row(...values), 2).data]).toEqual([...expected])
  })

  it.each([2, 3, 4])('gives ⌈side / %d⌉ samples at the middles of what they stand for', (factor) => {
    const { width, height, data } = reduceBicubic(image(25, 14), factor)
    expect([width, height]).toEqual([Math.ceil(25 / factor), Math.ceil(14 / factor)])
    expect(data).toHaveLength(width * height)
    const ramp = reduceBicubic(row(...Array.from({ length: 48 }, (_, i) => i)), factor)
    for (let i = 5; i < 48 / factor - 5; i++)
      expect(ramp.data[i]).toBeCloseTo(i * factor + (factor - 1) / 2, 4)
  })

  it('takes away what would alias', () => {
    const stripes = row(...Array.from({ length: 64 }, (_, i) => i % 2))
    for (const value of reduceBicubic(stripes, 2).data.subarray(2, 30)) expect(value).toBeCloseTo(0.5, 6)
  })
})

describe('enlargeBicubic', () => {
  it('weighs samples as imresize does', () => {
    for (const [at, weight] of doubling.entries()) {
      const impulse = row(...Array.from({ length: 8 }, (_, i) => (i === 2 + at ? 1 : 0)))
      // Sample 8 of the result lies a quarter before sample 4, and sees 2 to 5; sample 7 lies as far behind sample 3.
      expect(enlargeBicubic(impulse, 2).data[8]).toBeCloseTo(weight, 7)
    }
  })

  it('goes through parabolas, which a = −½ is chosen for', () => {
    const parabola = (x: number): number => 0.3 + 0.02 * x - 0.001 * x ** 2
    const enlarged = enlargeBicubic(row(...Array.from({ length: 20 }, (_, i) => parabola(i))), 3)
    for (let i = 9; i < 51; i++) expect(enlarged.data[i]).toBeCloseTo(parabola((i + 0.5) / 3 - 0.5), 5)
  })

  it('keeps what is flat, up to the corners, each channel by itself', () => {
    const flat = { width: 5, height: 3, channels: 3, data: new Float32Array(45).map((_, i) => (i % 3) / 2) }
    const { width, height, data } = enlargeBicubic(flat, 2)
    expect([width, height]).toEqual([10, 6])
    for (const [i, value] of data.entries()) expect(value).toBeCloseTo((i % 3) / 2, 6)
  })
})

describe('both', () => {
  it('treat rows and columns alike', () => {
    const picture = image(13, 8, 3)
    for (const resample of [reduceBicubic, enlargeBicubic]) {
      const turned = transposed(resample(transposed(picture), 2))
      for (const [i, value] of resample(picture, 2).data.entries())
        expect(value).toBeCloseTo(turned.data[i]!, 6)
    }
  })

  it('work on a single sample', () => {
    const one = row(0.25)
    expect([...reduceBicubic(one, 4).data]).toEqual([0.25])
    expect(enlargeBicubic(one, 2)).toMatchObject({
      width: 2,
      height: 2,
      data: new Float32Array(4).fill(0.25),
    })
  })
})

describe('cropRaster', () => {
  it('keeps the left upper part', () => {
    const data = Float32Array.from({ length: 24 }, (_, i) => i)
    const cropped = cropRaster({ width: 4, height: 3, channels: 2, data }, 3, 2)
    expect(cropped).toEqual({
      ...{ width: 3, height: 2, channels: 2 },
      data: Float32Array.of(0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13),
    })
  })
})
