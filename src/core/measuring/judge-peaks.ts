/** Other load that a meter showed while it was believed: what counts on while it is not (control rule 15). */
import { maxOf, minOf, type PerPhase, ZERO } from '../site/phases.js'
import type { JudgeState } from './judge-state.js'

/**
 * Other load seen before: the least of each half minute, because a car that has started looks like other load until its
 * station tells; the most of them for a quarter of an hour.
 */
const PEAK_MS = 30_000
export const PEAKS_KEPT = 30

export function keepPeak(state: JudgeState, otherA: PerPhase, nowMs: number): void {
  // What is seen in doubt is no measure for what was there.
  if (state.verdict !== undefined || state.deficit !== undefined) return
  const newest = state.peaks.at(-1)
  if (newest !== undefined && nowMs - newest.startMs < PEAK_MS) newest.otherA = minOf(newest.otherA, otherA)
  else state.peaks = [...state.peaks.slice(1 - PEAKS_KEPT), { startMs: nowMs, otherA }]
}

export function peakOf(state: JudgeState, buckets: number): PerPhase {
  return state.peaks.slice(-buckets).reduce((most, { otherA }) => maxOf(most, otherA), ZERO)
}
