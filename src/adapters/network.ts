/**
 * The real Network door: ws 8 on an HTTP server of its own, apart from the page. Sockets get their limits here
 * (handshake time, header size, frame size, connections); no compression, because a peer that inflates costs memory
 * and most stations have none (RFC 7692 is never negotiated). Every failure ends as a value; nothing a peer does
 * throws. Must not know OCPP.
 */
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Listener, ListenOptions, Log, Network, Socket, UpgradeRequest } from '../ports.js'
import { dial } from './network-dial.js'
import { codeOf, detailOf, guard, wrapSocket } from './network-socket.js'

/** A request that has not sent its headers by then is closed with 408: sockets must not be used up by silence. */
const HEADERS_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 10_000
/** How often the two above are looked at. */
const CHECK_EVERY_MS = 1_000
/** A station sends about ten; more, or larger ones, are answered 431. */
const MAX_HEADERS = 64
const MAX_HEADER_BYTES = 16 * 1024
/** Above the bound of the one who listens: so many at once are told 503, whoever comes then is dropped without a word. */
const MAX_TOLD = 100
/** Half-open TCP connections are found by pings above; this is the kernel's second look. */
const TCP_KEEP_ALIVE_MS = 60_000
const RETRY = { 'Retry-After': '60' }
const STATUS_OF_FAULT: ReadonlyMap<string, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
])

/** Real WebSockets. `log` gets what no caller can be told. */
export function createNetwork(log: Log): Network {
  return {
    listen: (options, onUpgrade) => listen(options, onUpgrade, log),
    dial: (target, handlers, done) => dial(target, handlers, done, log),
  }
}

function listen(
  options: ListenOptions,
  onUpgrade: (request: UpgradeRequest) => void,
  log: Log,
): Promise<Listener> {
  const live = new Set<Duplex>()
  const protocols = new WeakMap<IncomingMessage, string>()
  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes,
    handleProtocols: (_offered, request) => protocols.get(request) ?? false,
  })
  const crowded = new WeakSet<Duplex>()
  const server = createBoundedServer(crowded, () => options.onStranger?.())
  if (options.crowd !== undefined) server.maxConnections = options.crowd.maxConnections + MAX_TOLD
  server.on('drop', () => options.crowd?.onTurnedAway())
  server.on('connection', socket => {
    live.add(socket)
    socket.once('close', () => live.delete(socket))
    socket.on('error', fault => log.write('debug', 'network.socket-error', { detail: detailOf(fault) }))
    if (options.crowd === undefined || live.size <= options.crowd.maxConnections) return
    crowded.add(socket)
    options.crowd.onTurnedAway()
  })
  server.on('clientError', (fault, socket) => {
    options.onStranger?.()
    log.write('debug', 'network.bad-request', { detail: detailOf(fault) })
    refuse(socket, STATUS_OF_FAULT.get(codeOf(fault)) ?? 400, {})
  })
  server.on('upgrade', (request, socket, head) => {
    const accept: UpgradeRequest['accept'] = (protocol, handlers) => {
      if (protocol !== undefined) protocols.set(request, protocol)
      let opened: Socket | undefined
      // calls back before it returns, or never when the peer is gone or its handshake is broken
      upgrader.handleUpgrade(request, socket, head, webSocket => {
        opened = wrapSocket(webSocket, handlers, log, () => request.socket.bytesRead)
      })
      return opened
    }
    if (crowded.has(socket)) refuse(socket, 503, RETRY)
    else if (request.rawHeaders.length / 2 > MAX_HEADERS) refuse(socket, 431, {})
    else guard(log, () => onUpgrade(upgradeRequest(request, socket, accept)))
  })
  return new Promise((resolve, reject) => {
    server.once('error', fault => reject(new Error(`cannot listen on ${options.host}: ${detailOf(fault)}`)))
    server.listen(options.port, options.host, () => {
      server.removeAllListeners('error')
      server.on('error', fault => log.write('error', 'network.server-error', { detail: detailOf(fault) }))
      resolve({ port: portOf(server.address()), stop: () => stopListening() })
    })
  })

  function stopListening(): Promise<void> {
    return new Promise(resolve => {
      server.close(() => resolve())
      for (const socket of live) socket.destroy()
    })
  }
}

/** Answers by itself whatever is no upgrade. */
function createBoundedServer(crowded: WeakSet<Duplex>, onStranger: () => void): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    },
    (request, response) => {
      const isCrowded = crowded.has(request.socket)
      if (!isCrowded) onStranger()
      response
        .writeHead(isCrowded ? 503 : 426, {
          Connection: 'close',
          ...(isCrowded ? RETRY : { Upgrade: 'websocket' }),
        })
        .end()
    },
  )
  // Up to Node 22 a longer list is cut without a word, later it is an error: one more shows that there were too many.
  server.maxHeadersCount = MAX_HEADERS + 1
  return server
}

function upgradeRequest(
  request: IncomingMessage,
  socket: Duplex,
  accept: UpgradeRequest['accept'],
): UpgradeRequest {
  let answered = false
  const once = (): boolean => {
    const isFirst = !answered
    answered = true
    return isFirst
  }
  return {
    rawPath: request.url ?? '',
    headers: plainHeaders(request),
    repeatedHeaders: repeatedHeaders(request),
    remote: request.socket.remoteAddress ?? '',
    accept: (protocol, handlers) => (once() ? accept(protocol, handlers) : undefined),
    reject: (status, headers = {}) => {
      if (once()) refuse(socket, status, headers)
    },
  }
}

function plainHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  const headers = new Map<string, string>()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, typeof value === 'string' ? value : value.join(', '))
  }
  return Object.fromEntries(headers)
}

/** Node drops or joins what comes twice; who asks "who is it?" must know that there were two answers. */
function repeatedHeaders({ rawHeaders }: IncomingMessage): ReadonlySet<string> {
  const names = rawHeaders.flatMap((text, at) => (at % 2 === 0 ? [text.toLowerCase()] : []))
  return new Set(names.filter((name, at) => names.indexOf(name) !== at))
}

function refuse(socket: Duplex, status: number, headers: Readonly<Record<string, string>>): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Connection: close',
    'Content-Length: 0',
  ]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  socket.once('finish', () => socket.destroy())
  socket.end(`${lines.join('\r\n')}\r\n\r\n`)
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
