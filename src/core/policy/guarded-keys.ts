/**
 * ChangeConfiguration keys and vendor DataTransfers that touch what Busbar answers for (control rule 8): the model file
 * names them. What re-homes a station is refused; what changes its limits passes and is written down, because the
 * meter, not the key, decides what may flow. The password is refused only where Busbar is the one that must know it.
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

const PASS: KeyVerdict = { kind: 'pass' }
const PASSWORD = 'AuthorizationKey'

/** `holdsPassword`: the station's password is kept by Busbar, so nobody else may change it. */
export function judgeChange(
  call: { readonly action: string; readonly payload: unknown },
  keys: GuardedKeys,
  holdsPassword: boolean,
): KeyVerdict {
  const key = keyOf(call)
  if (key === undefined) return PASS
  const named = (list: readonly string[]): boolean =>
    list.some(listed => listed.toLowerCase() === key.toLowerCase())
  if (key.toLowerCase() === PASSWORD.toLowerCase()) return holdsPassword ? { kind: 'refuse', key } : PASS
  if (named(keys.connection)) return { kind: 'refuse', key }
  return named(keys.affectsLimits) ? { kind: 'audit', key } : PASS
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
