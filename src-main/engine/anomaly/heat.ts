import { heatColour } from '../../contract/heat-colours.ts'
import { blurPlane } from '../numeric/blur.ts'
import type { Frame } from '../storage/frames.ts'

/*
 * Heat maps: where in an image its errors are. [height, width], in the unit of the score, smoothed.
 */

/** A Gaussian of this share of the network's input, in σ, smooths them: single pixels are noise, and a defect is larger. */
const smoothing = 1 / 16

/** Standard deviation of the smoothing, in pixels. @param input [height, width, channels] of the network */
export const heatSigma = ([height, width]: readonly number[]): number => smoothing * Math.min(height!, width!)

/** Smooths a map [height, width] by a Gaussian. What is negative afterwards is nothing. */
export const smoothed = (map: Float32Array, height: number, width: number, sigma: number): Float32Array =>
  blurPlane(map, height, width, sigma).map((value) => Math.max(0, value))

/** A heat map in its colours. @param scale what is shown as nothing, and as most */
export function heatFrame(
  heat: Float32Array,
  height: number,
  width: number,
  [low, high]: readonly [number, number],
): Frame {
  const data = new Uint8Array(4 * width * height)
  for (const [i, value] of heat.entries()) data.set(heatColour((value - low) / (high - low || 1)), 4 * i)
  return { width, height, data }
}

/** A picture with another one of its size over it. */
export function overlaid(below: Frame, above: Frame): Frame {
  const data = below.data.slice()
  for (let i = 0; i < data.length; i += 4) {
    const opacity = above.data[i + 3]! / 255
    for (let c = i; c < i + 3; c++) data[c] = Math.round(above.data[c]! * opacity + data[c]! * (1 - opacity))
    data[i + 3] = Math.max(data[i + 3]!, above.data[i + 3]!)
  }
  return { ...below, data }
}

/** A picture enlarged by a whole number without smoothing, or reduced by one with the mean of its pixels. */
export function resizedBy(frame: Frame, factor: number): Frame {
  if (factor === 1) return frame
  const enlarges = factor > 1
  const block = enlarges ? 1 : Math.round(1 / factor)
  const size = (side: number): number => (enlarges ? side * factor : Math.max(1, Math.floor(side / block)))
  const [width, height] = [size(frame.width), size(frame.height)]
  const data = new Uint8Array(4 * width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [left, top] = enlarges ? [Math.floor(x / factor), Math.floor(y / factor)] : [x * block, y * block]
      for (let c = 0; c < 4; c++) {
        let sum = 0
        for (let dy = 0; dy < block; dy++)
          for (let dx = 0; dx < block; dx++)
            sum += frame.data[4 * ((top + dy) * frame.width + left + dx) + c] ?? 0
        data[4 * (y * width + x) + c] = Math.round(sum / block ** 2)
      }
    }
  return { width, height, data }
}
