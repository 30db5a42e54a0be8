/**
 * The transaction messages of one station on their way to the CSMS: in order, one at a time, none lost (I2, I3; proxy
 * rules 8, 14, 15). With nothing waiting a message goes up live and the station gets the CSMS's own answer. Else, or
 * when the CSMS takes too long, it is made durable, the station is answered here, and the message is delivered later.
 */
import { type Answer, type CallOutcome, result } from '../../core/answer.js'
import type { BacklogEntry, StoreChange } from '../../core/offline/records.js'
import type { Timer } from '../../ports.js'
import type { Reply, SessionParts } from '../session-parts.js'
import { Deadlines } from '../wire/deadlines.js'
import { parsePayload } from '../wire/payload.js'
import { CSMS_TRANSACTION_SLOT_MS } from '../wire/waits.js'
import type { TransactionEffects } from './effects.js'
import { payloadForCsms, startFactsOf } from './messages.js'
import { identified, itemOf, type QueueItem, RecentAnswers } from './queue-item.js'

/** Entries held in memory; the rest is read from disk as the head moves. */
const PAGE = 32
/** MeterValues are shed above this; Start and Stop never are (I9). About three days of one a minute. */
export const MAX_WAITING_BEFORE_SHEDDING = 5000
/** So many CALLERRORs make a message a dead letter (TransactionMessageAttempts of seed 001). */
const MAX_ATTEMPTS = 5
/** Times the attempts made: the wait before the next one. */
const RETRY_STEP_MS = 10_000

export class TransactionQueue {
  readonly #parts: SessionParts
  readonly #effects: TransactionEffects
  readonly #onEmpty: () => void
  readonly #items: QueueItem[] = []
  readonly #recent = new RecentAnswers()
  readonly #deadlines: Deadlines
  #total: number
  #lastSeq: number
  #inFlight: QueueItem | undefined
  #retry: Timer | undefined
  #isRefilling = false

  constructor(
    parts: SessionParts,
    effects: TransactionEffects,
    stored: { readonly backlogCount: number; readonly backlogTail: readonly BacklogEntry[] },
    onEmpty: () => void,
  ) {
    this.#parts = parts
    this.#effects = effects
    this.#deadlines = new Deadlines(parts.ports.clock)
    this.#onEmpty = onEmpty
    this.#total = stored.backlogCount
    this.#lastSeq = stored.backlogTail.at(-1)?.seq ?? 0
    for (const entry of stored.backlogTail) {
      const confText = effects.recordOf(itemOf(entry, undefined))?.confText
      const answerText = entry.action === 'StartTransaction' ? confText : '{}'
      if (answerText !== undefined) this.#recent.note(entry, answerText)
    }
  }

  /** Messages the CSMS has not had yet. */
  waiting(): number {
    return this.#total - this.#items.filter(item => !item.kept).length
  }

  /** For what could be refused instead; transaction messages are not asked (I9). */
  hasRoom(): boolean {
    return this.#total < MAX_WAITING_BEFORE_SHEDDING
  }

