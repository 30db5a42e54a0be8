/**
 * The configuration over the API: read, checked, taken, put back, and its schema. The body of an edit is the document itself,
 * as it was typed, so that a fault can name its line. An edit says by If-Match which configuration it was made from
 * (RFC 9110 §13.1.1): whoever comes second is told, and loses nothing.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { z as configZ } from 'zod'
import { readJson } from '../core/config/json-text.js'
import { siteConfigSchema } from '../core/config/site.js'
import type { SiteView } from '../core/view/document.js'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { Ports } from '../ports.js'
import type { ConfigurationDesk, ConfigurationOutcome } from './configuration-desk.js'
import {
  checkSchema,
  configurationHistorySchema,
  faultySchema,
  takenSchema,
} from './configuration-schemas.js'
import { refuse } from './refusal.js'
import {
  type AuditNote,
  json,
  mutating,
  notLoggedIn,
  refused,
  type WebContext,
  type WebRouter,
} from './routes.js'

/** 1,000 stations and 5,000 vehicles with every key written are 1.6 MiB. */
export const MAX_CONFIGURATION_BYTES = 2 * 1024 * 1024

/** Bodies of these are whole configurations. */
export function isConfigurationPath(path: string): boolean {
  return path === '/api/v1/config' || path === '/api/v1/config/check'
}

const documentBody = {
  required: true,
  content: { 'application/json': { schema: z.object({}).openapi({ description: 'the configuration' }) } },
}
const editing = {
  ...mutating,
  409: refused('a change is taking effect just now'),
  412: refused('somebody else changed it: read it again'),
  413: refused('a body of more than 2 MiB'),
  422: json(faultySchema, 'nothing was changed; every fault'),
  428: refused('without If-Match'),
  507: refused('could not be written'),
}

const readRoute = createRoute({
  method: 'get',
  path: '/api/v1/config',
  responses: {
    200: {
      description: 'the document as it stands in the file, with its ETag',
      content: { 'application/json': { schema: z.object({}) } },
    },
    ...notLoggedIn,
    404: refused('there is none yet; its ETag is for the PUT that makes it'),
  },
})
const schemaRoute = createRoute({
  method: 'get',
  path: '/api/v1/config/schema',
  responses: {
    200: json(
      z.object({}),
      'JSON Schema 2020-12 with title, description, unit, range and default of each key',
    ),
    ...notLoggedIn,
  },
})
const choicesRoute = createRoute({
  method: 'get',
  path: '/api/v1/config/choices',
  responses: {
    200: json(
      z.record(z.string(), z.array(z.string()).readonly()),
      'the models and site profiles this Busbar knows, under the names the schema gives as "choices"',
    ),
    ...notLoggedIn,
  },
})
const checkRoute = createRoute({
  method: 'post',
  path: '/api/v1/config/check',
  responses: { 200: json(checkSchema, 'what would come of it; nothing was changed'), ...mutating },
  request: { body: documentBody },
})
const putRoute = createRoute({
  method: 'put',
  path: '/api/v1/config',
  responses: { 200: json(takenSchema, 'taken; what happens now'), ...editing },
  request: { body: documentBody },
})
const historyRoute = createRoute({
  method: 'get',
  path: '/api/v1/config/history',
  responses: { 200: json(configurationHistorySchema, 'the last 50 changes, newest first'), ...notLoggedIn },
})
const rollBackBody = z.strictObject({ number: z.int().min(1) })
const rollBackRoute = createRoute({
  method: 'post',
  path: '/api/v1/config/rollback',
  responses: {
    200: json(takenSchema, 'taken; what happens now'),
    ...editing,
    404: refused('no such change, or nothing before it'),
  },
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: rollBackBody } },
    },
  },
})

