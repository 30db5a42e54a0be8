/** "Try now": the wait for the next attempt to reach the CSMS, the MQTT broker or a meter cut short. */
import { createRoute, z } from '@hono/zod-openapi'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { Ports } from '../ports.js'
import { json, mutating, refused, type WebRouter } from './routes.js'
import type { CommandDesk } from './site-reader.js'

const tryRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations/{id}/csms/try',
  request: { params: z.object({ id: z.string().min(1).max(48) }) },
  responses: {
    200: json(
      z.strictObject({ state: z.enum(['trying', 'open']) }).openapi('CsmsTry'),
      'the CSMS is dialled now for this station, or the link is open',
    ),
    ...mutating,
    404: refused('no such station'),
    409: refused('the station is not connected, or no CSMS is configured'),
  },
})
const tryAllRoute = createRoute({
  method: 'post',
  path: '/api/v1/csms/try',
  responses: {
    200: json(
      z.strictObject({ trying: z.int() }).openapi('CsmsTryAll'),
      'so many links are dialled within seconds',
    ),
    ...mutating,
  },
})

const tryMqttRoute = createRoute({
  method: 'post',
  path: '/api/v1/mqtt/try',
  responses: {
    200: json(
      z.strictObject({ state: z.enum(['trying', 'open']) }).openapi('MqttTry'),
      'the broker is dialled now, or the link is open',
    ),
    ...mutating,
    409: refused('no broker is configured'),
  },
})
const tryMeterRoute = createRoute({
  method: 'post',
  path: '/api/v1/meters/{id}/try',
  request: { params: z.object({ id: z.string().min(1).max(48) }) },
  responses: {
    200: json(
      z.strictObject({ state: z.literal('trying') }).openapi('MeterTry'),
      'if it did not answer, it is asked now',
    ),
    ...mutating,
    404: refused('no such meter, or one that is made of others'),
  },
})

export function tryRoutes(app: WebRouter, commands: CommandDesk, { log }: Pick<Ports, 'log'>): void {
  app.openapi(tryRoute, c => {
    const { id } = c.req.valid('param')
    const state = commands.tryCsms(id)
    if (state === undefined) return c.json(refusal('no-station', { found: id }), 404)
    if (state === 'idle' || state === 'none') {
      const code = state === 'idle' ? 'csms-not-tried' : 'no-csms-to-try'
      return c.json(refusal(code, { found: id }), 409)
    }
    log.write('info', 'csms.try', { station: id, by: c.get('identity').name })
    return c.json({ state }, 200)
  })
  app.openapi(tryAllRoute, c => {
    const trying = commands.tryCsmsForAll()
    log.write('info', 'csms.try', { links: trying, by: c.get('identity').name })
    return c.json({ trying }, 200)
  })
  app.openapi(tryMqttRoute, c => {
    const state = commands.tryMqtt()
    if (state === 'none') return c.json(refusal('no-broker-to-try', { found: say('nothing') }), 409)
    log.write('info', 'mqtt.try', { by: c.get('identity').name })
    return c.json({ state }, 200)
  })
  app.openapi(tryMeterRoute, c => {
    const { id } = c.req.valid('param')
    if (!commands.tryMeter(id)) return c.json(refusal('no-meter-to-try', { found: id }), 404)
    log.write('info', 'meter.try', { meter: id, by: c.get('identity').name })
    return c.json({ state: 'trying' as const }, 200)
  })
}
