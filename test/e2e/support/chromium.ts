import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

const executablePath = process.env['DARKROOM_CHROMIUM'] ?? '/usr/bin/chromium'

/** Where there is no Chromium, tests with a page are skipped: as skipped, and said aloud. */
export const hasChromium = existsSync(executablePath)
if (!hasChromium)
  console.warn(
    `SKIPPED: there is no Chromium at ${executablePath}. DARKROOM_CHROMIUM names another one; Debian's package is "chromium".`,
  )

/** Chromium without anything that it does on the network by itself. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  })

export interface WatchedPage {
  page: Page
  /** Throws for what must never happen: a request that leaves loopback, an error or a warning on the console. */
  complain(): void
  close(): Promise<void>
}

const isLocal = (url: string): boolean =>
  /^(blob|data):/.test(url) || ['127.0.0.1', 'localhost'].includes(new URL(url).hostname)

/** A page in a browser profile of its own. Requests that would leave loopback are cut off, and `complain` tells of them. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en-US', ...options })
  const trouble: string[] = []
  await context.route(
    (url) => !isLocal(url.href),
    (route) => route.abort(),
  )
  const page = await context.newPage()
  // The machine may be busy: what never comes is found by the test's own limit.
  page.setDefaultTimeout(120_000)
  context.on('request', (request) => {
    if (!isLocal(request.url())) trouble.push(`request to ${request.url()}`)
  })
  page.on('websocket', (socket) => {
    if (!isLocal(socket.url())) trouble.push(`socket to ${socket.url()}`)
  })
  page.on('pageerror', (error) => trouble.push(`error: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    // WebGL by software is read back for each frame, and says so.
    if (/GL Driver Message \(OpenGL, Performance/.test(message.text())) return
    if (message.type() === 'error' || message.type() === 'warning') trouble.push(`console: ${message.text()}`)
  })
  return {
    page,
    complain() {
      if (trouble.length > 0) throw new Error(trouble.splice(0).join('\n'))
    },
    close: () => context.close(),
  }
}
