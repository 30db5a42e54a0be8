/**
 * Gives up periodic MeterValues of one station when too much waits for it, the oldest first and every second one, and
 * says how many and of which time (I9; proxy rule 14). Signed values, Start and Stop are never touched.
 */
import type { BacklogEntry, ShedRecord, StoreChange } from '../../core/offline/records.js'
import { everySecond } from '../../core/offline/shedding.js'
import type { SessionParts } from '../session-parts.js'
import { parsePayload } from '../wire/payload.js'
import type { Shelf } from './shelf.js'

/** Messages looked at in one turn. */
const TURN = 128
/** When a whole pass gave nothing, the next one is not tried before so long. */
const FRUITLESS_MS = 60_000

export class Thinning {
  readonly #parts: SessionParts
  readonly #shelf: Shelf
  #shed: ShedRecord | undefined
  #isRunning = false
  #afterSeq = 0
  #foundInPass = 0
  #fruitlessMs: number | undefined

  constructor(parts: SessionParts, shelf: Shelf, shed: ShedRecord | undefined) {
    this.#parts = parts
    this.#shelf = shelf
    this.#shed = shed
  }

  /** What was given up so far. */
  get shed(): ShedRecord | undefined {
    return this.#shed
  }

  /** The last pass found nothing that may be given up. */
  get isFruitless(): boolean {
    const { clock } = this.#parts.ports
    return this.#fruitlessMs !== undefined && clock.monoMs() - this.#fruitlessMs < FRUITLESS_MS
  }

  /** One turn, unless one is under way. */
  begin(): void {
    if (this.#isRunning || this.isFruitless || !this.#shelf.isSure) return
    this.#isRunning = true
    this.#turn()
      .catch((fault: unknown) => {
        const detail = fault instanceof Error ? fault.message : 'unknown'
        this.#parts.ports.log.write('error', 'shedding-failed', { station: this.#parts.stationId, detail })
      })
      .finally(() => {
        this.#isRunning = false
      })
  }

  /** Given up without ever having been kept. */
  count(messages: number, receivedWallMs: number): void {
    const record = this.#with(messages, receivedWallMs, receivedWallMs)
    this.#given(record, messages)
    this.#shelf.commit([{ kind: 'shed', record }], false, () => {})
  }

  async #turn(): Promise<void> {
    const { store, stationId, ports } = this.#parts
    const page = await store.backlog(stationId, this.#afterSeq, TURN)
    this.#afterSeq = page.length < TURN ? 0 : (page.at(-1)?.seq ?? 0)
    // those in memory may be on their way up
    const inMemory = new Set(this.#shelf.items.map(item => item.entry.seq))
    const behind = page.filter(({ seq }) => !inMemory.has(seq))
    const chosen = everySecond(behind, entry => ({
      action: entry.action,
      payload: parsePayload(entry.payloadText),
    }))
    this.#foundInPass += chosen.length
    if (this.#afterSeq === 0) {
      this.#fruitlessMs = this.#foundInPass === 0 ? ports.clock.monoMs() : undefined
      this.#foundInPass = 0
    }
    const [first] = chosen
    const last = chosen.at(-1)
    if (first === undefined || last === undefined) return
    const record = this.#with(chosen.length, first.receivedWallMs, last.receivedWallMs)
    try {
      await store.commit([...gone(chosen), { kind: 'shed', record }], true)
    } catch (fault) {
      await this.#decide(first.seq, record, chosen.length)
      throw fault
    }
    this.#given(record, chosen.length)
    this.#shelf.thinned(chosen)
  }

  /** The write has failed; they may be gone all the same, and a gap is counted. */
  async #decide(firstSeq: number, record: ShedRecord, count: number): Promise<void> {
    const { store, stationId } = this.#parts
    this.#shelf.readAgain()
    const found = await store.backlog(stationId, firstSeq - 1, 1).catch(() => [])
    if (found[0]?.seq === firstSeq) return
    this.#given(record, count)
    this.#shelf.commit([{ kind: 'shed', record }], true, () => {})
  }

  #with(count: number, fromWallMs: number, toWallMs: number): ShedRecord {
    const before = this.#shed
    return {
      stationId: this.#parts.stationId,
      count: (before?.count ?? 0) + count,
      fromWallMs: Math.min(before?.fromWallMs ?? fromWallMs, fromWallMs),
      toWallMs: Math.max(before?.toWallMs ?? toWallMs, toWallMs),
    }
  }

  #given(record: ShedRecord, count: number): void {
    const { counters, ports, stationId } = this.#parts
    const { fromWallMs, toWallMs } = record
    counters.shedMeterValues += count
    this.#shed = record
    ports.log.write('warn', 'meter-values-shed', { station: stationId, count, fromWallMs, toWallMs })
  }
}

function gone(entries: readonly BacklogEntry[]): StoreChange[] {
  return entries.map(({ stationId, seq }) => ({ kind: 'backlog-done', stationId, seq }))
}
