import { fullScale, type Levels } from '../storage/levels.ts'
import { readTake, type ReadPictures, type ScannedImage } from './images.ts'

/** Shares of the samples that may lie below and above the range: hot pixels and the like say nothing of it. */
const outside = 0.001
/** Samples that the range is measured on, at most, evenly spread: more would move it by less than its own noise. */
const mostSamples = 2_000_000

/** The range that all but a thousandth of the samples at either end lie in. */
export async function measureLevels(images: readonly ScannedImage[], read: ReadPictures): Promise<Levels> {
  const takes = images.flatMap((image) => image.takes)
  const each = Math.ceil(mostSamples / takes.length)
  const values: number[] = []
  for (const take of takes) {
    const { data } = await readTake(read, take)
    const full = fullScale(data)
    // An odd stride takes all channels in turn, and does not follow the columns of usual widths.
    const stride = Math.max(1, Math.floor(data.length / each) | 1)
    for (let i = 0; i < data.length; i += stride) values.push(data[i]! / full)
  }
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!
  const [low, high] = [at(outside), at(1 - outside)]
  return high > low ? [low, high] : [low, low + 1]
}
