/**
 * What a meter's own clock, or its counter of running time, says against it: values and clock stand together, so old
 * ones are repeated; or it keeps running back, as a recording does that begins anew. A clock that never moved is none (not set,
 * or no such register), and one that stands while the values move is broken and says nothing about them. Plain data,
 * mutable, owned by one meter's judgement.
 */
import type { MeterReading } from '../events.js'
import { type PerPhase, PHASE_INDEXES } from '../site/phases.js'

/** It is read every 5 s. */
const STANDS_MS = 20_000
/** After a longer silence the count begins anew. */
const GAP_MS = 10_000
/** Clocks are set right; daylight saving takes an hour. Not again and again. */
const BACK_S = 5
const BACK_AGAIN_MS = 600_000

export type ClockContradiction =
  | { readonly kind: 'clock stands'; readonly atS: number; readonly forMs: number }
  | { readonly kind: 'clock back'; readonly fromS: number; readonly toS: number }

export interface ClockWatch {
  lastS: number | undefined
  currentA: PerPhase | undefined
  seenMs: number
  /** Clock and values stand since. */
  sinceMs: number
  hasMoved: boolean
  backMs: number | undefined
}

export function newClockWatch(): ClockWatch {
  return {
    lastS: undefined,
    currentA: undefined,
    seenMs: -Infinity,
    sinceMs: -Infinity,
    hasMoved: false,
    backMs: undefined,
  }
}

export function watchClock(
  watch: ClockWatch,
  { monoMs, clockS, currentA }: MeterReading & { readonly currentA: PerPhase },
): ClockContradiction | undefined {
  if (clockS === undefined) {
    watch.lastS = undefined
    return undefined
  }
  const { lastS, currentA: lastA, seenMs } = watch
  const isAlike = lastA !== undefined && PHASE_INDEXES.every(phase => lastA[phase] === currentA[phase])
  watch.lastS = clockS
  watch.currentA = currentA
  watch.seenMs = monoMs
  if (lastS === undefined || monoMs - seenMs > GAP_MS || clockS !== lastS || !isAlike) watch.sinceMs = monoMs
  if (lastS === undefined) return undefined
  watch.hasMoved ||= clockS > lastS
  if (clockS < lastS - BACK_S) {
    const again = watch.backMs !== undefined && monoMs - watch.backMs <= BACK_AGAIN_MS
    watch.backMs = monoMs
    return again ? { kind: 'clock back', fromS: lastS, toS: clockS } : undefined
  }
  const forMs = monoMs - watch.sinceMs
  return watch.hasMoved && forMs >= STANDS_MS ? { kind: 'clock stands', atS: clockS, forMs } : undefined
}
