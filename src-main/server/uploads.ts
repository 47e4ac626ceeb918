import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, statfs } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname, join, parse, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DarkroomError } from '../contract/errors.ts'
import { removeOldEntries } from '../host/old-entries.ts'
import { uploadName } from './upload-name.ts'

/** Largest file that is taken, in bytes. The largest picture that the engine opens is smaller. */
const maxBytes = 4 * 2 ** 30
/** Bytes that stay free on the disk, for the results and for everyone else. */
const reserveBytes = 256 * 2 ** 20

export interface Uploads {
  /** Folder of this session's files; made when the first one comes. */
  folder: string
  /**
   * Writes the body of a request to a file and returns its path. The file appears whole or not at all.
   *
   * @param name relative path, as the browser has it
   * @param batch files of one drop share a folder; null: a folder of its own
   * @throws DarkroomError `argument-invalid`, `image-too-large`, `disk-full`; the stream's error when the page goes away
   */
  receive(body: IncomingMessage, name: string, batch: string | null): Promise<string>
  /** Removes what earlier sessions left, a week later, but for the folders that hold any of these files. */
  removeOld(inUse: string[]): Promise<void>
}

/** @param home the program's own folder */
export function openUploads(home: string): Uploads {
  const root = join(home, 'uploads')
  const session = randomUUID()
  const folder = join(root, session)
  /** Keys of the paths in use or being written. */
  const taken = new Set<string>()
  /** Bytes that uploads under way have still to bring: those that come at once share the disk. */
  let awaited = 0

  /** The path itself, or with a number where a file of this name came before. */
  function freePath(path: string): string {
    const { dir, name, ext } = parse(path)
    let free = path
    for (let number = 2; taken.has(keyOf(free)); number++) free = join(dir, `${name}-${number}${ext}`)
    return free
  }

  async function write(body: IncomingMessage, path: string): Promise<void> {
    const temporary = join(folder, `.${randomUUID()}.part`)
    const bytes = lengthOf(body, path)
    let left = 0
    const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        left -= chunk.length
        awaited -= chunk.length
        yield chunk
      }
    }
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const { bavail, bsize } = await statfs(folder)
      if (awaited + bytes > bavail * bsize - reserveBytes)
        throw new DarkroomError('disk-full', { file: path })
      left = bytes
      awaited += bytes
      await pipeline(body, counted, createWriteStream(temporary, { flags: 'wx', mode: 0o600 }))
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw isFull(error) ? new DarkroomError('disk-full', { file: path }, error) : error
    } finally {
      awaited -= left
    }
  }

  return {
    folder,

    async receive(body, name, batch) {
      if (batch !== null && !/^[\w-]{1,64}$/.test(batch))
        throw new DarkroomError('argument-invalid', { file: 'batch', received: batch })
      const path = freePath(join(folder, batch ?? randomUUID(), ...uploadName(name)))
      taken.add(keyOf(path))
      try {
        await write(body, path)
      } catch (error) {
        taken.delete(keyOf(path))
        throw error
      }
      return path
    },

    async removeOld(inUse) {
      const isInUse = (one: string): boolean => inUse.some((path) => path.startsWith(join(root, one) + sep))
      await removeOldEntries(root, (one) => one === session || isInUse(one))
    },
  }
}

/** A path without case and form of accents: some file systems know no such difference. */
const keyOf = (path: string): string => path.normalize('NFC').toLowerCase()

/** Bytes that a request says it has. @throws DarkroomError `argument-invalid` where it does not say, `image-too-large` */
function lengthOf(body: IncomingMessage, path: string): number {
  const bytes = Number(body.headers['content-length'])
  if (!Number.isSafeInteger(bytes))
    throw new DarkroomError('argument-invalid', { file: 'Content-Length', expected: 'a number of bytes' })
  if (bytes > maxBytes)
    throw new DarkroomError('image-too-large', {
      file: path,
      expected: `at most ${maxBytes} bytes`,
      received: `${bytes} bytes`,
    })
  return bytes
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
