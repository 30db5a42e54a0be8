/** The door to the journal, part of `ports.ts`. */
import type { Extent } from './core/extent.js'

export type JournalOp =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string }

/** Ordered key-value log. Keys sort by their UTF-8 bytes. */
export interface Journal {
  /**
   * Applies all operations or none, in the order of the calls. With `durable` the promise settles only when the
   * operations and all earlier ones survive a power cut. Rejects when the disk fails: then nothing was acknowledged.
   */
  commit(ops: readonly JournalOp[], durable: boolean): Promise<void>
  /** Entries with from <= key < to, in key order, at most `limit`. Sees every commit called before it. */
  scan(from: string, to: string, limit: number): Promise<readonly JournalEntry[]>
  /** What lies in the range from <= key < to, with its `last` newest entries. Sees every commit called before it. */
  extent(from: string, to: string, last: number): Promise<Extent>
  sizeBytes(): Promise<number>
}

export interface JournalEntry {
  readonly key: string
  readonly value: string
}
