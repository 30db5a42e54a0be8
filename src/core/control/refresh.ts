/**
 * What is written again although nothing new was decided, and what is not worth a write (control rule 4): only what
 * would otherwise change by itself. A profile above the fail-safe ends with its lease; one below it steps up to the
 * fail-safe at last; one at the fail-safe never changes and is never rewritten for its own sake.
 */
import { newestWrite, STEP_UP_LEAD_MS, type Write, worstOfChain } from '../allocation/booking.js'
import { sameLimits } from '../schedule/same-limits.js'
import { checkInForce } from './check.js'
import { renewClock } from './clock-proof.js'
import { type ConnectorControl, isKnown } from './connector.js'
import { clockEvidence } from './evidence.js'
import { fittingA, isSeenToFit } from './fitting.js'
import { isIdleHeldBack } from './floor-step.js'
import { isOrdered, SHORT_LEASE_MS } from './lease.js'
import type { Now } from './now.js'
import { RESTORED } from './record.js'
import { isTidying } from './setup-steps.js'
import { type ControlState, csmsStepsOf } from './state.js'
import { hasIdleProfile, type StationControl } from './station.js'
import type { LeafState } from './weigh.js'
import { idleA, idleNowA, writeIdle, writeLive } from './write.js'
import type { WriteCause } from './write-cause.js'

/** Refresh when this share of what a profile lasts has gone (control rule 4). */
const REFRESH_AT = 0.6
/** A small raise waits until the profile has come this far: then it is the refresh. */
const SMALL_RAISE_AT = 0.5
/** A raise by less does not wait for nothing: it comes with the next refresh. */
const SMALL_RAISE_A = 2
const DUST_A = 1e-9

/** Rewrites what has used up most of what it lasts, what nobody answered, and what no longer fits. */
export function refresh(state: ControlState, station: StationControl, now: Now): void {
  if (!station.connected || station.withoutSmartCharging) return
  if (station.setup !== undefined && !isTidying(station.setup)) return
  if (station.planFault !== undefined) return
  checkInForce(state, station, now)
  renewClock(state, station, now)
  const hasIdle = hasIdleProfile(station)
  for (const connector of station.connectors) {
    if (!isKnown(connector) && connector.unread === undefined) continue
    // What lies there of before our restart is written again once it is known what of it fits, and where it has room.
    const hasLive =
      connector.transaction !== undefined &&
      connector.live.length > 0 &&
      !isSeenToFit(state, connector, now.monoMs) &&
      (!isOfBefore(connector) || fittingA(state, station, connector, now) >= connector.offerA)
    const live = hasLive ? dueCause(state, connector, 'live', now) : undefined
    if (live !== undefined)
      writeLive(state, station, connector, { offerA: connector.offerA, now, setup: false, cause: live })
    if (!hasIdle || connector.idle.length === 0) continue
    const offerA = idleNowA(state, station, connector, now)
    const waitsForA = idleA(station, connector)
    if (!station.floorsDue) connector.awaitedFloorA = waitsForA > offerA ? waitsForA : undefined
    if (isIdleHeldBack(state, station, connector, now)) continue
    const isOther = newestWrite(connector.idle)?.offerA !== offerA
    const idle =
      dueCause(state, connector, 'idle', now) ??
      (isOther && connector.due.idle === undefined ? 'idle refresh' : undefined)
    if (idle === undefined || (idle === 'idle refresh' && isCoveredByLive(connector, station, now.monoMs)))
      continue
    writeIdle(state, station, connector, { now, setup: false, cause: idle })
  }
}

/** By the record of the last run: less may lie there, and the rest is no offer that has its room. */
const isOfBefore = ({ live }: ConnectorControl): boolean => newestWrite(live)?.tag === RESTORED

