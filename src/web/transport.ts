/**
 * What may be said on a line that anybody can read. With a certificate the port speaks https and http: people and programs
 * that ask in the clear are sent to https, and nobody's password is taken there. In the clear stay the machine itself, the
 * question whether Busbar is well, and stations, which know nothing else. Pure but for the refusals.
 */
import type { Context, Next } from 'hono'
import { refusal } from '../core/words/refused.js'
import { isStationPath } from './file-routes.js'
import { isSecure } from './guards.js'
import { refuse } from './refusal.js'

const LOOPBACK = /^(::ffff:)?127\.|^::1$/

export async function guardTransport(c: Context, next: Next): Promise<Response | undefined> {
  if (isSecure(c.req.url) || LOOPBACK.test(c.env.remote) || isForAnybody(c.req.method, c.req.path)) {
    await next()
    return undefined
  }
  const { host, pathname, search } = new URL(c.req.url)
  const target = `https://${c.req.header('host') ?? host}`
  if (c.req.header('authorization') !== undefined)
    return refuse(c, 403, refusal('password-in-the-clear', { url: target }))
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
    return refuse(c, 403, refusal('in-the-clear', { url: target }))
  return c.redirect(`${target}${pathname}${search}`, 308)
}

function isForAnybody(method: string, path: string): boolean {
  return isProbe(path) || isStationPath(method, path)
}

/** What supervisors ask for, without a login and without TLS. */
export function isProbe(path: string): boolean {
  return path === '/healthz' || path === '/readyz'
}
