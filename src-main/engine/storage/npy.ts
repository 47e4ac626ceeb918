import { DarkroomError } from '../../contract/errors.ts'

/*
 * NumPy's file format: a magic, a version, a header in Python's notation, then the array.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

const magic = Buffer.from('\x93NUMPY', 'latin1')

/** A table of floats, rows one after the other, as an array [rows, columns] of little-endian 32-bit floats, version 1.0. */
export function encodeNpy(values: Float32Array, columns: number): Uint8Array {
  const shape = `(${values.length / columns}, ${columns})`
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`
  // Magic, version, length and header with its line end take a multiple of 64 bytes.
  const length = Math.ceil((magic.length + 4 + header.length + 1) / 64) * 64 - magic.length - 4
  const file = Buffer.alloc(magic.length + 4 + length + values.byteLength, ' ')
  magic.copy(file)
  file.set([1, 0, length & 0xff, length >> 8], magic.length)
  file.write(header, magic.length + 4)
  const start = magic.length + 4 + length
  file[start - 1] = '\n'.charCodeAt(0)
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start)
  return file
}

const items = {
  '<f4': { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) },
  '>f4': { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, false) },
  '<f8': { bytes: 8, read: (view: DataView, at: number) => view.getFloat64(at, true) },
  '>f8': { bytes: 8, read: (view: DataView, at: number) => view.getFloat64(at, false) },
} as const

/**
 * Reads an array of 32- or 64-bit floats [rows, columns], or one row [columns].
 * @param file named in errors
 * @returns its rows, one after the other
 * @throws latents-unreadable
 */
export function decodeNpy(bytes: Uint8Array, file: string): { values: Float32Array; columns: number } {
  const refuse = (expected: string, received: string): DarkroomError =>
    new DarkroomError('latents-unreadable', { file, expected, received })
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!buffer.subarray(0, magic.length).equals(magic) || buffer.length < magic.length + 6)
    throw refuse('a NumPy file', 'another one')
  const isLong = buffer[magic.length]! > 1
  const headerAt = magic.length + 2 + (isLong ? 4 : 2)
  const start =
    headerAt + (isLong ? buffer.readUInt32LE(magic.length + 2) : buffer.readUInt16LE(magic.length + 2))
  const header = buffer.toString('latin1', headerAt, start)
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? 'no type'
  const isFortran = /'fortran_order':\s*True/.test(header)
  const sides = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1]?.match(/\d+/g)?.map(Number) ?? []
  const item = items[type as keyof typeof items] as (typeof items)[keyof typeof items] | undefined
  if (item === undefined) throw refuse('32- or 64-bit floats', type)
  if (sides.length < 1 || sides.length > 2) throw refuse('an array of rows', `shape (${sides.join(', ')})`)
  const [rows, columns] = sides.length === 1 ? [1, sides[0]!] : (sides as [number, number])
  if (buffer.length - start !== rows * columns * item.bytes)
    throw refuse(`${rows * columns * item.bytes} bytes of numbers`, `${buffer.length - start}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset + start)
  const values = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const place = isFortran ? column * rows + row : row * columns + column
      values[row * columns + column] = item.read(view, place * item.bytes)
    }
  return { values, columns }
}
