/**
 * The page's HTTP server by @hono/node-server. Must not know what is served: a request goes to the fetch handler, its
 * answer to the client. Bounded on every side: slow headers, slow bodies, many connections, a stop that takes no longer
 * than its grace time. With a certificate one port speaks https and http, told apart by the first octet.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { Server as FrontServer, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Http, HttpHandler, HttpListenOptions, Listener, Log, ServerTls } from '../ports.js'
import { HANDSHAKE_TIMEOUT, serverOptions, tlsFront } from './tls-server.js'

/** For the whole head: a laptop on a bad link needs less, half a head kept open needs more (slowloris). */
const HEADERS_TIMEOUT_MS = 10_000
/** For head and body together; answers (the live stream) may take any time. */
const REQUEST_TIMEOUT_MS = 30_000
/** For files: 64 MiB at 75 kB/s, or diagnostics of 4 MiB on the slowest line of a certification. */
const LONG_REQUEST_TIMEOUT_MS = 900_000
const CHECK_INTERVAL_MS = 2_000
const KEEP_ALIVE_MS = 10_000
const LIMITS: ServerOptions = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: LONG_REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  maxHeaderSize: 16 * 1024,
}
/** People in front of pages and a few scrapers; each browser opens six. */
const MAX_CONNECTIONS = 256
/** Beside them: what asks from the machine itself, such as the watchdog, is not kept out by a crowd from elsewhere. */
const MAX_OF_THE_MACHINE = 16
/** A client that takes nothing of its answer for so long is cut; the live stream has a beat within it. */
const UNTAKEN_TIMEOUT_MS = 60_000
/** Time for answers under way when the server stops; live streams are cut after it. */
const STOP_GRACE_MS = 500

export interface HttpOptions {
  readonly log: Log
  /** How long an answer may lie there untaken. */
  readonly untakenTimeoutMs?: number
  /** Whether an address is this machine's own. */
  readonly isOwn?: (remote: string) => boolean
}

const isLoopback = (remote: string): boolean => /^(::ffff:)?127\.|^::1$/.test(remote)

/** The Http door. A handler that throws is a bug of ours: the client gets 500, the log the reason. */
export function createHttp({
  log,
  untakenTimeoutMs = UNTAKEN_TIMEOUT_MS,
  isOwn = isLoopback,
}: HttpOptions): Http {
  return {
    listen: (options, fetch) =>
      new Promise((resolve, reject) => {
        const { host, port } = options
        const door = createDoor(options, guarded(fetch, log), { log, untakenTimeoutMs })
        const { front } = door
        front.maxConnections = MAX_CONNECTIONS + MAX_OF_THE_MACHINE
        front.once('error', (fault: NodeJS.ErrnoException) => reject(refusalOf(fault, host, port)))
        front.listen(port, host, () => {
          front.removeAllListeners('error')
          front.on('error', fault => log.write('error', 'http-server-error', { reason: fault.message }))
          resolve(listenerOf(door, isOwn))
        })
      }),
  }
}

/** What listens, and what speaks HTTP behind it. */
interface Door {
  readonly front: FrontServer
  readonly inner: readonly (Server | SecureServer)[]
  readonly secure?: SecureServer
}

function createDoor(
  { mayTakeLong, tls }: HttpListenOptions,
  fetch: HttpHandler,
  { log, untakenTimeoutMs }: Pick<Required<HttpOptions>, 'log' | 'untakenTimeoutMs'>,
): Door {
  const answer = answering(fetch, mayTakeLong ?? (() => false))
  const bounded = <S extends Server | SecureServer>(server: S): S => {
    server.timeout = untakenTimeoutMs
    return server
  }
  const plain = bounded(createServer(LIMITS, answer))
  if (tls === undefined) return { front: plain, inner: [plain] }
  const secure = bounded(
    createSecureServer({ ...LIMITS, ...serverOptions(tls), ...HANDSHAKE_TIMEOUT }, answer),
  )
  const front = tlsFront({
    inner: secure,
    plain,
    onFault: (fault, remote) => log.write('debug', 'http.tls-fault', { fault, remote }),
  })
  // Neither listens itself; deadlines and the list of connections begin with this.
  for (const server of [plain, secure]) server.emit('listening')
  return { front, inner: [plain, secure], secure }
}

function answering(fetch: HttpHandler, mayTakeLong: (path: string) => boolean): RequestListener {
  const listener = getRequestListener(
    (request, env) => fetch(request, { remote: env.incoming.socket?.remoteAddress ?? '' }),
    { overrideGlobalObjects: false },
  )
  return (request, response) => {
    if (!mayTakeLong(request.url ?? '')) cutWhenSlow(request)
    void listener(request, response)
  }
}

function cutWhenSlow(request: IncomingMessage): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy()
  }, REQUEST_TIMEOUT_MS)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}

function guarded(fetch: HttpHandler, log: Log): HttpHandler {
  return async (request, from) => {
    try {
      return await fetch(request, from)
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault)
      log.write('error', 'http-handler-failed', { method: request.method, reason })
      return new Response('internal error', { status: 500 })
    }
  }
}

function listenerOf({ front, inner, secure }: Door, isOwn: (remote: string) => boolean): Listener {
  const address = front.address()
  const live = new Set<Socket>()
  let others = 0
  front.on('connection', (socket: Socket) => {
    const isOther = !isOwn(socket.remoteAddress ?? '')
    if (isOther && others >= MAX_CONNECTIONS) {
      socket.destroy()
      return
    }
    if (isOther) others++
    live.add(socket)
    socket.once('close', () => {
      live.delete(socket)
      if (isOther) others--
    })
  })
  let stopped: Promise<void> | undefined
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    ...(secure !== undefined && {
      renew: (tls: ServerTls) => secure.setSecureContext(serverOptions(tls)),
    }),
    stop() {
      stopped ??= new Promise(resolve => {
        const cut = setTimeout(() => {
          for (const socket of live) socket.destroy()
        }, STOP_GRACE_MS)
        front.close(() => {
          clearTimeout(cut)
          resolve()
        })
        for (const server of inner) server.close()
      })
      return stopped
    },
  }
}

function refusalOf(fault: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use',
    EACCES: 'no permission for this port',
    EADDRNOTAVAIL: 'this machine has no such address',
  }
  const why = reasons[fault.code ?? ''] ?? fault.message
  return new Error(`cannot listen on ${host}:${port}: ${why}`, { cause: fault })
}
