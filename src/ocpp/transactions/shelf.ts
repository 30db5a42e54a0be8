/**
 * What waits for the CSMS at one station, as it lies on the disk: how much, and its oldest messages in memory. Counts by
 * what commits have said, and after a failed one by what is read back: until then nothing is certain, and what is
 * finished stays owed to the disk (proxy rule 14). Decides nothing about messages.
 */
import type { BacklogEntry, StoreChange, Waiting } from '../../core/offline/records.js'
import type { Timer } from '../../ports.js'
import type { SessionParts } from '../session-parts.js'
import type { TransactionEffects } from './effects.js'
import { identified, type QueueItem, storedItem } from './queue-item.js'

/** Messages of one station held in memory; the rest is read from disk as the head moves. */
const PAGE = 32
/** The same in bytes: messages of a megabyte come one at a time. */
export const PAGE_BYTES = 256 * 1024
/** A disk that failed is asked again after this, doubled each time. */
const FIRST_LOOK_MS = 1_000
const LONGEST_LOOK_MS = 10_000
/** Of one station, while its disk takes nothing, in characters: a Stop may be the last that is heard of its session. */
const MOST_UNWRITTEN_CHARS = 256 * 1024
const MOST_UNWRITTEN_STOPS_CHARS = 2 * 1024 * 1024
/** Of a record in memory beside its payload. */
const RECORD_BYTES = 160
/** Of a record's key on the disk beside its station's name. */
const KEY_BYTES = 'log//00000000000000'.length

export class Shelf {
  /** Oldest first: a page of what is on disk, then what is not there yet. Between the two the disk may hold more. */
  readonly items: QueueItem[] = []
  readonly #parts: SessionParts
  readonly #effects: TransactionEffects
  readonly #onReady: () => void
  #count: number
  #bytes: number
  #oldestWallMs: number | undefined
  #hasTail: boolean
  #tailGrew = false
  #isReading = false
  #isSure = true
  #pending = 0
  #commits = 0
  #looks = 0
  #look: Timer | undefined
  /** Must reach the disk before anything more is delivered. */
  #owed: StoreChange[] = []
  /** Finished, and still on the disk for all we know. */
  readonly #finished = new Set<number>()
  #isStopped = false

  /** `onReady`: the head can be looked at again. */
  constructor(parts: SessionParts, effects: TransactionEffects, stored: Waiting, onReady: () => void) {
    this.#parts = parts
    this.#effects = effects
    this.#onReady = onReady
    this.#count = stored.count
    this.#bytes = stored.bytes
    this.#oldestWallMs = stored.oldestWallMs
    this.#hasTail = stored.count > 0
    this.#tellBudget()
  }

  /** False from a failed write until the disk has been read and written again. */
  get isSure(): boolean {
    return this.#isSure
  }

