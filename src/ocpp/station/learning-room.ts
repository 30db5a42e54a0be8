/**
 * The door for stations that are not configured (`ocpp.unknownStations: "learn"`): open for 15 minutes, closed by itself by
 * the monotonic clock. Whoever comes in is answered Pending, asked what it is, and told that no session may begin; nothing
 * of it goes to the CSMS and nothing is journalled, so a station keeps its transactions for the time when it is placed.
 * Decides nothing about amps (core/control/learn.ts).
 */
import { type Answer, callError, result } from '../../core/answer.js'
import type { StationEvent } from '../../core/events.js'
import { NO_CONFIGURATION, readAll } from '../../core/station/configuration.js'
import type { Clock, Log, Timer } from '../../ports.js'
import type { OwnCall } from '../edge.js'
import { type CallLeg, openLeg } from '../wire/call-leg.js'
import type { IncomingCall } from '../wire/leg.js'
import { isoTime, parsePayload } from '../wire/payload.js'
import { MAX_TEXT_BYTES_BEFORE_BOOT } from '../wire/socket-rules.js'
import { STATION_TIMEOUT_MS } from '../wire/waits.js'
import { bootInfoOf, Observer } from './observe.js'
import type { AcceptedStation } from './station-server.js'

export const WINDOW_MS = 15 * 60_000
/** Different identities in one window: a cabinet's worth; the rest come in the next one. */
export const MAX_LET_IN = 16
/** Of these from one address: a station has its own, or a few share a router. */
export const MAX_FROM_ADDRESS = 4
/** A station that boots into Pending asks again this soon. */
const PENDING_INTERVAL_S = 30
/** A station that does not boot by itself is asked to. */
const ASK_FOR_BOOT_AFTER_MS = 5_000
/** Policy violation (RFC 6455 §7.4.1): it is not wrong, it is not wanted now. */
const CLOSE_CODE = 1008
/** "Service restart": come back (RFC 6455, IANA registry). */
const PLACED_CODE = 1012

export interface LearningOptions {
  readonly ports: { readonly clock: Clock; readonly log: Log }
  newMessageId(): string
  on(event: StationEvent): void
}

interface Guest {
  readonly leg: CallLeg
  readonly observer: Observer
  readonly close: (code: number, reason: string) => void
  bootAsk: Timer | undefined
  /** What it is was asked for on this connection. */
  isAsked: boolean
}

export class LearningRoom {
  readonly #options: LearningOptions
  readonly #guests = new Map<string, Guest>()
  /** Address of each identity that was let in during this window. */
  #letIn = new Map<string, string>()
  #open: { readonly untilMonoMs: number; readonly timer: Timer } | undefined

  constructor(options: LearningOptions) {
    this.#options = options
  }

