/**
 * The routes of the API: what each takes, answers and refuses. Who may call them is decided before, in web.ts; a GET
 * here changes nothing. Every answer of status 400 and above is a Refusal.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { refusal } from '../core/words/refused.js'
import type { Said } from '../core/words/said.js'
import { giveCookie, type Identity, type IdentitySource, identify, takeCookie } from './identity.js'
import { ledgerCsv } from './ledger-csv.js'
import type { LiveFeed } from './live.js'
import { isKnown } from './page-files.js'
import { readyReasons } from './readiness.js'
import { refuse } from './refusal.js'
import {
  configurationSchema,
  healthSchema,
  leverBody,
  leversSchema,
  loginBody,
  readinessSchema,
  whoSchema,
} from './route-schemas.js'
import { refusalSchema, siteSchema } from './schemas.js'
import type { DemoLevers, SiteReader } from './site-reader.js'
import type { StatusTexts } from './status-text.js'

/** What a route knows of its change and its path does not say. */
export interface AuditNote {
  readonly what: Said
  readonly before?: Said | string | undefined
  readonly after?: Said | string | undefined
}

/** What each request carries: the remote address in, the identity after the guards. */
export interface WebEnv {
  Bindings: { remote: string }
  Variables: { identity: Identity; audit?: AuditNote; isUntold?: boolean }
}

export type WebRouter = OpenAPIHono<WebEnv>
export type WebContext = Context<WebEnv>

export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
})
export const refused = (description: string) => json(refusalSchema, description)
export const notLoggedIn = { 401: refused('not logged in'), 429: refused('too many wrong passwords') }
export const mutating = {
  ...notLoggedIn,
  400: refused('a body that does not fit'),
  403: refused('no proof of the same origin, or not of the role that may do this'),
  413: refused('a body of more than 64 KiB'),
  415: refused('not application/json'),
}
const textOf = (description: string, type: string) => ({
  description,
  content: { [type]: { schema: { type: 'string' as const } } },
})

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  security: [],
  responses: {
    200: json(healthSchema, 'Busbar does its work'),
    503: json(healthSchema, 'it does not, and why'),
  },
})
const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  security: [],
  responses: {
    200: json(readinessSchema, 'what is there is under control'),
    503: json(readinessSchema, 'it is not yet, and why'),
  },
})
const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  responses: { 200: textOf('Prometheus text 0.0.4', 'text/plain'), ...notLoggedIn },
})
const statusRoute = createRoute({
  method: 'get',
  path: '/api/v1/status',
  responses: {
    200: json(siteSchema, 'the site now'),
    304: { description: 'still as the tag in If-None-Match says' },
    ...notLoggedIn,
  },
})
const configurationRoute = createRoute({
  method: 'get',
  path: '/api/v1/stations/{id}/configuration',
  request: { params: z.object({ id: z.string().min(1).max(48) }) },
  responses: {
    200: json(configurationSchema, "the station's keys against its model file"),
    ...notLoggedIn,
    404: refused('no such station'),
  },
})
const ledgerRoute = createRoute({
  method: 'get',
  path: '/api/v1/transactions.csv',
  responses: { 200: textOf('sessions of a site without a CSMS, oldest first', 'text/csv'), ...notLoggedIn },
})
const liveRoute = createRoute({
  method: 'get',
  path: '/api/v1/live',
  responses: {
    200: textOf('events "site" (a Site) and "patch" (head and changed members)', 'text/event-stream'),
    ...notLoggedIn,
    503: refused('too many open streams'),
  },
})
const loginRoute = createRoute({
  method: 'post',
  path: '/api/v1/login',
  security: [],
  request: body(loginBody),
  responses: { 200: json(whoSchema, 'logged in; the session is in the cookie'), ...mutating },
})
const logoutRoute = createRoute({
  method: 'post',
  path: '/api/v1/logout',
  responses: { 200: json(whoSchema, 'logged out'), ...mutating },
})
const leversRoute = createRoute({
  method: 'get',
  path: '/api/v1/demo/levers',
  responses: { 200: json(leversSchema, 'what can be unplugged or made wrong in the demo'), ...notLoggedIn },
})
const setLeverRoute = createRoute({
  method: 'post',
  path: '/api/v1/demo/levers',
  request: body(leverBody),
  responses: { 200: json(leversSchema, 'done'), ...mutating, 404: refused('no such lever') },
})

