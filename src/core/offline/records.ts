/**
 * What must outlive a restart, per station, and the door through which it is kept. The records are plain data; how
 * they lie in the journal is known to `store/` alone. Design §6 I2-I4; proxy rules 8-16.
 */

import type { BootInfo, StationConfiguration } from '../events.js'
import type { StatusRecord } from '../station/status-memory.js'
import type { IdTagEntry } from './authorization.js'
import type { StoredTags, TagChange } from './site-tags.js'
import type { TransactionRecord } from './transactions.js'

export interface StationMemory {
  readonly stationId: string
  /** The CSMS (or Busbar without one) has accepted a BootNotification at least once. */
  readonly accepted: boolean
  readonly boot?: { readonly payloadText: string; readonly info: BootInfo }
  /** The station booted and the CSMS has not answered that boot yet. */
  readonly bootDue: boolean
  /** Heartbeat interval of the last accepted boot, seconds. */
  readonly intervalS?: number
  /** Newest payload per action that is kept, not queued (firmware, diagnostics and log status). */
  readonly kept: Readonly<Record<string, string>>
  /** A ClearCache the station accepted last. */
  readonly cacheClearedWallMs?: number
  /** The last credentials the CSMS has let in, where it is the one who judges them (proxy rule 8). */
  readonly credential?: KeptCredential
}

/** Of an Authorization header, salted. */
export interface KeptCredential {
  readonly salt: string
  readonly digest: string
}

/** The local list as the station accepted it; tags in `idTagKey` form. */
export interface LocalList {
  readonly version: number
  readonly entries: Readonly<Record<string, IdTagEntry>>
}

/** One message the station was answered for and the CSMS has not had yet. */
export interface BacklogEntry {
  readonly stationId: string
  /** Rises by arrival; the order of delivery. */
  readonly seq: number
  readonly action: string
  /** As the station sent it: the ids inside are the station's. */
  readonly payloadText: string
  /** Station-side id of the transaction it belongs to, once resolved. */
  readonly transactionId?: number
  readonly receivedWallMs: number
}

/** A ReserveNow the station accepted. */
export interface Reservation {
  readonly reservationId: number
  /** 0 = any one of the station. */
  readonly connectorId: number
  readonly idTag: string
  readonly parentIdTag?: string
  readonly expiryWallMs: number
}

export interface DeadLetter extends BacklogEntry {
  readonly reason: string
}

/** A finished or running session where no CSMS is configured (proxy rule 16). */
export interface LedgerEntry {
  readonly transactionId: number
  readonly stationId: string
  readonly connectorId: number
  readonly idTag: string
  readonly startedAt: string
  readonly meterStartWh: number
  readonly stoppedAt?: string
  readonly meterStopWh?: number
  readonly reason?: string
}

export type StoreChange =
  | { readonly kind: 'memory'; readonly memory: StationMemory }
  | {
      readonly kind: 'configuration'
      readonly stationId: string
      readonly configuration: StationConfiguration
    }
  | { readonly kind: 'status'; readonly stationId: string; readonly record: StatusRecord }
  | { readonly kind: 'list'; readonly stationId: string; readonly list: LocalList }
  | {
      readonly kind: 'reservations'
      readonly stationId: string
      readonly reservations: readonly Reservation[]
    }
  | TagChange
  | { readonly kind: 'transaction'; readonly record: TransactionRecord }
  | { readonly kind: 'transaction-dropped'; readonly stationId: string; readonly transactionId: number }
  | { readonly kind: 'next-transaction-id'; readonly id: number }
  | { readonly kind: 'backlog'; readonly entry: BacklogEntry }
  | { readonly kind: 'backlog-done'; readonly stationId: string; readonly seq: number }
  | { readonly kind: 'dead-letter'; readonly letter: DeadLetter }
  | { readonly kind: 'ledger'; readonly entry: LedgerEntry }
  | { readonly kind: 'ledger-dropped'; readonly transactionId: number }

/** Everything known of one station at start. */
export interface StoredStation {
  readonly memory: StationMemory
  readonly configuration: StationConfiguration
  readonly statuses: readonly StatusRecord[]
  readonly list: LocalList
  readonly reservations: readonly Reservation[]
  readonly backlogCount: number
  /** The newest entries, oldest first: a station repeats only what it sent last. */
  readonly backlogTail: readonly BacklogEntry[]
}

export interface StoredSite {
  readonly transactions: readonly TransactionRecord[]
  readonly nextTransactionId: number | undefined
  readonly ledgerIds: readonly number[]
  readonly tags: StoredTags
}

export interface StationStore {
  site(): Promise<StoredSite>
  station(stationId: string): Promise<StoredStation>
  /** Sessions kept where no CSMS is configured, oldest first. */
  ledger(): Promise<readonly LedgerEntry[]>
  /** All or none, in call order; with `durable` settles when it survives a power cut. Rejects when the disk fails. */
  commit(changes: readonly StoreChange[], durable: boolean): Promise<void>
  /** Waiting messages with seq > `afterSeq`, in order, at most `limit`. */
  backlog(stationId: string, afterSeq: number, limit: number): Promise<readonly BacklogEntry[]>
}

export function freshMemory(stationId: string): StationMemory {
  return { stationId, accepted: false, bootDue: false, kept: {} }
}
