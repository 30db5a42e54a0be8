/**
 * The journal on classic-level: commits that arrive while a flush is running go to the disk together in the next
 * one, in the order of the calls. Must not know what is stored. I2: a durable commit settles after fsync only.
 *
 * Commits without `durable` are written without fsync. LevelDB may change its log file between them and the next
 * synced batch, and then a power cut takes the older ones only; so the next synced batch carries them once more.
 */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClassicLevel } from 'classic-level'
import type { Extent } from '../core/extent.js'
import type { Journal, JournalEntry, JournalOp, Log, Stoppable } from '../ports.js'
import { putAside } from './journal-aside.js'
import { endOfLog } from './journal-end.js'
import type { FolderSums } from './journal-extent.js'
import { bothFound, type Found, FoundNote } from './journal-found.js'
import { reasonOf } from './journal-level.js'
import { markerOf, OWN_END, readHighWater, writeHighWater } from './journal-marks.js'
import { openWhole, putBack } from './journal-opening.js'
import { entriesIn, extentIn } from './journal-reading.js'
import { sealedBatch } from './journal-values.js'
import { foundOf, judge } from './journal-verdict.js'

/** Commits that may wait for the disk before new ones are refused: a disk that hangs must not fill the memory. */
const MAX_WAITING_COMMITS = 20_000
/** One flush: large enough to be worth an fsync, small enough that the first in it does not wait long. */
const MAX_GROUP_OPS = 4000
/** Written without fsync and repeated in the next synced batch; above this the next batch is synced anyway. */
const MAX_UNSYNCED_CHARS = 512 * 1024
/** What is written without fsync is on the disk after this all the same. */
const SYNC_AFTER_MS = 500
/** The high-water mark follows the durable batches with this delay: one small write more per second, not per batch. */
const MARK_DELAY_MS = 1000

/** What was wrong when the journal was opened, now or at a start that came to no end. */
export interface FoundAtOpening extends Found {
  /** Whoever is told has it on the disk: it is not said again. */
  told?(): Promise<void>
}

export type OpenJournal = Journal & Stoppable & { readonly gapFound: boolean; readonly found: FoundAtOpening }

interface Waiting {
  readonly ops: readonly JournalOp[]
  readonly durable: boolean
  done(): void
  failed(fault: Error): void
}

export interface JournalOptions {
  readonly dataDir: string
  readonly log: Log
}

/**
 * Opens or makes the journal in the folder `journal` of `dataDir`. Damage is reported through `log` and `gapFound`, and what is
 * readable is kept. Rejects when another process has it open or the disk fails.
 */
export async function openJournal({ dataDir, log }: JournalOptions): Promise<OpenJournal> {
  await mkdir(dataDir, { recursive: true, mode: 0o750 })
  const journal = new LevelJournal(dataDir, log)
  await journal.open()
  return journal
}

class LevelJournal implements Journal, Stoppable {
  found: FoundAtOpening = { rolledBack: false }
  readonly #dataDir: string
  readonly #folder: string
  readonly #markPath: string
  readonly #note: FoundNote
  readonly #log: Log
  #level: ClassicLevel | undefined
  #sequence = 0
  #lastDelete = 0
  #marked = 0
  #markTimer: NodeJS.Timeout | undefined
  #syncTimer: NodeJS.Timeout | undefined
  /** All of it is read: at the start, and after reading has failed. */
  #isToBeRead = true
  /** Reading it has failed: it is opened anew before anything else is read or written. */
  #doubted: ClassicLevel | undefined
  #waiting: Waiting[] = []
  /** On their way to the disk. */
  #flying: readonly Waiting[] = []
  #sums: FolderSums | undefined
  #unsynced: JournalOp[] = []
  #unsyncedChars = 0
  #opening: Promise<void> | undefined
  #flushing: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  #closed = false
  #lastWrite: 'works' | 'failed' = 'works'

  constructor(dataDir: string, log: Log) {
    this.#dataDir = dataDir
    this.#folder = join(dataDir, 'journal')
    this.#markPath = join(dataDir, 'journal.mark')
    this.#note = new FoundNote(join(dataDir, 'journal.found'))
    this.#log = log
  }

  get gapFound(): boolean {
    return this.found.damage !== undefined
  }

