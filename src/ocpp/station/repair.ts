/**
 * Carries out what core/station/leniency.ts allows: a CALL of a lenient station with the few bytes changed that were wrong.
 * A station without leniencies never comes here.
 */
import type { Leniency } from '../../core/config/leniencies.js'
import { listRepairs, type Repair, valueRepairs } from '../../core/station/leniency.js'
import { applyEdits, type Edit } from '../wire/edits.js'
import type { IncomingCall } from '../wire/leg.js'
import { parsePayload } from '../wire/payload.js'

export interface RepairedCall {
  readonly call: IncomingCall
  /** What was wrong; empty when nothing was. */
  readonly leniencies: ReadonlySet<Leniency>
}

export function repair(call: IncomingCall, set: ReadonlySet<Leniency>): RepairedCall {
  const lists = listRepairs(call.payload, set)
  const listed = applied(call, lists)
  const values = valueRepairs(call.action, listed.payload, set)
  const leniencies = new Set([...lists, ...values].map(({ leniency }) => leniency))
  return { call: applied(listed, values), leniencies }
}

function applied(call: IncomingCall, repairs: readonly Repair[]): IncomingCall {
  if (repairs.length === 0) return call
  const payloadText = applyEdits(
    call.payloadText,
    repairs.map(one => ({ path: one.path, edit: editOf(one) })),
  )
  return { ...call, payloadText, payload: parsePayload(payloadText) }
}

function editOf(one: Repair): Edit {
  return one.kind === 'replace'
    ? { kind: 'replace', valueText: JSON.stringify(one.value) }
    : { kind: one.kind }
}