  /** Messages on the disk that the CSMS has not had. */
  get waiting(): number {
    return Math.max(0, this.#count - this.#finished.size)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** When the oldest of them came. */
  get oldestWallMs(): number | undefined {
    if (this.waiting === 0) return undefined
    const head = this.items.find(item => item.place === 'disk')
    return head?.entry.receivedWallMs ?? this.#oldestWallMs
  }

  /** Nothing waits, on disk or here. */
  get isEmpty(): boolean {
    return this.items.length === 0 && this.waiting === 0
  }

  /** A new message would be the next after those in memory. */
  get isWhole(): boolean {
    return !this.#hasTail && this.items.length < PAGE
  }

  /** The disk takes nothing, and the memory not for ever: a message of this kind would only be left unanswered here. */
  hasRoomFor(action: string): boolean {
    if (this.#isSure) return true
    const most = action === 'StopTransaction' ? MOST_UNWRITTEN_STOPS_CHARS : MOST_UNWRITTEN_CHARS
    // looks at no more messages than `most` has room for, and at a page of what is on the disk
    let chars = 0
    for (const { place, entry } of this.items) {
      if (place !== 'disk') chars += entry.payloadText.length + RECORD_BYTES
      if (chars >= most) return false
    }
    return true
  }

  /** The oldest message; undefined when there is none or it has to be read first (then `onReady` follows). */
  head(): QueueItem | undefined {
    const [oldest] = this.items
    const isKnown = oldest?.place === 'disk' || !this.#hasTail
    if (!isKnown) this.#read()
    return isKnown ? oldest : undefined
  }

  /** Puts the message on the disk with what belongs to it; `done` after the flush. */
  write(item: QueueItem, changes: readonly StoreChange[], done: (isDurable: boolean) => void): void {
    item.place = 'writing'
    const entry = identified(item)
    this.commit([{ kind: 'backlog', entry }, ...changes], true, isDurable => {
      const isNew = item.place !== 'disk'
      item.place = isDurable ? 'disk' : 'doubt'
      if (isDurable && isNew) {
        this.#count++
        this.#bytes += storedBytes(entry)
        this.#tellBudget()
        this.#settle(item)
        // security events go first
        this.items.sort((a, b) => a.entry.seq - b.entry.seq)
      }
      done(isDurable)
    })
  }

  /** The message is through with: it leaves the memory at once and the disk with `changes`. */
  finish(item: QueueItem, changes: readonly StoreChange[], durable: boolean, done: () => void): void {
    this.forget(item)
    const { stationId, seq } = item.entry
    if (item.place === 'memory') {
      if (changes.length === 0) done()
      else this.commit(changes, durable, done)
      return
    }
    this.#finished.add(seq)
    this.commit([...changes, { kind: 'backlog-done', stationId, seq }], true, isDurable => {
      if (isDurable) this.#gone(identified(item))
      done()
    })
  }

  /** Out of the memory. */
  forget(item: QueueItem): void {
    item.isDone = true
    const at = this.items.indexOf(item)
    if (at >= 0) this.items.splice(at, 1)
  }

  /** Anything else of this station; what fails is owed. */
  commit(changes: readonly StoreChange[], durable: boolean, done: (isDurable: boolean) => void): void {
    const { store, ports, stationId } = this.#parts
    this.#pending++
    this.#commits++
    store.commit(changes, durable).then(
      () => {
        this.#pending--
        done(true)
      },
      (fault: unknown) => {
        this.#pending--
        const detail = fault instanceof Error ? fault.message : 'unknown'
        ports.log.write('error', 'journal-write-failed', { station: stationId, detail })
        this.#owe(changes)
        this.#doubt()
        done(false)
      },
    )
  }

  /** These have left the disk without having been delivered. */
  thinned(entries: readonly BacklogEntry[]): void {
    for (const entry of entries) {
      this.#finished.add(entry.seq)
      this.#gone(entry)
    }
  }

  /** Something else has changed what lies on the disk: it is read again before anything goes on. */
  readAgain(): void {
    this.#doubt()
  }

  stop(): void {
    this.#isStopped = true
    this.#look?.cancel()
  }

  /** What is behind a page on disk need not be in memory. */
  #settle(item: QueueItem): void {
    const kept = this.items.filter(one => one.place === 'disk')
    const keptBytes = kept.reduce((sum, { entry }) => sum + entry.payloadText.length, 0)
    const isOnePage = kept.length === 1 || (kept.length <= PAGE && keptBytes <= PAGE_BYTES)
    if (!this.#hasTail && isOnePage) return
    this.#hasTail = true
    this.#tailGrew = true
    const at = this.items.indexOf(item)
    if (at >= 0) this.items.splice(at, 1)
  }

  #gone(entry: BacklogEntry): void {
    if (!this.#finished.delete(entry.seq)) return
    this.#count = Math.max(0, this.#count - 1)
    this.#bytes = this.#count === 0 ? 0 : Math.max(0, this.#bytes - storedBytes(entry))
    this.#tellBudget()
  }

  #tellBudget(): void {
    this.#parts.budget.set(this.#parts.stationId, this.#bytes)
  }

  #read(): void {
    if (this.#isReading || !this.#isSure || this.#isStopped) return
    this.#isReading = true
    this.#tailGrew = false
    const { store, stationId } = this.#parts
    const limit = this.#pageLimit()
    store
      .backlog(stationId, 0, limit + this.#finished.size)
      .then(
        entries => {
          this.#isReading = false
          if (this.#isSure) this.#take(entries, limit)
        },
        (fault: unknown) => {
          this.#isReading = false
          this.#readFailed(fault)
        },
      )
      .catch(() => this.#doubt())
  }

  #take(entries: readonly BacklogEntry[], limit: number): void {
    this.#put(entries.slice(0, limit + this.#finished.size))
    this.#hasTail = entries.length >= limit || this.#tailGrew
    if (entries.length === 0 && !this.#tailGrew) {
      // whatever is still there cannot be read, and was told when it was found
      this.#count = 0
      this.#bytes = 0
      this.#finished.clear()
      this.#tellBudget()
    }
    this.#oldestWallMs = entries[0]?.receivedWallMs ?? this.#oldestWallMs
    this.#onReady()
  }

  /** The page before what is not on disk yet. */
  #put(entries: readonly BacklogEntry[]): void {
    const known = new Set(this.items.map(item => item.entry.seq))
    const page = entries.filter(({ seq }) => !known.has(seq) && !this.#finished.has(seq)).map(storedItem)
    this.items.push(...page)
    this.items.sort((a, b) => a.entry.seq - b.entry.seq)
  }

  #pageLimit(): number {
    const mean = this.#bytes / Math.max(1, this.#count)
    return Math.max(1, Math.min(PAGE, Math.floor(PAGE_BYTES / Math.max(1, mean))))
  }

  // ---------------------------------------------------------------- after a failed write

  /** What belongs to a message that may not be there is decided with it; the rest is written as soon as it can be. */
  #owe(changes: readonly StoreChange[]): void {
    const rest = this.#effects.unwritten(changes)
    this.#owed.push(...rest)
  }

  #doubt(): void {
    this.#isSure = false
    if (this.#look !== undefined || this.#isStopped) return
    const delayMs = Math.min(LONGEST_LOOK_MS, FIRST_LOOK_MS * 2 ** Math.min(this.#looks, 10))
    this.#looks++
    this.#look = this.#parts.ports.clock.after(delayMs, () => {
      this.#look = undefined
      if (this.#pending > 0) this.#doubt()
      else void this.#readBack().catch((fault: unknown) => this.#readFailed(fault))
    })
  }

  #readFailed(fault: unknown): void {
    const { ports, stationId } = this.#parts
    const detail = fault instanceof Error ? fault.message : 'unknown'
    ports.log.write('error', 'journal-read-failed', { station: stationId, detail })
    this.#doubt()
  }

  /** Decide what was in doubt, write what is owed, count anew: a disk that takes all that may be relied on again. */
  async #readBack(): Promise<void> {
    const { store, stationId, ports } = this.#parts
    await this.#decideDoubts()
    await this.#payOwed()
    const commits = this.#commits
    const waiting = await store.waiting(stationId)
    const page = await store.backlog(stationId, 0, this.#pageLimit())
    if (this.#pending > 0 || commits !== this.#commits || this.#owed.length > 0) {
      // a write came between: what was counted may be counted twice
      this.#looks = 0
      this.#doubt()
      return
    }
    this.#count = waiting.count
    this.#bytes = waiting.bytes
    this.#oldestWallMs = waiting.oldestWallMs
    this.#finished.clear()
    this.#put(page)
    this.#hasTail = waiting.count > this.items.filter(item => item.place === 'disk').length
    this.#isSure = true
    this.#looks = 0
    this.#tellBudget()
    ports.log.write('info', 'journal-read-back', { station: stationId, waiting: this.waiting })
    this.#onReady()
  }

  async #payOwed(): Promise<void> {
    const owed = this.#owed
    this.#owed = []
    const changes = [...owed, ...this.#effects.unsaved()]
    try {
      await this.#parts.store.commit(changes, true)
    } catch (fault) {
      this.#owed = [...this.#effects.unwritten(changes), ...this.#owed]
      throw fault
    }
  }

  async #decideDoubts(): Promise<void> {
    const { store, stationId } = this.#parts
    for (const item of this.items.filter(one => one.place === 'doubt')) {
      const found = await store.backlog(stationId, item.entry.seq - 1, 1)
      const isThere = found[0]?.seq === item.entry.seq
      if (item.place !== 'doubt' || item.isDone) continue
      item.isKept = !isThere && item.waiter === undefined && isLastOfSession(item)
      if (isThere) item.place = 'disk'
      else if (item.waiter !== undefined || item.isKept) item.place = 'memory'
      else {
        this.forget(item)
        this.#effects.undone(item)
      }
    }
    // goes up where the CSMS is there meanwhile
    if (this.items.some(isKeptHere)) this.#onReady()
    for (const item of this.items.filter(isKeptHere)) {
      if (!isKeptHere(item)) continue
      item.place = 'writing'
      try {
        await store.commit([{ kind: 'backlog', entry: identified(item) }], true)
      } catch (fault) {
        item.place = 'doubt'
        throw fault
      }
      // not where its station has asked again and had it written
      if (item.place === 'writing') item.place = 'disk'
    }
  }
}

/** As the disk is asked how much lies there: a bound must not be passed by counting anew. */
function storedBytes(entry: BacklogEntry): number {
  return KEY_BYTES + entry.stationId.length + JSON.stringify(entry).length
}

/** A station that gives it up begins another session, and nobody else knows how this one ended. */
const isLastOfSession = ({ entry }: QueueItem): boolean => entry.action === 'StopTransaction'

/** In memory only, because the disk takes nothing. */
const isKeptHere = ({ isKept, place, isDone }: QueueItem): boolean => isKept && place === 'memory' && !isDone
