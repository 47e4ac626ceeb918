import sharp from 'sharp'
import type { Frame } from './frames.ts'

export const animationFormats = ['gif', 'webp'] as const
export type AnimationFormat = (typeof animationFormats)[number]

/**
 * Pictures of one size as an animation that begins again for ever. WebP keeps every pixel, alpha among them; GIF has 256 colours and shows a
 * pixel or does not.
 * @param rate pictures a second; GIF counts time in hundredths of a second.
 */
export async function encodeAnimation(
  frames: Frame[],
  format: AnimationFormat,
  rate: number,
): Promise<Uint8Array> {
  const { width, height } = frames[0]!
  const bytes = width * height * 4
  const data = new Uint8Array(bytes * frames.length)
  frames.forEach((frame, i) => data.set(frame.data, i * bytes))
  // As one tall picture with a page for each.
  const raw = { width, height: height * frames.length, channels: 4, pageHeight: height } as const
  const pages = sharp(data, { raw, limitInputPixels: false })
  const unit = format === 'gif' ? 10 : 1
  const timing = { delay: frames.map(() => Math.round(1000 / rate / unit) * unit), loop: 0 }
  const encoded = await (
    format === 'gif'
      ? pages.gif({ ...timing, dither: 0, effort: 7, keepDuplicateFrames: true })
      : pages.webp({ ...timing, lossless: true, exact: true, effort: 4 })
  ).toBuffer()
  return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength)
}
