/**
 * From when until when certificates hold, when they are renewed, and whether the clock may judge them. Pure; times in ms of
 * the wall clock.
 */

const DAY_MS = 86_400_000
/** No clock that is right shows an earlier time: this was written after it. */
export const CLOCK_FLOOR_MS = Date.UTC(2026, 10, 1)
/** Peers whose clock is a little behind take it too. */
const BACK_DATED_MS = DAY_MS
const ROOT_YEARS = 20
/** Browsers take no server certificate that holds longer. */
const SERVER_DAYS = 397
const STATION_DAYS = 2 * 365
export const RENEW_DAYS_AHEAD = 30
/** Days before the end at which an alarm speaks again. */
export const ALARM_DAYS = [30, 7, 1] as const

/** By a clock before the floor nobody is expired and nobody comes too early. */
export function isClockTrusted(nowMs: number): boolean {
  return nowMs >= CLOCK_FLOOR_MS
}

export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export function validityOf(what: 'root' | 'server' | 'station', nowMs: number): Validity {
  const fromMs = Math.max(nowMs, CLOCK_FLOOR_MS)
  const days = { root: ROOT_YEARS * 365, server: SERVER_DAYS, station: STATION_DAYS }[what]
  // the root is as old as can be, so that what is made by a clock that was set back still lies within it
  const notBeforeMs = what === 'root' ? CLOCK_FLOOR_MS - BACK_DATED_MS : fromMs - BACK_DATED_MS
  return { notBeforeMs, notAfterMs: fromMs + days * DAY_MS }
}

/** Whole days until it ends, rounded down; negative when it has. Undefined by a clock that cannot be trusted. */
export function daysLeft(notAfterMs: number, nowMs: number): number | undefined {
  return isClockTrusted(nowMs) ? Math.floor((notAfterMs - nowMs) / DAY_MS) : undefined
}

/** Also one that does not hold yet: it was made while the clock was ahead. */
export function isRenewalDue({ notBeforeMs, notAfterMs }: Validity, nowMs: number): boolean {
  const left = daysLeft(notAfterMs, nowMs)
  return left !== undefined && (left < RENEW_DAYS_AHEAD || notBeforeMs > nowMs)
}
