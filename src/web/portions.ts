/**
 * An answer that may be long, written in portions: control has its turn between two of them (UI12), and no more than one is held.
 * A short one is written at once.
 */
import type { Clock } from '../ports.js'

/** Some milliseconds of work on a small machine. */
export const ROWS_AT_ONCE = 2_000

export interface Portion {
  /** Empty in the last alone. */
  readonly text: string
  readonly isLast: boolean
}

/** The next portion is made when the reader has taken the one before. What fails in the midst cuts the answer off. */
export function inPortions(
  clock: Pick<Clock, 'after'>,
  portions: Iterable<Portion> | AsyncIterable<Portion>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const source =
    Symbol.asyncIterator in portions ? portions[Symbol.asyncIterator]() : portions[Symbol.iterator]()
  let isFirst = true
  return new ReadableStream<Uint8Array>(
    {
      pull: async controller => {
        if (!isFirst) await new Promise<void>(done => void clock.after(0, done))
        isFirst = false
        const next = await source.next()
        if (next.done !== true && next.value.text !== '') controller.enqueue(encoder.encode(next.value.text))
        if (next.done === true || next.value.isLast) controller.close()
      },
      cancel: async () => {
        await source.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** `{"days":[…]}` of `name`; `rowsOf`: how many rows one member is worth. */
export function* listPortions<T>(
  name: string,
  members: Iterable<T>,
  rowsOf: (member: T) => number,
): Generator<Portion> {
  let text = `{${JSON.stringify(name)}:[`
  let rows = 0
  let between = ''
  for (const member of members) {
    text += between + JSON.stringify(member)
    between = ','
    rows += 1 + rowsOf(member)
    if (rows < ROWS_AT_ONCE) continue
    yield { text, isLast: false }
    text = ''
    rows = 0
  }
  yield { text: `${text}]}`, isLast: true }
}
