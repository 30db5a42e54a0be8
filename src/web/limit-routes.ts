/** Limits from outside by the API: given, tried out, ended. The list of what is in force is part of the site. */
import { createRoute, z } from '@hono/zod-openapi'
import { id } from '../core/config/ids.js'
import {
  departureOrderSchema,
  enableOrderSchema,
  gridOrderSchema,
  limitOrderSchema,
} from '../core/config/limit-order.js'
import type { OrderDesk, OrderOutcome } from '../core/control/order-desk.js'
import { isOfPage } from '../core/limits/limit.js'
import { refusal } from '../core/words/refused.js'
import type { Log } from '../ports.js'
import { json, mutating, notLoggedIn, refused, type WebRouter } from './routes.js'
import { said } from './said-schema.js'
import { limitSchema } from './schemas.js'
import type { SiteReader } from './site-reader.js'

export const doneSchema = z
  .strictObject({
    dryRun: z.boolean(),
    text: z.string().describe('in one line what it does to whom'),
    parts: z.array(said).readonly().describe('the same part by part'),
    until: z.iso.datetime().optional(),
    circuits: z
      .array(
        z.strictObject({
          circuitId: z.string(),
          onlyStations: z.literal(true).optional().describe('what its stations may draw together'),
          fromA: z.number(),
          toA: z.number(),
        }),
      )
      .readonly(),
    cars: z
      .array(
        z.strictObject({ stationId: z.string(), connectorId: z.int(), fromA: z.number(), toA: z.number() }),
      )
      .readonly()
      .describe('what is decided for each car that gets another share'),
    kept: z
      .array(
        z.strictObject({
          stationId: z.string(),
          connectorId: z.int(),
          bookedA: z.number(),
          because: z.enum(['not connected', 'not read back yet', 'does not follow']),
        }),
      )
      .readonly()
      .describe('where it has no effect yet: what cannot be lowered now'),
    promised: z.boolean().optional().describe('of a departure: it is possible, as far as is known now'),
    possibleWh: z.number().optional().describe('of a departure: by then, from the start of the session'),
    shortWh: z.number().optional().describe('of a departure: what is missing of what was asked for'),
    isDurable: z.boolean().describe('false: it holds, and would not outlive a restart'),
  })
  .openapi('OrderDone')

const answers = {
  200: json(doneSchema, 'taken, or with dryRun what it would do'),
  ...mutating,
  409: refused('what it names is not there, or the book of orders is full'),
}
const taking = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
})
const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/limits',
  responses: {
    200: json(z.strictObject({ limits: z.array(limitSchema).readonly() }).openapi('Limits'), 'in force now'),
    ...notLoggedIn,
  },
})
const giveRoute = createRoute({
  method: 'post',
  path: '/api/v1/limits',
  request: taking(limitOrderSchema),
  responses: answers,
})
const gridRoute = createRoute({
  method: 'post',
  path: '/api/v1/grid-orders',
  request: taking(gridOrderSchema),
  responses: answers,
})
const pauseRoute = createRoute({
  method: 'post',
  path: '/api/v1/pauses',
  request: taking(enableOrderSchema),
  responses: answers,
})
const departureRoute = createRoute({
  method: 'post',
  path: '/api/v1/departures',
  request: taking(departureOrderSchema),
  responses: answers,
})
const clearRoute = createRoute({
  method: 'delete',
  path: '/api/v1/limits/{id}',
  request: { params: z.object({ id }) },
  responses: answers,
})

export function limitRoutes(app: WebRouter, site: SiteReader, desk: OrderDesk, log: Log): void {
  const told = (what: string, by: string, outcome: OrderOutcome): OrderOutcome => {
    const words = outcome.kind === 'done' ? outcome.done.text : `${outcome.why.error}: ${outcome.why.found}`
    log.write(outcome.kind === 'done' ? 'info' : 'warn', 'order', {
      ...{ what, by, outcome: outcome.kind },
      dryRun: outcome.kind === 'done' && outcome.done.dryRun,
      words,
    })
    return outcome
  }
  app.openapi(listRoute, c => c.json({ limits: site.view().limits }, 200))
  app.openapi(giveRoute, async c => {
    const { name: by, sessionId } = c.get('identity')
    const { id } = c.req.valid('json')
    if (sessionId === undefined && isOfPage({ source: 'api', id }))
      return c.json(refusal('name-of-page', { found: id }), 409)
    const outcome = told('limit', by, await desk.limit({ door: 'api', by }, c.req.valid('json')))
    return outcome.kind === 'done' ? c.json(shown(outcome), 200) : c.json(outcome.why, 409)
  })
  app.openapi(gridRoute, async c => {
    const by = c.get('identity').name
    const outcome = told('grid', by, await desk.grid({ door: 'api', by }, c.req.valid('json')))
    return outcome.kind === 'done' ? c.json(shown(outcome), 200) : c.json(outcome.why, 409)
  })
  app.openapi(pauseRoute, async c => {
    const by = c.get('identity').name
    const outcome = told('pause', by, await desk.enable({ door: 'api', by }, c.req.valid('json')))
    return outcome.kind === 'done' ? c.json(shown(outcome), 200) : c.json(outcome.why, 409)
  })
  app.openapi(departureRoute, async c => {
    const by = c.get('identity').name
    const outcome = told('departure', by, await desk.departure({ door: 'api', by }, c.req.valid('json')))
    return outcome.kind === 'done' ? c.json(shown(outcome), 200) : c.json(outcome.why, 409)
  })
  app.openapi(clearRoute, async c => {
    const by = c.get('identity').name
    const order = { id: c.req.valid('param').id, dryRun: false }
    const outcome = told('clear', by, await desk.clear({ door: 'api', by }, order))
    return outcome.kind === 'done' ? c.json(shown(outcome), 200) : c.json(outcome.why, 409)
  })
}

function shown({ done }: OrderOutcome & { readonly kind: 'done' }): z.output<typeof doneSchema> {
  const { effect, departure, ...rest } = done
  const { circuits = [], cars = [], kept = [] } = effect ?? {}
  return { ...rest, ...departure, circuits, cars, kept }
}
