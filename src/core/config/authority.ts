/**
 * `authority.json` (mode 0600): the site's own authority. Its root, the certificates of this cabinet, and what it has signed for
 * stations. Lost, a new root has to be brought to every station; damaged, nothing is made in its place without a person.
 */
import { z } from 'zod'

const pem = z.string().min(1).max(20_000)
const sha256 = z.string().regex(/^[0-9A-F]{64}$/)
const instant = z.iso.datetime()

/** Each station has had two a year for years. */
export const MAX_ISSUED = 5_000

const identity = z.strictObject({ keyPem: pem, chainPem: pem })

const issued = z.strictObject({
  stationId: z.string().min(1).max(48),
  sha256,
  serial: z.string().max(64),
  notAfter: instant,
  issuedAt: instant,
  by: z.string().max(100),
})

const revoked = z.strictObject({
  sha256,
  stationId: z.string().max(48).optional(),
  at: instant,
  by: z.string(),
})

export const authoritySchema = z.strictObject({
  version: z.literal(1),
  root: z.strictObject({ keyPem: pem, certificatePem: pem }),
  /** Of this cabinet, one for each kind of key, with the names they were made for. */
  servers: z.array(identity).max(2),
  names: z.array(z.string()).max(200),
  issued: z.array(issued).max(MAX_ISSUED).default([]),
  revoked: z.array(revoked).max(MAX_ISSUED).default([]),
})

export type AuthorityDocument = z.infer<typeof authoritySchema>
export type IssuedCertificate = AuthorityDocument['issued'][number]
export type RevokedCertificate = AuthorityDocument['revoked'][number]
