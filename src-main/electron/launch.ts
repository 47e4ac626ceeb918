import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Desktop entries on Linux may name files by their address. */
function pathOf(argument: string): string {
  if (!argument.startsWith('file://')) return argument
  try {
    return fileURLToPath(argument)
  } catch {
    // Of another machine, or no address after all.
    return argument
  }
}

/**
 * Files and folders named on a command line, absolute. Switches, of ours and of Chromium's, begin with a dash; what does
 * not exist is dropped, for a window has nowhere to complain before it is open.
 *
 * @param argv of the process; @param isPackaged without it, the second argument is the folder of the program itself
 */
export const launchPaths = (argv: readonly string[], folder: string, isPackaged: boolean): string[] =>
  argv
    .slice(isPackaged ? 1 : 2)
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .map((argument) => resolve(folder, pathOf(argument)))
    .filter((path) => existsSync(path))
