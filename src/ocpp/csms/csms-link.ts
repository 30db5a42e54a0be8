/**
 * The one upstream connection of one station (proxy rule 5): dials the CSMS, keeps dialling with back-off, and drops a
 * server that does not speak ocpp1.6 or has gone silent. Redirects are not followed. Must not know messages; when the
 * link is wanted is the session's decision.
 */
import type { Dialing, DialOutcome, Ports, Socket, SocketHandlers, Timer } from '../../ports.js'
import { type CallLeg, type FrameKind, openLeg } from '../wire/call-leg.js'
import { type KeepAlive, keepAlive } from '../wire/keep-alive.js'
import type { IncomingCall, Leg } from '../wire/leg.js'
import { MAX_FRAME_BYTES, SUB_PROTOCOL } from '../wire/socket-rules.js'
import { backoffMs } from './backoff.js'

/** DNS, TCP, TLS and the upgrade together. */
const DIAL_TIMEOUT_MS = 10_000
/** A connection that lasted this long was a good one: the next failure starts the back-off anew. */
const STABLE_AFTER_MS = 30_000

export interface CsmsLinkOptions {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'network' | 'log'>
  /** See `csmsUrl`. */
  readonly url: string
  /** Goes with every attempt; Authorization, if any. Read anew for each. */
  readonly headers: Readonly<Record<string, string>>
  readonly handlers: CsmsLinkHandlers
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
  failed?(): void
}

export interface CsmsLink {
  /** Dials now, also while waiting for the next attempt, and keeps the link up until `stop`. */
  start(): void
  /** Ends the leg and the socket, or the attempt. `start` may follow. */
  stop(): void
  leg(): Leg | undefined
  state(): 'open' | 'dialling' | 'waiting' | 'stopped'
}

/** The address of a station at the CSMS: its identity percent-encoded behind the configured URL (OCPP-J 1.6 §3.1.1). */
export function csmsUrl(baseUrl: string, stationId: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/${encodeURIComponent(stationId)}`
}

/** A link at rest. */
export function createCsmsLink(options: CsmsLinkOptions): CsmsLink {
  return new DialledLink(options)
}

type Stage =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'waiting'; readonly timer: Timer }
  | { readonly kind: 'dialling'; readonly dialing: Dialing }
  | { readonly kind: 'open'; readonly leg: CallLeg }

class DialledLink implements CsmsLink {
  readonly #options: CsmsLinkOptions
  #stage: Stage = { kind: 'stopped' }
  #failures = 0

  constructor(options: CsmsLinkOptions) {
    this.#options = options
  }

  start(): void {
    const stage = this.#stage
    if (stage.kind === 'open' || stage.kind === 'dialling') return
    if (stage.kind === 'waiting') stage.timer.cancel()
    this.#dial()
  }

  stop(): void {
    const stage = this.#stage
    this.#stage = { kind: 'stopped' }
    this.#failures = 0
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

  #dial(): void {
    const { ports, url, headers } = this.#options
    const wire = pluggable()
    const target = {
      url,
      protocols: [SUB_PROTOCOL],
      headers,
      timeoutMs: DIAL_TIMEOUT_MS,
      maxFrameBytes: MAX_FRAME_BYTES,
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
    this.#retry(whyNot(outcome))
    this.#options.handlers.failed?.()
  }

  #opened(socket: Socket, wire: Pluggable): void {
    const { ports, handlers } = this.#options
    const openedMs = ports.clock.monoMs()
    let alive: KeepAlive | undefined
    const leg = openLeg({
      socket,
      clock: ports.clock,
      log: ports.log,
      newMessageId: () => this.#options.newMessageId(),
      onFrame: kind => this.#options.onFrame?.(kind),
      handlers: {
        call: call => handlers.call(call),
        closed: code => {
          alive?.stop()
          if (ports.clock.monoMs() - openedMs >= STABLE_AFTER_MS) this.#failures = 0
          if (this.#stage.kind === 'open' && this.#stage.leg === leg) this.#retry(`closed ${code}`)
          handlers.closed()
        },
      },
    })
    alive = keepAlive(ports.clock, socket, () => {
      ports.log.write('warn', 'csms.silent', { url: this.#options.url })
      socket.terminate()
    })
    wire.plug(leg.wire, alive)
    this.#stage = { kind: 'open', leg }
    ports.log.write('info', 'csms.open', { url: this.#options.url })
    handlers.open(leg)
  }

  #retry(why: string): void {
    const { clock, random, log } = this.#options.ports
    const delayMs = backoffMs(this.#failures, random.next())
    this.#failures += 1
    this.#stage = { kind: 'waiting', timer: clock.after(delayMs, () => this.#dial()) }
    log.write('info', 'csms.retry', { url: this.#options.url, why, delayMs })
  }
}

function whyNot(outcome: DialOutcome): string {
  switch (outcome.kind) {
    case 'open':
      return `sub-protocol "${outcome.protocol.slice(0, 40)}"`
    case 'refused':
      return `refused ${outcome.status}`
    case 'failed':
      return `${outcome.reason}: ${outcome.detail}`
  }
}

interface Pluggable extends SocketHandlers {
  plug(wire: SocketHandlers, alive: KeepAlive): void
}

/** Handlers for a socket that is not there yet. */
function pluggable(): Pluggable {
  let under: SocketHandlers | undefined
  let alive: KeepAlive | undefined
  return {
    plug: (wire, watcher) => {
      under = wire
      alive = watcher
    },
    text: text => {
      alive?.seen()
      under?.text(text)
    },
    binary: () => {
      alive?.seen()
      under?.binary()
    },
    ping: () => {
      alive?.seen()
      under?.ping()
    },
    pong: () => {
      alive?.seen()
      under?.pong()
    },
    closed: (code, reason) => {
      alive?.stop()
      under?.closed(code, reason)
    },
  }
}
