import { homedir, platform } from 'node:os'
import { join } from 'node:path'

const folderName = 'latent-darkroom'

/**
 * The program's own folder of this person: preferences, the window's queue, added models, runs, logs. `DARKROOM_HOME`
 * names another one. Where such folders belong: the XDG base directory specification, and the platforms' own guidelines.
 */
export function programHome(env: Record<string, string | undefined> = process.env): string {
  if (env['DARKROOM_HOME']) return env['DARKROOM_HOME']
  if (platform() === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), folderName)
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', folderName)
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), folderName)
}

/** Where samples are kept that were decoded for training: they may be deleted at any time. */
export const dataCache = (home: string): string => join(home, 'cache', 'data')

/** Where the native engine is staged, and looked for: beside the program's other files, so that it survives a new version of the program. */
export const nativeFolder = (home: string): string => join(home, 'native')
