/** What control is told of the begin and the end of a session (control rule 8). */
import type { StationEvent, TransactionEnd } from '../../core/events.js'
import { textAt, timeAt, toWallMs } from '../../core/fields.js'
import { isRegister } from '../../core/measuring/meter-values.js'
import type { TransactionRecord } from '../../core/offline/transactions.js'
import { energyOf } from './energy.js'

/** The longest of the standard has 14. */
const MAX_REASON_CHARS = 20
/** A start further ahead or back than this is a clock that was not set; it counts from now. */
const MOST_AHEAD_MS = 86_400_000
const LONGEST_SESSION_MS = 366 * 86_400_000

export function startOf(record: TransactionRecord, nowWallMs: number): StationEvent {
  return {
    kind: 'transaction-started',
    stationId: record.stationId,
    connectorId: record.connectorId,
    transactionId: record.transactionId,
    idTag: record.idTag,
    meterStartWh: isRegister(record.meterStartWh) ? record.meterStartWh : undefined,
    startedWallMs: startedWallMs(record.timestamp, nowWallMs),
    ...(record.idTag === '' && record.timestamp === '' && { adopted: true as const }),
  }
}

/** What a StopTransaction says of the session, beside that it has ended. */
export function endOf(
  record: TransactionRecord,
  payload: unknown,
  ratedW: (connectorId: number) => number,
): TransactionEnd {
  const reason = textAt(payload, 'reason')?.slice(0, MAX_REASON_CHARS)
  const wallMs = timeAt(payload, 'timestamp')
  const energyWh = energyOf(payload, record, ratedW)
  return {
    ...(reason !== undefined && { reason }),
    ...(wallMs !== undefined && { wallMs }),
    ...(energyWh !== undefined && { energyWh }),
    ...(record.stoppedHere === true && { byBusbar: true as const }),
  }
}

function startedWallMs(timestamp: string, nowWallMs: number): number {
  const givenMs = toWallMs(timestamp)
  const isPlausible =
    givenMs !== undefined && givenMs <= nowWallMs + MOST_AHEAD_MS && givenMs >= nowWallMs - LONGEST_SESSION_MS
  return isPlausible ? givenMs : nowWallMs
}
