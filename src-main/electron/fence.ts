import { app, session, type WebContents } from 'electron'

/** Where the page comes from: our own scheme, or the development server. */
export type Origin = string

/** Whether an address belongs to the page. Schemes of our own have no `origin` in Node's URL, hence protocol and host. */
export function isOfOrigin(url: string, origin: Origin): boolean {
  try {
    const [given, ours] = [new URL(url), new URL(origin)]
    return given.protocol === ours.protocol && given.host === ours.host
  } catch {
    return false
  }
}

/** Whether the page may load an address: its own, what it made itself, and while developing the tools and their socket. */
export function isLoadable(url: string, origin: Origin, isDeveloping: boolean): boolean {
  if (/^(blob|data):/.test(url) || isOfOrigin(url, origin)) return true
  if (!isDeveloping) return false
  return url.startsWith('devtools://') || isOfOrigin(url, origin.replace(/^http/, 'ws'))
}

/** Nothing leaves this machine: requests are for the page's own files, and no permission is given to anything. */
export function fenceSession(origin: Origin, isDeveloping: boolean): void {
  const { defaultSession } = session
  defaultSession.webRequest.onBeforeRequest((request, answer) =>
    answer({ cancel: !isLoadable(request.url, origin, isDeveloping) }),
  )
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  defaultSession.setPermissionCheckHandler(() => false)
  defaultSession.setDevicePermissionHandler(() => false)
  // Dictionaries would be downloaded.
  defaultSession.setSpellCheckerEnabled(false)
  defaultSession.on('will-download', (event) => event.preventDefault())
}

/** Keeps every page of this process, whoever made it, where it is: no navigation, no further window, no webview. */
export function fenceContents(origin: Origin): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-navigate', (event, url) => {
      // Reloading is the one navigation that stays.
      if (!isOfOrigin(url, origin)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => event.preventDefault())
  })
}
