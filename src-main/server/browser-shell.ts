import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { DarkroomError } from '../contract/errors.ts'
import type { Shell, ShellEvent, ShellInfo } from '../contract/shell.ts'
import type { Grants } from '../host/grants.ts'
import type { PreferencesFile } from '../host/preferences.ts'
import type { SupervisedEngine } from '../host/supervise.ts'

export interface BrowserShellOptions {
  info: ShellInfo
  grants: Grants
  preferences: PreferencesFile
  engine: SupervisedEngine
  /** Absolute paths of the command line. */
  open: string[]
}

/** What the loopback server does for its pages: all of them share it. What needs a desktop is refused. */
export function createBrowserShell(options: BrowserShellOptions): Shell {
  const { info, grants, preferences, engine } = options
  const unsupported = (): Promise<never> => Promise.reject(new DarkroomError('shell-unsupported'))
  let opened = options.open

  return {
    info: () => Promise.resolve(info),
    preferences: () => Promise.resolve(preferences.get()),

    async setPreferences(change) {
      const before = preferences.get()
      const out = change.settings?.out
      // The desktop, which has the same preferences, grants this folder when it starts.
      if (out && out !== before.settings.out) await grants.checkOutput(out)
      const after = await preferences.change(change)
      if (after.engine !== before.engine || after.threads !== before.threads)
        engine.restart({ engine: after.engine, threads: after.threads })
      return after
    },

    grant: (paths) => Promise.all(paths.map((path) => grants.check(absolute(path, info.roots)))),

    takeOpened() {
      const paths = opened
      opened = []
      return Promise.resolve(paths)
    },

    chooseFiles: unsupported,
    chooseFolder: unsupported,
    chooseSavePath: unsupported,
    reveal: unsupported,
    copyImage: unsupported,
    pastePicture: unsupported,
    dragOut: unsupported,
    openLogs: unsupported,

    subscribe(listener: (event: ShellEvent) => void) {
      const ends = [
        preferences.subscribe((changed) => listener({ event: 'preferences', preferences: changed })),
        engine.onState((state) => listener({ event: 'engine', state })),
      ]
      // A page that comes late is told as well.
      listener({ event: 'engine', state: engine.state() })
      return () => ends.forEach((end) => end())
    },
  }
}

/** A path as a person types it: `~` is their home folder, and what is relative starts at the first root. */
function absolute(path: string, roots: string[]): string {
  const home = homedir()
  if (path === '~') return home
  return /^~[/\\]/.test(path) ? join(home, path.slice(2)) : resolve(roots[0] ?? home, path)
}
