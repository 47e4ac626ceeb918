import { crc32 } from 'node:zlib'
import { patternBytes } from './image-fixtures.ts'

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

export interface ExifOptions {
  littleEndian?: boolean
  orientation?: number
  width?: number
  height?: number
}

/** Where the fixture's maker note says that its own bytes begin, counted from the start of the block. */
export const makerNoteAt = 128

/**
 * An Exif block laid out by hand: Make, Orientation and XResolution; PixelXDimension, PixelYDimension and a maker note
 * whose first four bytes are its absolute offset, as several makers do.
 */
export function exifBlock({
  littleEndian = true,
  orientation = 1,
  width = 13,
  height = 7,
}: ExifOptions = {}): Uint8Array {
  const bytes = Buffer.alloc(makerNoteAt + 64)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const short = (at: number, value: number): void => view.setUint16(at, value, littleEndian)
  const long = (at: number, value: number): void => view.setUint32(at, value, littleEndian)
  const entry = (at: number, tag: number, type: number, count: number): number => {
    short(at, tag)
    short(at + 2, type)
    long(at + 4, count)
    return at + 8
  }
  bytes.write(littleEndian ? 'II' : 'MM', 0, 'latin1')
  short(2, 42)
  long(4, 8)
  short(8, 4)
  bytes.write('Ace', entry(10, 271, 2, 4), 'latin1')
  short(entry(22, 274, 3, 1), orientation)
  long(entry(34, 282, 5, 1), 112)
  long(entry(46, 34665, 4, 1), 64)
  long(58, 0)
  short(64, 3)
  long(entry(66, 37500, 7, 64), makerNoteAt)
  short(entry(78, 40962, 3, 1), width)
  long(entry(90, 40963, 4, 1), height)
  long(102, 0)
  long(112, 300)
  long(116, 1)
  bytes.set(patternBytes(64, 11), makerNoteAt)
  long(makerNoteAt, makerNoteAt)
  return Uint8Array.from(bytes)
}

export const xmpPacket = (attributes = ''): Uint8Array =>
  ascii(
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ' +
      'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ' +
      `xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" ${attributes}/>` +
      '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>',
  )

/** IPTC records: an object name (2:05). */
export const iptcRecords = join(Uint8Array.of(0x1c, 2, 5, 0, 7), ascii('Harbour'))

/** Photoshop image resources: IPTC between two others, one of odd length. */
export const photoshopResources = join(
  ascii('8BIM\x04\x25\0\0\0\0\0\x10'),
  patternBytes(16),
  ascii('8BIM\x04\x04\0\0\0\0\0\x0c'),
  iptcRecords,
  ascii('8BIM\x04\x0c\x03abc\0\0\0\x03'),
  patternBytes(3),
  ascii('\0'),
)

/** A JPEG file with these segments right after its start; all others but the coded picture stay as they are. */
export function jpegWith(encoded: Uint8Array, segments: [marker: number, data: Uint8Array][]): Uint8Array {
  const parts = segments.map(([marker, data]) => {
    const length = data.length + 2
    return join(Uint8Array.of(0xff, marker, length >> 8, length & 255), data)
  })
  return join(encoded.subarray(0, 2), ...parts, encoded.subarray(2))
}

export const segment = {
  exif: (data: Uint8Array): [number, Uint8Array] => [0xe1, join(ascii('Exif\0\0'), data)],
  xmp: (data: Uint8Array): [number, Uint8Array] => [
    0xe1,
    join(ascii('http://ns.adobe.com/xap/1.0/\0'), data),
  ],
  extendedXmp: (data: Uint8Array): [number, Uint8Array] => [
    0xe1,
    join(ascii('http://ns.adobe.com/xmp/extension/\0'), data),
  ],
  photoshop: (data: Uint8Array): [number, Uint8Array] => [0xed, join(ascii('Photoshop 3.0\0'), data)],
  icc: (data: Uint8Array, index = 1, count = 1): [number, Uint8Array] => [
    0xe2,
    join(ascii('ICC_PROFILE\0'), Uint8Array.of(index, count), data),
  ],
  comment: (text: string): [number, Uint8Array] => [0xfe, ascii(text)],
  jfif: (unit: number, x: number, y: number): [number, Uint8Array] => [
    0xe0,
    join(ascii('JFIF\0'), Uint8Array.of(1, 2, unit, x >> 8, x & 255, y >> 8, y & 255, 0, 0)),
  ],
}

/** Contents of all segments of a JPEG file with a marker, in order. */
export function segmentsOf(jpeg: Uint8Array, marker: number): Uint8Array[] {
  const found: Uint8Array[] = []
  for (let at = 2; jpeg[at] === 0xff && jpeg[at + 1] !== 0xda;) {
    const length = (jpeg[at + 2]! << 8) | jpeg[at + 3]!
    if (jpeg[at + 1] === marker) found.push(jpeg.slice(at + 4, at + 2 + length))
    at += 2 + length
  }
  return found
}

/** Contents of all chunks of a PNG file of a type, in order. */
export function chunksOf(png: Uint8Array, type: string): Uint8Array[] {
  const found: Uint8Array[] = []
  const bytes = Buffer.from(png)
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    if (bytes.toString('latin1', at + 4, at + 8) === type) found.push(png.slice(at + 8, at + 8 + length))
    at += 12 + length
  }
  return found
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.concat([new Uint8Array(4), ascii(type), data, new Uint8Array(4)])
  bytes.writeUInt32BE(data.length, 0)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
  return bytes
}
