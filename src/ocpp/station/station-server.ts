/**
 * Where stations connect: lets them in (station-handshake.ts), keeps one live socket per identity (proxy rule 6) and
 * watches that it lives. A socket is known by itself, never by its identity, so the late close of an old one cannot
 * touch the new one. Must not know messages.
 */

import { MAX_STATIONS } from '../../core/config/site.js'
import type { StationRefusal } from '../../core/events.js'
import { needsTls, type SecurityProfile } from '../../core/security/security-profile.js'
import type { TlsFault } from '../../core/security/tls-fault.js'
import type {
  Listener,
  Ports,
  Socket,
  SocketHandlers,
  Stoppable,
  Timer,
  UpgradeRequest,
} from '../../ports.js'
import type { StationSecurity } from '../edge.js'
import { type KeepAlive, keepAlive } from '../wire/keep-alive.js'
import { type RateGate, rateGate } from '../wire/rate-gate.js'
import { MAX_FRAME_BYTES, SUB_PROTOCOL } from '../wire/socket-rules.js'
import type { RefusedList } from './refused-list.js'
import { type HandshakeOptions, type HandshakeVerdict, stationHandshake } from './station-handshake.js'

/** How long a live station without a password may take to answer a ping when a second one claims its identity. */
export const PROBE_MS = 5_000

/** Each station twice, as it comes back before its old connection is known to be dead; and whoever else knocks. */
export const MAX_CONNECTIONS = 2 * MAX_STATIONS + 500
/** A station on a bad line comes back before its old connection is known to be dead; so often within this time. */
const MAX_TAKEOVERS = 5
const TAKEOVERS_MS = 60_000
/** A crowd is told of once; it is over when nobody was turned away for so long. */
const CROWD_OVER_MS = 60_000

/** One port for stations. */
export interface StationDoor {
  readonly host: string
  readonly port: number
  readonly securityProfile: SecurityProfile
}

/** All of them. */
export interface StationDoors extends Stoppable {
  /** Those really listened on, in the order of the doors. */
  readonly ports: readonly number[]
  /** Ends the connections that were opened with this certificate; how many those were. */
  revoked(sha256: string): number
}

export interface StationServerOptions extends HandshakeOptions {
  readonly ports: Pick<Ports, 'network' | 'secrets' | 'clock' | 'log'>
  readonly doors: readonly StationDoor[]
  readonly security: StationSecurity
  /** Told of everybody who is not let in, and of who is. */
  readonly refused: Pick<RefusedList, 'note' | 'letIn'>
  /** A station is in. `station.attach` is to be called before this returns. */
  onStation(station: AcceptedStation): void
  /** A connection over the bound was turned away. */
  onTurnedAway(): void
  /** Something came to the port that is no WebSocket. */
  onStranger(): void
}

export interface AcceptedStation {
  readonly stationId: string
  readonly remote: string
  /** The password was checked here. */
  readonly authenticated: boolean
  /** The Authorization header as it came; only where no password is set here, to be passed upstream. */
  readonly authorization?: string
  /** The Busbars it has come through. */
  readonly via?: string
  readonly socket: Socket
  /** Somebody who can judge it (the CSMS) has taken the credentials it came with. */
  proven(): void
  /**
   * Plugs the handlers in (a leg's `wire`). `closed` comes exactly once: when the socket is gone, or at once, before
   * the newer station is handed to `onStation`, when another connection has taken the identity (1001 "replaced").
   */
  attach(handlers: SocketHandlers): void
}

/** Rejects when a port cannot be had. `stop` tells every station 1001 and ends its session first. */
export async function startStationServer(options: StationServerOptions): Promise<StationDoors> {
  const server = new StationServer(options)
  const listeners: Listener[] = []
  const stop = async (): Promise<void> => {
    server.endAll()
    for (const listener of listeners) await listener.stop()
  }
  try {
    for (const door of options.doors) listeners.push((await openDoor(options, server, door)) ?? CLOSED)
  } catch (fault) {
    await stop()
    throw fault
  }
  return { ports: listeners.map(({ port }) => port), revoked: sha256 => server.revoked(sha256), stop }
}

/** A port that was not opened. */
const CLOSED: Listener = { port: 0, stop: async () => undefined }

