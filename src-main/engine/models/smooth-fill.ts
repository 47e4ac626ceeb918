import {
  add,
  avgPool,
  concat,
  conv2d,
  conv2dTranspose,
  div,
  maximum,
  mean,
  mul,
  split,
  sub,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core'
import { constant } from '../backend/constant.ts'

/** Taps of a Gaussian of 2½ pixels, as far as it counts, and of a triangle, which makes enlargement by repetition bilinear. */
const wide = Array.from({ length: 13 }, (_, i) => Math.exp(-((i - 6) ** 2) / (2 * 2.5 ** 2)))
const narrow = [1, 2, 1]
/** Weight of the picture's mean, for what lies too far from anything that is known. */
const farWeight = 1e-4
const tiny = 1e-6

/** Pixels, to each side, that a filled one depends on at that many levels; what lies farther away hardly counts. */
export const fillReach = (levels: number): number => 6 * 2 ** levels

/**
 * Fills missing pixels smoothly from the known ones: averages over 2×2 pixels of which only the known ones count, level by level, then
 * back, each level giving what the finer one does not know (pull–push: Gortler et al., "The lumigraph", SIGGRAPH 1996). Known pixels stay as
 * they are, to the bit. Only for inputs: gradients do not go through it.
 *
 * Colours are carried multiplied by the share of known pixels, and the share beside them as a fourth channel, so that whatever averages them
 * needs only be divided by it.
 * @param picture [N, H, W, 3]; its missing pixels are not read
 * @param mask [N, H, W, 1], 1 where pixels are missing
 * @param levels H and W are multiples of 2^levels
 */
export function smoothFill(picture: Tensor4D, mask: Tensor4D, levels: number): Tensor4D {
  const known = sub(1, mask)
  const pyramid: Tensor4D[] = [concat([mul(picture, known), known], 3) as Tensor4D]
  for (let level = 0; level < levels; level++) pyramid.push(avgPool(pyramid[level]!, 2, 2, 'valid'))

  const coarsest = pyramid[levels]!
  let filling = normalised(add(blurred(coarsest, wide), mul(mean(coarsest, [1, 2], true), farWeight)))
  for (let level = levels; level > 0; level--) {
    const finer = pyramid[level - 1]!.shape
    const enlarged = conv2dTranspose(completed(pyramid[level]!, filling), repetition(), finer, 2, 'valid')
    filling = normalised(blurred(enlarged, narrow))
  }
  return split(completed(pyramid[0]!, filling), [3, 1], 3)[0] as Tensor4D
}

const shareOf = (x: Tensor4D): Tensor => split(x, [3, 1], 3)[1]!

/** Where a share is missing, so much of the filling. */
const completed = (x: Tensor4D, filling: Tensor): Tensor4D => add(x, mul(sub(1, shareOf(x)), filling))

const normalised = (x: Tensor4D): Tensor => div(x, maximum(shareOf(x), tiny))

function blurred(x: Tensor4D, taps: number[]): Tensor4D {
  const rows = conv2d(x, filter(taps, [taps.length, 1]), 1, 'same')
  return conv2d(rows, filter(taps, [1, taps.length]), 1, 'same')
}

/** The kernel [h, w, 4, 4] that applies taps to each channel by itself. */
function filter(taps: number[], [height, width]: [number, number]): Tensor4D {
  const total = taps.reduce((sum, tap) => sum + tap, 0)
  const values = taps.flatMap((tap) => Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? tap / total : 0)))
  return constant(values, [height, width, 4, 4]) as Tensor4D
}

/** The kernel that makes each pixel four of them. */
const repetition = (): Tensor4D =>
  constant(
    Array.from({ length: 64 }, (_, i) => ((i % 16) % 5 === 0 ? 1 : 0)),
    [2, 2, 4, 4],
  ) as Tensor4D
