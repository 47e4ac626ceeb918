import type { Metadata } from 'sharp'
import { latin1, type ReadAt } from './bytes.ts'
import { emptyMetadata, type ImageMetadata } from './image.ts'
import { withoutMark } from './metadata-webp.ts'

/** Metadata of an AVIF file: what the decoder hands over, and the colour numbers (`nclx`) that it does not. */
export async function readAvifMetadata(read: ReadAt, facts: Metadata): Promise<ImageMetadata> {
  const metadata = emptyMetadata()
  metadata.icc = facts.icc ?? null
  metadata.exif = facts.exif === undefined ? null : withoutMark(facts.exif)
  metadata.xmp = facts.xmp ?? null
  metadata.cicp = colourNumbers(await read(0, 65536))
  metadata.source.bits = facts.bitsPerSample ?? 8
  metadata.source.lossless = false
  metadata.source.subsampled = facts.chromaSubsampling === '4:2:0'
  return metadata
}

/** Where the first `colr` box of type `nclx` has its primaries (ISO/IEC 14496-12, 12.1.5), or -1. */
function colourNumbersAt(head: Uint8Array): number {
  const at = latin1(head).indexOf('colrnclx')
  return at === -1 || at + 12 > head.length ? -1 : at + 8
}

function colourNumbers(head: Uint8Array): ImageMetadata['cicp'] {
  const at = colourNumbersAt(head)
  if (at === -1) return null
  return { primaries: (head[at]! << 8) | head[at + 1]!, transfer: (head[at + 2]! << 8) | head[at + 3]! }
}
