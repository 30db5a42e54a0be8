/**
 * `secrets.json`: what the configuration names but must not hold. Page passwords as hashes; station and broker
 * passwords as they are, because they must be dialled with. Never logged, never on the page.
 */
import { z } from 'zod'

/** A viewer sees, an operator runs the site, an admin changes it. */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** How a user wants the page, on whatever machine; absent = as the browser says. */
export const pageWishSchema = z.strictObject({
  language: z.enum(['en', 'de', 'pt']).optional(),
  theme: z.enum(['auto', 'light', 'dark']).optional(),
})
export type PageWish = z.infer<typeof pageWishSchema>

export const secretsSchema = z.strictObject({
  users: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64),
        passwordHash: z.string().min(1),
        /** Absent: `admin` is one, everybody else a viewer. */
        role: z.enum(ROLES).optional(),
        page: pageWishSchema.optional(),
      }),
    )
    .default([]),
  /** Raw bytes, base64. */
  stations: z.record(z.string(), z.base64()).default({}),
  /** The next password of a station, told it and not used by it yet; `isKnownAbove`: the CSMS has been told that it has it. */
  changing: z.record(z.string(), z.strictObject({ next: z.base64(), isKnownAbove: z.boolean() })).default({}),
  /** What goes to the CSMS where that is another than the station shows here; empty = none. */
  upstream: z.record(z.string(), z.base64()).default({}),
  /** By the name the configuration uses. */
  named: z.record(z.string(), z.string()).default({}),
})

export type SecretsDocument = z.infer<typeof secretsSchema>
