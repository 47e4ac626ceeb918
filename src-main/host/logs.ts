import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface Log {
  /** The folder of the log files. */
  folder: string
  /** The file that is being written; older lines are in `<name>.1.log`, `<name>.2.log`. */
  file: string
  write(line: string): void
}

/** Bytes of a log file before the next is begun, and files that are kept. */
const fileLimit = 2 ** 20
const filesKept = 3
/** Characters of a line: enough for a stack, too little for the contents of a file. */
const lineLimit = 4_000

export const logFolder = (home: string): string => join(home, 'logs')

/**
 * Opens a log below the program's own folder. Every line gets the time. Written at once, so that the last line before a
 * crash is there. A log that cannot be written (a full disk) is given up silently: it must never be what fails.
 */
export function openLog(home: string, name: string, limit = fileLimit): Log {
  const folder = logFolder(home)
  const file = join(folder, `${name}.log`)
  return {
    folder,
    file,
    write(line) {
      try {
        mkdirSync(folder, { recursive: true })
        if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > limit) rotate(folder, name)
        appendFileSync(file, `${new Date().toISOString()} ${clean(line)}\n`, { mode: 0o600 })
      } catch {
        // See above.
      }
    },
  }
}

/** Without secrets (values of `token`), without control characters, and not too long. */
const clean = (line: string): string =>
  line
    .slice(0, lineLimit)
    .replace(/(token["']?\s*[=:]\s*["']?)[^\s"'&]+/gi, '$1…')
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '�')

function rotate(folder: string, name: string): void {
  const numbered = (n: number): string => join(folder, n === 0 ? `${name}.log` : `${name}.${n}.log`)
  for (let n = filesKept - 2; n >= 0; n--) {
    if (statSync(numbered(n), { throwIfNoEntry: false })) renameSync(numbered(n), numbered(n + 1))
  }
}
