import sharp from 'sharp'
import type { Canvas } from './canvas.ts'
import type { Colour } from './sheet.ts'

/** How much of each pixel a text covers, 0–255, row-major. */
export interface TextMask {
  width: number
  height: number
  cover: Uint8Array
}

/**
 * A line of text in the system's sans-serif font, in any script that it has.
 * @param size of the letters, in pixels.
 */
export async function textMask(text: string, size: number): Promise<TextMask> {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="black">${escaped || ' '}</span>`,
      font: `sans ${size}`,
      dpi: 72,
      rgba: true,
    },
  })
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    width: info.width,
    height: info.height,
    cover: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }
}

/** Draws text with its left upper corner at a place; what lies outside of the canvas is cut off. @param halo pixels around the letters */
export function drawText(
  canvas: Canvas,
  { width, height, cover }: TextMask,
  left: number,
  top: number,
  colour: Colour,
  halo: { colour: Colour; reach: number } | null = null,
): void {
  const stamp = (dx: number, dy: number, ink: Colour): void => {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        blend(canvas, Math.round(left) + x + dx, Math.round(top) + y + dy, ink, cover[y * width + x]! / 255)
  }
  if (halo !== null)
    for (let dy = -halo.reach; dy <= halo.reach; dy++)
      for (let dx = -halo.reach; dx <= halo.reach; dx++) stamp(dx, dy, halo.colour)
  stamp(0, 0, colour)
}

/** A disc with a smooth edge, blended over what is there. Centre and radius in pixels, which need not be whole. */
export function drawDisc(
  canvas: Canvas,
  x: number,
  y: number,
  radius: number,
  colour: Colour,
  opacity: number,
): void {
  const reach = radius + 0.5
  for (let row = Math.floor(y - reach); row <= y + reach; row++)
    for (let column = Math.floor(x - reach); column <= x + reach; column++) {
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y)
      const share = Math.max(0, Math.min(1, reach - distance))
      blend(canvas, column, row, colour, share * opacity)
    }
}

function blend({ width, height, data }: Canvas, x: number, y: number, colour: Colour, share: number): void {
  if (share === 0 || x < 0 || y < 0 || x >= width || y >= height) return
  const to = 3 * (y * width + x)
  for (let c = 0; c < 3; c++) data[to + c] = Math.round(data[to + c]! * (1 - share) + colour[c]! * share)
}

/** The canvas as a PNG file, 8-bit RGB. */
export async function canvasPng({ data, width, height }: Canvas): Promise<Uint8Array> {
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer()
  return new Uint8Array(png.buffer, png.byteOffset, png.byteLength)
}
