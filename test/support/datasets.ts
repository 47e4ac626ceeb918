import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'

/** Types of an IDX file's values, by the number in its header. */
export const idxTypes = { ubyte: 8, byte: 9, short: 11, int: 12, float: 13, double: 14 } as const
const writers: Record<
  keyof typeof idxTypes,
  [bytes: number, write: (view: DataView, at: number, value: number) => void]
> = {
  ubyte: [1, (view, at, value) => view.setUint8(at, value)],
  byte: [1, (view, at, value) => view.setInt8(at, value)],
  short: [2, (view, at, value) => view.setInt16(at, value)],
  int: [4, (view, at, value) => view.setInt32(at, value)],
  float: [4, (view, at, value) => view.setFloat32(at, value)],
  double: [8, (view, at, value) => view.setFloat64(at, value)],
}

/** The bytes of an IDX file. */
export function idxBytes(
  dimensions: number[],
  values: ArrayLike<number>,
  type: keyof typeof idxTypes = 'ubyte',
): Buffer {
  const [bytes, write] = writers[type]
  const file = Buffer.alloc(4 + 4 * dimensions.length + bytes * values.length)
  file.set([0, 0, idxTypes[type], dimensions.length])
  dimensions.forEach((size, i) => file.writeUInt32BE(size, 4 + 4 * i))
  const view = new DataView(file.buffer, file.byteOffset + 4 + 4 * dimensions.length)
  for (let i = 0; i < values.length; i++) write(view, i * bytes, values[i]!)
  return file
}

/** Writes bytes or text, packed where the name ends in `.gz`; folders are made. Returns the path. */
export async function writeData(path: string, content: Uint8Array | string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, path.endsWith('.gz') ? gzipSync(content) : content)
  return path
}

/** A PNG file of one colour; folders are made. Returns the path. */
export async function writeFlat(
  path: string,
  colour: { r: number; g: number; b: number; alpha?: number },
  size: { width: number; height: number } = { width: 8, height: 8 },
): Promise<string> {
  const channels = colour.alpha === undefined ? 3 : 4
  const png = await sharp({ create: { ...size, channels, background: colour } })
    .png()
    .toBuffer()
  return writeData(path, png)
}
