import { DarkroomError } from '../../contract/errors.ts'

/**
 * Mean squared difference of two sets of samples, over all pixels and channels.
 * @throws argument-invalid when the lengths differ or are 0.
 */
export function meanSquaredError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0)
    throw new DarkroomError('argument-invalid', {
      expected: 'two images of the same size',
      received: `${a.length} and ${b.length} samples`,
    })
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum / a.length
}

/**
 * Peak signal-to-noise ratio in dB over all pixels and channels: 10 · log10(dataRange² / MSE).
 * @param dataRange white minus black: 1 for images in [0, 1], 255 for 8-bit samples.
 * @returns Infinity for equal images.
 * @throws argument-invalid when the lengths differ or are 0.
 */
export const psnr = (a: ArrayLike<number>, b: ArrayLike<number>, dataRange: number): number =>
  10 * Math.log10(dataRange ** 2 / meanSquaredError(a, b))
