/**
 * What the controller knows of one connector, and how its transactions change it; its measurements are in
 * `sample.ts`. State is owned by the controller; every function is total and takes the time as an argument.
 */
import type { Chain } from '../allocation/booking.js'
import type { Bound, Turn } from '../allocation/demand.js'
import type { ReclaimState } from '../allocation/reclaim.js'
import type { ConnectorConfig } from '../config/site.js'
import type { StationModel } from '../config/station-model.js'
import type { ConnectorStatus } from '../events.js'
import type { Binding } from '../limits/effective.js'
import type { CarPhases } from '../measuring/car-phases.js'
import type { EnergyCount } from '../measuring/energy-count.js'
import type { PowerTrail } from '../measuring/followed-power.js'
import type { ConnectorReading, EnergyMark } from '../measuring/measured.js'
import type { LimitStep } from '../schedule/composite.js'
import { type PerPhase, type PhaseSet, wiredPhases } from '../site/phases.js'
import type { SessionClaim } from './claim.js'
import type { Due } from './write-cause.js'

/** A station's measurement counts this long; the default sample intervals are 10-15 s. */
export const FRESH_SAMPLE_MS = 30_000

/** What a meter showed counts this long: without the next reading nobody sees a phase that is taken back. */
export const METER_MS = 5_000

export interface ConnectorControl {
  /** "CP-1/1". */
  readonly key: string
  readonly stationId: string
  readonly id: number
  /** What is reckoned with. */
  config: ConnectorConfig
  /** As it is configured, where that cannot be reckoned with before the station has followed (control/reconfigure.ts). */
  next: ConnectorConfig | undefined
  /** A higher fail-safe that fits and is not laid yet: the others give way for it, A. */
  awaitedFloorA: number | undefined
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
  /** The meter above showed its car on these alone, and nothing speaks against it (`freed-phases.ts`). */
  seenOn: { readonly phases: PhaseSet; readonly atMs: number } | undefined
  reading: ConnectorReading | undefined
  mark: EnergyMark | undefined
  /** Of the session's car, by what it drew under its offers; undefined = not told yet. */
  carPhases: CarPhases | undefined
  /** Whether its power follows the offers of the session; undefined = not looked at, or its amps tell (`follow-power.ts`). */
  follows: PowerTrail | undefined
  /** TxProfile writes of this transaction, and TxDefault idle writes. */
  live: Chain
  idle: Chain
  /** The fail-safe the station has accepted; undefined = nobody knows. */
  failSafe: InstalledFailSafe | undefined
  /** An operator has cut its supply while it is not connected: it can draw nothing (control rule 10). */
  isolated: boolean
  /** Read back since the last boot with no TxProfile in the way, and agreed: what the next car will find. */
  defaultsVerified: boolean
  /** Read back under the TxProfile of the running transaction, and agreed. */
  liveVerified: boolean
  /** Read back since its station was last away: whether it has restarted meanwhile is known. */
  isSeenBack: boolean
  /** What the journal says of the last run, until the station is read back (control rule 12). */
  restored: Restored | undefined
  /** When Busbar restarted and found what bounds it in the journal; undefined once it has restarted itself or its session ended. */
  restoredMs: number | undefined
  /** Its composite could not be read: what is known of it since. */
  unread: Unread | undefined
  /** Its own samples have shown that a lower is obeyed: then it is taken at its Accepted. */
  shownToObey: boolean
  /** Nothing was known before; the car may take its time to follow what was read back, until then. */
  followsFromMs: number
  /** The last measurement was above everything that may be in force: it counts until the next one. */
  exceeds: boolean
  /** The most the journal has for it; undefined = no record. */
  recordedA: number | undefined
  /** The fail-safe that the disk has at least; undefined = nothing was given to it: a restart books the maximum. */
  leastFailSafeA: number | undefined
  /** The fail-safe to look for before anything is written: the station has just booted (control rule 11). */
  surveyA: number | undefined
  /** What that showed; holds for the fail-safe that is laid next. */
  survived: boolean | undefined
  /** When it was last asked for a sample. */
  sampleAskedMs: number
  /** No question about the live profile in force before this. */
  checkNotBeforeMs: number
  /** What was last decided for this transaction; 0 = paused. */
  offerA: number
  everOffered: boolean
  /** It has had its share once since its session began here, or was lowered: from then on it rises patiently. */
  risen: boolean
  /** Since its station last booted it has had its share for a while, and no meter above it spoke against that. */
  isSeenThere: boolean
  /** The offer in force that was accepted, and since when it is the same, however often it is written again. */
  steady: { readonly offerA: number; readonly sinceMs: number } | undefined
  roomSinceMs: number | undefined
  raisedMs: number | undefined
  reclaim: ReclaimState
  /** Offered its minimum or more since then, and not seen to draw yet. */
  untouchedSinceMs: number | undefined
  /** The longest in this session from such an offer to a sample that showed a draw. */
  startsWithinMs: number | undefined
  /** What somebody said about the running session. */
  claim: SessionClaim | undefined
  turn: Turn
  /** What an equal share gave it at the last decision, where the sharing rule counts it. */
  equalA: number
  allocationA: number
  /** Of it: held whatever is allocated, A. */
  floorA: number
  bound: Bound
  csmsLimitA: number | undefined
  /** The lowest limit from outside that names this connector or its station. */
  ordered: Binding | undefined
  overSinceMs: number | undefined
  underSinceMs: number | undefined
  disobeys: boolean
  refusedUntilMs: number | undefined
  /** By which the amps of the live profile became watts, where the station takes those. */
  liveVoltageV: number | undefined
  /** What the CSMS allowed when the newest of each was written. */
  readonly csmsWritten: { live: readonly LimitStep[]; idle: readonly LimitStep[] }
  /** What is to be written outside its turn: refused, not answered, or no longer what fits. */
  readonly due: { live: Due | undefined; idle: Due | undefined }
  /** How often it was refused in a row. */
  readonly refusals: { live: number; idle: number }
}

