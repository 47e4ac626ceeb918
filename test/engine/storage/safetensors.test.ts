import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
} from '../../../src-main/engine/storage/safetensors.ts'

const tensors: TensorMap = {
  'head.kernel': { shape: [1, 1, 2, 2], dtype: 'float32', data: Float32Array.of(1.5, -0, 1e-38, NaN) },
  steps: { shape: [], dtype: 'int32', data: Int32Array.of(-7) },
  mask: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  empty: { shape: [0, 4], dtype: 'float32', data: new Float32Array(0) },
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('safetensors', () => {
  it('reads back what was written, to the bit', async () => {
    const path = join(folder, 'weights.safetensors')
    await writeSafetensors(path, tensors, { step: '12', note: 'ä 한' })
    expect(await readSafetensors(path)).toEqual({ tensors, metadata: { step: '12', note: 'ä 한' } })
  })

  it('writes the published layout', () => {
    const file = Buffer.from(
      encodeSafetensors({ a: { shape: [2], dtype: 'int32', data: Int32Array.of(1, 2) } }),
    )
    const headerBytes = Number(file.readBigUInt64LE(0))
    expect(headerBytes % 8).toBe(0)
    expect(JSON.parse(file.toString('utf8', 8, 8 + headerBytes))).toEqual({
      a: { dtype: 'I32', shape: [2], data_offsets: [0, 8] },
    })
    expect([file.readInt32LE(8 + headerBytes), file.readInt32LE(12 + headerBytes)]).toEqual([1, 2])
  })

  it('reads tensors that are views of a larger buffer', () => {
    const view = Float32Array.of(0, 1, 2, 3).subarray(1, 3)
    const { tensors } = decodeSafetensors(
      encodeSafetensors({ view: { shape: [2], dtype: 'float32', data: view } }),
      'memory',
    )
    expect(tensors['view']!.data).toEqual(Float32Array.of(1, 2))
  })

  const encode = (header: unknown, data = 0): Uint8Array => {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(json.length))
    return Buffer.concat([length, json, Buffer.alloc(data)])
  }
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] }
  it.each<[string, Uint8Array]>([
    ['no bytes', new Uint8Array(0)],
    ['a header longer than the file', Buffer.from('ffffffffffffff7f', 'hex')],
    ['a header that is no JSON', encode('PNG')],
    ['a header that is no object', encode([1])],
    ['an unknown type', encode({ a: { ...entry, dtype: 'BF16' } }, 8)],
    ['a negative size', encode({ a: { ...entry, shape: [-2] } }, 8)],
    ['a size that is not the range', encode({ a: { ...entry, shape: [3] } }, 8)],
    ['a truncated end', encode({ a: entry }, 7)],
    ['bytes past the end', encode({ a: entry }, 9)],
    ['metadata that is no text', encode({ __metadata__: { step: 1 }, a: entry }, 8)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeSafetensors(bytes, 'bad.safetensors')).toThrow(/model-unreadable: bad\.safetensors/)
  })

  it('names a missing file', async () => {
    await expect(readSafetensors(join(folder, 'none'))).rejects.toMatchObject({
      detail: { code: 'file-not-found', file: join(folder, 'none') },
    })
    await writeFile(join(folder, 'short'), 'x')
    await expect(readSafetensors(join(folder, 'short'))).rejects.toMatchObject({
      detail: { code: 'model-unreadable', file: join(folder, 'short') },
    })
  })
})
