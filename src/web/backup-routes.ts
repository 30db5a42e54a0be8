/**
 * Backup, restore and what a support desk needs to see. A restore wants the admin's password once more, replaces everything
 * or nothing, and logs everybody out. Diagnostics hold no secret and no tag.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { readJson } from '../core/config/json-text.js'
import { refusal, unfitParams } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { AuditLog } from './audit.js'
import type { BackupDesk, BackupRead } from './backup-desk.js'
import type { ConfigurationDesk } from './configuration-desk.js'
import { configurationAnswer, editedTag, MAX_CONFIGURATION_BYTES } from './configuration-routes.js'
import { checkSchema, faultySchema, takenSchema } from './configuration-schemas.js'
import type { IdentitySource } from './identity.js'
import { refuse } from './refusal.js'
import {
  json,
  mutating,
  notLoggedIn,
  refused,
  tooManyTries,
  type WebContext,
  type WebRouter,
} from './routes.js'
import type { SiteReader } from './site-reader.js'

/** A configuration, its secrets, and both once more as text in JSON. */
export const MAX_BACKUP_BYTES = 3 * MAX_CONFIGURATION_BYTES

export function isBackupPath(path: string): boolean {
  return path === '/api/v1/backup/check' || path === '/api/v1/backup/restore'
}

/** Long enough that a stolen file is not opened by trying; NIST counts length alone. */
const passphrase = z.string().min(12).max(256)
const makeBody = z.strictObject({ passphrase: passphrase.optional() }).openapi('BackupWish')
const checkBody = z
  .strictObject({ backup: z.string(), passphrase: z.string().max(256).optional() })
  .openapi('BackupFile')
const restoreBody = checkBody
  .extend({ password: z.string().max(256).describe('of whoever asks, once more') })
  .openapi('Restore')
const contentSchema = z
  .strictObject({
    at: z.string(),
    users: z.array(z.string()).readonly().optional().describe('absent: users and secrets stay as they are'),
    stationPasswords: z.int().optional(),
    namedSecrets: z.int().optional(),
  })
  .openapi('BackupContent')
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
})
const file = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: { type: 'string' as const } } },
})

const makeRoute = createRoute({
  method: 'post',
  path: '/api/v1/backup',
  request: body(makeBody),
  responses: {
    200: file('the file; users and secrets are in it only with a passphrase'),
    ...mutating,
    404: refused('there is no configuration'),
  },
})
const checkRoute = createRoute({
  method: 'post',
  path: '/api/v1/backup/check',
  request: body(checkBody),
  responses: {
    200: json(z.strictObject({ content: contentSchema, check: checkSchema }), 'what would come of it'),
    ...mutating,
    422: json(faultySchema, 'no backup, a damaged one, or another passphrase'),
  },
})
const restoreRoute = createRoute({
  method: 'post',
  path: '/api/v1/backup/restore',
  request: body(restoreBody),
  responses: {
    200: json(takenSchema, 'taken; Busbar restarts with it, and everybody is logged out'),
    ...mutating,
    409: refused('a change is taking effect just now'),
    412: refused('somebody else changed the configuration'),
    422: json(faultySchema, 'nothing was changed; every fault'),
    428: refused('without If-Match'),
    507: refused('could not be written'),
  },
})
const diagnosticsRoute = createRoute({
  method: 'get',
  path: '/api/v1/diagnostics',
  responses: { 200: file('state, configuration, history and metrics in one file'), ...notLoggedIn },
})

interface Deps {
  readonly backup: BackupDesk
  readonly source: IdentitySource
  readonly site: SiteReader
  endStreams(): void
}

