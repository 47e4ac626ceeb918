import { BrowserWindow, nativeTheme, screen } from 'electron'
import { placeWindow, readPlacement, smallestWindow, writePlacement } from './placement.ts'

export interface WindowOptions {
  /** Address of the page. */
  page: string
  /** The preload script. */
  preload: string
  icon: string
  /** File in which the window's place is kept. */
  placementFile: string
  isDeveloping: boolean
  log(line: string): void
  /** The page dies again and again, and is not drawn anew any more. */
  onDead(): void
}

/** Deaths of the page within a minute after which it is not drawn anew. */
const mostDeaths = 3

/** What is seen before the page is painted: the page's own `--ground` (`src-renderer/styles/tokens.css`). */
const background = (): string => (nativeTheme.shouldUseDarkColors ? '#232323' : '#f0f0f0')

/** The one window. It shows when its first content is painted, so that nothing flashes. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const areas = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map((display) => display.workArea)
  const { isMaximized, ...bounds } = placeWindow(readPlacement(options.placementFile), areas)
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: 'Latent Darkroom',
    icon: options.icon,
    backgroundColor: background(),
    show: false,
    webPreferences: {
      preload: options.preload,
      // Electron's defaults, said here because they are what keeps the page from the machine (docs/security.md).
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: options.isDeveloping,
    },
  })

  const onTheme = (): void => window.setBackgroundColor(background())
  nativeTheme.on('updated', onTheme)
  window.once('closed', () => nativeTheme.off('updated', onTheme))
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize()
    window.show()
  })
  window.on('close', () =>
    writePlacement(options.placementFile, { ...window.getNormalBounds(), isMaximized: window.isMaximized() }),
  )
  // The page's <title> is for browser mode.
  window.on('page-title-updated', (event) => event.preventDefault())
  // The queue lives on in the engine: a page that died (of too little memory, of its graphics driver) is only drawn anew.
  let deaths: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    options.log(`The page died: ${reason}`)
    if (reason === 'clean-exit' || reason === 'killed') return
    const now = Date.now()
    deaths = [...deaths.filter((time) => now - time < 60_000), now]
    if (deaths.length <= mostDeaths) window.webContents.reload()
    else options.onDead()
  })
  void window.loadURL(options.page)
  return window
}

/** Brings the window to the front, for a second launch or a notification that was clicked. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
