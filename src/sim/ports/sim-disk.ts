/**
 * The disk of one peer: what is on the platter and survives everything, and the faults a test puts on it.
 */
import type { JournalOp } from '../../ports.js'

/** An eMMC's or small SSD's flush. */
const FSYNC_MS = 4

export type DiskFault = 'none' | 'full' | 'read-only' | 'error'

export class SimDisk {
  /** How long a flush takes, from the next one on. */
  fsyncMs = FSYNC_MS
  /** Every write from now on fails; flushes under way fail too. */
  fault: DiskFault = 'none'
  readonly #entries = new Map<string, string>()
  readonly #files = new Map<string, string>()

  /** The error of the fault that stands, if one does. */
  failure(): Error | undefined {
    switch (this.fault) {
      case 'none':
        return undefined
      case 'full':
        return new Error('ENOSPC: no space left on device')
      case 'read-only':
        return new Error('EROFS: read-only file system')
      case 'error':
        return new Error('EIO: i/o error')
    }
  }

  /** Puts the operations on the platter. */
  burn(ops: readonly JournalOp[]): void {
    for (const op of ops) {
      if (op.kind === 'put') this.#entries.set(op.key, op.value)
      else this.#entries.delete(op.key)
    }
  }

  /** Journal entries on the platter, in no order: what a power cut now would leave. */
  durableEntries(): ReadonlyMap<string, string> {
    return this.#entries
  }

  /** The text of a file on the platter. */
  fileText(name: string): string | undefined {
    return this.#files.get(name)
  }

  /** Puts a file on the platter; any text, to try broken ones. */
  putFile(name: string, text: string): void {
    this.#files.set(name, text)
  }
}
