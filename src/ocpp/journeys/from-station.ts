/**
 * Journey of a CALL from the station: up to the CSMS at once, its answer back byte for byte; while nobody is there,
 * answered here by `policy/from-station`. Transaction messages take the queue. Proxy rules 1-5, 8-10, 13.
 */
import { type Answer, type CallOutcome, callError, result } from '../../core/answer.js'
import { integerAt, textAt, timeAt } from '../../core/fields.js'
import { FROM_STATION } from '../../core/policy/from-station.js'
import { type StatusNotice, statusNoticeOf } from '../../core/station/status-memory.js'
import { mayBeKept } from '../../core/station/vendor-data.js'
import type { Timer } from '../../ports.js'
import type { Reply, SessionParts } from '../session-parts.js'
import { Observer } from '../station/observe.js'
import type { TransactionQueue } from '../transactions/queue.js'
import { Damper, type Pace } from '../wire/damper.js'
import { Deadlines } from '../wire/deadlines.js'
import type { IncomingCall } from '../wire/leg.js'
import { isoTime, parsePayload } from '../wire/payload.js'
import { checkCall } from '../wire/schemas.js'
import { replaceAt } from '../wire/splice.js'
import { CSMS_SLOT_MS } from '../wire/waits.js'
import { answerHere, type StationMessage } from './answers-here.js'
import type { Boot } from './boot.js'
import { SelfStart } from './self-start.js'

/** A station being set up boots a few times; more is a fault of it, or somebody's game. */
const BOOTS: Pace = { burst: 20, everyMs: 30_000 }
/** A station does not wait for its answer for ever. */
const MAX_BOOT_DELAY_MS = 10_000
/** How far the CSMS's clock may be from ours before the station is given ours (control rule 6). */
const CLOCK_TOLERANCE_MS = 2_000
const NOTHING = result({})
const OUR_FAULT = callError('InternalError', 'could not be processed')
const NOT_ACCEPTED_YET = callError('SecurityError', 'BootNotification is not accepted yet')
/** One CALL of the station on its way; answered once. */
interface Passing extends StationMessage {
  readonly notice: StatusNotice | undefined
  reply: Reply | undefined
  timer: Timer | undefined
}

export class FromStation {
  readonly #parts: SessionParts
  readonly #queue: TransactionQueue
  readonly #observer: Observer
  readonly #boot: Boot
  readonly #onMissed: () => void
  /** Waiting for the first attempt to reach the CSMS. */
  readonly #held: Passing[] = []
  readonly #live = new Set<Passing>()
  readonly #deadlines: Deadlines
  readonly #boots: Damper
  readonly #selfStart: SelfStart
  #slowed: Timer | undefined
  /** The CALL of a station nobody has let in yet; it sends one at a time. */
  #unproven: (() => void) | undefined

  /** `onMissed`: the CSMS never answered a CALL that was answered here; it may still be owed. */
  constructor(parts: SessionParts, boot: Boot, queue: TransactionQueue, onMissed: () => void) {
    this.#parts = parts
    this.#deadlines = new Deadlines(parts.ports.clock)
    this.#boots = new Damper(parts.ports.clock, BOOTS)
    this.#queue = queue
    this.#boot = boot
    this.#onMissed = onMissed
    this.#observer = new Observer(parts.stationId, event => parts.on(event))
    this.#selfStart = new SelfStart(parts, () => queue.mayBegin() && !boot.isUnwelcome && !boot.isKeptWaiting)
  }

  handle(call: IncomingCall, reply: Reply): void {
    if (!this.#parts.isProven()) {
      this.#unproven = () => this.#admitted(call, reply)
      return
    }
    const delayMs = call.action === 'BootNotification' ? this.#bootDelayMs() : 0
    if (delayMs === 0) this.#admitted(call, reply)
    else this.#slowed = this.#parts.ports.clock.after(delayMs, () => this.#admitted(call, reply))
  }

  /** The CSMS has let the station in: the one CALL that waited for that goes on. */
  proven(): void {
    const waiting = this.#unproven
    this.#unproven = undefined
    waiting?.()
  }

