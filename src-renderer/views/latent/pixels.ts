import type { DecodedCodes } from '../../../src-main/contract/latent.ts'

/** Pixels up to which a side counts as small: it is shown with hard edges. */
const smallSide = 128

/** Whether pictures of this shape are enlarged with hard pixels; curves and large pictures are smoothed. */
export const isPixelated = (input: readonly number[]): boolean =>
  input.length === 3 && Math.max(input[0]!, input[1]!) <= smallSide

/** One of the pictures. */
export function pictureAt({ width, height, pixels }: DecodedCodes, index: number): ImageData {
  const length = width * height * 4
  return new ImageData(
    new Uint8ClampedArray(pixels.subarray(index * length, (index + 1) * length)),
    width,
    height,
  )
}

/** All pictures side by side, `columns` a line; what is left of the last line is clear. */
export function sheetOf(decoded: DecodedCodes, columns: number): ImageData {
  const { count, width, height } = decoded
  const sheet = new ImageData(columns * width, Math.ceil(count / columns) * height)
  for (let index = 0; index < count; index++) {
    const left = (index % columns) * width
    const top = Math.floor(index / columns) * height
    for (let y = 0; y < height; y++) {
      const from = (index * height + y) * width * 4
      sheet.data.set(decoded.pixels.subarray(from, from + width * 4), ((top + y) * sheet.width + left) * 4)
    }
  }
  return sheet
}

/** The pixels on the way from one picture to another. @param share 0: the first, 1: the second */
export function blended(a: ImageData, b: ImageData, share: number): ImageData {
  const blend = new ImageData(a.width, a.height)
  for (let at = 0; at < blend.data.length; at++)
    blend.data[at] = Math.round(a.data[at]! * (1 - share) + b.data[at]! * share)
  return blend
}
