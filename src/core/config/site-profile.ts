/** How a kind of site is run (`profiles/*.json`): sharing, ramps, reclaim, lease. Numbers with units, as data. */
import { z } from 'zod'

/** Who gets what does not suffice for all (allocation/sharing.ts). */
export const SHARING_RULES = ['equal', 'weighted', 'first-come', 'least-laxity'] as const
export type SharingRule = (typeof SHARING_RULES)[number]

export const siteProfileSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  sharing: z.enum(SHARING_RULES).default('equal'),
  /** Up to what a connector may be offered: what it can give, or its fail-safe, as where the installation is not proven yet. */
  ceiling: z.enum(['connector', 'fail-safe']).default('connector'),
  /** Head-room must have been there this long before anything is raised. */
  raiseAfterMs: z.number().int().min(0),
  /** At most `raiseStepA` per connector and `raiseEveryMs`. */
  raiseStepA: z.number().positive(),
  raiseEveryMs: z.number().int().positive(),
  /** Smaller raises are not sent. */
  deadBandA: z.number().min(0),
  /**
   * A connector that takes this much less than offered, this long, gives the rest back but for `keepA`. It is offered more again
   * after `probeEveryMs`, and each time it takes no more, after twice as long as before, up to eight times.
   */
  reclaim: z.strictObject({
    belowOfferA: z.number().positive(),
    afterMs: z.number().int().positive(),
    keepA: z.number().min(0),
    probeStepA: z.number().positive(),
    probeEveryMs: z.number().int().positive(),
  }),
  /** A started car stays on at least this long, a paused one off; waiting cars take turns of `quantumMs`. */
  minOnMs: z.number().int().min(0),
  minOffMs: z.number().int().min(0),
  quantumMs: z.number().int().positive(),
  /** Where a contract or grid limit binds: 60 s whatever the model says. */
  maxLeaseS: z.union([z.literal(60), z.literal(300), z.literal(900)]),
})

export type SiteProfile = z.infer<typeof siteProfileSchema>
