/**
 * What is looked up later, as JSON and as CSV: sessions, energy by day, alarms that were, who is to be ready by when, amps
 * over time. Reads only; tags are masked before they come here.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { REASON_CODES } from '../core/control/reason.js'
import { PHASE_NAMES } from '../core/site/phases.js'
import {
  type EnergyDayView,
  type PastAlarmView,
  READINESS,
  type ReadyByView,
  type SessionView,
} from '../core/view/record-document.js'
import { ENDERS } from '../core/view/session-log.js'
import type { Clock } from '../ports.js'
import type { Cell } from './csv.js'
import { csvStream } from './csv-stream.js'
import { inPortions, listPortions } from './portions.js'
import { unfitAt } from './refusal.js'
import { json, notLoggedIn, refused, type WebContext, type WebRouter } from './routes.js'
import { maybeSaid } from './said-schema.js'
import { why } from './schemas.js'
import type { SiteRecords } from './site-reader.js'

/** Of one answer; ask again with a shorter span. */
const MOST_SHOWN = 1_000
/** As many as are kept: a table is for a spreadsheet. */
const MOST_AS_TABLE = 20_000
const WEEK_MS = 7 * 86_400_000

const instant = z.iso.datetime({ offset: true })
const span = {
  from: instant.optional().describe('default: a week before "to"'),
  to: instant.optional().describe('not included; default: everything since'),
}
const sessionQuery = z.strictObject({ ...span, station: z.string().min(1).max(48).optional() })
const alarmQuery = z.strictObject(span)
const dayQuery = z.strictObject({
  from: z.iso.date().optional().describe('default: 31 days before "to"'),
  to: z.iso.date().optional().describe('included; default: today'),
})

const id = z.string()
const heldBack = z.strictObject({
  name: z.string(),
  code: z.enum(REASON_CODES),
  circuitId: z.string().optional(),
  phase: z.enum(PHASE_NAMES).optional(),
  about: z.string().optional(),
  seconds: z.number(),
})
export const sessionSchema = z
  .strictObject({
    stationId: id,
    connectorId: z.int(),
    transactionId: z.int().describe('as the station knows it'),
    circuitId: id,
    tag: z.string().optional().describe('its last characters only'),
    startedAt: z.string(),
    isAdopted: z.boolean().describe('found running: it began earlier'),
    endedAt: z.string().optional().describe('absent while it runs'),
    energyWh: z.number(),
    averageOfferA: z.number().optional().describe('from the first offer on'),
    lowestOfferA: z.number().optional(),
    heldBack: z.array(heldBack).readonly(),
    endedBy: z.enum(ENDERS).optional(),
    endedHow: z.string().optional(),
  })
  .openapi('Session')
const dayView = z
  .strictObject({
    date: z.string(),
    stations: z.array(z.strictObject({ id, energyWh: z.number() })).readonly(),
    circuits: z
      .array(
        z.strictObject({
          ...{ id, energyWh: z.number().describe('of sessions below it') },
          meteredWh: z.number().optional().describe('by its own meter, other load with it'),
        }),
      )
      .readonly(),
  })
  .openapi('EnergyDay')
export const alarmView = z
  .strictObject({
    code: z.string(),
    about: z.string().optional(),
    text: z.string(),
    ...maybeSaid,
    since: z.string(),
    until: z.string().optional().describe('absent while it holds, and where Busbar was stopped before'),
    acknowledged: z.strictObject({ at: z.string(), by: z.string() }).optional(),
    holds: z.boolean(),
  })
  .openapi('PastAlarm')
const readyView = z
  .strictObject({
    stationId: id,
    connectorId: z.int(),
    departureAt: z.string(),
    source: z.enum(['api', 'tag', 'learned']),
    energyWh: z.number(),
    wantedWh: z.number().optional(),
    powerW: z.number().optional().describe('as measured, else as offered'),
    expectedWh: z.number().optional().describe('at its departure, drawing as now'),
    readiness: z.enum(READINESS),
    why: z.string(),
    whySaid: why,
  })
  .openapi('ReadyBy')