  /** A station that boots again and again is slowed down, for each is passed on and begins its set-up anew. */
  #bootDelayMs(): number {
    if (this.#boots.pass()) return 0
    const { counters, ports, stationId } = this.#parts
    counters.damped++
    const delayMs = Math.min(this.#boots.waitMs(), MAX_BOOT_DELAY_MS)
    ports.log.write('warn', 'boot-slowed', { station: stationId, delayMs })
    return delayMs
  }

  #admitted(call: IncomingCall, reply: Reply): void {
    const { counters, ports, upstream } = this.#parts
    const { action, payloadText, payload } = call
    counters.callsFromStations++
    if (!checkCall(action, payload).ok) counters.schemaViolations++
    if (this.#boot.isHeldBack && action !== 'BootNotification') {
      reply(NOT_ACCEPTED_YET)
      return
    }
    if (action === 'SignCertificate' && this.#parts.security.signsHere(this.#parts.stationId)) {
      counters.answeredHere++
      this.#parts.certificate.asked(payload, reply)
      return
    }
    const row = FROM_STATION.get(action)
    this.#selfStart.saw(action, payload)
    const isNow = this.#observer.saw(action, payload, ports.clock.wallMs())
    if (isNow && action === 'MeterValues') this.#queue.noticed(payload)
    if (row?.route === 'transaction') {
      if (this.#isOursAlone(action, payload)) {
        counters.ownSamples++
        reply(NOTHING)
        return
      }
      if (action === 'StartTransaction')
        this.#parts.remembered.tags.reservationOver(integerAt(payload, 'reservationId'))
      if (this.#queue.submit(action, payloadText, payload, reply)) this.#tellMirrors(action, payloadText)
      return
    }
    if (row?.conf === 'boot') this.#queue.booted()
    if (row?.conf === 'status') this.#queue.sawTimes(payload)
    const notice = row?.conf === 'status' ? statusNoticeOf(payload, payloadText) : undefined
    const passing: Passing = { action, payloadText, payload, row, notice, reply, timer: undefined }
    if (notice !== undefined) {
      const { provoked, remembered } = this.#parts
      const isNews = !remembered.isAcknowledged(connectorIdOf(payload), notice)
      remembered.noteStatus(connectorIdOf(payload), notice)
      if (provoked.takes(action, payload, isNews)) {
        reply(NOTHING)
        return
      }
    }
    if (upstream.usable) this.#forward(passing)
    else if (upstream.hopeful) this.#hold(passing)
    else this.#answerHere(passing)
    this.#tellMirrors(action, payloadText)
  }

  /** Last of all: they change nothing of what the CSMS and the station see. */
  #tellMirrors(action: string, payloadText: string): void {
    this.#parts.mirrors?.saw(action, payloadText)
  }

