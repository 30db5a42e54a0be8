/**
 * Who may do what. A viewer sees, an operator runs the site, an admin changes what protects the fuses and who may come in.
 * One table for every route: what stands nowhere in it is the admin's. Pure.
 */
import type { Role } from '../core/config/secrets.js'

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 }
const STATION = '/api/v1/stations/[^/]+'
/** Commands that change neither limits nor what a station is: what a station hotline asks for every day. */
const EVERYDAY = [
  'CancelReservation',
  'ChangeAvailability',
  'GetConfiguration',
  'GetCompositeSchedule',
  'GetDiagnostics',
  'GetLocalListVersion',
  'GetLog',
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'ReserveNow',
  'Reset',
  'TriggerMessage',
  'UnlockConnector',
]

type Rule = readonly [methods: string, path: string, role: Role]

/** The first that fits holds. */
const RULES: readonly Rule[] = [
  ['POST', '/api/v1/log(in|out)', 'viewer'],
  ['POST', '/api/v1/password', 'viewer'],
  ['PUT', '/api/v1/me/page', 'viewer'],
  [
    'GET',
    '/api/v1/(users|audit|secrets|backup|diagnostics|security-record|setup|restart)(/.*|\\.csv)?',
    'admin',
  ],
  // tags and configurations tell who charges here
  ['GET', '/api/v1/(tags|transactions|dead-letters)(\\.csv)?', 'operator'],
  // even masked, they tell who comes and goes
  ['GET', `${STATION}/messages(\\.jsonl)?`, 'operator'],
  ['GET', '/api/v1/config(/history)?', 'operator'],
  ['GET', '/api/v1/files/.+', 'operator'],
  ['GET', '.*', 'viewer'],
  ['POST', `${STATION}/isolation`, 'operator'],
  ['POST', `(${STATION}|/api/v1)/csms/try`, 'operator'],
  ['POST', '/api/v1/(mqtt|meters/[^/]+)/try', 'operator'],
  ['POST', '/api/v1/alarms/acknowledgement', 'operator'],
  ['POST', `${STATION}/connectors/[^/]+/session`, 'operator'],
  ['POST', `${STATION}/commands/(${EVERYDAY.join('|')})`, 'operator'],
  ['POST', '/api/v1/(limits|grid-orders|pauses|departures)', 'operator'],
  ['DELETE', '/api/v1/limits/[^/]+', 'operator'],
  ['PUT', '/api/v1/tags(\\.csv)?', 'operator'],
  ['POST', '/api/v1/dead-letters/resend', 'operator'],
  ['POST', '/api/v1/demo/levers', 'operator'],
]
const TABLE = RULES.map(([method, path, role]) => ({ method, path: new RegExp(`^${path}$`), role }))

/** The least role that may send this. */
export function roleNeeded(method: string, path: string): Role {
  const asked = method === 'HEAD' ? 'GET' : method
  return TABLE.find(rule => rule.method === asked && rule.path.test(path))?.role ?? 'admin'
}

export function mayDo(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed]
}

/** Of a user written by hand without one: the least, but for the first of all. */
export function roleOf({ name, role }: { readonly name: string; readonly role?: Role | undefined }): Role {
  return role ?? (name === 'admin' ? 'admin' : 'viewer')
}
