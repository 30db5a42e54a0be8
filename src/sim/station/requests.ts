/**
 * The requests a simulated station understands, as schemas (OCPP 1.6 §6), and the CALLERROR for one that does not fit.
 * Unknown extra fields pass: real stations differ there, and Busbar's own checks are tested elsewhere.
 */
import { z } from 'zod'
import type { WireAnswer } from '../framing.js'

const idTag = z.string().max(20)
const whole = z.number().int()
const connectorId = whole.min(0)

const chargingSchedule = z.object({
  duration: whole.min(0).optional(),
  startSchedule: z.string().optional(),
  chargingRateUnit: z.enum(['A', 'W']),
  chargingSchedulePeriod: z
    .array(
      z.object({
        startPeriod: whole.min(0),
        limit: z.number().min(0),
        numberPhases: whole.min(1).max(3).optional(),
      }),
    )
    .min(1),
  minChargingRate: z.number().optional(),
})

export const chargingProfile = z.object({
  chargingProfileId: whole,
  transactionId: whole.optional(),
  stackLevel: whole.min(0),
  chargingProfilePurpose: z.enum(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']),
  chargingProfileKind: z.enum(['Absolute', 'Recurring', 'Relative']),
  recurrencyKind: z.enum(['Daily', 'Weekly']).optional(),
  validFrom: z.string().optional(),
  validTo: z.string().optional(),
  chargingSchedule,
})

/** A ChargingProfile as it came over this station's wire. */
export type StationProfile = z.infer<typeof chargingProfile>
export type RateUnit = 'A' | 'W'

const idTagInfo = z.object({
  status: z.string(),
  parentIdTag: idTag.optional(),
  expiryDate: z.string().optional(),
})
export type IdTagInfo = z.infer<typeof idTagInfo>

export const requests = {
  CancelReservation: z.object({ reservationId: whole }),
  ChangeAvailability: z.object({ connectorId, type: z.enum(['Inoperative', 'Operative']) }),
  ChangeConfiguration: z.object({ key: z.string().max(50), value: z.string().max(500) }),
  ClearCache: z.object({}),
  ClearChargingProfile: z.object({
    id: whole.optional(),
    connectorId: connectorId.optional(),
    chargingProfilePurpose: chargingProfile.shape.chargingProfilePurpose.optional(),
    stackLevel: whole.min(0).optional(),
  }),
  DataTransfer: z.object({
    vendorId: z.string(),
    messageId: z.string().optional(),
    data: z.unknown().optional(),
  }),
  ExtendedTriggerMessage: z.object({
    requestedMessage: z.enum([
      'BootNotification',
      'FirmwareStatusNotification',
      'Heartbeat',
      'LogStatusNotification',
      'MeterValues',
      'StatusNotification',
      'SignChargePointCertificate',
    ]),
    connectorId: connectorId.optional(),
  }),
  GetCompositeSchedule: z.object({
    connectorId,
    duration: whole.min(0),
    chargingRateUnit: z.enum(['A', 'W']).optional(),
  }),
  GetConfiguration: z.object({ key: z.array(z.string()).optional() }),
  GetLocalListVersion: z.object({}),
  RemoteStartTransaction: z.object({
    idTag,
    connectorId: connectorId.optional(),
    chargingProfile: chargingProfile.optional(),
  }),
  RemoteStopTransaction: z.object({ transactionId: whole }),
  ReserveNow: z.object({
    connectorId,
    expiryDate: z.string(),
    idTag,
    parentIdTag: idTag.optional(),
    reservationId: whole,
  }),
  Reset: z.object({ type: z.enum(['Hard', 'Soft']) }),
  SendLocalList: z.object({
    listVersion: whole,
    updateType: z.enum(['Full', 'Differential']),
    localAuthorizationList: z.array(z.object({ idTag, idTagInfo: idTagInfo.optional() })).optional(),
  }),
  SetChargingProfile: z.object({ connectorId, csChargingProfiles: chargingProfile }),
  TriggerMessage: z.object({
    requestedMessage: z.enum([
      'BootNotification',
      'DiagnosticsStatusNotification',
      'FirmwareStatusNotification',
      'Heartbeat',
      'MeterValues',
      'StatusNotification',
    ]),
    connectorId: connectorId.optional(),
  }),
  UnlockConnector: z.object({ connectorId }),
}

export type Requests = { readonly [Action in keyof typeof requests]: z.infer<(typeof requests)[Action]> }
export type RequestOf<Action extends keyof typeof requests> = Requests[Action]

/** Answers a station reads: only the fields it acts on. */
export const bootAnswer = z.object({
  status: z.enum(['Accepted', 'Pending', 'Rejected']),
  currentTime: z.string(),
  interval: whole,
})
export const heartbeatAnswer = z.object({ currentTime: z.string() })
export const idTagAnswer = z.object({ idTagInfo: idTagInfo.optional() })
export const startAnswer = z.object({ transactionId: whole, idTagInfo })

/** The CALLERROR for a payload that does not fit its schema (OCPP-J 1.6 §4.3). */
export function refusal(error: z.ZodError): WireAnswer {
  const issue = error.issues[0]
  const description = `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`
  if (issue?.code !== 'invalid_type')
    return { kind: 'error', code: 'PropertyConstraintViolation', description }
  const missing = issue.message.includes('undefined')
  return {
    kind: 'error',
    code: missing ? 'OccurenceConstraintViolation' : 'TypeConstraintViolation',
    description,
  }
}
