/**
 * The transaction messages of one station on their way to the CSMS: in order, one at a time, none lost (I2, I3; proxy
 * rules 8, 14, 15). With nothing waiting a message goes up live and the station gets the CSMS's own answer. Else, or
 * when the CSMS takes too long, it is made durable, the station is answered here, and the message is delivered later;
 * behind others a Start waits for the CSMS where nobody here can vouch for its tag.
 */
import { result } from '../../core/answer.js'
import { integerAt } from '../../core/fields.js'
import { type StoreChange, type StoredStation, TRANSACTIONS_FROM_SEQ } from '../../core/offline/records.js'
import { mayBeShed } from '../../core/offline/shedding.js'
import { mayHaveBegunUnheard } from '../../core/offline/transactions.js'
import { shiftAfter, unsetTimes } from '../../core/offline/unset-times.js'
import type { StationBacklog } from '../edge.js'
import type { Reply, SessionParts } from '../session-parts.js'
import { Deadlines } from '../wire/deadlines.js'
import { AnsweredMessages } from './answered.js'
import { Delivery } from './delivery.js'
import type { TransactionEffects } from './effects.js'
import { Letters } from './letters.js'
import { startFactsOf } from './messages.js'
import { itemOf, type QueueItem, release } from './queue-item.js'
import { Shelf } from './shelf.js'
import { Thinning } from './thinning.js'

export class TransactionQueue {
  readonly letters: Letters
  readonly #parts: SessionParts
  readonly #effects: TransactionEffects
  readonly #shelf: Shelf
  readonly #delivery: Delivery
  readonly #thinning: Thinning
  readonly #answered: AnsweredMessages
  readonly #deadlines: Deadlines
  #lastSeq: number
  /** Of security events, which go up before what is of transactions. */
  #lastAheadSeq: number
  /** How far the station's clock is behind, where it was not set. */
  #shiftMs: number | undefined

