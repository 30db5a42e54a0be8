/**
 * ChargingProfile as it stands on the wire (OCPP 1.6 §7.8-7.14), after schema validation. Times are still text
 * here; the schedule pipeline turns them into milliseconds once.
 */

export type RateUnit = 'A' | 'W'
export type ProfilePurpose = 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
export type ProfileKind = 'Absolute' | 'Recurring' | 'Relative'

export interface ChargingSchedulePeriod {
  /** Seconds from the start of the schedule. */
  readonly startPeriod: number
  /** In the schedule's unit: A per phase, or W in total. */
  readonly limit: number
  readonly numberPhases?: number
}

export interface ChargingSchedule {
  readonly duration?: number
  readonly startSchedule?: string
  readonly chargingRateUnit: RateUnit
  readonly chargingSchedulePeriod: readonly ChargingSchedulePeriod[]
  readonly minChargingRate?: number
}

export interface ChargingProfile {
  readonly chargingProfileId: number
  readonly transactionId?: number
  readonly stackLevel: number
  readonly chargingProfilePurpose: ProfilePurpose
  readonly chargingProfileKind: ProfileKind
  readonly recurrencyKind?: 'Daily' | 'Weekly'
  readonly validFrom?: string
  readonly validTo?: string
  readonly chargingSchedule: ChargingSchedule
}
