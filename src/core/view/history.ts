/**
 * Measured amps per phase of each circuit over the last minutes, for the plots. A fixed ring per circuit: bounded,
 * one point per second, gaps stay gaps. Lost on restart: it is telemetry.
 */
import type { PerPhase } from '../site/phases.js'
import type { HistoryView } from './document.js'

/** 30 minutes at one point a second: 7 numbers x 8 bytes x 1800 = 100 kB per circuit. */
export const HISTORY_POINTS = 1_800

interface Ring {
  readonly l1A: Float64Array
  readonly l2A: Float64Array
  readonly l3A: Float64Array
  readonly limitA: Float64Array
  /** Unix second of each slot; NaN = empty. */
  readonly atS: Float64Array
}

export class History {
  readonly #rings = new Map<string, Ring>()

  add(circuitId: string, atS: number, measuredA: PerPhase | undefined, limitA: number): void {
    const ring = this.#rings.get(circuitId) ?? newRing()
    this.#rings.set(circuitId, ring)
    const slot = Math.floor(atS) % HISTORY_POINTS
    ring.atS[slot] = Math.floor(atS)
    ring.l1A[slot] = measuredA?.[0] ?? Number.NaN
    ring.l2A[slot] = measuredA?.[1] ?? Number.NaN
    ring.l3A[slot] = measuredA?.[2] ?? Number.NaN
    ring.limitA[slot] = limitA
  }

  /** The last `seconds` up to `nowS`, oldest first, one point a second; undefined for a circuit never seen. */
  read(circuitId: string, nowS: number, seconds: number): HistoryView | undefined {
    const ring = this.#rings.get(circuitId)
    if (ring === undefined) return undefined
    const last = Math.floor(nowS)
    const count = Math.max(1, Math.min(HISTORY_POINTS, Math.floor(seconds)))
    const atS = Array.from({ length: count }, (_, index) => last - count + 1 + index)
    const column = (values: Float64Array): (number | null)[] =>
      atS.map(second => {
        const slot = second % HISTORY_POINTS
        const value = values[slot]
        return ring.atS[slot] === second && value !== undefined && !Number.isNaN(value)
          ? Math.round(value * 10) / 10
          : null
      })
    return {
      circuitId,
      atS,
      l1A: column(ring.l1A),
      l2A: column(ring.l2A),
      l3A: column(ring.l3A),
      limitA: column(ring.limitA),
    }
  }
}

function newRing(): Ring {
  const column = (): Float64Array => new Float64Array(HISTORY_POINTS).fill(Number.NaN)
  return { l1A: column(), l2A: column(), l3A: column(), limitA: column(), atS: column() }
}
