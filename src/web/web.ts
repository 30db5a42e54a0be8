/**
 * The web edge: guards first, routes after. Everything is closed unless it stands in `isOpen`. Answers with
 * fetch(Request) only; whoever listens is not its business. It reads the site and never decides about it.
 */

import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, Next } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { HttpHandler, PageInNetwork, Ports } from '../ports.js'
import { alarmRoutes } from './alarm-routes.js'
import { announcementRoutes } from './announcement-routes.js'
import { type AuditLog, audited } from './audit.js'
import type { BackupDesk } from './backup-desk.js'
import { backupRoutes, diagnosticsRoutes, isBackupPath, MAX_BACKUP_BYTES } from './backup-routes.js'
import { certificateRoutes } from './certificate-routes.js'
import { commandRoutes } from './command-routes.js'
import type { ConfigurationDesk } from './configuration-desk.js'
import { configurationRoutes, isConfigurationPath, MAX_CONFIGURATION_BYTES } from './configuration-routes.js'
import { decisionRoutes } from './decision-routes.js'
import { fileRoutes, isStationPath } from './file-routes.js'
import { isOfType, isOurHost, isPlainPath, isSameOrigin, isSecure } from './guards.js'
import { historyRoutes } from './history-routes.js'
import { type IdentitySource, identify } from './identity.js'
import { journalCommands, journalRoutes } from './journal-routes.js'
import { limitRoutes } from './limit-routes.js'
import { LiveFeed } from './live.js'
import type { MeterDesk } from './meter-desk.js'
import { meterRoutes } from './meter-routes.js'
import { mqttRoutes } from './mqtt-schemas.js'
import { orderRoutes } from './order-routes.js'
import { isPageFile, pageFile } from './page-files.js'
import { createPasswordChecker } from './password-check.js'
import { proofRoutes } from './proof-routes.js'
import { recordRoutes } from './record-routes.js'
import { refuse, unfitAt } from './refusal.js'
import { mayDo, roleNeeded } from './roles.js'
import {
  leverRoutes,
  sessionRoutes,
  siteRoutes,
  tooManyTries,
  type WebEnv,
  type WebRouter,
} from './routes.js'
import type { SecurityDesk } from './security-desk.js'
import { sessionClaimRoutes } from './session-routes.js'
import { createSessions, type Sessions } from './sessions.js'
import type { SetupDesk } from './setup-desk.js'
import { setupRoutes } from './setup-routes.js'
import type { CommandDesk, DemoLevers, SiteReader, UserStore } from './site-reader.js'
import { stationRoutes } from './station-routes.js'
import { StatusTexts } from './status-text.js'
import { MAX_TAGS_BYTES, TAGS_CSV_PATH, TAGS_PATH, tagRoutes } from './tag-routes.js'
import { guardTransport, isProbe } from './transport.js'
import { auditRoutes, ownRoutes, type UserDesk, userRoutes } from './user-routes.js'

/** No body of this API is near it; a peer must not fill the memory. */
const MAX_BODY_BYTES = 64 * 1024
const READING = ['GET', 'HEAD']

export interface WebDeps {
  readonly ports: Pick<Ports, 'clock' | 'secrets' | 'assets' | 'log'>
  /** Absent in set-up mode. */
  readonly blobs?: Ports['blobs']
  readonly site: SiteReader
  readonly users: UserStore
  /** Absent where users cannot be changed. */
  readonly userDesk?: UserDesk
  readonly audit?: AuditLog
  /** Absent in set-up mode. */
  readonly commands?: CommandDesk
  /** Absent where the configuration cannot be changed, as in the demo. */
  readonly configuration?: ConfigurationDesk
  readonly backup?: BackupDesk
  readonly security?: SecurityDesk
  readonly meters?: MeterDesk
  /** Absent where nobody puts a site into service, as in the demo. */
  readonly setup?: SetupDesk
  /** Who is logged in, where that outlives this page. */
  readonly sessions?: Sessions
  /** Only the demo gives them. */
  readonly levers?: DemoLevers
  /** There is a certificate, and whoever asks in the clear is sent to https (transport.ts). */
  readonly redirectsPlain?: boolean
  /** Names besides IP literals and localhost that this cabinet is reached by; lower case, no port. */
  readonly hostNames?: readonly string[]
  /** Where the page is announced by mDNS. */
  announced?(): readonly PageInNetwork[]
}

/** The page and its API as one fetch handler. Never throws; closes nothing, for it opens only its feed's timer. */
export function createWeb(deps: WebDeps): HttpHandler {
  const router = createRouter(deps)
  return (request, from) => router.fetch(request, { remote: from.remote })
}

