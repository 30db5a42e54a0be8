/**
 * The one upstream connection of one station (proxy rule 5): dials the CSMS, keeps dialling with back-off, and drops a
 * server that does not speak ocpp1.6 or has gone silent. Redirects are not followed. Must not know messages; when the
 * link is wanted is the session's decision.
 */
import type { CsmsLinkStatus } from '../../core/events.js'
import type { ClientTls, Dialing, DialOutcome, Ports, Socket, SocketHandlers, Timer } from '../../ports.js'
import { type CallLeg, type FrameKind, openLeg } from '../wire/call-leg.js'
import type { IncomingRoom } from '../wire/incoming-room.js'
import { type KeepAlive, keepAlive } from '../wire/keep-alive.js'
import type { IncomingCall, Leg } from '../wire/leg.js'
import { MAX_FRAME_BYTES, SUB_PROTOCOL } from '../wire/socket-rules.js'
import { backoffMs } from './backoff.js'
import type { CircleMember, LinkCircle } from './link-circle.js'
import { closedFault, type LinkFault, linkFault, SILENT } from './link-fault.js'

/** DNS, TCP, TLS and the upgrade together. */
const DIAL_TIMEOUT_MS = 10_000

export interface CsmsLinkOptions {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'network' | 'log'>
  /** See `csmsUrl`. */
  readonly url: string
  /** Goes with every attempt; Authorization, if any. Read anew for each. */
  readonly headers: Readonly<Record<string, string>>
  readonly handlers: CsmsLinkHandlers
  /** A longer frame ends the connection; as the socket rules say where absent. */
  readonly maxFrameBytes?: number
  /** Asked anew for each attempt: a certificate that has changed is shown by the next one. */
  tls?(): ClientTls | undefined
  /** What all legs together may hold. */
  readonly room?: IncomingRoom
  /** The links of the other stations to the same CSMS. */
  readonly circle?: LinkCircle
  newMessageId(): string
  onFrame?(kind: FrameKind): void
}

export interface CsmsLinkHandlers {
  open(leg: Leg): void
  /** The leg given to `open` has ended (its CALLs were told before). Also called from within `stop`. */
  closed(): void
  /** A CALL of the CSMS; to be answered on `leg()`. */
  call(call: IncomingCall): void
  /** An attempt came to nothing; the next follows by itself. */
  failed?(fault: LinkFault): void
}

export interface CsmsLink {
  /** Dials now, also while waiting for the next attempt, and keeps the link up until `stop`. */
  start(): void
  /** Ends the leg and the socket, or the attempt. `start` may follow. */
  stop(): void
  leg(): Leg | undefined
  state(): 'open' | 'dialling' | 'waiting' | 'stopped'
  status(): CsmsLinkStatus
}