  async open(): Promise<void> {
    const isToBeRead = this.#isToBeRead
    await putBack(this.#folder)
    const untold = await this.#note.read()
    const aside = await putAside(this.#dataDir, isToBeRead ? this.#log : undefined)
    const { torn, lastBatch } = isToBeRead ? await endOfLog(this.#folder) : { lastBatch: 0, torn: undefined }
    const marked = (await readHighWater(this.#markPath)) ?? { last: 0, lastDelete: 0 }
    // what was acknowledged in the last second the mark may not know yet
    const highWater = { ...marked, last: Math.max(marked.last, lastBatch, this.#sequence) }
    let noted = bothFound(untold, foundOf(undefined, torn))
    // opening tidies it away
    if (torn !== undefined) await this.#note.write(noted)
    const opened = await openWhole({
      folder: this.#folder,
      copies: aside?.copies ?? [],
      highWater: highWater.last,
      verify: isToBeRead,
      log: this.#log,
      note: async damage => {
        noted = bothFound(noted, foundOf(damage, torn))
        await this.#note.write(noted)
      },
    })
    try {
      const before = { aside, untold, torn, highWater }
      await this.#tell(await judge(opened, before, { note: this.#note, log: this.#log }))
    } catch (fault) {
      // left open it would be locked against the next attempt
      await opened.level.close()
      throw fault
    }
    this.#sequence = Math.max(opened.last, highWater.last)
    this.#lastDelete = Math.max(this.#lastDelete, highWater.lastDelete)
    this.#marked = marked.last
    this.#isToBeRead = false
    this.#sums = opened.sums
    this.#level = opened.level
  }

  /** Said again as long as nobody has it on the disk. */
  async #tell(found: Found): Promise<void> {
    if (found.damage === undefined && !found.rolledBack) return this.#forget()
    const told = async (): Promise<void> => {
      this.found = { rolledBack: false }
      await this.#forget()
    }
    this.found = { ...found, told }
  }

  /** What cannot be forgotten is said again at the next start. */
  #forget(): Promise<void> {
    return this.#note.remove().catch((fault: unknown) => {
      this.#log.write('warn', 'journal-found-not-removed', { reason: reasonOf(fault) })
    })
  }

  commit(ops: readonly JournalOp[], durable: boolean): Promise<void> {
    const refused = this.#refusal(ops)
    if (refused) return Promise.reject(new Error(`journal: ${refused}`))
    return new Promise((done, failed) => {
      this.#waiting.push({ ops: [...ops], durable, done, failed })
      this.#flushing ??= this.#flush()
    })
  }

  async scan(from: string, to: string, limit: number): Promise<readonly JournalEntry[]> {
    await this.#written(from, to)
    return this.#reading(level => entriesIn(level, { from, to, limit }))
  }

  async extent(from: string, to: string, last: number): Promise<Extent> {
    await this.#written(from, to)
    return this.#reading(level => extentIn(level, { from, to, limit: last }, this.#sums?.of(from, to)))
  }

  /** What was committed before to the range is there; whether that failed is its callers' business. */
  async #written(from: string, to: string): Promise<void> {
    const isPlain = isAscii(from) && isAscii(to)
    const concerns = ({ ops }: Waiting): boolean => ops.some(({ key }) => key >= from && key < to)
    // other texts do not sort as their bytes do
    const isConcerned = !isPlain || this.#flying.some(concerns) || this.#waiting.some(concerns)
    if (isConcerned) await this.commit([], false).catch(() => undefined)
  }

  async #reading<T>(read: (level: ClassicLevel) => Promise<T>): Promise<T> {
    if (this.#isDoubted()) await this.commit([], false).catch(() => undefined)
    const level = await this.#ready()
    try {
      return await read(level)
    } catch (fault) {
      this.#doubt(level)
      throw fault
    }
  }

  /** Opened anew all of it is read, what is damaged is put aside and found: at once, whoever asks for it next, and between two writes. */
  #doubt(level: ClassicLevel): void {
    if (this.#level !== level || this.#stopped !== undefined) return
    this.#isToBeRead = true
    this.#doubted = level
    // why it cannot be opened is told to whoever reads or writes next
    this.commit([], false).catch(() => undefined)
  }

  #isDoubted(): boolean {
    return this.#doubted !== undefined && this.#doubted === this.#level
  }

  async sizeBytes(): Promise<number> {
    let bytes = 0
    for (const name of await readdir(this.#folder)) {
      // LevelDB deletes files while we count.
      bytes += await stat(join(this.#folder, name)).then(
        found => found.size,
        () => 0,
      )
    }
    return bytes
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }

  #refusal(ops: readonly JournalOp[]): string | undefined {
    if (this.#stopped) return 'stopped'
    if (this.#waiting.length >= MAX_WAITING_COMMITS) return `${MAX_WAITING_COMMITS} commits wait for the disk`
    const bad = ops.find(op => op.key < OWN_END)
    return bad ? `the key ${JSON.stringify(bad.key)} is empty or the journal's own` : undefined
  }

  async #flush(): Promise<void> {
    // What is committed in the same turn goes together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      this.#flying = group
      try {
        await this.#write(group)
        this.#tellWhether('works')
        for (const waiting of group) waiting.done()
      } catch (fault) {
        const error = fault instanceof Error ? fault : new Error(String(fault))
        this.#tellWhether('failed', reasonOf(error))
        for (const waiting of group) waiting.failed(error)
      }
    }
    this.#flying = []
    this.#flushing = undefined
  }

  /** Changes only: a full disk fails each commit of each station, and the log may be on the same disk. */
  #tellWhether(state: 'works' | 'failed', reason?: string): void {
    if (state === this.#lastWrite) return
    this.#lastWrite = state
    if (state === 'failed') this.#log.write('error', 'journal-write-failed', { reason })
    else this.#log.write('info', 'journal-write-works-again')
  }

  #takeGroup(): readonly Waiting[] {
    let commits = 0
    let ops = 0
    for (const waiting of this.#waiting) {
      ops += waiting.ops.length
      if (commits > 0 && ops > MAX_GROUP_OPS) break
      commits++
    }
    return this.#waiting.splice(0, commits)
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    if (this.#isDoubted()) await this.#dropLevel()
    const level = await this.#ready()
    const ops = group.flatMap(waiting => waiting.ops)
    const unsyncedChars = this.#unsyncedChars + charsOf(ops)
    try {
      if (unsyncedChars > MAX_UNSYNCED_CHARS || group.some(waiting => waiting.durable)) {
        await this.#writeSynced(level, ops)
      } else {
        this.#sums?.forget(ops)
        await level.batch(sealedBatch(ops))
        this.#unsynced.push(...ops)
        this.#unsyncedChars = unsyncedChars
        if (ops.length > 0) this.#syncTimer ??= setTimeout(() => this.#sync(), SYNC_AFTER_MS)
      }
    } catch (fault) {
      await this.#dropLevel()
      throw fault
    }
  }

  async #writeSynced(level: ClassicLevel, ops: readonly JournalOp[]): Promise<void> {
    const all = [...this.#unsynced, ...ops, markerOf(this.#sequence + 1)]
    this.#sums?.forget(all)
    await level.batch(sealedBatch(all), { sync: true })
    this.#sequence++
    if (all.some(op => op.kind === 'delete')) this.#lastDelete = this.#sequence
    this.#unsynced = []
    this.#unsyncedChars = 0
    this.#markTimer ??= setTimeout(() => void this.#mark(), MARK_DELAY_MS)
  }

  /** News nobody waits for. */
  #sync(): void {
    this.#syncTimer = undefined
    if (this.#stopped !== undefined || this.#unsynced.length === 0) return
    // why it failed is told by the flush
    this.commit([], true).catch(() => {
      this.#syncTimer ??= setTimeout(() => this.#sync(), SYNC_AFTER_MS)
    })
  }

  /** A failed append leaves LevelDB's log in a state where later batches may be unreadable: only opening anew helps. */
  async #dropLevel(): Promise<void> {
    const level = this.#level
    this.#level = undefined
    this.#doubted = undefined
    await level?.close().catch((fault: unknown) => {
      this.#log.write('error', 'journal-close-failed', { reason: reasonOf(fault) })
    })
  }

  /** Never runs ahead of what is durable, so it raises no false alarm; behind by a second it sees all but the last one. */
  async #mark(): Promise<void> {
    this.#markTimer = undefined
    const sequence = this.#sequence
    if (sequence <= this.#marked) return
    try {
      await writeHighWater(this.#markPath, { last: sequence, lastDelete: this.#lastDelete })
      this.#marked = sequence
    } catch (fault) {
      this.#log.write('error', 'journal-mark-failed', { reason: reasonOf(fault) })
    }
  }

  async #close(): Promise<void> {
    await this.#flushing
    this.#closed = true
    clearTimeout(this.#markTimer)
    clearTimeout(this.#syncTimer)
    await this.#mark()
    await this.#dropLevel()
  }

  async #ready(): Promise<ClassicLevel> {
    if (!this.#level && !this.#closed) {
      this.#opening ??= this.open().finally(() => {
        this.#opening = undefined
      })
      await this.#opening
    }
    if (!this.#level) throw new Error('journal: stopped')
    return this.#level
  }
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

function charsOf(ops: readonly JournalOp[]): number {
  return ops.reduce((sum, op) => sum + op.key.length + (op.kind === 'put' ? op.value.length : 0), 0)
}
