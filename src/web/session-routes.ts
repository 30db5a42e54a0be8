/** What somebody says of a running session: departure, energy, weight, class. Decides nothing. */
import { createRoute, z } from '@hono/zod-openapi'
import type { SessionClaim } from '../core/control/claim.js'
import { claimView } from '../core/view/claim-view.js'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { Log } from '../ports.js'
import { json, mutating, refused, type WebRouter } from './routes.js'
import { claimSchema, sessionBody } from './schemas.js'
import type { CommandDesk } from './site-reader.js'

const sessionRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations/{id}/connectors/{connector}/session',
  request: {
    params: z.object({ id: z.string().min(1).max(48), connector: z.coerce.number().int().min(1).max(64) }),
    body: { required: true, content: { 'application/json': { schema: sessionBody } } },
  },
  responses: {
    200: json(claimSchema, 'what holds for the session from now until it ends'),
    ...mutating,
    404: refused('no such connector'),
    409: refused('no session runs there'),
    503: refused('it could not be kept'),
  },
})

export function sessionClaimRoutes(app: WebRouter, desk: Pick<CommandDesk, 'session'>, log: Log): void {
  app.openapi(sessionRoute, async c => {
    const { id, connector } = c.req.valid('param')
    const { departureAt, energyWh, weight, priorityClass } = c.req.valid('json')
    let claim: SessionClaim | 'none' | undefined
    try {
      claim = await desk.session(id, connector, {
        ...(departureAt !== undefined && { departureWallMs: Date.parse(departureAt) }),
        ...(energyWh !== undefined && { energyWh }),
        ...(weight !== undefined && { weight }),
        ...(priorityClass !== undefined && { priorityClass }),
      })
    } catch (fault) {
      log.write('error', 'claim not written', { station: id, connector, fault: String(fault) })
      return c.json(refusal('disk-not-written', {}), 503)
    }
    if (claim === undefined) return c.json(refusal('no-connector-there', { station: id, connector }), 404)
    if (claim === 'none') return c.json(refusal('no-session-there', { station: id, connector }), 409)
    c.set('audit', {
      what: say('audit-session', { station: id, connector }),
      after: JSON.stringify(claimView(claim)),
    })
    log.write('info', 'session claim', { station: id, connector, by: c.get('identity').name })
    return c.json(claimView(claim), 200)
  })
}
