/**
 * Puts Busbar's own profiles on their way: fail-safe, idle and live (control rules 1-6), each with the booking that
 * follows from having been sent. Decides nothing about amounts.
 */
import { accepted, newestAccepted, newestWrite, refused, sent, type Write } from '../allocation/booking.js'
import type { CallOutcome } from '../answer.js'
import {
  EMIT_WINDOW_MS,
  failSafeProfile,
  idleProfile,
  type LeasedInput,
  liveProfile,
} from '../schedule/emit.js'
import { MAX_CLOCK_BOUND_S, REACTION_S } from '../site/promise.js'
import { callStation } from './call.js'
import { type ConnectorControl, isKnown, laidFailSafeA, pauseA } from './connector.js'
import { clockEvidence } from './evidence.js'
import { FloorRoom } from './floor-room.js'
import { forgetRecorded, keepLess, recordBefore } from './keep.js'
import { leaseFor } from './lease.js'
import type { Now } from './now.js'
import { type ControlState, connectorOf, csmsStepsOf, nextTag, note, type OpenCall } from './state.js'
import { clockOf, countWrite, liveLevel, type StationControl } from './station.js'
import { lastingWatts, unitOf, wattsNow } from './watts.js'
import { PROFILE_WRITTEN, type WriteCause } from './write-cause.js'

/** A refused profile is tried again after this. */
const REFUSED_RETRY_MS = 30_000
const LONGEST_RETRY_MS = 900_000
/** A profile nobody answered is sent again after this. */
export const UNANSWERED_RETRY_MS = 2_000

/** The fail-safe TxDefaultProfile of level 0. Counts as installed only when accepted. */
export function writeFailSafe(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  now: Now,
): void {
  // What is read from here on is what was written now.
  connector.surveyA = undefined
  send(state, station, connector, {
    call: { kind: 'setup', stationId: station.id },
    profile: failSafeProfile({
      ...contextOf(state, station, connector, now),
      failSafeA: connector.config.failSafeCurrentA,
    }),
    urgency: 'first',
    now,
    cause: station.setup?.cause ?? 'set-up',
  })
}

/**
 * What the idle profile allows. A pause that no clock ends would leave the next car without any energy should Busbar be
 * lost.
 */
export function idleA(station: StationControl, connector: ConnectorControl): number {
  return clockOf(station) === undefined ? laidFailSafeA(connector) : pauseA(connector)
}

/** The same where there is room for it now: what lies there stays until others have given way, for it is a raise like any other. */
export function idleNowA(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  now: Now,
): number {
  const wantedA = idleA(station, connector)
  const laidA = newestAccepted(connector.idle)?.offerA
  if (laidA === undefined || wantedA <= laidA || !isKnown(connector)) return wantedA
  return new FloorRoom(state, now.monoMs).fits(connector, station, wantedA) ? wantedA : laidA
}

/** The idle TxDefaultProfile of the highest level: never above the fail-safe. */
export function writeIdle(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  at: { readonly now: Now; readonly setup: boolean; readonly cause: WriteCause },
): void {
  const offerA = idleNowA(state, station, connector, at.now)
  const context = contextOf(state, station, connector, at.now)
  const leaseMs = leaseFor(state, station, connector, { offerA, nowMs: at.now.monoMs })
  const profile = idleProfile({
    ...context,
    leaseEndWallMs: at.now.wallMs + leaseMs,
    holdsZero: offerA === 0,
  })
  const write = leased(state, station, connector, { offerA, leaseMs, now: at.now })
  connector.csmsWritten.idle = context.csmsSteps
  connector.idle = sent(connector.idle, write, clockEvidence(station, at.now.monoMs))
  connector.due.idle = undefined
  send(state, station, connector, {
    call: {
      kind: 'idle',
      stationId: station.id,
      connectorId: connector.id,
      offerA,
      setup: at.setup,
    },
    profile,
    tag: write.tag,
    leaseMs,
    urgency: 'normal',
    now: at.now,
    cause: at.cause,
  })
}

/**
 * The live TxProfile of the running transaction. A raise is recorded before it is sent; without a trusted clock of
 * the station nothing above the fail-safe is offered.
 */
