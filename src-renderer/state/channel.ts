import type { DesktopBridge } from '../../src-main/contract/shell.ts'
import type { Channel } from '../../src-main/transport/channel.ts'
import { portChannel } from '../../src-main/transport/port-channel.ts'
import { socketChannel } from '../../src-main/transport/socket-channel.ts'

declare global {
  interface Window {
    /** What the preload script gives the page; absent in a browser. */
    darkroom?: DesktopBridge
  }
}

/** A channel to the program around the page: a message port of the desktop, or a socket to the loopback server. */
export const openChannel = (): Promise<Channel> =>
  window.darkroom === undefined ? openSocket() : openPort(window.darkroom)

function openPort(bridge: DesktopBridge): Promise<Channel> {
  return new Promise((resolve) => {
    const take = (event: MessageEvent): void => {
      const port = event.ports[0]
      if (event.source !== window || event.data !== 'darkroom:port' || port === undefined) return
      window.removeEventListener('message', take)
      resolve(portChannel(port))
    }
    window.addEventListener('message', take)
    bridge.connect()
  })
}

function openSocket(): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const address = new URL('/rpc', location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(address)
    // Made before it opens: nothing that comes early is missed.
    const channel = socketChannel(socket)
    socket.addEventListener('open', () => resolve(channel))
    socket.addEventListener('error', () => reject(new Error('no connection')))
  })
}
