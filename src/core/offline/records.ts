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
  /** It shows the CSMS a password that is not kept here: nothing is sent for it before it comes. */
  readonly passesPassword?: boolean
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
  /** What its times of an unset clock are behind `receivedWallMs` (unset-times.ts). */
  readonly shiftMs?: number
}

/** Security events are numbered below, transaction messages from here on: those go up first. */
export const TRANSACTIONS_FROM_SEQ = 1e12

/** A ReserveNow the station accepted. */
export interface Reservation {
  readonly reservationId: number
  /** 0 = any one of the station. */
  readonly connectorId: number
  readonly idTag: string
  readonly parentIdTag?: string
  readonly expiryWallMs: number
}

/** One the CSMS would not take, or one that waits because its StartTransaction was not taken (proxy rule 15). */
export interface DeadLetter extends BacklogEntry {
  readonly reason: string
  readonly diedWallMs?: number
}

/** What a station was answered lately, by a digest of its message (I4). */
export interface AnsweredRecord {
  /** Rises with each. */
  readonly number: number
  readonly digest: string
  readonly answerText: string
}

/** MeterValues that were given up because too much waited (I9). */
export interface ShedRecord {
  readonly stationId: string
  readonly count: number
  readonly fromWallMs: number
  readonly toWallMs: number
}

/**
 * Energy of sessions that ended here while the CSMS could not be asked, and how much of it the CSMS has taken since.
 * Where nothing waits and no letter is dead the two are equal.
 */
export interface EnergyTally {
  readonly offlineWh: number
  readonly acceptedWh: number
}

export const NO_ENERGY: EnergyTally = { offlineWh: 0, acceptedWh: 0 }

/** What waits for one station, as it lies on the disk. */
export interface Waiting {
  readonly count: number
  readonly bytes: number
  /** When the oldest came. */
  readonly oldestWallMs?: number
  /** The highest number below `TRANSACTIONS_FROM_SEQ`. */
  readonly lastAheadSeq?: number
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
  /** Its registers cannot be: what it took nobody knows. */
  readonly isEnergyInDoubt?: true
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
  | { readonly kind: 'dead-letter-gone'; readonly stationId: string; readonly seq: number }
  | {
      readonly kind: 'answered'
      readonly stationId: string
      readonly slot: number
      readonly record: AnsweredRecord
    }
  | { readonly kind: 'shed'; readonly record: ShedRecord }
  | { readonly kind: 'energy'; readonly stationId: string; readonly tally: EnergyTally }
  | { readonly kind: 'ledger'; readonly entry: LedgerEntry }
  | { readonly kind: 'ledger-dropped'; readonly transactionId: number }

/** Everything known of one station at start. */
export interface StoredStation {
  readonly memory: StationMemory
  readonly configuration: StationConfiguration
  readonly statuses: readonly StatusRecord[]
  readonly list: LocalList
  readonly reservations: readonly Reservation[]
  readonly waiting: Waiting
  /** The newest entries, oldest first: a station repeats only what it sent last. */
  readonly backlogTail: readonly BacklogEntry[]
  readonly answered: readonly AnsweredRecord[]
  readonly shed: ShedRecord | undefined
  readonly energy: EnergyTally
  readonly deadLetters: number
}

export interface StoredSite {
  readonly transactions: readonly TransactionRecord[]
  readonly nextTransactionId: number | undefined
  readonly ledgerIds: readonly number[]
  readonly tags: StoredTags
}

export interface StationStore {
  site(): Promise<StoredSite>
  /** What is known of each of these, at start. */
  stations(stationIds: readonly string[]): Promise<ReadonlyMap<string, StoredStation>>
  /** Sessions kept where no CSMS is configured, oldest first. */
  ledger(): Promise<readonly LedgerEntry[]>
  /** All or none, in call order; with `durable` settles when it survives a power cut. Rejects when the disk fails. */
  commit(changes: readonly StoreChange[], durable: boolean): Promise<void>
  /** Waiting messages with seq > `afterSeq`, in order, at most `limit`. */
  backlog(stationId: string, afterSeq: number, limit: number): Promise<readonly BacklogEntry[]>
  /** All that waits for the station, counted anew on the disk. */
  waiting(stationId: string): Promise<Waiting>
  /** Of all stations, or of one, in order. */
  deadLetters(stationId?: string): Promise<readonly DeadLetter[]>
  /** Stations for which messages wait, configured or not. */
  stationsWithBacklog(): Promise<readonly string[]>
}

export function freshMemory(stationId: string): StationMemory {
  return { stationId, accepted: false, bootDue: false, kept: {} }
}
