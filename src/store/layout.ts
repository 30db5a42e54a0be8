/**
 * Where each record lies in the journal, and how its text is read back. The only file that knows the keys.
 * Station identities hold no "/", so it separates; numbers are padded, so byte order is number order.
 * What cannot be read back is reported, never guessed (I6).
 */

import type { BootInfo, StationConfiguration } from '../core/events.js'
import { isFields, listAt, textAt } from '../core/fields.js'
import type { IdTagEntry } from '../core/offline/authorization.js'
import type {
  AnsweredRecord,
  BacklogEntry,
  DeadLetter,
  EnergyTally,
  KeptCredential,
  LedgerEntry,
  LocalList,
  Reservation,
  ShedRecord,
  StationMemory,
  StoreChange,
} from '../core/offline/records.js'
import type { CachedTag, OperatorTag } from '../core/offline/site-tags.js'
import type { TransactionRecord } from '../core/offline/transactions.js'
import type { StatusNotice, StatusRecord } from '../core/station/status-memory.js'
import type { JournalOp } from '../ports.js'

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** Every key of one folder: from <= key < to. "0" follows "/" in byte order. */
export const folder = (name: string): { readonly from: string; readonly to: string } => ({
  from: `${name}/`,
  to: `${name}0`,
})

export const KEYS = {
  memory: (stationId: string) => `station/${stationId}`,
  configuration: (stationId: string) => `configuration/${stationId}`,
  status: (stationId: string, connectorId: number) => `status/${stationId}/${pad(connectorId, 4)}`,
  list: (stationId: string) => `list/${stationId}`,
  reservations: (stationId: string) => `reservations/${stationId}`,
  cached: (idTag: string) => `tag/${encodeURIComponent(idTag)}`,
  operatorTag: (idTag: string) => `operator-tag/${encodeURIComponent(idTag)}`,
  operatorList: 'operator-list',
  transaction: (stationId: string, id: number) => `tx/${stationId}/${pad(id, 10)}`,
  nextTransactionId: 'next/transaction',
  backlog: (stationId: string, seq: number) => `log/${stationId}/${pad(seq, 14)}`,
  dead: (stationId: string, seq: number) => `dead/${stationId}/${pad(seq, 14)}`,
  answered: (stationId: string, slot: number) => `answered/${stationId}/${pad(slot, 4)}`,
  energy: (stationId: string) => `energy/${stationId}`,
  shed: (stationId: string) => `shed/${stationId}`,
  ledger: (transactionId: number) => `ledger/${pad(transactionId, 10)}`,
} as const

/** The journal operation of one change. */
export function operationOf(change: StoreChange): JournalOp {
  switch (change.kind) {
    case 'memory':
      return put(KEYS.memory(change.memory.stationId), change.memory)
    case 'configuration':
      return put(KEYS.configuration(change.stationId), change.configuration)
    case 'status':
      return put(KEYS.status(change.stationId, change.record.connectorId), change.record)
    case 'list':
      return put(KEYS.list(change.stationId), change.list)
    case 'cached': {
      const key = KEYS.cached(change.idTag)
      return change.entry === undefined ? { kind: 'delete', key } : put(key, change.entry)
    }
    case 'operator-tag': {
      const key = KEYS.operatorTag(change.idTag)
      return change.entry === undefined ? { kind: 'delete', key } : put(key, change.entry)
    }
    case 'operator-list':
      return put(KEYS.operatorList, change.changedWallMs)
    case 'reservations':
      return put(KEYS.reservations(change.stationId), change.reservations)
    case 'transaction':
      return put(KEYS.transaction(change.record.stationId, change.record.transactionId), change.record)
    case 'transaction-dropped':
      return { kind: 'delete', key: KEYS.transaction(change.stationId, change.transactionId) }
    case 'next-transaction-id':
      return put(KEYS.nextTransactionId, change.id)
    case 'backlog':
      return put(KEYS.backlog(change.entry.stationId, change.entry.seq), change.entry)
    case 'backlog-done':
      return { kind: 'delete', key: KEYS.backlog(change.stationId, change.seq) }
    case 'dead-letter':
      return put(KEYS.dead(change.letter.stationId, change.letter.seq), change.letter)
    case 'dead-letter-gone':
      return { kind: 'delete', key: KEYS.dead(change.stationId, change.seq) }
    case 'answered':
      return put(KEYS.answered(change.stationId, change.slot), change.record)
    case 'energy':
      return put(KEYS.energy(change.stationId), change.tally)
    case 'shed':
      return put(KEYS.shed(change.record.stationId), change.record)
    case 'ledger':
      return put(KEYS.ledger(change.entry.transactionId), change.entry)
    case 'ledger-dropped':
      return { kind: 'delete', key: KEYS.ledger(change.transactionId) }
  }
}

