import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Pin } from './pins.ts'

/** Where files are kept that were fetched, until all of it is staged: beside the engine's own folder. */
export const partsFolder = (folder: string): string => `${folder}.parts`

/** Bytes of a file; 0 where it is not there. */
export const fileSize = async (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  )

/** Bytes of these files that an earlier staging has left. */
export async function bytesKept(pins: Pin[], parts: string): Promise<number> {
  const sizes = await Promise.all(pins.map(({ file }) => fileSize(join(parts, file))))
  return pins.reduce((sum, { bytes }, i) => sum + (sizes[i] === bytes ? bytes : 0), 0)
}

/** The hash of a file, as its pin has it. */
export async function hashOf(file: string, { from }: Pin, signal: AbortSignal): Promise<string> {
  const hash = createHash(from === 'npm' ? 'sha512' : 'sha256')
  await pipeline(createReadStream(file), hash, { signal })
  return hash.digest(from === 'npm' ? 'base64' : 'hex')
}
