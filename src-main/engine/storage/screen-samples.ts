import { createCanvas, drawCurve, fillBox } from './canvas.ts'
import { sampleBytes } from './sample-files.ts'
import { curveSize } from './sheet.ts'

export interface ScreenSamples {
  width: number
  height: number
  /** 8-bit RGBA with straight alpha, one picture after the other. */
  pixels: Uint8Array
}

/**
 * A network's samples as the screen takes them; rows are drawn as curves.
 * @param shape of one: [height, width, 1 | 3 | 4], or [columns].
 * @param range of rows: values at the bottom and the top.
 */
export function screenSamples(
  values: Float32Array,
  shape: number[],
  range: readonly [number, number],
): ScreenSamples {
  if (shape.length === 1) return { ...curveSize, pixels: curvePixels(values, shape[0]!, range) }
  const [height, width, channels] = shape as [number, number, 1 | 3 | 4]
  return { width, height, pixels: toRgba(sampleBytes(values, channels), channels) }
}

function curvePixels(values: Float32Array, columns: number, range: readonly [number, number]): Uint8Array {
  const { width, height } = curveSize
  const box = { x: 0, y: 0, width, height }
  const size = 4 * width * height
  const pixels = new Uint8Array((values.length / columns) * size)
  for (let i = 0; i * columns < values.length; i++) {
    const canvas = createCanvas(width, height, [0, 0, 0])
    fillBox(canvas, box)
    drawCurve(canvas, box, values.subarray(i * columns, (i + 1) * columns), range)
    pixels.set(toRgba(canvas.data, 3), i * size)
  }
  return pixels
}

function toRgba(bytes: ArrayLike<number>, channels: number): Uint8Array {
  const pixels = new Uint8Array((4 * bytes.length) / channels)
  for (let from = 0, to = 0; from < bytes.length; from += channels, to += 4) {
    for (let c = 0; c < 3; c++) pixels[to + c] = bytes[from + (channels === 1 ? 0 : c)]!
    pixels[to + 3] = channels === 4 ? bytes[from + 3]! : 255
  }
  return pixels
}
