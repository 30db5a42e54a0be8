/**
 * A meter that shows less than its stations draw: by how much one station that stopped without having said so yet can
 * explain, and how long (control rule 15). Pure.
 */
import { type PerPhase, PHASE_INDEXES } from '../site/phases.js'
import type { FreshSum } from './station-evidence.js'

/** Metering error of meter and stations together. */
const TOLERANCE_SHARE = 0.04
const TOLERANCE_A = 1
/** A deficit that one silent stop explains may last a lag; then it is taken seriously. */
const DOUBT_MS = 15_000
export const GROSS_DEFICIT_MS = 35_000
export const DEFICIT_MS = 90_000
export interface Deficit {
  readonly sinceMs: number
  /** More than one silent stop explains. */
  readonly gross: boolean
}

/** Longer, or more, than one silent stop explains. */
export const isDoubted = (deficit: Deficit, nowMs: number): boolean =>
  deficit.gross || nowMs - deficit.sinceMs >= DOUBT_MS

/** Whether the meter shows less than the stations draw, and by more than one of them can explain. */
export function deficitOf(
  currentA: PerPhase,
  { sumA, largestA }: FreshSum,
): 'gross' | 'one stop' | undefined {
  let found: 'gross' | 'one stop' | undefined
  for (const phase of PHASE_INDEXES) {
    const lackingA = sumA[phase] * (1 - TOLERANCE_SHARE) - TOLERANCE_A - currentA[phase]
    if (lackingA > largestA[phase]) return 'gross'
    if (lackingA > 0) found = 'one stop'
  }
  return found
}
