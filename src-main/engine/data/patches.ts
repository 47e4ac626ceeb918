import type { PatchData } from '../../contract/recipe.ts'
import type { Random } from '../numeric/random.ts'
import { resizeBicubic } from '../numeric/resample.ts'
import type { RgbImage } from './images.ts'
import type { Sample } from './sample.ts'

/** Luma of the sRGB family's 8-bit formats (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114] as const

/**
 * A patch: a random square of an image, which must be at least as large. A gray one has one channel. Draws, in this order: the scale (only where
 * there is a choice), top, left, the turn (one of 8 flips and quarter turns; only with `augment`), gray or colour.
 */
export function drawPatch(image: RgbImage, options: PatchData, random: Random): Sample {
  const size = sideInImage(image, options, random)
  const patch = cutPatch(image, size, options, random)
  if (size === options.patch) return patch
  const resized = resizeBicubic(patch, options.patch, options.patch).data
  // Bicubic overshoots at edges.
  return {
    ...patch,
    width: options.patch,
    height: options.patch,
    data: resized.map((value) => Math.min(1, Math.max(0, value))),
  }
}

/** Side of the square that becomes a patch, in the image's pixels. */
function sideInImage({ width, height }: RgbImage, { patch, scale }: PatchData, random: Random): number {
  const side = Math.min(width, height)
  const [low, high] = scale.map((factor) => Math.log(Math.max(factor, patch / side))) as [number, number]
  return low === high
    ? patch
    : Math.min(side, Math.round(patch / Math.exp(low + (high - low) * random.uniform())))
}

function cutPatch(image: RgbImage, size: number, options: PatchData, random: Random): Sample {
  const top = random.integer(image.height - size + 1)
  const left = random.integer(image.width - size + 1)
  const turn = options.augment ? random.integer(8) : 0
  const channels = random.uniform() < options.grayShare ? 1 : 3
  const data = new Float32Array(size * size * channels)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [row, column] = (turn & 4) === 0 ? [y, x] : [x, y]
      const sourceY = top + ((turn & 2) === 0 ? row : size - 1 - row)
      const sourceX = left + ((turn & 1) === 0 ? column : size - 1 - column)
      const from = 3 * (sourceY * image.width + sourceX)
      const [red, green, blue] = [image.data[from]!, image.data[from + 1]!, image.data[from + 2]!]
      const to = channels * (y * size + x)
      if (channels === 1) data[to] = (luma[0] * red + luma[1] * green + luma[2] * blue) / 255
      else {
        data[to] = red / 255
        data[to + 1] = green / 255
        data[to + 2] = blue / 255
      }
    }
  }
  return { width: size, height: size, channels, data }
}
