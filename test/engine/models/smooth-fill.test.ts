import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { smoothFill } from '../../../src-main/engine/models/smooth-fill.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'

const side = 64
const at = (i: number) => ({ x: Math.floor(i / 3) % side, y: Math.floor(i / 3 / side) })
const picture = (shade: (x: number, y: number, channel: number) => number): Float32Array =>
  Float32Array.from({ length: side * side * 3 }, (_, i) => shade(at(i).x, at(i).y, i % 3))
const holes = (isHole: (x: number, y: number) => boolean): Float32Array =>
  Float32Array.from({ length: side * side }, (_, i) => Number(isHole(i % side, Math.floor(i / side))))

function fill(data: Float32Array, mask: Float32Array, levels = 3): Float32Array {
  return tf.tidy(() => {
    const inputs = [tf.tensor4d(data, [1, side, side, 3]), tf.tensor4d(mask, [1, side, side, 1])] as const
    return smoothFill(...inputs, levels).dataSync<'float32'>()
  })
}

beforeAll(() => tf.setBackend('cpu'))

describe('smoothFill', () => {
  const block = holes((x, y) => x >= 20 && x < 37 && y >= 11 && y < 30)

  it('keeps known pixels to the bit, whatever hides behind the others', () => {
    const random = createRandom(1)
    const noise = picture(() => random.uniform())
    const filled = fill(noise, block)
    const isKnown = (_: number, i: number): boolean => block[Math.floor(i / 3)] === 0
    expect(filled.filter(isKnown)).toEqual(noise.filter(isKnown))
    expect(
      fill(
        noise.map((value, i) => (isKnown(0, i) ? value : 7)),
        block,
      ),
    ).toEqual(filled)
  })

  it('goes on with what is flat, also at the edges of a picture', () => {
    const flat = picture((_x, _y, channel) => 0.2 + 0.3 * channel)
    const corner = holes((x, y) => x < 20 && y > 50)
    for (const mask of [block, corner])
      for (const [i, value] of fill(flat, mask).entries())
        expect(Math.abs(value - flat[i]!)).toBeLessThan(1e-5)
  })

  it('follows a shade across a hole, without steps', () => {
    const shade = picture((x) => x / side)
    const filled = fill(shade, block)
    const row = Array.from({ length: 19 }, (_, i) => filled[3 * (20 * side + 19 + i)]!)
    for (const [i, value] of row.entries()) {
      expect(Math.abs(value - (19 + i) / side)).toBeLessThan(0.08)
      if (i > 0) expect(value - row[i - 1]!).toBeGreaterThan(-0.001)
    }
  })

  it('takes the mean of what is known where nothing is near, and black where nothing is known at all', () => {
    const half = picture((x) => (x === 0 ? 0.4 : 0))
    // One column is known, at one level: its blur does not reach the other side.
    const all = holes((x) => x > 0)
    const filled = fill(half, all, 1)
    expect(filled[3 * (32 * side + 63)]).toBeCloseTo(0.4, 3)
    expect(
      new Set(
        fill(
          half,
          holes(() => true),
        ),
      ),
    ).toEqual(new Set([0]))
  })
})
