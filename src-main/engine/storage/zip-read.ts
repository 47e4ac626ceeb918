import { createWriteStream } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { DarkroomError, toErrorDetail } from '../../contract/errors.ts'

export interface UnpackOptions {
  /** Where a file of the archive goes, as a path below the folder; null leaves it out. */
  place: (name: string) => string | null
  signal: AbortSignal
  onProgress: (done: number, total: number) => void
}

/** More files than anything of ours holds: an archive with more is not ours. */
const mostEntries = 100_000

/**
 * Unpacks files of a .zip archive into a folder. Links become plain files; nothing is written outside of the folder whatever the archive
 * says; no more is written than it says, and nothing where that does not fit on the disk.
 * @throws archive-unreadable where it is no archive, or any of its files is damaged; disk-full; file-not-found; errors of the file system
 */
export async function unpackZip(file: string, folder: string, options: UnpackOptions): Promise<void> {
  const archive = await openArchive(file)
  try {
    const entries = await listEntries(archive, options.place)
    const total = entries.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0)
    await mkdir(folder, { recursive: true })
    const { bavail, bsize } = await statfs(folder)
    if (total > bavail * bsize) throw new DarkroomError('disk-full', { file: folder })
    for (const [done, { entry, place }] of entries.entries()) {
      options.signal.throwIfAborted()
      options.onProgress(done, entries.length)
      const target = join(folder, place)
      await mkdir(dirname(target), { recursive: true })
      await writeEntry(archive, entry, target, options.signal)
    }
  } catch (thrown) {
    options.signal.throwIfAborted()
    // Of the disk the file system tells; everything else is the archive's fault.
    const isOfDisk = thrown instanceof Error && 'syscall' in thrown
    throw thrown instanceof DarkroomError || isOfDisk ? thrown : damaged(file, thrown)
  } finally {
    archive.close()
  }
}

const damaged = (file: string, cause: unknown): DarkroomError =>
  new DarkroomError('archive-unreadable', { file, received: toErrorDetail(cause).received ?? '' }, cause)

async function openArchive(file: string): Promise<ZipFile> {
  try {
    return await openPromise(file, { autoClose: false, strictFileNames: true })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw code === 'ENOENT' ? new DarkroomError('file-not-found', { file }, cause) : damaged(file, cause)
  }
}

interface Placed {
  entry: Entry
  place: string
}

/** yauzl refuses absolute paths, `..` and backslashes in names. */
async function listEntries(archive: ZipFile, placeOf: UnpackOptions['place']): Promise<Placed[]> {
  if (archive.entryCount > mostEntries) throw new Error(`${archive.entryCount} entries`)
  const entries: Placed[] = []
  const taken = new Set<string>()
  for await (const entry of archive.eachEntry()) {
    const place = entry.fileName.endsWith('/') ? null : placeOf(entry.fileName)
    if (place === null) continue
    if (taken.has(place)) throw new Error(`${place} is there twice`)
    taken.add(place)
    entries.push({ entry, place })
  }
  return entries
}

async function writeEntry(
  archive: ZipFile,
  entry: Entry,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  let checksum = 0
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      checksum = crc32(chunk, checksum)
      done(null, chunk)
    },
  })
  const source = await archive.openReadStreamPromise(entry)
  await pipeline(source, check, createWriteStream(target, { flags: 'wx' }), { signal })
  if (checksum !== entry.crc32) throw new Error(`${entry.fileName}: its checksum is wrong`)
}
