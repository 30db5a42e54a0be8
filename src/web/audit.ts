/**
 * Every change by a person: who, when, from where, what, before and after. Written after it has happened, and durable before
 * the answer leaves. Never passwords, never tags. The gateway keeps it; this edge says what is to be kept.
 */
import type { Context, Next } from 'hono'
import { englishOf, type Said, say } from '../core/words/said.js'
import type { Ports } from '../ports.js'
import type { WebEnv } from './routes.js'
import type { SiteReader } from './site-reader.js'

export interface AuditEntry {
  readonly at: string
  readonly by: string
  /** Remote address; "console" for a command on the machine itself. */
  readonly from: string
  /** Like "isolation of CP-1". */
  readonly what: string
  readonly before?: string
  readonly after?: string
  /** Those of them that have a code. */
  readonly said?: AuditSaid
}

export interface AuditSaid {
  readonly what?: Said
  readonly before?: Said
  readonly after?: Said
}

export interface AuditLog {
  /** Settles when it is durable; rejects when the disk fails. */
  keep(entry: AuditEntry): Promise<void>
  /** The last ones, newest first. */
  list(): Promise<readonly AuditEntry[]>
}

const UNTOLD = /^\/api\/v1\/(log(in|out)|me\/page|config\/check|backup\/check|meters\/read|setup\/csms-test)$/

interface Watched {
  readonly audit?: AuditLog
  readonly site: SiteReader
  readonly ports: Pick<Ports, 'clock' | 'log'>
}

/** Keeps every change that was answered without a refusal. */
export async function audited(c: Context<WebEnv>, next: Next, watched: Watched): Promise<void> {
  const { audit, site, ports } = watched
  const { method, path } = c.req
  const identity = c.get('identity')
  // a station that uploads its log is no person
  const isChange = method !== 'GET' && method !== 'HEAD' && identity !== undefined && !UNTOLD.test(path)
  if (audit === undefined || !isChange) return next()
  const before = stateOf(path, site)
  await next()
  if (c.res.status >= 400) return
  if (c.get('isUntold') === true) return
  const note = { before, ...(c.get('audit') ?? { what: `${method} ${decoded(path)}` }) }
  try {
    await audit.keep({
      at: new Date(ports.clock.wallMs()).toISOString(),
      by: identity.name,
      from: c.env.remote,
      ...auditTexts(note),
    })
  } catch (error) {
    // what was done is done, and the answer must say so
    ports.log.write('error', 'audit.not-kept', {
      what: englishOf(note.what),
      by: identity.name,
      reason: String(error),
    })
  }
}

interface Note {
  readonly what: Said | string
  readonly before?: Said | string | undefined
  readonly after?: Said | string | undefined
}

/** The English of each, and beside it the codes of those that have one. */
export function auditTexts({ what, before, after }: Note): Omit<AuditEntry, 'at' | 'by' | 'from'> {
  const said = {
    ...(typeof what === 'object' && { what }),
    ...(typeof before === 'object' && { before }),
    ...(typeof after === 'object' && { after }),
  }
  return {
    what: englishOf(what),
    ...(before !== undefined && { before: englishOf(before) }),
    ...(after !== undefined && { after: englishOf(after) }),
    ...(Object.keys(said).length > 0 && { said }),
  }
}

/** What is changed there, as it stands now; undefined where the route itself knows it better. */
function stateOf(path: string, site: SiteReader): Said | string | undefined {
  const [, station = '', rest = ''] = /^\/api\/v1\/stations\/([^/]+)\/(.+)$/.exec(path) ?? []
  const found = site.view().stations.find(({ id }) => id === decoded(station))
  if (rest === 'isolation' && found !== undefined) return say(found.isolated ? 'isolated' : 'not-isolated')
  const [, connector] = /^connectors\/(\d+)\/session$/.exec(rest) ?? []
  if (connector !== undefined) {
    const claim = found?.connectors.find(({ id }) => String(id) === connector)?.transaction?.claim
    return claim === undefined ? undefined : JSON.stringify(claim)
  }
  if (path === '/api/v1/learn')
    return say(site.view().learning.until === undefined ? 'window-closed' : 'window-open')
  return undefined
}

function decoded(text: string): string {
  // the guards let "%7C" through and no other escape
  return text.replaceAll('%7C', '|')
}
