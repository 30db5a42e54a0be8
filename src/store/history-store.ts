/**
 * The history of circuits, and apart from it that of stations, on disk: one record per span and all of them, time first in the key, so that what is too old
 * lies together whether its circuit is still configured or not. Telemetry: written without waiting for the disk.
 */
import { isFields } from '../core/fields.js'
import type { HistoryPoint } from '../core/view/history.js'
import type { Journal, JournalOp } from '../ports.js'
import { parseText } from './layout.js'

/** Length of a span, s. */
export type Span = 60 | 900

export type SpanRecord = ReadonlyMap<string, HistoryPoint>

export interface HistoryStore {
  /** `atS`: the beginning of the span, a multiple of it. */
  keep(span: Span, atS: number, record: SpanRecord): Promise<void>
  /**
   * from <= atS < to, oldest first, a page at a time; what cannot be read is left out. `circuitId`: of this one alone, which
   * takes a fraction of the time where there are many.
   */
  read(
    span: Span,
    fromS: number,
    toS: number,
    circuitId?: string,
  ): AsyncGenerator<readonly (readonly [number, SpanRecord])[]>
  /** Everything that began before. */
  forget(span: Span, beforeS: number): Promise<void>
}

/** A page costs the loop about a millisecond. */
const PAGE = 256

/** `of`: circuits have theirs, stations theirs, so that many of these make the plot of a circuit no slower. */
export function openHistoryStore(
  journal: Journal,
  of: 'history' | 'station-history' = 'history',
): HistoryStore {
  const prefixOf = (span: Span): string => `${of}/${span}/`
  const keyOf = (span: Span, atS: number): string =>
    prefixOf(span) + String(Math.max(0, atS)).padStart(12, '0')
  async function* pages(span: Span, fromS: number, toS: number) {
    let from = keyOf(span, fromS)
    for (;;) {
      const page = await journal.scan(from, keyOf(span, toS), PAGE)
      if (page.length > 0) yield page
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      from = `${last.key}\u0000`
    }
  }
  return {
    keep: (span, atS, record) =>
      journal.commit(
        [{ kind: 'put', key: keyOf(span, atS), value: JSON.stringify(Object.fromEntries(record)) }],
        false,
      ),
    read: async function* (span, fromS, toS, circuitId) {
      for await (const page of pages(span, fromS, toS))
        yield page.map(
          ({ key, value }) => [Number(key.slice(prefixOf(span).length)), recordOf(value, circuitId)] as const,
        )
    },
    forget: async (span, beforeS) => {
      for await (const page of pages(span, 0, beforeS))
        await journal.commit(
          page.map(({ key }): JournalOp => ({ kind: 'delete', key })),
          false,
        )
    },
  }
}

function recordOf(text: string, circuitId: string | undefined): SpanRecord {
  const value = parseText(text)
  if (!isFields(value)) return new Map()
  const wanted: [string, unknown][] =
    circuitId === undefined
      ? Object.entries(value)
      : Object.hasOwn(value, circuitId)
        ? [[circuitId, value[circuitId]]]
        : []
  return new Map(
    wanted.flatMap(([id, point]): [string, HistoryPoint][] => {
      const read = pointOf(point)
      return read === undefined ? [] : [[id, read]]
    }),
  )
}

function pointOf(value: unknown): HistoryPoint | undefined {
  // Earlier versions have kept no offers.
  if (!Array.isArray(value) || value.length < 4 || value.length > 5) return undefined
  const known = value.map((one: unknown) => (typeof one === 'number' ? one : null))
  const [l1, l2, l3, limit, offered] = known
  return [l1 ?? null, l2 ?? null, l3 ?? null, limit ?? null, offered ?? null]
}
