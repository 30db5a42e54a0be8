/**
 * The ledger of evidence: from what may be in force on a connector (offers with their leases, installed profiles, how each
 * is known) and from what it was measured to draw, the one number the circuits are judged by. Monotone: new doubt
 * never makes it smaller (control rules 9-12, 16). Reads only.
 */
import {
  type Chain,
  type ClockEvidence,
  newestAccepted,
  PROOF_AFTER_MS,
  type Write,
  worstOfChain,
} from '../allocation/booking.js'
import type { ConnectorReading } from '../measuring/measured.js'
import { ALL_PHASES, maxOf, minOf, type PerPhase, spread, subtract, ZERO } from '../site/phases.js'
import {
  type ConnectorControl,
  countedPhases,
  earlierFailSafeA,
  freshReading,
  isKnown,
  mostFailSafeA,
  toldPhases,
} from './connector.js'
import { clockOf, isClockOld, type StationControl } from './station.js'

/** A sample is taken out of the meter this long. */
const COUNTED_SAMPLE_MS = 70_000

/** What of a station says how far its offers can be trusted. */
export type StationEvidence = Pick<
  StationControl,
  'connected' | 'clockProven' | 'clockOffsetsMs' | 'clockShownMs' | 'clockDoubt' | 'release'
>

/** What says when the periods of this station's schedules begin and end. */
export function clockEvidence(station: StationEvidence, nowMs: number): ClockEvidence {
  const { clockProven: isProven } = station
  return { offsetMs: clockOf(station)?.offsetMs, isProven, isOld: isClockOld(station, nowMs) }
}

/** Which period of a schedule is in force is known. */
export const isTimed = ({ isProven, isOld, offsetMs }: ClockEvidence): boolean =>
  isProven && !isOld && offsetMs !== undefined

/** The most that what Busbar has written still allows per phase, A; nothing is measured here. */
export function inForceA(connector: ConnectorControl, station: StationEvidence, nowMs: number): number {
  const { maxCurrentA } = connector.config
  // What lies on a released station is not Busbar's any more.
  if (station.release !== undefined) return maxCurrentA
  if (!isKnown(connector) || nowMs < connector.followsFromMs) return maxCurrentA
  const clock = clockEvidence(station, nowMs)
  const failSafeA = Math.max(mostFailSafeA(connector), earlierFailSafeA(connector, nowMs))
  // An idle profile that nobody has accepted yet, or that may have run out by a clock nobody knows, leaves the fail-safe in force.
  const hasIdle = isPauseHeld(connector, clock)
  const defaultsA = Math.max(worstOfChain(connector.idle, nowMs, clock) ?? 0, hasIdle ? 0 : failSafeA)
  const liveA = worstOfChain(connector.live, nowMs, clock) ?? 0
  return Math.min(maxCurrentA, Math.max(defaultsA, liveA, unreachableA(connector, station)))
}

const isAccepted = ({ acceptedMs }: Write): boolean => acceptedMs !== undefined

/** An idle profile lies there and its first period is in force: also without a TxProfile nothing above the pause. */
export const isPauseHeld = ({ idle }: ConnectorControl, clock: ClockEvidence): boolean =>
  idle.some(isAccepted) && isTimed(clock)

/**
 * Nobody sees whether a station that is or was away has restarted, before it is read back: what it then falls to is the
 * fail-safe only where a reboot was seen to keep it (control rules 10, 11).
 */
function unreachableA(connector: ConnectorControl, { connected }: StationEvidence): number {
  if (connected && connector.isSeenBack) return 0
  const survives = connector.failSafe?.survivedReboot === true
  return survives ? mostFailSafeA(connector) : connector.config.maxCurrentA
}

/** What must be assumed the connector may draw on a phase it uses, A, by offers alone. */
export function bookedOfferA(connector: ConnectorControl, station: StationEvidence, nowMs: number): number {
  if (connector.isolated && !station.connected) return 0
  if (connector.disobeys) return connector.config.maxCurrentA
  return inForceA(connector, station, nowMs)
}

/** What must be assumed the connector may draw on each site phase, A: the largest of offers and measurement. */
export function bookedPerPhase(
  connector: ConnectorControl,
  station: StationEvidence,
  nowMs: number,
): PerPhase {
  if (connector.isolated && !station.connected) return ZERO
  // Who else writes to it may switch its phases too.
  const phases = station.release === undefined ? countedPhases(connector, nowMs) : connector.wired
  const offeredA = spread(bookedOfferA(connector, station, nowMs), phases)
  const drawnA = measuredA(connector, nowMs)
  const unfollowedA = connector.follows?.unfollowedA
  const bookedA = unfollowedA === undefined ? offeredA : maxOf(offeredA, spread(unfollowedA, connector.wired))
  return drawnA === ZERO ? bookedA : maxOf(bookedA, drawnA)
}

