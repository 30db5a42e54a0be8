/**
 * What a transaction message means: which record it begins, ends or belongs to, what the station is told when Busbar
 * answers, what the CSMS's answer changes. Keeps the book; says what must be made durable; sends nothing upstream.
 * Proxy rules 7, 10, 15; control rule 8 for the events.
 */
import type { Answer } from '../../core/answer.js'
import type { TransactionEnd } from '../../core/events.js'
import { fieldsAt, integerAt, numberAt, textAt } from '../../core/fields.js'
import type { BacklogEntry, EnergyTally, StoreChange } from '../../core/offline/records.js'
import type { TransactionRecord } from '../../core/offline/transactions.js'
import type { SessionParts } from '../session-parts.js'
import { isOfNobody } from '../station/tag-memory.js'
import { isoTime, parsePayload } from '../wire/payload.js'
import { EnergyBook, energyOf } from './energy.js'
import { LateRefusal } from './late-refusal.js'
import { confForStation, csmsIdIn, startFactsOf, transactionOf } from './messages.js'
import { endOf, startOf } from './session-events.js'
import { UnknownTagCap } from './unknown-tag-cap.js'

export interface TransactionMessage {
  readonly entry: BacklogEntry
  readonly payload: unknown
  /** Station-side id, once there is one. */
  transactionId: number | undefined
}

export class TransactionEffects {
  readonly energy: EnergyBook
  readonly #parts: SessionParts
  readonly lateRefusal: LateRefusal
  readonly unknownTags: UnknownTagCap
  readonly #announced = new Set<number>()
  /** Changed in the book, to be written with the next change of this station. */
  readonly #unsaved = new Set<number>()
  /** Given up, to be written with them. */
  #closed: StoreChange[] = []

  constructor(parts: SessionParts, energy: EnergyTally) {
    this.#parts = parts
    this.energy = new EnergyBook(parts.stationId, energy, connectorId => parts.ratedW(connectorId))
    const keep = (record: TransactionRecord): void => {
      parts.book.put(record)
      this.#unsaved.add(record.transactionId)
    }
    this.lateRefusal = new LateRefusal(parts, keep)
    this.unknownTags = new UnknownTagCap(parts, keep)
  }

  recordOf(message: TransactionMessage): TransactionRecord | undefined {
    const { book, stationId } = this.#parts
    return message.transactionId === undefined
      ? undefined
      : book.byStationId(stationId, message.transactionId)
  }

  /** The transaction a Stop or MeterValues is about; a Stop ends it for the station's side at once. */
  touched(action: string, payload: unknown): TransactionRecord | undefined {
    const { book, stationId } = this.#parts
    const id = integerAt(payload, 'transactionId')
    const wasKnown = id !== undefined && book.byStationId(stationId, id) !== undefined
    const record = transactionOf(book, stationId, action, payload)
    // adopted: it began before Busbar was there
    if (!wasKnown && record !== undefined && record.transactionId === id)
      this.#unsaved.add(record.transactionId)
    if (action === 'MeterValues' && record !== undefined) this.#measured(record, payload)
    if (action !== 'StopTransaction') return record
    if (record === undefined) {
      this.#strayStop(id)
      return undefined
    }
    return this.#stopped(
      record,
      endOf(record, payload, id => this.#parts.ratedW(id)),
    )
  }

