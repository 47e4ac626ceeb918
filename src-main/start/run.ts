import { describeError, translate, type Locale, type MessageKey } from '../contract/messages/messages.ts'
import { DarkroomError, toErrorDetail } from '../contract/errors.ts'
import { programHome } from '../engine/storage/home.ts'
import { findHolder } from '../host/home-lock.ts'
import { startServer } from '../server/server.ts'
import { findRuntime, thisMachine } from './electron-runtime.ts'
import { openPage } from './open-page.ts'
import { parseOptions, type StartOptions } from './options.ts'
import { openWindow } from './open-window.ts'

/** Exit codes as shells have them: a person's Ctrl-C is told from an end that was asked for. */
const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

type Say = (key: MessageKey, params?: Record<string, string>) => void

/**
 * `npm start`: opens a window where there is a display and an Electron runtime that works, and the page in the browser
 * where not, saying which and why. @returns the exit code, once the person has ended it
 */
export async function runStart(argv: string[], locale: Locale): Promise<number> {
  const say: Say = (key, params) => void process.stderr.write(`${translate(locale, key, params)}\n`)
  try {
    const options = parseOptions(argv, process.cwd())
    if (options.help) {
      process.stdout.write(`${translate(locale, 'start.help')}\n`)
      return exitCodes.done
    }
    const home = programHome()
    if (options.browser) {
      if (options.open) say('start.browser-asked')
      return await serveBrowser(options, home, say)
    }
    const holder = await findHolder(home)
    // A window that is open already takes the files by itself; a page cannot.
    if (holder?.kind === 'browser') throw new DarkroomError('home-in-use', { file: holder.url ?? home })
    const runtime = await findRuntime(thisMachine(), () => say('start.downloading'))
    if ('missing' in runtime) {
      say(`start.${runtime.missing}`)
      return await serveBrowser(options, home, say)
    }
    say('start.desktop', { version: runtime.version })
    const code = await openWindow(runtime.path, options.files)
    if (code !== null) return code
    say('start.window-failed', { version: runtime.version })
    return await serveBrowser(options, home, say)
  } catch (thrown) {
    const detail = toErrorDetail(thrown)
    const { what, where, remedy } = describeError(detail, locale)
    process.stderr.write(`${[what, where, remedy].filter((line) => line !== null).join('\n')}\n`)
    return detail.code === 'argument-invalid' ? exitCodes.usage : exitCodes.failed
  }
}

async function serveBrowser(options: StartOptions, home: string, say: Say): Promise<number> {
  const server = await startServer({ home, port: options.port, roots: options.roots, open: options.files })
  const stopped = stopSignal()
  if (options.json) process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
  else {
    say('start.address', { url: server.url })
    say('start.how-to-stop')
  }
  if (options.open && !(await openPage(server.oneTimeUrl()))) say('start.no-browser')
  const signal = await stopped
  say('start.stopping')
  await server.close()
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.done
}

/** A second signal ends the program at once: the listeners are gone by then. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    const stop = (signal: NodeJS.Signals): void => {
      for (const one of signals) process.off(one, stop)
      resolve(signal)
    }
    for (const signal of signals) process.on(signal, stop)
  })
}
