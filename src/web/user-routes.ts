/**
 * Who may come in, and what the configuration names but must not hold: users with their roles, passwords, secrets of
 * stations and links. Secrets are set and never shown; whoever forgot one sets another. And what was changed by whom.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { expecting } from '../core/config/faults.js'
import { STATION_ID } from '../core/config/ids.js'
import { type PageWish, pageWishSchema, ROLES, type Role } from '../core/config/secrets.js'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { AuditLog } from './audit.js'
import { csv } from './csv.js'
import { giveCookie, type IdentitySource } from './identity.js'
import type { LiveFeed } from './live.js'
import { json, mutating, notLoggedIn, refused, tooManyTries, type WebRouter } from './routes.js'
import { said } from './said-schema.js'

/** NIST SP 800-63B: at least 8, at least 64 allowed. */
export const MIN_PASSWORD = 8
const password = z.string().min(MIN_PASSWORD).max(128)
const userName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, expecting('own-user-name'))
const secretName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, expecting('secret-name'))
const role = z.enum(ROLES)
const userSchema = z.strictObject({ name: z.string(), role }).openapi('User')
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
})
const meSchema = userSchema.extend({ page: pageWishSchema.optional() }).openapi('Me')
const none = z.strictObject({}).openapi('Done')
const forAdmins = { ...mutating, 404: refused('there is none'), 507: refused('could not be written') }

/** The gateway implements it. Each settles when it is durable and rejects when the disk fails. */
export interface UserDesk {
  list(): Promise<readonly { readonly name: string; readonly role: Role }[]>
  /** A new user needs a password. */
  set(
    name: string,
    wish: { readonly role: Role; readonly password?: string | undefined },
  ): Promise<{ readonly before?: Role } | 'last-admin' | 'no-password' | 'too-many'>
  setPassword(name: string, password: string): Promise<boolean>
  /** How this user wants the page; false when there is no such user. */
  setPage(name: string, wish: PageWish): Promise<boolean>
  remove(name: string): Promise<Role | 'last-admin' | undefined>
  secretNames(): Promise<{ readonly stations: readonly string[]; readonly named: readonly string[] }>
  /** Undefined takes it away; whether there was one before, or that there is no room. */
  setSecret(
    kind: 'stations' | 'named',
    name: string,
    secret: string | undefined,
  ): Promise<'was-set' | 'was-not' | 'too-many'>
}

const meRoute = createRoute({
  method: 'get',
  path: '/api/v1/me',
  responses: { 200: json(meSchema, 'who asks, and how the page is to be'), ...notLoggedIn },
})
const pageRoute = createRoute({
  method: 'put',
  path: '/api/v1/me/page',
  request: { body: body(pageWishSchema) },
  responses: { 200: json(none, 'kept; what is not named stays'), ...forAdmins },
})
const passwordBody = z
  .strictObject({ current: z.string().max(256), next: password })
  .openapi('PasswordChange')