  /** What comes after it is late, and begins no session. */
  #strayStop(id: number | undefined): void {
    const { book, stationId, ports } = this.#parts
    ports.log.write('warn', 'stop-of-unknown-transaction', { station: stationId, transaction: id ?? 'none' })
    const [record, surplus] = (id === undefined ? undefined : book.strayStop(stationId, id)) ?? []
    if (record !== undefined) this.#closed.push({ kind: 'transaction', record })
    this.#drop(surplus ?? [])
  }

  /** A sample of now with an id that nobody knows: such a session is adopted, and told (control rule 12). */
  noticed(payload: unknown): void {
    const { book, stationId } = this.#parts
    const id = integerAt(payload, 'transactionId')
    if (id === undefined) return
    const record = book.byStationId(stationId, id) ?? this.touched('MeterValues', payload)
    if (record === undefined) return
    this.#measured(record, payload)
    if (record.transactionId === id && record.timestamp === '') this.announce(record)
  }

  /** It may be one that may take only so much more. */
  #measured(record: TransactionRecord, payload: unknown): void {
    if (record.refusedLate === true) this.lateRefusal.measured(record, payload)
    if (record.unknownTag !== undefined) this.unknownTags.measured(record, payload)
  }

  /** The record of a Start, made when there is none yet. A running one on the same connector has ended unseen. */
  started(message: TransactionMessage, csmsId: number | undefined): TransactionRecord {
    const known = this.recordOf(message)
    if (known !== undefined) return known
    const { book, stationId } = this.#parts
    const facts = startFactsOf(message.payload)
    const before = book.openOn(stationId, facts.connectorId)
    if (before !== undefined) this.#stopped(before)
    const record = book.begin(stationId, facts, csmsId)
    message.transactionId = record.transactionId
    for (const old of book.surplus(stationId)) this.#close(old)
    return record
  }

  /** What the station is told from here, and what has to be durable before. */
  answerHere(message: TransactionMessage): { readonly answerText: string; readonly changes: StoreChange[] } {
    const { action } = message.entry
    if (action === 'DataTransfer') return { answerText: '{"status":"Accepted"}', changes: this.unsaved() }
    if (action === 'StopTransaction') return { answerText: '{}', changes: this.#stopKept(message) }
    if (action !== 'StartTransaction') return { answerText: '{}', changes: this.unsaved() }
    const { confText, record } = this.told(this.started(message, undefined))
    return {
      answerText: confText,
      changes: [...this.unsaved(), { kind: 'transaction', record }, this.#nextId()],
    }
  }

  /** What a message that is kept without an answer changes. */
  kept(message: TransactionMessage): StoreChange[] {
    if (message.entry.action === 'StopTransaction') return this.#stopKept(message)
    if (message.entry.action !== 'StartTransaction') return this.unsaved()
    const record = this.started(message, undefined)
    return [...this.unsaved(), { kind: 'transaction', record }, this.#nextId()]
  }

  /** What else changed in the book since the last write, once. */
  unsaved(): StoreChange[] {
    const { book, stationId } = this.#parts
    const records = [...this.#unsaved].map(id => book.byStationId(stationId, id))
    this.#unsaved.clear()
    const closed = this.#closed
    this.#closed = []
    return [
      ...records.flatMap(record => (record === undefined ? [] : [{ kind: 'transaction', record } as const])),
      ...closed,
    ]
  }

  /**
   * A commit has failed: what of it is the book's is written with the next one, the rest is given back. A session is
   * never written without its Start, which is decided with its message.
   */
  unwritten(changes: readonly StoreChange[]): StoreChange[] {
    const begun = changes.flatMap(change =>
      change.kind === 'backlog' && change.entry.action === 'StartTransaction'
        ? [change.entry.transactionId]
        : [],
    )
    const others: StoreChange[] = []
    for (const change of changes) {
      if (change.kind === 'transaction' && change.record.isStray !== true) {
        const id = change.record.transactionId
        if (!begun.includes(id)) this.#unsaved.add(id)
      } else if (change.kind !== 'backlog') others.push(change)
    }
    return others
  }

  /** The message never reached the disk and nobody waits for it: the station will send it again. */
  undone(message: TransactionMessage): void {
    const record = message.entry.action === 'StartTransaction' ? this.recordOf(message) : undefined
    if (record === undefined || record.csmsId !== undefined) return
    this.#unsaved.delete(record.transactionId)
    this.#announced.delete(record.transactionId)
    this.#parts.book.drop(record)
  }

  /** The conf for a Start under the offline policy; the same again when it is asked again. */
  told(record: TransactionRecord): { readonly confText: string; readonly record: TransactionRecord } {
    const { remembered, ports, book } = this.#parts
    const verdict = remembered.tags.verdict(record.idTag, ports.clock.wallMs(), record.connectorId)
    const { status, parentIdTag } = { parentIdTag: undefined, ...verdict }
    const idTagInfo = parentIdTag === undefined ? { status } : { status, parentIdTag }
    const confText = record.confText ?? JSON.stringify({ transactionId: record.transactionId, idTagInfo })
    const isNew = record.confText === undefined && isOfNobody(verdict)
    const unknownTag = isNew ? { unknownTag: { sinceWallMs: ports.clock.wallMs() } } : {}
    const after = { ...record, confText, ...unknownTag }
    book.put(after)
    return { confText, record: after }
  }

  /** The CSMS has it. `isLive`: the station still waits for this very answer. */
  delivered(
    message: TransactionMessage,
    confText: string,
    isLive: boolean,
  ): { readonly answer: Answer; readonly changes: StoreChange[] } {
    const { action } = message.entry
    const passed: Answer = { kind: 'result', payloadText: confText }
    if (action !== 'StartTransaction' && action !== 'StopTransaction')
      return { answer: passed, changes: this.unsaved() }
    const conf = parsePayload(confText)
    const { remembered, ports } = this.#parts
    remembered.tags.noteIdTag(textAt(message.payload, 'idTag'), conf, ports.clock.wallMs())
    if (action === 'StopTransaction')
      return { answer: passed, changes: [...this.unsaved(), ...this.finished(message)] }
    const before = this.started(message, csmsIdIn(conf))
    const told = before.confText
    const status = textAt(fieldsAt(conf, 'idTagInfo'), 'status')
    const isRefused = told !== undefined && !isLive && status !== undefined && status !== 'Accepted'
    const record: TransactionRecord = {
      ...(status === 'Accepted' ? this.unknownTags.vouched(before) : before),
      csmsId: csmsIdIn(conf),
      confText: told ?? confForStation(confText, conf, before),
      ...(isRefused && before.state === 'open' ? { refusedLate: true } : {}),
    }
    this.#parts.book.put(record)
    this.announce(record)
    if (record.refusedLate === true) this.stopRefused(record)
    return {
      answer: { kind: 'result', payloadText: record.confText ?? confText },
      changes: [...this.unsaved(), { kind: 'transaction', record }, this.#nextId()],
    }
  }

  /** Both sides know the end of it. */
  finished(message: TransactionMessage): StoreChange[] {
    const record = this.recordOf(message)
    if (record === undefined) return []
    const finished: TransactionRecord = { ...record, state: 'finished' }
    const surplus = this.#parts.book.put(finished)
    return [
      { kind: 'transaction', record: finished },
      ...surplus.map(({ stationId, transactionId }) => {
        return { kind: 'transaction-dropped', stationId, transactionId } as const
      }),
    ]
  }

  /** The CSMS will never know the end of it, says an operator. */
  over(finished: TransactionRecord): void {
    this.#drop(this.#parts.book.put(finished))
  }

  /** A dead Start holds the rest of its session (proxy rule 15); a dead Stop ends it. */
  buried(message: TransactionMessage, nowWallMs: number): StoreChange[] {
    const record = this.recordOf(message)
    if (record === undefined) return []
    if (message.entry.action === 'StopTransaction' && record.heldSinceWallMs === undefined)
      return this.finished(message)
    if (message.entry.action !== 'StartTransaction') return []
    const held: TransactionRecord = { ...record, heldSinceWallMs: nowWallMs }
    this.#parts.book.put(held)
    return [{ kind: 'transaction', record: held }]
  }

  #stopKept(message: TransactionMessage): StoreChange[] {
    const { entry, payload } = message
    const stop = { seq: entry.seq, payload }
    return [...this.unsaved(), ...this.energy.note('offlineWh', stop, this.recordOf(message))]
  }

  #nextId(): StoreChange {
    return { kind: 'next-transaction-id', id: this.#parts.book.nextLocalId() }
  }

  /** Tells the controller of a transaction once. */
  announce(record: TransactionRecord): void {
    if (this.#announced.has(record.transactionId) || record.state !== 'open') return
    this.#announced.add(record.transactionId)
    this.#parts.on(startOf(record, this.#parts.ports.clock.wallMs()))
    this.unknownTags.begun(record)
  }

  /** A refusal that came after the station was told Accepted, as StopTransactionOnInvalidId wants it. */
  stopRefused(record: TransactionRecord): void {
    this.lateRefusal.refused(record)
  }

  /** The station is there again: what was to be stopped still is. */
  stationBack(record: TransactionRecord): void {
    if (record.refusedLate === true) this.stopRefused(record)
    this.unknownTags.stationBack(record)
  }

  stationGone(): void {
    this.lateRefusal.stationGone()
    this.unknownTags.stationGone()
  }

  stop(): void {
    this.lateRefusal.stop()
    this.unknownTags.stop()
  }

  /** A session where Busbar is the Central System: nothing goes up (proxy rule 16). */
  enterLedger(message: TransactionMessage): StoreChange[] {
    const { action } = message.entry
    const record = action === 'StartTransaction' ? this.started(message, undefined) : this.recordOf(message)
    if (record === undefined || action === 'MeterValues') return []
    const { stationId, connectorId, idTag, meterStartWh, timestamp, transactionId } = record
    const nowText = isoTime(this.#parts.ports.clock.wallMs())
    const startedAt = timestamp === '' ? nowText : timestamp
    const begun = { transactionId, stationId, connectorId, idTag, meterStartWh, startedAt }
    if (action === 'StartTransaction') return [...this.#parts.ledger.entered(begun)]
    const meterStopWh = numberAt(message.payload, 'meterStop')
    const reason = textAt(message.payload, 'reason')
    const energyWh = energyOf(message.payload, record, id => this.#parts.ratedW(id))
    const ended = {
      ...begun,
      stoppedAt: textAt(message.payload, 'timestamp') ?? nowText,
      ...(meterStopWh === undefined ? {} : { meterStopWh }),
      ...(energyWh === undefined ? { isEnergyInDoubt: true as const } : {}),
      ...(reason === undefined ? {} : { reason }),
    }
    return [...this.#parts.ledger.entered(ended), ...this.finished(message)]
  }

  /** A station that begins sessions and never ends them: nobody will. */
  #close(record: TransactionRecord): void {
    this.#stopped(record)
    const { stationId, transactionId } = record
    this.#parts.ports.log.write('warn', 'session-given-up', {
      station: stationId,
      transaction: transactionId,
    })
    const finished: TransactionRecord = { ...record, state: 'finished' }
    this.#closed.push({ kind: 'transaction', record: finished })
    this.#drop(this.#parts.book.put(finished))
  }

  #drop(surplus: readonly TransactionRecord[]): void {
    for (const { stationId, transactionId } of surplus)
      this.#closed.push({ kind: 'transaction-dropped', stationId, transactionId })
  }

  #stopped(record: TransactionRecord, end?: TransactionEnd): TransactionRecord {
    if (record.state !== 'open') return record
    const { stationId, connectorId, transactionId } = record
    const stopped: TransactionRecord = { ...record, state: 'stopped' }
    this.#parts.book.put(stopped)
    this.#unsaved.add(transactionId)
    this.#announced.delete(transactionId)
    this.lateRefusal.ended(transactionId)
    this.unknownTags.ended(transactionId)
    this.#parts.on({
      ...{ kind: 'transaction-stopped', stationId, connectorId, transactionId },
      ...(end !== undefined && { stopped: end }),
    })
    return stopped
  }
}