  submit(action: string, payloadText: string, payload: unknown, reply: Reply): void {
    if (this.#answerAgain(action, payloadText, payload, reply)) return
    const { upstream, counters } = this.#parts
    if (action === 'MeterValues' && this.#total >= MAX_WAITING_BEFORE_SHEDDING) {
      counters.shedMeterValues++
      reply(result({}))
      return
    }
    const item = this.#newItem(action, payloadText, payload)
    if (upstream.state === 'none') {
      this.#answerAsCentralSystem(item, reply)
      return
    }
    const isNext = this.#total === 0
    const isInMemory = this.#items.length === this.#total && this.#items.length < PAGE
    this.#total++
    if (isInMemory) this.#items.push(item)
    this.#wait(item, reply)
    const isReachable = upstream.usable || upstream.hopeful
    if (isReachable && isNext) this.pump()
    else if (isReachable && isInMemory) this.#keep(item)
    else this.#answerHere(item)
  }

  /** Nobody up there answers in time: whoever waits is answered from here. */
  answerAllHere(): void {
    for (const item of [...this.#items]) if (item.waiter !== undefined) this.#answerHere(item)
  }

  /** The station is gone and will ask again: what it was not answered for is forgotten. */
  stationGone(): void {
    for (const item of [...this.#items]) {
      this.#release(item)
      if (!item.kept && item !== this.#inFlight) this.#remove(item)
    }
  }

  /** Sends the oldest message if the way is free. */
  pump(): void {
    const { upstream, book } = this.#parts
    if (this.#inFlight !== undefined || this.#retry !== undefined || !upstream.usable) return
    const item = this.#items[0]
    if (item === undefined) {
      if (this.#total > 0) this.#refill()
      else this.#onEmpty()
      return
    }
    if (item.suspect && ++item.attempts >= MAX_ATTEMPTS) {
      // the CSMS lives, yet never answers this one
      this.#bury(item, 'never answered')
      return
    }
    item.suspect = false
    this.#inFlight = item
    const { action } = item.entry
    const payloadText = payloadForCsms(item.entry, item.transactionId, book)
    upstream.send({ action, payloadText, timeoutMs: CSMS_TRANSACTION_SLOT_MS }, outcome => {
      this.#inFlight = undefined
      this.#outcome(item, outcome)
    })
  }

  stop(): void {
    this.#retry?.cancel()
    for (const item of this.#items) this.#release(item)
    this.#deadlines.stop()
  }

  // ---------------------------------------------------------------- in

  /** A sample of now: it may name a session that began before Busbar was there. */
  noticed(payload: unknown): void {
    this.#effects.noticed(payload)
  }

  #newItem(action: string, payloadText: string, payload: unknown): QueueItem {
    const receivedWallMs = this.#parts.ports.clock.wallMs()
    this.#lastSeq = Math.max(this.#lastSeq + 1, Math.floor(receivedWallMs))
    const record = action === 'StartTransaction' ? undefined : this.#effects.touched(action, payload)
    const { stationId } = this.#parts
    const entry = { stationId, seq: this.#lastSeq, action, payloadText, receivedWallMs }
    const item = itemOf(entry, payload)
    item.transactionId = record?.transactionId
    return item
  }

  /** A repeated message gets its answer again and is not queued twice (I4). */
  #answerAgain(action: string, payloadText: string, payload: unknown, reply: Reply): boolean {
    // two of the same are two for all we know
    if (action === 'DataTransfer') return false
    const answerText = this.#recent.find(action, payloadText)
    if (answerText !== undefined) {
      reply({ kind: 'result', payloadText: answerText })
      return true
    }
    const item = this.#items.find(i => i.entry.action === action && i.entry.payloadText === payloadText)
    if (item !== undefined) {
      this.#release(item)
      this.#wait(item, reply)
      if (!this.#parts.upstream.usable) this.#answerHere(item)
      return true
    }
    if (action !== 'StartTransaction') return false
    const same = this.#parts.book.sameStart(this.#parts.stationId, startFactsOf(payload))
    if (same === undefined) return false
    const { confText, record } = this.#effects.told(same)
    this.#commit([{ kind: 'transaction', record }], true, isDurable => {
      this.#effects.announce(record)
      reply(isDurable ? { kind: 'result', payloadText: confText } : undefined)
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

  #release(item: QueueItem): Reply | undefined {
    const waiter = item.waiter
    item.waiter = undefined
    waiter?.timer.cancel()
    return waiter?.reply
  }

  // ---------------------------------------------------------------- answered here

  /** Durable first, then the answer (I2). */
  #answerHere(item: QueueItem): void {
    const reply = this.#release(item)
    const { answerText, changes } = this.#effects.answerHere(item)
    if (!item.kept) changes.unshift({ kind: 'backlog', entry: identified(item) })
    item.kept = true
    this.#commit(changes, true, isDurable => {
      if (isDurable) {
        this.#recent.note(item.entry, answerText)
        this.#parts.counters.answeredHere++
        const record = this.#effects.recordOf(item)
        if (item.entry.action === 'StartTransaction' && record !== undefined) this.#effects.announce(record)
      } else this.#undo(item)
      reply?.(isDurable ? { kind: 'result', payloadText: answerText } : undefined)
    })
  }

  /** Makes it durable without answering: the CSMS is there and may still answer in time. */
  #keep(item: QueueItem): void {
    item.kept = true
    const changes = this.#effects.kept(item)
    changes.unshift({ kind: 'backlog', entry: identified(item) })
    this.#commit(changes, true, isDurable => {
      if (!isDurable) this.#undo(item)
    })
  }

  #answerAsCentralSystem(item: QueueItem, reply: Reply): void {
    const ledger = this.#effects.enterLedger(item)
    const { answerText, changes } = this.#effects.answerHere(item)
    this.#parts.counters.answeredHere++
    this.#commit([...changes, ...ledger], ledger.length > 0, isDurable => {
      const record = this.#effects.recordOf(item)
      if (item.entry.action === 'StartTransaction' && record !== undefined) this.#effects.announce(record)
      if (isDurable) this.#recent.note(item.entry, answerText)
      reply(isDurable ? { kind: 'result', payloadText: answerText } : undefined)
    })
  }

  /** The disk failed: nothing was acknowledged, the station will ask again. */
  #undo(item: QueueItem): void {
    if (item.isDone) return
    const record = item.entry.action === 'StartTransaction' ? this.#effects.recordOf(item) : undefined
    if (record !== undefined) this.#parts.book.drop(record)
    item.kept = false
    if (item !== this.#inFlight) this.#remove(item)
    this.#release(item)?.(undefined)
  }

  // ---------------------------------------------------------------- out

  #outcome(item: QueueItem, outcome: CallOutcome): void {
    switch (outcome.kind) {
      case 'result':
        this.#delivered(item, outcome.payloadText)
        break
      case 'error':
        if (item.kept) this.#refused(item, outcome)
        else {
          // the station repeats it by its own rules
          this.#remove(item)
          this.#release(item)?.(outcome)
          this.pump()
        }
        break
      case 'timeout':
        item.suspect = true
        this.#parts.upstream.noteTimeout()
        this.#retryLater(RETRY_STEP_MS)
        break
      case 'closed':
        if (item.waiter !== undefined) this.#answerHere(item)
        else if (!item.kept) this.#remove(item)
        break
    }
  }

  #delivered(item: QueueItem, confText: string): void {
    const { seq, stationId, action } = item.entry
    this.#remove(item)
    const reply = this.#release(item)
    const { answer, changes } = this.#effects.delivered(item, confText, reply !== undefined)
    if (item.kept) {
      this.#parts.counters.replayed++
      changes.push({ kind: 'backlog-done', stationId, seq })
    }
    if (changes.length === 0) {
      reply?.(answer)
      this.pump()
      return
    }
    this.#commit(changes, item.kept || action === 'StartTransaction', isDurable => {
      reply?.(isDurable ? answer : undefined)
      this.pump()
    })
  }

  /** CALLERROR: again later with the same payload, until it is a dead letter (proxy rule 15). */
  #refused(item: QueueItem, error: Extract<Answer, { kind: 'error' }>): void {
    if (item.waiter !== undefined) this.#answerHere(item)
    item.attempts++
    if (item.attempts >= MAX_ATTEMPTS) this.#bury(item, `${error.code}: ${error.description}`)
    else this.#retryLater(RETRY_STEP_MS * item.attempts)
  }

  #bury(item: QueueItem, reason: string): void {
    const { stationId, seq, action } = item.entry
    this.#remove(item)
    this.#parts.counters.deadLetters++
    this.#parts.ports.log.write('error', 'dead-letter', { station: stationId, action, reason })
    const changes: StoreChange[] = [
      { kind: 'dead-letter', letter: { ...identified(item), reason } },
      { kind: 'backlog-done', stationId, seq },
      ...this.#effects.buried(item),
    ]
    this.#commit(changes, true, () => this.pump())
  }

  #retryLater(delayMs: number): void {
    this.#retry?.cancel()
    this.#retry = this.#parts.ports.clock.after(delayMs, () => {
      this.#retry = undefined
      this.pump()
    })
  }

  #refill(): void {
    if (this.#isRefilling) return
    this.#isRefilling = true
    const { store, stationId, ports } = this.#parts
    store
      .backlog(stationId, 0, PAGE)
      .then(entries => {
        for (const entry of entries)
          this.#items.push({ ...itemOf(entry, parsePayload(entry.payloadText)), kept: true })
        if (entries.length === 0) this.#total = 0
      })
      .catch((fault: unknown) => {
        ports.log.write('error', 'journal-read-failed', { station: stationId, detail: detailOf(fault) })
        this.#retryLater(RETRY_STEP_MS)
      })
      .finally(() => {
        this.#isRefilling = false
        this.pump()
      })
  }

  // ---------------------------------------------------------------- bookkeeping

  #remove(item: QueueItem): void {
    if (item.isDone) return
    item.isDone = true
    const at = this.#items.indexOf(item)
    if (at >= 0) this.#items.splice(at, 1)
    this.#total--
  }

  #commit(changes: readonly StoreChange[], durable: boolean, done: (isDurable: boolean) => void): void {
    const { store, ports, stationId } = this.#parts
    store.commit(changes, durable).then(
      () => done(true),
      (fault: unknown) => {
        ports.log.write('error', 'journal-write-failed', { station: stationId, detail: detailOf(fault) })
        done(false)
      },
    )
  }
}

function detailOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : 'unknown'
}
