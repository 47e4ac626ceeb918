import sharp from 'sharp'
import {
  fillBox,
  fillChecks,
  createCanvas,
  drawCurve,
  drawCross,
  drawPixels,
  type Box,
  type Pixels,
} from './canvas.ts'
import { sampleBytes } from './sample-files.ts'

/** What one place of a grid shows; `broken` crosses it out, null leaves it empty. */
export type Cell = Pixels | { curve: Float32Array } | 'broken' | null

export type Colour = readonly [red: number, green: number, blue: number]

export interface GridOptions {
  /** Of a cell, in pixels. An image is enlarged by a whole number, as far as it fits, and stands in the middle. */
  width: number
  height: number
  /** Between cells, and around all of them, in pixels. */
  gap: number
  edge: number
  background: Colour
  /** Longest side of the picture; a larger one is reduced. */
  limit: number
  /** Values at the bottom and the top of a curve's cell. */
  range: readonly [number, number]
}

export interface SheetOptions {
  /** Pixels of the sheet for one of an image, a whole number; default: what makes cells about 96 pixels large. */
  scale?: number
  /** Between cells and around them, in pixels; default 2. */
  margin?: number
  background?: Colour
  /** Longest side of the sheet in pixels, default 4096; a larger one gets a smaller scale, and is reduced where that is not enough. */
  limit?: number
  /** Of curves: values at the bottom and the top; default: the smallest and largest of the sheet, so that its curves can be compared. */
  range?: readonly [number, number]
}

const defaults = { margin: 2, background: [36, 36, 36] as const, limit: 4096 }
const usualSide = 96
/** Of a curve's cell. */
const curveSize = { width: 160, height: 80 }

/**
 * A table of a network's samples as a PNG picture, 8-bit RGB: images [height, width, 1 | 3 | 4] with values in [0, 1], enlarged without
 * smoothing, alpha over a checkerboard; rows of numbers [columns] as curves.
 * @param rows lines of samples, each of the given shape; lines may differ in length.
 */
export async function sheetPng(
  rows: Float32Array[][],
  shape: number[],
  options: SheetOptions = {},
): Promise<Uint8Array> {
  const { margin, background, limit } = { ...defaults, ...options }
  if (shape.length < 3) {
    const range = options.range ?? rangeOf(rows.flat())
    const curves = rows.map((row) => row.map((curve) => ({ curve })))
    return gridPng(curves, { ...curveSize, gap: margin, edge: margin, background, limit, range })
  }
  const [height, width, channels] = shape as [number, number, 1 | 3 | 4]
  const columns = Math.max(1, ...rows.map((row) => row.length))
  const fits = (side: number, count: number): number =>
    Math.floor(((limit - margin) / Math.max(1, count) - margin) / side)
  const usual = Math.ceil(usualSide / Math.max(width, height))
  const scale = Math.max(1, Math.min(options.scale ?? usual, fits(width, columns), fits(height, rows.length)))
  const cells = rows.map((row) =>
    row.map((values) => ({ width, height, channels, data: sampleBytes(values, channels) })),
  )
  return gridPng(cells, {
    ...{ width: width * scale, height: height * scale },
    ...{ gap: margin, edge: margin, background, limit, range: [0, 1] },
  })
}

/** Lines of cells as a PNG picture, 8-bit RGB. */
export async function gridPng(lines: Cell[][], options: GridOptions): Promise<Uint8Array> {
  const { width, height, gap, edge, background, limit, range } = options
  const columns = Math.max(1, ...lines.map((line) => line.length))
  const canvas = createCanvas(
    2 * edge + columns * (width + gap) - gap,
    2 * edge + Math.max(1, lines.length) * (height + gap) - gap,
    background,
  )
  for (const [y, line] of lines.entries()) {
    for (const [x, cell] of line.entries()) {
      if (cell === null) continue
      const box: Box = { x: edge + x * (width + gap), y: edge + y * (height + gap), width, height }
      if (cell === 'broken') drawCross(canvas, box)
      else if ('curve' in cell) {
        fillBox(canvas, box)
        drawCurve(canvas, box, cell.curve, range)
      } else {
        const at = placed(cell, box)
        if (cell.channels === 4) fillChecks(canvas, at)
        drawPixels(canvas, at, cell)
      }
    }
  }
  const pipeline = sharp(canvas.data, { raw: { width: canvas.width, height: canvas.height, channels: 3 } })
  const isLarge = Math.max(canvas.width, canvas.height) > limit
  const png = await (isLarge ? pipeline.resize({ width: limit, height: limit, fit: 'inside' }) : pipeline)
    .png()
    .toBuffer()
  return new Uint8Array(png.buffer, png.byteOffset, png.byteLength)
}

/** Where an image stands in its cell. */
function placed({ width, height }: Pixels, box: Box): Box {
  const scale = Math.max(1, Math.floor(Math.min(box.width / width, box.height / height)))
  const size = { width: Math.min(box.width, width * scale), height: Math.min(box.height, height * scale) }
  return {
    x: box.x + ((box.width - size.width) >> 1),
    y: box.y + ((box.height - size.height) >> 1),
    ...size,
  }
}

/** Smallest and largest of all values. */
export function rangeOf(samples: Float32Array[]): [number, number] {
  let low = Infinity
  let high = -Infinity
  for (const values of samples)
    for (const value of values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  return low < high ? [low, high] : [low - 0.5, low + 0.5]
}
