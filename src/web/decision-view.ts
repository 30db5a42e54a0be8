/** A decision of the journal as the API tells it, as JSON and as a table: numbers as they were, reasons in the words of the page. */
import { z } from '@hono/zod-openapi'
import type { DecisionRecord } from '../core/control/decision.js'
import { PHASE_NAMES } from '../core/site/phases.js'
import { circuitWhyView, whyView } from '../core/view/why-words.js'
import { circuitWhy, why } from './schemas.js'

/** One decision as it is told. */
export const decision = z.strictObject({
  at: z.string().describe('ISO 8601, UTC'),
  connectors: z.array(
    z.strictObject({
      connector: z.string(),
      allocationA: z.number().describe('decided'),
      offerA: z.number().describe('what the station was told then'),
      minA: z.number(),
      maxA: z.number().describe('what car, CSMS and connector allowed'),
      weight: z.number(),
      priorityClass: z.number(),
      rank: z.number().optional(),
      owed: z.boolean(),
      bound: z.enum(['max', 'circuit', 'waiting', 'off']),
      circuitId: z.string().optional(),
      phase: z.enum(PHASE_NAMES).optional(),
      why: why.optional().describe('as it was shown then'),
    }),
  ),
  others: z
    .array(z.strictObject({ connector: z.string(), offerA: z.number(), why }))
    .describe('with a session and out of reach, or with an answer or a proof owing'),
  circuits: z.array(
    z.strictObject({
      id: z.string(),
      limitA: z.number(),
      availableA: z.tuple([z.number(), z.number(), z.number()]).readonly(),
      why: circuitWhy.optional(),
    }),
  ),
})

export type DecisionView = z.output<typeof decision>

/** `connector`: of this one alone. */
export function viewOf(
  { atWallMs, cars, others = [], circuits }: DecisionRecord,
  connector: string | undefined,
): DecisionView {
  const isWanted = (key: string): boolean => connector === undefined || key === connector
  const wanted = cars.filter(({ demand }) => isWanted(demand.key))
  return {
    at: new Date(atWallMs).toISOString(),
    connectors: wanted.map(({ demand, allocationA, offerA, bound, reasons }) => ({
      ...{ connector: demand.key, allocationA, offerA, bound: bound.kind },
      ...{ minA: demand.minA, maxA: demand.maxA, weight: demand.weight },
      ...{ priorityClass: demand.turn.priorityClass, owed: demand.turn.owed },
      ...(demand.rank !== undefined && { rank: demand.rank }),
      ...('node' in bound && { circuitId: circuits[bound.node]?.id ?? '?', phase: PHASE_NAMES[bound.phase] }),
      ...(reasons !== undefined && { why: whyView(reasons) }),
    })),
    others: others
      .filter(({ key }) => isWanted(key))
      .map(({ key, offerA, reasons }) => ({ connector: key, offerA, why: whyView(reasons) })),
    circuits: circuits.map(({ id, limitA, availableA, parts }) => ({
      ...{ id, limitA, availableA },
      ...(parts !== undefined && { why: circuitWhyView(parts) }),
    })),
  }
}