/** Health, metrics, the site, its history and the live feed. */
export function siteRoutes(app: WebRouter, site: SiteReader, live: LiveFeed, texts: StatusTexts): void {
  app.openapi(healthRoute, c => {
    const reasons = site.health()
    if (reasons.length === 0) return c.json({ status: 'ok' as const, reasons }, 200)
    return c.json({ status: 'failing' as const, reasons }, 503)
  })
  app.openapi(readyRoute, c => {
    const reasons = readyReasons(site.health(), site.view())
    if (reasons.length === 0) return c.json({ status: 'ready' as const, reasons }, 200)
    return c.json({ status: 'waiting' as const, reasons }, 503)
  })
  app.openapi(metricsRoute, async c =>
    c.body(await site.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  )
  app.openapi(statusRoute, c => {
    const { bytes, etag } = texts.of(site.view())
    if (isKnown(c.req.header('if-none-match') ?? '', etag)) return c.body(null, 304, { etag })
    return c.body(bytes, 200, { etag, 'content-type': 'application/json' })
  })
  app.openapi(configurationRoute, c => {
    const { id } = c.req.valid('param')
    const keys = site.configuration(id)
    if (keys !== undefined) return c.json({ stationId: id, keys }, 200)
    return c.json(refusal('no-station', { found: id }), 404)
  })
  app.openapi(ledgerRoute, async c =>
    c.body(ledgerCsv(await site.ledger()), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="transactions.csv"',
    }),
  )
  app.openapi(liveRoute, c => {
    const stream = live.open(c.get('identity'))
    if (stream === undefined) return refuse(c, 503, refusal('too-many-pages', {}))
    return c.body(stream, 200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    })
  })
}

/** Login and logout. A login ends the session the browser came with: the id changes. */
export function sessionRoutes(app: WebRouter, source: IdentitySource, live: LiveFeed): void {
  app.openapi(loginRoute, async c => {
    const { name, password } = c.req.valid('json')
    const outcome = await source.passwords.check(c.env.remote, name, password)
    switch (outcome.kind) {
      case 'right': {
        const before = await identify(c, source, c.env.remote)
        if (before.kind === 'known' && before.identity.sessionId !== undefined)
          source.sessions.end(before.identity.sessionId)
        giveCookie(c, source.sessions.open(outcome.name, outcome.passwordHash).id)
        return c.json({ name: outcome.name }, 200)
      }
      case 'wrong':
        return c.json(refusal('wrong-login', {}), 401)
      case 'throttled':
        return c.json(tooManyTries(outcome.retryAfterS), 429, { 'retry-after': String(outcome.retryAfterS) })
    }
  })
  app.openapi(logoutRoute, c => {
    const { name, sessionId } = c.get('identity')
    if (sessionId !== undefined) {
      source.sessions.end(sessionId)
      live.endSession(sessionId)
    }
    takeCookie(c)
    return c.json({ name }, 200)
  })
}

/** The demo's switches; the routes do not exist elsewhere. */
export function leverRoutes(app: WebRouter, levers: DemoLevers): void {
  const list = () => ({ levers: levers.list() })
  app.openapi(leversRoute, c => c.json(list(), 200))
  app.openapi(setLeverRoute, async c => {
    const { id, on } = c.req.valid('json')
    if (await levers.set(id, on)) return c.json(list(), 200)
    return c.json(refusal('no-lever', { found: id }), 404)
  })
}

/** What a throttled login is told. */
export function tooManyTries(retryAfterS: number) {
  return refusal('too-many-tries', { seconds: retryAfterS })
}
