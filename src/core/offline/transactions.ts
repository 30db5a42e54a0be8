/**
 * Which transaction is meant. A station and its CSMS may know the same transaction by two ids; this book maps both
 * ways, for all stations of the site, and never lets a collision misroute (I4; proxy rules 7 and 15). It holds no
 * IO and no clock: what it changes, it returns, and the caller makes it durable.
 */

import { SpentTags } from './spent-tags.js'
import { StationRecords } from './station-records.js'

/** First and last id Busbar gives by itself: positive, below 2^31, far above what CSMSs count through. */
export const FIRST_LOCAL_ID = 1_500_000_000
export const LAST_LOCAL_ID = 2_147_483_646

/**
 * Where what waits for the CSMS cannot be read: the Start of this session may lie there, so that the CSMS has not heard of
 * it, or knows it by another id than the station. `record`: what is known of it here.
 */
export function mayHaveBegunUnheard(record: TransactionRecord | undefined, transactionId: number): boolean {
  if (record !== undefined && record.timestamp !== '') return record.csmsId === undefined
  return transactionId >= FIRST_LOCAL_ID && transactionId <= LAST_LOCAL_ID
}

/** What a station calls a transaction whose Start was never answered. */
const NO_ID = -1

/** What makes a StartTransaction the same one when it is sent again. */
export interface StartFacts {
  readonly connectorId: number
  readonly idTag: string
  readonly meterStartWh: number
  /** As written by the station. */
  readonly timestamp: string
}

export interface TransactionRecord extends StartFacts {
  readonly stationId: string
  /** The id the station knows. */
  readonly transactionId: number
  /** The id the CSMS knows; -1 when its Start could never be delivered; absent until it answers. */
  readonly csmsId?: number
  /** `stopped`: the station has ended it, the CSMS may not know yet. `finished`: both do. */
  readonly state: 'open' | 'stopped' | 'finished'
  /** Payload of the StartTransaction.conf the station got, for its own retry. */
  readonly confText?: string
  /** The CSMS refused the idTag after the station had been told Accepted. */
  readonly refusedLate?: boolean
  /** Since when it is refused, and where its energy register stood then: what it may still take is counted from here. */
  readonly refusedFrom?: { readonly wallMs: number; readonly registerWh?: number }
  /** Begun here by a tag nobody knows, and the CSMS has not spoken about it yet; `isSpent`: it has had its cap. */
  readonly unknownTag?: { readonly sinceWallMs: number; readonly isSpent?: boolean }
  /** The station has agreed to stop it for that. */
  readonly stoppedHere?: boolean
  /** Since when its StartTransaction is a dead letter: the rest of the session waits for a decision (proxy rule 15). */
  readonly heldSinceWallMs?: number
  /** Only its Stop was seen: it is none that could be meant, and none that is adopted. */
  readonly isStray?: true
  /** Rises with each new record: tells the oldest open one. */
  readonly order: number
}

export interface TransactionBook {
  /** The same Start seen before (same connector, idTag, meter and time), not finished. */
  sameStart(stationId: string, facts: StartFacts): TransactionRecord | undefined
  /** A new transaction. `csmsId` is kept as the station's id where positive and free, else mapped. */
  begin(stationId: string, facts: StartFacts, csmsId: number | undefined): TransactionRecord
  /**
   * A transaction that began before Busbar was there: both sides know it by `transactionId`. None whose end was seen: what
   * comes after a Stop is late, and begins nothing.
   */
  adopt(stationId: string, facts: StartFacts, transactionId: number): TransactionRecord | undefined
  /** A Stop of one that nobody knows: what is to be kept of it, and what is kept no longer. */
  strayStop(
    stationId: string,
    transactionId: number,
  ): readonly [TransactionRecord, TransactionRecord[]] | undefined
  byStationId(stationId: string, transactionId: number): TransactionRecord | undefined
  /** The newest unfinished one the CSMS knows by this id. */
  byCsmsId(stationId: string, csmsId: number): TransactionRecord | undefined
  openOn(stationId: string, connectorId: number): TransactionRecord | undefined
  /**
   * By id; an id that matches nothing is never guessed. -1 (a Start nobody answered, errata 3.18) is the open one of the
   * connector; without a connector the only open one whose station was told no id.
   */
  resolve(stationId: string, transactionId: number, connectorId?: number): TransactionRecord | undefined
  /** Replaces the record of the same station and id. Gives the finished ones that are now too many and were dropped. */
  put(record: TransactionRecord): readonly TransactionRecord[]
  /** Takes back a record that could not be made durable. */
  drop(record: TransactionRecord): void
  /**
   * Those of a station that are too many to be real, oldest first: it has begun more sessions than it has connectors, or
   * never ends any. The caller ends them.
   */
  surplus(stationId: string): readonly TransactionRecord[]
  /** Unfinished ones of a station, oldest first. */
  unfinished(stationId: string): readonly TransactionRecord[]
  /** A session of this tag has had all that an unknown one may take, and the CSMS has not heard of it yet. */
  isSpent(idTag: string): boolean
  nextLocalId(): number
}

