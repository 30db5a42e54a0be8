/**
 * How the API says no: always JSON with what is wrong, what was found and what was expected. What was found
 * names a place, never a value of the body, so that no password comes back in an answer or a log.
 */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** The body of every answer with status 400 and above. */
export interface Refusal {
  readonly error: string
  readonly found: string
  readonly expected: string
}

/** Answers with a refusal. */
export function refuse(
  c: Context,
  status: ContentfulStatusCode,
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.json(refusal, status, headers)
}