  constructor(
    parts: SessionParts,
    effects: TransactionEffects,
    stored: Pick<StoredStation, 'waiting' | 'backlogTail' | 'answered' | 'shed' | 'deadLetters'>,
    onEmpty: () => void,
  ) {
    this.#parts = parts
    this.#effects = effects
    this.#deadlines = new Deadlines(parts.ports.clock)
    this.#answered = new AnsweredMessages(parts.stationId, stored.answered)
    this.#shelf = new Shelf(parts, effects, stored.waiting, () => this.pump())
    this.letters = new Letters(parts, effects, this.#shelf, stored.deadLetters)
    this.#thinning = new Thinning(parts, this.#shelf, stored.shed)
    this.#delivery = new Delivery({
      parts,
      effects,
      shelf: this.#shelf,
      letters: this.letters,
      answered: this.#answered,
      answerHere: item => this.#answerHere(item),
      onEmpty,
    })
    this.#lastSeq = Math.max(TRANSACTIONS_FROM_SEQ, stored.backlogTail.at(-1)?.seq ?? 0)
    this.#lastAheadSeq = stored.waiting.lastAheadSeq ?? 0
    for (const { action, payloadText, transactionId } of stored.backlogTail) {
      const record =
        transactionId === undefined ? undefined : parts.book.byStationId(parts.stationId, transactionId)
      const answerText = action === 'StartTransaction' ? record?.confText : '{}'
      if (answerText !== undefined) this.#answered.note(action, payloadText, answerText)
    }
  }

  /** Messages that lie on the disk for the CSMS. */
  waiting(): number {
    return this.#shelf.waiting
  }

  /** How much that is, since when, and what had to be given up. */
  state(): StationBacklog {
    const { stationId, book } = this.#parts
    const { waiting, bytes, oldestWallMs, isSure } = this.#shelf
    const { shed } = this.#thinning
    const unfinished = book.unfinished(stationId)
    return {
      stationId,
      isConfigured: true,
      waiting,
      bytes,
      ...(oldestWallMs !== undefined && { oldestWallMs }),
      deadLetters: this.letters.count,
      openTransactions: unfinished.filter(({ state }) => state === 'open').length,
      mappedTransactions: unfinished.filter(one => one.csmsId !== one.transactionId).length,
      isExhausted: this.#parts.budget.room(stationId) === 'exhausted',
      isSure,
      ...(shed !== undefined && { shed }),
      energy: this.#effects.energy.tally,
    }
  }

  /** A CALL of a transaction message is open: its answer is worth waiting for. */
  get isSending(): boolean {
    return this.#delivery.isSending
  }

  /** For what could be refused instead; transaction messages are not asked (I9). */
  hasRoom(): boolean {
    return this.#parts.budget.room(this.#parts.stationId) === 'free'
  }

  /** A session that begins now could be kept (rule 14, exhausted). */
  mayBegin(): boolean {
    return this.#shelf.isSure && this.#parts.budget.room(this.#parts.stationId) !== 'exhausted'
  }

  /** False where the station only repeats itself. */
  submit(action: string, payloadText: string, payload: unknown, reply: Reply): boolean {
    if (this.#answerAgain(action, payloadText, payload, reply)) return false
    const { upstream } = this.#parts
    const item = this.#newItem(action, payloadText, payload)
    if (upstream.state === 'none' || this.#isOfLedger(item)) {
      this.#answerAsCentralSystem(item, reply)
      return true
    }
    if (this.#isOfUnreadStart(item)) return this.#leaveUnanswered(reply)
    const isNext = this.#shelf.isEmpty
    const isWhole = this.#shelf.isWhole
    const isReachable = upstream.usable || upstream.hopeful
    if (!(isReachable && isNext) && this.#givesWay(item, reply)) return true
    this.#shelf.items.push(item)
    this.#wait(item, reply)
    if (isReachable && isNext) this.pump()
    else if (isReachable && isWhole && this.#isForCsmsToSay(item)) this.#keep(item)
    else this.#answerHere(item)
    return true
  }

  /** Others go before it to a CSMS that is there: only a Start nobody has vouched for is worth waiting that long. */
  #isForCsmsToSay({ entry, payload }: QueueItem): boolean {
    if (entry.action !== 'StartTransaction') return false
    const { connectorId, idTag } = startFactsOf(payload)
    const { remembered, ports } = this.#parts
    return !remembered.tags.isVouchedFor(idTag, ports.clock.wallMs(), connectorId)
  }

  /** Nobody up there answers in time: whoever waits is answered from here. */
  answerAllHere(): void {
    for (const item of [...this.#shelf.items]) if (item.waiter !== undefined) this.#answerHere(item)
  }

  /** The station is gone and will ask again: what it was not answered for is forgotten. */
  stationGone(): void {
    for (const item of [...this.#shelf.items]) {
      release(item)
      if (item.place === 'memory' && !item.isKept && !this.#delivery.isOn(item)) this.#forget(item)
    }
  }

  /** Sends the oldest message if the way is free. */
  pump(): void {
    this.#delivery.pump()
  }

  stop(): void {
    this.#delivery.stop()
    for (const item of this.#shelf.items) release(item)
    this.#shelf.stop()
    this.#deadlines.stop()
  }

  /** It would go up before its Start, by an id that the CSMS has never given: its station sends it again. */
  #isOfUnreadStart(item: QueueItem): boolean {
    const { hasJournal } = this.#parts
    const id = integerAt(item.payload, 'transactionId')
    return !hasJournal && id !== undefined && mayHaveBegunUnheard(this.#effects.recordOf(item), id)
  }

  /** A CSMS that was added since knows nothing of it (proxy rule 16). */
  #isOfLedger(item: QueueItem): boolean {
    const record = this.#effects.recordOf(item)
    return record !== undefined && record.csmsId === undefined && this.#parts.ledger.has(record.transactionId)
  }

  // ---------------------------------------------------------------- in

  /** A sample of now: it may name a session that began before Busbar was there. */
  noticed(payload: unknown): void {
    this.#effects.noticed(payload)
  }

  #newItem(action: string, payloadText: string, payload: unknown): QueueItem {
    const receivedWallMs = this.#parts.ports.clock.wallMs()
    const record = action === 'StartTransaction' ? undefined : this.#effects.touched(action, payload)
    const { stationId } = this.#parts
    const times = unsetTimes(payload)
    this.#shiftMs = shiftAfter(this.#shiftMs, times, receivedWallMs)
    const entry = {
      stationId,
      seq: this.#nextSeq(action, receivedWallMs),
      action,
      payloadText,
      receivedWallMs,
      ...(times.length > 0 && this.#shiftMs !== undefined && { shiftMs: this.#shiftMs }),
    }
    const item = itemOf(entry, payload, 'memory')
    item.transactionId = record?.transactionId
    return item
  }

  #nextSeq(action: string, receivedWallMs: number): number {
    if (action !== 'SecurityEventNotification') {
      this.#lastSeq = Math.max(this.#lastSeq + 1, Math.floor(receivedWallMs))
      return this.#lastSeq
    }
    // a quarter of the time: below all others until 2096, and above those of before a restart
    const least = Math.min(TRANSACTIONS_FROM_SEQ - 1, Math.floor(receivedWallMs / 4))
    this.#lastAheadSeq = Math.max(this.#lastAheadSeq + 1, least)
    return this.#lastAheadSeq
  }

  /** Its clock begins anew. */
  booted(): void {
    this.#shiftMs = undefined
  }

  /** Times of a message that is not kept itself tell of its clock too. */
  sawTimes(payload: unknown): void {
    this.#shiftMs = shiftAfter(this.#shiftMs, unsetTimes(payload), this.#parts.ports.clock.wallMs())
  }

  /** Too much waits: periodic values are thinned, and what cannot be kept is not acknowledged (rule 14). */
  #givesWay({ entry, payload }: QueueItem, reply: Reply): boolean {
    if (!this.#shelf.hasRoomFor(entry.action)) return this.#leaveUnanswered(reply)
    const room = this.#parts.budget.room(this.#parts.stationId)
    if (room === 'free') return false
    this.#thinning.begin()
    if (mayBeShed(entry.action, payload)) {
      // the thinning makes room for it, and where it does not the station sends it again
      if (!this.#thinning.isFruitless) return room === 'tight' ? false : this.#leaveUnanswered(reply)
      this.#thinning.count(1, entry.receivedWallMs)
      reply(result({}))
      return true
    }
    if (entry.action === 'SecurityEventNotification') {
      this.#parts.counters.shedSecurityEvents++
      reply(result({}))
      return true
    }
    return room === 'exhausted' ? this.#leaveUnanswered(reply) : false
  }

  /** Its station sends it again. */
  #leaveUnanswered(reply: Reply): true {
    this.#parts.counters.leftUnanswered++
    reply(undefined)
    return true
  }

  /** A repeated message gets its answer again and is not queued twice (I4). */
  #answerAgain(action: string, payloadText: string, payload: unknown, reply: Reply): boolean {
    // two of the same are two for all we know
    if (action === 'DataTransfer') return false
    const answerText = this.#answered.find(action, payloadText)
    if (answerText !== undefined) {
      reply({ kind: 'result', payloadText: answerText })
      return true
    }
    const item = this.#shelf.items.find(
      one => one.entry.action === action && one.entry.payloadText === payloadText,
    )
    if (item !== undefined) {
      release(item)
      this.#wait(item, reply)
      if (this.#parts.upstream.usable) this.pump()
      else this.#answerHere(item)
      return true
    }
    if (action !== 'StartTransaction') return false
    const same = this.#parts.book.sameStart(this.#parts.stationId, startFactsOf(payload))
    if (same === undefined) return false
    const { confText, record } = this.#effects.told(same)
    this.#shelf.commit([{ kind: 'transaction', record }], true, isDurable => {
      this.#effects.announce(record)
      // the CSMS has answered for it already: that holds without a disk
      const isKnown = isDurable || record.csmsId !== undefined
      reply(isKnown ? { kind: 'result', payloadText: confText } : undefined)
    })
    return true
  }

  #wait(item: QueueItem, reply: Reply): void {
    const { remembered, upstream } = this.#parts
    const timer = this.#deadlines.after(remembered.policy.csmsTimeoutMs, () => {
      if (item.waiter?.timer !== timer) return
      upstream.noteTimeout()
      if (item.waiter?.timer === timer) this.#answerHere(item)
    })
    item.waiter = { reply, timer }
  }

  // ---------------------------------------------------------------- answered here

  /** Durable first, then the answer (I2). */
  #answerHere(item: QueueItem): void {
    const reply = release(item)
    const { answerText, changes } = this.#effects.answerHere(item)
    const { action, payloadText } = item.entry
    const done = (isDurable: boolean): void => {
      if (isDurable) {
        item.isTold = true
        this.#answered.note(action, payloadText, answerText)
        this.#parts.counters.answeredHere++
        const record = this.#effects.recordOf(item)
        if (action === 'StartTransaction' && record !== undefined) this.#effects.announce(record)
        reply?.({ kind: 'result', payloadText: answerText })
      } else if (reply !== undefined && !item.isDone && this.#delivery.isOn(item)) {
        // the CSMS may still answer, and that is worth as much (rule 14)
        item.waiter = { reply, timer: undefined }
      } else reply?.(undefined)
    }
    // one that is being written for an earlier attempt may fail yet
    if (item.place === 'disk') this.#shelf.commit(changes, true, done)
    else this.#shelf.write(item, changes, done)
  }

  /** Makes it durable without answering: the CSMS is there and may still answer in time. */
  #keep(item: QueueItem): void {
    this.#shelf.write(item, this.#effects.kept(item), () => this.pump())
  }

  #answerAsCentralSystem(item: QueueItem, reply: Reply): void {
    const ledger = this.#effects.enterLedger(item)
    const { answerText, changes } = this.#effects.answerHere(item)
    this.#parts.counters.answeredHere++
    const { action, payloadText } = item.entry
    const all: StoreChange[] = [...changes, ...ledger]
    this.#shelf.commit(all, ledger.length > 0, isDurable => {
      const record = this.#effects.recordOf(item)
      if (action === 'StartTransaction' && record !== undefined) this.#effects.announce(record)
      if (isDurable) this.#answered.note(action, payloadText, answerText)
      reply(isDurable ? { kind: 'result', payloadText: answerText } : undefined)
    })
  }

  #forget(item: QueueItem): void {
    this.#shelf.forget(item)
    this.#effects.undone(item)
  }
}
