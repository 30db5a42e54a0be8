/**
 * A station whose GetCompositeSchedule says nothing: an error, no limits, no answer (control rules 7, 9). It is verified by
 * measurement instead: where its whole rating is booked and fits, it is offered that, then a little less than the car takes,
 * and what a sample shows 11 s after the station has accepted it is the proof. Until then it keeps at least its fail-safe
 * and is booked at its most. It is asked again with growing pauses.
 */
import { newestWrite, PROOF_AFTER_MS, PROOF_TOLERANCE_A } from '../allocation/booking.js'
import { type ConnectorControl, freshReading, isVerified, laidFailSafeA, type Unread } from './connector.js'
import { keepLess } from './keep.js'
import type { Now } from './now.js'
import { overshoot } from './overshoot.js'
import { mostDrawnA } from './sample.js'
import { isTidying } from './setup-steps.js'
import { type ControlState, csmsStepsOf, note } from './state.js'
import { clockOf, type StationControl } from './station.js'
import { writeLive } from './write.js'

const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000
/** A lower by less is within metering error and ripple. */
const TEST_STEP_A = 3
/** A car that does not show a lower by then shows nothing. */
const TEST_MS = 60_000

/** Again nothing could be read. */
export function unreadAgain(before: Unread | undefined, nowMs: number): Unread {
  const pauseMs = before === undefined ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 2 * before.pauseMs)
  return { testFromMs: nowMs, ...before, askAtMs: nowMs + pauseMs, pauseMs }
}

/** The next write of the trial at each connector that is not verified and could not be read. */
export function tryUnread(state: ControlState, station: StationControl, now: Now): void {
  if (!station.connected || station.withoutSmartCharging || station.planFault !== undefined) return
  if (station.setup !== undefined && !isTidying(station.setup)) return
  for (const connector of station.connectors) {
    if (connector.unread === undefined || connector.transaction === undefined || isVerified(connector))
      continue
    tryOne(state, station, connector, { unread: connector.unread, now })
  }
}

function tryOne(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  { unread, now }: { readonly unread: Unread; readonly now: Now },
): void {
  const { maxCurrentA } = connector.config
  const floorA = laidFailSafeA(connector)
  const write = (offerA: number): void =>
    writeLive(state, station, connector, {
      offerA,
      now,
      setup: false,
      cause: offerA < connector.offerA ? 'lower' : 'raise',
    })
  const newest = newestWrite(connector.live)
  // What it is booked at does not fit: then it gets what is always kept for it.
  const isBlocked = state.raiseBlocked[connector.node] === true && (newest?.offerA ?? 0) <= floorA
  const isTight = isBlocked || overshoot(state, connector, state.bookedA, now.monoMs) > 0
  const mostA = Math.floor(Math.min(maxCurrentA, csmsNowA(state, connector, now)))
  if (isTight || connector.disobeys || clockOf(station) === undefined || mostA < floorA) {
    connector.unread = { ...withoutTest(unread), testFromMs: now.monoMs + SETTLED_MS }
    const restA = Math.min(mostA, floorA)
    if (newest === undefined || newest.offerA !== restA) write(restA)
    return
  }
  if (newest === undefined) {
    write(mostA)
    return
  }
  if (newest.acceptedMs === undefined || now.monoMs < unread.testFromMs) return
  const reading = freshReading(connector, now.monoMs)
  const isRipe = reading !== undefined && reading.monoMs >= newest.acceptedMs + PROOF_AFTER_MS
  const { testA } = unread
  if (testA !== undefined) {
    const drawnA = reading === undefined ? undefined : mostDrawnA(connector, reading)
    if (isRipe && drawnA !== undefined && drawnA <= testA + PROOF_TOLERANCE_A)
      obeys(state, station, connector, now)
    else if (now.monoMs - newest.acceptedMs > TEST_MS) {
      connector.unread = { ...withoutTest(unread), testFromMs: now.monoMs + unread.pauseMs }
      write(floorA)
    }
    return
  }
  if (mostA !== newest.offerA) {
    write(mostA)
    return
  }
  const nextA =
    reading === undefined ? 0 : Math.max(floorA, Math.floor(Math.max(...reading.lowerA) - TEST_STEP_A))
  if (!isRipe || reading === undefined || Math.max(...reading.lowerA) < nextA + TEST_STEP_A) return
  connector.unread = { ...unread, testA: nextA }
  write(nextA)
}

/** Room that has just come may go again. */
const SETTLED_MS = 2_000

function withoutTest({ testA: _, ...rest }: Unread): Unread {
  return rest
}

function csmsNowA(state: ControlState, connector: ConnectorControl, now: Now): number {
  const limitA = csmsStepsOf(state, connector, now.wallMs, now.wallMs + 1000)[0]?.limitA
  connector.csmsLimitA = limitA
  return limitA ?? Number.MAX_VALUE
}

function obeys(state: ControlState, station: StationControl, connector: ConnectorControl, now: Now): void {
  connector.shownToObey = true
  connector.liveVerified = true
  connector.isSeenBack = true
  connector.restored = undefined
  if (connector.unread !== undefined) connector.unread = withoutTest(connector.unread)
  note(state, 'info', 'verified by measurement', { station: station.id, connector: connector.id })
  keepLess(state, connector, station, now)
}
