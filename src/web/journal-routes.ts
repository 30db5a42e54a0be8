/**
 * What waits for the CSMS, what it would not take, and what an operator may decide about it: the numbers to reconcile by,
 * as JSON and CSV (proxy rules 15 and 17).
 */
import { createRoute, z } from '@hono/zod-openapi'
import type { DeadLetter } from '../core/offline/records.js'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import { csv } from './csv.js'
import { json, mutating, notLoggedIn, refused, type WebRouter } from './routes.js'
import { maybeSaid } from './said-schema.js'
import type { CommandDesk, JournalView, SiteReader } from './site-reader.js'

const instant = z.iso.datetime()
const wordedSchema = z.object({ text: z.string(), ...maybeSaid })
const journalSchema = z
  .object({
    fault: z.string().optional(),
    slowS: z.number().optional(),
    damage: z.string().optional(),
    hold: z.string().optional(),
    damageSaid: wordedSchema.optional(),
    holdSaid: wordedSchema.optional(),
    stations: z.array(
      z.object({
        stationId: z.string(),
        isConfigured: z.boolean(),
        waiting: z.int().min(0),
        bytes: z.int().min(0),
        oldestAt: instant.optional(),
        deadLetters: z.int().min(0),
        openTransactions: z.int().min(0),
        mappedTransactions: z.int().min(0),
        shed: z.object({ count: z.int(), from: instant, to: instant }).optional(),
        offlineWh: z.number(),
        acceptedWh: z.number(),
      }),
    ),
  })
  .openapi('Journal')
const letterSchema = z
  .object({
    stationId: z.string(),
    seq: z.number(),
    action: z.string(),
    transactionId: z.int().optional(),
    receivedAt: instant,
    diedAt: instant.optional(),
    reason: z.string(),
    payload: z.string(),
  })
  .openapi('DeadLetter')
const resendSchema = z.strictObject({
  stationId: z.string().min(1).max(48),
  seq: z.int().min(0),
  /** Without its StartTransaction, as transactionId -1 (errata 3.18). */
  withoutStart: z.boolean().optional(),
})
const giveUpSchema = z.strictObject({
  stationId: z.string().min(1).max(48),
  seq: z.int().min(0),
  giveUp: z.literal(true),
})
const resentSchema = z.object({ messages: z.int() })
const releaseSchema = z.strictObject({ release: z.literal(true) })
const csvOf = (description: string) => ({
  description,
  content: { 'text/csv': { schema: { type: 'string' as const } } },
})
const bodyOf = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
})
const diskFailed = { 503: refused('the disk failed: nothing has changed') }

const journalRoute = createRoute({
  method: 'get',
  path: '/api/v1/journal',
  responses: { 200: json(journalSchema, 'what waits for the CSMS, per station'), ...notLoggedIn },
})
const journalCsvRoute = createRoute({
  method: 'get',
  path: '/api/v1/journal.csv',
  responses: { 200: csvOf('the same as a table'), ...notLoggedIn },
})
const lettersRoute = createRoute({
  method: 'get',
  path: '/api/v1/dead-letters',
  responses: { 200: json(z.array(letterSchema), 'what the CSMS would not take'), ...notLoggedIn },
})
const lettersCsvRoute = createRoute({
  method: 'get',
  path: '/api/v1/dead-letters.csv',
  responses: { 200: csvOf('the same as a table'), ...notLoggedIn },
})
const resendRoute = createRoute({
  method: 'post',
  path: '/api/v1/dead-letters/resend',
  request: bodyOf(resendSchema),
  responses: {
    200: json(resentSchema, 'the whole session is in the queue again, in its order'),
    ...mutating,
    404: refused('no such letter'),
    ...diskFailed,
  },
})
const giveUpRoute = createRoute({
  method: 'post',
  path: '/api/v1/dead-letters/give-up',
  request: bodyOf(giveUpSchema),
  responses: {
    200: json(resentSchema, 'the whole session is gone for good: the CSMS will never have it'),
    ...mutating,
    404: refused('no such letter'),
    ...diskFailed,
  },
})
const releaseRoute = createRoute({
  method: 'post',
  path: '/api/v1/journal/release',
  request: bodyOf(releaseSchema),
  responses: {
    200: json(releaseSchema, 'what waits is sent'),
    ...mutating,
    404: refused('the journal is not held'),
    ...diskFailed,
  },
})

