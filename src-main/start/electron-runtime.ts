import { execFile, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Why no window of our own can be opened; each is explained in the catalogues under `start.<reason>`. */
export type NoWindow = 'no-display' | 'no-runtime'

export type Runtime = { path: string; version: string } | { missing: NoWindow }

/** The parts of the machine that the search looks at; tests put others in their place. */
export interface Machine {
  platform: NodeJS.Platform
  env: Record<string, string | undefined>
  /** Folder of npm's `electron` package; null where it is not installed. */
  package: string | null
  isExecutable(file: string): boolean
  /** Electron's version, from running it; null when it does not answer. */
  probe(file: string): Promise<string | null>
  /** Runs the package's own download, once. */
  install(folder: string): Promise<void>
}

/** Milliseconds that a runtime has to answer: a first start from a slow disk takes several seconds. */
const probeLimit = 15_000
/** Milliseconds for the download of about 110 MB. */
const installLimit = 60_000

/** Where the runtime lies in a `dist` folder of the platform (electron's own install.js has the same table). */
function executableIn(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return platform === 'win32' ? 'electron.exe' : 'electron'
}

/** Where a runtime may lie, the one that a person names first. */
export function candidates({ platform, env, package: folder }: Machine): string[] {
  const executable = executableIn(platform)
  return [
    env['ELECTRON_EXEC_PATH'],
    env['ELECTRON_OVERRIDE_DIST_PATH'] && join(env['ELECTRON_OVERRIDE_DIST_PATH'], executable),
    folder && join(folder, 'dist', executable),
  ].filter((candidate): candidate is string => !!candidate)
}

/**
 * An Electron runtime that really runs here. npm's package brings none by itself: it is downloaded when there is a
 * display to show a window on and no other runtime answers, in bounded time, and failing is no error.
 *
 * @param onInstall told when a download begins
 */
export async function findRuntime(machine: Machine, onInstall: () => void): Promise<Runtime> {
  if (!hasDisplay(machine)) return { missing: 'no-display' }
  const found = await firstAnswering(machine)
  if (found !== null) return found
  if (machine.package === null) return { missing: 'no-runtime' }
  onInstall()
  await machine.install(machine.package)
  return (await firstAnswering(machine)) ?? { missing: 'no-runtime' }
}

function hasDisplay({ platform, env }: Machine): boolean {
  return platform === 'win32' || platform === 'darwin' || !!env['DISPLAY'] || !!env['WAYLAND_DISPLAY']
}

async function firstAnswering(machine: Machine): Promise<{ path: string; version: string } | null> {
  for (const path of candidates(machine)) {
    if (!machine.isExecutable(path)) continue
    const version = await machine.probe(path)
    if (version !== null) return { path, version }
  }
  return null
}

/** This machine. */
export const thisMachine = (): Machine => ({
  platform: process.platform,
  env: process.env,
  package: electronPackage(),
  isExecutable(file) {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  },
  probe: probeElectron,
  install: installElectron,
})

function electronPackage(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  } catch {
    return null
  }
}

function probeElectron(file: string): Promise<string | null> {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  const args = ['-p', 'process.versions.electron']
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: probeLimit, killSignal: 'SIGKILL' }, (error, stdout) => {
      const version = stdout.trim()
      resolve(error === null && /^\d+\.\d+\.\d+/.test(version) ? version : null)
    })
  })
}

function installElectron(folder: string): Promise<void> {
  return new Promise((resolve) => {
    // What it prints on failing is a stack; that there is no runtime then is said in words.
    const child = spawn(process.execPath, [join(folder, 'install.js')], { stdio: 'ignore' })
    const limit = setTimeout(() => child.kill('SIGKILL'), installLimit)
    child.once('error', () => resolve())
    child.once('close', () => {
      clearTimeout(limit)
      resolve()
    })
  })
}