/** The router behind `createWeb`, so that a test can ask every route who may call it. */
export function createRouter(deps: WebDeps): WebRouter {
  const { clock, secrets } = deps.ports
  const source: IdentitySource = {
    sessions: deps.sessions ?? createSessions(clock, secrets),
    passwords: createPasswordChecker(deps.ports, deps.users),
    users: deps.users,
  }
  const live = new LiveFeed(clock, deps.site)
  const app = new OpenAPIHono<WebEnv>({
    defaultHook: (result, c) => {
      if (result.success) return undefined
      return unfitAt(c, result.error.issues[0])
    },
  })
  app.use(headers())
  app.use((c, next) => guardTarget(c, next, deps.hostNames ?? []))
  if (deps.redirectsPlain === true) app.use(guardTransport)
  app.use((c, next) => guardIdentity(c, next, source))
  app.use(guardMutation)
  const upTo = (maxSize: number) => bodyLimit({ maxSize, onError: c => tooLarge(c, maxSize) })
  const bounded = upTo(MAX_BODY_BYTES)
  const tagList = upTo(MAX_TAGS_BYTES)
  const document = upTo(MAX_CONFIGURATION_BYTES)
  const backupFile = upTo(MAX_BACKUP_BYTES)
  app.use((c, next) => {
    if (isUnread(c.req.method, c.req.path)) return next()
    if (isConfigurationPath(c.req.path)) return document(c, next)
    if (isBackupPath(c.req.path)) return backupFile(c, next)
    return isTagList(c.req.path) ? tagList(c, next) : bounded(c, next)
  })
  app.use((c, next) => audited(c, next, deps))
  siteRoutes(app, deps.site, live, new StatusTexts(clock.wallMs().toString(36)))
  proofRoutes(app, deps.site)
  announcementRoutes(app, () => deps.announced?.() ?? [])
  decisionRoutes(app, deps.site, clock)
  if (deps.site.records !== undefined) recordRoutes(app, deps.site.records, clock)
  historyRoutes(app, deps.site, clock)
  mqttRoutes(app)
  stationRoutes(app, deps.site)
  journalRoutes(app, deps.site)
  sessionRoutes(app, source, live)
  ownRoutes(app, source, live, deps.userDesk)
  if (deps.userDesk !== undefined) userRoutes(app, deps.userDesk)
  if (deps.audit !== undefined) auditRoutes(app, deps.audit)
  if (deps.commands !== undefined) {
    commandRoutes(app, deps.commands, deps.ports)
    alarmRoutes(app, deps.commands)
    sessionClaimRoutes(app, deps.commands, deps.ports.log)
    tagRoutes(app, deps.site, deps.commands, deps.ports)
    journalCommands(app, deps.commands)
    limitRoutes(app, deps.site, deps.commands.orders, deps.ports.log)
    orderRoutes(app, deps.site)
  }
  if (deps.configuration !== undefined)
    configurationRoutes(app, deps.configuration, { view: () => deps.site.view(), log: deps.ports.log })
  const nowWallMs = () => clock.wallMs()
  diagnosticsRoutes(app, { site: deps.site, audit: deps.audit, configuration: deps.configuration, nowWallMs })
  if (deps.backup !== undefined)
    backupRoutes(app, { backup: deps.backup, source, site: deps.site, endStreams: () => live.endAll() })
  if (deps.meters !== undefined) meterRoutes(app, deps.meters, deps.ports)
  if (deps.setup !== undefined)
    setupRoutes(app, deps.setup, { view: () => deps.site.view(), log: deps.ports.log })
  if (deps.security !== undefined) certificateRoutes(app, deps.security)
  if (deps.blobs !== undefined) fileRoutes(app, { ...deps.ports, blobs: deps.blobs })
  if (deps.levers !== undefined) leverRoutes(app, deps.levers)
  describe(app)
  app.get('*', (c, next) => pageFile(c, next, deps.ports.assets))
  app.notFound(c => refuse(c, 404, refusal('no-page', { found: c.req.path })))
  app.onError((error, c) => failed(error, c, deps.ports.log))
  return app
}

/** The written allow-list: what a stranger may ask for. Pages are public files; all they show comes from the API. */
function isOpen(method: string, path: string): boolean {
  if (isStationPath(method, path)) return true
  if (method === 'POST') return path === '/api/v1/login'
  return READING.includes(method) && (path === '/' || isProbe(path) || isPageFile(path))
}

