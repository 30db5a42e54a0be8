/**
 * One station in detail: its schedule over a day, what was noticed of it, and what was said between it and Busbar, filtered or
 * as JSONL. Secrets are never shown; whole tags only to an admin who asks for them.
 */
import { createRoute, z } from '@hono/zod-openapi'
import type { TracedMessage } from '../core/station/message-trace.js'
import { NOTE_CODES } from '../core/view/station-detail.js'
import { refusal } from '../core/words/refused.js'
import { json, notLoggedIn, refused, type WebRouter } from './routes.js'
import { saidFields } from './said-schema.js'
import type { SiteReader } from './site-reader.js'

const params = z.object({ id: z.string().min(1).max(48) })
const steps = z
  .array(z.strictObject({ at: z.string(), limitA: z.number().nullable().describe('null = no limit') }))
  .readonly()
const detailSchema = z
  .strictObject({
    stationId: z.string(),
    from: z.string(),
    to: z.string(),
    connectors: z
      .array(
        z.strictObject({
          id: z.int(),
          csms: steps.describe('what the CSMS allows'),
          ours: steps.describe('what it was told last'),
          lease: steps.describe('what lies on it: what it falls to when Busbar is not heard'),
          composite: steps.describe('the lowest of CSMS and ours'),
        }),
      )
      .readonly(),
    notes: z.array(z.strictObject({ code: z.enum(NOTE_CODES), ...saidFields })).readonly(),
    counters: z.strictObject({
      profileWrites: z.int().describe('in the last 24 h'),
      refusals: z.int().describe('in a row, of profiles'),
      setupRefusals: z.int().describe('in a row, of its set-up'),
      answerMs: z.int().describe('how long it may take to answer'),
    }),
  })
  .openapi('StationDetail')
const messageSchema = z.strictObject({
  at: z.string(),
  direction: z.enum(['in', 'out']).describe('in = from the station'),
  kind: z.enum(['CALL', 'CALLRESULT', 'CALLERROR', 'unreadable']),
  messageId: z.string().optional(),
  action: z.string().optional(),
  payload: z.unknown().optional(),
  chars: z.int().describe('of the whole frame'),
})
const messagesSchema = z
  .strictObject({ stationId: z.string(), messages: z.array(messageSchema).readonly() })
  .openapi('StationMessages')
const query = z.strictObject({
  action: z.string().min(1).max(50).optional().describe('a part of its name'),
  direction: z.enum(['in', 'out']).optional(),
  tags: z.enum(['masked', 'whole']).default('masked').describe('whole: an admin only'),
})

const noStation = { 404: refused('no such station') }
const detailRoute = createRoute({
  ...{ method: 'get', path: '/api/v1/stations/{id}/detail', request: { params } },
  responses: { 200: json(detailSchema, 'its schedule over a day, and notes'), ...notLoggedIn, ...noStation },
})
const answers = { ...notLoggedIn, ...noStation, 403: refused('whole tags are for an admin') }
const messagesRoute = createRoute({
  ...{ method: 'get', path: '/api/v1/stations/{id}/messages', request: { params, query } },
  responses: { 200: json(messagesSchema, 'the last messages, oldest first'), ...answers },
})
const linesRoute = createRoute({
  ...{ method: 'get', path: '/api/v1/stations/{id}/messages.jsonl', request: { params, query } },
  responses: {
    200: {
      description: 'one a line',
      content: { 'application/octet-stream': { schema: { type: 'string' as const } } },
    },
    ...answers,
  },
})

export function stationRoutes(app: WebRouter, site: Pick<SiteReader, 'stationDetail' | 'messages'>): void {
  const noSuch = (found: string) => refusal('no-station', { found })
  const forbidden = refusal('whole-tags', {})
  const found = (stationId: string, { action, direction, tags }: z.output<typeof query>) =>
    site
      .messages?.(stationId, tags === 'whole')
      ?.filter(
        message =>
          (direction === undefined || message.direction === direction) &&
          (action === undefined || message.action?.toLowerCase().includes(action.toLowerCase()) === true),
      )
  app.openapi(detailRoute, c => {
    const { id } = c.req.valid('param')
    const detail = site.stationDetail?.(id)
    return detail === undefined ? c.json(noSuch(id), 404) : c.json(detail, 200)
  })
  app.openapi(messagesRoute, c => {
    const { id } = c.req.valid('param')
    const asked = c.req.valid('query')
    if (asked.tags === 'whole' && c.get('identity').role !== 'admin') return c.json(forbidden, 403)
    const messages = found(id, asked)
    return messages === undefined ? c.json(noSuch(id), 404) : c.json({ stationId: id, messages }, 200)
  })
  app.openapi(linesRoute, c => {
    const { id } = c.req.valid('param')
    const asked = c.req.valid('query')
    if (asked.tags === 'whole' && c.get('identity').role !== 'admin') return c.json(forbidden, 403)
    const messages = found(id, asked)
    if (messages === undefined) return c.json(noSuch(id), 404)
    return c.body(messages.map(line).join(''), 200, {
      'content-type': 'application/jsonl; charset=utf-8',
      'content-disposition': `attachment; filename="messages.jsonl"`,
    })
  })
}

const line = (message: TracedMessage): string => `${JSON.stringify(message)}\n`
