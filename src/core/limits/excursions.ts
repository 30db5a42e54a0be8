/**
 * Excursions above a UK G100 import limit: one of 15 s counts, and one of 60 s, two counted within 10 min or more than three within 24 h
 * lock the stations out, at a business for 4 h. What is not known neither begins nor ends one. Time is that of a clock that does
 * not jump; pure.
 */
const COUNTS_AFTER_MS = 15_000
const LOCKS_AFTER_MS = 60_000
const PAIR_WITHIN_MS = 600_000
const DAY_MS = 86_400_000
const MOST_A_DAY = 3
export const LOCKED_MS = 4 * 3_600_000

export interface Excursions {
  readonly overSinceMs?: number
  /** When those that count began to, within a day, oldest first. */
  readonly countedMs: readonly number[]
  readonly lockedUntilMs?: number
}

export const NO_EXCURSIONS: Excursions = { countedMs: [] }

/** `isOver`: undefined while nobody knows. */
export function stepExcursions(before: Excursions, isOver: boolean | undefined, nowMs: number): Excursions {
  const overSinceMs =
    isOver === false ? undefined : (before.overSinceMs ?? (isOver === true ? nowMs : undefined))
  const isLocked = before.lockedUntilMs !== undefined && before.lockedUntilMs > nowMs
  const recent = before.countedMs.filter(atMs => nowMs - atMs < DAY_MS).slice(-MOST_A_DAY - 1)
  const isCounted = overSinceMs !== undefined && (recent.at(-1) ?? Number.NEGATIVE_INFINITY) >= overSinceMs
  const lastedMs = overSinceMs === undefined ? 0 : nowMs - overSinceMs
  const counts = lastedMs >= COUNTS_AFTER_MS && !isCounted
  const countedMs = counts ? [...recent, nowMs] : recent
  const pair = countedMs.slice(-2)
  const isPair = pair.length === 2 && (pair[1] ?? 0) - (pair[0] ?? 0) < PAIR_WITHIN_MS
  const locks = lastedMs >= LOCKS_AFTER_MS || (counts && (isPair || countedMs.length > MOST_A_DAY))
  const lockedUntilMs = locks ? nowMs + LOCKED_MS : isLocked ? before.lockedUntilMs : undefined
  return {
    ...(overSinceMs !== undefined && { overSinceMs }),
    countedMs,
    ...(lockedUntilMs !== undefined && { lockedUntilMs }),
  }
}

/** For the disk: the time while Busbar was off does not count. */
export interface KeptExcursions {
  readonly countedAgoMs: readonly number[]
  readonly lockedLeftMs: number
}

export function keptExcursions({ countedMs, lockedUntilMs = 0 }: Excursions, nowMs: number): KeptExcursions {
  return {
    countedAgoMs: countedMs.map(atMs => Math.max(0, Math.round(nowMs - atMs))),
    lockedLeftMs: Math.max(0, Math.round(lockedUntilMs - nowMs)),
  }
}

export function restoredExcursions(
  { countedAgoMs, lockedLeftMs }: KeptExcursions,
  nowMs: number,
): Excursions {
  return {
    countedMs: countedAgoMs.map(agoMs => nowMs - agoMs),
    ...(lockedLeftMs > 0 && { lockedUntilMs: nowMs + lockedLeftMs }),
  }
}