export function journalRoutes(app: WebRouter, site: SiteReader): void {
  app.openapi(journalRoute, c => {
    const { stations, ...rest } = site.journal()
    return c.json({ ...rest, stations: [...stations] }, 200)
  })
  app.openapi(journalCsvRoute, c => c.body(backlogCsv(site.journal()), 200, attachment('journal.csv')))
  app.openapi(lettersRoute, async c => c.json((await site.deadLetters()).map(letterView), 200))
  app.openapi(lettersCsvRoute, async c =>
    c.body(lettersCsv(await site.deadLetters()), 200, attachment('dead-letters.csv')),
  )
}

export function journalCommands(app: WebRouter, commands: CommandDesk): void {
  app.openapi(resendRoute, async c => {
    const { stationId, seq, withoutStart } = c.req.valid('json')
    try {
      const messages = await commands.resend(
        stationId,
        seq,
        withoutStart === true ? 'without-start' : 'whole',
      )
      if (messages !== undefined) return c.json({ messages }, 200)
    } catch (error) {
      return c.json(refusal('disk-failed', { found: wordsOf(error) }), 503)
    }
    return c.json(refusal('no-letter', { station: stationId, seq }), 404)
  })
  app.openapi(giveUpRoute, async c => {
    const { stationId, seq } = c.req.valid('json')
    try {
      const messages = await commands.giveUp(stationId, seq, c.get('identity').name)
      if (messages !== undefined) {
        c.set('audit', { what: say('audit-letters-given-up', { station: stationId, count: messages }) })
        return c.json({ messages }, 200)
      }
    } catch (error) {
      return c.json(refusal('disk-failed', { found: wordsOf(error) }), 503)
    }
    return c.json(refusal('no-letter', { station: stationId, seq }), 404)
  })
  app.openapi(releaseRoute, async c => {
    try {
      if (await commands.releaseJournal(c.get('identity').name)) return c.json(c.req.valid('json'), 200)
    } catch (error) {
      return c.json(refusal('disk-failed', { found: wordsOf(error) }), 503)
    }
    return c.json(refusal('journal-not-held', {}), 404)
  })
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function letterView({ receivedWallMs, diedWallMs, payloadText, ...letter }: DeadLetter) {
  return {
    ...letter,
    receivedAt: iso(receivedWallMs),
    ...(diedWallMs !== undefined && { diedAt: iso(diedWallMs) }),
    payload: payloadText,
  }
}

function lettersCsv(letters: readonly DeadLetter[]): string {
  const rows = letters.map(letterView).map(one => {
    const { stationId, seq, action, transactionId, receivedAt, diedAt, reason, payload } = {
      diedAt: undefined,
      ...one,
    }
    return [stationId, seq, action, transactionId, receivedAt, diedAt, reason, payload]
  })
  return csv(
    ['stationId', 'seq', 'action', 'transactionId', 'receivedAt', 'diedAt', 'reason', 'payload'],
    rows,
  )
}

function backlogCsv({ stations }: JournalView): string {
  return csv(
    [
      'stationId',
      'configured',
      'waiting',
      'bytes',
      'oldestAt',
      'deadLetters',
      'openTransactions',
      'mappedTransactions',
      'shedMeterValues',
      'offlineWh',
      'acceptedWh',
    ],
    stations.map(one => [
      one.stationId,
      one.isConfigured ? 'yes' : 'no',
      one.waiting,
      one.bytes,
      one.oldestAt,
      one.deadLetters,
      one.openTransactions,
      one.mappedTransactions,
      one.shed?.count ?? 0,
      one.offlineWh,
      one.acceptedWh,
    ]),
  )
}

const attachment = (name: string) => ({
  'content-type': 'text/csv; charset=utf-8',
  'content-disposition': `attachment; filename="${name}"`,
})

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
