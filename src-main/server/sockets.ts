import { STATUS_CODES, type Server } from 'node:http'
import { WebSocketServer } from 'ws'
import { serve, type Services } from '../transport/serve.ts'
import { largestRequest, socketChannel } from '../transport/socket-channel.ts'
import type { Access } from './access.ts'

/** Where pages open their WebSocket. */
const path = '/rpc'

/** Lets pages talk to the services, each over a WebSocket of its own. @returns `close` ends them all */
export function acceptSockets(server: Server, access: Access, services: Services): { close(): void } {
  // Pictures are compressed already.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestRequest,
    perMessageDeflate: false,
  })
  server.on('upgrade', (request, connection, head) => {
    const admission = access.admitSocket(request)
    if (admission.kind === 'admitted' && request.url === path)
      return sockets.handleUpgrade(request, connection, head, (socket) => {
        // A frame that is too large, or no frame at all: `ws` closes the connection by itself.
        socket.on('error', () => undefined)
        serve(socketChannel(socket, largestRequest), services)
      })
    const status = admission.kind === 'refused' ? admission.status : 404
    connection.on('error', () => undefined)
    connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n\r\n`)
  })
  return {
    close() {
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}
