/**
 * The page's HTTP server by @hono/node-server. Must not know what is served: a request goes to the fetch handler, its
 * answer to the client. Bounded on every side: slow headers, slow bodies, many connections, a stop that takes no longer
 * than its grace time.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Http, HttpHandler, Listener, Log } from '../ports.js'

/** For the whole head: a laptop on a bad link needs less, half a head kept open needs more (slowloris). */
const HEADERS_TIMEOUT_MS = 10_000
/** For head and body together; answers (the live stream) may take any time. */
const REQUEST_TIMEOUT_MS = 30_000
/** For files: 64 MiB at 75 kB/s, or diagnostics of 4 MiB on the slowest line of a certification. */
const LONG_REQUEST_TIMEOUT_MS = 900_000
const CHECK_INTERVAL_MS = 2_000
const KEEP_ALIVE_MS = 10_000
const MAX_HEADER_BYTES = 16 * 1024
/** People in front of pages and a few scrapers; each browser opens six. */
const MAX_CONNECTIONS = 256
/** A client that takes nothing of its answer for so long is cut; the live stream has a beat within it. */
const UNTAKEN_TIMEOUT_MS = 60_000
/** Time for answers under way when the server stops; live streams are cut after it. */
const STOP_GRACE_MS = 500

/** The Http door. A handler that throws is a bug of ours: the client gets 500, the log the reason. */
export function createHttp({ log }: { readonly log: Log }): Http {
  return {
    listen: ({ host, port, mayTakeLong = () => false }, fetch) =>
      new Promise((resolve, reject) => {
        const server = createBoundedServer(guarded(fetch, log), mayTakeLong)
        server.once('error', (fault: NodeJS.ErrnoException) => reject(refusalOf(fault, host, port)))
        server.listen(port, host, () => {
          server.removeAllListeners('error')
          server.on('error', fault => log.write('error', 'http-server-error', { reason: fault.message }))
          resolve(listenerOf(server))
        })
      }),
  }
}

function createBoundedServer(fetch: HttpHandler, mayTakeLong: (path: string) => boolean): Server {
  const listener = getRequestListener(
    (request, env) => fetch(request, { remote: env.incoming.socket?.remoteAddress ?? '' }),
    { overrideGlobalObjects: false },
  )
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: LONG_REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  const server = createServer(limits, (request, response) => {
    if (!mayTakeLong(request.url ?? '')) cutWhenSlow(request)
    void listener(request, response)
  })
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = UNTAKEN_TIMEOUT_MS
  return server
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

function listenerOf(server: Server): Listener {
  const address = server.address()
  let stopped: Promise<void> | undefined
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    stop() {
      stopped ??= new Promise(resolve => {
        const cut = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
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
