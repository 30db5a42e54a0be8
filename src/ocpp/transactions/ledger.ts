/**
 * Sessions where no CSMS is configured: Busbar is the Central System and keeps a bounded book of them (proxy rule 16).
 * Nothing here is ever queued for a CSMS that may be added later.
 */
import type { StoreChange } from '../../core/offline/records.js'
import type { Ledger } from '../session-parts.js'

/** A year of a busy depot; the oldest sessions give way. */
export const MAX_LEDGER_ENTRIES = 20_000

/** `knownIds` are the transaction ids already in the book, oldest first. */
export function createLedger(knownIds: readonly number[]): Ledger {
  const ids = new Set(knownIds)
  return {
    has: transactionId => ids.has(transactionId),
    entered: entry => {
      ids.add(entry.transactionId)
      const changes: StoreChange[] = [{ kind: 'ledger', entry }]
      const oldest = ids.size > MAX_LEDGER_ENTRIES ? ids.values().next().value : undefined
      if (oldest !== undefined) {
        ids.delete(oldest)
        changes.push({ kind: 'ledger-dropped', transactionId: oldest })
      }
      return changes
    },
  }
}
