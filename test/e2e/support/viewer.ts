import type { Page } from 'playwright-core'

/** What is painted of the picture: RGBA samples of the smallest rectangle that holds it. */
export interface Painted {
  width: number
  height: number
  samples: Uint8Array
}

/** The pixels of the compare viewer's canvas, without the empty space around them. */
export async function painted(page: Page): Promise<Painted> {
  const { width, height, base64 } = await page
    .getByRole('region', { name: 'Compare' })
    .locator('canvas')
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement
      // A copy: reading the canvas itself would change how the browser keeps it.
      const copy = new OffscreenCanvas(canvas.width, canvas.height)
      const context = copy.getContext('2d', { willReadFrequently: true })!
      context.drawImage(canvas, 0, 0)
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
      let [left, top, right, bottom] = [canvas.width, canvas.height, 0, 0]
      for (let y = 0; y < canvas.height; y += 1)
        for (let x = 0; x < canvas.width; x += 1)
          if (data[4 * (y * canvas.width + x) + 3]! > 0) {
            left = Math.min(left, x)
            right = Math.max(right, x + 1)
            top = Math.min(top, y)
            bottom = Math.max(bottom, y + 1)
          }
      if (right <= left) return { width: 0, height: 0, base64: '' }
      const [width, height] = [right - left, bottom - top]
      const part = context.getImageData(left, top, width, height).data
      let text = ''
      for (let at = 0; at < part.length; at += 32768)
        text += String.fromCharCode(...part.subarray(at, at + 32768))
      return { width, height, base64: btoa(text) }
    })
  return { width, height, samples: new Uint8Array(Buffer.from(base64, 'base64')) }
}

/** Some columns of what is painted, as RGB. */
export function columns({ width, height, samples }: Painted, from: number, to: number): Uint8Array {
  const part = new Uint8Array((to - from) * height * 3)
  for (let y = 0, at = 0; y < height; y += 1)
    for (let x = from; x < to; x += 1)
      for (let channel = 0; channel < 3; channel += 1) part[at++] = samples[4 * (y * width + x) + channel]!
  return part
}

export const rgbOf = (picture: Painted): Uint8Array => columns(picture, 0, picture.width)