/** Nobody here holds its body in memory: it is streamed, or not looked at. */
function isUnread(method: string, path: string): boolean {
  return method === 'DELETE' || isStreamed(method, path)
}

/** Written to a file as it comes, with a bound of its own. */
function isStreamed(method: string, path: string): boolean {
  return isStationPath(method, path) || (method === 'PUT' && path.startsWith('/api/v1/files/firmware/'))
}

function headers() {
  const secure = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      objectSrc: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'same-origin',
    // It would hold for every port of this name, and keep people out for a year after the certificate is another.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  })
  return async (c: Context, next: Next): Promise<void> => {
    await secure(c, next)
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
  }
}

async function guardTarget(c: Context, next: Next, names: readonly string[]): Promise<Response | undefined> {
  const host = hostOf(c)
  if (!isOurHost(host, names)) return refuse(c, 421, refusal('other-host', { found: host.slice(0, 100) }))
  const { pathname } = new URL(c.req.url)
  if (!isPlainPath(pathname))
    return refuse(c, 400, refusal('unusual-path', { found: pathname.slice(0, 100) }))
  await next()
  return undefined
}

async function guardIdentity(
  c: Context<WebEnv>,
  next: Next,
  source: IdentitySource,
): Promise<Response | undefined> {
  if (isOpen(c.req.method, c.req.path)) {
    await next()
    return undefined
  }
  const who = await identify(c, source, c.env.remote)
  switch (who.kind) {
    case 'known': {
      const { role } = who.identity
      const needed = roleNeeded(c.req.method, c.req.path)
      if (!mayDo(role, needed))
        return refuse(
          c,
          403,
          refusal('not-allowed', { role: say(`role-${role}`), needed: say(`role-${needed}`) }),
        )
      c.set('identity', who.identity)
      await next()
      return undefined
    }
    case 'throttled':
      return refuse(c, 429, tooManyTries(who.retryAfterS), { 'retry-after': String(who.retryAfterS) })
    case 'unknown':
      return refuse(c, 401, refusal('not-logged-in', {}), { 'www-authenticate': challenge(c) })
  }
}

/** A browser opens its own password window for Basic; our page has a login form and says what it accepts. */
function challenge(c: Context): string {
  const accept = c.req.header('accept') ?? ''
  const byPage = accept.includes('application/json') || accept.includes('text/event-stream')
  return byPage ? 'Session realm="Busbar"' : 'Basic realm="Busbar", charset="UTF-8"'
}

async function guardMutation(c: Context, next: Next): Promise<Response | undefined> {
  // a station is no browser and shows no origin; its address is the proof
  if (!READING.includes(c.req.method) && !isStationPath(c.req.method, c.req.path)) {
    if (!isSameOrigin(c.req.raw.headers, { host: hostOf(c), isSecure: isSecure(c.req.url) }))
      return refuse(
        c,
        403,
        refusal('other-origin', {
          origin: c.req.header('origin')?.slice(0, 100) ?? say('absent'),
          own: `${isSecure(c.req.url) ? 'https' : 'http'}://${hostOf(c)}`,
        }),
      )
    const type = expectedType(c.req.method, c.req.path)
    if (!isOfType(c.req.raw.headers, type)) {
      const found = c.req.header('content-type')?.slice(0, 100) ?? say('nothing')
      return refuse(c, 415, refusal('content-type', { found, type }))
    }
  }
  await next()
  return undefined
}

function expectedType(method: string, path: string): string {
  if (path === TAGS_CSV_PATH) return 'text/csv'
  return isStreamed(method, path) ? 'application/octet-stream' : 'application/json'
}

function isTagList(path: string): boolean {
  return path === TAGS_PATH || path === TAGS_CSV_PATH
}

function describe(app: WebRouter): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'basic', { type: 'http', scheme: 'basic' })
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'busbar_session',
  })
  app.doc31('/api/v1/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Busbar', version: '1' },
    security: [{ basic: [] }, { session: [] }],
  })
}

function hostOf(c: Context): string {
  return c.req.header('host') ?? new URL(c.req.url).host
}

function tooLarge(c: Context, maxBytes: number): Response {
  return refuse(c, 413, refusal('body-too-large', { most: maxBytes }))
}

function failed(error: Error, c: Context, log: Ports['log']): Response {
  if (error instanceof HTTPException && error.status < 500) return refuse(c, 400, refusal('not-json', {}))
  log.write('error', 'web-request-failed', { method: c.req.method, path: c.req.path, detail: error.message })
  return refuse(c, 500, refusal('own-fault', {}))
}
