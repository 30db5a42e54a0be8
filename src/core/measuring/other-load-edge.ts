/**
 * The safe edge of other load that decisions may use: the measurement as far as the meter is believed, else the
 * configured worst case, never less than what was measured or seen before (control rules 14, 15). Pure.
 */
import { maxOf, type PerPhase, PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'
import type { MeterStatus } from './meter-quality.js'

/** Above the worst case by more than metering error. */
const ABOVE_A = 1
const ABOVE_SHARE = 0.02

export interface EdgeInput {
  readonly status: MeterStatus
  /** The measured remainder, held. */
  readonly heldA: PerPhase
  /** Configured worst case of the circuit and all below it. */
  readonly worstA: PerPhase
}

export interface OtherLoadEdge {
  readonly otherA: PerPhase
  /** The worst case is what counts on at least one phase. */
  readonly worstCase: boolean
}

export function otherLoadEdge({ status, heldA, worstA }: EdgeInput): OtherLoadEdge {
  const { judgement } = status
  const seenA = maxOf(heldA, judgement.floorA)
  const assumed = (phase: PhaseIndex): number =>
    status.worstCase || judgement.worstCase[phase] ? worstA[phase] : 0
  const assumedA: PerPhase = [assumed(0), assumed(1), assumed(2)]
  const worstCase = status.worstCase || PHASE_INDEXES.some(phase => assumedA[phase] > seenA[phase])
  return { otherA: maxOf(seenA, assumedA), worstCase }
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
