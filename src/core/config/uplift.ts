/**
 * `uplifts.json` (mode 0600): what this cabinet shows and trusts towards the CSMS in the name of stations that cannot themselves.
 * Lost, the CSMS has to give new certificates; nothing in it opens a door here.
 */
import { z } from 'zod'

const pem = z.string().min(1).max(20_000)

/** Each link tries all of them. */
export const MAX_UPLINK_ROOTS = 5

export const upliftSchema = z.strictObject({
  /** Above what the configuration says, raised by the CSMS. */
  securityProfile: z.union([z.literal(2), z.literal(3)]).optional(),
  cpoName: z.string().max(64).optional(),
  identity: z.strictObject({ keyPem: pem, chainPem: pem }).optional(),
  /** Of a request whose certificate has not come yet. */
  pendingKeyPem: pem.optional(),
  roots: z.array(pem).max(MAX_UPLINK_ROOTS).default([]),
})

export const upliftsSchema = z.strictObject({
  version: z.literal(1),
  stations: z.record(z.string().min(1).max(48), upliftSchema),
})

export type Uplift = z.infer<typeof upliftSchema>
export type UpliftsDocument = z.infer<typeof upliftsSchema>