export function writeLive(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  offer: {
    readonly offerA: number
    readonly now: Now
    readonly setup: boolean
    readonly cause: WriteCause
  },
): void {
  const { transaction } = connector
  if (transaction === undefined) return
  const trusted = clockOf(station) !== undefined
  const offerA = trusted ? offer.offerA : Math.min(offer.offerA, laidFailSafeA(connector))
  const context = contextOf(state, station, connector, offer.now)
  const leaseMs = leaseFor(state, station, connector, { offerA, nowMs: offer.now.monoMs })
  const watts = wattsNow(state, connector, offer.now)
  connector.liveVoltageV = watts.voltageV
  const profile = liveProfile({
    ...context,
    leaseEndWallMs: offer.now.wallMs + leaseMs,
    unit: unitOf(station, watts),
    transactionId: transaction.id,
    allocationA: offerA,
  })
  if (offerA > connector.offerA) connector.raisedMs = offer.now.monoMs
  const { minCurrentA } = connector.model.smartCharging
  if (offerA < minCurrentA) connector.untouchedSinceMs = undefined
  else if (connector.offerA < minCurrentA) connector.untouchedSinceMs = offer.now.monoMs
  const write = leased(state, station, connector, { offerA, leaseMs, now: offer.now })
  connector.csmsWritten.live = context.csmsSteps
  // A lower that went unanswered is due until nothing higher may be in force.
  const lowers = offerA < connector.offerA || connector.live.some(write => write.offerA > offerA)
  connector.offerA = offerA
  connector.everOffered ||= offerA > 0
  connector.live = sent(connector.live, write, clockEvidence(station, offer.now.monoMs))
  // What it may bring counts for the next write.
  state.unledA = undefined
  connector.due.live = undefined
  send(state, station, connector, {
    call: {
      kind: 'live',
      stationId: station.id,
      connectorId: connector.id,
      offerA,
      setup: offer.setup,
    },
    profile,
    tag: write.tag,
    leaseMs,
    urgency: lowers ? 'urgent' : offer.setup ? 'first' : 'normal',
    now: offer.now,
    cause: offer.cause,
  })
}

function leased(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  at: { readonly offerA: number; readonly leaseMs: number; readonly now: Now },
): Write {
  const clock = clockOf(station)
  const leaseEndMs = at.now.monoMs + at.leaseMs
  return {
    tag: nextTag(state),
    offerA: at.offerA,
    failSafeA: laidFailSafeA(connector),
    sentMs: at.now.monoMs,
    leaseEndMs,
    finalMs: leaseEndMs + 2 * state.longestLeaseMs + (MAX_CLOCK_BOUND_S + REACTION_S) * 1000,
    ...(clock !== undefined && { clockMs: clock.offsetMs }),
  }
}

function contextOf(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  now: Now,
): LeasedInput {
  const { smartCharging } = station.model
  return {
    connectorId: connector.id,
    stackLevel: liveLevel(station),
    maxPeriods: smartCharging.maxPeriods,
    stepA: smartCharging.stepA,
    unit: unitOf(station, lastingWatts(state, station.model)),
    failSafeA: laidFailSafeA(connector),
    nowWallMs: now.wallMs,
    leaseEndWallMs: now.wallMs + station.leaseMs,
    longestLeaseS: state.longestLeaseMs / 1000,
    clockBoundS: MAX_CLOCK_BOUND_S,
    stationClockOffsetMs: stationOffsetMs(station, now),
    csmsSteps: csmsStepsOf(state, connector, now.wallMs, now.wallMs + EMIT_WINDOW_MS),
  }
}

/**
 * Station clock minus our wall clock now; it was seen against the monotonic clock, which never jumps (I8). Undefined where
 * it is unknown or in doubt.
 */
function stationOffsetMs(station: StationControl, now: Now): number | undefined {
  const clock = clockOf(station)
  return clock === undefined ? undefined : clock.offsetMs + now.monoMs - now.wallMs
}

