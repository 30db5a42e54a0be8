/**
 * The Journal over a simulated disk. One flush at a time; what was committed while it ran goes with the next one
 * (group commit). A commit that is not durable settles once it is written and reaches the platter with a later flush, within a second.
 */
import { type Extent, extentOf } from '../../core/extent.js'
import type { Journal, JournalEntry, JournalOp } from '../../ports.js'
import { OrderedMap } from './ordered-map.js'
import type { SimPeer } from './peer.js'
import type { SimDisk } from './sim-disk.js'
import { fnv32 } from './trace.js'

/** Handing a commit to the operating system. */
const WRITE_MS = 0.05
/** As the real journal does. */
const SYNC_AFTER_MS = 500

interface Commit {
  readonly ops: readonly JournalOp[]
  readonly durable: boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class SimJournal implements Journal {
  readonly #disk: SimDisk
  readonly #peer: SimPeer
  #visible: OrderedMap
  #flushing: Commit[] = []
  #waiting: Commit[] = []
  #isSyncDue = false

  constructor(disk: SimDisk, peer: SimPeer) {
    this.#disk = disk
    this.#peer = peer
    this.#visible = new OrderedMap(disk.durableEntries())
  }

  commit(ops: readonly JournalOp[], durable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#peer.on) return
      const failure = this.#disk.failure()
      this.#peer.note(`journal.commit ${durable ? 'durable' : 'written'} ${digestOps(ops)}`)
      if (failure !== undefined) {
        this.#peer.clock.after(WRITE_MS, () => reject(failure))
        return
      }
      for (const op of ops) this.#show(op)
      this.#waiting.push({ ops: [...ops], durable, resolve, reject })
      if (!durable) {
        this.#peer.clock.after(WRITE_MS, resolve)
        this.#syncLater()
      } else if (this.#flushing.length === 0) this.#flush()
    })
  }

  async scan(from: string, to: string, limit: number): Promise<readonly JournalEntry[]> {
    this.#peer.note(`journal.scan ${from} ${to} ${limit}`)
    return this.#visible.range(from, to, limit)
  }

  async extent(from: string, to: string, last: number): Promise<Extent> {
    this.#peer.note(`journal.extent ${from} ${to} ${last}`)
    return extentOf(this.#visible.range(from, to, Number.MAX_SAFE_INTEGER), last)
  }

  async sizeBytes(): Promise<number> {
    return this.#visible.sizeBytes
  }

  /** The operations that are not on the platter yet, by commit, oldest first. */
  pending(): { readonly flushing: (readonly JournalOp[])[]; readonly waiting: (readonly JournalOp[])[] } {
    return { flushing: this.#flushing.map(one => one.ops), waiting: this.#waiting.map(one => one.ops) }
  }

  /** What is only written is on the platter soon all the same. */
  #syncLater(): void {
    if (this.#isSyncDue) return
    this.#isSyncDue = true
    this.#peer.clock.after(SYNC_AFTER_MS, () => {
      this.#isSyncDue = false
      if (this.#waiting.length > 0 && this.#flushing.length === 0) this.#flush()
    })
  }

  #flush(): void {
    this.#flushing = this.#waiting
    this.#waiting = []
    this.#peer.clock.after(this.#disk.fsyncMs, () => {
      const flushed = this.#flushing
      this.#flushing = []
      const failure = this.#disk.failure()
      this.#peer.note(`journal.flushed ${flushed.length} ${failure === undefined ? 'ok' : 'failed'}`)
      if (failure === undefined) for (const { ops } of flushed) this.#disk.burn(ops)
      else this.#forget()
      for (const { durable, resolve, reject } of flushed) {
        if (failure !== undefined) reject(failure)
        else if (durable) resolve()
      }
      if (this.#waiting.some(one => one.durable)) this.#flush()
    })
  }

  /** After a failed flush only the platter and what waits for the next flush count. */
  #forget(): void {
    this.#visible = new OrderedMap(this.#disk.durableEntries())
    for (const { ops } of this.#waiting) for (const op of ops) this.#show(op)
  }

  #show(op: JournalOp): void {
    if (op.kind === 'put') this.#visible.set(op.key, op.value)
    else this.#visible.delete(op.key)
  }
}

function digestOps(ops: readonly JournalOp[]): string {
  const named = ops.map(op =>
    op.kind === 'put' ? `+${op.key}=${fnv32(op.value).toString(16)}` : `-${op.key}`,
  )
  return named.join(' ')
}
