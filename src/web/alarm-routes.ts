/** Taking note of an alarm: it goes on to hold, but does not call any more. Kept until it is over, also over a restart. */
import { createRoute, z } from '@hono/zod-openapi'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import { json, mutating, refused, type WebRouter } from './routes.js'
import type { CommandDesk } from './site-reader.js'

const acknowledgementSchema = z
  .strictObject({
    code: z.string().min(1).max(64),
    about: z.string().min(1).max(64).optional(),
    acknowledged: z.boolean(),
  })
  .openapi('Acknowledgement')

const acknowledgementRoute = createRoute({
  method: 'post',
  path: '/api/v1/alarms/acknowledgement',
  request: {
    body: { required: true, content: { 'application/json': { schema: acknowledgementSchema } } },
  },
  responses: { 200: json(acknowledgementSchema, 'noted'), ...mutating, 404: refused('no such alarm now') },
})

export function alarmRoutes(app: WebRouter, commands: CommandDesk): void {
  app.openapi(acknowledgementRoute, c => {
    const given = c.req.valid('json')
    if (commands.acknowledge(given, given.acknowledged, c.get('identity').name)) {
      const words = [say('not-noted'), say('noted')]
      const [before, after] = given.acknowledged ? words : words.reverse()
      const { code: alarm, about } = given
      const what =
        about === undefined ? say('audit-alarm', { alarm }) : say('audit-alarm-of', { alarm, about })
      c.set('audit', { what, before, after })
      return c.json(given, 200)
    }
    return c.json(refusal('no-alarm', { found: given.code }), 404)
  })
}
