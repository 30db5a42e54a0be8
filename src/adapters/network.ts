/**
 * The real Network door: ws 8 on an HTTP server of its own, apart from the page. Sockets get their limits here
 * (handshake time, header size, frame size, connections); no compression, because a peer that inflates costs memory
 * and most stations have none (RFC 7692 is never negotiated). Every failure ends as a value; nothing a peer does
 * throws. Must not know OCPP.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  STATUS_CODES,
} from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo, Server as FrontServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { WebSocketServer } from 'ws'
import type {
  Listener,
  ListenOptions,
  Log,
  Network,
  PeerCertificate,
  ServerTls,
  Socket,
  UpgradeRequest,
} from '../ports.js'
import { dial } from './network-dial.js'
import { codeOf, detailOf, guard, wrapSocket } from './network-socket.js'
import { peerCertificate } from './peer-certificate.js'
import { tlsFaultOf } from './tls-faults.js'
import { askWithin, HANDSHAKE_TIMEOUT, serverOptions, tlsFront } from './tls-server.js'

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
  let roots = options.tls?.clientRoots ?? []
  const protocols = new WeakMap<IncomingMessage, string>()
  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes,
    handleProtocols: (_offered, request) => protocols.get(request) ?? false,
  })
  const crowded = new WeakSet<Duplex>()
  const server = createBoundedServer(crowded, options)
  const secure = 'setSecureContext' in server ? server : undefined
  const front: FrontServer =
    secure === undefined
      ? server
      : tlsFront({ inner: secure, onFault: (fault, remote) => options.onTlsFault?.(fault, remote) })
  if (options.crowd !== undefined) front.maxConnections = options.crowd.maxConnections + MAX_TOLD
  front.on('drop', () => options.crowd?.onTurnedAway())
  front.on('connection', socket => {
    live.add(socket)
    socket.once('close', () => live.delete(socket))
    socket.on('error', fault => log.write('debug', 'network.socket-error', { detail: detailOf(fault) }))
    if (options.crowd === undefined || live.size <= options.crowd.maxConnections) return
    options.crowd.onTurnedAway()
    // a handshake only to say no would cost what is short
    if (secure === undefined) crowded.add(socket)
    else socket.destroy()
  })
  // also what goes wrong within a handshake: https hands it on
  server.on('clientError', (fault, socket) => {
    log.write('debug', 'network.bad-request', { detail: detailOf(fault) })
    const tlsFault = secure === undefined ? undefined : tlsFaultOf(fault)
    if (tlsFault !== undefined) {
      options.onTlsFault?.(tlsFault, remoteOf(socket))
      socket.destroy()
      return
    }
    if (isHello(fault)) options.onTlsFault?.('to-plain-port', remoteOf(socket))
    else options.onStranger?.()
    refuse(socket, STATUS_OF_FAULT.get(codeOf(fault)) ?? 400, {})
  })
  server.on('upgrade', (request, socket, head) => {
    const accept: UpgradeRequest['accept'] = (protocol, handlers) => {
      if (protocol !== undefined) protocols.set(request, protocol)
      let opened: Socket | undefined
      // calls back before it returns, or never when the peer is gone or its handshake is broken
      upgrader.handleUpgrade(request, socket, head, webSocket => {
        opened = wrapSocket(webSocket, { stream: request.socket, dialled: false }, handlers, log)
      })
      return opened
    }
    if (crowded.has(socket)) refuse(socket, 503, RETRY)
    else if (request.rawHeaders.length / 2 > MAX_HEADERS) refuse(socket, 431, {})
    else guard(log, () => onUpgrade(upgradeRequest(request, socket, { accept, roots })))
  })
  return new Promise((resolve, reject) => {
    front.once('error', fault => reject(new Error(`cannot listen on ${options.host}: ${detailOf(fault)}`)))
    front.listen(options.port, options.host, () => {
      front.removeAllListeners('error')
      front.on('error', fault => log.write('error', 'network.server-error', { detail: detailOf(fault) }))
      resolve({
        port: portOf(front.address()),
        stop: () => stopListening(),
        ...(secure !== undefined && { renew: tls => renew(secure, tls) }),
      })
    })
  })

  function renew(server: SecureServer, tls: ServerTls): void {
    server.setSecureContext(serverOptions(tls))
    roots = tls.clientRoots ?? []
  }

  function stopListening(): Promise<void> {
    return new Promise(resolve => {
      front.close(() => resolve())
      for (const socket of live) socket.destroy()
    })
  }
}

/** Answers by itself whatever is no upgrade. Throws where what it is to show cannot be read. */
function createBoundedServer(crowded: WeakSet<Duplex>, options: ListenOptions): Server | SecureServer {
  const limits: ServerOptions = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  }
  const answer: RequestListener = (request, response) => {
    const isCrowded = crowded.has(request.socket)
    if (!isCrowded) options.onStranger?.()
    response
      .writeHead(isCrowded ? 503 : 426, {
        Connection: 'close',
        ...(isCrowded ? RETRY : { Upgrade: 'websocket' }),
      })
      .end()
  }
  const server =
    options.tls === undefined
      ? createServer(limits, answer)
      : createSecureServer({ ...limits, ...serverOptions(options.tls), ...HANDSHAKE_TIMEOUT }, answer)
  // Up to Node 22 a longer list is cut without a word, later it is an error: one more shows that there were too many.
  server.maxHeadersCount = MAX_HEADERS + 1
  if ('setSecureContext' in server) boundRequests(server)
  return server
}

/** The server does not listen itself (tls-server.ts), so its own deadlines for requests do not run. */
function boundRequests(server: SecureServer): void {
  server.on('secureConnection', socket => {
    const asking = askWithin(socket, REQUEST_TIMEOUT_MS)
    socket.once('upgraded', () => asking.stop())
  })
  server.prependListener('upgrade', (_request, socket) => void socket.emit('upgraded'))
}

/** A station that speaks TLS to a plain port. */
function isHello(fault: Error): boolean {
  const packet: unknown = 'rawPacket' in fault ? fault.rawPacket : undefined
  return Buffer.isBuffer(packet) && packet[0] === 0x16 && packet[1] === 0x03
}

function remoteOf(socket: Duplex): string {
  return 'remoteAddress' in socket && typeof socket.remoteAddress === 'string' ? socket.remoteAddress : ''
}

function upgradeRequest(
  request: IncomingMessage,
  socket: Duplex,
  { accept, roots }: { readonly accept: UpgradeRequest['accept']; readonly roots: readonly string[] },
): UpgradeRequest {
  let answered = false
  const once = (): boolean => {
    const isFirst = !answered
    answered = true
    return isFirst
  }
  const certificate = certificateOf(socket, roots)
  return {
    rawPath: request.url ?? '',
    headers: plainHeaders(request),
    repeatedHeaders: repeatedHeaders(request),
    remote: request.socket.remoteAddress ?? '',
    ...(certificate !== undefined && { certificate }),
    accept: (protocol, handlers) => (once() ? accept(protocol, handlers) : undefined),
    reject: (status, headers = {}) => {
      if (once()) refuse(socket, status, headers)
    },
  }
}

function certificateOf(socket: Duplex, roots: readonly string[]): PeerCertificate | undefined {
  return socket instanceof TLSSocket && roots.length > 0 ? peerCertificate(socket, roots) : undefined
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
