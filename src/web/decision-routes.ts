/** What was decided and why, from the journal: the answer to "why 9 A last night". Reads only. */
import { createRoute, z } from '@hono/zod-openapi'
import type { DecisionRecord } from '../core/control/decision.js'
import { PHASE_NAMES } from '../core/site/phases.js'
import { circuitWhyView, whyView } from '../core/view/why-words.js'
import { json, notLoggedIn, refused, type WebRouter } from './routes.js'
import { circuitWhy, why } from './schemas.js'
import type { SiteReader } from './site-reader.js'

/** Of the entries of one answer; ask again from the last one. */
const MOST_DECISIONS = 500

const query = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** "CP-1/1" */
  connector: z.string().max(60).optional(),
})
const decision = z.strictObject({
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

const decisionsSchema = z
  .strictObject({
    decisions: z.array(decision),
    /** There are more: ask from the time of the last one. */
    isCut: z.boolean(),
  })
  .openapi('Decisions')

const decisionsRoute = createRoute({
  method: 'get',
  path: '/api/v1/decisions',
  request: { query },
  responses: {
    200: json(decisionsSchema, 'decisions that changed something, oldest first'),
    ...notLoggedIn,
    400: refused('a query that does not fit'),
  },
})

const momentSchema = z
  .strictObject({
    decision: decision
      .optional()
      .describe('the last that was kept before or at that moment; absent for none'),
  })
  .openapi('DecisionAt')
const momentRoute = createRoute({
  method: 'get',
  path: '/api/v1/decisions/at',
  request: { query: z.strictObject({ at: z.iso.datetime({ offset: true }) }) },
  responses: {
    200: json(momentSchema, 'what held at a moment, and why'),
    ...notLoggedIn,
    400: refused('a query that does not fit'),
  },
})

export function decisionRoutes(app: WebRouter, site: Pick<SiteReader, 'decisions' | 'records'>): void {
  app.openapi(momentRoute, async c => {
    const found = await site.records?.decisionAt(Date.parse(c.req.valid('query').at))
    return c.json(found === undefined ? {} : { decision: viewOf(found, undefined) }, 200)
  })
  app.openapi(decisionsRoute, async c => {
    const { from, to, connector } = c.req.valid('query')
    const fromMs = from === undefined ? 0 : Date.parse(from)
    const toMs = to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to)
    const found = await site.decisions(fromMs, toMs, MOST_DECISIONS + 1)
    const shown = found.slice(0, MOST_DECISIONS).map(record => viewOf(record, connector))
    return c.json(
      {
        decisions:
          connector === undefined
            ? shown
            : shown.filter(({ connectors, others }) => connectors.length + others.length > 0),
        isCut: found.length > MOST_DECISIONS,
      },
      200,
    )
  })
}

function viewOf({ atWallMs, cars, others = [], circuits }: DecisionRecord, connector: string | undefined) {
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
