import { open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { toErrorDetail } from '../../contract/errors.ts'
import { outputError, writeAtomic } from './atomic.ts'

/** A holder shows every so many milliseconds that it lives… */
const heartbeat = 5_000
/** …and counts as gone after so many: its process id may be another program's, after a power cut. */
export const lockPatience = 30_000

const Holder = z.looseObject({ pid: z.int() })

export interface Lock {
  release(): Promise<void>
}

/**
 * Takes a lock file for this process, or returns null where another holder lives (this process may be it). A file that was left by a
 * process that is gone (killed, or by a power cut) is taken over. It holds no secret, and yet only its owner may read it.
 * @param note goes into the file beside the process id.
 * @throws as `writeAtomic`
 */
export async function takeLock(file: string, note: Record<string, unknown>): Promise<Lock | null> {
  const text = JSON.stringify({ pid: process.pid, ...note })
  // Whole from the start, and only where there is none: of two that start at once, one gets it.
  const take = (): Promise<boolean> =>
    writeAtomic(file, (part) => writeFile(part, text, { mode: 0o600 }), { overwrite: false }).then(
      () => true,
      (error: unknown) => {
        if (toErrorDetail(error).code === 'file-exists') return false
        throw error
      },
    )
  if (!(await take())) {
    if (await isLocked(file)) return null
    if (!(await takeOver(file, take))) return null
  }
  const beat = setInterval(() => {
    const now = new Date()
    // A file that cannot be touched (a full disk, an unmounted folder) must not end the program.
    utimes(file, now, now).catch(() => undefined)
  }, heartbeat)
  beat.unref()
  return {
    async release() {
      clearInterval(beat)
      await rm(file, { force: true })
    },
  }
}

/**
 * Takes the place of a holder that is gone. Two that found the same old file must not both remove it, or the second would remove the first
 * one's new file: who takes over holds a second file meanwhile, and looks again once it has it.
 * @returns false where another one takes over, or was quicker
 */
async function takeOver(file: string, take: () => Promise<boolean>): Promise<boolean> {
  const claim = `${file}.takeover`
  try {
    await (await open(claim, 'wx', 0o600)).close()
  } catch (error) {
    if (!isError(error, 'EEXIST')) throw outputError(error, file)
    // It is held for milliseconds: an old one was left by a program that was killed just then. The next attempt finds none.
    const since = await stat(claim).catch(() => null)
    if (since !== null && Date.now() - since.mtimeMs > lockPatience) await rm(claim, { force: true })
    return false
  }
  try {
    if (await isLocked(file)) return false
    await rm(file, { force: true })
    return await take()
  } finally {
    await rm(claim, { force: true })
  }
}

const isError = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** Whether a lock file's holder lives. */
export async function isLocked(file: string): Promise<boolean> {
  return (await readHolder(file)) !== null
}

/** What the holder of a lock file wrote into it; null where there is none, or none that lives. */
export async function readHolder(file: string): Promise<unknown> {
  try {
    const holder = Holder.parse(JSON.parse(await readFile(file, 'utf8')))
    const silence = Date.now() - (await stat(file)).mtimeMs
    return silence < lockPatience && isAlive(holder.pid) ? holder : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It lives, and belongs to someone else.
    return isError(error, 'EPERM')
  }
}
