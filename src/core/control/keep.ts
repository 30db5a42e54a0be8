/**
 * When what is known of a connector goes to disk (control rule 12): what a write brings more into force before it is sent, new doubt
 * at once and durably, a better knowledge without waiting for it.
 */
import { type Chain, type Write, worstOfChain } from '../allocation/booking.js'
import { type ConnectorControl, laidFailSafeA, mostFailSafeA } from './connector.js'
import { bookedA, clockEvidence, isAsBooked } from './evidence.js'
import type { Now } from './now.js'
import { type BookingRecord, recordOf } from './record.js'
import type { ControlState, OpenCall } from './state.js'
import type { StationControl } from './station.js'
import type { LeafState } from './weigh.js'

/** Without a record a restart books the maximum; a record that says less than what is known now must not stay. */
const DOUBT_A = 0.5

/** What makes the worst case worse without a write of ours: lost profiles, a station that does not obey, a draw. */
export function recordDoubt(state: ControlState, leaf: LeafState, now: Now): void {
  const { connector, station } = leaf
  const { recordedA } = connector
  if (recordedA === undefined) return
  const isAsWeighed = isAsBooked(leaf.bookedOn, connector, station)
  const nowA = isAsWeighed ? Math.max(...leaf.bookedA) : bookedA(connector, station, now.monoMs)
  if (nowA <= recordedA + DOUBT_A) return
  const record = recordOf(connector, station, now)
  connector.recordedA = record.worstA
  state.effects.push({ kind: 'record', record, durable: true })
}

/** It has restarted: the record must not vouch any more for a fail-safe that may be gone. Durable, and waited for by nobody. */
export function recordRestart(
  state: ControlState,
  connector: ConnectorControl,
  station: StationControl,
  now: Now,
): void {
  if (connector.recordedA === undefined) return
  state.effects.push({ kind: 'record', record: recorded(connector, station, now), durable: true })
}

/** What is in force has become less, or is better known: worth a record, not worth waiting for it unless it says more. */
export function keepLess(
  state: ControlState,
  connector: ConnectorControl,
  station: StationControl,
  now: Now,
): void {
  const beforeA = connector.recordedA ?? 0
  const record = recorded(connector, station, now)
  state.effects.push({ kind: 'record', record, durable: record.worstA > beforeA })
}

/**
 * Busbar's own profiles are being taken off it: its fail-safe may be gone from then on, whether an answer comes or not. The
 * record that has to be on disk before that is sent.
 */
export function withoutFailSafe(
  connector: ConnectorControl,
  station: StationControl,
  now: Now,
): BookingRecord {
  connector.failSafe = undefined
  return recorded(connector, station, now)
}

/** The disk has not taken a record: what it has for this connector is not known any more. */
export function forgetRecorded(connector: ConnectorControl): void {
  connector.recordedA = 0
}

/** It is given to the disk now. */
export function recordGiven(connector: ConnectorControl, { worstA, failSafeA }: BookingRecord): void {
  connector.recordedA = worstA
  if (failSafeA === undefined) return
  connector.leastFailSafeA = Math.min(failSafeA, connector.leastFailSafeA ?? failSafeA)
}

/** The station has accepted it: a higher one was on the disk before it was sent. */
export function failSafeKept(connector: ConnectorControl, valueA: number): void {
  if (connector.leastFailSafeA === undefined) return
  connector.leastFailSafeA = Math.max(connector.leastFailSafeA, valueA)
}

function recorded(connector: ConnectorControl, station: StationControl, now: Now): BookingRecord {
  const record = recordOf(connector, station, now)
  recordGiven(connector, record)
  return record
}

/**
 * A write that may bring more into force than the disk knows of goes there first (control rule 12). One that brings no more
 * than lies there already never waits for a disk: all that was sent before is on it.
 */
export function recordBefore(
  connector: ConnectorControl,
  station: StationControl,
  { call, tag, now }: { readonly call: OpenCall; readonly tag?: string; readonly now: Now },
): BookingRecord | undefined {
  const { leastFailSafeA, config, failSafe } = connector
  // without one that was accepted nothing bounds it; the record then says so by its `endless`
  const mostA = failSafe === undefined ? config.failSafeCurrentA : mostFailSafeA(connector)
  const isOffer = call.kind === 'live' || call.kind === 'idle'
  // An offer brings no fail-safe with it that does not lie there yet.
  const failSafeA = isOffer ? laidFailSafeA(connector) : mostA
  const floorA = failSafe?.valueA ?? 0
  const ownA = isOffer ? Math.max(call.offerA, failSafeA) : failSafeA
  const clock = clockEvidence(station, now.monoMs)
  const worstA = (chain: Chain): number => {
    const others = chain.filter(write => write.tag !== tag && hasLeft(write))
    return worstOfChain(others, now.monoMs, clock) ?? 0
  }
  const liesThereA = Math.max(floorA, worstA(connector.live), worstA(connector.idle))
  // Without any record, and by every record that holds this fail-safe, a restart books no less.
  const isKnownThere = ownA <= Math.max(liesThereA, failSafeA)
  const isSameFloor = leastFailSafeA === undefined || failSafeA <= Math.max(leastFailSafeA, floorA)
  if (isKnownThere && isSameFloor) return undefined
  const record = { ...recordOf(connector, station, now, failSafeA), failSafeA: mostA }
  recordGiven(connector, record)
  return record
}

/** Surely: a raise that waits for the disk lies nowhere. */
const hasLeft = ({ acceptedMs, waitsForRecord }: Write): boolean =>
  acceptedMs !== undefined || waitsForRecord !== true
