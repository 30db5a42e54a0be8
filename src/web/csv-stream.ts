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
  return inPortions(clock, tablePortions([head], rows))
}

/** Of rows that are read page by page; the head goes first, alone. */
export function pagedCsvStream(
  clock: Pick<Clock, 'after'>,
  head: readonly string[],
  pages: AsyncIterable<Iterable<Row>>,
): ReadableStream<Uint8Array> {
  return inPortions(clock, pagePortions(head, pages))
}

function* tablePortions(before: readonly Row[], rows: Iterable<Row>): Generator<Portion> {
  let portion = [...before]
  for (const row of rows) {
    portion.push(row)
    if (portion.length < ROWS_AT_ONCE) continue
    yield { text: csvRows(portion), isLast: false }
    portion = []
  }
  yield { text: portion.length === 0 ? '' : csvRows(portion), isLast: true }
}

async function* pagePortions(
  head: readonly string[],
  pages: AsyncIterable<Iterable<Row>>,
): AsyncGenerator<Portion> {
  yield { text: csvRows([head]), isLast: false }
  for await (const page of pages)
    for (const { text } of tablePortions([], page)) if (text !== '') yield { text, isLast: false }
  yield { text: '', isLast: true }
}