/** Undefined where there is nothing to show: never plain where TLS was written, and the other ports open all the same. */
async function openDoor(
  { ports, onStranger, security }: StationServerOptions,
  server: StationServer,
  { host, port, securityProfile }: StationDoor,
): Promise<Listener | undefined> {
  const tls = needsTls(securityProfile) ? security.serverTls(securityProfile) : undefined
  if (needsTls(securityProfile) && tls === undefined) {
    ports.log.write('error', 'station.port-closed', { port, securityProfile, reason: 'no certificate' })
    return undefined
  }
  const listener = await ports.network.listen(
    {
      host,
      port,
      maxFrameBytes: MAX_FRAME_BYTES,
      crowd: { maxConnections: MAX_CONNECTIONS, onTurnedAway: () => server.turnedAway() },
      onStranger,
      onTlsFault: (fault, remote) => server.tlsFault(fault, remote),
      ...(tls !== undefined && { tls }),
    },
    request => server.judge(request, securityProfile),
  )
  security.onRenewed(() => {
    const next = security.serverTls(securityProfile)
    if (tls !== undefined && next !== undefined) listener.renew?.(next)
  })
  return listener
}

type Admitted = Extract<HandshakeVerdict, { kind: 'admitted' }> & { readonly profile: SecurityProfile }

class StationServer {
  readonly #options: StationServerOptions
  readonly #handshake: ReturnType<typeof stationHandshake>
  readonly #live = new Map<string, Connection>()
  /** Identities with a second connection that waits, not upgraded, for the first one to answer a ping. */
  readonly #contested = new Map<string, Timer>()
  /** By identity; as many as there are stations. */
  readonly #takeovers = new Map<string, RateGate>()

  /** Where each station was last let in from; as many as there are stations. */
  readonly #addresses = new Map<string, string>()

  #turnedAwayMs = Number.NEGATIVE_INFINITY

  constructor(options: StationServerOptions) {
    this.#options = options
    this.#handshake = stationHandshake(options)
  }

  judge(request: UpgradeRequest, profile: SecurityProfile): void {
    const verdict = this.#handshake(request, profile)
    if (verdict.kind === 'refused') {
      const { stationId, reason } = verdict
      this.#note(request, reason, stationId)
      request.reject(verdict.status, verdict.headers)
      return
    }
    const old = this.#live.get(verdict.stationId)
    const newcomer = { ...verdict, profile }
    if (old === undefined || (verdict.authenticated && this.#mayReplace(verdict.stationId)))
      this.#letIn(request, newcomer)
    else this.#contest(request, newcomer, old)
  }

  /** It said nothing of who it is: the one station that was last let in from there, if it is one. */
  tlsFault(fault: TlsFault, remote: string): void {
    const stationIds = [...this.#addresses].filter(([, address]) => address === remote).map(([id]) => id)
    const [stationId] = stationIds.length === 1 ? stationIds : []
    this.#options.refused.note({
      ...(stationId !== undefined && { stationId }),
      rawPath: '',
      reason: `tls-${fault}`,
      remote,
    })
  }

  revoked(sha256: string): number {
    const theirs = [...this.#live.values()].filter(connection => connection.certificate === sha256)
    for (const connection of theirs) connection.leave(1008, 'certificate revoked')
    return theirs.length
  }

  turnedAway(): void {
    const { clock, log } = this.#options.ports
    const isNew = clock.monoMs() - this.#turnedAwayMs >= CROWD_OVER_MS
    this.#turnedAwayMs = clock.monoMs()
    if (isNew) log.write('warn', 'station.too-many-connections', { most: MAX_CONNECTIONS })
    this.#options.onTurnedAway()
  }

  endAll(): void {
    for (const timer of this.#contested.values()) timer.cancel()
    this.#contested.clear()
    for (const connection of this.#live.values()) connection.leave(1001, 'Busbar stops')
    this.#live.clear()
  }

  /**
   * Two stations with one identity and one password would take the socket from each other for ever: after a few times
   * the one who is there stays, if it is really there, as without a password.
   */
  #mayReplace(stationId: string): boolean {
    const gate =
      this.#takeovers.get(stationId) ?? rateGate(this.#options.ports.clock, MAX_TAKEOVERS, TAKEOVERS_MS)
    this.#takeovers.set(stationId, gate)
    return gate.pass()
  }

  /** Without a password the one who is there stays, if it is really there. */
  #contest(request: UpgradeRequest, admitted: Admitted, old: Connection): void {
    const { stationId } = admitted
    const { clock } = this.#options.ports
    if (this.#contested.has(stationId)) {
      this.#note(request, 'second-connection', stationId)
      request.reject(503, { 'Retry-After': String(PROBE_MS / 1000) })
      return
    }
    const decide = (isAlive: boolean): void => {
      if (!this.#contested.delete(stationId)) return
      timer.cancel()
      const there = this.#live.get(stationId)
      if (isAlive || (there !== undefined && there !== old)) {
        this.#note(request, 'second-connection', stationId)
        request.reject(409)
      } else this.#letIn(request, admitted)
    }
    const timer = clock.after(PROBE_MS, () => decide(false))
    this.#contested.set(stationId, timer)
    old.probe(decide)
  }

  #note({ rawPath, remote }: UpgradeRequest, reason: StationRefusal, stationId: string | undefined): void {
    this.#options.refused.note({ ...(stationId !== undefined && { stationId }), rawPath, reason, remote })
  }

  #letIn(request: UpgradeRequest, admitted: Admitted): void {
    const { stationId, profile } = admitted
    const { ports, security } = this.#options
    const connection = new Connection(ports, stationId, () => {
      if (this.#live.get(stationId) === connection) this.#live.delete(stationId)
    })
    const protocol = admitted.withoutProtocol === true ? undefined : SUB_PROTOCOL
    const socket = request.accept(protocol, connection)
    if (socket === undefined) return // gone while it waited; whoever was there stays
    const old = this.#live.get(stationId)
    this.#live.set(stationId, connection)
    this.#addresses.set(stationId, request.remote)
    connection.certificate = request.certificate?.sha256
    const proven = (): void => security.proven(stationId, profile)
    if (admitted.authenticated) proven()
    this.#options.refused.letIn(stationId, request.remote)
    connection.open(socket)
    old?.leave(1001, 'replaced')
    ports.log.write('info', 'station.connected', { station: stationId, remote: request.remote, profile })
    this.#options.onStation({
      stationId,
      remote: request.remote,
      authenticated: admitted.authenticated,
      ...(admitted.authorization === undefined ? {} : { authorization: admitted.authorization }),
      ...(admitted.via === undefined ? {} : { via: admitted.via }),
      socket,
      proven,
      attach: handlers => connection.attach(handlers),
    })
  }
}

