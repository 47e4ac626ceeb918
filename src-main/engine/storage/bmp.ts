import { viewOf } from './bytes.ts'
import type { Density, ImagePage } from './image.ts'

/** A Windows bitmap's header, as far as pixels need it. */
export interface BmpHeader {
  width: number
  height: number
  topDown: boolean
  bits: 1 | 4 | 8 | 16 | 24 | 32
  /** RGBA masks of 16- and 32-bit pixels; a zero alpha mask means that there is none. */
  masks: [number, number, number, number]
  /** Entries of the palette as RGB. */
  palette: [number, number, number][]
  dataAt: number
  density: Density | null
}

/** Bytes that a header and its palette can take. */
export const bmpHeaderBytes = 14 + 124 + 16 + 4 * 256

const compressionNames = ['none', 'RLE8', 'RLE4', 'bit fields', 'JPEG', 'PNG', 'bit fields with alpha']

/**
 * Parses the header.
 *
 * @returns what cannot be read, in words, where it is a kind without a reader here: run-length coded, or JPEG or PNG in a
 *   bitmap
 */
export function parseBmpHeader(bytes: Uint8Array): BmpHeader | string {
  const view = viewOf(bytes)
  if (bytes.length < 26) return 'a header cut off'
  const headerSize = view.getUint32(14, true)
  if (bytes.length < 14 + headerSize) return 'a header cut off'
  // OS/2's first header has 16-bit sizes and nothing else.
  const core = headerSize === 12
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true)
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true)
  const bits = view.getUint16(core ? 24 : 28, true)
  const compression = core ? 0 : view.getUint32(30, true)
  if (compression !== 0 && compression !== 3 && compression !== 6)
    return `${compressionNames[compression] ?? 'unknown'} compression`
  if (bits !== 1 && bits !== 4 && bits !== 8 && bits !== 16 && bits !== 24 && bits !== 32)
    return `${bits} bits a pixel`
  const height = Math.abs(signedHeight)
  if (width < 1 || height < 1) return `a size of ${width} × ${height}`

  let masks: BmpHeader['masks'] = bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0]
  let paletteAt = 14 + headerSize
  if (compression !== 0) {
    const hasAlphaMask = headerSize >= 56 || compression === 6
    if (bytes.length < 54 + (hasAlphaMask ? 16 : 12)) return 'a header cut off'
    const mask = (index: number): number => view.getUint32(54 + 4 * index, true)
    masks = [mask(0), mask(1), mask(2), hasAlphaMask ? mask(3) : 0]
    if (headerSize === 40) paletteAt += hasAlphaMask ? 16 : 12
  }

  const palette: BmpHeader['palette'] = []
  if (bits <= 8) {
    const used = core ? 0 : view.getUint32(46, true)
    const entries = used > 0 && used <= 256 ? used : 2 ** bits
    const step = core ? 3 : 4
    for (let at = paletteAt; palette.length < entries && at + 3 <= bytes.length; at += step)
      palette.push([bytes[at + 2]!, bytes[at + 1]!, bytes[at]!])
  }
  const perMetre = core ? [0, 0] : [view.getInt32(38, true), view.getInt32(42, true)]
  const density: Density | null =
    perMetre[0]! > 0 && perMetre[1]! > 0 ? { unit: 'metre', x: perMetre[0]!, y: perMetre[1]! } : null
  return {
    ...{ width, height, bits, masks, palette, density },
    topDown: signedHeight < 0,
    dataAt: view.getUint32(10, true),
  }
}

/**
 * Decodes an uncompressed bitmap to 8 bits a sample; a palette of grays gives a gray image. Rows are padded to four bytes.
 *
 * @returns null where there are fewer pixels than the header promises
 */
export function decodeBmp(bytes: Uint8Array, header: BmpHeader): ImagePage | null {
  const { width, height, bits, palette } = header
  const stride = Math.ceil((width * bits) / 32) * 4
  // The padding of the last row is sometimes missing.
  if (bytes.length < header.dataAt + stride * (height - 1) + Math.ceil((width * bits) / 8)) return null
  const gray = bits <= 8 && palette.every(([r, g, b]) => r === g && g === b)
  const channels = gray ? 1 : 3
  const data = new Uint8Array(width * height * channels)
  const view = viewOf(bytes)
  const fields = header.masks.map(bitField)
  const alpha = fields[3] === null || bits < 16 || bits === 24 ? null : new Uint8Array(width * height)

  for (let y = 0; y < height; y++) {
    const row = header.dataAt + stride * (header.topDown ? y : height - 1 - y)
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x
      const to = pixel * channels
      if (bits === 24) {
        const at = row + 3 * x
        data[to] = bytes[at + 2]!
        data[to + 1] = bytes[at + 1]!
        data[to + 2] = bytes[at]!
      } else if (bits <= 8) {
        const perByte = 8 / bits
        const shift = 8 - bits * (1 + (x % perByte))
        const index = (bytes[row + Math.floor(x / perByte)]! >> shift) & (2 ** bits - 1)
        const colour = palette[index] ?? [0, 0, 0]
        for (let channel = 0; channel < channels; channel++) data[to + channel] = colour[channel]!
      } else {
        const value = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true)
        for (let channel = 0; channel < 3; channel++) data[to + channel] = fields[channel]?.(value) ?? 0
        if (alpha !== null) alpha[pixel] = fields[3]!(value)
      }
    }
  }
  return { width, height, channels, data, white: 255, black: 0, alpha }
}

/** Reads the bits under a mask, scaled to 0–255; null for an empty mask. */
function bitField(mask: number): ((value: number) => number) | null {
  if (mask === 0) return null
  const shift = 31 - Math.clz32(mask & -mask)
  const max = mask >>> shift
  return (value) => Math.round((((value & mask) >>> shift) * 255) / max)
}
