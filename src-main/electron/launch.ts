import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

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
    .map((argument) => resolve(folder, argument))
    .filter((path) => existsSync(path))
