import type { Channel } from './channel.ts'

/** What browsers' MessagePort, that of node:worker_threads and Electron's MessagePortMain have in common. */
export interface Port {
  postMessage(message: unknown): void
  start(): void
  close(): void
}

type Listen = (type: 'message' | 'close', listener: (event: { data: unknown }) => void) => void

/**
 * A channel over a message port. Nothing is named in a transfer list: Electron loses buffers that are.
 * A browser's port does not tell when the other end is gone, unless it is new enough to have a `close` event.
 */
export function portChannel(port: Port): Channel {
  const listen = listenerOf(port)
  const closeHandlers: (() => void)[] = []
  const state = { isOpen: true }
  const end = (): void => {
    state.isOpen = false
    for (const handler of closeHandlers.splice(0)) handler()
  }
  listen('close', end)
  return {
    post: (message) => {
      if (state.isOpen) port.postMessage(message)
    },
    on: (handler) => {
      listen('message', (event) => handler(event.data))
      port.start()
    },
    onClose: (handler) => void closeHandlers.push(handler),
    close: () => {
      port.close()
      end()
    },
  }
}

/** MessagePortMain is an EventEmitter that hands out events; the others are EventTargets. */
function listenerOf(port: Port): Listen {
  const target = port as Port & { addEventListener?: Listen; on?: Listen }
  return (target.addEventListener ?? target.on)!.bind(target)
}
