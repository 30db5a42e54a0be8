/**
 * What is kept on disk per connector, so that a restart starts from the worst that may be in force (control rule 12): a
 * raise before it is sent, a lower when accepted, and any new doubt at once. Read back here too; a restart takes every
 * lease as if it began now, because nobody vouches for the wall clock in between.
 */
import type { ConnectorPhases } from '../site/phases.js'
import { type ConnectorControl, drawsBeyond, isKnown, mostFailSafeA } from './connector.js'
import { bookedA } from './evidence.js'
import type { Now } from './now.js'
import { hasIdleProfile, liveLevel, type StationControl } from './station.js'

export interface BookingRecord {
  readonly stationId: string
  readonly connectorId: number
  /** The most that may be in force, or was measured. */
  readonly worstA: number
  /** What was last decided. */
  readonly offerA: number
  readonly transactionId?: number
  /** The level its live profile lies on. */
  readonly liveLevel?: number
  /** The highest fail-safe that may lie there: one on its way counts, it may be in force before its answer is here. */
  readonly failSafeA?: number
  readonly survivedReboot?: boolean
  /** What was last offered was seen in force: the leases run by a clock that is known. */
  readonly clockProven?: boolean
  /** It was not known to obey: no lease ends what it may draw. */
  readonly endless?: boolean
  /** Its own samples have shown that it obeys a lower. */
  readonly obeys?: boolean
  /** When the lease of the last offer ends, by our wall clock. */
  readonly leaseEndWallMs?: number
  /** When this was written, by our wall clock. */
  readonly atWallMs?: number
  /** Where it hangs, for the day when it is no longer configured (control rule 10). */
  readonly circuit?: string
  readonly phases?: ConnectorPhases
  readonly maxCurrentA?: number
  /** Of a station that was let in to be known and has no place: it may hang on any circuit. */
  readonly unplaced?: boolean
  /** Something is on the disk that says nothing. */
  readonly unreadable?: true
}

/** What belongs on disk for this connector now, `raiseToA` included before it is sent. */
export function recordOf(
  connector: ConnectorControl,
  station: StationControl,
  now: Now,
  raiseToA = 0,
): BookingRecord {
  const { config, failSafe, survived, transaction } = connector
  const lease = connector.live.at(-1)
  return {
    stationId: connector.stationId,
    connectorId: connector.id,
    worstA: Math.max(raiseToA, bookedA(connector, station, now.monoMs)),
    offerA: connector.offerA,
    ...(transaction !== undefined && { transactionId: transaction.id, liveLevel: liveLevel(station) }),
    ...(failSafe !== undefined && { failSafeA: mostFailSafeA(connector) }),
    ...(survived !== undefined && { survivedReboot: survived }),
    clockProven: station.clockProven,
    endless: isEndless(connector),
    ...(connector.shownToObey && { obeys: true }),
    ...(lease !== undefined && { leaseEndWallMs: now.wallMs + lease.leaseEndMs - now.monoMs }),
    atWallMs: now.wallMs,
    circuit: station.config.circuit,
    phases: config.phases,
    maxCurrentA: config.maxCurrentA,
  }
}

/** Nothing that Busbar has written bounds what it may draw. */
function isEndless(connector: ConnectorControl): boolean {
  return !isKnown(connector) || connector.disobeys || drawsBeyond(connector)
}

/** The tag of what stands for all that the last run has written. */
export const RESTORED = 'restored'