const sessionsSchema = z.strictObject({ sessions: z.array(sessionSchema).readonly(), isCut: z.boolean() })
const alarmsSchema = z.strictObject({ alarms: z.array(alarmView).readonly(), isCut: z.boolean() })
const energySchema = z.strictObject({ days: z.array(dayView).readonly() })
const readySchema = z.strictObject({ sessions: z.array(readyView).readonly() })

const unfit = { 400: refused('a query that does not fit') }
const table = (description: string) => ({
  description,
  content: { 'text/csv': { schema: { type: 'string' as const } } },
})
const route = <P extends string, Q extends z.ZodObject, S extends z.ZodType>(
  path: P,
  of: { readonly query: Q; readonly schema: S; readonly says: string },
) =>
  createRoute({
    ...{ method: 'get', path, request: { query: of.query } },
    responses: { 200: json(of.schema, of.says), ...notLoggedIn, ...unfit },
  })
const tableRoute = <P extends string, Q extends z.ZodObject>(path: P, query: Q) =>
  createRoute({
    ...{ method: 'get', path, request: { query } },
    responses: { 200: table('the same as a table'), ...notLoggedIn, ...unfit },
  })

const none = z.strictObject({})
const sessionsRoute = route('/api/v1/sessions', {
  ...{ query: sessionQuery, schema: sessionsSchema, says: 'sessions begun within the span, oldest first' },
})
const sessionsCsvRoute = tableRoute('/api/v1/sessions.csv', sessionQuery)
const energyRoute = route('/api/v1/energy', {
  ...{ query: dayQuery, schema: energySchema, says: "days of the site's calendar, oldest first" },
})
const energyCsvRoute = tableRoute('/api/v1/energy.csv', dayQuery)
const alarmsRoute = route('/api/v1/alarms', {
  ...{ query: alarmQuery, schema: alarmsSchema, says: 'alarms begun within the span, oldest first' },
})
const alarmsCsvRoute = tableRoute('/api/v1/alarms.csv', alarmQuery)
const readyRoute = route('/api/v1/ready', {
  ...{ query: none, schema: readySchema, says: 'sessions with a known departure, the first to leave first' },
})
const readyCsvRoute = tableRoute('/api/v1/ready.csv', none)
export function recordRoutes(
  app: WebRouter,
  records: SiteRecords,
  clock: Pick<Clock, 'wallMs' | 'after'>,
): void {
  const nowWallMs = () => clock.wallMs()
  const asTable = (c: WebContext, name: string, { head, rows }: Table) =>
    c.body(csvStream(clock, head, rows), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}.csv"`,
    })
  const sessions = (query: z.output<typeof sessionQuery>, most: number) =>
    records.sessions({ ...spanOf(query, nowWallMs()), most, stationId: query.station })
  app.openapi(sessionsRoute, async c => {
    const { found, isCut } = await sessions(c.req.valid('query'), MOST_SHOWN)
    return c.json({ sessions: found, isCut }, 200)
  })
  app.openapi(sessionsCsvRoute, async c => {
    const { found } = await sessions(c.req.valid('query'), MOST_AS_TABLE)
    return asTable(c, 'sessions', sessionsCsv(found))
  })
  const days = (query: z.output<typeof dayQuery>) => {
    const to = query.to ?? new Date(nowWallMs() + DAY_MS).toISOString().slice(0, 10)
    const from = query.from ?? new Date(Date.parse(to) - MONTH_MS).toISOString().slice(0, 10)
    return records.energy(from, to)
  }
  // Written in portions, which the types of an answer in JSON do not know.
  app.openAPIRegistry.registerPath(energyRoute)
  app.get(energyRoute.path, async c => {
    const query = dayQuery.safeParse(c.req.query())
    if (!query.success) return unfitAt(c, query.error.issues[0])
    const rowsOf = ({ stations, circuits }: EnergyDayView) => stations.length + circuits.length
    const text = listPortions('days', await days(query.data), rowsOf)
    return c.body(inPortions(clock, text), 200, { 'content-type': 'application/json' })
  })
  app.openapi(energyCsvRoute, async c => asTable(c, 'energy', energyCsv(await days(c.req.valid('query')))))
  app.openapi(alarmsRoute, async c => {
    const query = { ...spanOf(c.req.valid('query'), nowWallMs()), most: MOST_SHOWN }
    const { found, isCut } = await records.alarms(query)
    return c.json({ alarms: found, isCut }, 200)
  })
  app.openapi(alarmsCsvRoute, async c => {
    const query = { ...spanOf(c.req.valid('query'), nowWallMs()), most: MOST_AS_TABLE }
    return asTable(c, 'alarms', alarmsCsv((await records.alarms(query)).found))
  })
  app.openapi(readyRoute, c => c.json({ sessions: records.readyBy() }, 200))
  app.openapi(readyCsvRoute, c => asTable(c, 'ready', readyCsv(records.readyBy())))
}

