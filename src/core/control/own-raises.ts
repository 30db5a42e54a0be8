/**
 * A raise of ours shows at the site meter before the station reports it. Until then the rise is taken for our own and not
 * for other load, as far as our raises explain it and only while the meter's total is inside the limit (control rule 14).
 */
import { PROOF_AFTER_MS } from '../allocation/booking.js'
import { add, maxOf, minOf, type PerPhase, spread, subtract, ZERO } from '../site/phases.js'
import { type ConnectorControl, countedPhases } from './connector.js'

/** By then a raise shows at the meter, or not at all: an answer, the car, a poll. */
const SHOWS_MS = 20_000
/** Whoever has not reported by then, a register twice at an interval of 60 s, does not explain anything any more. */
const EXPLAINS_MS = 150_000

/** What connectors may have begun to draw, per phase, and no sample could show yet. */
export interface RaiseCredit {
  /** It may show any moment. */
  readonly comingA: PerPhase
  /** Of this only what has shown in time is explained by it. */
  readonly shownA: PerPhase
}

/** No raise of its explains anything. */
export const NO_CREDIT: RaiseCredit = { comingA: ZERO, shownA: ZERO }

export function raiseCredit(connector: ConnectorControl, lowerA: PerPhase, nowMs: number): RaiseCredit {
  const { raisedMs, reading, transaction } = connector
  if (raisedMs === undefined || transaction === undefined || nowMs - raisedMs > EXPLAINS_MS) return NO_CREDIT
  if (reading !== undefined && reading.sinceMs >= raisedMs + PROOF_AFTER_MS) return NO_CREDIT
  const creditA = maxOf(subtract(spread(connector.offerA, countedPhases(connector, nowMs)), lowerA), ZERO)
  return nowMs - raisedMs <= SHOWS_MS
    ? { comingA: creditA, shownA: ZERO }
    : { comingA: ZERO, shownA: creditA }
}

/** What raises may explain at most now, when they have explained `usedA` so far. */
export function creditNow({ comingA, shownA }: RaiseCredit, usedA: PerPhase): PerPhase {
  return add(comingA, minOf(shownA, usedA))
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
