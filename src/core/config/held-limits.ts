/** Limits that Busbar holds by looking at what flows: a quarter-hour mean, a UK G100 import limit. Part of `limit-sources.ts`. */
import { z } from 'zod'
import { id } from './ids.js'
import { said } from './labels.js'

const circuit = id.optional().meta(said('Circuit', 'With a meter; absent = the whole site.'))

export const meanLimit = z.strictObject({
  id: id.meta(said('Mean', 'Its name, by which the page gives the reason.')),
  circuit,
  meanLimitW: z
    .number()
    .int()
    .min(1_000)
    .max(5_000_000)
    .meta(said('Mean limit', 'Of all loads, over each quarter of an hour of the clock.', 'W')),
})

export const importLimit = z.strictObject({
  id: id.meta(said('Import limit', 'Its name, by which the page gives the reason.')),
  circuit,
  limitA: z
    .number()
    .min(1)
    .max(6300)
    .meta(
      said('Limit', 'Of the connection, per phase (UK G100): above it for 15 s counts as an excursion.', 'A'),
    ),
  lockedStationsA: z
    .number()
    .min(0)
    .max(6300)
    .default(0)
    .meta(said('While locked out', 'What the stations may draw together in the 4 h of a lock-out.', 'A')),
})
