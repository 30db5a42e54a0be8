/** The shapes of amps over time: what is asked for and what is answered. */
import { z } from '@hono/zod-openapi'

const series = z.array(z.number().nullable()).readonly()
const columns = {
  atS: z.array(z.number()).readonly(),
  l1A: series,
  l2A: series,
  l3A: series,
  limitA: series,
  offeredA: series,
}

export const historySchema = z.strictObject({ circuitId: z.string(), ...columns }).openapi('History')

export const stationHistorySchema = z
  .strictObject({
    stationId: z.string(),
    ...columns,
    limitA: series.describe('what may flow at most and is kept free for it, on the phase with the most'),
    offeredA: series.describe('what its sessions were told, on the phase with the most'),
  })
  .openapi('StationHistory')

const span = {
  /** At most 31 days; up to three days by the minute, beyond by the quarter of an hour. */
  seconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(31 * 86_400)
    .default(900),
  /** Unix seconds; default now. */
  until: z.coerce.number().int().min(1).max(1e11).optional(),
}

export const historyQuery = z.strictObject({ circuit: z.string().min(1).max(48), ...span })
export const spanQuery = z.strictObject(span)
