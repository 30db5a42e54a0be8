/**
 * The yardstick: a bare `ws` relay. One upstream socket per station, frames passed on as they come, nothing parsed,
 * nothing kept.
 */
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws'
import { serve, textOf } from './rpc.js'
import { clientTls, serverTls } from './tls-files.js'
import { usage } from './usage.js'

serve({
  ...usage,
  start: args =>
    new Promise(resolve => {
      const tlsDir = textOf(args, 'tlsDir')
      const tls = serverTls(tlsDir)
      const door = tls === undefined ? createServer() : createSecureServer(tls)
      const server = new WebSocketServer({ server: door, perMessageDeflate: false })
      server.on('connection', (station, request) =>
        relay(station, `${textOf(args, 'csmsUrl')}${request.url}`, clientTls(tlsDir)),
      )
      door.listen(0, '127.0.0.1', () => {
        const address = door.address()
        resolve({ port: typeof address === 'object' && address !== null ? address.port : 0 })
      })
    }),
})

function relay(station: WebSocket, url: string, tls: ClientOptions = {}): void {
  const csms = new WebSocket(url, ['ocpp1.6'], { perMessageDeflate: false, ...tls })
  const early: string[] = []
  csms.on('open', () => {
    for (const text of early.splice(0)) csms.send(text)
  })
  station.on('message', (data, isBinary) => {
    if (csms.readyState === WebSocket.OPEN) csms.send(data, { binary: isBinary })
    else early.push(String(data))
  })
  csms.on('message', (data, isBinary) => station.send(data, { binary: isBinary }))
  for (const [one, other] of [
    [station, csms],
    [csms, station],
  ] as const) {
    one.on('error', () => other.terminate())
    one.on('close', () => other.close())
  }
}
