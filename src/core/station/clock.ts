/**
 * Reads a station's clock off the timestamps of its messages, and tells messages of now from a queue it is emptying.
 * The newest-looking clock counts; one that keeps standing further back was set back, for a queue catches up with now
 * and does not. Pure; times in milliseconds.
 */

/** Timestamps this much behind the clock say nothing about it: they were written earlier. */
const SLACK_MS = 2_000
/** A sample this much behind is history, not a measurement of now. */
export const STALE_AFTER_MS = 60_000
/** This many timestamps in a row that stand equally far back, over at least `SET_BACK_SPAN_MS`, are a clock set back. */
const SET_BACK_COUNT = 3
const SET_BACK_SPAN_MS = 10_000

/** Of a clock that was never set to one that is some decades off; beyond, it is no time of a clock. */
const LAST_CLOCK_MS = Date.UTC(2100, 0)

export function isClockTime(stationMs: number): boolean {
  return stationMs >= 0 && stationMs < LAST_CLOCK_MS
}

/** A queue that is being emptied moves on faster than time does: two messages this far apart tell. */
const STEADY_SPAN_MS = 4_000

/** Whether a second message that may be old confirms the first: time has gone by, and both say the same clock. */
export function isSteadyFrom(
  first: { readonly offsetMs: number; readonly sinceMs: number },
  offsetMs: number,
  ourMs: number,
): boolean {
  return ourMs - first.sinceMs >= STEADY_SPAN_MS && isSameClock(first, offsetMs)
}

export function isSameClock(first: { readonly offsetMs: number }, offsetMs: number): boolean {
  return Math.abs(offsetMs - first.offsetMs) <= SLACK_MS
}

export interface ClockReading {
  /** Station time minus our time. */
  readonly offsetMs: number
  /** Timestamps that stand further back, equally far. */
  readonly behind?: { readonly offsetMs: number; readonly count: number; readonly sinceMs: number }
}

/** One timestamp of a message that has just come. `isNow`: the message speaks of now. */
export function readClock(
  before: ClockReading | undefined,
  stationMs: number,
  ourMs: number,
): { readonly reading: ClockReading; readonly isNow: boolean } {
  const offsetMs = stationMs - ourMs
  if (before === undefined || offsetMs >= before.offsetMs - SLACK_MS) {
    return { reading: { offsetMs: Math.max(before?.offsetMs ?? offsetMs, offsetMs) }, isNow: true }
  }
  const { behind } = before
  const same = behind !== undefined && Math.abs(offsetMs - behind.offsetMs) <= SLACK_MS
  const next = same ? { ...behind, count: behind.count + 1 } : { offsetMs, count: 1, sinceMs: ourMs }
  if (next.count >= SET_BACK_COUNT && ourMs - next.sinceMs >= SET_BACK_SPAN_MS) {
    return { reading: { offsetMs }, isNow: true }
  }
  return { reading: { offsetMs: before.offsetMs, behind: next }, isNow: false }
}
