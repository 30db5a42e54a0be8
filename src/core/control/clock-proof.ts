/**
 * What tells where a station's clock stands, and what keeps that young (control rules 6, 9). Its messages tell by their
 * times, but a Heartbeat has none, and without a session most stations send nothing else. A clock that jumps then is seen
 * by nobody, and what was written by it is at once in another period: its last one, or not begun at all. What depends on
 * that is read back before the proof is old, or else the station is asked for a message with its time; where neither tells,
 * the booking is the worst of all periods (`evidence.ts`).
 */
import { MAX_CLOCK_BOUND_S } from '../site/promise.js'
import { callStation } from './call.js'
import { askComposite, DOUBT_MS, rewriteSoon } from './check.js'
import { type ConnectorControl, laidFailSafeA, pauseA } from './connector.js'
import type { Now } from './now.js'
import { governing, wouldTell } from './read-back.js'
import type { ControlState } from './state.js'
import { clockOf, clockSeen, isClockOld, type StationControl, shownClock } from './station.js'

/** A clock that was set by more than this: its schedules are written anew. */
const CLOCK_MOVED_MS = 2_000
/** Most stations with a session tell the time more often by themselves. */
const RENEW_AFTER_MS = 60_000
/** The same question again, before the proof is old. */
const RENEW_AGAIN_MS = 10_000
/** A clock that was set back needs some messages to be told from a queue that is emptied. */
const SHOWS_WITHIN_MS = 90_000
/** And once nothing has told. */
const RENEW_SELDOM_MS = 60_000

/** A message of now tells the station's time. */
export function clockTold(
  state: ControlState,
  station: StationControl,
  stationWallMs: number,
  now: Now,
): void {
  // Just after a jump of ours, a station that does not follow yet will jump by itself: its clock says nothing.
  const isOff = Math.abs(stationWallMs - now.wallMs) > MAX_CLOCK_BOUND_S * 1000
  const before = shownClock(station)
  if (now.monoMs < state.clockStrictUntilMs && isOff) {
    // Nor does what it showed before, if it had followed: then its clock was set a second time.
    station.clockOffsetsMs = []
    station.clockProven = false
    if (before !== undefined && station.clockDoubt === undefined) rewriteSoon(station, now, 'clock')
    return
  }
  station.clockOffsetsMs = clockSeen(station.clockOffsetsMs, stationWallMs, now.monoMs)
  const after = shownClock(station)
  if (after === undefined) return
  station.clockShownMs = now.monoMs
  const isNew = before === undefined || Math.abs(after.offsetMs - before.offsetMs) > CLOCK_MOVED_MS
  if (!isNew) return
  // What was seen in force was written by another clock; so was what seemed to run by another one.
  station.clockProven = false
  if (station.clockDoubt === 'read-back') station.clockDoubt = undefined
  if (station.clockDoubt === undefined) rewriteSoon(station, now, 'clock')
}

/** Asks again where the clock stands, before it is too long ago that something told. */
export function renewClock(state: ControlState, station: StationControl, now: Now): void {
  const { clockShownMs, clockAskMs, clockDoubt, clockProven, withoutTrigger } = station
  if (now.monoMs - clockShownMs < RENEW_AFTER_MS || now.monoMs < clockAskMs) return
  if (!clockProven && clockDoubt !== 'read-back') return
  const dependent = station.connectors.filter(clockDoubt === undefined ? dependsOnClock : wouldDepend)
  const [first] = dependent
  if (first === undefined) return
  station.clockAskMs = now.monoMs + (mayStillTell(station, now) ? RENEW_AGAIN_MS : RENEW_SELDOM_MS)
  const clockMs = clockOf(station)?.offsetMs
  const telling = dependent.find(
    connector => connector.unread === undefined && wouldTell(connector, clockMs, now.monoMs),
  )
  if (telling !== undefined) askComposite(state, station, telling, { kind: 'check', now })
  else if (!withoutTrigger) {
    const payload = { requestedMessage: 'StatusNotification', connectorId: first.id }
    const open = { kind: 'ask', stationId: station.id } as const
    callStation(state, station, { open, action: 'TriggerMessage', payload, urgency: 'normal' }, now)
  }
}

/** Before the proof is old, or while a clock that was just found wrong may show where it stands now. */
function mayStillTell(station: StationControl, { monoMs }: Now): boolean {
  if (station.clockDoubt === undefined) return !isClockOld(station, monoMs)
  return monoMs < station.doubtUntilMs - DOUBT_MS + SHOWS_WITHIN_MS
}

/** While its clock is in doubt it is left at its fail-safe. */
function wouldDepend(connector: ConnectorControl): boolean {
  return pauseA(connector) < laidFailSafeA(connector)
}

/** More could flow there if the clock were another. */
function dependsOnClock(connector: ConnectorControl): boolean {
  const write = governing(connector)
  return write !== undefined && write.offerA < write.failSafeA
}
