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
const GROSS_DEFICIT_MS = 35_000
const DEFICIT_MS = 90_000

/** Whether one station that stopped without having said so explains it. */
export type Lacking = 'gross' | 'one stop'

export interface Deficit {
  readonly sinceMs: number
  /** More than one silent stop explains. */
  readonly gross: boolean
}

/** Longer, or more, than one silent stop explains. */
export const isDoubted = (deficit: Deficit, nowMs: number): boolean =>
  deficit.gross || nowMs - deficit.sinceMs >= DOUBT_MS

/** Whether the meter shows less than the stations draw, and by more than one of them can explain. */
export function deficitOf(currentA: PerPhase, { sumA, largestA }: FreshSum): Lacking | undefined {
  let found: Lacking | undefined
  for (const phase of PHASE_INDEXES) {
    const lackingA = sumA[phase] * (1 - TOLERANCE_SHARE) - TOLERANCE_A - currentA[phase]
    if (lackingA > largestA[phase]) return 'gross'
    if (lackingA > 0) found = 'one stop'
  }
  return found
}

/** Stretches in which it showed less than its stations drew, together: a meter that comes back in between is no other one. */
export interface Lacked {
  readonly grossMs: number
  readonly anyMs: number
  /** At the last reading that lacked something. */
  readonly seenMs: number
}

export const NOTHING_LACKED: Lacked = { grossMs: 0, anyMs: 0, seenMs: -Infinity }
/** Forgotten by so much of the time without: cars that pause between two samples of their stations lack something too, for less of it. */
const FORGOTTEN_SHARE = 0.25

/** `goesOn`: the reading before lacked something too. */
export function lackedWith(
  { grossMs, anyMs, seenMs }: Lacked,
  { lacking, goesOn, nowMs }: { readonly lacking: Lacking; readonly goesOn: boolean; readonly nowMs: number },
): Lacked {
  const sinceMs = nowMs - seenMs
  if (goesOn)
    return { grossMs: grossMs + (lacking === 'gross' ? sinceMs : 0), anyMs: anyMs + sinceMs, seenMs: nowMs }
  const forgottenMs = FORGOTTEN_SHARE * sinceMs
  return {
    grossMs: Math.max(0, grossMs - forgottenMs),
    anyMs: Math.max(0, anyMs - forgottenMs),
    seenMs: nowMs,
  }
}

export const isLackedLong = ({ grossMs, anyMs }: Lacked): boolean =>
  grossMs >= GROSS_DEFICIT_MS || anyMs >= DEFICIT_MS
