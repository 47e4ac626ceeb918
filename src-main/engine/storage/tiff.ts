import { viewOf, type ReadAt } from './bytes.ts'

/**
 * Reading of TIFF image file directories (TIFF 6.0; BigTIFF), which Exif uses too. Pixels are not touched here.
 */
export interface TiffTag {
  tag: number
  /** Field type of TIFF 6.0, section 2: 1 BYTE, 2 ASCII, 3 SHORT, 4 LONG, 5 RATIONAL, 7 UNDEFINED, … */
  type: number
  count: number
  /** Value bytes in the file's byte order; empty where they were too many to load. */
  value: Uint8Array
}

export interface TiffEntry extends TiffTag {
  /** Where the value bytes stand. */
  at: number
}

export interface TiffHeader {
  littleEndian: boolean
  big: boolean
  firstDirectory: number
}

export interface TiffDirectory {
  entries: TiffEntry[]
  /** Offset of the next directory, or 0. */
  next: number
}

/** Bytes of one value, by field type. */
const typeSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]

/** Values beyond this are pixel data or a broken count, not description. */
const maxValueBytes = 64 * 2 ** 20

function typeSize(type: number): number {
  return typeSizes[type] ?? 0
}

/** The header, or null where the bytes are not TIFF's (`II*\0`, `MM\0*`, and 43 for 42 in BigTIFF). */
export async function readTiffHeader(read: ReadAt): Promise<TiffHeader | null> {
  const bytes = await read(0, 16)
  if (bytes.length < 8) return null
  const mark = String.fromCharCode(bytes[0]!, bytes[1]!)
  if (mark !== 'II' && mark !== 'MM') return null
  const littleEndian = mark === 'II'
  const view = viewOf(bytes)
  const version = view.getUint16(2, littleEndian)
  if (version === 42) return { littleEndian, big: false, firstDirectory: view.getUint32(4, littleEndian) }
  if (version === 43 && bytes.length === 16)
    return { littleEndian, big: true, firstDirectory: Number(view.getBigUint64(8, littleEndian)) }
  return null
}

/** One directory; entries that point outside the file are left out, as careful readers do. */
export async function readDirectory(
  read: ReadAt,
  header: TiffHeader,
  offset: number,
): Promise<TiffDirectory> {
  const { littleEndian, big } = header
  const countSize = big ? 8 : 2
  const entrySize = big ? 20 : 12
  const wordSize = big ? 8 : 4
  const word = (view: DataView, at: number): number =>
    big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian)

  const head = await read(offset, countSize)
  if (head.length < countSize) return { entries: [], next: 0 }
  const count = big ? word(viewOf(head), 0) : viewOf(head).getUint16(0, littleEndian)
  if (count > 65535) return { entries: [], next: 0 }
  const table = await read(offset + countSize, count * entrySize + wordSize)
  const view = viewOf(table)

  const entries: TiffEntry[] = []
  for (let start = 0; start + entrySize <= table.length && entries.length < count; start += entrySize) {
    const type = view.getUint16(start + 2, littleEndian)
    const values = word(view, start + 4)
    const size = values * typeSize(type)
    const inlineAt = start + 4 + wordSize
    const inline = size <= wordSize
    const at = inline ? offset + countSize + inlineAt : word(view, inlineAt)
    const value = inline
      ? table.slice(inlineAt, inlineAt + size)
      : size <= maxValueBytes
        ? await read(at, size)
        : new Uint8Array(0)
    if (size > 0 && (value.length === size || size > maxValueBytes))
      entries.push({ tag: view.getUint16(start, littleEndian), type, count: values, value, at })
  }
  const nextAt = count * entrySize
  return { entries, next: nextAt + wordSize <= table.length ? word(view, nextAt) : 0 }
}

/** All directories of the chain, stopping where it loops. */
export async function readDirectories(read: ReadAt, header: TiffHeader): Promise<TiffDirectory[]> {
  const directories: TiffDirectory[] = []
  const seen = new Set<number>()
  for (let offset = header.firstDirectory; offset !== 0 && !seen.has(offset);) {
    seen.add(offset)
    const directory = await readDirectory(read, header, offset)
    if (directory.entries.length === 0) break
    directories.push(directory)
    offset = directory.next
  }
  return directories
}

/** The entry's values as numbers: unsigned integers, offsets, and rationals as quotients. */
export function entryNumbers(entry: TiffTag, littleEndian: boolean): number[] {
  const view = viewOf(entry.value)
  const step = typeSize(entry.type)
  const numbers: number[] = []
  for (let at = 0; at + step <= entry.value.length && step > 0; at += step) {
    if (entry.type === 5)
      numbers.push(view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian))
    else if (step === 1) numbers.push(view.getUint8(at))
    else if (step === 2) numbers.push(view.getUint16(at, littleEndian))
    else if (step === 4) numbers.push(view.getUint32(at, littleEndian))
    else numbers.push(Number(view.getBigUint64(at, littleEndian)))
  }
  return numbers
}

export function findEntry<T extends TiffTag>(entries: T[], tag: number): T | undefined {
  return entries.find((entry) => entry.tag === tag)
}

/**
 * The bytes of a directory that will stand at `offset` (even): its entries in order of their tags, then the values that do
 * not fit into an entry.
 */
export function directoryBytes(
  entries: TiffTag[],
  offset: number,
  next: number,
  littleEndian: boolean,
): Uint8Array {
  const sorted = [...entries].sort((a, b) => a.tag - b.tag)
  const tableBytes = 2 + 12 * sorted.length + 4
  const even = (size: number): number => size + (size & 1)
  const outside = sorted.reduce((sum, { value }) => sum + (value.length > 4 ? even(value.length) : 0), 0)
  const bytes = new Uint8Array(tableBytes + outside)
  const view = viewOf(bytes)
  view.setUint16(0, sorted.length, littleEndian)
  let valueAt = tableBytes
  sorted.forEach(({ tag, type, count, value }, index) => {
    const at = 2 + 12 * index
    view.setUint16(at, tag, littleEndian)
    view.setUint16(at + 2, type, littleEndian)
    view.setUint32(at + 4, count, littleEndian)
    if (value.length <= 4) bytes.set(value, at + 8)
    else {
      view.setUint32(at + 8, offset + valueAt, littleEndian)
      bytes.set(value, valueAt)
      valueAt += even(value.length)
    }
  })
  view.setUint32(tableBytes - 4, next, littleEndian)
  return bytes
}

/** An entry of unsigned integers: type 3 (16 bits) or 4 (32 bits). */
export function integerEntry(tag: number, type: 3 | 4, numbers: number[], littleEndian: boolean): TiffTag {
  const size = typeSize(type)
  const value = new Uint8Array(numbers.length * size)
  const view = viewOf(value)
  numbers.forEach((number, index) =>
    type === 3
      ? view.setUint16(2 * index, number, littleEndian)
      : view.setUint32(4 * index, number, littleEndian),
  )
  return { tag, type, count: numbers.length, value }
}

/** A header of classic TIFF. */
export function headerBytes(littleEndian: boolean, firstDirectory: number): Uint8Array {
  const bytes = new Uint8Array(8)
  bytes.fill(littleEndian ? 0x49 : 0x4d, 0, 2)
  viewOf(bytes).setUint16(2, 42, littleEndian)
  viewOf(bytes).setUint32(4, firstDirectory, littleEndian)
  return bytes
}
