/**
 * The safe edge of other load that decisions may use: the measurement as far as the meter is believed, else the
 * configured worst case, never less than what was measured or seen before (control rules 14, 15). Pure.
 */
import { maxOf, type PerPhase, PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'
import type { MeterStatus } from './meter-quality.js'

/** The least a car can be offered: the step that proves a meter (IEC 61851-1). */
const PROVING_STEP_A = 6
/** gG fuses and breakers carry this much of their rating for an hour (conventional non-tripping current). */
const CARRIED_SHARE = 1.13
/** Above the worst case by more than metering error. */
const ABOVE_A = 1
const ABOVE_SHARE = 0.02

export interface EdgeInput {
  readonly status: MeterStatus
  /** The measured remainder, held. */
  readonly heldA: PerPhase
  /** Configured worst case of the circuit and all below it. */
  readonly worstA: PerPhase
  readonly limitA: number
  readonly ratedCurrentA: number
}

export interface OtherLoadEdge {
  readonly otherA: PerPhase
  /** The worst case is what counts on at least one phase. */
  readonly worstCase: boolean
}

export function otherLoadEdge(input: EdgeInput): OtherLoadEdge {
  const { status, heldA, worstA } = input
  const { judgement } = status
  const seenA = maxOf(heldA, judgement.floorA)
  const assumed = (phase: PhaseIndex): number => {
    if (status.worstCase) return worstA[phase]
    if (!judgement.worstCase[phase]) return 0
    const doubted = judgement.verdict !== undefined || judgement.holdsRaises
    return doubted ? worstA[phase] : unprovenWorstA(worstA[phase], input)
  }
  const assumedA: PerPhase = [assumed(0), assumed(1), assumed(2)]
  const worstCase = status.worstCase || PHASE_INDEXES.some(phase => assumedA[phase] > seenA[phase])
  return { otherA: maxOf(seenA, assumedA), worstCase }
}

/** A map that was never proven leaves room for one minimum at least, if the fuse carries it beside the worst case. */
function unprovenWorstA(worstA: number, { limitA, ratedCurrentA }: EdgeInput): number {
  const carried = worstA + PROVING_STEP_A <= ratedCurrentA * CARRIED_SHARE
  return carried ? Math.min(worstA, Math.max(0, limitA - PROVING_STEP_A)) : worstA
}

/**
 * By how much other load surely is above the configured worst case, which the fail-safe proof rests on: what the meter
 * shows less all that the stations may draw. Undefined while it is not.
 */
export function aboveWorstCase(
  meterA: PerPhase,
  stationsAtMostA: PerPhase,
  worstA: PerPhase,
): { readonly otherA: number; readonly worstA: number; readonly phase: PhaseIndex } | undefined {
  for (const phase of PHASE_INDEXES) {
    const otherA = meterA[phase] - stationsAtMostA[phase]
    if (otherA > worstA[phase] * (1 + ABOVE_SHARE) + ABOVE_A) return { otherA, worstA: worstA[phase], phase }
  }
  return undefined
}
