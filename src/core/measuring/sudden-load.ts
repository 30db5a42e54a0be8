/**
 * Whether more flows on a phase, suddenly, than bookings explain: a car on a phase it was not counted on, or other load. The meter
 * has to have risen, and what it shows above all bookings too: a car that is slow to take its offer does not raise that, and one
 * that is lowered does not raise the meter. Plain data, pure; knows no stations.
 */
import { maxOf, minOf, type PerPhase, PHASE_INDEXES, type PhaseSet } from '../site/phases.js'

/** What takes longer than one or two of these is no car that takes another phase. */
const SPAN_MS = 15_000
const SPANS_KEPT = 6
const RECENT = 2
/** Half of the least that a car takes on a phase (IEC 61851-1). */
const SUDDEN_A = 3

/** What one reading shows, and of it what is above all bookings: negative below them. */
export interface Shown {
  readonly meterA: PerPhase
  readonly aboveA: PerPhase
}

export interface Unexplained {
  readonly spanEndMs: number
  /** Of each span, oldest first: the most above all bookings, and the least the meter showed. */
  readonly spans: readonly { readonly mostA: PerPhase; readonly leastA: PerPhase }[]
}

export function withShown(
  before: Unexplained | undefined,
  { meterA, aboveA }: Shown,
  nowMs: number,
): Unexplained {
  const span = { mostA: aboveA, leastA: meterA }
  // After a silence nothing is known of the time between.
  if (before === undefined || nowMs > before.spanEndMs + SPAN_MS)
    return { spanEndMs: nowMs + SPAN_MS, spans: [span] }
  const last = before.spans.at(-1)
  if (nowMs > before.spanEndMs || last === undefined)
    return { spanEndMs: nowMs + SPAN_MS, spans: [...before.spans, span].slice(-SPANS_KEPT) }
  const wider = { mostA: maxOf(last.mostA, aboveA), leastA: minOf(last.leastA, meterA) }
  return { ...before, spans: [...before.spans.slice(0, -1), wider] }
}

/** Undefined: not watched for long enough. */
export function isSudden({ spans }: Unexplained, shown: Shown, on: PhaseSet): boolean | undefined {
  const [first, ...others] = spans.slice(0, -RECENT)
  if (first === undefined) return undefined
  const mostA = others.reduce((most, span) => maxOf(most, span.mostA), first.mostA)
  const leastA = spans.slice(-RECENT).reduce((least, span) => minOf(least, span.leastA), shown.meterA)
  return PHASE_INDEXES.some(
    phase =>
      on[phase] &&
      shown.aboveA[phase] > mostA[phase] + SUDDEN_A &&
      shown.meterA[phase] > leastA[phase] + SUDDEN_A,
  )
}

/** Whether what is sudden can be told. */
export const isWatched = ({ spans }: Unexplained): boolean => spans.length > RECENT
