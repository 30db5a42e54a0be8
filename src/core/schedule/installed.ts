/**
 * What the pipeline works on: charging profiles as they were installed, and the station they were installed on.
 * The way through this folder: installed → expand → stack → composite → emit. Nothing here knows the time; whoever
 * asks says for which window. All instants are wall-clock milliseconds; all intervals are half-open.
 */
import { isWallMs } from '../fields.js'
import type { ChargingProfile, RateUnit } from './charging-profile.js'

export interface InstalledProfile {
  /** 0 = the station as a whole. */
  readonly connectorId: number
  /** A TxProfile always carries the transaction it belongs to. */
  readonly profile: ChargingProfile
  /** Where a Relative ChargePointMaxProfile starts. */
  readonly receivedWallMs: number
}

/** A running transaction, with the id the CSMS knows. */
export interface RunningTransaction {
  readonly connectorId: number
  readonly transactionId: number
  readonly startedWallMs: number
}

/** What a station of this model takes (its model file, or its own configuration keys). */
export interface ProfileLimits {
  /** The first is used where a request names none. */
  readonly rateUnits: readonly RateUnit[]
  readonly maxStackLevel: number
  readonly maxPeriods: number
  readonly maxProfiles: number
}

/** The station as the CSMS sees it. */
export interface StationContext {
  readonly connectorCount: number
  readonly transactions: readonly RunningTransaction[]
  readonly limits: ProfileLimits
  /** Watts become amps by it (OCPP 1.6 errata 3.69: nominal, not measured). */
  readonly nominalVoltageV: number
  /** Phases the car may use, for what is enforced; absent for what the CSMS is answered. */
  readonly carPhases?: number
  /** Of connector 1, 2, …, A per phase: what holds where no profile limits. */
  readonly maxCurrentA: readonly number[]
}

const HAS_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/i

/** Whole seconds of a timestamp in milliseconds; text without a zone is UTC. Undefined when it is no timestamp. */
export function wallMsOf(text: string): number | undefined {
  const zoned = text.includes('T') && !HAS_ZONE.test(text) ? `${text}Z` : text
  const wallMs = Date.parse(zoned)
  return isWallMs(wallMs) ? floorSecond(wallMs) : undefined
}

export function floorSecond(wallMs: number): number {
  return Math.floor(wallMs / 1000) * 1000
}
