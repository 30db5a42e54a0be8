/**
 * Whether the journal can be written, by how its last commit ended, whoever asked for it: an alarm and a reason not to
 * be healthy (proxy rule 14). Passes everything on unchanged.
 */
import type { Journal, Log } from '../ports.js'

export interface JournalWatch {
  readonly journal: Journal
  /** Why the last write failed; undefined while it works. */
  fault(): string | undefined
}

export function watchJournal(journal: Journal, log: Log): JournalWatch {
  let fault: string | undefined
  const failed = (error: unknown): void => {
    const words = error instanceof Error ? error.message : String(error)
    if (words !== fault) log.write('error', 'journal not writable', { fault: words })
    fault = words
  }
  return {
    fault: () => fault,
    journal: {
      commit: (ops, durable) => {
        const done = journal.commit(ops, durable)
        done.then(() => {
          fault = undefined
        }, failed)
        return done
      },
      scan: (from, to, limit) => journal.scan(from, to, limit),
      sizeBytes: () => journal.sizeBytes(),
    },
  }
}