export function createTransactionBook(
  stored: readonly TransactionRecord[],
  nextLocalId: number | undefined,
): TransactionBook {
  const byStation = new Map<string, StationRecords<TransactionRecord>>()
  /** Station-side ids in use anywhere on the site. */
  const live = new Map<number, string>()
  const spent = new SpentTags()
  let next = nextLocalId ?? FIRST_LOCAL_ID
  let order = 0

  const recordsOf = (stationId: string): StationRecords<TransactionRecord> => {
    const found = byStation.get(stationId)
    if (found !== undefined) return found
    const made = new StationRecords<TransactionRecord>()
    byStation.set(stationId, made)
    return made
  }
  const enter = (record: TransactionRecord): void => {
    recordsOf(record.stationId).enter(record)
    order = Math.max(order, record.order + 1)
    // its id may be another station's
    if (record.isStray === true) return
    spent.note(record)
    if (record.state === 'finished') live.delete(record.transactionId)
    else live.set(record.transactionId, record.stationId)
  }
  const freshId = (): number => {
    while (live.has(next)) next = next >= LAST_LOCAL_ID ? FIRST_LOCAL_ID : next + 1
    const id = next
    next = id >= LAST_LOCAL_ID ? FIRST_LOCAL_ID : id + 1
    return id
  }
  const isId = (id: number): boolean => Number.isSafeInteger(id) && id > 0 && id <= 2_147_483_647
  const isFree = (id: number): boolean => isId(id) && !live.has(id)
  const openOn = (stationId: string, connectorId: number): TransactionRecord | undefined =>
    recordsOf(stationId).openOn(connectorId)

  for (const record of [...stored].sort((a, b) => a.order - b.order)) enter(record)

  return {
    sameStart: (stationId, facts) => recordsOf(stationId).sameStart(facts),
    begin: (stationId, facts, csmsId) => {
      const transactionId = csmsId !== undefined && isFree(csmsId) ? csmsId : freshId()
      const record: TransactionRecord = {
        ...facts,
        stationId,
        transactionId,
        ...(csmsId === undefined ? {} : { csmsId }),
        state: 'open',
        order,
      }
      enter(record)
      return record
    },
    adopt: (stationId, facts, transactionId) => {
      const records = recordsOf(stationId)
      if (!isFree(transactionId) || records.get(transactionId) !== undefined) return undefined
      if (records.hasEnded(transactionId)) return undefined
      const record: TransactionRecord = {
        ...facts,
        stationId,
        transactionId,
        csmsId: transactionId,
        state: 'open',
        order,
      }
      enter(record)
      return record
    },
    strayStop: (stationId, transactionId) => {
      const records = recordsOf(stationId)
      if (!isId(transactionId) || records.get(transactionId) !== undefined) return undefined
      if (records.hasEnded(transactionId)) return undefined
      const record: TransactionRecord = {
        ...{ stationId, transactionId, connectorId: 0, idTag: '', meterStartWh: -1, timestamp: '' },
        ...{ state: 'finished', isStray: true, order },
      }
      enter(record)
      return [record, [...records.dropSurplus()]]
    },
    byStationId: (stationId, transactionId) => recordsOf(stationId).get(transactionId),
    byCsmsId: (stationId, csmsId) => recordsOf(stationId).byCsmsId(csmsId),
    openOn,
    resolve: (stationId, transactionId, connectorId) =>
      transactionId === NO_ID
        ? connectorId === undefined
          ? recordsOf(stationId).onlyUntold()
          : openOn(stationId, connectorId)
        : recordsOf(stationId).get(transactionId),
    put: record => {
      enter(record)
      return recordsOf(record.stationId).dropSurplus()
    },
    drop: record => {
      recordsOf(record.stationId).forget(record.transactionId)
      live.delete(record.transactionId)
      spent.note({ ...record, state: 'finished' })
    },
    unfinished: stationId => recordsOf(stationId).unfinished(),
    surplus: stationId => recordsOf(stationId).surplus(),
    isSpent: idTag => spent.has(idTag),
    nextLocalId: () => next,
  }
}
