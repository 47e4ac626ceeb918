import { concatBytes, fromLatin1, latin1, viewOf, type ReadAt } from './bytes.ts'
import { emptyMetadata, type Density, type ImageMetadata, type ImageWarning } from './image.ts'

/** Segments of a JPEG file (ITU-T T.81 Annex B) that carry what is not pixels. */
const marker = { sof0: 0xc0, dht: 0xc4, jpg: 0xc8, dac: 0xcc, sof15: 0xcf, eoi: 0xd9, sos: 0xda, dqt: 0xdb }
const app0 = 0xe0
const app1 = 0xe1
const app2 = 0xe2
const app13 = 0xed
const app14 = 0xee
const app15 = 0xef
const comment = 0xfe

const exifMark = 'Exif\0\0'
const xmpMark = 'http://ns.adobe.com/xap/1.0/\0'
const extendedXmpMark = 'http://ns.adobe.com/xmp/extension/\0'
const iccMark = 'ICC_PROFILE\0'
const photoshopMark = 'Photoshop 3.0\0'

/** Two bytes of a segment's length count themselves. */
const maxSegment = 65533

interface Segment {
  marker: number
  data: Uint8Array
}

/** Everything before the first scan. Stops quietly where the file is damaged: the decoder judges that. */
async function readSegments(read: ReadAt): Promise<Segment[]> {
  const segments: Segment[] = []
  for (let at = 2; ;) {
    const head = await read(at, 4)
    if (head.length < 4 || head[0] !== 0xff) return segments
    if (head[1] === 0xff) {
      at += 1 // fill byte
      continue
    }
    if (head[1] === marker.sos || head[1] === marker.eoi) return segments
    const length = viewOf(head).getUint16(2)
    segments.push({ marker: head[1]!, data: await read(at + 4, Math.max(0, length - 2)) })
    at += 2 + length
  }
}

const startsWith = (data: Uint8Array, mark: string): boolean => latin1(data.subarray(0, mark.length)) === mark

/** Metadata of a JPEG file, and whether it holds more than the one picture. */
export async function readJpegMetadata(
  read: ReadAt,
): Promise<{ metadata: ImageMetadata; warnings: ImageWarning[] }> {
  const metadata = emptyMetadata()
  const warnings = new Set<ImageWarning>()
  const icc = new Map<number, Uint8Array>()
  const photoshop: Uint8Array[] = []
  const native: Segment[] = []

  for (const segment of await readSegments(read)) {
    const { marker: kind, data } = segment
    if (kind === app0 && startsWith(data, 'JFIF\0')) metadata.density = jfifDensity(data)
    else if (kind === app1 && startsWith(data, exifMark)) metadata.exif ??= data.slice(exifMark.length)
    else if (kind === app1 && startsWith(data, xmpMark)) metadata.xmp ??= data.slice(xmpMark.length)
    else if (kind === app1 && startsWith(data, extendedXmpMark)) native.push(segment)
    else if (kind === app2 && startsWith(data, iccMark)) icc.set(data[12]!, data.subarray(14))
    else if (kind === app2 && startsWith(data, 'MPF\0')) warnings.add('extra-pictures-dropped')
    else if (kind === app13 && startsWith(data, photoshopMark))
      photoshop.push(data.subarray(photoshopMark.length))
    else if (kind === comment) native.push(segment)
    else if (kind === marker.dqt) metadata.source.quality ??= estimateQuality(data)
    else if (isFrame(kind)) metadata.source.subsampled = isSubsampled(data)
    else if (kind > app0 && kind <= app15 && kind !== app14) warnings.add('metadata-dropped')
  }
  if (icc.size > 0) {
    const parts = [...icc.entries()].sort(([a], [b]) => a - b)
    metadata.icc = concatBytes(parts.map(([, part]) => part))
  }
  if (photoshop.length > 0) metadata.photoshop = concatBytes(photoshop)
  if (native.length > 0) metadata.native = { container: 'jpeg', segments: native }
  return { metadata, warnings: [...warnings] }
}

function isFrame(kind: number): boolean {
  const between = kind >= marker.sof0 && kind <= marker.sof15
  return between && kind !== marker.dht && kind !== marker.jpg && kind !== marker.dac
}

