/** A table that may be long, in portions (portions.ts). */
import type { Clock } from '../ports.js'
import { type Cell, csvRows } from './csv.js'
import { inPortions, type Portion, ROWS_AT_ONCE } from './portions.js'

export type Row = readonly Cell[]

export function csvStream(
  clock: Pick<Clock, 'after'>,
  head: readonly string[],
  rows: Iterable<Row>,
): ReadableStream<Uint8Array> {
  return inPortions(clock, tablePortions(head, rows))
}

/** Of rows that are read page by page. */
export function pagedCsvStream(
  clock: Pick<Clock, 'after'>,
  head: readonly string[],
  pages: AsyncIterable<Iterable<Row>>,
): ReadableStream<Uint8Array> {
  return inPortions(clock, pagePortions(head, pages))
}

function* tablePortions(head: Row, rows: Iterable<Row>): Generator<Portion> {
  const portion = [head]
  for (const row of rows) if (portion.push(row) >= ROWS_AT_ONCE) yield { text: taken(portion), isLast: false }
  yield { text: taken(portion), isLast: true }
}

async function* pagePortions(head: Row, pages: AsyncIterable<Iterable<Row>>): AsyncGenerator<Portion> {
  const portion = [head]
  for await (const page of pages)
    for (const row of page)
      if (portion.push(row) >= ROWS_AT_ONCE) yield { text: taken(portion), isLast: false }
  yield { text: taken(portion), isLast: true }
}

/** The text of these rows, of which none is left. */
function taken(rows: Row[]): string {
  const all = rows.splice(0)
  return all.length === 0 ? '' : csvRows(all)
}
