import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import type { QueueState } from '../../../src-main/contract/queue.ts'
import type { DesktopBridge } from '../../../src-main/contract/shell.ts'

export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** An Electron to test with, or why there is none. */
export function findTestElectron(): { path: string } | { missing: string } {
  const path =
    process.env['DARKROOM_TEST_ELECTRON'] ?? join(root, 'node_modules/.cache/electron-22.3.25/electron')
  if (!existsSync(path)) return { missing: `no Electron at ${path}: scripts/test-electron.sh gets one` }
  if (!process.env['DISPLAY'] && process.platform === 'linux') return { missing: 'no DISPLAY: use xvfb-run' }
  return { path }
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'darkroom-desktop-'))

/** A copy of a sample picture in a folder of its own. */
export function newPicture(name = 'church.jpg'): string {
  const file = join(newFolder(), name)
  copyFileSync(join(root, 'assets/samples', name), file)
  return file
}

/** Until something must have happened, on a machine that is busy. */
export const patience = { timeout: 120_000 }

/** Switches that a container needs: no user namespaces for Chromium's sandbox, no GPU, a small /dev/shm. */
export const containerSwitches = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']

/** Environment of a program under test: its own home folder, a language, nothing of this test run's Node. */
export function environment(home: string, language = 'en_US.UTF-8'): Record<string, string> {
  return {
    ...(process.env as Record<string, string>),
    NODE_OPTIONS: '',
    DARKROOM_HOME: home,
    DARKROOM_NODE: process.execPath,
    LANG: language,
    LANGUAGE: language.split('_')[0]!,
    LC_ALL: language,
  }
}

export interface Desktop {
  app: ElectronApplication
  page: Page
}

/** Starts the built program from the repository. */
export async function launchDesktop(
  electron: string,
  options: { home: string; files?: string[]; language?: string },
): Promise<Desktop> {
  const app = await _electron.launch({
    executablePath: electron,
    args: [...containerSwitches, root, ...(options.files ?? [])],
    env: environment(options.home, options.language),
  })
  return { app, page: await app.firstWindow() }
}

/** A further start of the same program, until it ends. @returns its exit code */
export async function launchAgain(electron: string, home: string, files: string[]): Promise<number | null> {
  const second = spawn(electron, [...containerSwitches, root, ...files], {
    env: environment(home),
    stdio: 'ignore',
  })
  const [code] = (await once(second, 'exit')) as [number | null]
  return code
}

/**
 * Calls a method of the engine or the shell through a port of the page's, as the page does. Rejects with the error's code.
 */
export function callFromPage<Result>(
  page: Pick<Page, 'evaluate'>,
  method: string,
  ...args: unknown[]
): Promise<Result> {
  return page.evaluate(
    async ([name, given]) => {
      interface Answer {
        t: string
        i: string
        r?: unknown
        e?: { code: string }
      }
      const own = window as unknown as { darkroom: DesktopBridge; testPort?: Promise<MessagePort> }
      // The page may ask for its own at the same time, and get this one: it stays open, and answers are told by their id.
      own.testPort ??= new Promise<MessagePort>((resolve) => {
        const take = ({ data, ports }: MessageEvent): void => {
          if (data !== 'darkroom:port') return
          window.removeEventListener('message', take)
          resolve(ports[0]!)
        }
        window.addEventListener('message', take)
        own.darkroom.connect()
      })
      const port = await own.testPort
      const id = crypto.randomUUID()
      return new Promise<unknown>((resolve, reject) => {
        const listen = ({ data }: MessageEvent<Answer>): void => {
          if (data.t !== 's' || data.i !== id) return
          port.removeEventListener('message', listen)
          if (data.e === undefined) resolve(data.r)
          else reject(new Error(data.e.code))
        }
        port.addEventListener('message', listen)
        port.start()
        port.postMessage({ t: 'q', i: id, m: name, a: given })
      })
    },
    [method, args] as const,
  ) as Promise<Result>
}

export const queueOf = (page: Pick<Page, 'evaluate'>): Promise<QueueState> =>
  callFromPage(page, 'engine.queue')