function jfifDensity(data: Uint8Array): Density | null {
  if (data.length < 12) return null
  const view = viewOf(data)
  const unit = (['none', 'inch', 'cm'] as const)[data[7]!]
  if (unit === undefined) return null
  return { unit, x: view.getUint16(8), y: view.getUint16(10) }
}

/** 4:2:0: the first component has twice the samples of the second, both ways. */
function isSubsampled(frame: Uint8Array): boolean {
  const components = frame[5]!
  return components === 3 && frame[7] === 0x22 && frame[10] === 0x11
}

/**
 * Quality on the scale of the Independent JPEG Group's library, from the sum of the first quantization table against
 * that of T.81 table K.1: the library multiplies the table by 2 - q/50 (q ≥ 50) or 50/q.
 */
function estimateQuality(tables: Uint8Array): number | null {
  const wide = tables[0]! >> 4 === 1
  if ((tables[0]! & 15) !== 0 || tables.length < (wide ? 129 : 65)) return null
  const view = viewOf(tables)
  let sum = 0
  for (let i = 0; i < 64; i++) sum += wide ? view.getUint16(1 + 2 * i) : view.getUint8(1 + i)
  const sumOfTableK1 = 3688
  const scale = sum / sumOfTableK1
  const quality = scale <= 1 ? 100 - 50 * scale : 50 / scale
  return Math.max(1, Math.min(100, Math.round(quality)))
}

/**
 * The parts of a JPEG file that has this metadata, from one that has none. What does not fit (a segment holds 64 KiB)
 * is left out with a warning.
 */
export function withJpegMetadata(
  encoded: Uint8Array,
  metadata: ImageMetadata,
): { parts: Uint8Array[]; warnings: ImageWarning[] } {
  const warnings: ImageWarning[] = []
  const segments: Segment[] = []
  const addSingle = (kind: number, mark: string, data: Uint8Array | null): void => {
    if (data === null) return
    if (mark.length + data.length > maxSegment) warnings.push('metadata-dropped')
    else segments.push({ marker: kind, data: concatBytes([fromLatin1(mark), data]) })
  }

  // Cameras write Exif without JFIF: its resolution stands in Exif then.
  if (metadata.density !== null || metadata.exif === null)
    segments.push({ marker: app0, data: jfif(metadata.density) })
  addSingle(app1, exifMark, metadata.exif)
  addSingle(app1, xmpMark, metadata.xmp)
  const native = metadata.native?.container === 'jpeg' ? metadata.native.segments : []
  segments.push(...native)
  for (const part of split(metadata.photoshop, maxSegment - photoshopMark.length))
    addSingle(app13, photoshopMark, part)
  const iccParts = split(metadata.icc, maxSegment - iccMark.length - 2)
  if (iccParts.length > 255) warnings.push('metadata-dropped')
  else
    iccParts.forEach((part, index) =>
      addSingle(app2, iccMark, concatBytes([Uint8Array.of(index + 1, iccParts.length), part])),
    )

  const parts: Uint8Array[] = [encoded.subarray(0, 2)]
  for (const { marker: kind, data } of segments) {
    const head = Uint8Array.of(0xff, kind, 0, 0)
    viewOf(head).setUint16(2, data.length + 2)
    parts.push(head, data)
  }
  parts.push(encoded.subarray(2))
  return { parts, warnings }
}

function split(data: Uint8Array | null, size: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let at = 0; data !== null && at < data.length; at += size) parts.push(data.subarray(at, at + size))
  return parts
}

function jfif(density: Density | null): Uint8Array {
  const data = concatBytes([fromLatin1('JFIF\0'), Uint8Array.of(1, 2, 0, 0, 1, 0, 1, 0, 0)])
  if (density === null) return data
  // JFIF knows no metres.
  const { x, y, unit } =
    density.unit === 'metre'
      ? ({ x: density.x * 0.0254, y: density.y * 0.0254, unit: 'inch' } as const)
      : density
  data[7] = { none: 0, inch: 1, cm: 2, metre: 0 }[unit]
  viewOf(data).setUint16(8, Math.max(1, Math.min(65535, Math.round(x))))
  viewOf(data).setUint16(10, Math.max(1, Math.min(65535, Math.round(y))))
  return data
}
