/**
 * Journey of a CALL from the station: up to the CSMS at once, its answer back byte for byte; while nobody is there,
 * answered here by `policy/from-station`. Transaction messages take the queue. Proxy rules 1-5, 8-10, 13.
 */
import { type CallOutcome, callError, result } from '../../core/answer.js'
import { integerAt, textAt, timeAt } from '../../core/fields.js'
import { FROM_STATION } from '../../core/policy/from-station.js'
import { type StatusNotice, statusNoticeOf } from '../../core/station/status-memory.js'
import { mayBeKept } from '../../core/station/vendor-data.js'
import type { Timer } from '../../ports.js'
import type { Reply, SessionParts } from '../session-parts.js'
import { Observer } from '../station/observe.js'
import type { TransactionQueue } from '../transactions/queue.js'
import { Deadlines } from '../wire/deadlines.js'
import type { IncomingCall } from '../wire/leg.js'
import { isoTime, parsePayload } from '../wire/payload.js'
import { checkCall } from '../wire/schemas.js'
import { replaceAt } from '../wire/splice.js'
import { CSMS_SLOT_MS } from '../wire/waits.js'
import { answerHere, type StationMessage } from './answers-here.js'
import type { Boot } from './boot.js'

/** How far the CSMS's clock may be from ours before the station is given ours (control rule 6). */
const CLOCK_TOLERANCE_MS = 2_000
const NOTHING = result({})
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
  #observer: Observer
  readonly #boot: Boot
  readonly #onMissed: () => void
  /** Waiting for the first attempt to reach the CSMS. */
  readonly #held: Passing[] = []
  readonly #live = new Set<Passing>()
  readonly #deadlines: Deadlines

  /** `onMissed`: the CSMS never answered a CALL that was answered here; it may still be owed. */
  constructor(parts: SessionParts, boot: Boot, queue: TransactionQueue, onMissed: () => void) {
    this.#parts = parts
    this.#deadlines = new Deadlines(parts.ports.clock)
    this.#queue = queue
    this.#boot = boot
    this.#onMissed = onMissed
    this.#observer = new Observer(parts.stationId, event => parts.on(event))
  }

  handle(call: IncomingCall, reply: Reply): void {
    const { counters, ports, upstream } = this.#parts
    const { action, payloadText, payload } = call
    counters.callsFromStations++
    if (!checkCall(action, payload).ok) counters.schemaViolations++
    if (this.#boot.isHeldBack && action !== 'BootNotification') {
      reply(NOT_ACCEPTED_YET)
      return
    }
    const row = FROM_STATION.get(action)
    this.#observer.saw(action, payload, ports.clock.wallMs())
    if (row?.route === 'transaction') {
      if (this.#isOursAlone(action, payload)) {
        counters.ownSamples++
        reply(NOTHING)
        return
      }
      this.#queue.submit(action, payloadText, payload, reply)
      return
    }
    const notice = row?.conf === 'status' ? statusNoticeOf(payload, payloadText) : undefined
    const passing: Passing = { action, payloadText, payload, row, notice, reply, timer: undefined }
    if (notice !== undefined) this.#parts.remembered.noteStatus(connectorIdOf(payload), notice)
    if (upstream.usable) this.#forward(passing)
    else if (upstream.hopeful) this.#hold(passing)
    else this.#answerHere(passing)
  }

  /** Samples the station only takes because Busbar wants them (proxy rule 4). */
  #isOursAlone(action: string, payload: unknown): boolean {
    const { configuration } = this.#parts
    if (action === 'StopTransaction') configuration.transactionEnded(payload)
    return action === 'MeterValues' && !configuration.isForCsms(payload)
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

  stationGone(): void {
    for (const passing of [...this.#held.splice(0), ...this.#live]) this.#take(passing)
    this.#observer = new Observer(this.#parts.stationId, event => this.#parts.on(event))
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
      this.#outcome(passing, outcome)
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
        remembered.noteIdTag(textAt(passing.payload, 'idTag'), parsePayload(confText))
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
    if (theirMs !== undefined && Math.abs(theirMs - ownMs) <= CLOCK_TOLERANCE_MS) return confText
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
    const { notice, payload } = passing
    if (notice !== undefined) this.#parts.remembered.oweStatus(connectorIdOf(payload), notice)
    reply(answerHere(this.#parts, { boot: this.#boot, mayBegin: this.#queue.mayBegin() }, passing))
    this.#boot.answered()
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
