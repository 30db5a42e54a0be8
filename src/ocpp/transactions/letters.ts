/**
 * Dead letters of one station: what the CSMS would not take, and the rest of a session whose Start it would not take. They
 * are kept with their reason until somebody decides: sent again as a whole chain in its order, or, for a session without
 * its Start, under transactionId -1 (errata 3.18; proxy rule 15), or given up.
 */
import { UNDECIDED_AFTER_MS } from '../../core/offline/delivery.js'
import type { DeadLetter, StoreChange } from '../../core/offline/records.js'
import type { TransactionRecord } from '../../core/offline/transactions.js'
import type { SessionParts } from '../session-parts.js'
import type { TransactionEffects } from './effects.js'
import { identified, type QueueItem, release } from './queue-item.js'
import type { Shelf } from './shelf.js'

const START_REFUSED = 'its StartTransaction was refused'

export type Resend = 'whole' | 'without-start'

export class Letters {
  readonly #parts: SessionParts
  readonly #effects: TransactionEffects
  readonly #shelf: Shelf
  #count: number

  constructor(parts: SessionParts, effects: TransactionEffects, shelf: Shelf, count: number) {
    this.#parts = parts
    this.#effects = effects
    this.#shelf = shelf
    this.#count = count
  }

  get count(): number {
    return this.#count
  }

  /** Why this message must not go up now though it is its turn; undefined when it may. */
  heldBecause(item: QueueItem): string | undefined {
    const record = this.#effects.recordOf(item)
    if (record === undefined || item.entry.action === 'StartTransaction') return undefined
    if (record.heldSinceWallMs !== undefined) return START_REFUSED
    // everything before it has gone up, and no Start among it
    return record.csmsId === undefined ? 'its StartTransaction is missing' : undefined
  }

  bury(item: QueueItem, reason: string, done: () => void): void {
    const { ports, stationId, counters } = this.#parts
    const nowWallMs = ports.clock.wallMs()
    const { action } = item.entry
    release(item)?.(undefined)
    counters.deadLetters++
    this.#count++
    ports.log.write('error', 'dead-letter', { station: stationId, action, reason })
    const letter: DeadLetter = { ...identified(item), reason, diedWallMs: nowWallMs }
    const changes: StoreChange[] = [
      { kind: 'dead-letter', letter },
      ...this.#effects.buried(item, nowWallMs),
      ...this.#holdIfStartIsMissing(item, nowWallMs),
    ]
    this.#shelf.finish(item, changes, true, done)
  }

  /**
   * Puts the chain that `seq` belongs to back into the queue. How many messages that is; 0 when there is no such letter.
   * Rejects when the disk fails: then nothing has changed.
   */
  async resend(seq: number, how: Resend): Promise<number> {
    const { stationId } = this.#parts
    const { chain, record } = await this.#chainOf(seq)
    const back = how === 'whole' ? chain : chain.filter(({ action }) => action !== 'StartTransaction')
    if (back.length === 0) return 0
    const released = record === undefined ? undefined : freed(record, how)
    const changes: StoreChange[] = back.flatMap(({ reason: _, diedWallMs: __, ...entry }): StoreChange[] => [
      { kind: 'backlog', entry },
      { kind: 'dead-letter-gone', stationId, seq: entry.seq },
    ])
    if (released !== undefined) changes.push({ kind: 'transaction', record: released })
    await this.#takeOut(seq, changes)
    if (released !== undefined) this.#parts.book.put(released)
    this.#count = Math.max(0, this.#count - back.length)
    this.#shelf.readAgain()
    return back.length
  }

  /**
   * The CSMS will never have the chain that `seq` belongs to. How many messages that was; 0 when there is no such letter.
   * Rejects when the disk fails: then nothing has changed.
   */
  async giveUp(seq: number, by: string): Promise<number> {
    const { ports, stationId } = this.#parts
    const { chain, record } = await this.#chainOf(seq)
    if (chain.length === 0) return 0
    const gone = chain.map(letter => ({ kind: 'dead-letter-gone', stationId, seq: letter.seq }) as const)
    // of one that runs on, or whose end still waits, more letters will come
    const isOver = record?.state === 'stopped' && chain.some(({ action }) => action === 'StopTransaction')
    await this.#takeOut(seq, isOver ? [...gone, { kind: 'transaction', record: finished(record) }] : gone)
    // dropped from the disk with those that end after it
    if (isOver) this.#effects.over(finished(record))
    this.#count = Math.max(0, this.#count - chain.length)
    ports.log.write('warn', 'dead-letters-given-up', { station: stationId, messages: chain.length, by })
    return chain.length
  }

  async #chainOf(
    seq: number,
  ): Promise<{ readonly chain: readonly DeadLetter[]; readonly record: TransactionRecord | undefined }> {
    const { store, stationId, book } = this.#parts
    const letters = await store.deadLetters(stationId)
    const chosen = letters.find(letter => letter.seq === seq)
    if (chosen === undefined) return { chain: [], record: undefined }
    const { transactionId } = chosen
    if (transactionId === undefined) return { chain: [chosen], record: undefined }
    return {
      chain: letters.filter(letter => letter.transactionId === transactionId),
      record: book.byStationId(stationId, transactionId),
    }
  }

  async #takeOut(seq: number, changes: readonly StoreChange[]): Promise<void> {
    const { store, stationId } = this.#parts
    try {
      await store.commit(changes, true)
    } catch (fault) {
      this.#shelf.readAgain()
      const isStillThere = (await store.deadLetters(stationId)).some(letter => letter.seq === seq)
      // else it is written all the same
      if (isStillThere) throw fault
    }
  }

  /** Sessions held for a week are sent without their Start: late and incomplete is better than never. */
  async tick(): Promise<void> {
    const { book, stationId, store, ports } = this.#parts
    const dueBefore = ports.clock.wallMs() - UNDECIDED_AFTER_MS
    const due = book
      .unfinished(stationId)
      .filter(({ heldSinceWallMs }) => heldSinceWallMs !== undefined && heldSinceWallMs <= dueBefore)
    if (due.length === 0) return
    const letters = await store.deadLetters(stationId)
    for (const record of due) {
      const rest = letters.find(
        letter => letter.transactionId === record.transactionId && letter.action !== 'StartTransaction',
      )
      if (rest !== undefined) await this.resend(rest.seq, 'without-start')
    }
  }

  /** Its Start was lost, not refused: the session waits for a decision all the same. */
  #holdIfStartIsMissing(item: QueueItem, nowWallMs: number): StoreChange[] {
    const record = this.#effects.recordOf(item)
    const isMissing =
      record !== undefined &&
      item.entry.action !== 'StartTransaction' &&
      record.csmsId === undefined &&
      record.heldSinceWallMs === undefined
    if (!isMissing) return []
    const held = { ...record, heldSinceWallMs: nowWallMs }
    this.#parts.book.put(held)
    return [{ kind: 'transaction', record: held }]
  }
}

const finished = (record: TransactionRecord): TransactionRecord => ({ ...record, state: 'finished' })

function freed(record: TransactionRecord, how: Resend): TransactionRecord {
  const { heldSinceWallMs: _, ...free } = record
  return how === 'whole' ? free : { ...free, csmsId: -1 }
}