function send(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  call: {
    readonly call: OpenCall
    readonly profile: object
    readonly tag?: string
    readonly leaseMs?: number
    readonly urgency: 'urgent' | 'first' | 'normal'
    readonly now: Now
    readonly cause: WriteCause
  },
): void {
  station.writes = countWrite(station.writes, call.now.monoMs)
  note(state, 'debug', PROFILE_WRITTEN, {
    station: station.id,
    connector: connector.id,
    cause: call.cause,
    ...(call.leaseMs !== undefined && { leaseS: call.leaseMs / 1_000 }),
  })
  if (!station.heardHere) station.wroteBlind = true
  const record = recordBefore(connector, station, call)
  const { kind } = call.call
  if (record !== undefined && (kind === 'live' || kind === 'idle'))
    connector[kind] = connector[kind].map(write =>
      write.tag === call.tag ? { ...write, waitsForRecord: true } : write,
    )
  callStation(
    state,
    station,
    {
      ...(call.tag !== undefined && { tag: call.tag }),
      open: call.call,
      action: 'SetChargingProfile',
      payload: { connectorId: connector.id, csChargingProfiles: call.profile },
      urgency: call.urgency,
      ...(call.call.kind !== 'setup' && { coalesce: `${call.call.kind} ${connector.key}` }),
      ...(record !== undefined && { record }),
    },
    call.now,
  )
}

/** A live or idle profile that never left: overtaken while the disk was waited for, or the disk failed. */
export function profileNotSent(
  state: ControlState,
  tag: string,
  call: OpenCall & { kind: 'live' | 'idle' },
  now: Now,
): void {
  const connector = connectorOf(state, call.stationId, call.connectorId)
  if (connector === undefined) return
  connector[call.kind] = refused(connector[call.kind], tag)
  forgetRecorded(connector)
  connector.due[call.kind] = { atMs: now.monoMs + UNANSWERED_RETRY_MS, cause: 'retry' }
  if (call.kind === 'live') connector.offerA = newestWrite(connector.live)?.offerA ?? pauseA(connector)
}

/** What the station made of an idle or live profile. */
export function profileAnswered(
  state: ControlState,
  tag: string,
  call: OpenCall & { kind: 'live' | 'idle' },
  outcome: CallOutcome,
  now: Now,
): void {
  const connector = connectorOf(state, call.stationId, call.connectorId)
  if (connector === undefined) return
  const status = statusOf(outcome)
  const chain = connector[call.kind]
  const station = state.stations.get(call.stationId)
  if (station === undefined) return
  if (status === 'Accepted') {
    connector[call.kind] = accepted(chain, tag, now.monoMs, clockEvidence(station, now.monoMs))
    connector.refusals[call.kind] = 0
    if (call.kind === 'live') keepLess(state, connector, station, now)
    return
  }
  if (status === undefined && outcome.kind !== 'error') {
    // Overtaken by a newer one while it waited: that one is what counts.
    if (newestWrite(chain)?.tag !== tag) return
    connector.due[call.kind] = { atMs: now.monoMs + UNANSWERED_RETRY_MS, cause: 'retry' }
    return
  }
  connector[call.kind] = refused(chain, tag)
  const againMs = now.monoMs + refusedRetryMs(connector, call.kind)
  connector.due[call.kind] = { atMs: againMs, cause: 'retry' }
  if (call.kind === 'live') {
    connector.refusedUntilMs = againMs
    connector.offerA = newestAccepted(connector.live)?.offerA ?? pauseA(connector)
  }
  if (outcome.kind === 'error' && isUnsupported(outcome.code)) station.withoutSmartCharging = true
  note(state, 'warn', 'profile refused', {
    station: call.stationId,
    connector: call.connectorId,
    offerA: call.offerA,
    answer: status ?? (outcome.kind === 'error' ? outcome.code : outcome.kind),
  })
}

/** Ever later, unless more than the fail-safe may be in force: that must not stay longer than it has to. */
function refusedRetryMs(connector: ConnectorControl, kind: 'live' | 'idle'): number {
  const { refusals, config } = connector
  const isAbove = connector[kind].some(({ offerA }) => offerA > config.failSafeCurrentA)
  const times = isAbove ? 0 : refusals[kind]
  refusals[kind] += 1
  return growingPauseMs(times)
}

/** 30 s, a minute, two, … a quarter of an hour. */
export function growingPauseMs(times: number): number {
  return Math.min(LONGEST_RETRY_MS, REFUSED_RETRY_MS * 2 ** Math.min(times, 10))
}

export function isUnsupported(code: string): boolean {
  return code === 'NotImplemented' || code === 'NotSupported'
}

/** The `status` of a CALLRESULT; undefined when there is none. */
export function statusOf(outcome: CallOutcome): string | undefined {
  if (outcome.kind !== 'result') return undefined
  const payload: unknown = JSON.parse(outcome.payloadText)
  const status: unknown =
    typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'status') : undefined
  return typeof status === 'string' ? status : undefined
}
