/**
 * What the CSMS knows of a connector's status and what it still has to be told after an outage: the latest state
 * where it differs from the last acknowledged one, and faults that came and went meanwhile. Proxy rule 3.
 */
import { integerAt, textAt } from '../fields.js'

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

/** The longest the standard allows has some 700; a longer one is kept in the standard's fields, cut to its lengths. */
const MAX_KEPT_CHARS = 1_500
const FIELDS: ReadonlyMap<string, number> = new Map([
  ['status', 20],
  ['errorCode', 30],
  ['info', 50],
  ['vendorId', 255],
  ['vendorErrorCode', 50],
  ['timestamp', 40],
])

export function statusNoticeOf(payload: unknown, payloadText: string): StatusNotice {
  const field = (key: string): string | undefined => textAt(payload, key)?.slice(0, FIELDS.get(key))
  const errorCode = field('errorCode')
  return {
    signature: JSON.stringify([field('status'), errorCode, field('info'), field('vendorErrorCode')]),
    payloadText: payloadText.length <= MAX_KEPT_CHARS ? payloadText : shortened(payload, field),
    fault: errorCode !== undefined && errorCode !== 'NoError',
  }
}

function shortened(payload: unknown, field: (key: string) => string | undefined): string {
  const texts = [...FIELDS.keys()].map(key => [key, field(key)])
  return JSON.stringify({ connectorId: integerAt(payload, 'connectorId') ?? 0, ...Object.fromEntries(texts) })
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
