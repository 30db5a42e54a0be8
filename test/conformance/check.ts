/**
 * The assertions of a case: what does not hold ends the case with a sentence that says what was found. Must not know
 * stations or Central Systems.
 */
import { isDeepStrictEqual } from 'node:util'
import { checkCall, checkResult, type SchemaVerdict } from '../../src/ocpp/wire/schemas.js'

/** A payload on the wire, read by tests only. */
// biome-ignore lint/suspicious/noExplicitAny: payloads are checked against the schemas, then read by name
export type Fields = any

/** The case cannot go on: it failed, and this is why. */
export class CaseFault extends Error {}

/** The orderer did not give the command within the time; the case does not apply. */
export class NotOrdered extends Error {}

export function holds(condition: boolean, why: string): asserts condition {
  if (!condition) throw new CaseFault(why)
}

export function same(found: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(found, expected))
    throw new CaseFault(`${what}: found ${text(found)}, expected ${text(expected)}`)
}

/** `undefined` when the CALL is as the schema wants it. */
export function callFault(action: string, payload: unknown): string | undefined {
  return faultOf(`${action}.req`, checkCall(action, payload))
}

export function resultFault(action: string, payload: unknown): string | undefined {
  return faultOf(`${action}.conf`, checkResult(action, payload))
}

/** JSON, short enough for one line of a report. */
export function text(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 300)
}

function faultOf(name: string, verdict: SchemaVerdict): string | undefined {
  return verdict.ok ? undefined : `${name}${verdict.path}: ${verdict.found}, not ${verdict.expected}`
}
