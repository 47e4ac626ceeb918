import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { DarkroomError } from '../../contract/errors.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { writeAtomic } from './atomic.ts'

/*
 * The safetensors file format: a little-endian u64, the length of a JSON header that names every tensor's type, shape and
 * byte range, then the tensors, row-major and little-endian. https://github.com/huggingface/safetensors
 */

/** The reference implementation's limit on the header: a hostile file must not make us allocate without end. */
const maxHeaderBytes = 100_000_000

const fileTypes = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const
const tensorTypes = { F32: 'float32', I32: 'int32', BOOL: 'bool' } as const
const arrays = { F32: Float32Array, I32: Int32Array, BOOL: Uint8Array } as const

const offset = z.int().min(0)
const Entry = z.strictObject({
  dtype: z.enum(['F32', 'I32', 'BOOL']),
  shape: z.array(offset),
  data_offsets: z.tuple([offset, offset]),
})
const Header = z.object({ __metadata__: z.record(z.string(), z.string()).optional() }).catchall(Entry)

export interface SafetensorsFile {
  tensors: TensorMap
  /** Free text by name, `__metadata__` in the file. */
  metadata: Record<string, string>
}

/**
 * Reads named tensors of type float32, int32 and bool.
 * @throws file-not-found, or model-unreadable when the file is damaged or holds another type.
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new DarkroomError(missing ? 'file-not-found' : 'model-unreadable', { file: path }, cause)
  }
  return decodeSafetensors(bytes, path)
}

/** Writes named tensors whole or not at all; an existing file is replaced. */
export async function writeSafetensors(
  path: string,
  tensors: TensorMap,
  metadata: Record<string, string> = {},
): Promise<void> {
  const bytes = encodeSafetensors(tensors, metadata)
  await writeAtomic(path, (temporary) => writeFile(temporary, bytes), { overwrite: true })
}

export function encodeSafetensors(tensors: TensorMap, metadata: Record<string, string> = {}): Uint8Array {
  const header: Record<string, unknown> = {}
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata
  let end = 0
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: fileTypes[dtype], shape, data_offsets: [end, end + data.byteLength] }
    end += data.byteLength
  }
  const json = Buffer.from(JSON.stringify(header))
  // Padded with spaces, so that the data starts at a multiple of 8 bytes and can be viewed in place.
  const headerBytes = Math.ceil(json.length / 8) * 8
  const file = Buffer.alloc(8 + headerBytes + end, ' ')
  file.writeBigUInt64LE(BigInt(headerBytes), 0)
  json.copy(file, 8)
  let position = 8 + headerBytes
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position)
    position += data.byteLength
  }
  return file
}

/** @param path named in errors. */
export function decodeSafetensors(bytes: Uint8Array, path: string): SafetensorsFile {
  const damaged = (expected: string, received: string, cause?: unknown): DarkroomError =>
    new DarkroomError('model-unreadable', { file: path, expected, received }, cause)

  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < 8) throw damaged('a safetensors file', `${file.length} bytes`)
  const headerBytes = file.readBigUInt64LE(0)
  if (headerBytes > Math.min(maxHeaderBytes, file.length - 8)) {
    throw damaged(
      'a safetensors header',
      `a header of ${headerBytes.toString()} bytes in a file of ${file.length}`,
    )
  }
  const start = 8 + Number(headerBytes)
  let header: z.infer<typeof Header>
  try {
    header = Header.parse(JSON.parse(file.toString('utf8', 8, start)))
  } catch (cause) {
    throw damaged('a safetensors header with tensors of type F32, I32 or BOOL', 'something else', cause)
  }

  const { __metadata__: metadata = {}, ...entries } = header
  const tensors: TensorMap = {}
  let end = 0
  for (const [name, entry] of Object.entries<z.infer<typeof Entry>>(entries)) {
    const array = arrays[entry.dtype]
    const [from, to] = entry.data_offsets
    const size = entry.shape.reduce((product, n) => product * n, array.BYTES_PER_ELEMENT)
    if (to - from !== size || start + to > file.length) {
      throw damaged(`${size} bytes for tensor ${name}`, `${to - from} in a file of ${file.length}`)
    }
    end = Math.max(end, to)
    // Copied: the result must neither keep the whole file alive nor depend on its alignment.
    const data = new array(Uint8Array.from(file.subarray(start + from, start + to)).buffer)
    tensors[name] = { dtype: tensorTypes[entry.dtype], shape: entry.shape, data }
  }
  if (start + end !== file.length) throw damaged(`${start + end} bytes`, `${file.length}`)
  return { tensors, metadata }
}
