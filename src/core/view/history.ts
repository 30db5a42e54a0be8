/**
 * Measured amps per phase of each circuit over the last minutes, for the plots. A fixed ring per circuit: bounded,
 * one point per second, gaps stay gaps. What outlives a restart is rolled up from it (gateway/history-keeper.ts): the
 * highest of each span, because a mean hides what was over the limit.
 */
import type { PerPhase } from '../site/phases.js'
import type { HistoryView } from './document.js'

/** 30 minutes at one point a second: 6 numbers x 8 bytes x 1800 = 86 kB per circuit. */
export const HISTORY_POINTS = 1_800

type Value = number | null
/** Amps on L1, L2, L3, the limit, and what the stations below were told; null where nothing is known. */
export type HistoryPoint = readonly [Value, Value, Value, Value, Value]
const LIMIT = 3
const OFFERED = 4

/** The highest of each phase and of the offers, and the lowest limit; undefined for none. */
export function worstOf(points: readonly HistoryPoint[]): HistoryPoint | undefined {
  if (points.length === 0) return undefined
  const known = (column: 0 | 1 | 2 | 3 | 4): number[] =>
    points.flatMap(point => (point[column] === null ? [] : [point[column]]))
  const highest = (column: 0 | 1 | 2 | typeof OFFERED): number | null =>
    known(column).reduce<number | null>((most, value) => Math.max(most ?? value, value), null)
  const lowest = known(LIMIT).reduce<number | null>((least, value) => Math.min(least ?? value, value), null)
  return [highest(0), highest(1), highest(2), lowest, highest(OFFERED)]
}

/** Points with their times as the plot takes them. */
export function historyView(
  circuitId: string,
  points: readonly { readonly atS: number; readonly point: HistoryPoint | undefined }[],
): HistoryView {
  const column = (at: 0 | 1 | 2 | typeof LIMIT | typeof OFFERED) =>
    points.map(({ point }) => point?.[at] ?? null)
  return {
    circuitId,
    atS: points.map(({ atS }) => atS),
    l1A: column(0),
    l2A: column(1),
    l3A: column(2),
    limitA: column(LIMIT),
    offeredA: column(OFFERED),
  }
}

interface Ring {
  readonly l1A: Float64Array
  readonly l2A: Float64Array
  readonly l3A: Float64Array
  readonly limitA: Float64Array
  readonly offeredA: Float64Array
  /** Unix second of each slot; NaN = empty. */
  readonly atS: Float64Array
}

export class History {
  readonly #rings = new Map<string, Ring>()

  add(
    circuitId: string,
    atS: number,
    now: { readonly measuredA?: PerPhase; readonly limitA: number; readonly offeredA: number },
  ): void {
    const { measuredA, limitA, offeredA } = now
    const ring = this.#rings.get(circuitId) ?? newRing()
    this.#rings.set(circuitId, ring)
    const slot = Math.floor(atS) % HISTORY_POINTS
    ring.atS[slot] = Math.floor(atS)
    ring.l1A[slot] = measuredA?.[0] ?? Number.NaN
    ring.l2A[slot] = measuredA?.[1] ?? Number.NaN
    ring.l3A[slot] = measuredA?.[2] ?? Number.NaN
    ring.limitA[slot] = limitA
    ring.offeredA[slot] = offeredA
  }

  circuitIds(): readonly string[] {
    return [...this.#rings.keys()]
  }

  /** Each second of from <= time < to that is still kept, oldest first; undefined for a circuit never seen. */
  read(
    circuitId: string,
    fromS: number,
    toS: number,
  ): readonly { readonly atS: number; readonly point: HistoryPoint | undefined }[] | undefined {
    const ring = this.#rings.get(circuitId)
    if (ring === undefined) return undefined
    const to = Math.floor(toS)
    const count = Math.max(0, Math.min(HISTORY_POINTS, to - Math.floor(fromS)))
    return Array.from({ length: count }, (_, index) => {
      const atS = to - count + index
      return { atS, point: pointAt(ring, atS) }
    })
  }
}

function pointAt(ring: Ring, atS: number): HistoryPoint | undefined {
  const slot = atS % HISTORY_POINTS
  if (ring.atS[slot] !== atS) return undefined
  const value = (values: Float64Array): number | null => {
    const found = values[slot]
    return found === undefined || Number.isNaN(found) ? null : Math.round(found * 10) / 10
  }
  return [value(ring.l1A), value(ring.l2A), value(ring.l3A), value(ring.limitA), value(ring.offeredA)]
}

function newRing(): Ring {
  const column = (): Float64Array => new Float64Array(HISTORY_POINTS).fill(Number.NaN)
  return { l1A: column(), l2A: column(), l3A: column(), limitA: column(), offeredA: column(), atS: column() }
}
