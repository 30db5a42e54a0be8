/**
 * What the controller knows of one connector, and how its transactions change it; its measurements are in
 * `sample.ts`. State is owned by the controller; every function is total and takes the time as an argument.
 */
import { type BookingRecord, type Chain, worstOfChain } from '../allocation/booking.js'
import type { Bound, Turn } from '../allocation/demand.js'
import type { ReclaimState } from '../allocation/reclaim.js'
import type { ConnectorConfig } from '../config/site.js'
import type { StationModel } from '../config/station-model.js'
import type { ConnectorStatus } from '../events.js'
import type { ConnectorReading, EnergyMark } from '../measuring/measured.js'
import { type PerPhase, type PhaseSet, spread, wiredPhases, ZERO } from '../site/phases.js'

/** A station's measurement counts this long; the default sample intervals are 10-15 s. */
export const FRESH_SAMPLE_MS = 30_000

export interface ConnectorControl {
  /** "CP-1/1". */
  readonly key: string
  readonly stationId: string
  readonly id: number
  readonly config: ConnectorConfig
  /** With the limits the station itself reports. */
  model: StationModel
  readonly node: number
  readonly wired: PhaseSet
  status: ConnectorStatus | 'unknown'
  errorCode: string | undefined
  transaction: Transaction | undefined
  /** Site phases the car is counted on. */
  phases: PhaseSet
  phaseIdleSinceMs: [number | undefined, number | undefined, number | undefined]
  reading: ConnectorReading | undefined
  mark: EnergyMark | undefined
  /** TxProfile writes of this transaction, and TxDefault idle writes. */
  live: Chain
  idle: Chain
  /** The fail-safe the station has accepted; undefined = nobody knows. */
  failSafeInstalledA: number | undefined
  /** An operator has cut its supply while it is not connected: it can draw nothing (control rule 10). */
  isolated: boolean
  /** The composite schedule was read back since the last boot, and agreed. */
  verified: boolean
  /** Booking comes from the journal; no raise on the site before this, unless verified (control rule 12). */
  unconfirmedUntilMs: number | undefined
  /** What was last decided for this transaction; 0 = paused. */
  offerA: number
  everOffered: boolean
  roomSinceMs: number | undefined
  raisedMs: number | undefined
  reclaim: ReclaimState
  turn: Turn
  allocationA: number
  bound: Bound
  csmsLimitA: number | undefined
  overSinceMs: number | undefined
  underSinceMs: number | undefined
  disobeys: boolean
  refusedUntilMs: number | undefined
  /** When a write that was refused or not answered is due again. */
  readonly rewriteAtMs: { live: number | undefined; idle: number | undefined }
}

export interface Transaction {
  readonly id: number
  readonly startedMonoMs: number
  readonly startedWallMs: number
  readonly meterStartWh: number
  readonly energyWh: number
  /** The CSMS refused its tag: no energy beyond this (MaxEnergyOnInvalidId). */
  readonly refusedBeyondWh?: number
}

export function newConnector(at: {
  stationId: string
  config: ConnectorConfig
  model: StationModel
  node: number
}): ConnectorControl {
  const wired = wiredPhases(at.config.phases)
  return {
    key: `${at.stationId}/${at.config.id}`,
    stationId: at.stationId,
    id: at.config.id,
    config: at.config,
    model: at.model,
    node: at.node,
    wired,
    status: 'unknown',
    errorCode: undefined,
    transaction: undefined,
    phases: wired,
    phaseIdleSinceMs: [undefined, undefined, undefined],
    reading: undefined,
    mark: undefined,
    live: [],
    idle: [],
    failSafeInstalledA: undefined,
    isolated: false,
    verified: false,
    unconfirmedUntilMs: undefined,
    offerA: 0,
    everOffered: false,
    roomSinceMs: undefined,
    raisedMs: undefined,
    reclaim: {},
    turn: { on: false, sinceMonoMs: 0, servedAs: 0, priorityClass: 1 },
    allocationA: 0,
    bound: { kind: 'off' },
    csmsLimitA: undefined,
    overSinceMs: undefined,
    underSinceMs: undefined,
    disobeys: false,
    refusedUntilMs: undefined,
    rewriteAtMs: { live: undefined, idle: undefined },
  }
}

