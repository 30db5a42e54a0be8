/**
 * The yardstick: a bare `ws` relay. One upstream socket per station, frames passed on as they come, nothing parsed,
 * nothing kept.
 */
import { WebSocket, WebSocketServer } from 'ws'
import { serve, textOf } from './rpc.js'
import { usage } from './usage.js'

serve({
  ...usage,
  start: args =>
    new Promise(resolve => {
      const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
      server.on('connection', (station, request) =>
        relay(station, `${textOf(args, 'csmsUrl')}${request.url}`),
      )
      server.on('listening', () => {
        const address = server.address()
        resolve({ port: typeof address === 'object' && address !== null ? address.port : 0 })
      })
    }),
})

function relay(station: WebSocket, url: string): void {
  const csms = new WebSocket(url, ['ocpp1.6'], { perMessageDeflate: false })
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