export interface InstalledFailSafe {
  readonly valueA: number
  /** Found again after a reboot; undefined = never looked at (control rule 11). */
  readonly survivedReboot?: boolean
  /** A higher one lay there before: until then a car may still follow that. */
  readonly before?: { readonly valueA: number; readonly untilMs: number }
}

/** A station whose GetCompositeSchedule says nothing (control rule 7): it is asked again with growing pauses. */
export interface Unread {
  readonly askAtMs: number
  readonly pauseMs: number
  /** The lower by which it is to show that it obeys; absent while nothing is tried. */
  readonly testA?: number
  /** No test before this. */
  readonly testFromMs: number
}

export interface Restored {
  /** No raise on the site before this, unless the station is read back. */
  readonly untilMs: number
  /** It was not known to obey: no lease ends what it may draw. */
  readonly isEndless: boolean
}

export interface Transaction {
  readonly id: number
  readonly startedMonoMs: number
  readonly startedWallMs: number
  readonly adopted: boolean
  readonly energy: EnergyCount
  /** Its tag does not hold: no energy beyond this, whatever of it nobody has seen (MaxEnergyOnInvalidId). */
  readonly refusedBeyondWh?: number
}

/** Cars whose sessions have ended, seen by one meter (`leaving.ts`). */
export interface Leaving {
  readonly sinceMs: number
  /** When the last of them was told. */
  readonly lastMs: number
  /** Other load before, as decisions went by it. */
  readonly beforeA: PerPhase
  /** What the cars surely drew. */
  readonly drewA: PerPhase
  readonly left: readonly ConnectorControl[]
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
    next: undefined,
    awaitedFloorA: undefined,
    model: at.model,
    node: at.node,
    wired,
    status: 'unknown',
    errorCode: undefined,
    transaction: undefined,
    phases: wired,
    phaseIdleSinceMs: [undefined, undefined, undefined],
    seenOn: undefined,
    reading: undefined,
    mark: undefined,
    carPhases: undefined,
    follows: undefined,
    live: [],
    idle: [],
    failSafe: undefined,
    isolated: false,
    defaultsVerified: false,
    liveVerified: false,
    isSeenBack: false,
    restored: undefined,
    restoredMs: undefined,
    unread: undefined,
    shownToObey: false,
    followsFromMs: Number.NEGATIVE_INFINITY,
    exceeds: false,
    recordedA: undefined,
    leastFailSafeA: undefined,
    surveyA: undefined,
    survived: undefined,
    sampleAskedMs: Number.NEGATIVE_INFINITY,
    checkNotBeforeMs: Number.NEGATIVE_INFINITY,
    offerA: 0,
    everOffered: false,
    risen: true,
    isSeenThere: false,
    steady: undefined,
    roomSinceMs: undefined,
    raisedMs: undefined,
    reclaim: {},
    untouchedSinceMs: undefined,
    startsWithinMs: undefined,
    claim: undefined,
    turn: { on: false, sinceMonoMs: 0, servedAs: 0, priorityClass: 1, entitledAs: 0, owed: false },
    equalA: 0,
    allocationA: 0,
    floorA: 0,
    bound: { kind: 'off' },
    csmsLimitA: undefined,
    ordered: undefined,
    overSinceMs: undefined,
    underSinceMs: undefined,
    disobeys: false,
    refusedUntilMs: undefined,
    liveVoltageV: undefined,
    csmsWritten: { live: [], idle: [] },
    due: { live: undefined, idle: undefined },
    refusals: { live: 0, idle: 0 },
  }
}

/** What lies on the station was read back, and agrees with what Busbar has written. */
export function isVerified(connector: ConnectorControl): boolean {
  return connector.defaultsVerified || (connector.liveVerified && connector.transaction !== undefined)
}

/**
 * It was away while a session runs: what somebody may have put below the TxProfile meanwhile shows only after the session
 * (control rule 7).
 */
export function hideDefaults(connector: ConnectorControl): void {
  if (connector.transaction === undefined || !connector.defaultsVerified) return
  connector.liveVerified = true
  connector.defaultsVerified = false
}

/** It draws, or may draw, more than all that may be in force: then that is booked, and others pay. */
export const drawsBeyond = ({ exceeds, follows }: ConnectorControl): boolean =>
  exceeds || follows?.unfollowedA !== undefined

