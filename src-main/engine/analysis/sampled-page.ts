import type { Samples } from '../numeric/samples.ts'

/** Interleaved samples and the values that are black and white: an image page without the rest. */
export interface SampledPage {
  width: number
  height: number
  channels: number
  data: Samples
  black: number
  white: number
}

/** Integers have been clipped to the range, which takes noise away near its ends; floats count as not clipped. */
export const isClipped = (page: SampledPage): boolean => !(page.data instanceof Float32Array)
