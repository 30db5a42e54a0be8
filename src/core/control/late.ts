/**
 * Answers that come after their CALL counted as unanswered (control rule 13): what a profile was accepted by is accepted, a
 * laying that waited to try its step again goes on with it, and how long the station needs is known from then on.
 */

import { newestWrite } from '../allocation/booking.js'
import type { CallOutcome } from '../answer.js'
import { noteAnswerTime } from './call.js'
import type { Now } from './now.js'
import { guarded } from './plan-fault.js'
import { setupAnswered } from './setup.js'
import { type ControlState, connectorOf, type OpenCall } from './state.js'
import type { StationControl } from './station.js'
import { profileAnswered } from './write.js'

/** Of the whole site: a station is owed few answers, and a line that closes takes them with it. */
const MAX_LATE = 1_000

/** The CALL has ended as unanswered. */
export function keepLate(
  state: ControlState,
  tag: string,
  call: OpenCall & { readonly sentMs: number },
): void {
  const [oldest] = state.lateCalls.keys()
  if (oldest !== undefined && state.lateCalls.size >= MAX_LATE) state.lateCalls.delete(oldest)
  state.lateCalls.set(tag, call)
  const station = state.stations.get(call.stationId)
  if (station?.setup !== undefined && !station.setup.waiting && isStep(call))
    station.setup = { ...station.setup, lateTag: tag }
}

const isStep = (call: OpenCall): boolean =>
  call.kind === 'setup' || ((call.kind === 'live' || call.kind === 'idle') && call.setup)

export function answeredLate(state: ControlState, tag: string, outcome: CallOutcome, now: Now): void {
  const call = state.lateCalls.get(tag)
  const station = call === undefined ? undefined : state.stations.get(call.stationId)
  if (call === undefined || station === undefined) return
  state.lateCalls.delete(tag)
  guarded(state, station, now, () => take(state, station, { tag, call, outcome }, now))
}

/** What was asked of it before it restarted has no answer any more. */
export function forgetLate(state: ControlState, stationId: string): void {
  for (const [tag, call] of state.lateCalls) if (call.stationId === stationId) state.lateCalls.delete(tag)
}

function take(
  state: ControlState,
  station: StationControl,
  late: { readonly tag: string; readonly call: OpenCall & { sentMs: number }; readonly outcome: CallOutcome },
  now: Now,
): void {
  const { tag, call, outcome } = late
  noteAnswerTime(station, outcome, call.sentMs, now.monoMs)
  if (call.kind === 'live' || call.kind === 'idle') {
    profileAnswered(state, tag, call, outcome, now)
    const connector = connectorOf(state, call.stationId, call.connectorId)
    const newest = connector === undefined ? undefined : newestWrite(connector[call.kind])
    // It need not be written again.
    const isRetry = connector?.due[call.kind]?.cause === 'retry'
    if (connector !== undefined && isRetry && newest?.tag === tag && newest.acceptedMs !== undefined)
      connector.due[call.kind] = undefined
  }
  const { setup } = station
  if (setup?.lateTag !== tag || setup.waiting) return
  station.setup = { ...setup, waiting: true, lateTag: undefined }
  setupAnswered(state, call.stationId, outcome, now)
}
