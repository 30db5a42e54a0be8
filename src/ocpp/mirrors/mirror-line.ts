/**
 * One station on its way to one mirror (proxy rule 18): its own socket and queue, answers counted and dropped, orders
 * refused. Nothing here is waited for by anybody else, and nothing a mirror says is passed on or acted upon.
 */

import type { CallOutcome } from '../../core/answer.js'
import { callError } from '../../core/answer.js'
import type { CsmsLinkStatus, MirrorTotals } from '../../core/events.js'
import type { Clock, Timer } from '../../ports.js'
import type { CsmsLink, CsmsLinkHandlers } from '../csms/csms-link.js'
import type { IncomingCall, Leg } from '../wire/leg.js'
import { type RateGate, rateGate } from '../wire/rate-gate.js'
import { CSMS_SLOT_MS } from '../wire/waits.js'
import { type MirrorBudget, type MirrorMessage, MirrorQueue } from './mirror-queue.js'

/** Of use only at the moment they are said. */
const LIVE_ONLY: ReadonlySet<string> = new Set(['Heartbeat', 'Authorize'])
/** Orders a fleet system may try by mistake, and frames that are of no use, per minute; one more closes the socket. */
const MAX_USELESS_PER_MINUTE = 60
/** A mirror that floods is left alone for this long. */
const PAUSE_MS = 600_000
/** Sockets that may end under a message before it is given up: it may be what they end of. */
const MAX_CUTS = 3
/** A CALL out for longer means that nobody is there (I10). */
const SILENT_AFTER_MS = 8_000

const REPORT_ONLY = callError('SecurityError', 'this connection reports only; orders come from one CSMS')

export interface MirrorLineOptions {
  readonly clock: Clock
  readonly budget: MirrorBudget
  readonly totals: { -readonly [K in keyof MirrorTotals]: MirrorTotals[K] }
  openLink(through: string | undefined, handlers: CsmsLinkHandlers): CsmsLink
  /** It sends orders, or what is no message, without end. */
  onFlood(): void
}

export class MirrorLine {
  readonly #options: MirrorLineOptions
  readonly #queue: MirrorQueue
  readonly #useless: RateGate
  #link: CsmsLink | undefined
  #through: string | undefined
  #leg: Leg | undefined
  #inFlight: MirrorMessage | undefined
  #pause: Timer | undefined
  #isHere = false
  /** CALLs in a row that nobody answered. */
  #unanswered = 0

  constructor(options: MirrorLineOptions) {
    this.#options = options
    this.#queue = new MirrorQueue(options.budget)
    this.#useless = rateGate(options.clock, MAX_USELESS_PER_MINUTE, 60_000)
  }

  /** Beside the message on its way. */
  get waiting(): number {
    return this.#queue.size
  }

  get #isIdle(): boolean {
    return this.#queue.size === 0 && this.#inFlight === undefined
  }

  /** Undefined while no link is wanted. */
  status(): CsmsLinkStatus | undefined {
    const { clock } = this.#options
    const link = this.#link
    if (link === undefined) return undefined
    if (this.#pause !== undefined)
      return {
        ...link.status(),
        state: 'waiting',
        reason: 'closed',
        detail: 'sends orders or rubbish without end',
      }
    const isSilent = this.#unanswered > 0 || (this.#leg?.busyMs() ?? 0) > SILENT_AFTER_MS
    if (this.#leg === undefined || !isSilent) return link.status()
    const sinceWallMs = clock.wallMs() - (this.#leg.busyMs() ?? 0)
    return { state: 'silent', reason: 'silent', detail: 'CALLs are not answered', sinceWallMs }
  }

  /** The station is there; `through`: the Busbars it has come through. */
  stationHere(through: string | undefined): void {
    this.#isHere = true
    if (this.#link !== undefined && this.#through !== through) this.#disconnect()
    this.#through = through
    this.#connect()
  }

  /** What still waits goes out; then the socket ends, as the station's has. */
  stationGone(): void {
    this.#isHere = false
    if (this.#isIdle) this.#disconnect()
  }

  /** The station has said this, and whoever it is for has it already. */
  saw(action: string, payloadText: string): void {
    if (this.#leg === undefined && LIVE_ONLY.has(action)) return
    this.#options.totals.dropped += this.#queue.add({ action, payloadText, cuts: 0 })
    this.#pump()
  }

  /** It has sent something that is no message, or answers nothing. */
  badFrame(): void {
    this.#options.totals.badFrames++
    this.#tolerate()
  }

  stop(): void {
    this.#isHere = false
    this.#pause?.cancel()
    this.#pause = undefined
    this.#disconnect()
    this.#queue.clear()
  }

  #connect(): void {
    if (this.#pause !== undefined) return
    this.#link ??= this.#newLink()
    // a station that comes and goes does not make it dial sooner
    if (this.#link.state() === 'stopped') this.#link.start()
  }

  #newLink(): CsmsLink {
    const link: CsmsLink = this.#options.openLink(this.#through, {
      open: leg => {
        if (this.#link !== link) return
        this.#leg = leg
        this.#pump()
      },
      closed: () => {
        if (this.#link === link) this.#ended()
      },
      call: call => this.#refuse(link, call),
    })
    return link
  }

  #disconnect(): void {
    const link = this.#link
    this.#link = undefined
    this.#ended()
    link?.stop()
  }

  #ended(): void {
    this.#leg = undefined
    this.#unanswered = 0
    const message = this.#inFlight
    this.#inFlight = undefined
    if (message === undefined) return
    message.cuts++
    if (message.cuts < MAX_CUTS) this.#queue.putBack(message)
    else this.#options.totals.dropped++
  }

  #pump(): void {
    const leg = this.#leg
    if (leg === undefined || this.#inFlight !== undefined) return
    const message = this.#queue.take()
    if (message === undefined) {
      if (!this.#isHere) this.#disconnect()
      return
    }
    this.#inFlight = message
    const { action, payloadText } = message
    this.#options.totals.sent++
    leg.call({ action, payloadText, timeoutMs: CSMS_SLOT_MS }, outcome => {
      if (this.#inFlight === message) this.#outcome(outcome)
    })
  }

  #outcome({ kind }: CallOutcome): void {
    const { totals } = this.#options
    // its end is told to the link too, and there it is put back
    if (kind === 'closed') return
    this.#inFlight = undefined
    this.#unanswered = kind === 'timeout' ? this.#unanswered + 1 : 0
    if (kind === 'timeout') totals.unanswered++
    else if (kind === 'error') totals.refused++
    else totals.answered++
    this.#pump()
  }

  #refuse(link: CsmsLink, call: IncomingCall): void {
    const leg = this.#leg
    if (this.#link !== link || leg === undefined) return
    this.#options.totals.ordersRefused++
    leg.answer(call.messageId, REPORT_ONLY)
    this.#tolerate()
  }

  #tolerate(): void {
    const link = this.#link
    if (this.#useless.pass() || this.#pause !== undefined || link === undefined) return
    this.#options.onFlood()
    this.#leg?.close(1008, 'report only')
    link.stop()
    this.#ended()
    this.#pause = this.#options.clock.after(PAUSE_MS, () => {
      this.#pause = undefined
      if (this.#isHere || this.waiting > 0) this.#connect()
    })
  }
}
