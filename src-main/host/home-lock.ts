import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { DarkroomError, toErrorDetail } from '../contract/errors.ts'
import { writeAtomic } from '../engine/storage/atomic.ts'

// One program at a time works on a home folder: two would each write the queue. The desktop and browser mode share this
// lock. It holds no secret, and yet only its owner may read it.

const Holder = z.strictObject({
  pid: z.int(),
  kind: z.enum(['desktop', 'browser']),
  /** Where browser mode listens; null on the desktop. */
  url: z.string().nullable(),
})
/** Who works on a home folder. */
export type Holder = z.infer<typeof Holder>

export interface HomeLock {
  release(): Promise<void>
}

/** A holder shows every so many milliseconds that it lives… */
const heartbeat = 5_000
/** …and counts as gone after so many: its process id may be another program's, after a power cut. */
const patience = 30_000

const lockFile = (home: string): string => join(home, 'running.json')

/**
 * Takes the home folder for this process. A lock that was left by a program that is gone (killed, or by a power cut) is
 * taken over.
 *
 * @throws DarkroomError `home-in-use`, with where the other program is to be found; as `writeAtomic`
 */
export async function takeHomeLock(home: string, holder: Omit<Holder, 'pid'>): Promise<HomeLock> {
  const file = lockFile(home)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const text = JSON.stringify({ pid: process.pid, ...holder } satisfies Holder)
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
    const by = await findHolder(home)
    if (by !== null) throw inUse(home, by)
    await rm(file, { force: true })
    // Another one may have been quicker to take over.
    if (!(await take())) throw inUse(home, await findHolder(home))
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

/** Waits for a desktop program that is ending; not for ever, so that one which hangs is met by `takeHomeLock`. */
export async function desktopEnded(home: string): Promise<void> {
  const limit = performance.now() + patience
  while ((await findHolder(home))?.kind === 'desktop' && performance.now() < limit) await delay(100)
}

const inUse = (home: string, by: Holder | null): DarkroomError =>
  new DarkroomError('home-in-use', { file: by?.url ?? home })

/** Who works on a home folder; null for nobody. */
export async function findHolder(home: string): Promise<Holder | null> {
  const file = lockFile(home)
  try {
    const holder = Holder.parse(JSON.parse(await readFile(file, 'utf8')))
    const silence = Date.now() - (await stat(file)).mtimeMs
    return silence < patience && isAlive(holder.pid) ? holder : null
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
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
