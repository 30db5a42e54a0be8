/**
 * How the API says no: always JSON with what is wrong, what was found and what was expected, in English and by a code with
 * what the words hold. What was found names a place, never a value of the body, so that no password comes back in an answer
 * or a log.
 */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { faultsOf, pathText } from '../core/config/faults.js'
import { type Refusal, refusal } from '../core/words/refused.js'
import { type SaidParam, say } from '../core/words/said.js'
import { expectedOf } from '../core/words/told.js'

/** Answers with a refusal. */
export function refuse(
  c: Context,
  status: ContentfulStatusCode,
  why: Refusal,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.json(why, status, headers)
}

/** To a body or a query that does not fit, by the first issue of its schema. */
export function unfitAt(c: Context, issue: Parameters<typeof faultsOf>[0] | undefined) {
  const refused = refusal('unfit-at', { path: pathText(issue?.path ?? []), expected: expectedBy(issue) })
  return refuse(c, 400, refused)
}

/** What a schema expected where the first issue is. */
export function expectedBy(issue: Parameters<typeof faultsOf>[0] | undefined): SaidParam {
  const [fault] = issue === undefined ? [] : faultsOf(issue, undefined)
  return fault === undefined ? say('expected-fitting') : expectedOf(fault)
}
