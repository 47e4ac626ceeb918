import { ipcMain, MessageChannelMain, type BrowserWindow, type IpcMainEvent } from 'electron'
import { portChannel } from '../transport/port-channel.ts'
import { serve, type Services } from '../transport/serve.ts'
import { isOfOrigin, type Origin } from './fence.ts'

export interface PageBridge {
  services: Services
  origin: Origin
  window: BrowserWindow
  /** A path that the person dropped or pasted: the page may ask for its grant. */
  onDropped(path: string): void
}

/** Answers the preload script: the only two things that the page can ask for outside of its port. */
export function bridgePage(page: PageBridge): void {
  const isOurs = ({ senderFrame }: IpcMainEvent): boolean =>
    senderFrame !== null &&
    senderFrame === page.window.webContents.mainFrame &&
    isOfOrigin(senderFrame.url, page.origin)

  ipcMain.on('darkroom:connect', (event) => {
    if (!isOurs(event)) return
    const { port1, port2 } = new MessageChannelMain()
    serve(portChannel(port1), page.services)
    event.sender.postMessage('darkroom:port', null, [port2])
  })
  ipcMain.on('darkroom:dropped', (event, path: unknown) => {
    if (isOurs(event) && typeof path === 'string') page.onDropped(path)
    // The page waits for any answer.
    event.returnValue = null
  })
}
