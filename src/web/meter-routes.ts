/**
 * Meters: what hangs on a line, what one says now. Reads only. A scan opens connections to where it is told to, so it is
 * the admin's; what a running meter says is for everybody who sees the page.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { siteConfigSchema } from '../core/config/site.js'
import { refusal, unfitParams } from '../core/words/refused.js'
import type { Ports } from '../ports.js'
import type { MeterDesk, Unfit } from './meter-desk.js'
import { checkSchema, shownSchema, valuesSchema } from './meter-schemas.js'
import { json, mutating, notLoggedIn, refused, type WebRouter } from './routes.js'

const { shape: meterShape } = siteConfigSchema.shape.meters.unwrap().element
const MAX_HOSTS = 16
const valuesRoute = createRoute({
  method: 'get',
  path: '/api/v1/meters/{id}/values',
  request: { params: z.object({ id: z.string().min(1).max(48) }) },
  responses: {
    200: json(valuesSchema, 'what it says now, beside its stations'),
    ...notLoggedIn,
    404: refused('no such meter'),
  },
})

const scanBody = z
  .strictObject({
    hosts: z
      .array(z.string().min(1).max(270))
      .max(MAX_HOSTS)
      .default([])
      .describe('"10.0.0.5" or "10.0.0.5:503"; Modbus TCP and RTU over TCP are both tried'),
    serialLines: z
      .array(z.string().min(1).max(200))
      .max(MAX_HOSTS)
      .optional()
      .describe('absent: every line that is plugged in, where no host is given'),
    announced: z
      .boolean()
      .optional()
      .describe('true: whoever announces Modbus in the network by mDNS too, at most 16'),
    unitIds: z.string().min(1).max(100).default('1-5'),
  })
  .openapi('MeterScan')
const foundSchema = z
  .strictObject({
    serialLines: z.array(z.string()).readonly().describe('plugged in'),
    lines: z
      .array(
        z.strictObject({
          where: z.string(),
          state: z.enum(['searched', 'cut short', 'in use', 'not opened']),
          text: z.string().optional(),
          units: z
            .array(
              z.strictObject({
                unitId: z.int(),
                connection: meterShape.connection,
                saysOfItself: z.string().optional().describe('by function code 43'),
                alike: z
                  .array(z.string())
                  .readonly()
                  .optional()
                  .describe('the same registers: read alike, only the name plate tells'),
                models: z
                  .array(
                    z.strictObject({
                      device: z.string(),
                      manufacturer: z.string(),
                      model: z.string(),
                      confidence: z.enum(['identified', 'likely', 'possible']),
                      evidence: z.string().optional().describe('what identified it'),
                      values: shownSchema,
                    }),
                  )
                  .readonly()
                  .describe('best first; empty: something answers that no device file fits'),
              }),
            )
            .readonly(),
        }),
      )
      .readonly(),
  })
  .openapi('FoundMeters')
const scanRoute = createRoute({
  method: 'post',
  path: '/api/v1/meters/scan',
  request: { body: { required: true, content: { 'application/json': { schema: scanBody } } } },
  responses: {
    200: json(foundSchema, 'within 100 s; lines of running meters are left alone'),
    ...mutating,
    409: refused('another scan runs'),
  },
})

const { device, unitId, connection, invert, phaseMap, ctRatio, vtRatio } = meterShape
const readBody = z
  .strictObject({ device, unitId, connection, invert, phaseMap, ctRatio, vtRatio })
  .openapi('MeterToRead')
const readRoute = createRoute({
  method: 'post',
  path: '/api/v1/meters/read',
  request: { body: { required: true, content: { 'application/json': { schema: readBody } } } },
  responses: {
    200: json(shownSchema, 'one reading, or the fault that came instead'),
    ...mutating,
    409: refused('a running meter uses that line, or a scan runs'),
  },
})

const checkBody = z.strictObject({ running: z.boolean() }).openapi('WiringCheckOrder')
const checkRequest = { params: z.object({ id: z.string().min(1).max(48) }) }
const checkRoute = createRoute({
  method: 'post',
  path: '/api/v1/meters/{id}/commissioning',
  request: {
    ...checkRequest,
    body: { required: true, content: { 'application/json': { schema: checkBody } } },
  },
  responses: {
    200: json(
      checkSchema,
      'the check has begun anew or ended; it only watches, and ends by itself after 30 min',
    ),
    ...mutating,
    404: refused('no such meter'),
  },
})
const checkedRoute = createRoute({
  method: 'get',
  path: '/api/v1/meters/{id}/commissioning',
  request: checkRequest,
  responses: {
    200: json(checkSchema, 'what the steps seen so far say about its wiring'),
    ...notLoggedIn,
    404: refused('no such meter'),
  },
})

export function meterRoutes(app: WebRouter, meters: MeterDesk, { log }: Pick<Ports, 'log'>): void {
  app.openapi(valuesRoute, c => {
    const { id } = c.req.valid('param')
    const values = meters.values(id)
    return values === undefined ? c.json(noMeter(id), 404) : c.json(values, 200)
  })
  app.openapi(checkRoute, c => {
    const { id } = c.req.valid('param')
    const check = meters.checkWiring(id, c.req.valid('json').running)
    return check === undefined ? c.json(noMeter(id), 404) : c.json(check, 200)
  })
  app.openapi(checkedRoute, c => {
    const { id } = c.req.valid('param')
    const check = meters.wiringCheck(id)
    return check === undefined ? c.json(noMeter(id), 404) : c.json(check, 200)
  })
  app.openapi(scanRoute, async c => {
    const wish = c.req.valid('json')
    const outcome = await meters.scan(wish)
    if (outcome.kind === 'busy') return c.json(BUSY, 409)
    if (outcome.kind === 'unfit') return c.json(unfit(outcome), 400)
    const { serialLines, lines } = outcome
    const found = lines.reduce((sum, { units }) => sum + units.length, 0)
    log.write('info', 'meter scan', { lines: lines.length, found, by: c.get('identity').name })
    return c.json({ serialLines, lines: [...lines] }, 200)
  })
  app.openapi(readRoute, async c => {
    const outcome = await meters.read(c.req.valid('json'))
    switch (outcome.kind) {
      case 'read':
        return c.json(outcome.values, 200)
      case 'unfit':
        return c.json(unfit(outcome), 400)
      case 'busy':
        return c.json(BUSY, 409)
      case 'in use':
        return c.json(refusal('line-in-use', { meters: outcome.meters.join(', ') }), 409)
    }
  })
}

const noMeter = (found: string) => refusal('no-meter', { found })
const BUSY = refusal('scan-runs', {})

const unfit = (fault: Unfit) => refusal('unfit', unfitParams(fault))
