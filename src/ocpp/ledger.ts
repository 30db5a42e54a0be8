/**
 * Sessions where no CSMS is configured: Busbar is the Central System and keeps a bounded book of them (proxy rule 16).
 * Nothing here is ever queued for a CSMS that may be added later.
 */
import type { LedgerEntry, StoreChange } from '../core/station-records.js'

/** A year of a busy depot; the oldest sessions give way. */
export const MAX_LEDGER_ENTRIES = 20_000

export interface Ledger {
  /** The changes that enter this session, and push out the oldest. */
  opened(entry: LedgerEntry): readonly StoreChange[]
  closed(
    transactionId: number,
    end: { readonly stoppedAt: string; readonly meterStopWh?: number; readonly reason?: string },
  ): readonly StoreChange[]
}

/** `knownIds` are the transaction ids already in the book, oldest first. */
export function createLedger(knownIds: readonly number[]): Ledger {
  const ids = new Set(knownIds)
  const running = new Map<number, LedgerEntry>()
  return {
    opened: entry => {
      ids.add(entry.transactionId)
      running.set(entry.transactionId, entry)
      const changes: StoreChange[] = [{ kind: 'ledger', entry }]
      const oldest = ids.size > MAX_LEDGER_ENTRIES ? ids.values().next().value : undefined
      if (oldest !== undefined) {
        ids.delete(oldest)
        running.delete(oldest)
        changes.push({ kind: 'ledger-dropped', transactionId: oldest })
      }
      return changes
    },
    closed: (transactionId, end) => {
      const entry = running.get(transactionId)
      running.delete(transactionId)
      return entry === undefined ? [] : [{ kind: 'ledger', entry: { ...entry, ...end } }]
    },
  }
}
