/**
 * A raise of ours shows at the site meter before the station reports it, and where the station tells energy or power alone no
 * report says on which phases. The rise is taken for our own and not for other load as far as our raises explain it, and
 * only while the meter's total is inside the limit (control rule 14).
 */
import { PROOF_AFTER_MS } from '../allocation/booking.js'
import { add, maxOf, minOf, type PerPhase, PHASE_INDEXES, spread, subtract, ZERO } from '../site/phases.js'
import { type ConnectorControl, countedPhases } from './connector.js'
import { countedReading, tellsOfDraw } from './evidence.js'
import { EXPLAINS_MS, isExplainedByRestart, offeredBefore } from './restarted.js'

/** By then a raise shows at the meter, or not at all: an answer, the car, a poll. */
const SHOWS_MS = 20_000
/** What connectors may have begun to draw, per phase, and no sample shows for certain. */
export interface RaiseCredit {
  /** It may show any moment. */
  readonly comingA: PerPhase
  /** Of this only what has shown in time is explained by it; no sample has told of it yet. */
  readonly shownA: PerPhase
  /** The same after a sample, which bounds it: as long as samples tell that so much is drawn somewhere. */
  readonly toldA: PerPhase
  /** Over all phases no more of `toldA` than this. */
  readonly toldSumA: number
  /** What the same connectors surely draw; the rest is counted above it. */
  readonly lowerA: PerPhase
}

/** No raise of its explains anything. */
export const NO_CREDIT: RaiseCredit = { comingA: ZERO, shownA: ZERO, toldA: ZERO, toldSumA: 0, lowerA: ZERO }

export function raiseCredit(connector: ConnectorControl, lowerA: PerPhase, nowMs: number): RaiseCredit {
  if (isExplainedByRestart(connector, nowMs)) return restoredCredit(connector, lowerA, nowMs)
  const { raisedMs, restoredMs, reading, transaction } = connector
  if (raisedMs === undefined && restoredMs !== undefined) return toldCredit(connector, lowerA, nowMs)
  if (raisedMs === undefined || transaction === undefined) return NO_CREDIT
  if (reading !== undefined && reading.sinceMs >= raisedMs + PROOF_AFTER_MS)
    return toldCredit(connector, lowerA, nowMs)
  if (nowMs - raisedMs > EXPLAINS_MS) return NO_CREDIT
  const creditA = maxOf(subtract(spread(connector.offerA, countedPhases(connector, nowMs)), lowerA), ZERO)
  const isComing = nowMs - raisedMs <= SHOWS_MS
  return { ...NO_CREDIT, lowerA, ...(isComing ? { comingA: creditA } : { shownA: creditA }) }
}

/** What the last run of Busbar offered it may be drawn. */
function restoredCredit(connector: ConnectorControl, lowerA: PerPhase, nowMs: number): RaiseCredit {
  const { restoredMs = nowMs } = connector
  const creditA = maxOf(subtract(offeredBefore(connector), lowerA), ZERO)
  const isComing = nowMs - restoredMs <= SHOWS_MS
  return { ...NO_CREDIT, lowerA, ...(isComing ? { comingA: creditA } : { shownA: creditA }) }
}

/** A lower of ours on its way takes nothing away before its time. */
function toldCredit(connector: ConnectorControl, lowerA: PerPhase, nowMs: number): RaiseCredit {
  const reading = countedReading(connector, nowMs)
  if (reading === undefined || !tellsOfDraw(reading)) return NO_CREDIT
  const mostA = connector.live.reduce((most, { offerA }) => Math.max(most, offerA), connector.offerA)
  const offeredA = spread(mostA, countedPhases(connector, nowMs))
  const { upperA, sumMostA } = reading
  const atMostA: PerPhase = [
    Math.min(offeredA[0], upperA[0] ?? mostA),
    Math.min(offeredA[1], upperA[1] ?? mostA),
    Math.min(offeredA[2], upperA[2] ?? mostA),
  ]
  const toldA = maxOf(subtract(atMostA, lowerA), ZERO)
  return { ...NO_CREDIT, lowerA, toldA, toldSumA: Math.max(0, (sumMostA ?? 0) - sumOf(lowerA)) }
}

const sumOf = (amps: PerPhase): number => amps[0] + amps[1] + amps[2]

/** What raises explain at most on a circuit now. */
export interface CreditNow {
  /** Not told by samples: what was believed of other load before holds on beside it. */
  readonly newA: PerPhase
  /** Told by samples: drawn, though not on which phases. */
  readonly toldA: PerPhase
  readonly lowerA: PerPhase
}

/** When so much of the meter has been taken for theirs so far, the sure part with it. */
export function creditNow(credit: RaiseCredit, ownA: PerPhase): CreditNow {
  const { comingA, shownA, toldA, toldSumA, lowerA } = credit
  const usedA = maxOf(subtract(ownA, lowerA), ZERO)
  const told = withinSum(minOf(toldA, usedA), toldSumA)
  return { newA: add(comingA, minOf(shownA, subtract(usedA, told))), toldA: told, lowerA }
}

/** What all phases show together is more than was drawn: each keeps what the others leave it for certain. */
function withinSum(amps: PerPhase, mostA: number): PerPhase {
  const sumA = sumOf(amps)
  if (sumA <= mostA) return amps
  const [l1, l2, l3] = PHASE_INDEXES.map(phase => Math.max(0, mostA - (sumA - amps[phase])))
  return [l1 ?? 0, l2 ?? 0, l3 ?? 0]
}

/** What a circuit carries at this moment, against which a rise is explained. */
export interface Carried {
  /** What was believed of other load before; its worst case where nothing was seen yet. */
  readonly beforeA: PerPhase
  readonly meterA: PerPhase
  readonly limitA: number
}

/**
 * Other load by the meter: `atMostA` is the meter less what stations surely draw. What was believed before holds on
 * as long as raises of ours account for the difference and the meter is inside the limit; above it all that nobody knows is
 * other load (control rules, "The promise").
 */
export function withoutOwnRaises(
  atMostA: PerPhase,
  credit: CreditNow,
  { beforeA, meterA, limitA }: Carried,
): PerPhase {
  if (Math.max(...meterA) > limitA) return atMostA
  const restA = maxOf(subtract(atMostA, credit.toldA), ZERO)
  return minOf(restA, maxOf(beforeA, subtract(restA, credit.newA)))
}
