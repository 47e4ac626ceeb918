import { DarkroomError } from '../../contract/errors.ts'
import { readBytesOf } from './byte-stream.ts'

// The format of MNIST's files: two zero bytes, the type, the number of dimensions, each dimension as a big-endian 32-bit number, and
// the values, big-endian, row-major (http://yann.lecun.com/exdb/mnist). The first dimension counts the items.

interface ValueType {
  name: string
  bytes: number
  read(view: DataView, offset: number): number
}
const valueTypes: Record<number, ValueType> = {
  0x08: { name: 'unsigned bytes', bytes: 1, read: (view, at) => view.getUint8(at) },
  0x09: { name: 'signed bytes', bytes: 1, read: (view, at) => view.getInt8(at) },
  0x0b: { name: '16-bit integers', bytes: 2, read: (view, at) => view.getInt16(at) },
  0x0c: { name: '32-bit integers', bytes: 4, read: (view, at) => view.getInt32(at) },
  0x0d: { name: '32-bit floats', bytes: 4, read: (view, at) => view.getFloat32(at) },
  0x0e: { name: '64-bit floats', bytes: 8, read: (view, at) => view.getFloat64(at) },
}

export interface IdxHeader {
  type: ValueType
  /** The first counts the items. */
  dimensions: number[]
}

/** Values of one item. */
export type IdxItem = Uint8Array | Float64Array

export const isByteType = ({ type }: IdxHeader): boolean => type.name === valueTypes[0x08]!.name

/** Largest number of values of one item that is believed. */
const maximumValues = 2 ** 28

/**
 * Header and items of an IDX file, one array of values an item: of unsigned bytes as they are, of other types as numbers.
 * Whoever does not read all items must close it. Memory: one item and a piece of the file.
 * @throws file-not-found, data-unreadable saying what is wrong with the file; as the items are read also for one that is too short or
 *   too long.
 */
export async function openIdx(
  file: string,
): Promise<{ header: IdxHeader; items: AsyncGenerator<IdxItem>; close: () => Promise<void> }> {
  const source = createSource(file)
  try {
    const header = await readHeader(file, source)
    return { header, items: readItems(file, header, source), close: () => source.close() }
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Takes bytes from a stream in amounts of one's own. */
interface Source {
  /** The next `length` bytes; fewer at the end. */
  take(length: number): Promise<Uint8Array>
  close(): Promise<void>
}

function createSource(file: string): Source {
  const chunks = readBytesOf(file)
  let chunk: Uint8Array = new Uint8Array(0)
  return {
    async take(length) {
      if (chunk.length >= length) {
        const taken = chunk.slice(0, length)
        chunk = chunk.subarray(length)
        return taken
      }
      const taken = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        if (chunk.length === 0) {
          const next = await chunks.next()
          if (next.done) break
          chunk = next.value
        }
        const part = chunk.subarray(0, length - filled)
        taken.set(part, filled)
        filled += part.length
        chunk = chunk.subarray(part.length)
      }
      return taken.subarray(0, filled)
    },
    async close() {
      await chunks.return(undefined)
    },
  }
}

async function readHeader(file: string, source: Source): Promise<IdxHeader> {
  const magic = await source.take(4)
  const type = valueTypes[magic[2] ?? 0]
  const count = magic[3] ?? 0
  if (magic.length < 4 || magic[0] !== 0 || magic[1] !== 0 || type === undefined || count < 1 || count > 4)
    throw new DarkroomError('data-unreadable', {
      file,
      expected: 'an IDX file: 00 00, a known type, 1 to 4 dimensions',
      received: magic.length < 4 ? `${magic.length} bytes` : Buffer.from(magic).toString('hex'),
    })
  const bytes = await source.take(4 * count)
  if (bytes.length < 4 * count)
    throw new DarkroomError('data-unreadable', {
      file,
      expected: `a header of ${4 + 4 * count} bytes`,
      received: `${4 + bytes.length} bytes`,
    })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const dimensions = Array.from({ length: count }, (_, i) => view.getUint32(4 * i))
  const values = valuesOf(dimensions)
  if (values < 1 || values > maximumValues)
    throw new DarkroomError('data-unreadable', {
      file,
      expected: 'items of at least one value, and not too many',
      received: `dimensions ${dimensions.join(' × ')}`,
    })
  return { type, dimensions }
}

const valuesOf = (dimensions: number[]): number => dimensions.slice(1).reduce((a, b) => a * b, 1)

async function* readItems(file: string, header: IdxHeader, source: Source): AsyncGenerator<IdxItem> {
  const { type, dimensions } = header
  const count = dimensions[0]!
  const values = valuesOf(dimensions)
  const length = values * type.bytes
  const wrongLength = (received: string): DarkroomError =>
    new DarkroomError('data-unreadable', {
      file,
      expected: `${count} items of ${values} ${type.name}, as its header says`,
      received,
    })
  try {
    for (let index = 0; index < count; index++) {
      const bytes = await source.take(length)
      if (bytes.length < length) throw wrongLength(`${index} whole items`)
      if (isByteType(header)) yield bytes
      else {
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        yield Float64Array.from({ length: values }, (_, i) => type.read(view, i * type.bytes))
      }
    }
    if ((await source.take(1)).length > 0) throw wrongLength('more bytes')
  } finally {
    await source.close()
  }
}
