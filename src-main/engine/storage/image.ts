import type { Samples } from '../numeric/samples.ts'
import type { TiffTag } from './tiff.ts'

/** What a picture file is inside, whatever its name says. */
export type Container = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif' | 'gif' | 'bmp' | 'pnm'

/** One page of decoded colour samples in the file's own encoding (no colour conversion), alpha apart. */
export interface ImagePage {
  width: number
  height: number
  /** Colour channels: 1 gray, 3 RGB; interleaved row-major. */
  channels: 1 | 3
  data: Samples
  /**
   * Value that is white: 255 or 65535; of float pages, and of stacks of linear 16-bit pages, the largest value in the
   * file. Always greater than `black`.
   */
  white: number
  /** Value that is black: 0; of float pages and stacks the smallest value in the file. */
  black: number
  /** One sample a pixel, of the same type as `data`; the colours beside it are not multiplied by it. */
  alpha: Samples | null
}

/** Keys below `warning.` in the message catalogue. */
export const imageWarnings = [
  'alpha-flattened',
  'animation-first-frame',
  'colour-signalling-dropped',
  'colours-converted',
  'container-changed',
  'depth-reduced',
  'extra-pictures-dropped',
  'float-to-integer',
  'metadata-dropped',
  'metadata-unreadable',
  'non-finite-replaced',
] as const
export type ImageWarning = (typeof imageWarnings)[number]

export interface ImageFile {
  path: string
  container: Container
  pages: ImagePage[]
  metadata: ImageMetadata
  warnings: ImageWarning[]
}

/** Pixels per unit; `none` gives an aspect ratio only. */
export interface Density {
  x: number
  y: number
  unit: 'inch' | 'cm' | 'metre' | 'none'
}

/** Everything of a file beside its pixels, as bytes, so that it can be put back unchanged. */
export interface ImageMetadata {
  /** ICC profile of the samples. */
  icc: Uint8Array | null
  /** Exif as a TIFF structure, from its byte order mark on, maker notes and thumbnail included. */
  exif: Uint8Array | null
  /** XMP packet. */
  xmp: Uint8Array | null
  /** Photoshop image resources (`8BIM…`); IPTC is the resource 0x0404 in them. */
  photoshop: Uint8Array | null
  density: Density | null
  /** Colour primaries and transfer function by number (ITU-T H.273), where a file says it so instead of by a profile. */
  cicp: { primaries: number; transfer: number } | null
  /** What only the same container can hold; dropped, with a warning, when the container changes. */
  native: NativeMetadata | null
  source: SourceEncoding
}

export type NativeMetadata =
  /** Comments and extended XMP. `data` is a segment's content without marker and length. */
  | { container: 'jpeg'; segments: { marker: number; data: Uint8Array }[] }
  /** Text, gamma, chromaticities, time and the like. */
  | { container: 'png'; chunks: { type: string; data: Uint8Array }[] }
  /** Descriptive tags of each page, values in the file's byte order. */
  | { container: 'tiff'; littleEndian: boolean; pages: TiffTag[][] }

/** How the source was encoded, so that the output can be encoded alike. */
export interface SourceEncoding {
  /** Of JPEG: quality on the scale of the Independent JPEG Group's library, estimated from the quantization tables. */
  quality: number | null
  /** Colour was stored at a quarter of the resolution (4:2:0). */
  subsampled: boolean
  /** Of WebP: coded without loss. */
  lossless: boolean
  /** Bits a sample in the file. */
  bits: number
  /** Of TIFF: strips or tiles are stored as they are. */
  uncompressed: boolean
}

/** Metadata of a file that has none; readers fill in what they find. */
export function emptyMetadata(): ImageMetadata {
  return {
    icc: null,
    exif: null,
    xmp: null,
    photoshop: null,
    density: null,
    cicp: null,
    native: null,
    source: { quality: null, subsampled: false, lossless: false, bits: 8, uncompressed: false },
  }
}
