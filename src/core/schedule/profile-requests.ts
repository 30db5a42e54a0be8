/**
 * The smart-charging requests of a CSMS as typed values, read from unknown payloads. A fault is the CALLERROR to
 * answer; what the station would answer with a status is decided in `profile-store.ts`. Fields Busbar does not use are
 * ignored here (they are reported elsewhere, not refused).
 */
import type { ErrorCode } from '../answer.js'
import type {
  ChargingProfile,
  ChargingSchedule,
  ChargingSchedulePeriod,
  ProfilePurpose,
  RateUnit,
} from './charging-profile.js'
import { wallMsOf } from './installed.js'
import { type PayloadFault, PayloadReader } from './payload-reader.js'

export interface SetChargingProfileRequest {
  readonly connectorId: number
  readonly csChargingProfiles: ChargingProfile
}

/** `id` given: the other fields do not count. Otherwise all given ones must match; none = everything. */
export interface ClearChargingProfileRequest {
  readonly id?: number
  readonly connectorId?: number
  readonly chargingProfilePurpose?: ProfilePurpose
  readonly stackLevel?: number
}

export interface GetCompositeScheduleRequest {
  readonly connectorId: number
  /** Seconds. */
  readonly duration: number
  readonly chargingRateUnit?: RateUnit
}

export type RequestOutcome<T> =
  | { readonly kind: 'request'; readonly request: T }
  | { readonly kind: 'fault'; readonly error: ErrorCode; readonly description: string }

const PURPOSES = ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'] as const
const KINDS = ['Absolute', 'Recurring', 'Relative'] as const
const RECURRENCES = ['Daily', 'Weekly'] as const
const UNITS = ['A', 'W'] as const

export function parseSetChargingProfile(payload: unknown): RequestOutcome<SetChargingProfileRequest> {
  return outcome(payload, reader => ({
    connectorId: reader.integer('connectorId', { min: 0 }),
    csChargingProfiles: reader.object('csChargingProfiles', readChargingProfile),
  }))
}

export function parseClearChargingProfile(payload: unknown): RequestOutcome<ClearChargingProfileRequest> {
  return outcome(payload, reader =>
    given({
      id: reader.optionalInteger('id'),
      connectorId: reader.optionalInteger('connectorId', { min: 0 }),
      chargingProfilePurpose: reader.optionalOneOf('chargingProfilePurpose', PURPOSES),
      stackLevel: reader.optionalInteger('stackLevel', { min: 0 }),
    }),
  )
}

export function parseGetCompositeSchedule(payload: unknown): RequestOutcome<GetCompositeScheduleRequest> {
  return outcome(payload, reader => ({
    connectorId: reader.integer('connectorId', { min: 0 }),
    duration: reader.integer('duration', { min: 0 }),
    ...given({ chargingRateUnit: reader.optionalOneOf('chargingRateUnit', UNITS) }),
  }))
}

/** The `chargingProfile` of a RemoteStartTransaction. */
export function parseChargingProfile(payload: unknown): RequestOutcome<ChargingProfile> {
  return outcome(payload, readChargingProfile)
}

function outcome<T>(payload: unknown, read: (reader: PayloadReader) => T): RequestOutcome<T> {
  const reader = new PayloadReader(payload, '')
  const request = read(reader)
  const fault: PayloadFault | undefined = reader.fault
  return fault === undefined ? { kind: 'request', request } : { kind: 'fault', ...fault }
}

export function readChargingProfile(reader: PayloadReader): ChargingProfile {
  return {
    chargingProfileId: reader.integer('chargingProfileId'),
    stackLevel: reader.integer('stackLevel', { min: 0 }),
    chargingProfilePurpose: reader.oneOf('chargingProfilePurpose', PURPOSES),
    chargingProfileKind: reader.oneOf('chargingProfileKind', KINDS),
    ...given({
      transactionId: reader.optionalInteger('transactionId'),
      recurrencyKind: reader.optionalOneOf('recurrencyKind', RECURRENCES),
      validFrom: timestamp(reader, 'validFrom'),
      validTo: timestamp(reader, 'validTo'),
    }),
    chargingSchedule: reader.object('chargingSchedule', readSchedule),
  }
}

function readSchedule(reader: PayloadReader): ChargingSchedule {
  return {
    chargingRateUnit: reader.oneOf('chargingRateUnit', UNITS),
    chargingSchedulePeriod: reader.array('chargingSchedulePeriod', readPeriod),
    ...given({
      duration: reader.optionalInteger('duration', { min: 0 }),
      startSchedule: timestamp(reader, 'startSchedule'),
      minChargingRate: reader.optionalNumber('minChargingRate', { min: 0 }),
    }),
  }
}

function readPeriod(reader: PayloadReader): ChargingSchedulePeriod {
  return {
    startPeriod: reader.integer('startPeriod', { min: 0 }),
    limit: reader.number('limit', { min: 0 }),
    ...given({ numberPhases: reader.optionalInteger('numberPhases', { min: 1, max: 3 }) }),
  }
}

function timestamp(reader: PayloadReader, key: string): string | undefined {
  const text = reader.optionalText(key)
  if (text === undefined || wallMsOf(text) !== undefined) return text
  return reader.fail('PropertyConstraintViolation', key, 'is no timestamp')
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the fields that are undefined. */
function given<T extends object>(fields: T): Given<T> {
  const result: Given<T> = {}
  for (const key in fields) if (fields[key] !== undefined) Object.assign(result, { [key]: fields[key] })
  return result
}