const DAY_MS = 86_400_000
const MONTH_MS = 31 * DAY_MS

function spanOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowWallMs: number,
) {
  const toMs = to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to)
  const fromMs = from === undefined ? Math.min(toMs, nowWallMs) - WEEK_MS : Date.parse(from)
  return { fromMs, toMs }
}

interface Table {
  readonly head: readonly string[]
  /** Made as they are asked for. */
  readonly rows: Iterable<readonly Cell[]>
}

const yes = (is: boolean): string => (is ? 'yes' : 'no')

function sessionsCsv(found: readonly SessionView[]): Table {
  return {
    head: [
      ...['stationId', 'connectorId', 'transactionId', 'circuitId', 'tag', 'startedAt', 'foundRunning'],
      ...['endedAt', 'energyWh', 'averageOfferA', 'lowestOfferA', 'heldBack', 'endedBy', 'endedHow'],
    ],
    rows: each(found, one => [
      ...[one.stationId, one.connectorId, one.transactionId, one.circuitId, one.tag, one.startedAt],
      ...[yes(one.isAdopted), one.endedAt, one.energyWh, one.averageOfferA, one.lowestOfferA],
      one.heldBack.map(({ name, seconds }) => `${name}: ${seconds} s`).join('; '),
      ...[one.endedBy, one.endedHow],
    ]),
  }
}

function energyCsv(days: readonly EnergyDayView[]): Table {
  return { head: ['date', 'kind', 'id', 'energyWh', 'meteredWh'], rows: energyRows(days) }
}

/** Of two years and 500 stations 400 000. */
function* energyRows(days: readonly EnergyDayView[]): Generator<readonly Cell[]> {
  for (const { date, stations, circuits } of days) {
    for (const one of stations) yield [date, 'station', one.id, one.energyWh, undefined]
    for (const one of circuits) yield [date, 'circuit', one.id, one.energyWh, one.meteredWh]
  }
}

function alarmsCsv(alarms: readonly PastAlarmView[]): Table {
  return {
    head: ['code', 'about', 'text', 'since', 'until', 'holds', 'acknowledgedBy', 'acknowledgedAt'],
    rows: each(alarms, ({ code, about, text, since, until, holds, acknowledged }) => [
      ...[code, about, text, since, until, yes(holds), acknowledged?.by, acknowledged?.at],
    ]),
  }
}

function readyCsv(sessions: readonly ReadyByView[]): Table {
  const columns = [
    ...(['stationId', 'connectorId', 'departureAt', 'source', 'energyWh', 'wantedWh'] as const),
    ...(['powerW', 'expectedWh', 'readiness', 'why'] as const),
  ]
  return { head: columns, rows: each(sessions, one => columns.map(column => one[column])) }
}

function* each<T>(list: readonly T[], rowOf: (one: T) => readonly Cell[]): Generator<readonly Cell[]> {
  for (const one of list) yield rowOf(one)
}
