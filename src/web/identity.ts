/**
 * Who sends this request: a page with its session cookie, or a program with HTTP Basic. A request that shows both
 * is judged by its Basic credentials. Obeys RFC 7617 (UTF-8) and knows no route.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Role } from '../core/config/secrets.js'
import { isSecure } from './guards.js'
import type { PasswordChecker } from './password-check.js'
import { roleOf } from './roles.js'
import { SESSION_LIFE_MS, type Sessions } from './sessions.js'
import type { UserStore } from './site-reader.js'

const COOKIE = 'busbar_session'
/** Over TLS: no page in the clear can set or read this one. */
const SECURE_COOKIE = '__Host-busbar_session'

export interface Identity {
  readonly name: string
  readonly role: Role
  /** Absent with HTTP Basic. */
  readonly sessionId?: string
  /** Whether it would still be let in: session open, password unchanged. Counts as use of the session. */
  stillValid(): Promise<boolean>
}

export type Identified =
  | { readonly kind: 'known'; readonly identity: Identity }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'throttled'; readonly retryAfterS: number }

export interface IdentitySource {
  readonly sessions: Sessions
  readonly passwords: PasswordChecker
  readonly users: UserStore
}

/** Who sends the request. */
export async function identify(c: Context, source: IdentitySource, remote: string): Promise<Identified> {
  const authorization = c.req.header('authorization')
  if (authorization !== undefined) return identifyBasic(authorization, source, remote)
  const id = getCookie(c, cookieOf(c))
  const user = id === undefined ? undefined : await sessionUser(id, source)
  if (id === undefined || user === undefined) return { kind: 'unknown' }
  const stillValid = async () => (await sessionUser(id, source)) !== undefined
  return { kind: 'known', identity: { ...user, sessionId: id, stillValid } }
}

/** Gives the browser its session. Secure where the request came over TLS. */
export function giveCookie(c: Context, id: string): void {
  setCookie(c, cookieOf(c), id, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    secure: isSecure(c.req.url),
    maxAge: SESSION_LIFE_MS / 1000,
  })
}

/** Takes it back. */
export function takeCookie(c: Context): void {
  deleteCookie(c, cookieOf(c), { path: '/', secure: isSecure(c.req.url) })
}

function cookieOf(c: Context): string {
  return isSecure(c.req.url) ? SECURE_COOKIE : COOKIE
}

/** Whose session it is; undefined when it has ended or the password is another now. */
async function sessionUser(
  id: string,
  { sessions, users }: IdentitySource,
): Promise<{ readonly name: string; readonly role: Role } | undefined> {
  const session = sessions.use(id)
  if (session === undefined) return undefined
  const user = await users.find(session.name)
  if (user?.passwordHash === session.passwordHash) return { name: user.name, role: roleOf(user) }
  sessions.end(id)
  return undefined
}

async function identifyBasic(header: string, source: IdentitySource, remote: string): Promise<Identified> {
  const credentials = decodeBasic(header)
  if (credentials === undefined) return { kind: 'unknown' }
  const outcome = await source.passwords.checkOften(remote, credentials.name, credentials.password)
  switch (outcome.kind) {
    case 'right': {
      const { name, passwordHash } = outcome
      const user = await source.users.find(name)
      if (user?.passwordHash !== passwordHash) return { kind: 'unknown' }
      const stillValid = async () => (await source.users.find(name))?.passwordHash === passwordHash
      return { kind: 'known', identity: { name, role: roleOf(user), stillValid } }
    }
    case 'wrong':
      return { kind: 'unknown' }
    case 'throttled':
      return outcome
  }
}

function decodeBasic(header: string): { name: string; password: string } | undefined {
  const base64 = /^basic +([A-Za-z0-9+/]{1,1024}={0,2})$/i.exec(header)?.[1]
  // atob refuses other lengths by throwing.
  if (base64 === undefined || base64.length % 4 !== 0) return undefined
  const text = new TextDecoder().decode(Uint8Array.from(atob(base64), letter => letter.charCodeAt(0)))
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) }
}