/** Takes over what the journal says after a restart: the worst offer counts for a whole lease again. */
export function restore(
  connector: ConnectorControl,
  record: BookingRecord,
  nowMs: number,
  leaseMs: number,
): void {
  connector.failSafeInstalledA = record.failSafeA
  connector.unconfirmedUntilMs = nowMs + leaseMs
  connector.offerA = record.offerA
  connector.everOffered = record.transactionId !== undefined
  connector.live = [
    {
      tag: 'restored',
      offerA: record.worstA,
      failSafeA: record.failSafeA ?? connector.config.maxCurrentA,
      sentMs: nowMs,
      leaseEndMs: nowMs + leaseMs,
      finalMs: nowMs + leaseMs,
      acceptedMs: nowMs,
    },
  ]
}

/** Whether anything is known of what lies on the station. */
export function isKnown(connector: ConnectorControl): boolean {
  return connector.verified || connector.unconfirmedUntilMs !== undefined
}

/** The pause a model can hold: 0 A, else its fail-safe. */
export function pauseA(connector: ConnectorControl): number {
  return connector.model.smartCharging.holdsZero ? 0 : connector.config.failSafeCurrentA
}

/** What must be assumed the connector may draw on each phase it uses, A (control rules 9-12). */
export function bookedA(connector: ConnectorControl, connected: boolean, nowMs: number): number {
  const { maxCurrentA } = connector.config
  if (connector.isolated && !connected) return 0
  if (!isKnown(connector) || connector.disobeys) return maxCurrentA
  const idleA = worstOfChain(connector.idle, nowMs) ?? connector.failSafeInstalledA ?? maxCurrentA
  const liveA = worstOfChain(connector.live, nowMs) ?? 0
  const unreachableA = connected ? 0 : (connector.failSafeInstalledA ?? maxCurrentA)
  return Math.min(maxCurrentA, Math.max(idleA, liveA, unreachableA))
}

export function bookedPerPhase(connector: ConnectorControl, connected: boolean, nowMs: number): PerPhase {
  return spread(bookedA(connector, connected, nowMs), connector.phases)
}

/** A fresh measurement's sure part; zero when there is none. */
export function surelyDrawn(connector: ConnectorControl, nowMs: number): PerPhase {
  const reading = freshReading(connector, nowMs)
  return reading === undefined ? ZERO : reading.lowerA
}

export function freshReading(connector: ConnectorControl, nowMs: number): ConnectorReading | undefined {
  const { reading } = connector
  return reading !== undefined && nowMs - reading.monoMs <= FRESH_SAMPLE_MS ? reading : undefined
}

export function startTransaction(connector: ConnectorControl, transaction: Transaction): void {
  if (connector.transaction?.id === transaction.id) return
  const resumes = connector.unconfirmedUntilMs !== undefined && connector.everOffered
  connector.transaction = transaction
  if (resumes) return
  clearSession(connector)
}

/** The TxProfile dies with its transaction; what is left is the idle profile. */
export function stopTransaction(connector: ConnectorControl): void {
  connector.transaction = undefined
  // The contactor is open: what it drew last is neither drawn now nor a sign of a meter that moves.
  connector.reading = undefined
  clearSession(connector)
}

function clearSession(connector: ConnectorControl): void {
  connector.live = []
  connector.offerA = 0
  connector.everOffered = false
  connector.roomSinceMs = undefined
  connector.raisedMs = undefined
  connector.reclaim = {}
  connector.phases = connector.wired
  connector.phaseIdleSinceMs = [undefined, undefined, undefined]
  connector.overSinceMs = undefined
  connector.allocationA = 0
  connector.bound = { kind: 'off' }
}

/** What belongs on disk for this connector now, `raiseToA` included before it is sent. */
export function recordOf(connector: ConnectorControl, nowMs: number, raiseToA = 0): BookingRecord {
  return {
    stationId: connector.stationId,
    connectorId: connector.id,
    worstA: Math.max(raiseToA, bookedA(connector, true, nowMs)),
    offerA: connector.offerA,
    ...(connector.transaction !== undefined && { transactionId: connector.transaction.id }),
    ...(connector.failSafeInstalledA !== undefined && { failSafeA: connector.failSafeInstalledA }),
  }
}
