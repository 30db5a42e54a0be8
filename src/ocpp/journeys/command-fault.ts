/** Why an operator's command cannot be sent: not an action of OCPP 1.6, one a CSMS does not send, or a payload that does not fit. */
import type { UnfitCommand } from '../edge.js'
import { checkCall, KNOWN_ACTIONS } from '../wire/schemas.js'

export function commandFault(action: string, payload: unknown): UnfitCommand | undefined {
  const direction = KNOWN_ACTIONS.get(action)
  const place = { kind: 'unfit' as const, path: 'action', found: action.slice(0, 60) }
  if (direction === undefined) return { ...place, code: 'NotImplemented', expected: 'an action of OCPP 1.6' }
  if (direction === 'from-station') {
    return { ...place, code: 'NotSupported', expected: 'an action that a CSMS sends to a station' }
  }
  const verdict = checkCall(action, payload)
  if (verdict.ok) return undefined
  const { code, path, found, expected } = verdict
  return { kind: 'unfit', code, path, found, expected }
}