export function backupRoutes(app: WebRouter, { backup, source, site, endStreams }: Deps): void {
  app.openapi(makeRoute, async c => {
    const { passphrase } = c.req.valid('json')
    const made = await backup.make(passphrase)
    if (made === undefined) return c.json(refusal('nothing-to-save', {}), 404)
    c.set('audit', { what: say(passphrase === undefined ? 'audit-backup-part' : 'audit-backup-whole') })
    const name = `busbar-backup-${site.view().siteId}.json`
    return c.body(made, 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${name}"`,
    })
  })
  app.on('POST', checkRoute.path, async c => {
    const given = checkBody.safeParse(await bodyOf(c))
    if (!given.success) return unfit(c)
    const read = await backup.check(given.data.backup, given.data.passphrase)
    return read.kind === 'read' ? c.json({ content: read.content, check: read.check }, 200) : unread(c, read)
  })
  app.on('POST', restoreRoute.path, async c => {
    const given = restoreBody.safeParse(await bodyOf(c))
    if (!given.success) return unfit(c)
    const { name } = c.get('identity')
    const proof = await source.passwords.check(c.env.remote, name, given.data.password)
    if (proof.kind === 'throttled')
      return refuse(c, 429, tooManyTries(proof.retryAfterS), { 'retry-after': String(proof.retryAfterS) })
    if (proof.kind === 'wrong') return refuse(c, 403, refusal('not-restored', { user: name }))
    const tag = editedTag(c)
    if (tag instanceof Response) return tag
    const done = await backup.restore(given.data.backup, given.data.passphrase, { tag, by: name })
    if (done.kind !== 'judged') return unread(c, done)
    const answer = configurationAnswer(c, done.outcome, () => site.view())
    if (done.outcome.kind !== 'restarts') return answer
    const { at, users } = done.content
    const what = say(users === undefined ? 'audit-restored-part' : 'audit-restored-whole', { at })
    c.set('audit', { ...c.get('audit'), what })
    source.sessions.endAll()
    endStreams()
    return answer
  })
  for (const route of [checkRoute, restoreRoute]) app.openAPIRegistry.registerPath(route)
}

async function bodyOf(c: WebContext): Promise<unknown> {
  const read = readJson(await c.req.text())
  return read.ok ? read.value.document : undefined
}

function unfit(c: WebContext): Response {
  return refuse(c, 400, refusal('unfit-body', { shape: '{"backup": "…"}' }))
}

function unread(c: WebContext, read: Exclude<BackupRead, { kind: 'read' }>): Response {
  const faults = read.kind === 'unreadable' ? read.faults.slice(0, 50) : []
  const [first] = faults
  const why =
    first === undefined ? refusal('wrong-passphrase', {}) : refusal('unfit-backup', unfitParams(first))
  return c.json({ ...why, faults, moreFaults: 0 }, 422)
}

interface Diagnosed {
  readonly site: SiteReader
  readonly audit: AuditLog | undefined
  readonly configuration: ConfigurationDesk | undefined
  nowWallMs(): number
}

/** Keys under which a tag or a secret may stand. */
const HIDDEN = /tag|password|secret|passphrase|hash|username/i

export function diagnosticsRoutes(
  app: WebRouter,
  { site, audit, configuration, nowWallMs }: Diagnosed,
): void {
  app.openapi(diagnosticsRoute, async c => {
    const text = (await configuration?.read())?.text
    const read = text === undefined ? undefined : readJson(text)
    const nowMs = nowWallMs()
    const hourAgoMs = nowMs - 3_600_000
    const bundle = {
      busbarDiagnostics: 1,
      at: new Date(nowMs).toISOString(),
      health: site.health(),
      status: site.view(),
      configuration: read?.ok === true ? read.value.document : 'none that can be read',
      changes: ((await configuration?.history()) ?? []).map(({ number, at, by, action, changes }) => ({
        number,
        at,
        by,
        action,
        paths: changes.map(({ path }) => path).filter(path => !/vehicles|tag/i.test(path)),
      })),
      audit: (await audit?.list()) ?? [],
      proof: site.proof(),
      journal: site.journal(),
      decisions: await site.decisions(hourAgoMs, nowMs, 500),
      metrics: await site.metrics(),
    }
    return c.body(`${JSON.stringify(bundle, masked, 1)}\n`, 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="busbar-diagnostics.json"',
    })
  })
}

function masked(key: string, value: unknown): unknown {
  return HIDDEN.test(key) && typeof value === 'string' ? '(hidden)' : value
}