  /** Samples the station only takes because Busbar wants them (proxy rule 4). */
  #isOursAlone(action: string, payload: unknown): boolean {
    const { configuration, provoked } = this.#parts
    if (action === 'StopTransaction') configuration.transactionEnded(payload)
    if (action !== 'MeterValues') return false
    return provoked.takes(action, payload, false) || !configuration.isForCsms(payload)
  }

  /** A live boot waits to be sent: the stored one need not be. */
  get holdsBoot(): boolean {
    return this.#held.some(passing => passing.action === 'BootNotification')
  }

  /** On its way, or waiting to be: not to be sent a second time by the replay. */
  isOnItsWay(notice: StatusNotice): boolean {
    const isThis = (passing: Passing): boolean => passing.notice?.payloadText === notice.payloadText
    return this.#held.some(isThis) || [...this.#live].some(isThis)
  }

  /** The CSMS can be reached. */
  release(): void {
    for (const passing of this.#held.splice(0)) this.#forward(passing)
  }

  /** The CSMS cannot be reached: whoever waits is answered here. */
  answerAllHere(): void {
    for (const passing of [...this.#held.splice(0), ...this.#live]) {
      if (passing.reply !== undefined) this.#answerHere(passing)
    }
  }

  /** The CSMS has gone, or is there again. */
  upstream(isAway: boolean): void {
    this.#selfStart.upstream(isAway)
  }

  stationGone(): void {
    this.#slowed?.cancel()
    this.#selfStart.stationGone()
    this.#parts.provoked.stationGone()
    this.#unproven = undefined
    for (const passing of [...this.#held.splice(0), ...this.#live]) this.#take(passing)
    this.#boot.stationGone()
    this.#deadlines.stop()
  }

  // ---------------------------------------------------------------- to the CSMS

  #hold(passing: Passing): void {
    this.#held.push(passing)
    this.#wait(passing)
  }

  #forward(passing: Passing): void {
    const { action, payloadText } = passing
    this.#live.add(passing)
    this.#wait(passing)
    this.#parts.upstream.send({ action, payloadText, timeoutMs: CSMS_SLOT_MS }, outcome => {
      this.#live.delete(passing)
      try {
        this.#outcome(passing, outcome)
      } catch (fault) {
        this.#failed(fault, passing.action)
        // what the CSMS said reaches the station, whatever broke here in reading it
        this.#take(passing)?.(outcome.kind === 'result' || outcome.kind === 'error' ? outcome : OUR_FAULT)
      }
    })
  }

  #wait(passing: Passing): void {
    const { remembered, upstream } = this.#parts
    if (passing.timer !== undefined || passing.reply === undefined) return
    passing.timer = this.#deadlines.after(remembered.policy.csmsTimeoutMs, () => {
      upstream.noteTimeout()
      if (passing.reply !== undefined) this.#answerHere(passing)
      const at = this.#held.indexOf(passing)
      if (at >= 0) this.#held.splice(at, 1)
    })
  }

  #outcome(passing: Passing, outcome: CallOutcome): void {
    switch (outcome.kind) {
      case 'result': {
        const payloadText = this.#learn(passing, outcome.payloadText)
        this.#take(passing)?.({ kind: 'result', payloadText })
        this.#boot.answered()
        break
      }
      case 'error':
        // an answer too: the same status again would get the same error
        if (passing.notice !== undefined) this.#acknowledge(passing, passing.notice)
        this.#take(passing)?.(outcome)
        break
      case 'timeout':
        if (passing.reply !== undefined) this.#answerHere(passing)
        this.#onMissed()
        break
      case 'closed':
        if (passing.reply !== undefined) this.#answerHere(passing)
        break
    }
  }

  #take(passing: Passing): Reply | undefined {
    const { reply } = passing
    passing.reply = undefined
    passing.timer?.cancel()
    return reply
  }

  /** Reads the CSMS's conf, also a late one; gives what the station is to read. */
  #learn(passing: Passing, confText: string): string {
    const { remembered } = this.#parts
    switch (passing.row?.conf) {
      case 'boot': {
        const conf = parsePayload(confText)
        this.#boot.judged(passing, conf, passing.reply !== undefined)
        return this.#ownTime(confText, conf)
      }
      case 'clock':
        return this.#ownTime(confText, parsePayload(confText))
      case 'id-tag':
        remembered.tags.noteIdTag(
          textAt(passing.payload, 'idTag'),
          parsePayload(confText),
          this.#parts.ports.clock.wallMs(),
        )
        return confText
      case 'status':
        if (passing.notice !== undefined) this.#acknowledge(passing, passing.notice)
        return confText
      default:
        if (passing.row?.away === 'keep-last') remembered.deliveredLast(passing.action, passing.payloadText)
        return confText
    }
  }

  #acknowledge(passing: Passing, notice: StatusNotice): void {
    this.#parts.remembered.acknowledgeStatus(connectorIdOf(passing.payload), notice)
  }

  #ownTime(confText: string, conf: unknown): string {
    const ownMs = this.#parts.ports.clock.wallMs()
    const theirMs = timeAt(conf, 'currentTime')
    const isClose = theirMs !== undefined && Math.abs(theirMs - ownMs) <= CLOCK_TOLERANCE_MS
    if (isClose || (theirMs !== undefined && !this.#parts.isClockTrusted())) return confText
    return replaceAt(confText, ['currentTime'], JSON.stringify(isoTime(ownMs)))
  }

  // ---------------------------------------------------------------- answered here

  #answerHere(passing: Passing): void {
    const reply = this.#take(passing)
    if (reply === undefined) return
    if (this.#boot.isKeptWaiting && passing.action !== 'BootNotification') {
      reply(NOT_ACCEPTED_YET)
      return
    }
    if (passing.row?.away === 'queue' || this.#isToBeKept(passing)) {
      this.#queue.submit(passing.action, passing.payloadText, passing.payload, reply)
      return
    }
    this.#parts.counters.answeredHere++
    reply(this.#ownAnswer(passing))
    this.#boot.answered()
  }

  #ownAnswer(passing: Passing): Answer {
    try {
      const { notice, payload } = passing
      if (notice !== undefined) this.#parts.remembered.oweStatus(connectorIdOf(payload), notice)
      return answerHere(this.#parts, { boot: this.#boot, mayBegin: this.#queue.mayBegin() }, passing)
    } catch (fault) {
      this.#failed(fault, passing.action)
      return OUR_FAULT
    }
  }

  #failed(fault: unknown, action: string): void {
    const detail = fault instanceof Error ? fault.message : 'not an Error'
    this.#parts.ports.log.write('error', 'answer-failed', { station: this.#parts.stationId, action, detail })
  }

  #isToBeKept({ row, action, payload }: Passing): boolean {
    const { offlineDataTransfer, upstream } = this.#parts
    return (
      row?.away === 'vendor-data' &&
      upstream.state !== 'none' &&
      checkCall(action, payload).ok &&
      this.#queue.hasRoom() &&
      mayBeKept(offlineDataTransfer, payload)
    )
  }
}

function connectorIdOf(payload: unknown): number {
  return integerAt(payload, 'connectorId') ?? 0
}
