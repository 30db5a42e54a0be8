/**
 * ChangeConfiguration keys and vendor DataTransfers that touch what Busbar answers for (control rule 8): the model file
 * names them. What re-homes a station is refused; what changes its limits passes and is written down, because the
 * meter, not the key, decides what may flow. A password that is kept here is changed in an order of its own; the security
 * profile goes up on an operator's word, to one that a port here has, and never down (white paper A05).
 */
import { textAt } from '../fields.js'

export interface GuardedKeys {
  /** Change limits: audited. */
  readonly affectsLimits: readonly string[]
  /** Re-home the station or change how it proves itself: refused. */
  readonly connection: readonly string[]
}

export type KeyVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'audit' | 'refuse'; readonly key: string }
  /** The station's password is to become this. */
  | { readonly kind: 'password'; readonly key: string; readonly value: string }

const PASS: KeyVerdict = { kind: 'pass' }
const PASSWORD = 'AuthorizationKey'
const PROFILE = 'SecurityProfile'

/** Who wants it, and what holds for this station. */
export interface ChangeContext {
  readonly by: 'csms' | 'operator'
  /** The station's password is kept here, or would be: nobody else judges it. */
  readonly judgesPassword: boolean
  readonly leastProfile: number
  /** Security profiles of the ports there are. */
  readonly doors: ReadonlySet<number>
}

export function judgeChange(
  call: { readonly action: string; readonly payload: unknown },
  keys: GuardedKeys,
  context: ChangeContext,
): KeyVerdict {
  const key = keyOf(call)
  if (key === undefined) return PASS
  const is = (name: string): boolean => name.toLowerCase() === key.toLowerCase()
  if (is(PASSWORD)) return judgePassword(call, key, context)
  if (is(PROFILE) && isRaise(textAt(call.payload, 'value'), context)) return { kind: 'audit', key }
  if (keys.connection.some(is)) return { kind: 'refuse', key }
  return keys.affectsLimits.some(is) ? { kind: 'audit', key } : PASS
}

function judgePassword(
  { action, payload }: { readonly action: string; readonly payload: unknown },
  key: string,
  { by, judgesPassword }: ChangeContext,
): KeyVerdict {
  // whom the CSMS judges by a password of its own, only it may give another
  if (!judgesPassword) return by === 'csms' ? PASS : { kind: 'refuse', key }
  const value = textAt(payload, 'value')
  return action === 'ChangeConfiguration' && value !== undefined
    ? { kind: 'password', key, value }
    : { kind: 'refuse', key }
}

/** The profile of the link to the CSMS stands in the configuration: the CSMS cannot change it through the station. */
function isRaise(value: string | undefined, { by, doors, leastProfile }: ChangeContext): boolean {
  const wanted = /^[0-3]$/.test(value ?? '') ? Number(value) : undefined
  return by === 'operator' && wanted !== undefined && wanted > leastProfile && doors.has(wanted)
}

function keyOf({
  action,
  payload,
}: {
  readonly action: string
  readonly payload: unknown
}): string | undefined {
  if (action === 'ChangeConfiguration') return textAt(payload, 'key')
  if (action === 'DataTransfer') return textAt(payload, 'messageId')
  return undefined
}
