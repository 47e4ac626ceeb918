import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { encodeAnimation } from '../../../src-main/engine/storage/animation.ts'
import { framePng, framesOf, tileFrames } from '../../../src-main/engine/storage/frames.ts'

/** Two samples of 2×3 with four channels: alpha 1 and 0.5, colours multiplied by it. */
const clear = Float32Array.from({ length: 48 }, (_, i) => {
  const alpha = i < 24 ? 1 : 0.5
  return i % 4 === 3 ? alpha : alpha * ((i % 5) / 4)
})

describe('frames', () => {
  it('are samples enlarged without smoothing, with straight alpha', () => {
    const [first, second] = framesOf(clear, [2, 3, 4], 2)
    expect([first!.width, first!.height]).toEqual([6, 4])
    const pixel = (frame: { data: Uint8Array }, x: number, y: number): number[] =>
      Array.from(frame.data.subarray(4 * (6 * y + x), 4 * (6 * y + x) + 4))
    expect(pixel(first!, 3, 1)).toEqual(pixel(first!, 2, 0))
    expect(pixel(first!, 2, 0)).toEqual([255, 0, 64, 255])
    expect(pixel(second!, 0, 0)).toEqual([255, 0, 64, 128])
  })

  it('of rows are curves', () => {
    const [frame] = framesOf(Float32Array.from([0, 1, 0.5]), [3])
    expect([frame!.width, frame!.height]).toEqual([160, 80])
    expect(new Set(frame!.data).size).toBeGreaterThan(10)
  })

  it('are tiled with margins, and keep their alpha in a PNG', async () => {
    const frames = framesOf(clear, [2, 3, 4])
    const tiled = tileFrames([frames, [frames[0]!]], { gap: 1, edge: 2, background: null })
    expect([tiled.width, tiled.height]).toEqual([11, 9])
    const { data, info } = await sharp(await framePng(tiled))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(info.channels).toBe(4)
    expect(new Uint8Array(data)).toEqual(tiled.data)
    const gray = await framePng(framesOf(Float32Array.from([0, 0.5, 1, 0]), [2, 2, 1])[0]!)
    expect(await sharp(gray).metadata()).toMatchObject({ channels: 1, width: 2 })
  })
})

describe('an animation', () => {
  const samples = Float32Array.from({ length: 5 * 16 }, (_, i) => Math.floor(i / 16) / 4)
  const frames = framesOf(samples, [4, 4, 1], 3)

  it.each([
    ['gif', 12, 80],
    ['webp', 12, 83],
    ['gif', 50, 20],
  ] as const)('is a %s of all its frames, at %d a second, that begins again', async (format, rate, delay) => {
    const bytes = await encodeAnimation(frames, format, rate)
    expect(await sharp(bytes, { animated: true }).metadata()).toMatchObject({
      ...{ format, pages: 5, width: 12, pageHeight: 12, loop: 0 },
      delay: [delay, delay, delay, delay, delay],
    })
  })

  it('in WebP keeps every pixel, alpha among them', async () => {
    const coloured = framesOf(clear, [2, 3, 4], 4)
    const bytes = await encodeAnimation(coloured, 'webp', 10)
    const raw = await sharp(bytes, { animated: true }).raw().toBuffer()
    expect(new Uint8Array(raw)).toEqual(Uint8Array.from([...coloured[0]!.data, ...coloured[1]!.data]))
  })
})