/** The address of a station at the CSMS: its identity percent-encoded behind the configured URL (OCPP-J 1.6 §3.1.1). */
export function csmsUrl(baseUrl: string, stationId: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/${encodeURIComponent(stationId)}`
}

/** A link at rest. */
export function createCsmsLink(options: CsmsLinkOptions): CsmsLink {
  return new DialledLink(options)
}

interface Due {
  readonly monoMs: number
  readonly wallMs: number
}

const SHOWN_AS = { stopped: 'idle', waiting: 'waiting', dialling: 'connecting', open: 'open' } as const

type Stage =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'waiting'; readonly timer: Timer; readonly due: Due; readonly fault: LinkFault }
  | { readonly kind: 'dialling'; readonly dialing: Dialing }
  | { readonly kind: 'open'; readonly leg: CallLeg }

class DialledLink implements CsmsLink, CircleMember {
  readonly #options: CsmsLinkOptions
  #stage: Stage = { kind: 'stopped' }
  #failures = 0
  /** Of the last attempt, until one succeeds. */
  #fault: LinkFault | undefined
  #sinceWallMs: number

  constructor(options: CsmsLinkOptions) {
    this.#options = options
    this.#sinceWallMs = options.ports.clock.wallMs()
  }

  start(): void {
    const stage = this.#stage
    if (stage.kind === 'open' || stage.kind === 'dialling') return
    if (stage.kind === 'waiting') stage.timer.cancel()
    else this.#sinceWallMs = this.#options.ports.clock.wallMs()
    this.#options.circle?.join(this)
    this.#dial()
  }

  isOpen(): boolean {
    return this.#stage.kind === 'open'
  }

  mayBeWoken(): boolean {
    return this.#stage.kind === 'waiting' && this.#stage.fault.ofTheCsms
  }

  tryWithin(delayMs: number): void {
    const stage = this.#stage
    if (stage.kind !== 'waiting' || stage.due.monoMs <= this.#options.ports.clock.monoMs() + delayMs) return
    stage.timer.cancel()
    this.#wait(delayMs, stage.fault)
  }

  stop(): void {
    const stage = this.#stage
    this.#stage = { kind: 'stopped' }
    this.#failures = 0
    this.#fault = undefined
    this.#sinceWallMs = this.#options.ports.clock.wallMs()
    this.#options.circle?.leave(this)
    if (stage.kind === 'waiting') stage.timer.cancel()
    if (stage.kind === 'dialling') stage.dialing.abort()
    if (stage.kind === 'open') {
      stage.leg.close(1000, '')
      stage.leg.wire.closed(1000, '')
    }
  }

  leg(): Leg | undefined {
    return this.#stage.kind === 'open' ? this.#stage.leg : undefined
  }

  state(): 'open' | 'dialling' | 'waiting' | 'stopped' {
    return this.#stage.kind
  }

  status(): CsmsLinkStatus {
    const stage = this.#stage
    return {
      state: SHOWN_AS[stage.kind],
      ...this.#fault?.shown,
      sinceWallMs: this.#sinceWallMs,
      ...(stage.kind === 'waiting' && { nextTryWallMs: stage.due.wallMs }),
    }
  }

  #dial(): void {
    const { ports, url, headers, maxFrameBytes = MAX_FRAME_BYTES } = this.#options
    const wire = pluggable()
    const tls = this.#options.tls?.()
    const target = {
      url,
      protocols: [SUB_PROTOCOL],
      headers,
      timeoutMs: DIAL_TIMEOUT_MS,
      maxFrameBytes,
      ...(tls !== undefined && { tls }),
    }
    let isDone = false
    const dialing = ports.network.dial(target, wire, outcome => {
      isDone = true
      this.#dialled(outcome, wire)
    })
    if (!isDone) this.#stage = { kind: 'dialling', dialing }
  }

  #dialled(outcome: DialOutcome, wire: Pluggable): void {
    if (outcome.kind === 'open' && outcome.protocol === SUB_PROTOCOL) {
      this.#opened(outcome.socket, wire)
      return
    }
    if (outcome.kind === 'open') outcome.socket.close(1002, 'no ocpp1.6')
    const fault = linkFault(outcome)
    this.#retry(fault)
    this.#options.handlers.failed?.(fault)
  }

  #opened(socket: Socket, wire: Pluggable): void {
    const { ports, handlers, room } = this.#options
    let alive: KeepAlive | undefined
    let isSilent = false
    const leg = openLeg({
      socket,
      clock: ports.clock,
      log: ports.log,
      newMessageId: () => this.#options.newMessageId(),
      onFrame: kind => this.#options.onFrame?.(kind),
      ...(room !== undefined && { limits: { room } }),
      handlers: {
        call: call => handlers.call(call),
        closed: (code, reason) => {
          alive?.stop()
          // it was let in and somebody was there: whatever ended it, the next waits begin anew
          if (wire.hasCarried()) this.#failures = 0
          if (this.#stage.kind === 'open' && this.#stage.leg === leg) {
            this.#sinceWallMs = ports.clock.wallMs()
            this.#retry(isSilent ? SILENT : closedFault(code, reason))
          }
          handlers.closed()
        },
      },
    })
    alive = keepAlive(ports.clock, socket, () => {
      isSilent = true
      ports.log.write('warn', 'csms.silent', { url: this.#options.url })
      socket.terminate()
    })
    wire.plug(leg.wire, alive)
    this.#stage = { kind: 'open', leg }
    this.#fault = undefined
    this.#sinceWallMs = ports.clock.wallMs()
    ports.log.write('info', 'csms.open', { url: this.#options.url })
    this.#options.circle?.opened(this)
    handlers.open(leg)
  }

  #retry(fault: LinkFault): void {
    const { random, log } = this.#options.ports
    const delayMs = backoffMs(this.#failures, random.next())
    this.#failures += 1
    this.#fault = fault
    this.#wait(delayMs, fault)
    log.write('info', 'csms.retry', { url: this.#options.url, ...fault.shown, delayMs })
  }

  #wait(delayMs: number, fault: LinkFault): void {
    const { clock } = this.#options.ports
    const timer = clock.after(delayMs, () => this.#dial())
    const due = { monoMs: clock.monoMs() + delayMs, wallMs: clock.wallMs() + delayMs }
    this.#stage = { kind: 'waiting', timer, due, fault }
  }
}

interface Pluggable extends SocketHandlers {
  /** The peer has sent a frame of any kind: it was there. */
  hasCarried(): boolean
  plug(wire: SocketHandlers, alive: KeepAlive): void
}

/** Handlers for a socket that is not there yet. */
function pluggable(): Pluggable {
  let under: SocketHandlers | undefined
  let alive: KeepAlive | undefined
  let carried = false
  const seen = (): void => {
    carried = true
    alive?.seen()
  }
  return {
    hasCarried: () => carried,
    plug: (wire, watcher) => {
      under = wire
      alive = watcher
    },
    text: text => {
      seen()
      under?.text(text)
    },
    binary: () => {
      seen()
      under?.binary()
    },
    ping: () => {
      seen()
      under?.ping()
    },
    pong: () => {
      seen()
      under?.pong()
    },
    closed: (code, reason) => {
      alive?.stop()
      under?.closed(code, reason)
    },
  }
}
