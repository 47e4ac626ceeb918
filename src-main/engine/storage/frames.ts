import sharp from 'sharp'
import { createCanvas, drawCurve, fillBox } from './canvas.ts'
import { sampleBytes } from './sample-files.ts'
import type { Colour } from './sheet.ts'

/** A picture of 8-bit RGBA with straight alpha, row-major. */
export interface Frame {
  width: number
  height: number
  data: Uint8Array
}

/** Of a curve, in pixels. */
const curveSize = { width: 160, height: 80 }

/** Of the picture that samples of this shape become at scale 1, in pixels. */
export const frameSize = ([height, width]: readonly number[]): { width: number; height: number } =>
  width === undefined ? curveSize : { width, height: height! }

/**
 * A network's samples as pictures: images [height, width, 1 | 3 | 4], rows of numbers [columns] as curves.
 * @param samples one after the other, [count, ...shape].
 * @param scale pixels for one of the image, a whole number, without smoothing; curves are not enlarged.
 * @param range values at the bottom and the top of a curve.
 */
export function framesOf(
  samples: Float32Array,
  shape: readonly number[],
  scale = 1,
  range: readonly [number, number] = [0, 1],
): Frame[] {
  const size = shape.reduce((product, side) => product * side, 1)
  return Array.from({ length: samples.length / size }, (_, i) => {
    const sample = samples.subarray(i * size, (i + 1) * size)
    return shape.length === 1 ? curveFrame(sample, range) : imageFrame(sample, shape, scale)
  })
}

function imageFrame(sample: Float32Array, shape: readonly number[], scale: number): Frame {
  const [height, width, channels] = shape as [number, number, number]
  const bytes = sampleBytes(sample, channels)
  const data = new Uint8Array(width * height * scale * scale * 4)
  let to = 0
  for (let y = 0; y < height * scale; y++) {
    const row = Math.floor(y / scale) * width
    for (let x = 0; x < width * scale; x++) {
      const from = channels * (row + Math.floor(x / scale))
      for (let c = 0; c < 3; c++) data[to++] = bytes[from + (channels === 1 ? 0 : c)]!
      data[to++] = channels === 4 ? bytes[from + 3]! : 255
    }
  }
  return { width: width * scale, height: height * scale, data }
}

function curveFrame(sample: Float32Array, range: readonly [number, number]): Frame {
  const { width, height } = curveSize
  const canvas = createCanvas(width, height, [0, 0, 0])
  const box = { x: 0, y: 0, width, height }
  fillBox(canvas, box)
  drawCurve(canvas, box, sample, range)
  const data = new Uint8Array(width * height * 4).fill(255)
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) data[4 * i + c] = canvas.data[3 * i + c]!
  return { width, height, data }
}

export interface TilingOptions {
  /** Between pictures, and around all of them, in pixels. */
  gap: number
  edge: number
  /** Null: transparent. */
  background: Colour | null
}

/** Lines of pictures of one size as one picture; a line may be shorter than the others. */
export function tileFrames(lines: Frame[][], { gap, edge, background }: TilingOptions): Frame {
  const { width: across, height: down } = lines[0]![0]!
  const columns = Math.max(...lines.map((line) => line.length))
  const width = 2 * edge + columns * (across + gap) - gap
  const height = 2 * edge + lines.length * (down + gap) - gap
  const data = new Uint8Array(width * height * 4)
  if (background !== null)
    for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : background[i % 4]!
  for (const [row, line] of lines.entries()) {
    for (const [column, frame] of line.entries()) {
      const left = edge + column * (across + gap)
      const top = edge + row * (down + gap)
      for (let y = 0; y < down; y++)
        data.set(frame.data.subarray(y * across * 4, (y + 1) * across * 4), ((top + y) * width + left) * 4)
    }
  }
  return { width, height, data }
}

/** A PNG file; gray and opaque pictures take one and three channels. */
export async function framePng({ width, height, data }: Frame): Promise<Uint8Array> {
  let isOpaque = true
  let isGray = true
  for (let i = 0; i < data.length && (isOpaque || isGray); i += 4) {
    isOpaque &&= data[i + 3] === 255
    isGray &&= data[i] === data[i + 1] && data[i] === data[i + 2]
  }
  let picture = sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: false })
  if (isOpaque) picture = picture.removeAlpha()
  if (isOpaque && isGray) picture = picture.toColourspace('b-w')
  const png = await picture.png({ compressionLevel: 9 }).toBuffer()
  return new Uint8Array(png.buffer, png.byteOffset, png.byteLength)
}