/** Whether anything is known of what lies on the station. */
export function isKnown(connector: ConnectorControl): boolean {
  return isVerified(connector) || connector.restored?.isEndless === false
}

/** The most that may lie there as its fail-safe, A: a higher one may be in force before its answer is here. */
export function mostFailSafeA({ config, failSafe }: ConnectorControl): number {
  return failSafe === undefined ? config.maxCurrentA : Math.max(failSafe.valueA, config.failSafeCurrentA)
}

/** The fail-safe that an offer of ours may come back to, A: a higher one only when it lies there (control rule 11). */
export function laidFailSafeA({ config, failSafe }: Pick<ConnectorControl, 'config' | 'failSafe'>): number {
  return Math.min(config.failSafeCurrentA, failSafe?.valueA ?? config.failSafeCurrentA)
}

/** What a car may still follow of a higher fail-safe that lay there until a moment ago, A. */
export function earlierFailSafeA({ failSafe }: Pick<ConnectorControl, 'failSafe'>, nowMs: number): number {
  const before = failSafe?.before
  return before === undefined || nowMs >= before.untilMs ? 0 : before.valueA
}

/** The pause it can hold: 0 A, else its fail-safe; that too while nothing has shown what it makes of a profile. */
export function pauseA(connector: ConnectorControl): number {
  const isOpen = connector.unread !== undefined && !isShownToObey(connector)
  return connector.model.smartCharging.holdsZero && !isOpen ? 0 : laidFailSafeA(connector)
}

/** By its model or by what was seen of it here: an Accepted is then as good as a read-back. */
export function isShownToObey(connector: ConnectorControl): boolean {
  return connector.model.smartCharging.obeysUnseen || connector.shownToObey
}

/** Site phases the next amp may flow on: what a car left unused is free only while station or meter goes on saying so. */
export function countedPhases(connector: ConnectorControl, nowMs: number): PhaseSet {
  return onlySeen(connector, toldPhases(connector, nowMs), nowMs)
}

/** By the station alone. */
export function toldPhases(connector: ConnectorControl, nowMs: number): PhaseSet {
  return freshReading(connector, nowMs) === undefined ? connector.wired : connector.phases
}

/** Of these, those the meter saw the car on. */
export function onlySeen({ seenOn }: ConnectorControl, phases: PhaseSet, nowMs: number): PhaseSet {
  if (seenOn === undefined || nowMs - seenOn.atMs > METER_MS) return phases
  const [l1, l2, l3] = seenOn.phases
  const both: PhaseSet = [phases[0] && l1, phases[1] && l2, phases[2] && l3]
  return both.some(Boolean) ? both : phases
}

export function freshReading(connector: ConnectorControl, nowMs: number): ConnectorReading | undefined {
  const { reading } = connector
  return reading !== undefined && nowMs - reading.monoMs <= FRESH_SAMPLE_MS ? reading : undefined
}

export function startTransaction(connector: ConnectorControl, transaction: Transaction): void {
  if (connector.transaction?.id === transaction.id) return
  connector.transaction = transaction
  // Of the last run nobody knows which session its offers were for: they stay booked until something lower is proven.
  if (connector.restored !== undefined) return
  clearSession(connector)
  connector.risen = transaction.adopted
}

/** Its tag does not hold. Told again it is no more: what it may take is not given twice. */
export function refuseTransaction(
  connector: ConnectorControl,
  transaction: Transaction,
  moreWh: number,
): void {
  const beyondWh = transaction.energy.mostWh + moreWh
  connector.transaction = {
    ...transaction,
    refusedBeyondWh: Math.min(beyondWh, transaction.refusedBeyondWh ?? beyondWh),
  }
}

export function acceptTransaction(connector: ConnectorControl, transaction: Transaction): void {
  const { refusedBeyondWh: _, ...accepted } = transaction
  connector.transaction = accepted
}

/** The TxProfile dies with its transaction; what is left is the idle profile. */
export function stopTransaction(connector: ConnectorControl): void {
  connector.transaction = undefined
  connector.liveVerified = false
  // The contactor is open: what it drew last is neither drawn now nor a sign of a meter that moves.
  connector.reading = undefined
  connector.exceeds = false
  clearSession(connector)
}

function clearSession(connector: ConnectorControl): void {
  connector.restoredMs = undefined
  connector.refusals.live = 0
  connector.claim = undefined
  connector.equalA = 0
  connector.checkNotBeforeMs = Number.NEGATIVE_INFINITY
  connector.live = []
  connector.offerA = 0
  connector.carPhases = undefined
  connector.follows = undefined
  connector.seenOn = undefined
  connector.everOffered = false
  connector.risen = true
  connector.steady = undefined
  connector.roomSinceMs = undefined
  connector.raisedMs = undefined
  connector.reclaim = {}
  connector.untouchedSinceMs = undefined
  connector.startsWithinMs = undefined
  connector.phases = connector.wired
  connector.phaseIdleSinceMs = [undefined, undefined, undefined]
  connector.overSinceMs = undefined
  connector.allocationA = 0
  connector.bound = { kind: 'off' }
}
