/**
 * Carries out what core/station/leniency.ts allows: a CALL of a lenient station with the few bytes changed that were wrong.
 * A station without leniencies never comes here.
 */
import type { Leniency } from '../../core/config/leniencies.js'
import { listRepairs, type Repair, valueRepairs } from '../../core/station/leniency.js'
import type { IncomingCall } from '../wire/leg.js'
import { parsePayload } from '../wire/payload.js'
import { cutKey, locate, replaceSpan } from '../wire/splice.js'

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
  const payloadText = repairs.reduce(applyOne, call.payloadText)
  return { ...call, payloadText, payload: parsePayload(payloadText) }
}

function applyOne(text: string, one: Repair): string {
  const span = locate(text, one.path)
  if (span === undefined) return text
  switch (one.kind) {
    case 'replace':
      return replaceSpan(text, span, JSON.stringify(one.value))
    case 'into-list':
      return replaceSpan(text, span, `[${text.slice(span.start, span.end)}]`)
    case 'drop': {
      const holder = locate(text, one.path.slice(0, -1))
      if (holder === undefined) return text
      const member = String(one.path.at(-1))
      return replaceSpan(text, holder, cutKey(text.slice(holder.start, holder.end), member))
    }
  }
}
