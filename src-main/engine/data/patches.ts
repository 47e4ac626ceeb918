import type { PatchData } from '../../contract/recipe.ts'
import type { Random } from '../numeric/random.ts'
import { resizeBicubic } from '../numeric/resample.ts'
import type { Picture } from './images.ts'
import { levelsIn, type Levels } from '../storage/levels.ts'
import type { Sample } from './sample.ts'

/** Luma of the sRGB family's 8-bit formats (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114] as const

/** What of a picture a patch is. */
export interface Square {
  /** The first pixel, in pixels of the picture. */
  top: number
  left: number
  /** Pixels a side, each so many pixels of the picture from the next. */
  size: number
  step: number
  /** One of the 8 flips and quarter turns: bits for mirrored columns, mirrored rows and exchanged axes. */
  turn: number
}

export interface Cutting {
  channels: 1 | 3
  levels: Levels | null
}

export interface Drawing extends Cutting {
  /** Of a network that is applied to every nth pixel; 1 for all others. */
  step: number
  /** Rows stay rows. */
  keepsAxes: boolean
}

/**
 * Draws a square of a picture, which must be at least as large. Draws, in this order: the scale (only where there is a choice), which of every
 * nth pixels (only with a step), top, left, the turn (only with `augment`).
 */
export function drawSquare(
  image: Pick<Picture, 'width' | 'height'>,
  options: PatchData,
  { step, keepsAxes }: Pick<Drawing, 'step' | 'keepsAxes'>,
  random: Random,
): Square {
  const size = sideInImage(image, options, random)
  const [down, right] = step === 1 ? [0, 0] : [random.integer(step), random.integer(step)]
  const places = (side: number, from: number): number => Math.floor((side - from - 1) / step) + 2 - size
  const top = down + step * random.integer(places(image.height, down))
  const left = right + step * random.integer(places(image.width, right))
  return { top, left, size, step, turn: options.augment ? random.integer(keepsAxes ? 4 : 8) : 0 }
}

/**
 * A patch: a random square of a picture, brought to the recipe's side. A gray one has one channel. Draws what `drawSquare` draws, then gray or
 * colour.
 */
export function drawPatch(image: Picture, options: PatchData, drawing: Drawing, random: Random): Sample {
  const square = drawSquare(image, options, drawing, random)
  const isGray = random.uniform() < options.grayShare
  const patch = cutSquare(image, square, { ...drawing, channels: isGray ? 1 : drawing.channels })
  const { patch: side } = options
  if (square.size === side) return patch
  const { data } = resizeBicubic(patch, side, side)
  // Bicubic overshoots at edges.
  const clipped = data.map((value) => Math.min(1, Math.max(0, value)))
  return { ...patch, width: side, height: side, data: clipped }
}

/** Side of the square that becomes a patch, in the image's pixels. */
function sideInImage(
  { width, height }: Pick<Picture, 'width' | 'height'>,
  { patch, scale }: PatchData,
  random: Random,
): number {
  const side = Math.min(width, height)
  const [low, high] = scale.map((factor) => Math.log(Math.max(factor, patch / side))) as [number, number]
  return low === high
    ? patch
    : Math.min(side, Math.round(patch / Math.exp(low + (high - low) * random.uniform())))
}

/** A square of a picture, black 0 and white 1: colour becomes gray by its luma, gray is repeated. */
export function cutSquare(
  image: Picture,
  { top, left, size, step, turn }: Square,
  { channels, levels }: Cutting,
): Sample {
  const { black, white } = levelsIn(image, levels)
  const range = white - black || 1
  const own = image.channels
  const samples = image.data
  const data = new Float32Array(size * size * channels)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [row, column] = (turn & 4) === 0 ? [y, x] : [x, y]
      const sourceY = top + step * ((turn & 2) === 0 ? row : size - 1 - row)
      const sourceX = left + step * ((turn & 1) === 0 ? column : size - 1 - column)
      const from = own * (sourceY * image.width + sourceX)
      const to = channels * (y * size + x)
      if (channels === 1 && own === 3) {
        const [red, green, blue] = [samples[from]!, samples[from + 1]!, samples[from + 2]!]
        data[to] = (luma[0] * red + luma[1] * green + luma[2] * blue - black) / range
      } else
        for (let channel = 0; channel < channels; channel++)
          data[to + channel] = (samples[from + (own === 1 ? 0 : channel)]! - black) / range
    }
  }
  return { width: size, height: size, channels, data }
}

/** The middle of a picture, or of every nth pixel of it. */
export function cutCentre(
  image: Picture,
  size: number,
  { step, ...cutting }: Omit<Drawing, 'keepsAxes'>,
): Sample {
  const start = (side: number): number => (side - size * step) >> 1
  const square = { top: start(image.height), left: start(image.width), size, step, turn: 0 }
  return cutSquare(image, square, cutting)
}