export function configurationRoutes(
  app: WebRouter,
  desk: ConfigurationDesk,
  { view, log }: { view(): SiteView; readonly log: Ports['log'] },
): void {
  const schema = configZ.toJSONSchema(siteConfigSchema, { io: 'input' })
  app.get(readRoute.path, async c => {
    const { tag, text } = await desk.read()
    const headers = { etag: `"${tag}"` }
    if (text === undefined) return refuse(c, 404, refusal('no-configuration', {}), headers)
    return c.body(text, 200, { ...headers, 'content-type': 'application/json; charset=utf-8' })
  })
  app.openapi(schemaRoute, c => c.json(schema, 200))
  app.openapi(choicesRoute, c => c.json(desk.choices(), 200))
  // The body of an edit is text first: what is wrong with it is the answer.
  app.on('POST', checkRoute.path, async c => c.json(await desk.check(await c.req.text()), 200))
  app.on('PUT', putRoute.path, async c => {
    const tag = editedTag(c)
    if (tag instanceof Response) return tag
    return configurationAnswer(
      c,
      await desk.put(await c.req.text(), { tag, by: c.get('identity').name }),
      view,
    )
  })
  app.openapi(historyRoute, async c => c.json({ changes: [...(await desk.history())] }, 200))
  app.on('POST', rollBackRoute.path, async c => {
    const tag = editedTag(c)
    if (tag instanceof Response) return tag
    const read = readJson(await c.req.text())
    const body = rollBackBody.safeParse(read.ok ? read.value.document : undefined)
    if (!body.success) return refuse(c, 400, refusal('unfit-body', { shape: '{"number": 1}' }))
    const { number } = body.data
    const outcome = await desk.rollBack(number, { tag, by: c.get('identity').name })
    if (outcome.kind !== 'unknown') return configurationAnswer(c, outcome, view)
    log.write('info', 'configuration.refused', { by: c.get('identity').name, number })
    return refuse(c, 404, refusal('nothing-to-go-back-to', { found: String(number) }))
  })
  for (const route of [readRoute, checkRoute, putRoute, rollBackRoute])
    app.openAPIRegistry.registerPath(route)
}

/** The configuration the edit was made from, or why it is refused. */
export function editedTag(c: WebContext): string | Response {
  const header = c.req.header('if-match')
  if (header === undefined) return refuse(c, 428, refusal('not-said-which', {}))
  // A list or "*" would say that it does not matter what is overwritten.
  return /^"([0-9a-z]{1,32})"$/.exec(header)?.[1] ?? 'unreadable'
}

/** What became of an edit, in words. */
export function configurationAnswer(
  c: WebContext,
  outcome: ConfigurationOutcome,
  view: () => SiteView,
): Response {
  switch (outcome.kind) {
    case 'restarts':
      c.set('audit', noteOf(outcome))
      return c.json(taken(outcome, view()), 200, { etag: `"${outcome.tag}"` })
    case 'applied':
      c.set('audit', noteOf(outcome))
      return c.json(applied(outcome), 200, { etag: `"${outcome.tag}"` })
    case 'unchanged':
      return c.json({ applies: 'nothing', ...say('unchanged'), changes: [] }, 200, {
        etag: `"${outcome.tag}"`,
      })
    case 'faulty': {
      const { faults, moreFaults, proof } = outcome.check
      const count = faults.length + moreFaults
      const why = refusal('faulty', { count, path: faults[0]?.path ?? '' })
      return c.json({ ...why, faults, moreFaults, ...(proof !== undefined && { proof }) }, 422)
    }
    case 'changed-meanwhile':
      return refuse(c, 412, refusal('changed-meanwhile', {}), { etag: `"${outcome.tag}"` })
    case 'restarting':
      return refuse(c, 409, refusal('restarting', {}))
    case 'not-written':
      return refuse(c, 507, refusal('not-written', { found: outcome.reason }))
  }
}

function noteOf({
  number,
  check,
}: ConfigurationOutcome & { readonly kind: 'restarts' | 'applied' }): AuditNote {
  const part = (values: readonly (string | undefined)[]) => {
    const told = values.filter(value => value !== undefined)
    return told.length === 0 ? undefined : told.join('; ')
  }
  const { changes, moreChanges } = check
  // a tag may stand in a value
  const shown = changes.filter(({ path }) => !/tag|^vehicles/i.test(path))
  const more = changes.length - shown.length + moreChanges
  return {
    what:
      more > 0
        ? say('audit-configuration-more', { number, count: more })
        : say('audit-configuration', { number }),
    before: part(shown.map(({ path, before }) => before && `${path} ${before}`)),
    after: part(shown.map(({ path, after }) => after && `${path} ${after}`)),
  }
}

function applied({ number, check }: ConfigurationOutcome & { readonly kind: 'applied' }) {
  const told = say('holds-now')
  return { applies: 'live' as const, ...told, number, restartFor: [], changes: check.changes }
}

function taken(
  { inMs, number, check, webPort }: ConfigurationOutcome & { readonly kind: 'restarts' },
  site: SiteView,
) {
  const sessions = site.stations
    .flatMap(({ connectors }) => connectors)
    .filter(({ transaction }) => transaction !== undefined).length
  const links = site.stations.filter(({ connected }) => connected).length
  const inS = inMs / 1_000
  const told = links === 0 ? say('restarts-alone', { inS }) : say('restarts', { inS, sessions, links })
  return {
    applies: 'restart' as const,
    ...told,
    inS,
    sessions,
    links,
    webPort,
    number,
    restartFor: check.restartFor,
    changes: check.changes,
  }
}
