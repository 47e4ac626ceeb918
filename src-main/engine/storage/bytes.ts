import type { FileHandle } from 'node:fs/promises'

/** Reads up to `length` bytes at `offset`; fewer at the end of what there is. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>

/** Headers are walked in steps of a few bytes: whole blocks are read ahead for them. */
const blockBytes = 65536

export function readAtFile(file: FileHandle): ReadAt {
  let block: Uint8Array = new Uint8Array(0)
  let blockAt = 0
  const readFully = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }
  return async (offset, length) => {
    if (length > blockBytes) {
      const { size } = await file.stat()
      return readFully(offset, Math.max(0, Math.min(length, size - offset)))
    }
    if (offset < blockAt || offset + length > blockAt + block.length) {
      block = await readFully(offset, blockBytes)
      blockAt = offset
    }
    return block.slice(offset - blockAt, offset - blockAt + length)
  }
}

export function readAtBytes(bytes: Uint8Array): ReadAt {
  return (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length))
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** One character a byte, for markers and for text that is searched byte by byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

export function concatBytes(parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
