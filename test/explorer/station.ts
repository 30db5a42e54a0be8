/**
 * A small station that does what OCPP 1.6 §3.13 says: profiles by purpose and level, the composite by its own clock,
 * periods that end inside the schedule, TxProfiles that die with their transaction; and a car that follows the pilot
 * after up to 11 s. Written apart from src/core/schedule and src/sim, so that they cannot share a mistake. Plain data.
 */
import type { PerPhase } from '../../src/core/site/phases.js'
import { MAX_A } from './depots.js'

/** Station and car together: a hair less than the 11 s the promise gives them. */
export const LAG_MS = 10_900
/** What a good clock may wander; two of them and a second of grain stay inside the 10 s of control rule 6. */
export const MAX_DRIFT_MS = 4_000
const LEAST_A = 6

/** quick: follows at once. slow: up at once, down late. late: both late. */
export type Reaction = 'quick' | 'slow' | 'late'
export const REACTIONS: readonly Reaction[] = ['quick', 'slow', 'late']

export interface Car {
  phases: 1 | 3
  readonly reaction: Reaction
  wantsA: number
}

interface Installed {
  readonly connectorId: number
  readonly id: number
  readonly purpose: string
  readonly level: number
  /** Station clock, ms. */
  readonly startMs: number
  readonly periods: readonly { readonly fromMs: number; readonly limitA: number }[]
}

export interface Connector {
  readonly id: number
  transactionId: number | undefined
  car: Car | undefined
  /** Pilot signals of the last 11 s, newest last. */
  pilots: { atMs: number; limitA: number }[]
}

export interface Station {
  readonly id: string
  readonly maxStackLevel: number
  readonly maxProfiles: number
  readonly maxPeriods: number
  profiles: Installed[]
  readonly connectors: readonly Connector[]
  /** Its clock minus the true time. */
  clockMs: number
}

interface SetRequest {
  readonly connectorId: number
  readonly csChargingProfiles: {
    readonly chargingProfileId: number
    readonly transactionId?: number
    readonly stackLevel: number
    readonly chargingProfilePurpose: string
    readonly chargingSchedule: {
      readonly startSchedule: string
      readonly chargingSchedulePeriod: readonly { readonly startPeriod: number; readonly limit: number }[]
    }
  }
}

interface ClearRequest {
  readonly id?: number
  readonly connectorId?: number
  readonly chargingProfilePurpose?: string
  readonly stackLevel?: number
}

/** What the station answers to a CALL of Busbar; `clockMs` is what its clock says now. */
export function handle(station: Station, action: string, payload: object, clockMs: number): object {
  const text = JSON.stringify(payload)
  switch (action) {
    case 'SetChargingProfile':
      return { status: set(station, JSON.parse(text)) }
    case 'ClearChargingProfile':
      return { status: clear(station, JSON.parse(text)) }
    case 'GetCompositeSchedule':
      return composite(station, JSON.parse(text), clockMs)
    case 'TriggerMessage':
      return { status: 'NotImplemented' }
    default:
      throw new Error(`the explorer's stations do not know ${action}`)
  }
}

function set(station: Station, request: SetRequest): 'Accepted' | 'Rejected' {
  const { connectorId, csChargingProfiles: profile } = request
  const { chargingSchedulePeriod: periods, startSchedule } = profile.chargingSchedule
  const connector = station.connectors.find(({ id }) => id === connectorId)
  if (connector === undefined || profile.stackLevel > station.maxStackLevel) return 'Rejected'
  if (periods.length > station.maxPeriods) return 'Rejected'
  const ofTransaction = profile.chargingProfilePurpose === 'TxProfile'
  if (ofTransaction && (connector.transactionId ?? -1) !== profile.transactionId) return 'Rejected'
  const kept = station.profiles.filter(
    old =>
      old.id !== profile.chargingProfileId &&
      !(
        old.connectorId === connectorId &&
        old.level === profile.stackLevel &&
        old.purpose === profile.chargingProfilePurpose
      ),
  )
  if (kept.length >= station.maxProfiles) return 'Rejected'
  station.profiles = [
    ...kept,
    {
      connectorId,
      id: profile.chargingProfileId,
      purpose: profile.chargingProfilePurpose,
      level: profile.stackLevel,
      startMs: Date.parse(startSchedule),
      periods: periods.map(({ startPeriod, limit }) => ({ fromMs: startPeriod * 1000, limitA: limit })),
    },
  ]
  return 'Accepted'
}

