import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { DarkroomError } from '../../contract/errors.ts'

const readBytes = 2 ** 18

/**
 * A file's bytes piece by piece, unpacked where its name ends in `.gz`.
 * @throws file-not-found, data-unreadable
 */
export async function* readBytesOf(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file, { highWaterMark: readBytes })
  // `pipeline` passes a failure of the source on to its end, where it is thrown; here there is nothing left to be done about it.
  const bytes = file.toLowerCase().endsWith('.gz')
    ? pipeline(source, createGunzip({ chunkSize: readBytes }), () => undefined)
    : source
  try {
    for await (const chunk of bytes) yield chunk as Buffer
  } catch (error) {
    throw readError(file, error)
  } finally {
    bytes.destroy()
    source.destroy()
  }
}

function readError(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT') return new DarkroomError('file-not-found', { file }, error)
  if (code === 'Z_BUF_ERROR')
    return new DarkroomError(
      'data-unreadable',
      { file, expected: 'a whole gzip file', received: 'one that is cut off' },
      error,
    )
  if (code.startsWith('Z_'))
    return new DarkroomError('data-unreadable', { file, expected: 'a gzip file', received: code }, error)
  return code === '' ? error : new DarkroomError('data-unreadable', { file, received: code }, error)
}