const passwordRoute = createRoute({
  method: 'post',
  path: '/api/v1/password',
  request: { body: body(passwordBody) },
  responses: {
    200: json(none, 'changed; every other session of this user has ended'),
    ...mutating,
    422: refused('the present password is another'),
    507: refused('could not be written'),
  },
})
const usersRoute = createRoute({
  method: 'get',
  path: '/api/v1/users',
  responses: {
    200: json(z.strictObject({ users: z.array(userSchema).readonly() }), 'all users'),
    ...notLoggedIn,
  },
})
const named = z.object({ name: userName })
const putUserRoute = createRoute({
  method: 'put',
  path: '/api/v1/users/{name}',
  request: {
    params: named,
    body: body(z.strictObject({ role, password: password.optional() }).openapi('UserWish')),
  },
  responses: {
    200: json(userSchema, 'as it is now; another password ends its sessions'),
    ...forAdmins,
    409: refused('the last admin, no password for a new user, or too many users'),
  },
})
const deleteUserRoute = createRoute({
  method: 'delete',
  path: '/api/v1/users/{name}',
  request: { params: named },
  responses: { 200: json(none, 'gone, and logged out'), ...forAdmins, 409: refused('the last admin') },
})
const secretsRoute = createRoute({
  method: 'get',
  path: '/api/v1/secrets',
  responses: {
    200: json(
      z.strictObject({ stations: z.array(z.string()).readonly(), named: z.array(z.string()).readonly() }),
      'what is set, by name; what it is is never told',
    ),
    ...notLoggedIn,
  },
})
const secretParams = z.union([
  z.object({ kind: z.literal('stations'), name: z.string().regex(STATION_ID, expecting('station-id')) }),
  z.object({ kind: z.literal('named'), name: secretName }),
])
const secretPath = z.object({ kind: z.enum(['stations', 'named']), name: z.string().min(1).max(48) })
const putSecretRoute = createRoute({
  method: 'put',
  path: '/api/v1/secrets/{kind}/{name}',
  request: {
    params: secretPath,
    body: body(z.strictObject({ secret: z.string().min(1).max(4096) }).openapi('Secret')),
  },
  responses: { 200: json(none, 'set'), ...forAdmins, 409: refused('too many') },
})
const deleteSecretRoute = createRoute({
  method: 'delete',
  path: '/api/v1/secrets/{kind}/{name}',
  request: { params: secretPath },
  responses: { 200: json(none, 'gone'), ...forAdmins },
})
const entry = z
  .strictObject({
    at: z.string(),
    by: z.string(),
    from: z.string(),
    what: z.string(),
    before: z.string().optional(),
    after: z.string().optional(),
    said: z
      .strictObject({ what: said.optional(), before: said.optional(), after: said.optional() })
      .optional()
      .describe('those of the texts that have a code'),
  })
  .openapi('AuditEntry')
const auditQuery = z.strictObject({
  find: z
    .string()
    .max(100)
    .optional()
    .describe('only changes that hold this, in whatever case: who, from where, what, before, after'),
})
const auditRoute = createRoute({
  method: 'get',
  path: '/api/v1/audit',
  request: { query: auditQuery },
  responses: {
    400: refused('a query that does not fit'),
    200: json(z.strictObject({ entries: z.array(entry).readonly() }), 'the last 500 changes, newest first'),
    ...notLoggedIn,
  },
})
const auditCsvRoute = createRoute({
  method: 'get',
  path: '/api/v1/audit.csv',
  request: { query: auditQuery },
  responses: {
    400: refused('a query that does not fit'),
    200: { description: 'the same', content: { 'text/csv': { schema: { type: 'string' as const } } } },
    ...notLoggedIn,
  },
})

const LAST_ADMIN = refusal('last-admin', {})
const notThere = (found: string) => refusal('not-listed', { found })

/** Oneself: who one is, and another password. */
export function ownRoutes(app: WebRouter, source: IdentitySource, live: LiveFeed, desk?: UserDesk): void {
  app.openapi(meRoute, async c => {
    const { name, role } = c.get('identity')
    const page = (await source.users.find(name))?.page
    return c.json({ name, role, ...(page !== undefined && { page }) }, 200)
  })
  if (desk === undefined) return
  app.openapi(pageRoute, async c => {
    const { name } = c.get('identity')
    const isKept = await desk.setPage(name, c.req.valid('json'))
    return isKept ? c.json({}, 200) : c.json(notThere(name), 404)
  })
  app.openapi(passwordRoute, async c => {
    const { current, next } = c.req.valid('json')
    const { name, sessionId } = c.get('identity')
    const outcome = await source.passwords.check(c.env.remote, name, current)
    if (outcome.kind === 'throttled')
      return c.json(tooManyTries(outcome.retryAfterS), 429, { 'retry-after': String(outcome.retryAfterS) })
    if (outcome.kind === 'wrong') return c.json(refusal('wrong-present-password', {}), 422)
    await desk.setPassword(name, next)
    c.set('audit', {
      what: say('audit-own-password', { user: name }),
      before: say('secret-set'),
      after: say('secret-another'),
    })
    const passwordHash = (await source.users.find(name))?.passwordHash
    if (sessionId !== undefined && passwordHash !== undefined) {
      source.sessions.end(sessionId)
      live.endSession(sessionId)
      giveCookie(c, source.sessions.open(name, passwordHash).id)
    }
    return c.json({}, 200)
  })
}

