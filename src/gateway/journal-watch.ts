/**
 * Whether what must outlive a power cut is written, whoever asked for it: journal commits and saved files. A failure is an
 * alarm for a while after the last one, so that nobody misses it between two looks; so is a write that takes too long
 * (proxy rule 14; I10). Passes everything on unchanged.
 */
import type { Clock, Files, Journal, Log } from '../ports.js'

/** An alarm is looked for each second; people look less often. */
const SHOWN_FOR_MS = 60_000
/** A station waits for its answer meanwhile. */
const SLOW_MS = 5_000

export interface JournalWatch {
  readonly journal: Journal
  readonly files: Files
  /** Why a write failed lately; undefined while they work. */
  fault(): string | undefined
  /** Why the last write failed; undefined as soon as one works. */
  failingNow(): string | undefined
  /** How long a write has been waiting for the disk, or took lately; undefined while that is not long. */
  slowMs(): number | undefined
  readonly counters: { readonly failedWrites: number; readonly slowWrites: number }
}

export function watchJournal(ports: {
  readonly journal: Journal
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  /** A durable commit has worked, and took so long. */
  readonly onCommit?: (tookMs: number) => void
}): JournalWatch {
  const { journal, files, clock, log, onCommit } = ports
  const counters = { failedWrites: 0, slowWrites: 0 }
  const open = new Set<{ readonly sinceMs: number }>()
  let failed: { readonly words: string; readonly atMs: number } | undefined
  let failing: string | undefined
  let slow: { readonly tookMs: number; readonly atMs: number } | undefined

  const watched = <T>(what: string, write: Promise<T>, done?: (tookMs: number) => void): Promise<T> => {
    const one = { sinceMs: clock.monoMs() }
    open.add(one)
    const ended = (): void => {
      open.delete(one)
      const tookMs = clock.monoMs() - one.sinceMs
      if (tookMs < SLOW_MS) return
      counters.slowWrites++
      slow = { tookMs, atMs: clock.monoMs() }
    }
    const worked = (): void => {
      ended()
      done?.(clock.monoMs() - one.sinceMs)
      failing = undefined
    }
    write.then(worked, (error: unknown) => {
      ended()
      counters.failedWrites++
      const reason = error instanceof Error ? error.message : String(error)
      const words = `${what}${reason}`
      if (words !== failed?.words) log.write('error', 'durable write failed', { fault: words })
      failed = { words, atMs: clock.monoMs() }
      failing = words
    })
    return write
  }
  const isFresh = (atMs: number): boolean => clock.monoMs() - atMs < SHOWN_FOR_MS

  return {
    counters,
    failingNow: () => failing,
    fault: () => (failed !== undefined && isFresh(failed.atMs) ? failed.words : undefined),
    slowMs: () => {
      // in the order of their beginning: the first is the oldest
      const [oldest] = open
      const waitsMs = oldest === undefined ? 0 : clock.monoMs() - oldest.sinceMs
      if (waitsMs >= SLOW_MS) return waitsMs
      return slow !== undefined && isFresh(slow.atMs) ? slow.tookMs : undefined
    },
    journal: {
      commit: (ops, durable) => watched('', journal.commit(ops, durable), durable ? onCommit : undefined),
      scan: (from, to, limit) => journal.scan(from, to, limit),
      extent: (from, to, last) => journal.extent(from, to, last),
      sizeBytes: () => journal.sizeBytes(),
    },
    files: {
      load: name => files.load(name),
      text: name => files.text(name),
      save: (name, document) => watched(`${name}: `, files.save(name, document)),
    },
  }
}
