/**
 * A site is put into service: what was entered so far, the test of a CSMS address, the wiring test of a station, the
 * fail-safe drill, and Busbar told to restart. All of it the admin's. Nothing here raises a current: a wiring test and a
 * drill only watch.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { expecting } from '../core/config/faults.js'
import { STATION_ID } from '../core/config/ids.js'
import type { SiteView } from '../core/view/document.js'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { Log } from '../ports.js'
import { json, mutating, notLoggedIn, refused, type WebRouter } from './routes.js'
import type { SetupDesk } from './setup-desk.js'
import {
  csmsTestBody,
  csmsTestedSchema,
  drillBody,
  restartSchema,
  setupBody,
  setupSchema,
  stationWiringSchema,
} from './setup-schemas.js'

const taking = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
})
const setupRoute = createRoute({
  method: 'get',
  path: '/api/v1/setup',
  responses: { 200: json(setupSchema, 'what was entered and found so far'), ...notLoggedIn },
})
const putRoute = createRoute({
  method: 'put',
  path: '/api/v1/setup',
  request: taking(setupBody),
  responses: {
    200: json(setupSchema, 'kept: on the disk'),
    ...mutating,
    409: refused('somebody else changed it: read it again'),
    507: refused('could not be written'),
  },
})
const csmsRoute = createRoute({
  method: 'post',
  path: '/api/v1/setup/csms-test',
  request: taking(csmsTestBody),
  responses: {
    200: json(csmsTestedSchema, 'what came of it, within 11 s'),
    ...mutating,
    409: refused('that station is connected, or another test runs'),
  },
})
const drillRoute = createRoute({
  method: 'post',
  path: '/api/v1/setup/drill',
  request: taking(drillBody),
  responses: {
    200: json(setupSchema, 'it runs and only watches; a restart is due at once'),
    ...mutating,
    409: refused('nothing runs, another one does, or there is no such thing to pull'),
  },
})
const stationParams = { params: z.object({ id: z.string().regex(STATION_ID, expecting('station-id')) }) }
const wiringRoute = createRoute({
  method: 'get',
  path: '/api/v1/stations/{id}/wiring',
  request: stationParams,
  responses: {
    200: json(stationWiringSchema, 'what its wiring test has shown so far'),
    ...notLoggedIn,
    404: refused('no such station'),
  },
})
const testRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations/{id}/wiring',
  request: { ...stationParams, ...taking(z.strictObject({ running: z.boolean() }).openapi('WiringTest')) },
  responses: {
    200: json(stationWiringSchema, 'begun anew, or ended and kept; it only watches'),
    ...mutating,
    404: refused('no such station'),
  },
})
const needsRoute = createRoute({
  method: 'get',
  path: '/api/v1/restart',
  responses: { 200: json(restartSchema, 'what a restart would do, and what waits for one'), ...notLoggedIn },
})
const restartRoute = createRoute({
  method: 'post',
  path: '/api/v1/restart',
  request: taking(z.strictObject({}).openapi('RestartOrder')),
  responses: {
    200: json(restartSchema, 'Busbar restarts inside its process'),
    ...mutating,
    409: refused('one is due already, or the configuration in the file has faults'),
  },
})

interface Beside {
  view(): SiteView
  readonly log: Log
}

export function setupRoutes(app: WebRouter, desk: SetupDesk, beside: Beside): void {
  app.openapi(setupRoute, c => c.json(desk.view(), 200))
  app.openapi(putRoute, async c => {
    const wish = c.req.valid('json')
    const { state, step } = desk.view()
    const outcome = await desk.put(wish)
    if (outcome === 'changed-meanwhile') return c.json(refusal('setup-changed', {}), 409)
    if (outcome === 'not-written') return c.json(refusal('setup-not-written', {}), 507)
    // each sign that is typed would push every other change out of the record
    c.set('isUntold', wish.step === step && wish.state === state)
    c.set('audit', { what: say('audit-service', { step: wish.step, state: wish.state }) })
    return c.json(desk.view(), 200)
  })
  app.openapi(csmsRoute, async c => {
    const wish = c.req.valid('json')
    const outcome = await desk.testCsms(wish)
    if (outcome === 'busy') return c.json(refusal('test-runs', {}), 409)
    if (outcome === 'connected') return c.json(refusal('would-lose-link', { station: wish.stationId }), 409)
    return c.json(outcome, 200)
  })
  app.openapi(drillRoute, async c => {
    const { kind, meterId } = c.req.valid('json')
    if (kind === undefined) {
      await desk.endDrill()
      return c.json(desk.view(), 200)
    }
    const outcome = await desk.startDrill({ kind, about: meterId }, c.get('identity').name)
    if (outcome !== 'started') return c.json(refusal('no-drill', { found: outcome }), 409)
    c.set('audit', { what: say('audit-drill', { kind }) })
    return c.json(desk.view(), 200)
  })
  stationWiringRoutes(app, desk)
  restartRoutes(app, desk, beside)
}

function stationWiringRoutes(app: WebRouter, desk: SetupDesk): void {
  const noStation = (found: string) => refusal('no-station', { found })
  app.openapi(wiringRoute, c => {
    const { id } = c.req.valid('param')
    const found = desk.stationWiring(id)
    return found === undefined ? c.json(noStation(id), 404) : c.json(found, 200)
  })
  app.openapi(testRoute, async c => {
    const { id } = c.req.valid('param')
    const { running } = c.req.valid('json')
    const found = await desk.testStation(id, running, c.get('identity').name)
    if (found === undefined) return c.json(noStation(id), 404)
    c.set('audit', {
      what: say('audit-wiring', { station: id }),
      after: running ? say('wiring-begun') : found.finding,
    })
    return c.json(found, 200)
  })
}

function restartRoutes(app: WebRouter, desk: SetupDesk, { view, log }: Beside): void {
  const told = async () => {
    const { stations } = view()
    const sessions = stations.flatMap(({ connectors }) => connectors)
    return {
      needs: await desk.needsRestart(),
      sessions: sessions.filter(({ transaction }) => transaction !== undefined).length,
      links: stations.filter(({ connected }) => connected).length,
    }
  }
  app.openapi(needsRoute, async c => c.json(await told(), 200))
  app.openapi(restartRoute, async c => {
    const by = c.get('identity').name
    const before = await told()
    const outcome = await desk.restart(by)
    if (outcome.kind === 'restarting') return c.json(refusal('restart-due', {}), 409)
    if (outcome.kind === 'faulty') {
      log.write('warn', 'restart refused', { by, faults: outcome.faults })
      return c.json(refusal('not-restarted', { count: outcome.faults, path: outcome.first }), 409)
    }
    c.set('audit', { what: say('audit-restart'), after: before.needs.join(', ') || say('restart-needless') })
    return c.json({ ...before, inS: outcome.inMs / 1_000 }, 200)
  })
}
