import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { DarkroomError } from '../contract/errors.ts'
import { lockPatience, readHolder, takeLock, type Lock } from '../engine/storage/lock.ts'

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

const lockFile = (home: string): string => join(home, 'running.json')

/**
 * Takes the home folder for this process. A lock that was left by a program that is gone (killed, or by a power cut) is
 * taken over.
 *
 * @throws DarkroomError `home-in-use`, with where the other program is to be found; as `writeAtomic`
 */
export async function takeHomeLock(home: string, holder: Omit<Holder, 'pid'>): Promise<Lock> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const lock = await takeLock(lockFile(home), holder)
  if (lock !== null) return lock
  throw new DarkroomError('home-in-use', { file: (await findHolder(home))?.url ?? home })
}

/** Waits for a desktop program that is ending; not for ever, so that one which hangs is met by `takeHomeLock`. */
export async function desktopEnded(home: string): Promise<void> {
  const limit = performance.now() + lockPatience
  while ((await findHolder(home))?.kind === 'desktop' && performance.now() < limit) await delay(100)
}

/** Who works on a home folder; null for nobody. */
export async function findHolder(home: string): Promise<Holder | null> {
  return Holder.safeParse(await readHolder(lockFile(home))).data ?? null
}
