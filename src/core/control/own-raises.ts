/**
 * A raise of ours shows at the site meter before the station reports it. Until then the rise is taken for our own and not
 * for other load, as far as our raises explain it and only while the meter's total is inside the limit (control rule 14).
 */
import { PROOF_AFTER_MS } from '../allocation/booking.js'
import { maxOf, minOf, type PerPhase, spread, subtract, ZERO } from '../site/phases.js'
import { type ConnectorControl, countedPhases } from './connector.js'

/** Whoever has not reported by then, at an interval of 60 s, does not explain anything any more. */
const EXPLAINS_MS = 75_000

/** What the connector may have begun to draw, per phase, and no sample could show yet. */
export function raiseCredit(connector: ConnectorControl, lowerA: PerPhase, nowMs: number): PerPhase {
  const { raisedMs, reading, transaction } = connector
  if (raisedMs === undefined || transaction === undefined || nowMs - raisedMs > EXPLAINS_MS) return ZERO
  if (reading !== undefined && reading.monoMs >= raisedMs + PROOF_AFTER_MS) return ZERO
  return maxOf(subtract(spread(connector.offerA, countedPhases(connector, nowMs)), lowerA), ZERO)
}

/**
 * Other load by the meter: `atMostA` is the meter less what stations surely draw. What was believed before holds on
 * as long as raises of ours account for the difference.
 */
export function withoutOwnRaises(
  atMostA: PerPhase,
  at: {
    readonly creditA: PerPhase
    readonly beforeA: PerPhase | undefined
    readonly meterA: PerPhase
    readonly limitA: number
  },
): PerPhase {
  const { creditA, beforeA, meterA, limitA } = at
  if (beforeA === undefined || Math.max(...meterA) > limitA) return atMostA
  return minOf(atMostA, maxOf(beforeA, subtract(atMostA, creditA)))
}
