import type { SupervisionOf } from '../../contract/recipe.ts'
import type { Random } from '../numeric/random.ts'
import type { Sample } from './sample.ts'

/** A picture with hidden pixels. */
export interface Hiding {
  /** The picture with something else in their place. */
  seen: Sample
  /** [height, width]: 1 where the loss is taken, 0 elsewhere. */
  hidden: Float32Array
}

/**
 * Hides one pixel in each cell of a grid, all its channels together, and with a structure so many neighbours to each side of it; what stands for
 * them is taken from the pixels around each that are not hidden with it (Krull et al., CVPR 2019; Broaddus et al., ISBI 2020; the median:
 * Höck et al. 2022). Draws, cell by cell: the pixel, then with `random` what stands for each.
 */
export function hidePixels(
  sample: Sample,
  { share, radius, replacement, structure }: SupervisionOf<'noise2void'>,
  random: Random,
): Hiding {
  const { width, height, channels, data } = sample
  const seen = data.slice()
  const hidden = new Float32Array(width * height)
  const cell = Math.max(1, Math.round(1 / Math.sqrt(share)))
  const reach = structure?.length ?? 0
  const [reachX, reachY] = structure?.axis === 'vertical' ? [0, reach] : [reach, 0]

  /** What is around a pixel and not hidden with the middle: places of its first channel. */
  const around = (x: number, y: number, middleX: number, middleY: number): number[] => {
    const places: number[] = []
    for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++)
      for (let column = Math.max(0, x - radius); column <= Math.min(width - 1, x + radius); column++)
        if (Math.abs(row - middleY) > reachY || Math.abs(column - middleX) > reachX)
          places.push(channels * (row * width + column))
    return places
  }
  const replace = (x: number, y: number, places: number[]): void => {
    const at = channels * (y * width + x)
    const drawn = replacement === 'random' ? places[random.integer(places.length)]! : 0
    for (let channel = 0; channel < channels; channel++)
      seen[at + channel] =
        replacement === 'random'
          ? data[drawn + channel]!
          : median(places.map((place) => data[place + channel]!))
  }

  for (let top = 0; top < height; top += cell) {
    for (let left = 0; left < width; left += cell) {
      const y = top + random.integer(Math.min(cell, height - top))
      const x = left + random.integer(Math.min(cell, width - left))
      hidden[y * width + x] = 1
      for (let row = Math.max(0, y - reachY); row <= Math.min(height - 1, y + reachY); row++)
        for (let column = Math.max(0, x - reachX); column <= Math.min(width - 1, x + reachX); column++)
          replace(column, row, around(column, row, x, y))
    }
  }
  return { seen: { ...sample, data: seen }, hidden }
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
