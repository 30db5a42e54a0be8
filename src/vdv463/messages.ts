/**
 * The messages of VDV 463, as the public JSON schemas of its version 1.0.0 have them (github.com/VDVde/VDV463): seven places, a type, an
 * action, a payload. What is in a request beyond what Busbar uses is let pass. Must not know sockets nor the site.
 */
import { z } from 'zod'

export const PROTOCOL = 'v1.463.vdv.de'
export const ACTIONS = ['BootNotification', 'ProvideChargingRequests', 'ProvideChargingInformation'] as const
export type Action = (typeof ACTIONS)[number]

export const REQUEST = 1
export const CONFIRMATION = 2
export const ERROR = 3
/** A depot of a thousand places, each with the rounds of a day. */
const MAX_REQUESTS = 2_000
const identifier = z.string().min(1).max(200)
const percent = z.number().min(0).max(100)
const instant = z.iso.datetime({ offset: true })
/** kW, as the schema has it; no vehicle takes a megawatt beside its battery. */
const auxiliaryKw = z.number().min(0).max(1_000)

/** MessageStructure: type, source, presystem, time, id of the message, action, payload. */
export const envelope = z.tuple([
  z.union([z.literal(REQUEST), z.literal(CONFIRMATION), z.literal(ERROR)]),
  z.string().max(200),
  identifier,
  instant,
  z.string().min(1).max(60),
  z.enum(ACTIONS),
  z.looseObject({}),
])
export type Envelope = z.infer<typeof envelope>

export const bootRequest = z.looseObject({ presystem: z.enum(['BMS', 'ITCS']) })

/** Always the whole of what the depot system wants: what is not in it any more is over. */
export const chargingRequests = z.looseObject({
  chargingRequestList: z
    .array(
      z.looseObject({
        vehicleId: identifier,
        chargingRequestId: identifier,
        chargingPointId: identifier.optional(),
        chargingInstruction: z.enum(['Normal', 'Changed', 'Terminate']).optional(),
        priority: z.number().int().optional(),
        automaticPreconditioning: z.looseObject({ preconditioningRequest: z.string().max(100) }).optional(),
        manualPreconditioning: z
          .looseObject({
            hvacPreconditioningStartTime: instant,
            hvacAuxiliaryConsumerPower: auxiliaryKw.optional(),
            systemPreconditioningStartTime: instant,
            systemAuxiliaryConsumerPower: auxiliaryKw.optional(),
          })
          .optional(),
        chargingRequestData: z.looseObject({
          expectedSocAtArrival: percent.optional(),
          minTargetSoc: percent,
          maxTargetSoc: percent,
          requestedTimeForDeparture: instant.optional(),
        }),
      }),
    )
    .max(MAX_REQUESTS),
})
export type ChargingRequest = z.infer<typeof chargingRequests>['chargingRequestList'][number]

/** The answer to a message: of its id and action. */
export function answer(
  to: Envelope,
  type: typeof CONFIRMATION | typeof ERROR,
  at: string,
  payload: object,
): string {
  const [, , presystemId, , messageId, action] = to
  return JSON.stringify([type, 'CMS', presystemId, at, messageId, action, payload])
}

export function request(
  presystemId: string,
  at: { readonly at: string; readonly messageId: string },
  action: Action,
  payload: object,
): string {
  return JSON.stringify([REQUEST, 'CMS', presystemId, at.at, at.messageId, action, payload])
}
