import type { Samples } from '../numeric/samples.ts'
import type { ImagePage } from './image.ts'

/** The samples that are 0 and 1 to a network, as shares of the full scale of integers (255 or 65535); floats as they are. */
export type Levels = [number, number]

/** The largest value of integers; 1 of floats, which have none. */
export const fullScale = (samples: Samples): number =>
  samples instanceof Uint8Array ? 255 : samples instanceof Uint16Array ? 65535 : 1

/** Black and white of a page in its own samples; those of its file where no levels were measured. */
export function levelsIn(
  { data, black, white }: Pick<ImagePage, 'data' | 'black' | 'white'>,
  levels: Levels | null | undefined,
): { black: number; white: number } {
  if (levels == null) return { black, white }
  const full = fullScale(data)
  return { black: levels[0] * full, white: levels[1] * full }
}