/** What would be booked beside it, did no meter show its car on fewer phases, A. */
export function freedPerPhase(
  connector: ConnectorControl,
  station: StationEvidence,
  nowMs: number,
): PerPhase {
  if (connector.seenOn === undefined || station.release !== undefined) return ZERO
  const offerA = bookedOfferA(connector, station, nowMs)
  const told = spread(offerA, toldPhases(connector, nowMs))
  return subtract(told, spread(offerA, countedPhases(connector, nowMs)))
}

/** Of what a booking rests on, all that a decision itself changes. */
export interface BookedOn {
  readonly live: Chain
  readonly idle: Chain
  readonly isKnown: boolean
  readonly isSeenBack: boolean
  readonly clockDoubt: StationControl['clockDoubt']
}

export function bookedOn(connector: ConnectorControl, { clockDoubt }: StationEvidence): BookedOn {
  const { live, idle, isSeenBack } = connector
  return { live, idle, isSeenBack, isKnown: isKnown(connector), clockDoubt }
}

export function isAsBooked(on: BookedOn, connector: ConnectorControl, station: StationEvidence): boolean {
  const isSameChain = on.live === connector.live && on.idle === connector.idle
  const isSeenAsThen = on.isSeenBack === connector.isSeenBack && on.isKnown === isKnown(connector)
  return isSameChain && isSeenAsThen && on.clockDoubt === station.clockDoubt
}

/** On its busiest phase. */
export function bookedA(connector: ConnectorControl, station: StationEvidence, nowMs: number): number {
  const [l1A, l2A, l3A] = bookedPerPhase(connector, station, nowMs)
  return Math.max(l1A, l2A, l3A)
}

/**
 * The sure part of the last measurement; zero when there is none. A lower that has had its time since may be in force: then
 * the draw of before is not sure any more. A car that stopped since its last sample shows at the meter first: as long as
 * the sample is old, the other load of before is held (`sampleAgeMs`).
 */
export function surelyDrawn(connector: ConnectorControl, nowMs: number): PerPhase {
  const reading = countedReading(connector, nowMs)
  if (reading === undefined) return ZERO
  const newest = newestAccepted(connector.live)
  const ripeMs = (newest?.acceptedMs ?? Number.POSITIVE_INFINITY) + PROOF_AFTER_MS
  // What a register shows is the mean since its last value: a part of that may be from before.
  if (newest === undefined || nowMs < ripeMs || reading.sinceMs >= ripeMs) return reading.placedA
  return minOf(reading.placedA, spread(newest.offerA, ALL_PHASES))
}

/** The part of what is surely drawn that a lower of ours on its way may have taken already; it is booked until that is proven. */
export function fallingA({ live }: ConnectorControl, surelyA: PerPhase): PerPhase {
  let leastA = Number.MAX_VALUE
  for (const { offerA } of live) leastA = Math.min(leastA, offerA)
  if (Math.max(surelyA[0], surelyA[1], surelyA[2]) <= leastA) return ZERO
  return subtract(surelyA, minOf(surelyA, spread(leastA, ALL_PHASES)))
}

/** No car draws less on a phase it uses (IEC 61851-1). */
const LEAST_CURRENT_A = 6

/** That a car may charge, on phases that nobody knows. */
export const tellsOfDraw = ({ sumMostA }: ConnectorReading): boolean => (sumMostA ?? 0) >= LEAST_CURRENT_A

/** How old the sample is that is taken out of the meter; 0 where nothing is. */
export function sampleAgeMs(connector: ConnectorControl, nowMs: number): number {
  const reading = countedReading(connector, nowMs)
  if (reading === undefined) return 0
  return reading.placedA.some(amps => amps !== 0) || tellsOfDraw(reading) ? nowMs - reading.monoMs : 0
}

/** Intervals of 60 s are in use; without a session the next sample may never come. */
export function countedReading(connector: ConnectorControl, nowMs: number): ConnectorReading | undefined {
  const { reading, transaction } = connector
  if (transaction === undefined) return freshReading(connector, nowMs)
  return reading !== undefined && nowMs - reading.monoMs <= COUNTED_SAMPLE_MS ? reading : undefined
}

/** A draw that nothing in force explains does not end because the station falls silent. */
function measuredA(connector: ConnectorControl, nowMs: number): PerPhase {
  const reading: ConnectorReading | undefined = connector.exceeds
    ? connector.reading
    : freshReading(connector, nowMs)
  return reading?.lowerA ?? ZERO
}
