import type { Channel } from './channel.ts'

/**
 * Either end of the message channel between a Node process and its child (node:child_process with serialization
 * `advanced`, which keeps typed arrays): the ChildProcess, or the child's own `process`.
 */
export interface ProcessEnd {
  readonly connected: boolean
  send?(message: unknown, done: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'disconnect', listener: () => void): unknown
  disconnect(): void
}

export function processChannel(end: ProcessEnd): Channel {
  return {
    post: (message) => {
      // A failed write is followed by `disconnect`, which is where it matters.
      if (end.connected) end.send?.(message, () => undefined)
    },
    on: (handler) => void end.on('message', handler),
    onClose: (handler) => void end.once('disconnect', handler),
    close: () => {
      if (end.connected) end.disconnect()
    },
  }
}
