import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { DesktopBridge } from '../contract/shell.ts'
import { pathOfFile } from './compat.ts'

// The page's own globals: the rest of src-main has none of them.
declare const window: { postMessage(message: unknown, origin: string, ports: readonly unknown[]): void }
declare const location: { origin: string }

// A port cannot pass the context bridge, but a message of the window can carry it.
ipcRenderer.on('darkroom:port', ({ ports }) => window.postMessage('darkroom:port', location.origin, ports))

const bridge: DesktopBridge = {
  kind: 'desktop',
  connect: () => ipcRenderer.send('darkroom:connect'),
  pathOf(file) {
    const path = pathOfFile(webUtils, file)
    // Synchronous: the main process must know of it before the page can name it over the port.
    if (path !== '') ipcRenderer.sendSync('darkroom:dropped', path)
    return path
  },
}
contextBridge.exposeInMainWorld('darkroom', bridge)
