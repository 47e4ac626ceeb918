import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { toErrorDetail } from '../contract/errors.ts'
import { writeAtomic } from '../engine/storage/atomic.ts'
import { removeOldEntries } from '../host/old-entries.ts'

/** Pictures of the clipboard, which the engine can read only from files. */
export interface Pasted {
  /** Writes a picture to a file, named by the time, and returns its path. @throws DarkroomError as `writeAtomic` */
  keep(png: Uint8Array): Promise<string>
  /** Removes the pictures that are older than a week, but for these files. What was made of them stays. */
  removeOld(inUse: string[]): Promise<void>
}

const ownName = /^pasted-[\d-]+\.png$/

/** @param home the program's own folder */
export function openPasted(home: string): Pasted {
  const folder = join(home, 'pasted')
  return {
    async keep(png) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const name = `pasted-${localTime(new Date())}`
      for (let number = 1; ; number++) {
        const path = join(folder, number === 1 ? `${name}.png` : `${name}-${number}.png`)
        try {
          await writeAtomic(path, (part) => writeFile(part, png, { mode: 0o600 }), { overwrite: false })
          return path
        } catch (error) {
          // Pasted twice within a second.
          if (toErrorDetail(error).code !== 'file-exists') throw error
        }
      }
    },

    async removeOld(inUse) {
      const names = new Set(inUse.map((path) => basename(path)))
      await removeOldEntries(folder, (name) => !ownName.test(name) || names.has(name))
    },
  }
}

/** `2026-03-09-17-05-59`, as the clock on the wall has it. */
function localTime(now: Date): string {
  const parts = [now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()]
  return [now.getFullYear(), ...parts.map((part) => String(part).padStart(2, '0'))].join('-')
}
