/**
 * The shapes of what goes over MQTT, as JSON Schema by their name below `schema/`: those of the API where a topic is a part
 * of the site's document. In what Busbar says new keys may come; of what it obeys every key counts.
 */
import { createRoute, z } from '@hono/zod-openapi'
import {
  clearOrderSchema,
  departureOrderSchema,
  enableOrderSchema,
  gridOrderSchema,
  limitOrderSchema,
} from '../core/config/limit-order.js'
import { doneSchema } from './limit-routes.js'
import { meterSchema } from './meter-schemas.js'
import { alarmView, sessionSchema } from './record-routes.js'
import { json, notLoggedIn, type WebRouter } from './routes.js'
import {
  alarm,
  circuit,
  connector,
  learning,
  limitSchema,
  refusalSchema,
  refusedStation,
  retiredStation,
  station,
} from './schemas.js'

const listOf = <T extends z.ZodType>(shape: T) => z.array(shape).readonly()

const site = z.strictObject({
  id: z.string(),
  mode: z.enum(['normal', 'degraded']),
  alarmCount: z.int(),
  csms: z.strictObject({ state: z.string(), openLinks: z.int(), waitingMessages: z.int() }),
  stationCount: z.int(),
  connectedStationCount: z.int(),
})
const answerId = z.string().optional().describe('of the order; absent where it could not be read')
const result = z.union([
  doneSchema.partial().extend({ id: answerId, done: z.literal(true) }),
  refusalSchema.extend({ id: answerId, done: z.literal(false) }),
])
const securityEntry = z.strictObject({
  seq: z.int(),
  at: z.string(),
  type: z.string(),
  about: z.string().optional(),
  detail: z.string().optional(),
  hash: z.string(),
})

/** What Busbar says; `circuits` is of `circuits/<id>`, `connectors` of `stations/<id>/connectors/<n>`. */
const SAID = {
  site,
  alarms: z.strictObject({ count: z.int(), alarms: listOf(alarm) }),
  retired: z.strictObject({ stations: listOf(retiredStation) }),
  learning,
  limits: z.strictObject({ limits: listOf(limitSchema) }),
  refused: z.strictObject({ stations: listOf(refusedStation) }),
  circuits: circuit,
  meters: meterSchema,
  stations: station.omit({ connectors: true }).extend({ connectorIds: listOf(z.int()) }),
  connectors: connector,
  'event/session': sessionSchema.omit({ tag: true }).extend({
    event: z.enum(['started', 'ended']),
    durationS: z.int().optional().describe('absent while it runs'),
  }),
  'event/alarm': alarmView.omit({ holds: true }).extend({ event: z.enum(['begun', 'acknowledged', 'over']) }),
  'event/security': securityEntry,
  result,
} as const

const OBEYED = {
  'set/limit': limitOrderSchema,
  'set/grid': gridOrderSchema,
  'set/enable': enableOrderSchema,
  'set/departure': departureOrderSchema,
  'set/clear': clearOrderSchema,
} as const

let built: ReadonlyMap<string, object> | undefined

/** By name; made at the first question. */
export function mqttSchemas(): ReadonlyMap<string, object> {
  built ??= new Map<string, object>([
    ...Object.entries(SAID).map(([name, shape]) => [name, saidSchema(shape)] as const),
    ...Object.entries(OBEYED).map(([name, shape]) => [name, z.toJSONSchema(shape, { io: 'input' })] as const),
  ])
  return built
}

function saidSchema(shape: z.ZodType): object {
  return z.toJSONSchema(shape, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties
    },
  })
}

const schemasRoute = createRoute({
  method: 'get',
  path: '/api/v1/mqtt/schemas',
  responses: {
    200: json(
      z.strictObject({ schemas: z.record(z.string(), z.unknown()) }).openapi('MqttSchemas'),
      'JSON Schema of each MQTT topic, by its name below schema/',
    ),
    ...notLoggedIn,
  },
})

export function mqttRoutes(app: WebRouter): void {
  app.openapi(schemasRoute, c => c.json({ schemas: Object.fromEntries(mqttSchemas()) }, 200))
}