/** Takes over what the journal says after a restart: the worst offer counts for a whole lease again. */
export function restore(
  connector: ConnectorControl,
  station: StationControl,
  record: BookingRecord,
  now: Now,
): void {
  const { monoMs, wallMs } = now
  const untilMs = monoMs + station.leaseMs
  const failSafeA = record.failSafeA ?? connector.config.maxCurrentA
  if (record.failSafeA !== undefined) {
    const { survivedReboot } = record
    connector.failSafe = {
      valueA: record.failSafeA,
      ...(survivedReboot !== undefined && { survivedReboot }),
    }
  }
  connector.survived = record.survivedReboot
  connector.shownToObey = record.obeys === true
  connector.restored = { untilMs, isEndless: record.endless === true }
  if (record.endless !== true) connector.restoredMs = monoMs
  connector.recordedA = record.worstA
  connector.leastFailSafeA = record.failSafeA
  connector.everOffered = record.transactionId !== undefined
  // An offer whose lease has ended is not an offer any more; a clock that went back says nothing of it.
  const isOver =
    record.leaseEndWallMs === undefined ||
    record.leaseEndWallMs <= wallMs ||
    (record.atWallMs ?? wallMs) > wallMs
  connector.offerA = isOver ? Math.min(record.offerA, failSafeA) : record.offerA
  const lease = {
    tag: RESTORED,
    failSafeA,
    sentMs: monoMs,
    leaseEndMs: untilMs,
    finalMs: untilMs,
    acceptedMs: monoMs,
    ...(record.clockProven === true && { clockMs: 'proven' as const }),
  }
  connector.live = [{ ...lease, offerA: record.worstA }]
  // Of the idle profile that lies there nobody knows in which of its periods it is. Where none fits, the fail-safe is all there is.
  connector.idle = hasIdleProfile(station) ? [{ ...lease, offerA: failSafeA }] : []
}

/** What stands for a record that cannot be read: only whose it was is known, by its key. */
export function unreadableRecord(key: string): BookingRecord | undefined {
  const at = key.lastIndexOf('/')
  const connectorId = Number(key.slice(at + 1))
  if (at < 1 || !Number.isInteger(connectorId)) return undefined
  return { stationId: key.slice(0, at), connectorId, worstA: 0, offerA: 0, endless: true, unreadable: true }
}

/** A record as read back from disk; undefined when it is not one. */
export function bookingRecordOf(value: unknown): BookingRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const field = (name: string): unknown => Reflect.get(value, name)
  const stationId = field('stationId')
  const connectorId = amount(field('connectorId'))
  const worstA = amount(field('worstA'))
  const offerA = amount(field('offerA'))
  if (typeof stationId !== 'string') return undefined
  if (connectorId === undefined || worstA === undefined || offerA === undefined) return undefined
  const phases = field('phases')
  return {
    stationId,
    connectorId,
    worstA,
    offerA,
    ...amounts(field, [
      'transactionId',
      'liveLevel',
      'failSafeA',
      'leaseEndWallMs',
      'atWallMs',
      'maxCurrentA',
    ]),
    ...flags(field, ['survivedReboot', 'clockProven', 'endless', 'obeys', 'unplaced']),
    ...(typeof field('circuit') === 'string' && { circuit: String(field('circuit')) }),
    ...(isPhases(phases) && { phases }),
  }
}

type AmountKey = 'transactionId' | 'liveLevel' | 'failSafeA' | 'leaseEndWallMs' | 'atWallMs' | 'maxCurrentA'
type FlagKey = 'survivedReboot' | 'clockProven' | 'endless' | 'obeys' | 'unplaced'

function amounts(field: (name: string) => unknown, keys: readonly AmountKey[]): Partial<BookingRecord> {
  const found: { -readonly [K in AmountKey]?: number } = {}
  for (const key of keys) {
    const value = amount(field(key))
    if (value !== undefined) found[key] = value
  }
  return found
}

function flags(field: (name: string) => unknown, keys: readonly FlagKey[]): Partial<BookingRecord> {
  const found: { -readonly [K in FlagKey]?: boolean } = {}
  for (const key of keys) {
    const value = field(key)
    if (typeof value === 'boolean') found[key] = value
  }
  return found
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function isPhases(value: unknown): value is ConnectorPhases {
  return value === 'L1L2L3' || value === 'L1' || value === 'L2' || value === 'L3'
}
