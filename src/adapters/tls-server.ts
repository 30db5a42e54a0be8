/**
 * The door in front of a TLS listener: tells TLS from anything else by the first octet, bounds how many handshakes are
 * begun at once and how long each may take, so that a depot coming back or a stranger with thousands of half-open ones
 * takes no time from control. No resumption and no renegotiation: each connection proves everything anew, and a revoked
 * certificate is out with its next one. White paper A00.FR.3xx, A00.FR.5xx.
 */
import { constants } from 'node:crypto'
import { createServer as createFront, type Server, type Socket } from 'node:net'
import type { TLSSocket, TlsOptions } from 'node:tls'
import type { TlsFault } from '../core/security/tls-fault.js'
import type { ServerTls } from '../ports.js'

/** The first octet of a ClientHello's record. */
const TLS_RECORD = 0x16
/** From the connection to its first octet. */
const HELLO_TIMEOUT_MS = 5_000
const HANDSHAKE_TIMEOUT_MS = 10_000
/** At 1 ms (ECDSA) to 2.5 ms (RSA) of CPU each, half the time is left for everything else. */
const PACE_MS = 10
const HANDSHAKES_PER_TURN = 2
/**
 * Those of the white paper (A00.FR.318), with forward secrecy first and also for RSA; the last two for stations that know
 * no other. TLS 1.3 brings its own.
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
].join(':')

/** What node:tls is given. Throws for identities or roots that cannot be read, and for an empty list of roots. */
export function serverOptions({ identities, clientRoots }: ServerTls): TlsOptions {
  if (identities.length === 0) throw new Error('no server certificate')
  // Without one of ours, node:tls would take everybody's.
  if (clientRoots?.length === 0) throw new Error('no root for client certificates')
  return {
    key: identities.map(({ keyPem }) => keyPem),
    cert: identities.map(({ chainPem }) => chainPem),
    ...(clientRoots !== undefined && { ca: [...clientRoots], requestCert: true, rejectUnauthorized: false }),
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  }
}

export const HANDSHAKE_TIMEOUT = { handshakeTimeout: HANDSHAKE_TIMEOUT_MS }

interface Inner {
  emit(event: 'connection', socket: Socket): boolean
}

export interface TlsFrontOptions {
  /** The https server that is given each connection which begins like TLS. */
  readonly inner: Inner
  /** Is given every other one; absent = such a one is told that this port speaks TLS. */
  readonly plain?: Inner
  onFault(fault: TlsFault, remote: string): void
}

/** Listens in the place of the https server. */
export function tlsFront({ inner, plain, onFault }: TlsFrontOptions): Server {
  const pace = new Pace()
  return createFront({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, socket => {
    const remote = socket.remoteAddress ?? ''
    let isOver = false
    const once = (fault: TlsFault): void => {
      if (!isOver) onFault(fault, remote)
      isOver = true
    }
    const tooSlow = setTimeout(() => {
      once('slow-handshake')
      socket.destroy()
    }, HELLO_TIMEOUT_MS)
    socket.on('error', () => once('cut'))
    socket.once('close', () => clearTimeout(tooSlow))
    socket.once('readable', () => {
      clearTimeout(tooSlow)
      const first: unknown = socket.read()
      if (!Buffer.isBuffer(first)) {
        socket.destroy() // closed before it said anything: a port scan, not a fault of a station
        return
      }
      if (first[0] !== TLS_RECORD && plain !== undefined) {
        socket.unshift(first)
        isOver = true
        plain.emit('connection', socket)
        return
      }
      if (first[0] !== TLS_RECORD) {
        once('not-tls')
        tellPlainly(socket)
        return
      }
      socket.unshift(first)
      isOver = true // from here on it is the https server's to tell
      pace.run(() => {
        if (!socket.destroyed) inner.emit('connection', socket)
      })
    })
  })
}

/** Runs what it is given in the order it came, a few per turn. */
class Pace {
  readonly #waiting: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #left = HANDSHAKES_PER_TURN

  run(task: () => void): void {
    this.#waiting.push(task)
    this.#timer ??= setInterval(() => this.#turn(), PACE_MS)
    this.#go()
  }

  #turn(): void {
    this.#left = HANDSHAKES_PER_TURN
    this.#go()
    if (this.#waiting.length > 0 || this.#left < HANDSHAKES_PER_TURN) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #go(): void {
    while (this.#left > 0) {
      const task = this.#waiting.shift()
      if (task === undefined) return
      this.#left--
      task()
    }
  }
}

/** Whoever looks at it with a browser or a station of profile 0 is told what to do. */
function tellPlainly(socket: Socket): void {
  const body = 'This port speaks TLS: use wss:// or https://.\n'
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}

/** Cuts a connection that is secure and has asked for nothing within `ms`; `stop` when it has. */
export function askWithin(socket: TLSSocket, ms: number): { stop(): void } {
  const timer = setTimeout(() => socket.destroy(), ms)
  const stop = (): void => clearTimeout(timer)
  socket.once('close', stop)
  return { stop }
}
