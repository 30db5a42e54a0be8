/**
 * Measured amps per phase of each circuit or station over the last minutes, for the plots. A fixed ring for each: bounded,
 * one point per second or step of seconds, gaps stay gaps. What outlives a restart is rolled up from it (gateway/history-keeper.ts): the
 * highest of each span, because a mean hides what was over the limit.
 */
import type { PerPhase } from '../site/phases.js'
import type { HistoryView } from './document.js'

/** Seconds that are held: at one point a second 6 numbers x 8 bytes x 1800 = 86 kB per circuit. */
export const HISTORY_S = 1_800

type Value = number | null
/** Amps on L1, L2, L3, the limit, and what the stations below were told; null where nothing is known. */
export type HistoryPoint = readonly [Value, Value, Value, Value, Value]
const LIMIT = 3
const OFFERED = 4

/** The highest of each phase and of the offers, and the lowest limit, or the highest; undefined for none. */
export function worstOf(
  points: readonly HistoryPoint[],
  ofLimits: 'lowest' | 'highest' = 'lowest',
): HistoryPoint | undefined {
  if (points.length === 0) return undefined
  const known = (column: 0 | 1 | 2 | 3 | 4): number[] =>
    points.flatMap(point => (point[column] === null ? [] : [point[column]]))
  const highest = (column: 0 | 1 | 2 | typeof LIMIT | typeof OFFERED): number | null =>
    known(column).reduce<number | null>((most, value) => Math.max(most ?? value, value), null)
  const lowest = known(LIMIT).reduce<number | null>((least, value) => Math.min(least ?? value, value), null)
  const limit = ofLimits === 'lowest' ? lowest : highest(LIMIT)
  return [highest(0), highest(1), highest(2), limit, highest(OFFERED)]
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

/** What is plotted has an id: of a circuit, or of a station. */
export class History {
  readonly #rings = new Map<string, Ring>()
  readonly #stepS: number
  readonly #slots: number
  readonly #ofLimits: 'lowest' | 'highest'

  /**
   * `stepS`: of one point, which is the worst of so many seconds. A divisor of a minute. `ofLimits`: which of several stands
   * for them; of what may flow the highest.
   */
  constructor(stepS = 1, ofLimits: 'lowest' | 'highest' = 'lowest') {
    this.#stepS = stepS
    this.#slots = HISTORY_S / stepS
    this.#ofLimits = ofLimits
  }

  /** What stands for all of these. */
  worst(points: readonly HistoryPoint[]): HistoryPoint | undefined {
    return worstOf(points, this.#ofLimits)
  }

  add(
    circuitId: string,
    atS: number,
    now: { readonly measuredA?: PerPhase; readonly limitA: number; readonly offeredA: number },
  ): void {
    const { measuredA, limitA, offeredA } = now
    const ring = this.#rings.get(circuitId) ?? newRing(this.#slots)
    this.#rings.set(circuitId, ring)
    const step = Math.floor(atS / this.#stepS)
    const slot = step % this.#slots
    const isBegun = this.#stepS > 1 && ring.atS[slot] === step * this.#stepS
    const put = (values: Float64Array, value: number | undefined, worse: typeof Math.max): void => {
      const before = isBegun ? (values[slot] ?? Number.NaN) : Number.NaN
      values[slot] = value === undefined || Number.isNaN(before) ? (value ?? before) : worse(before, value)
    }
    ring.atS[slot] = step * this.#stepS
    put(ring.l1A, measuredA?.[0], Math.max)
    put(ring.l2A, measuredA?.[1], Math.max)
    put(ring.l3A, measuredA?.[2], Math.max)
    put(ring.limitA, limitA, this.#ofLimits === 'lowest' ? Math.min : Math.max)
    put(ring.offeredA, offeredA, Math.max)
  }

  ids(): readonly string[] {
    return [...this.#rings.keys()]
  }

  /**
   * Each point of from <= time < to that is still kept, oldest first; undefined for a circuit never seen. A step that is
   * not over at `toS` and has nothing yet is no gap: it is not there.
   */
  read(
    circuitId: string,
    fromS: number,
    toS: number,
  ): readonly { readonly atS: number; readonly point: HistoryPoint | undefined }[] | undefined {
    const ring = this.#rings.get(circuitId)
    if (ring === undefined) return undefined
    const step = this.#stepS
    const end = Math.ceil(Math.floor(toS) / step)
    const count = Math.max(0, Math.min(this.#slots, end - Math.ceil(Math.floor(fromS) / step)))
    const points = Array.from({ length: count }, (_, index) => {
      const atS = (end - count + index) * step
      return { atS, point: pointAt(ring, atS, (atS / step) % this.#slots) }
    })
    const hasJustBegun = end * step > Math.floor(toS) && points.at(-1)?.point === undefined
    return hasJustBegun ? points.slice(0, -1) : points
  }
}

function pointAt(ring: Ring, atS: number, slot: number): HistoryPoint | undefined {
  if (ring.atS[slot] !== atS) return undefined
  const value = (values: Float64Array): number | null => {
    const found = values[slot]
    return found === undefined || Number.isNaN(found) ? null : Math.round(found * 10) / 10
  }
  return [value(ring.l1A), value(ring.l2A), value(ring.l3A), value(ring.limitA), value(ring.offeredA)]
}

function newRing(slots: number): Ring {
  const column = (): Float64Array => new Float64Array(slots).fill(Number.NaN)
  return { l1A: column(), l2A: column(), l3A: column(), limitA: column(), offeredA: column(), atS: column() }
}
