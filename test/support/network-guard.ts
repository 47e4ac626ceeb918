/**
 * Preloaded into a process (`--import`), this makes every way to the network throw: what still works has not used one.
 */
import dns from 'node:dns'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'
import dgram from 'node:dgram'

const refuse = (name: string) => () => {
  // Also said when the program catches the error: the test looks for it.
  process.stderr.write(`network used: ${name}\n`)
  throw new Error(`network used: ${name}`)
}

const refuseAll = (module: object, label: string, names: string[]): void => {
  for (const name of names) Object.assign(module, { [name]: refuse(`${label}.${name}`) })
}

refuseAll(net, 'net', ['connect', 'createConnection'])
refuseAll(net.Socket.prototype, 'net.Socket', ['connect'])
refuseAll(tls, 'tls', ['connect'])
refuseAll(http, 'http', ['request', 'get'])
refuseAll(https, 'https', ['request', 'get'])
refuseAll(http2, 'http2', ['connect'])
refuseAll(dgram, 'dgram', ['createSocket'])
refuseAll(dns, 'dns', ['lookup', 'resolve', 'resolve4', 'resolve6'])
refuseAll(dns.promises, 'dns.promises', ['lookup', 'resolve', 'resolve4', 'resolve6'])
refuseAll(globalThis, 'global', ['fetch', 'WebSocket', 'EventSource'])
syncBuiltinESMExports()
