import type { Samples } from '../numeric/samples.ts'
import { latin1, viewOf } from './bytes.ts'
import type { ImagePage } from './image.ts'

/** A Netpbm header: P1–P3 as text, P4–P6 as bytes; P1/P4 bits, P2/P5 gray, P3/P6 RGB. */
export interface PnmHeader {
  kind: 1 | 2 | 3 | 4 | 5 | 6
  width: number
  height: number
  /** Largest sample value, 1–65535; 1 for bits. */
  max: number
  /** Where the samples begin. */
  dataAt: number
}

/** Parses the header, comments and all; null where the bytes are no Netpbm picture. */
export function parsePnmHeader(bytes: Uint8Array): PnmHeader | null {
  const text = latin1(bytes.subarray(0, 4096))
  const separator = String.raw`(?:\s|#[^\n]*\n)+`
  const fields = text[1] === '1' || text[1] === '4' ? 2 : 3
  const pattern = new RegExp(`^P([1-6])${`${separator}(\\d{1,9})`.repeat(fields)}(?:#[^\\n]*\\n)?\\s`)
  const match = pattern.exec(text)
  if (match === null) return null
  const kind = Number(match[1]) as PnmHeader['kind']
  const width = Number(match[2])
  const height = Number(match[3])
  const max = Number(match[4] ?? 1)
  if (width < 1 || height < 1 || max < 1 || max > 65535) return null
  return { kind, width, height, max, dataAt: match[0].length }
}

/**
 * Decodes a Netpbm picture to 8 bits, or to 16 where its largest value needs them. Values are scaled so that the largest
 * becomes 255 or 65535, rounded to the nearest.
 *
 * @returns null where there are fewer samples than the header promises
 */
export function decodePnm(bytes: Uint8Array, header: PnmHeader): ImagePage | null {
  const { kind, width, height, max } = header
  const channels = kind === 3 || kind === 6 ? 3 : 1
  const count = width * height * channels
  const wide = max > 255
  const white = wide ? 65535 : 255
  const payload = bytes.subarray(header.dataAt)
  const raw =
    kind <= 3
      ? textSamples(payload, count, kind === 1)
      : kind === 4
        ? bitSamples(payload, width, height)
        : byteSamples(payload, count, wide)
  if (raw === null) return null
  // In bitmaps 1 is black.
  const scale = white / max
  const data: Samples = wide ? new Uint16Array(count) : new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const value = Math.min(max, raw[i]!)
    data[i] = Math.round((kind === 1 || kind === 4 ? 1 - value : value) * scale)
  }
  return { width, height, channels, data, white, black: 0, alpha: null }
}

function textSamples(payload: Uint8Array, count: number, bits: boolean): Uint16Array | null {
  const samples = new Uint16Array(count)
  let filled = 0
  let value = -1
  for (let i = 0; i <= payload.length && filled < count; i++) {
    const digit = (payload[i] ?? 32) - 48
    const isDigit = digit >= 0 && digit <= 9
    if (isDigit) value = Math.min(65535, Math.max(0, value) * 10 + digit)
    // Digits of a bitmap need no space between them.
    if (value >= 0 && (!isDigit || bits)) {
      samples[filled++] = value
      value = -1
    }
  }
  return filled === count ? samples : null
}

function bitSamples(payload: Uint8Array, width: number, height: number): Uint8Array | null {
  const stride = Math.ceil(width / 8)
  if (payload.length < stride * height) return null
  const samples = new Uint8Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      samples[y * width + x] = (payload[y * stride + (x >> 3)]! >> (7 - (x & 7))) & 1
  return samples
}

function byteSamples(payload: Uint8Array, count: number, wide: boolean): Uint8Array | Uint16Array | null {
  if (payload.length < count * (wide ? 2 : 1)) return null
  if (!wide) return payload
  const view = viewOf(payload)
  const samples = new Uint16Array(count)
  for (let i = 0; i < count; i++) samples[i] = view.getUint16(2 * i)
  return samples
}