/** One accepted socket: what it receives goes to the attached handlers until it has closed or has been replaced. */
class Connection implements SocketHandlers {
  readonly #ports: StationServerOptions['ports']
  readonly #stationId: string
  readonly #onClosed: () => void
  #socket: Socket | undefined
  #handlers: SocketHandlers | undefined
  #keepAlive: KeepAlive | undefined
  #probe: ((isAlive: boolean) => void) | undefined
  #isOver = false
  /** SHA-256 of the one it was opened with. */
  certificate: string | undefined

  constructor(ports: StationServerOptions['ports'], stationId: string, onClosed: () => void) {
    this.#ports = ports
    this.#stationId = stationId
    this.#onClosed = onClosed
  }

  open(socket: Socket): void {
    this.#socket = socket
    this.#keepAlive = keepAlive(this.#ports.clock, socket, () => {
      this.#ports.log.write('warn', 'station.silent', { station: this.#stationId })
      socket.terminate()
    })
  }

  attach(handlers: SocketHandlers): void {
    this.#handlers = handlers
  }

  /** Calls back once: true with the next frame, false when the socket closes. The caller keeps the time. */
  probe(answered: (isAlive: boolean) => void): void {
    this.#probe = answered
    this.#socket?.ping()
  }

  /** Ends the session now; the socket closes behind it. */
  leave(code: number, reason: string): void {
    this.#end(code, reason)
    this.#socket?.close(code, reason)
  }

  text(text: string): void {
    this.#seen()
    if (!this.#isOver) this.#handlers?.text(text)
  }

  binary(): void {
    this.#seen()
    if (!this.#isOver) this.#handlers?.binary()
  }

  ping(): void {
    this.#seen()
    if (!this.#isOver) this.#handlers?.ping()
  }

  pong(): void {
    this.#seen()
    if (!this.#isOver) this.#handlers?.pong()
  }

  closed(code: number, reason: string): void {
    this.#end(code, reason)
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#keepAlive?.stop()
    this.#onClosed()
    this.#ports.log.write('info', 'station.closed', { station: this.#stationId, code })
    this.#handlers?.closed(code, reason)
    this.#answerProbe(false)
  }

  #seen(): void {
    this.#keepAlive?.seen()
    this.#answerProbe(true)
  }

  #answerProbe(isAlive: boolean): void {
    const answered = this.#probe
    this.#probe = undefined
    answered?.(isAlive)
  }
}
