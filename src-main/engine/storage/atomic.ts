import { randomBytes } from 'node:crypto'
import { access, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'

const temporaryPrefix = '.darkroom-'

/** A hidden name that nothing else has. Short, so that beside a target of 255 bytes there is room for it. */
export const temporaryName = (): string => `${temporaryPrefix}${randomBytes(8).toString('hex')}.tmp`

/** Whether a file name is one that a write in progress (or one that was killed) uses. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith(temporaryPrefix) && name.endsWith('.tmp')
}

/**
 * Writes a file, or a folder, so that nobody ever sees a part of it: `write` fills a hidden one in the same folder, which then takes
 * the name. Without `overwrite` an existing file is never replaced, not even one that appears meanwhile. When anything
 * fails, `write` included (cancelling is throwing), the hidden file is removed. Missing folders are made.
 *
 * Not synced to the disk: after a power cut a file may be lost, as with any program that does not wait for the disk.
 *
 * @throws DarkroomError `file-exists`, `disk-full`, `output-unwritable`, and whatever `write` throws otherwise
 */
export async function writeAtomic(
  path: string,
  write: (temporary: string) => Promise<void>,
  options: { overwrite: boolean },
): Promise<void> {
  const temporary = join(dirname(path), temporaryName())
  try {
    await mkdir(dirname(path), { recursive: true })
    if (!options.overwrite && (await exists(path))) throw new DarkroomError('file-exists', { file: path })
    await write(temporary)
    if (options.overwrite) await rename(temporary, path)
    else await renameExclusive(temporary, path)
  } catch (error) {
    throw outputError(error, path)
  } finally {
    // What kept the file from being written may keep it from being looked at too; the first error says more.
    await rm(temporary, { force: true, recursive: true }).catch(() => undefined)
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** `rename` replaces silently on every system; a hard link fails when the name is taken. */
async function renameExclusive(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!noLinks.has(errorCode(error))) throw error
    // File systems without hard links (exFAT, some network shares): take the name with an empty file first.
    await (await open(to, 'wx')).close()
    await rename(from, to).catch(async (failure: unknown) => {
      await rm(to, { force: true })
      throw failure
    })
  }
}

const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EINVAL'])
const unwritable = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'EBUSY'],
  ...['EINVAL', 'EIO', 'ELOOP', 'EMFILE', 'ENFILE', 'EFBIG'],
])

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** What a failed write means to a person; what is no failure of the file system is given back as it is. */
export function outputError(error: unknown, path: string): unknown {
  if (error instanceof DarkroomError) return error
  const code = errorCode(error)
  const makingFolder = error instanceof Error && 'syscall' in error && error.syscall === 'mkdir'
  if (code === 'EEXIST' && makingFolder)
    return new DarkroomError(
      'output-unwritable',
      { file: path, expected: 'a folder', received: 'a file' },
      error,
    )
  if (code === 'EEXIST') return new DarkroomError('file-exists', { file: path }, error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return new DarkroomError('disk-full', { file: path }, error)
  if (unwritable.has(code))
    return new DarkroomError('output-unwritable', { file: path, received: code }, error)
  return error
}
