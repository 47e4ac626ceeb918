import { decode, encode, ExtensionCodec } from '@msgpack/msgpack'
import type { Channel } from './channel.ts'

/** What browsers' WebSocket and that of `ws` have in common. */
export interface Socket {
  binaryType: string
  readonly readyState: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
}

/**
 * Bytes that a server takes in one message, also for the `maxPayload` of `ws`. Questions are small; the largest is a list
 * of many thousand paths.
 */
export const largestRequest = 16 * 2 ** 20

/** Private codes (4000–4999), since browsers let a page close with no standard one but 1000. */
export const closeCodes = { notMessagePack: 4003, tooLarge: 4009 }
const [connecting, open] = [0, 1]

/** Arrays of numbers keep their type, in the byte order of the machine: both ends of a loopback connection are the same one. */
const extensionCodec = new ExtensionCodec()
;[Float32Array, Int32Array].forEach((Numbers, type) => {
  extensionCodec.register({
    type,
    encode: (value) =>
      value instanceof Numbers ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null,
    // A copy: what was received begins anywhere, and numbers must be aligned.
    decode: (bytes) => new Numbers(bytes.slice().buffer),
  })
})

/**
 * A channel over a WebSocket: MessagePack in binary frames, which keeps Uint8Array, Float32Array, Int32Array, null, NaN and ±∞. As in JSON, a field
 * that is undefined is left out, and undefined in a list becomes null.
 * @param limit bytes that a message from the other side may have; a larger one ends the connection.
 */
export function socketChannel(socket: Socket, limit = Infinity): Channel {
  socket.binaryType = 'arraybuffer'
  // Followed by `close`, which is where it matters; `ws` would end the process when nobody listened.
  socket.addEventListener('error', () => undefined)
  const early: Uint8Array<ArrayBuffer>[] = []
  socket.addEventListener('open', () => {
    for (const bytes of early.splice(0)) socket.send(bytes)
  })
  return {
    post: (message) => {
      const bytes = encode(message, { ignoreUndefined: true, extensionCodec })
      if (socket.readyState === connecting) early.push(bytes)
      else if (socket.readyState === open) socket.send(bytes)
    },
    on: (handler) => {
      socket.addEventListener('message', ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return socket.close(closeCodes.notMessagePack)
        if (data.byteLength > limit) return socket.close(closeCodes.tooLarge)
        const message = decodeOrNothing(data)
        if (message === undefined) socket.close(closeCodes.notMessagePack)
        else handler(message)
      })
    },
    onClose: (handler) => socket.addEventListener('close', handler),
    close: () => socket.close(),
  }
}

function decodeOrNothing(data: ArrayBuffer): unknown {
  try {
    return decode(data, { extensionCodec })
  } catch {
    return undefined
  }
}
