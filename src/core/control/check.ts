/**
 * Whether the profile that a station accepted is the one in force: asked once its clock is not proven yet and the
 * answer could tell, by GetCompositeSchedule (control rules 6, 9). An answer that cannot tell is not asked for often.
 */
import { newestWrite } from '../allocation/booking.js'
import type { CallOutcome } from '../answer.js'
import { readBack } from '../schedule/read-back.js'
import { callStation } from './call.js'
import type { ConnectorControl } from './connector.js'
import type { Now } from './now.js'
import { type Judgement, judgeReadBack, READ_BACK_S, takeClockEvidence } from './read-back.js'
import { type ControlState, connectorOf, csmsStepsOf, note, type OpenCall } from './state.js'
import { clockOf, type StationControl } from './station.js'
import { wattsRead } from './watts.js'
import type { WriteCause } from './write-cause.js'

/** The same question again, where the first answer said nothing. */
const AGAIN_MS = 60_000
/** Where the station cannot answer it. */
const UNREADABLE_AGAIN_MS = 900_000
/** A clock that was found wrong is given another chance. */
export const DOUBT_MS = 600_000

/** Asks for the connectors whose answer is due. */
export function checkInForce(state: ControlState, station: StationControl, now: Now): void {
  if (station.clockDoubt === 'read-back' && now.monoMs >= station.doubtUntilMs) {
    station.clockDoubt = undefined
    rewriteSoon(station, now, 'clock')
  }
  if (station.clockProven || clockOf(station) === undefined) return
  for (const connector of station.connectors) {
    if (now.monoMs < connector.checkNotBeforeMs) continue
    const { transaction, live, idle, defaultsVerified } = connector
    // Without a session what lies there is verified first (setup.ts).
    if (transaction === undefined && !defaultsVerified) continue
    const write = newestWrite(transaction === undefined ? idle : live)
    if (write?.acceptedMs === undefined || write.offerA === write.failSafeA) continue
    connector.checkNotBeforeMs = now.monoMs + AGAIN_MS
    askComposite(state, station, connector, { kind: 'check', now })
  }
}

/** One GetCompositeSchedule, in amps wherever the station takes them. */
export function askComposite(
  state: ControlState,
  station: StationControl,
  { id, transaction }: Pick<ConnectorControl, 'id' | 'transaction'>,
  { kind, now }: { readonly kind: 'check' | 'setup'; readonly now: Now },
): void {
  const at = { stationId: station.id, connectorId: id }
  callStation(
    state,
    station,
    {
      open:
        kind === 'check' ? { kind, ...at, transactionId: transaction?.id } : { kind, stationId: station.id },
      urgency: 'normal',
      action: 'GetCompositeSchedule',
      payload: {
        connectorId: id,
        duration: READ_BACK_S,
        chargingRateUnit: station.model.smartCharging.rateUnits.includes('A') ? 'A' : 'W',
      },
    },
    now,
  )
}

/** The judgement of an answer about one connector, and what it says of the station's clock. */
export function judgeAnswer(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  at: { readonly outcome: CallOutcome; readonly now: Now },
): Judgement {
  const { outcome, now } = at
  const csmsLimitA = csmsStepsOf(state, connector, now.wallMs, now.wallMs + 1000)[0]?.limitA
  const read = readBack(outcome, wattsRead(state, connector))
  const judgement = judgeReadBack(read, connector, {
    csmsLimitA,
    clockMs: clockOf(station)?.offsetMs,
    nowMs: now.monoMs,
  })
  if (!takeClockEvidence(station, judgement, now.monoMs) || judgement.kind !== 'later') return judgement
  station.doubtUntilMs = now.monoMs + DOUBT_MS
  rewriteSoon(station, now, 'clock')
  note(state, 'warn', 'station clock doubted', {
    station: station.id,
    connector: connector.id,
    readA: judgement.readA,
    expectedA: judgement.expectedA,
  })
  return judgement
}

/** False when the station holds more than was written: what lies on it must be laid anew. */
export function checkAnswered(
  state: ControlState,
  call: OpenCall & { readonly kind: 'check' },
  outcome: CallOutcome,
  now: Now,
): boolean {
  const station = state.stations.get(call.stationId)
  const connector = connectorOf(state, call.stationId, call.connectorId)
  if (station === undefined || connector === undefined) return true
  // Another session, or none any more: what was asked for is gone.
  if (connector.transaction?.id !== call.transactionId) return true
  if (outcome.kind === 'closed' || outcome.kind === 'timeout') return true
  const judgement = judgeAnswer(state, station, connector, { outcome, now })
  if (judgement.kind === 'unreadable') connector.checkNotBeforeMs = now.monoMs + UNREADABLE_AGAIN_MS
  return judgement.kind !== 'over'
}

/** What lies on the station no longer fits: write it anew at the next decision. */
export function rewriteSoon(station: StationControl, now: Now, cause: WriteCause): void {
  for (const connector of station.connectors) {
    connector.due.live = { atMs: now.monoMs, cause }
    connector.due.idle = { atMs: now.monoMs, cause }
  }
}
