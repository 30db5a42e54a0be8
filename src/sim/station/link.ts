/**
 * A simulated station's way to its CSMS: dial, back-off, ping by WebSocketPingInterval (OCPP-J 1.6 §3, §5.4, §5.5).
 * Must not know any message.
 */
import type { Dialing, DialOutcome, Ports, Timer } from '../../ports.js'
import { Wire, type WireHandlers, type WireOutcome } from '../framing.js'

export interface LinkOptions {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'network'>
  /** Whole URL, identity included. */
  readonly url: string
  readonly stationId: string
  /** PICS value of both certificates: 30 s. */
  readonly answerTimeoutMs: number
  /** Basic authentication password, one character per byte; undefined sends no header. */
  password(): string | undefined
  /** Seconds; 0 = no pings. */
  pingIntervalS(): number
}

export interface LinkHandlers extends Pick<WireHandlers, 'call'> {
  opened(): void
  lost(): void
}

/** First wait before dialling again, doubled up to the longest; half of it is random so that a depot spreads. */
const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000
const DIAL_TIMEOUT_MS = 10_000
const MAX_FRAME_BYTES = 1_048_576

export class Link {
  private wire: Wire | undefined
  private dialing: Dialing | undefined
  private retry: Timer | undefined
  private pings: Timer | undefined
  private failures = 0
  private connections = 0
  private wanted = false

  constructor(
    private readonly options: LinkOptions,
    private readonly handlers: LinkHandlers,
  ) {}

  /** Dials, and keeps dialling until `down`. */
  up(): void {
    if (this.wanted) return
    this.wanted = true
    this.failures = 0
    this.dial()
  }

  /** Drops the socket and does not come back by itself. `lost` is called when one was open. */
  down(): void {
    this.wanted = false
    this.retry?.cancel()
    this.dialing?.abort()
    this.dialing = undefined
    this.drop()
  }

  /** Cuts the socket as a bad line does; the link comes back by itself. */
  cut(): void {
    this.wire?.terminate()
  }

  isOpen(): boolean {
    return this.wire?.isOpen() ?? false
  }

  /** CALLs not answered yet. */
  pending(): number {
    return this.wire?.pending() ?? 0
  }

  call(action: string, payload: object, done: (outcome: WireOutcome) => void): void {
    if (this.wire) this.wire.call(action, payload, done)
    else done({ kind: 'closed' })
  }

  restartPings(): void {
    this.pings?.cancel()
    const intervalS = this.options.pingIntervalS()
    if (!this.isOpen() || intervalS <= 0) return
    this.pings = this.options.ports.clock.every(intervalS * 1000, () => {
      if (this.wire?.ping() === false) this.wire.terminate()
    })
  }

  private dial(): void {
    const { ports, url, stationId, answerTimeoutMs } = this.options
    this.connections += 1
    const password = this.options.password()
    const wire: Wire = new Wire(
      { clock: ports.clock, answerTimeoutMs, idPrefix: `${this.connections}.` },
      { call: this.handlers.call, closed: () => this.closed(wire) },
    )
    this.dialing = ports.network.dial(
      {
        url,
        protocols: ['ocpp1.6'],
        headers: password === undefined ? {} : { authorization: `Basic ${btoa(`${stationId}:${password}`)}` },
        timeoutMs: DIAL_TIMEOUT_MS,
        maxFrameBytes: MAX_FRAME_BYTES,
      },
      wire.handlers,
      outcome => this.dialled(wire, outcome),
    )
  }

  private dialled(wire: Wire, outcome: DialOutcome): void {
    this.dialing = undefined
    if (outcome.kind !== 'open') {
      this.retryLater()
      return
    }
    this.wire = wire
    this.failures = 0
    wire.attach(outcome.socket)
    this.restartPings()
    this.handlers.opened()
  }

  private closed(wire: Wire): void {
    if (this.wire !== wire) return
    this.wire = undefined
    this.pings?.cancel()
    this.handlers.lost()
    if (this.wanted) this.retryLater()
  }

  private drop(): void {
    const { wire } = this
    if (!wire) return
    wire.terminate()
    // The simulated and the real socket may tell later; a station without power does not wait for that.
    this.closed(wire)
  }

  private retryLater(): void {
    const longestMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures)
    this.failures = Math.min(this.failures + 1, 10)
    const waitMs = longestMs * (0.5 + this.options.ports.random.next() / 2)
    this.retry = this.options.ports.clock.after(waitMs, () => this.dial())
  }
}
