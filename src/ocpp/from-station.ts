/**
 * Journey of a CALL from the station: up to the CSMS at once, its answer back byte for byte; while nobody is there,
 * answered here by `policy/from-station`. Transaction messages take the queue. Proxy rules 1-5, 8-10, 13.
 */
import { type Answer, type CallOutcome, callError, result } from '../core/answer.js'
import { integerAt, numberAt, textAt, timeAt } from '../core/fields.js'
import { FROM_STATION, type FromStationRow } from '../core/policy/from-station.js'
import { type StatusNotice, statusNoticeOf } from '../core/status-memory.js'
import type { Timer } from '../ports.js'
import type { IncomingCall } from './leg.js'
import { bootInfoOf, Observer } from './observe.js'
import { checkCall } from './schemas.js'
import { CSMS_SLOT_MS, isoTime, parsePayload, type Reply, type SessionParts } from './session-parts.js'
import { replaceAt } from './splice.js'
import type { TransactionQueue } from './transaction-queue.js'

/** How far the CSMS's clock may be from ours before the station is given ours (control rule 6). */
const CLOCK_TOLERANCE_MS = 2_000
/** A station the CSMS has never accepted asks again this soon. */
const PENDING_INTERVAL_S = 10
/** Where the CSMS has never said. */
const DEFAULT_INTERVAL_S = 300
/** So many refusals of its boot, and the CSMS does not want this station's sessions (proxy rule 13). */
const MAX_BOOT_REFUSALS = 3

/** One CALL of the station on its way; answered once. */
interface Passing {
  readonly action: string
  readonly payloadText: string
  readonly payload: unknown
  readonly row: FromStationRow | undefined
  readonly notice: StatusNotice | undefined
  reply: Reply | undefined
  timer: Timer | undefined
}

export interface FromStationHooks {
  /** The station has been accepted, by the CSMS or here. */
  accepted(): void
  /** The CSMS never answered one that was answered here: it may still be owed. */
  missed(): void
}

export class FromStation {
  readonly #parts: SessionParts
  readonly #queue: TransactionQueue
  #observer: Observer
  readonly #hooks: FromStationHooks
  /** Waiting for the first attempt to reach the CSMS. */
  readonly #held: Passing[] = []
  readonly #live = new Set<Passing>()
  /** Boot on this connection was answered Pending here: nothing else is served (errata 3.8). */
  #isUnbooted = false
  bootRefusals = 0

  constructor(parts: SessionParts, queue: TransactionQueue, hooks: FromStationHooks) {
    this.#parts = parts
    this.#queue = queue
    this.#hooks = hooks
    this.#observer = new Observer(parts.stationId, event => parts.on(event))
  }

  handle(call: IncomingCall, reply: Reply): void {
    const { counters, ports, upstream } = this.#parts
    const { action, payloadText, payload } = call
    counters.callsFromStations++
    if (!checkCall(action, payload).ok) counters.schemaViolations++
    if (this.#isUnbooted && action !== 'BootNotification') {
      reply(callError('SecurityError', 'BootNotification is not accepted yet'))
      return
    }
    const row = FROM_STATION.get(action)
    this.#observer.saw(action, payload, ports.clock.wallMs())
    if (row?.route === 'transaction') {
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
    this.#isUnbooted = false
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
    const { ports, remembered, upstream } = this.#parts
    if (passing.timer !== undefined || passing.reply === undefined) return
    passing.timer = ports.clock.after(remembered.policy.csmsTimeoutMs, () => {
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
        break
      }
      case 'error':
        // an answer too: the same status again would get the same error
        if (passing.notice !== undefined) this.#acknowledge(passing, passing.notice)
        this.#take(passing)?.(outcome)
        break
      case 'timeout':
        if (passing.reply !== undefined) this.#answerHere(passing)
        this.#hooks.missed()
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
      case 'boot':
        return this.#learnBoot(passing, confText)
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

  #learnBoot(passing: Passing, confText: string): string {
    const conf = parsePayload(confText)
    const wasTold = passing.reply === undefined
    this.acceptedBy(textAt(conf, 'status'), numberAt(conf, 'interval'), passing)
    if (!wasTold) {
      this.#isUnbooted = false
      if (textAt(conf, 'status') === 'Accepted') this.#booted(passing.payload)
    }
    return this.#ownTime(confText, conf)
  }

  /** What the CSMS said to a boot, live or replayed. */
  acceptedBy(
    status: string | undefined,
    intervalS: number | undefined,
    boot: { readonly payloadText: string; readonly payload: unknown },
  ): void {
    if (status !== 'Accepted') {
      this.bootRefusals = status === 'Rejected' ? this.bootRefusals + 1 : 0
      return
    }
    this.bootRefusals = 0
    this.#parts.remembered.update({
      accepted: true,
      bootDue: false,
      boot: { payloadText: boot.payloadText, info: bootInfoOf(boot.payload) },
      ...(intervalS === undefined ? {} : { intervalS }),
    })
    this.#hooks.accepted()
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
    if (passing.row?.away === 'queue') {
      this.#queue.submit(passing.action, passing.payloadText, passing.payload, reply)
      return
    }
    this.#parts.counters.answeredHere++
    reply(this.#answerOf(passing))
  }

  #answerOf(passing: Passing): Answer {
    const { remembered, ports } = this.#parts
    const currentTime = isoTime(ports.clock.wallMs())
    switch (passing.row?.away) {
      case undefined:
        return callError('NotImplemented', 'unknown action')
      case 'boot':
        return this.#bootHere(passing, currentTime)
      case 'own-clock':
        return result({ currentTime })
      case 'authorize':
        return result({ idTagInfo: this.#idTagInfo(textAt(passing.payload, 'idTag') ?? '') })
      case 'keep-last':
        remembered.keepLast(passing.action, passing.payloadText)
        return result({})
      case 'queue':
      case 'keep-status':
        return result({})
      case 'unknown-vendor':
        return result({ status: 'UnknownVendorId' })
      case 'reject':
        return result({ status: 'Rejected' })
    }
  }

  #bootHere(passing: Passing, currentTime: string): Answer {
    const { remembered, upstream } = this.#parts
    const isAlone = upstream.state === 'none'
    const isAccepted = isAlone || remembered.memory.accepted
    const boot = { payloadText: passing.payloadText, info: bootInfoOf(passing.payload) }
    remembered.update({ boot, accepted: isAccepted, bootDue: !isAlone })
    this.#isUnbooted = !isAccepted
    if (!isAccepted) return result({ status: 'Pending', currentTime, interval: PENDING_INTERVAL_S })
    this.#hooks.accepted()
    this.#booted(passing.payload)
    const interval = remembered.memory.intervalS ?? DEFAULT_INTERVAL_S
    return result({ status: 'Accepted', currentTime, interval })
  }

  #booted(payload: unknown): void {
    this.#parts.on({ kind: 'booted', stationId: this.#parts.stationId, info: bootInfoOf(payload) })
  }

  #idTagInfo(idTag: string): object {
    const { remembered, upstream, ports } = this.#parts
    if (upstream.state === 'none') return { status: 'Accepted' }
    if (this.bootRefusals >= MAX_BOOT_REFUSALS) return { status: 'Invalid' }
    const { status, parentIdTag } = {
      parentIdTag: undefined,
      ...remembered.verdict(idTag, ports.clock.wallMs()),
    }
    return parentIdTag === undefined ? { status } : { status, parentIdTag }
  }
}

function connectorIdOf(payload: unknown): number {
  return integerAt(payload, 'connectorId') ?? 0
}