function dueCause(
  state: ControlState,
  connector: ConnectorControl,
  kind: 'live' | 'idle',
  now: Now,
): WriteCause | undefined {
  const newest = newestWrite(connector[kind])
  const due = connector.due[kind]
  if (due !== undefined) {
    if (now.monoMs < due.atMs) return undefined
    connector.due[kind] = undefined
    if (due.cause !== 'csms change' || newest === undefined) return due.cause
    return isChanged(state, connector, { kind, newest }, now) ? due.cause : undefined
  }
  if (newest?.acceptedMs === undefined) return undefined
  const lastsMs = lastsFor(
    newest,
    connector.csmsWritten[kind].some(({ limitA }) => limitA !== undefined),
  )
  if (lastsMs === undefined) return undefined
  const isAbove = newest.offerA > newest.failSafeA + DUST_A
  const mayLastMs = isAbove && isOrdered(state, connector) ? Math.min(lastsMs, SHORT_LEASE_MS) : lastsMs
  if (now.monoMs - newest.sentMs < mayLastMs * REFRESH_AT) return undefined
  return kind === 'live' ? 'refresh' : 'idle refresh'
}

/** How long from its sending a profile says what it should; undefined = for ever. */
function lastsFor(write: Write, hasCsmsLimit: boolean): number | undefined {
  const { offerA, failSafeA, sentMs, leaseEndMs, finalMs } = write
  if (offerA > failSafeA + DUST_A) return leaseEndMs - sentMs
  const isSteady = offerA >= failSafeA - DUST_A && !hasCsmsLimit
  return isSteady ? undefined : finalMs - STEP_UP_LEAD_MS - sentMs
}

/** The idle profile may run out while the session is booked at the fail-safe or above anyway: nothing is gained by it. */
function isCoveredByLive(connector: ConnectorControl, station: StationControl, nowMs: number): boolean {
  if (connector.transaction === undefined) return false
  const liveA = worstOfChain(connector.live, nowMs, clockEvidence(station, nowMs)) ?? 0
  return liveA >= connector.config.failSafeCurrentA - DUST_A
}

/** The CSMS has changed something: does it change what lies on the station? */
function isChanged(
  state: ControlState,
  connector: ConnectorControl,
  { kind, newest }: { readonly kind: 'live' | 'idle'; readonly newest: Write },
  now: Now,
): boolean {
  const toWallMs = (monoMs: number): number => now.wallMs + monoMs - now.monoMs
  const finalMs = Math.max(now.wallMs, toWallMs(newest.finalMs))
  const steps = csmsStepsOf(state, connector, now.wallMs, finalMs + 1000)
  const { offerA, failSafeA } = newest
  return !sameLimits(connector.csmsWritten[kind], steps, [
    { atMs: now.wallMs, limitA: offerA },
    { atMs: toWallMs(newest.leaseEndMs), limitA: Math.min(offerA, failSafeA) },
    { atMs: finalMs, limitA: failSafeA },
  ])
}

/** A small raise of a running car is not written by itself: it goes out with the next refresh. */
export function isRaiseWorthAWrite({ connector }: Pick<LeafState, 'connector'>, nowMs: number): boolean {
  return isStepWorthAWrite(connector, connector.allocationA, nowMs)
}

/** The same of the step that there is room for, which may be smaller than what it is due. */
export function isStepWorthAWrite(connector: ConnectorControl, toA: number, nowMs: number): boolean {
  const { offerA, reclaim } = connector
  if (offerA < connector.model.smartCharging.minCurrentA) return true
  // A car that seemed to want less is asked by a small step: until it is, it stays there.
  if (reclaim.cap !== undefined) return true
  if (toA - offerA >= SMALL_RAISE_A - DUST_A) return true
  const atMs = smallRaiseMs(connector)
  return atMs === undefined || nowMs >= atMs
}

/** From when on a small raise is written; undefined where nothing was written yet. */
export function smallRaiseMs({ live }: Pick<ConnectorControl, 'live'>): number | undefined {
  const newest = newestWrite(live)
  if (newest === undefined) return undefined
  return newest.sentMs + (newest.leaseEndMs - newest.sentMs) * SMALL_RAISE_AT
}
