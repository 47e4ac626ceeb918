/** 8-bit RGB, interleaved, row-major. */
export interface Canvas {
  width: number
  height: number
  data: Uint8Array
}

/** In pixels of the canvas. */
export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** An image of 8-bit samples, interleaved, row-major; 4 channels have straight alpha. */
export interface Pixels {
  width: number
  height: number
  channels: 1 | 3 | 4
  data: Uint8Array | Uint8ClampedArray
}

const ink = [126, 200, 255] as const
const paper = 22
const checks = [150, 190] as const
const checkSide = 4
const crossShade = 90
/** Half the width of a drawn line, in pixels. */
const halfLine = 0.75

export function createCanvas(width: number, height: number, background: readonly number[]): Canvas {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < data.length; i++) data[i] = background[i % 3]!
  return { width, height, data }
}

/** The ground that a curve is drawn on. */
export function fillBox({ data, width }: Canvas, box: Box): void {
  for (let y = box.y; y < box.y + box.height; y++)
    data.fill(paper, 3 * (y * width + box.x), 3 * (y * width + box.x + box.width))
}

/** The usual ground for what is transparent. */
export function fillChecks({ data, width }: Canvas, box: Box): void {
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const shade = checks[(Math.floor(x / checkSide) + Math.floor(y / checkSide)) % 2]!
      const to = 3 * ((box.y + y) * width + box.x + x)
      data.fill(shade, to, to + 3)
    }
  }
}

/** An image over what is there, stretched to the box without smoothing. */
export function drawPixels(canvas: Canvas, box: Box, image: Pixels): void {
  const { channels } = image
  for (let y = 0; y < box.height; y++) {
    const row = Math.floor((y * image.height) / box.height) * image.width
    for (let x = 0; x < box.width; x++) {
      const from = channels * (row + Math.floor((x * image.width) / box.width))
      const to = 3 * ((box.y + y) * canvas.width + box.x + x)
      const opacity = channels === 4 ? image.data[from + 3]! / 255 : 1
      for (let c = 0; c < 3; c++) {
        const value = image.data[from + (channels === 1 ? 0 : c)]!
        canvas.data[to + c] = Math.round(value * opacity + canvas.data[to + c]! * (1 - opacity))
      }
    }
  }
}

/** A diagonal cross: what should be here cannot be shown. */
export function drawCross(canvas: Canvas, { x, y, width, height }: Box): void {
  const shade = [crossShade, crossShade, crossShade]
  const [left, right, top, bottom] = [
    x + width / 4,
    x + (3 * width) / 4,
    y + height / 4,
    y + (3 * height) / 4,
  ]
  drawLines(canvas, { x, y, width, height }, [left, top, right, bottom], shade)
  drawLines(canvas, { x, y, width, height }, [left, bottom, right, top], shade)
}

/** Values as a line from left to right, the range from bottom to top; what lies outside of it is cut off. */
export function drawCurve(
  canvas: Canvas,
  box: Box,
  values: Float32Array,
  [low, high]: readonly [number, number],
): void {
  const points: number[] = []
  const across = (box.width - 2 * halfLine) / Math.max(1, values.length - 1)
  for (const [i, value] of values.entries()) {
    const height = ((value - low) / (high - low)) * (box.height - 2 * halfLine)
    points.push(box.x + halfLine + i * across, box.y + box.height - halfLine - height)
  }
  if (values.length === 1) points.push(box.x + box.width - halfLine, points[1]!)
  drawLines(canvas, box, points, ink)
}

/**
 * Lines from point to point (x, y, x, y, …), smoothed: a pixel takes so much ink as its middle is near to the nearest line. Nothing is
 * drawn outside of the box.
 */
function drawLines(canvas: Canvas, box: Box, points: number[], colour: readonly number[]): void {
  const cover = new Float32Array(box.width * box.height)
  const clamp = (value: number, end: number): number => Math.max(0, Math.min(end, value))
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [x0, y0, x1, y1] = [points[i]!, points[i + 1]!, points[i + 2]!, points[i + 3]!]
    const reach = halfLine + 1
    const fromX = clamp(Math.floor(Math.min(x0, x1) - reach - box.x), box.width)
    const toX = clamp(Math.ceil(Math.max(x0, x1) + reach - box.x), box.width)
    const fromY = clamp(Math.floor(Math.min(y0, y1) - reach - box.y), box.height)
    const toY = clamp(Math.ceil(Math.max(y0, y1) + reach - box.y), box.height)
    const [dx, dy] = [x1 - x0, y1 - y0]
    const length2 = dx * dx + dy * dy || 1
    for (let y = fromY; y < toY; y++) {
      for (let x = fromX; x < toX; x++) {
        const [px, py] = [box.x + x + 0.5 - x0, box.y + y + 0.5 - y0]
        const along = clamp((px * dx + py * dy) / length2, 1)
        const distance = Math.hypot(px - along * dx, py - along * dy)
        const ink = clamp(halfLine + 0.5 - distance, 1)
        const at = y * box.width + x
        if (ink > cover[at]!) cover[at] = ink
      }
    }
  }
  for (const [at, share] of cover.entries()) {
    if (share === 0) continue
    const to = 3 * ((box.y + Math.floor(at / box.width)) * canvas.width + box.x + (at % box.width))
    for (let c = 0; c < 3; c++)
      canvas.data[to + c] = Math.round(canvas.data[to + c]! * (1 - share) + colour[c]! * share)
  }
}
