/**
 * A table that may be long, written in portions: control has its turn between two of them (UI12), and no more than one is held.
 * A short one is written at once.
 */
import type { Clock } from '../ports.js'
import { type Cell, csvRows } from './csv.js'

/** Some milliseconds of work on a small machine. */
export const ROWS_AT_ONCE = 2_000

/** The next portion is written when the reader has taken the one before. */
export function csvStream(
  clock: Pick<Clock, 'after'>,
  head: readonly string[],
  rows: Iterable<readonly Cell[]>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const source = rows[Symbol.iterator]()
  let isFirst = true
  return new ReadableStream<Uint8Array>(
    {
      pull: async controller => {
        if (!isFirst) await new Promise<void>(done => void clock.after(0, done))
        const portion: (readonly Cell[])[] = isFirst ? [head] : []
        isFirst = false
        let isOver = false
        while (!isOver && portion.length < ROWS_AT_ONCE) {
          const next = source.next()
          isOver = next.done === true
          if (next.done !== true) portion.push(next.value)
        }
        if (portion.length > 0) controller.enqueue(encoder.encode(csvRows(portion)))
        if (isOver) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