  /** Opens the window, or opens it anew for its whole length. */
  open(): void {
    const { clock, log } = this.#options.ports
    this.#open?.timer.cancel()
    if (this.#open === undefined)
      this.#letIn = new Map([...this.#letIn].filter(([id]) => this.#guests.has(id)))
    const timer = clock.after(WINDOW_MS, () => this.close())
    this.#open = { untilMonoMs: clock.monoMs() + WINDOW_MS, timer }
    log.write('warn', 'unknown stations may connect', { minutes: WINDOW_MS / 60_000 })
  }

  /** Nobody comes in any more, and whoever is in and has no place is sent away. */
  close(): void {
    if (this.#open === undefined) return
    this.#open.timer.cancel()
    this.#open = undefined
    this.#options.ports.log.write('info', 'unknown stations may no longer connect', {
      connected: this.#guests.size,
    })
    for (const guest of [...this.#guests.values()])
      guest.close(CLOSE_CODE, 'not in the configuration: add this station, or open the window again')
  }

  /** How long it is still open, ms; undefined when it is closed. */
  openForMs(): number | undefined {
    if (this.#open === undefined) return undefined
    const leftMs = this.#open.untilMonoMs - this.#options.ports.clock.monoMs()
    return leftMs > 0 ? leftMs : undefined
  }

  /** Whether an identity that is not configured may come in from this address. */
  admits(stationId: string, remote: string): 'learner' | 'unknown' | 'too-many' {
    if (this.openForMs() === undefined) return 'unknown'
    if (this.#letIn.get(stationId) === remote) return 'learner'
    const fromThere = [...this.#letIn.values()].filter(address => address === remote).length
    const isNew = !this.#letIn.has(stationId)
    if (fromThere >= MAX_FROM_ADDRESS || (isNew && this.#letIn.size >= MAX_LET_IN)) return 'too-many'
    return 'learner'
  }

  has(stationId: string): boolean {
    return this.#guests.has(stationId)
  }

  connected({ stationId, remote, socket, attach }: AcceptedStation): void {
    const { ports, on } = this.#options
    this.#letIn.set(stationId, remote)
    const leg: CallLeg = openLeg({
      socket,
      clock: ports.clock,
      log: ports.log,
      newMessageId: () => this.#options.newMessageId(),
      handlers: {
        call: call => this.#call(stationId, guest, call),
        closed: () => this.#gone(stationId, guest),
      },
    })
    leg.maxTextBytes = MAX_TEXT_BYTES_BEFORE_BOOT
    const guest: Guest = {
      leg,
      observer: new Observer(stationId, on),
      close: (code, reason) => socket.close(code, reason),
      bootAsk: ports.clock.after(ASK_FOR_BOOT_AFTER_MS, () => this.#trigger(guest, 'BootNotification')),
      isAsked: false,
    }
    this.#guests.set(stationId, guest)
    attach(leg.wire)
    on({ kind: 'connected', stationId, remote })
  }

  /** A CALL of Busbar's own. False when nobody of that name is here. */
  call(stationId: string, call: OwnCall, done: Parameters<CallLeg['call']>[1]): boolean {
    const guest = this.#guests.get(stationId)
    if (guest === undefined) return false
    const { payload, ...rest } = call
    guest.leg.call({ ...rest, payloadText: JSON.stringify(payload) }, done)
    return true
  }

  /** It is in the configuration now: sent away, so that it comes back as what it is. */
  placed(stationId: string): void {
    const guest = this.#guests.get(stationId)
    if (guest === undefined) return
    // Before the socket closes: what comes back at once is not the one that goes.
    this.#gone(stationId, guest)
    guest.close(PLACED_CODE, 'in the configuration now: connect anew')
  }

  stop(): void {
    this.#open?.timer.cancel()
    this.#open = undefined
    for (const guest of this.#guests.values()) guest.bootAsk?.cancel()
  }

  #gone(stationId: string, guest: Guest): void {
    guest.bootAsk?.cancel()
    if (this.#guests.get(stationId) !== guest) return
    this.#guests.delete(stationId)
    this.#options.on({ kind: 'gone', stationId })
  }

  #call(stationId: string, guest: Guest, call: IncomingCall): void {
    const { on, ports } = this.#options
    guest.observer.saw(call.action, call.payload, ports.clock.wallMs())
    const answer = this.#answer(call.action)
    // Unanswered, a station repeats it: it is not Busbar's to take, as it has nowhere to go (I2).
    if (answer === undefined) guest.leg.forget(call.messageId)
    else guest.leg.answer(call.messageId, answer)
    if (call.action !== 'BootNotification') return
    guest.bootAsk?.cancel()
    on({ kind: 'booted', stationId, info: bootInfoOf(call.payload) })
    if (!guest.isAsked) this.#askWhatItIs(stationId, guest)
  }

  #answer(action: string): Answer | undefined {
    const currentTime = isoTime(this.#options.ports.clock.wallMs())
    switch (action) {
      case 'BootNotification':
        return result({ status: 'Pending', currentTime, interval: PENDING_INTERVAL_S })
      case 'Heartbeat':
        return result({ currentTime })
      case 'Authorize':
        return result({ idTagInfo: { status: 'Invalid' } })
      case 'StatusNotification':
        return result({})
      case 'StartTransaction':
      case 'StopTransaction':
      case 'MeterValues':
        return undefined
      default:
        return callError('SecurityError', 'not in the configuration: BootNotification is not accepted yet')
    }
  }

  #askWhatItIs(stationId: string, guest: Guest): void {
    const { clock } = this.#options.ports
    guest.isAsked = true
    const ask = { action: 'GetConfiguration', payloadText: '{}', timeoutMs: STATION_TIMEOUT_MS }
    guest.leg.call(ask, outcome => {
      if (outcome.kind !== 'result') return
      const conf = parsePayload(outcome.payloadText)
      const at = { wallMs: clock.wallMs(), firmware: undefined }
      this.#options.on({ kind: 'configured', stationId, configuration: readAll(NO_CONFIGURATION, conf, at) })
    })
    this.#trigger(guest, 'StatusNotification')
  }

  #trigger(guest: Guest, requestedMessage: 'BootNotification' | 'StatusNotification'): void {
    const payloadText = JSON.stringify({ requestedMessage })
    guest.leg.call({ action: 'TriggerMessage', payloadText, timeoutMs: STATION_TIMEOUT_MS }, () => {})
  }
}
