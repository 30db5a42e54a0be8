/**
 * A small MQTT 3.1.1 broker in this process, for the demo and for tests, by aedes over node:net. No passwords: it is for
 * 127.0.0.1. Not for production; there the site has its own.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import type { Stoppable } from '../ports.js'

/** Far more than a demo has. */
const MAX_CONNECTIONS = 100

export interface MqttServer extends Stoppable {
  readonly port: number
  /** Cuts every connection and refuses new ones, as a broker that died; retained messages are kept. Idempotent. */
  off(): Promise<void>
  /** Listens again on the same port. Idempotent. Rejects when the port was taken meanwhile. */
  on(): Promise<void>
}

/** Port 0 = any free one. Rejects when it cannot listen. */
export async function startMqttServer(options: { host?: string; port?: number } = {}): Promise<MqttServer> {
  const { host = '127.0.0.1', port = 0 } = options
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Aedes reports a broken client itself; here it must only not end the process.
    socket.on('error', () => socket.destroy())
    aedes.handle(socket)
  })
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, host, port)
  const listening = portOf(server)
  const off = async () => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise<void>(resolve => server.close(() => resolve()))
  }
  let stopped: Promise<void> | undefined
  return {
    port: listening,
    off,
    async on() {
      if (!server.listening && !stopped) await listen(server, host, listening)
    },
    stop() {
      stopped ??= off().then(() => new Promise<void>(resolve => aedes.close(() => resolve())))
      return stopped
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