export function userRoutes(app: WebRouter, desk: UserDesk): void {
  app.openapi(usersRoute, async c => c.json({ users: await desk.list() }, 200))
  app.openapi(putUserRoute, async c => {
    const { name } = c.req.valid('param')
    const wish = c.req.valid('json')
    const done = await desk.set(name, wish)
    if (done === 'last-admin') return c.json(LAST_ADMIN, 409)
    if (done === 'no-password') return c.json(refusal('no-password', { user: name }), 409)
    if (done === 'too-many') return c.json(refusal('too-many-users', { found: name }), 409)
    const what = say('audit-user', { user: name })
    const role = say(`role-${wish.role}`)
    const before = done.before === undefined ? say('nothing-there') : say(`role-${done.before}`)
    const after = wish.password === undefined ? role : say('with-another-password', { role })
    c.set('audit', { what, before, after })
    return c.json({ name, role: wish.role }, 200)
  })
  app.openapi(deleteUserRoute, async c => {
    const { name } = c.req.valid('param')
    const before = await desk.remove(name)
    if (before === 'last-admin') return c.json(LAST_ADMIN, 409)
    if (before === undefined) return c.json(notThere(name), 404)
    c.set('audit', {
      what: say('audit-user', { user: name }),
      before: say(`role-${before}`),
      after: say('nothing-there'),
    })
    return c.json({}, 200)
  })
  app.openapi(secretsRoute, async c => c.json(await desk.secretNames(), 200))
  app.openapi(putSecretRoute, async c => {
    const params = secretParams.safeParse(c.req.valid('param'))
    if (!params.success)
      return c.json(refusal('unfit-secret-name', { found: c.req.valid('param').name }), 400)
    const { kind, name } = params.data
    const was = await desk.setSecret(kind, name, c.req.valid('json').secret)
    if (was === 'too-many') return c.json(refusal('too-many-secrets', { found: name }), 409)
    c.set('audit', { what: secretText(kind, name), before: stateText(was), after: say('secret-another') })
    return c.json({}, 200)
  })
  app.openapi(deleteSecretRoute, async c => {
    const { kind, name } = c.req.valid('param')
    const was = await desk.setSecret(kind, name, undefined)
    if (was !== 'was-set') return c.json(notThere(name), 404)
    c.set('audit', { what: secretText(kind, name), before: say('secret-set'), after: say('nothing-there') })
    return c.json({}, 200)
  })
}

export function auditRoutes(app: WebRouter, audit: AuditLog): void {
  const found = async (find = '') => {
    const text = find.toLowerCase()
    return (await audit.list()).filter(({ by, from, what, before, after }) =>
      [by, from, what, before, after].some(part => part?.toLowerCase().includes(text)),
    )
  }
  app.openapi(auditRoute, async c => c.json({ entries: await found(c.req.valid('query').find) }, 200))
  app.openapi(auditCsvRoute, async c => {
    const entries = await found(c.req.valid('query').find)
    const rows = entries.map(({ at, by, from, what, before, after }) => [at, by, from, what, before, after])
    return c.body(csv(['at', 'by', 'from', 'what', 'before', 'after'], rows), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="audit.csv"',
    })
  })
}

const secretText = (kind: string, name: string) =>
  kind === 'stations' ? say('audit-station-password', { station: name }) : say('audit-secret', { name })
const stateText = (was: 'was-set' | 'was-not') => say(was === 'was-set' ? 'secret-set' : 'nothing-there')
