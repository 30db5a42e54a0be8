/** What was decided and why, from the journal: the answer to "why 9 A last night". Reads only. */
import { createRoute, z } from '@hono/zod-openapi'
import type { DecisionRecord } from '../core/control/decision.js'
import type { Clock } from '../ports.js'
import { pagedCsvStream, type Row } from './csv-stream.js'
import { DECISION_COLUMNS, decisionRows } from './decision-csv.js'
import { decision, viewOf } from './decision-view.js'
import { json, notLoggedIn, refused, type WebRouter } from './routes.js'
import type { SiteReader } from './site-reader.js'

/** Of the entries of one answer; ask again from the last one. */
const MOST_DECISIONS = 500

const query = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** "CP-1/1" */
  connector: z.string().max(60).optional(),
})
const decisionsSchema = z
  .strictObject({
    decisions: z.array(decision),
    /** There are more: ask from the time of the last one. */
    isCut: z.boolean(),
  })
  .openapi('Decisions')

const decisionsRoute = createRoute({
  method: 'get',
  path: '/api/v1/decisions',
  request: { query },
  responses: {
    200: json(decisionsSchema, 'decisions that changed something, oldest first'),
    ...notLoggedIn,
    400: refused('a query that does not fit'),
  },
})

const decisionsCsvRoute = createRoute({
  method: 'get',
  path: '/api/v1/decisions.csv',
  request: { query },
  responses: {
    200: {
      description: 'all of the span, a row per connector and circuit of each',
      content: { 'text/csv': { schema: { type: 'string' as const } } },
    },
    ...notLoggedIn,
    400: refused('a query that does not fit'),
  },
})

const momentSchema = z
  .strictObject({
    decision: decision
      .optional()
      .describe('the last that was kept before or at that moment; absent for none'),
  })
  .openapi('DecisionAt')
const momentRoute = createRoute({
  method: 'get',
  path: '/api/v1/decisions/at',
  request: { query: z.strictObject({ at: z.iso.datetime({ offset: true }) }) },
  responses: {
    200: json(momentSchema, 'what held at a moment, and why'),
    ...notLoggedIn,
    400: refused('a query that does not fit'),
  },
})

export function decisionRoutes(
  app: WebRouter,
  site: Pick<SiteReader, 'decisions' | 'records'>,
  clock: Pick<Clock, 'after'>,
): void {
  app.openapi(momentRoute, async c => {
    const found = await site.records?.decisionAt(Date.parse(c.req.valid('query').at))
    return c.json(found === undefined ? {} : { decision: viewOf(found, undefined) }, 200)
  })
  app.openapi(decisionsRoute, async c => {
    const { connector, ...span } = c.req.valid('query')
    const [fromMs, toMs] = spanOf(span)
    const found = await site.decisions(fromMs, toMs, MOST_DECISIONS + 1)
    const shown = found.slice(0, MOST_DECISIONS).map(record => viewOf(record, connector))
    return c.json(
      {
        decisions:
          connector === undefined
            ? shown
            : shown.filter(({ connectors, others }) => connectors.length + others.length > 0),
        isCut: found.length > MOST_DECISIONS,
      },
      200,
    )
  })
  app.openapi(decisionsCsvRoute, c => {
    const { connector, ...span } = c.req.valid('query')
    const pages = site.records?.decisionPages(...spanOf(span)) ?? []
    return c.body(pagedCsvStream(clock, DECISION_COLUMNS, rowPages(pages, connector)), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="decisions.csv"',
    })
  })
}

type Pages = Iterable<readonly DecisionRecord[]> | AsyncIterable<readonly DecisionRecord[]>

async function* rowPages(pages: Pages, connector: string | undefined): AsyncGenerator<Iterable<Row>> {
  for await (const page of pages) yield rowsOf(page, connector)
}

function* rowsOf(page: readonly DecisionRecord[], connector: string | undefined): Generator<Row> {
  for (const record of page) {
    const view = viewOf(record, connector)
    // Of one connector alone nobody asks for what its circuits were.
    yield* decisionRows(connector === undefined ? view : { ...view, circuits: [] })
  }
}

function spanOf({ from, to }: Pick<z.output<typeof query>, 'from' | 'to'>): readonly [number, number] {
  return [
    from === undefined ? 0 : Date.parse(from),
    to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to),
  ]
}
