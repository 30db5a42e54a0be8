/**
 * What the CSMS knows of a connector's status and what it still has to be told after an outage: the latest state
 * where it differs from the last acknowledged one, and faults that came and went meanwhile. Proxy rule 3.
 */
import { textAt } from '../fields.js'

export interface StatusNotice {
  /** (status, errorCode, info, vendorErrorCode) as one text. */
  readonly signature: string
  /** As the station sent it, its timestamp included. */
  readonly payloadText: string
  readonly fault: boolean
}

export interface StatusRecord {
  readonly connectorId: number
  readonly latest: StatusNotice
  /** The station was answered for it by Busbar; else it repeats it by itself. */
  readonly owed?: boolean
  /** Signature the CSMS answered last. */
  readonly acknowledged?: string
  /** Faults the CSMS never heard of that are no longer the latest state; oldest first. */
  readonly missedFaults: readonly StatusNotice[]
}

/** A connector that flaps must not fill the disk: the oldest faults give way. */
export const MAX_MISSED_FAULTS = 20

export function statusNoticeOf(payload: unknown, payloadText: string): StatusNotice {
  const errorCode = textAt(payload, 'errorCode')
  return {
    signature: JSON.stringify([
      textAt(payload, 'status'),
      errorCode,
      textAt(payload, 'info'),
      textAt(payload, 'vendorErrorCode'),
    ]),
    payloadText,
    fault: errorCode !== undefined && errorCode !== 'NoError',
  }
}

/** The station said so. */
export function noteStatus(
  before: StatusRecord | undefined,
  connectorId: number,
  notice: StatusNotice,
): StatusRecord {
  if (before === undefined) return { connectorId, latest: notice, missedFaults: [] }
  const missed =
    before.latest.fault &&
    before.acknowledged !== before.latest.signature &&
    before.latest.signature !== notice.signature
  return {
    ...before,
    latest: notice,
    owed: false,
    missedFaults: missed
      ? [...before.missedFaults, before.latest].slice(-MAX_MISSED_FAULTS)
      : before.missedFaults,
  }
}

/** Busbar answered the station for this notice: the CSMS is to get it later. */
export function oweStatus(record: StatusRecord, notice: StatusNotice): StatusRecord {
  return record.latest.payloadText === notice.payloadText ? { ...record, owed: true } : record
}

/** The CSMS answered this notice. */
export function acknowledgeStatus(record: StatusRecord, notice: StatusNotice): StatusRecord {
  return {
    ...record,
    acknowledged: notice.signature,
    missedFaults: record.missedFaults.filter(fault => fault.payloadText !== notice.payloadText),
  }
}

/** What to send now, in order. */
export function dueStatuses(record: StatusRecord): readonly StatusNotice[] {
  const last = record.missedFaults.at(-1)?.signature ?? record.acknowledged
  return last === record.latest.signature || record.owed !== true
    ? record.missedFaults
    : [...record.missedFaults, record.latest]
}
