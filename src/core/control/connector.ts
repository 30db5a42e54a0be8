/**
 * What the controller knows of one connector, and how events change it. State is owned by the controller and changed
 * only here and in `decide.ts`; every function is total and takes the time as an argument.
 */
import {
  type BookingRecord,
  type Chain,
  expired,
  newestWrite,
  proven,
  worstOfChain,
} from '../allocation/booking.js'
import type { Bound, Turn } from '../allocation/demand.js'
import { type ReclaimState, reclaim } from '../allocation/reclaim.js'
import type { ConnectorConfig } from '../config/site.js'
import type { SiteProfile } from '../config/site-profile.js'
import type { StationModel } from '../config/station-model.js'
import type { ConnectorStatus, StationSample } from '../events.js'
import { type ConnectorReading, type EnergyMark, readSample } from '../measured.js'
import { type PerPhase, PHASE_INDEXES, type PhaseSet, spread, wiredPhases, ZERO } from '../phases.js'

/** A station's measurement counts this long; the default sample intervals are 10-15 s. */
export const FRESH_SAMPLE_MS = 30_000
/** A phase without current in samples over this long, while the car charges, is taken as unused (control rule 16). */
const UNUSED_AFTER_MS = 30_000
/** A draw above the offer for this long after the station accepted it: the station does not obey. */
const DISOBEYS_AFTER_MS = 15_000
/** Above metering error and ripple. */
const DISOBEYS_BY_A = 1.5
/** Seen obeying for this long, it is trusted again. */
const OBEYS_AFTER_MS = 30_000

export interface ConnectorControl {
  /** "CP-1/1". */
  readonly key: string
  readonly stationId: string
  readonly id: number
  readonly config: ConnectorConfig
  readonly model: StationModel
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

/** One measurement by the station: amps, phases in use, proof of a lower, obedience, reclaim. */
export function measure(
  connector: ConnectorControl,
  sample: StationSample,
  at: {
    readonly nowMs: number
    readonly nominalVoltageV: number
    readonly siteVoltageV: number | undefined
    readonly connected: boolean
    readonly profile: SiteProfile
  },
): void {
  const { nowMs } = at
  const read = readSample(sample, {
    connector: connector.config,
    nominalVoltageV: at.nominalVoltageV,
    ...(at.siteVoltageV !== undefined && { siteVoltageV: at.siteVoltageV }),
    bookedA: bookedA(connector, at.connected, nowMs),
    monoMs: nowMs,
    ...(connector.mark !== undefined && { mark: connector.mark }),
  })
  connector.mark = read.mark
  if (sample.energyWh !== undefined && connector.transaction !== undefined) {
    const energyWh = Math.max(0, sample.energyWh - connector.transaction.meterStartWh)
    connector.transaction = { ...connector.transaction, energyWh }
  }
  if (read.reading === undefined) return
  connector.reading = read.reading
  learnPhases(connector, read.reading, nowMs)
  watchObedience(connector, nowMs)
  settleChains(connector, nowMs)
  connector.reclaim = reclaim(
    connector.reclaim,
    {
      offeredA: connector.offerA,
      measuredA: read.reading.used === undefined ? undefined : Math.max(...read.reading.shownA),
      minA: connector.model.smartCharging.minCurrentA,
      maxA: connector.config.maxCurrentA,
      nowMonoMs: nowMs,
    },
    at.profile.reclaim,
  )
}

function learnPhases(connector: ConnectorControl, reading: ConnectorReading, nowMs: number): void {
  const { used } = reading
  if (used === undefined || connector.transaction === undefined) return
  const charging = used.some(Boolean)
  const phases: [boolean, boolean, boolean] = [...connector.phases]
  for (const index of PHASE_INDEXES) {
    if (used[index]) {
      phases[index] = connector.wired[index]
      connector.phaseIdleSinceMs[index] = undefined
    } else if (charging) {
      const since = connector.phaseIdleSinceMs[index] ?? nowMs
      connector.phaseIdleSinceMs[index] = since
      if (nowMs - since >= UNUSED_AFTER_MS) phases[index] = false
    } else {
      connector.phaseIdleSinceMs[index] = undefined
    }
  }
  connector.phases = phases
}

/** The meter is the proof, not the station's Accepted. */
function watchObedience(connector: ConnectorControl, nowMs: number): void {
  const reading = freshReading(connector, nowMs)
  const offered = newestWrite(connector.live)
  if (reading === undefined || offered?.acceptedMs === undefined) return
  const over =
    Math.max(...reading.lowerA) > offered.offerA + DISOBEYS_BY_A &&
    nowMs - offered.acceptedMs >= DISOBEYS_AFTER_MS
  connector.overSinceMs = over ? (connector.overSinceMs ?? nowMs) : undefined
  connector.underSinceMs = over ? undefined : (connector.underSinceMs ?? nowMs)
  if (over) connector.disobeys = true
  else if (nowMs - (connector.underSinceMs ?? nowMs) >= OBEYS_AFTER_MS) connector.disobeys = false
}

/** Drops writes that are proven over or have run out. */
export function settleChains(connector: ConnectorControl, nowMs: number): void {
  const last = newestWrite(connector.live)
  // What ran out was given to others: taking it back is a raise and has to find room.
  if (last !== undefined && nowMs >= last.leaseEndMs)
    connector.offerA = Math.min(connector.offerA, last.failSafeA)
  const reading = freshReading(connector, nowMs)
  const obeysUnseen = connector.model.smartCharging.obeysUnseen
  const proof = {
    obeysUnseen,
    // A reading that cannot bound the draw proves nothing, and is no sample for a model known to obey.
    ...(reading?.upperA !== undefined &&
      reading.used !== undefined && { drawnA: reading.upperA, sampleMs: reading.monoMs }),
  }
  connector.live = expired(proven(connector.live, nowMs, proof), nowMs)
  connector.idle = expired(
    proven(connector.idle, nowMs, { obeysUnseen: obeysUnseen || connector.transaction === undefined }),
    nowMs,
  )
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
