import { framesOf, type Frame } from '../storage/frames.ts'
import { rangeOf } from '../storage/sheet.ts'
import { heatFrame, overlaid, resizedBy } from './heat.ts'
import type { Judged } from './judge.ts'

/** Pictures of one unit: of images in their own size, of rows curves on one scale, so that the two can be compared. */
export interface Pictures {
  sample: Frame
  reconstruction: Frame
  /** Null of rows. */
  heat: Frame | null
}

export function picturesOf(
  { sample, reconstruction, shape, heat }: Omit<Judged, 'unit' | 'score'>,
  scale: readonly [number, number],
): Pictures {
  const range = shape.length === 1 ? rangeOf([sample, reconstruction]) : undefined
  const [height, width] = shape
  return {
    sample: framesOf(sample, shape, 1, range)[0]!,
    reconstruction: framesOf(reconstruction, shape, 1, range)[0]!,
    heat: heat && heatFrame(heat, height!, width!, scale),
  }
}

/** The sample with its heat map over it; of rows the sample alone. */
export const withHeat = ({ sample, heat }: Pictures): Frame =>
  heat === null ? sample : overlaid(sample, heat)

/** Enlarged or reduced by a whole number, to about `side` and no more. */
export function fitted(frame: Frame, side: number): Frame {
  const longest = Math.max(frame.width, frame.height)
  return resizedBy(frame, longest <= side ? Math.floor(side / longest) : 1 / Math.ceil(longest / side))
}
