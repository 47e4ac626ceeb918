import { join } from 'node:path'
import { app, dialog, nativeTheme, protocol } from 'electron'
import { toErrorDetail } from '../contract/errors.ts'
import { describeError, pickLocale, translate, type Locale } from '../contract/messages/messages.ts'
import type { Preferences } from '../contract/shell.ts'
import { programHome } from '../engine/storage/home.ts'
import { openGrants } from '../host/grants.ts'
import { guardEngine } from '../host/guard.ts'
import { desktopEnded, takeHomeLock } from '../host/home-lock.ts'
import { openLog } from '../host/logs.ts'
import { findNode } from '../host/node-binary.ts'
import { openPreferences } from '../host/preferences.ts'
import { shellInfo } from '../host/shell-info.ts'
import { superviseEngine, type SupervisedEngine } from '../host/supervise.ts'
import { showWork } from './background.ts'
import { systemLanguage } from './compat.ts'
import { bridgePage } from './connect.ts'
import { createDialogs } from './dialogs.ts'
import { fenceContents, fenceSession } from './fence.ts'
import { launchPaths } from './launch.ts'
import { setMenu } from './menu.ts'
import { pageOrigin, pageScheme, servePages } from './pages.ts'
import { openPasted } from './pasted.ts'
import { guardQuitting } from './quit.ts'
import { createShell } from './shell.ts'
import { openWindow, showWindow } from './window.ts'
import { followWork } from './work.ts'

// The desktop's main process: it owns the window, the dialogs and the menu, and starts the engine, which does the work,
// as a process of its own.

const isDeveloping = !app.isPackaged
/** electron-vite's development server; only where the program is not packaged. */
const developmentServer = isDeveloping ? process.env['ELECTRON_RENDERER_URL'] : undefined
const origin = developmentServer ?? pageOrigin
/** What runs outside of Electron: the repository, or where packaging put it (`scripts/stage-engine.js`). */
const product = app.isPackaged ? join(process.resourcesPath, 'engine') : app.getAppPath()
const bundled = (path: string): string => join(app.getAppPath(), 'dist', path)
const icon = join(app.getAppPath(), 'assets', 'icons', 'linux', '256x256.png')
const home = programHome()

// Chromium's own files. The lock of the single instance is one of them, so that it holds for this home folder.
app.setPath('userData', join(home, 'window'))
protocol.registerSchemesAsPrivileged([
  {
    scheme: pageScheme,
    privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
  },
])
fenceContents(origin)

// What a person asks to be opened, from outside of the window: kept until there is one.
const named = launchPaths(process.argv, process.cwd(), app.isPackaged)
let openPaths = (paths: string[]): void => void named.push(...paths)
// macOS tells it so, also before the program is ready.
app.on('open-file', (event, path) => {
  event.preventDefault()
  openPaths([path])
})
app.on('second-instance', (_event, _argv, _folder, data) => openPaths((data as { paths: string[] }).paths))
if (app.requestSingleInstanceLock({ paths: named })) void app.whenReady().then(start).catch(giveUp)
// The first instance opens what was named.
else app.quit()

async function start(): Promise<void> {
  const log = openLog(home, 'desktop')
  process.on('uncaughtExceptionMonitor', (error) => log.write(error.stack ?? error.message))
  // Two desktops are never open at a time: another one that is still here has let go of the single instance to end.
  await desktopEnded(home)
  const lock = await takeHomeLock(home, { kind: 'desktop', url: null })
  const preferences = await openPreferences(home)
  const locale = (): Locale => localeOf(preferences.get().language)
  const engine = await startEngine(preferences.get())
  const grants = await openGrants()
  // The output folder was chosen in a dialog of an earlier session.
  grants.giveOutputs([preferences.get().settings.out])
  const info = await shellInfo(product, {
    ...{ kind: 'desktop', systemLanguage: systemLanguage(), home, roots: [] },
  })

  // From here to the bridge in one go: the page, once it is there, asks for its connection.
  nativeTheme.themeSource = preferences.get().theme
  fenceSession(origin, isDeveloping)
  servePages(bundled('renderer'))
  const window = openWindow({
    page: developmentServer ?? `${pageOrigin}/`,
    preload: bundled('electron-preload/preload.cjs'),
    icon,
    placementFile: join(home, 'window.json'),
    isDeveloping,
    log: (line) => log.write(line),
    onDead: () =>
      dialog.showErrorBox(translate(locale(), 'page.died'), translate(locale(), 'page.died-remedy')),
  })
  const dialogs = createDialogs(window, locale)
  const pasted = openPasted(home)
  const shell = createShell({
    ...{ window, engine, dialogs, preferences, grants, pasted, info, icon },
    logFolder: log.folder,
  })
  const services = { engine: guardEngine(engine, grants), shell }
  bridgePage({ window, origin, services, onDropped: (path) => shell.noteDropped(path) })
  engine.onState((state) => shell.tell({ event: 'engine', state }))

  const showMenu = (): void =>
    setMenu({
      locale: locale(),
      isMac: process.platform === 'darwin',
      isDeveloping,
      send: (command) => shell.tell({ event: 'menu', command }),
      openLogs: () => void shell.openLogs(),
    })
  showMenu()
  let last = preferences.get()
  preferences.subscribe((now) => {
    nativeTheme.themeSource = now.theme
    if (now.language !== last.language) showMenu()
    if (now.engine !== last.engine || now.threads !== last.threads)
      engine.restart({ engine: now.engine, threads: now.threads })
    last = now
  })

  const shown = showWork(window)
  const work = followWork(engine, {
    changed(now) {
      shown.changed(now)
      quitting.changed(now)
    },
    ended(outcome) {
      if (preferences.get().notifications) shown.notify(outcome, locale())
    },
  })
  const quitting = guardQuitting({
    window,
    locale,
    work: () => work.now(),
    async close() {
      // Who is launched from now on opens a window of its own: files that were handed to this one would be lost.
      app.releaseSingleInstanceLock()
      await engine.close()
      await lock.release()
    },
  })

  engine
    .queue()
    .then(({ items }) => pasted.removeOld(items.map(({ source }) => source)))
    .catch((thrown: unknown) => log.write(`Pasted pictures were not tidied up: ${String(thrown)}`))

  void shell.open(named)
  openPaths = (paths) => {
    showWindow(window)
    void shell.open(paths)
  }
}

async function startEngine({ engine, threads }: Preferences): Promise<SupervisedEngine> {
  const log = openLog(home, 'engine')
  const packaged = join(product, 'node', process.platform === 'win32' ? 'node.exe' : 'node')
  return superviseEngine({
    node: await findNode(app.isPackaged ? { packaged } : {}),
    entry: join(product, 'dist', 'host', 'engine-process.js'),
    home,
    log: (line) => log.write(line),
    engine,
    threads,
  })
}

const localeOf = (language: 'system' | Locale): Locale =>
  pickLocale({ LANG: language === 'system' ? systemLanguage() : language })

/** There is no window to say it in. */
function giveUp(thrown: unknown): void {
  const locale = localeOf('system')
  const { what, where, remedy } = describeError(toErrorDetail(thrown), locale)
  dialog.showErrorBox(translate(locale, 'start.failed'), [what, where, remedy].filter(Boolean).join('\n\n'))
  app.exit(1)
}
