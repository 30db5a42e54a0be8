/** The record of orders that have ended: the list, as a table, and of each one its quarters and its report. */
import { createRoute, z } from '@hono/zod-openapi'
import type { KeptOrderEntry } from '../core/limits/trail.js'
import { orderReport } from '../core/view/order-report.js'
import { REPORT_LANGUAGES, wantedLanguage } from '../core/words/order-report.js'
import { refusal } from '../core/words/refused.js'
import { csv } from './csv.js'
import { json, notLoggedIn, refused, type WebRouter } from './routes.js'
import type { SiteReader } from './site-reader.js'

const entry = z.strictObject({
  seq: z.int(),
  ...{
    source: z.string(),
    id: z.string(),
    target: z.string(),
    value: z.string(),
    state: z.string(),
    by: z.string(),
  },
  onlyStations: z.literal(true).optional().describe('of what the stations there drew together'),
  reason: z.string().optional(),
  received: z.iso.datetime(),
  firstWrite: z.iso
    .datetime()
    .optional()
    .describe('the first station was told; absent where nobody had to be'),
  lastAccepted: z.iso
    .datetime()
    .optional()
    .describe('every station with a car had accepted; absent while one was away'),
  heldSince: z.iso.datetime().optional().describe('the meter showed no more from then to the end'),
  ended: z.iso.datetime(),
  seenFrom: z.iso
    .datetime()
    .optional()
    .describe('Busbar started while it held; what was before is not known'),
  quarters: z
    .array(
      z.strictObject({
        from: z.iso.datetime(),
        meanW: z.number().optional().describe('absent where nothing was measured'),
        knownPercent: z.number(),
        lastedS: z.number(),
      }),
    )
    .readonly()
    .optional()
    .describe('mean power of what it was for'),
  hash: z.string().describe('of this entry and the hash before it'),
  isIntact: z.boolean().describe('neither it nor the chain before it was changed'),
})
const table = (description: string) => ({
  description,
  content: { 'text/csv': { schema: { type: 'string' as const } } },
})
const recordRoute = createRoute({
  method: 'get',
  path: '/api/v1/orders',
  responses: {
    200: json(
      z.strictObject({ orders: z.array(entry).readonly() }).openapi('Orders'),
      'orders that have ended, oldest first',
    ),
    ...notLoggedIn,
  },
})
const recordCsvRoute = createRoute({
  method: 'get',
  path: '/api/v1/orders.csv',
  responses: {
    200: table('the same as a table'),
    ...notLoggedIn,
  },
})
const params = z.object({ seq: z.coerce.number().int().min(0) })
const notThere = { 404: refused('no such order is kept') }
const quartersRoute = createRoute({
  method: 'get',
  path: '/api/v1/orders/{seq}/quarters.csv',
  request: { params },
  responses: { 200: table('mean power by quarter of an hour'), ...notThere, ...notLoggedIn },
})
const reportRoute = createRoute({
  method: 'get',
  path: '/api/v1/orders/{seq}/report.html',
  request: {
    params,
    query: z.object({
      language: z.enum(REPORT_LANGUAGES).optional().describe('absent = as Accept-Language says, or English'),
    }),
  },
  responses: {
    200: {
      description: 'one page about it, to be saved, printed or sent to the network operator',
      content: { 'text/html': { schema: { type: 'string' as const } } },
    },
    ...notThere,
    ...notLoggedIn,
  },
})

export function orderRoutes(app: WebRouter, site: SiteReader): void {
  const found = async (seq: number): Promise<KeptOrderEntry | undefined> =>
    (await site.orders()).find(order => order.seq === seq)
  const missing = (seq: number) => refusal('no-kept-order', { found: `${seq}` })
  app.openapi(recordRoute, async c => c.json({ orders: await site.orders() }, 200))
  app.openapi(recordCsvRoute, async c =>
    c.body(orderCsv(await site.orders()), 200, asFile('orders.csv', 'text/csv')),
  )
  app.openapi(quartersRoute, async c => {
    const { seq } = c.req.valid('param')
    const order = await found(seq)
    if (order === undefined) return c.json(missing(seq), 404)
    return c.body(quartersCsv(order), 200, asFile(`order-${seq}-quarters.csv`, 'text/csv'))
  })
  app.openapi(reportRoute, async c => {
    const { seq } = c.req.valid('param')
    const order = await found(seq)
    if (order === undefined) return c.json(missing(seq), 404)
    const { siteId } = site.view()
    const timeZone = site.timeZone()
    const language = c.req.valid('query').language ?? wantedLanguage(c.req.header('accept-language'))
    const report = orderReport(order, { siteId, timeZone, language })
    return c.body(report, 200, { ...asFile(`order-${seq}.html`, 'text/html'), 'content-language': language })
  })
}

const asFile = (name: string, type: string) => ({
  'content-type': `${type}; charset=utf-8`,
  'content-disposition': `attachment; filename="${name}"`,
})

function quartersCsv({ quarters = [] }: KeptOrderEntry): string {
  const rows = quarters.map(({ from, meanW, knownPercent, lastedS }) => [from, meanW, knownPercent, lastedS])
  return csv(['from', 'meanW', 'knownPercent', 'lastedS'], rows)
}

const COLUMNS = [
  ...(['seq', 'source', 'id', 'target', 'value', 'state', 'by', 'reason', 'received', 'firstWrite'] as const),
  ...(['lastAccepted', 'heldSince', 'ended', 'seenFrom', 'hash'] as const),
]

function orderCsv(orders: readonly KeptOrderEntry[]): string {
  const rows = orders.map(order => [
    ...COLUMNS.map(column => order[column]),
    ...[order.onlyStations === true ? 'stations' : 'all', order.isIntact ? 'yes' : 'no'],
  ])
  return csv([...COLUMNS, 'counts', 'intact'], rows)
}
