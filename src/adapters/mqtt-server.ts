/**
 * A small MQTT 3.1.1 broker in this process, by aedes over node:net and node:tls: for sites that have none, for the demo
 * and for tests. Its memory is bounded whatever clients do: no session outlives its connection, who does not read is cut,
 * and what may be retained has an end. Must not know what the topics mean.
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import type { Aedes } from 'aedes'
import type { BrokerServerDoor, BrokerServerOptions } from '../ports.js'
import { HANDSHAKE_TIMEOUT, serverOptions } from './tls-server.js'

/** A site has a handful. */
const MAX_CONNECTIONS = 100
/** A station's announcement to Home Assistant has some 5 KiB, a schema less than 20. */
const MAX_RETAINED_BYTES = 64 * 1024
/** The birth of a Sparkplug edge node has some 2 KiB for each circuit and its meter. */
const MAX_PAYLOAD_BYTES = 512 * 1024
/** 500 stations have some 2,000. */
const MAX_RETAINED = 5_000
const MAX_TOPIC_CHARS = 400
/** Who has not taken what was sent for so long is cut: others wait for it. */
const DRAIN_TIMEOUT_MS = 5_000
/** Not read by a client so far; more is not kept for it. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024
const LOOK_MS = 1_000

export interface MqttServer extends BrokerServerDoor {
  /** Cuts every connection and refuses new ones, as a broker that died; retained messages are kept. Idempotent. */
  off(): Promise<void>
  /** Listens again on the same port. Idempotent. Rejects when the port was taken meanwhile. */
  on(): Promise<void>
}

/** The BrokerServer door. Rejects when it cannot listen. */
export async function startMqttServer(options: Partial<BrokerServerOptions> = {}): Promise<MqttServer> {
  const { host = '127.0.0.1', port = 0, outside } = options
  const aedes = await guarded(options.account)
  const sockets = new Set<Socket>()
  const taken = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Aedes reports a broken client itself; here it must only not end the process.
    socket.on('error', () => socket.destroy())
    aedes.handle(socket)
  }
  const server = createServer(taken)
  const tls = outside && createTlsServer({ ...serverOptions(outside.tls), ...HANDSHAKE_TIMEOUT }, taken)
  tls?.on('tlsClientError', () => undefined)
  for (const one of [server, tls]) if (one) one.maxConnections = MAX_CONNECTIONS
  const look = setInterval(() => {
    for (const socket of sockets) if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy()
  }, LOOK_MS)
  look.unref()
  const off = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await Promise.all([server, tls].map(closed))
  }
  let listening: number
  try {
    await listen(server, host, port)
    listening = portOf(server)
    if (tls && outside) await listen(tls, outside.host, outside.port)
  } catch (fault) {
    clearInterval(look)
    await off()
    throw fault
  }
  let stopped: Promise<void> | undefined
  return {
    port: listening,
    ...(tls && { outsidePort: portOf(tls) }),
    renew: next => tls?.setSecureContext(serverOptions(next)),
    off,
    async on() {
      if (!server.listening && !stopped) await listen(server, host, listening)
    },
    stop() {
      clearInterval(look)
      stopped ??= off().then(() => new Promise<void>(resolve => aedes.close(() => resolve())))
      return stopped
    },
  }
}

async function guarded(account: BrokerServerOptions['account']): Promise<Aedes> {
  const retained = new Set<string>()
  // Most sites have a broker of their own: only the others pay for the package.
  const { Aedes } = await import('aedes')
  return Aedes.createBroker({
    drainTimeout: DRAIN_TIMEOUT_MS,
    // What is kept for a client that is away would grow without end.
    preConnect: (_client, packet, done) => {
      packet.clean = true
      done(null, true)
    },
    authenticate: (_client, username, password, done) => {
      const isKnown =
        account === undefined || (isSame(username, account.username) && isSame(password, account.password))
      done(null, isKnown)
    },
    authorizePublish: (_client, { topic, payload, retain }, done) => {
      const mostBytes = retain ? MAX_RETAINED_BYTES : MAX_PAYLOAD_BYTES
      if (payload.length > mostBytes || topic.length > MAX_TOPIC_CHARS) return done(new Error('too long'))
      if (topic.startsWith('$')) return done(new Error('not yours'))
      if (retain && payload.length === 0) retained.delete(topic)
      else if (retain) {
        if (retained.size >= MAX_RETAINED && !retained.has(topic)) return done(new Error('too many retained'))
        retained.add(topic)
      }
      done(null)
    },
  })
}

/** In a time that says nothing of where they differ. */
function isSame(shown: string | Uint8Array | undefined | null, expected: string): boolean {
  const [a, b] = [Buffer.from(shown ?? ''), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function listen(server: Server | TlsServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function closed(server: Server | TlsServer | undefined): Promise<void> {
  return new Promise(resolve => {
    if (server?.listening) server.close(() => resolve())
    else resolve()
  })
}

function portOf(server: Server | TlsServer): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