const put = (key: string, value: unknown): JournalOp => ({ kind: 'put', key, value: JSON.stringify(value) })

/** The tag in a key of its folder; undefined where a damaged key holds none. */
export function tagIn(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

/** The text of a journal entry as JSON; undefined when it is none. */
export function parseText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    // unreadable is an expected case here; the caller reports it with the key
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export function isMemory(value: unknown): value is StationMemory {
  return (
    isFields(value) &&
    typeof value.stationId === 'string' &&
    typeof value.accepted === 'boolean' &&
    typeof value.bootDue === 'boolean' &&
    isTextMap(value.kept) &&
    (value.passesPassword === undefined || typeof value.passesPassword === 'boolean') &&
    (value.intervalS === undefined || typeof value.intervalS === 'number') &&
    (value.boot === undefined || isBoot(value.boot)) &&
    (value.cacheClearedWallMs === undefined || typeof value.cacheClearedWallMs === 'number') &&
    (value.credential === undefined || isCredential(value.credential))
  )
}

function isBoot(value: unknown): value is { payloadText: string; info: BootInfo } {
  if (!isFields(value) || typeof value.payloadText !== 'string') return false
  return textAt(value.info, 'vendor') !== undefined && textAt(value.info, 'model') !== undefined
}

function isCredential(value: unknown): value is KeptCredential {
  return isFields(value) && typeof value.salt === 'string' && typeof value.digest === 'string'
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return isFields(value) && Object.values(value).every(inner => typeof inner === 'string')
}

export function isConfiguration(value: unknown): value is StationConfiguration {
  return (
    isFields(value) &&
    (value.readWallMs === undefined || typeof value.readWallMs === 'number') &&
    (value.firmware === undefined || typeof value.firmware === 'string') &&
    isMapOf(value.keys, isKnownKey) &&
    isMapOf(value.virtual, isVirtualKey) &&
    isMapOf(value.refused, isTextList) &&
    isTextMap(value.chosen) &&
    (value.found === undefined || isTextMap(value.found)) &&
    isTextList(value.rebootRequired)
  )
}

function isKnownKey(value: unknown): boolean {
  if (!isFields(value) || typeof value.readonly !== 'boolean') return false
  return value.value === undefined || typeof value.value === 'string'
}

function isVirtualKey(value: unknown): boolean {
  return (
    isFields(value) &&
    typeof value.set === 'string' &&
    typeof value.csms === 'string' &&
    typeof value.active === 'boolean'
  )
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(inner => typeof inner === 'string')
}

function isMapOf(value: unknown, guard: (inner: unknown) => boolean): boolean {
  return isFields(value) && Object.values(value).every(guard)
}

export function isStatus(value: unknown): value is StatusRecord {
  return (
    isFields(value) &&
    typeof value.connectorId === 'number' &&
    isNotice(value.latest) &&
    Array.isArray(value.missedFaults) &&
    listAt(value, 'missedFaults').every(isNotice) &&
    (value.owed === undefined || typeof value.owed === 'boolean') &&
    (value.acknowledged === undefined || typeof value.acknowledged === 'string')
  )
}

function isNotice(value: unknown): value is StatusNotice {
  return (
    isFields(value) &&
    typeof value.signature === 'string' &&
    typeof value.payloadText === 'string' &&
    typeof value.fault === 'boolean'
  )
}

export function isIdTagEntry(value: unknown): value is IdTagEntry {
  return (
    isFields(value) &&
    typeof value.status === 'string' &&
    (value.expiryWallMs === undefined || typeof value.expiryWallMs === 'number') &&
    (value.parentIdTag === undefined || typeof value.parentIdTag === 'string')
  )
}

export function isLocalList(value: unknown): value is LocalList {
  return (
    isFields(value) &&
    typeof value.version === 'number' &&
    isFields(value.entries) &&
    Object.values(value.entries).every(isIdTagEntry)
  )
}

export function isCachedTag(value: unknown): value is CachedTag {
  return isFields(value) && typeof value.seenWallMs === 'number' && isIdTagEntry(value)
}

export function isOperatorTag(value: unknown): value is OperatorTag {
  return (
    isFields(value) &&
    typeof value.idTag === 'string' &&
    (value.note === undefined || typeof value.note === 'string') &&
    isIdTagEntry(value)
  )
}

export function isReservations(value: unknown): value is readonly Reservation[] {
  return Array.isArray(value) && value.every(isReservation)
}

function isReservation(value: unknown): value is Reservation {
  return (
    isFields(value) &&
    typeof value.reservationId === 'number' &&
    typeof value.connectorId === 'number' &&
    typeof value.idTag === 'string' &&
    typeof value.expiryWallMs === 'number' &&
    (value.parentIdTag === undefined || typeof value.parentIdTag === 'string')
  )
}

const TRANSACTION_STATES: readonly unknown[] = ['open', 'stopped', 'finished']

export function isTransaction(value: unknown): value is TransactionRecord {
  return (
    isFields(value) &&
    typeof value.stationId === 'string' &&
    typeof value.connectorId === 'number' &&
    typeof value.transactionId === 'number' &&
    typeof value.idTag === 'string' &&
    typeof value.meterStartWh === 'number' &&
    typeof value.timestamp === 'string' &&
    typeof value.order === 'number' &&
    TRANSACTION_STATES.includes(value.state) &&
    (value.csmsId === undefined || typeof value.csmsId === 'number') &&
    (value.confText === undefined || typeof value.confText === 'string') &&
    (value.refusedFrom === undefined || isRefusedFrom(value.refusedFrom)) &&
    (value.unknownTag === undefined || isUnknownTag(value.unknownTag)) &&
    (value.heldSinceWallMs === undefined || typeof value.heldSinceWallMs === 'number')
  )
}

function isRefusedFrom(value: unknown): boolean {
  if (!isFields(value) || typeof value.wallMs !== 'number') return false
  return value.registerWh === undefined || typeof value.registerWh === 'number'
}

function isUnknownTag(value: unknown): boolean {
  if (!isFields(value) || typeof value.sinceWallMs !== 'number') return false
  return value.isSpent === undefined || typeof value.isSpent === 'boolean'
}

export function isBacklogEntry(value: unknown): value is BacklogEntry {
  return (
    isFields(value) &&
    typeof value.stationId === 'string' &&
    typeof value.seq === 'number' &&
    typeof value.action === 'string' &&
    typeof value.payloadText === 'string' &&
    typeof value.receivedWallMs === 'number' &&
    (value.shiftMs === undefined || typeof value.shiftMs === 'number') &&
    (value.transactionId === undefined || typeof value.transactionId === 'number')
  )
}

export function isDeadLetter(value: unknown): value is DeadLetter {
  return (
    isFields(value) &&
    typeof value.reason === 'string' &&
    (value.diedWallMs === undefined || typeof value.diedWallMs === 'number') &&
    isBacklogEntry(value)
  )
}

export function isAnswered(value: unknown): value is AnsweredRecord {
  return (
    isFields(value) &&
    typeof value.number === 'number' &&
    typeof value.digest === 'string' &&
    typeof value.answerText === 'string'
  )
}

export function isEnergy(value: unknown): value is EnergyTally {
  return isFields(value) && typeof value.offlineWh === 'number' && typeof value.acceptedWh === 'number'
}

export function isShed(value: unknown): value is ShedRecord {
  return (
    isFields(value) &&
    typeof value.stationId === 'string' &&
    typeof value.count === 'number' &&
    typeof value.fromWallMs === 'number' &&
    typeof value.toWallMs === 'number'
  )
}

export function isLedgerEntry(value: unknown): value is LedgerEntry {
  return (
    isFields(value) &&
    typeof value.transactionId === 'number' &&
    typeof value.stationId === 'string' &&
    typeof value.connectorId === 'number' &&
    typeof value.idTag === 'string' &&
    typeof value.startedAt === 'string' &&
    typeof value.meterStartWh === 'number' &&
    (value.stoppedAt === undefined || typeof value.stoppedAt === 'string') &&
    (value.meterStopWh === undefined || typeof value.meterStopWh === 'number') &&
    (value.isEnergyInDoubt === undefined || value.isEnergyInDoubt === true) &&
    (value.reason === undefined || typeof value.reason === 'string')
  )
}