function clear(station: Station, request: ClearRequest): 'Accepted' | 'Unknown' {
  const before = station.profiles.length
  station.profiles = station.profiles.filter(
    profile =>
      (request.id !== undefined && profile.id !== request.id) ||
      (request.connectorId !== undefined && profile.connectorId !== request.connectorId) ||
      (request.stackLevel !== undefined && profile.level !== request.stackLevel) ||
      (request.chargingProfilePurpose !== undefined && profile.purpose !== request.chargingProfilePurpose),
  )
  return station.profiles.length < before ? 'Accepted' : 'Unknown'
}

function composite(
  station: Station,
  request: { readonly connectorId: number; readonly duration: number },
  clockMs: number,
): object {
  const connector = station.connectors.find(({ id }) => id === request.connectorId)
  if (connector === undefined) return { status: 'Rejected' }
  const endMs = clockMs + request.duration * 1000
  const edges = station.profiles
    .flatMap(profile => profile.periods.map(({ fromMs }) => profile.startMs + fromMs))
    .filter(edgeMs => edgeMs > clockMs && edgeMs < endMs)
    .sort((a, b) => a - b)
  return {
    status: 'Accepted',
    connectorId: request.connectorId,
    scheduleStart: new Date(clockMs).toISOString(),
    chargingSchedule: {
      duration: request.duration,
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [clockMs, ...edges].map(atMs => ({
        startPeriod: Math.ceil((atMs - clockMs) / 1000),
        limit: limitA(station, connector, atMs),
      })),
    },
  }
}

/** The pilot signal at an instant of the station's clock; without a transaction: what one would find that starts. */
export function limitA(station: Station, connector: Connector, clockMs: number): number {
  const own =
    connector.transactionId === undefined ? undefined : topA(station, connector, 'TxProfile', clockMs)
  return Math.min(MAX_A, own ?? topA(station, connector, 'TxDefaultProfile', clockMs) ?? MAX_A)
}

function topA(station: Station, connector: Connector, purpose: string, clockMs: number): number | undefined {
  let level = -1
  let foundA: number | undefined
  for (const profile of station.profiles) {
    if (profile.purpose !== purpose || profile.connectorId !== connector.id || profile.level <= level)
      continue
    const period = profile.periods.findLast(({ fromMs }) => profile.startMs + fromMs <= clockMs)
    if (period === undefined) continue
    level = profile.level
    foundA = period.limitA
  }
  return foundA
}

/** Keeps the pilots of the last 11 s up to date; to be called whenever something may have changed. */
export function followPilot(connector: Connector, pilotA: number, nowMs: number): void {
  const { pilots } = connector
  if (pilots.at(-1)?.limitA !== pilotA) pilots.push({ atMs: nowMs, limitA: pilotA })
  while (pilots.length > 1 && (pilots[1]?.atMs ?? nowMs) <= nowMs - LAG_MS) pilots.shift()
}

/** What the car takes on each phase it uses, A. */
export function drawnA(connector: Connector, nowMs: number): number {
  const { car, transactionId, pilots } = connector
  if (car === undefined || transactionId === undefined) return 0
  const allowedA = Math.min(car.wantsA, followedA(pilots, car.reaction, nowMs))
  return allowedA < LEAST_A ? 0 : allowedA
}

function followedA(pilots: Connector['pilots'], reaction: Reaction, nowMs: number): number {
  if (reaction === 'quick') return pilots.at(-1)?.limitA ?? 0
  if (reaction === 'slow') return Math.max(0, ...pilots.map(pilot => pilot.limitA))
  return pilots.findLast(pilot => pilot.atMs <= nowMs - LAG_MS)?.limitA ?? 0
}

export function perPhase(amps: number, phases: 1 | 3): PerPhase {
  return phases === 3 ? [amps, amps, amps] : [amps, 0, 0]
}

/** The contactor opens; TxProfiles end with their transaction. */
export function endTransaction(station: Station, connector: Connector): void {
  connector.transactionId = undefined
  connector.car = undefined
  station.profiles = station.profiles.filter(
    profile => profile.connectorId !== connector.id || profile.purpose !== 'TxProfile',
  )
}
