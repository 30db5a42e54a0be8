/** Amps over time, of a circuit and of a station, as JSON for the plots and as a table. */
import { createRoute, z } from '@hono/zod-openapi'
import type { HistoryView } from '../core/view/document.js'
import { refusal } from '../core/words/refused.js'
import type { Clock } from '../ports.js'
import type { Cell } from './csv.js'
import { csvStream } from './csv-stream.js'
import { historyQuery, historySchema, spanQuery, stationHistorySchema } from './history-schemas.js'
import { json, notLoggedIn, refused, type WebContext, type WebRouter } from './routes.js'
import type { SiteReader } from './site-reader.js'

const asCsv = (description: string) => ({
  description,
  content: { 'text/csv': { schema: { type: 'string' as const } } },
})
const unfit = { ...notLoggedIn, 400: refused('a query that does not fit') }
const noCircuit = { ...unfit, 404: refused('no such circuit') }
const noStation = { ...unfit, 404: refused('no such station') }
const params = z.object({ id: z.string().min(1).max(48) })

const circuitRoute = createRoute({
  ...{ method: 'get', path: '/api/v1/history', request: { query: historyQuery } },
  responses: { 200: json(historySchema, 'amps of one circuit over time'), ...noCircuit },
})
const circuitCsvRoute = createRoute({
  ...{ method: 'get', path: '/api/v1/history.csv', request: { query: historyQuery } },
  responses: { 200: asCsv('amps of one circuit over time'), ...noCircuit },
})
const stationRoute = createRoute({
  ...{ method: 'get', path: '/api/v1/stations/{id}/history', request: { params, query: spanQuery } },
  responses: { 200: json(stationHistorySchema, 'amps of one station over time'), ...noStation },
})
const stationCsvRoute = createRoute({
  ...{ method: 'get', path: '/api/v1/stations/{id}/history.csv', request: { params, query: spanQuery } },
  responses: { 200: asCsv('amps of one station over time'), ...noStation },
})

export function historyRoutes(
  app: WebRouter,
  site: Pick<SiteReader, 'history' | 'stationHistory'>,
  clock: Pick<Clock, 'after'>,
): void {
  const asTable = (c: WebContext, history: HistoryView) =>
    c.body(csvStream(clock, COLUMNS, rowsOf(history)), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="history.csv"',
    })
  const missing = (what: 'circuit' | 'station', found: string) => refusal(`no-${what}`, { found })
  app.openapi(circuitRoute, async c => {
    const { circuit, seconds, until } = c.req.valid('query')
    const history = await site.history(circuit, seconds, until)
    return history === undefined ? c.json(missing('circuit', circuit), 404) : c.json(history, 200)
  })
  app.openapi(circuitCsvRoute, async c => {
    const { circuit, seconds, until } = c.req.valid('query')
    const history = await site.history(circuit, seconds, until)
    return history === undefined ? c.json(missing('circuit', circuit), 404) : asTable(c, history)
  })
  app.openapi(stationRoute, async c => {
    const { id } = c.req.valid('param')
    const { seconds, until } = c.req.valid('query')
    const history = await site.stationHistory?.(id, seconds, until)
    if (history === undefined) return c.json(missing('station', id), 404)
    const { circuitId: _, ...columns } = history
    return c.json({ stationId: id, ...columns }, 200)
  })
  app.openapi(stationCsvRoute, async c => {
    const { id } = c.req.valid('param')
    const { seconds, until } = c.req.valid('query')
    const history = await site.stationHistory?.(id, seconds, until)
    return history === undefined ? c.json(missing('station', id), 404) : asTable(c, history)
  })
}

const COLUMNS = ['at', 'l1A', 'l2A', 'l3A', 'limitA', 'offeredA']

function* rowsOf({ atS, l1A, l2A, l3A, limitA, offeredA }: HistoryView): Generator<readonly Cell[]> {
  for (const [index, at] of atS.entries())
    yield [
      new Date(at * 1000).toISOString(),
      ...[l1A, l2A, l3A, limitA, offeredA].map(column => column[index] ?? undefined),
    ]
}
