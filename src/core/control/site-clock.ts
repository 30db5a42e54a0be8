/**
 * The time Busbar gives to stations and plans by: its wall clock, but steady against the monotonic one. A jump of the wall
 * clock is not passed on before the new time has lasted and every schedule in force was made harmless, because stations
 * read their schedules by what they were told (control rule 6). Pure; milliseconds.
 */

/** Further off than this is a jump; less is drift and followed slowly. */
const JUMP_MS = 2_000
/** Drift is followed at most this fast: far inside the clock bound between two refreshes. */
const SLEW_PER_MS = 1 / 60
/** A wall clock before this was never set. */
const EARLIEST_WALL_MS = Date.UTC(2025, 0, 1)
/** A clock is set back by so little without being wrong. */
const FLOOR_SLACK_MS = 60_000
/** A floor that the wall clock has not reached by then was itself of a clock that ran ahead. */
const LONGEST_FLOOR_MS = 86_400_000
/** A new time counts once it has been steady for this long. */
const STEADY_MS = 60_000

export interface SiteClock {
  /** Time given to stations less monotonic time. */
  readonly offsetMs: number
  readonly seenMs: number
  /** Where the wall clock stands since it jumped. */
  readonly jump?: { readonly offsetMs: number; readonly sinceMs: number }
  /** The wall clock stood before a time that is known to have been: that one counts on instead. */
  readonly floor?: { readonly wallMs: number; readonly sinceMs: number }
}

/** `lastWallMs`: the latest time that the last run has written down; undefined = none. */
export function newSiteClock(wallMs: number, monoMs: number, lastWallMs?: number): SiteClock {
  if (lastWallMs === undefined || wallMs >= lastWallMs - FLOOR_SLACK_MS)
    return { offsetMs: wallMs - monoMs, seenMs: monoMs }
  const floor = { wallMs: lastWallMs, sinceMs: monoMs }
  return { offsetMs: lastWallMs - monoMs, seenMs: monoMs, floor }
}

/** Why the time is not to be trusted although it runs on; undefined = as far as known it is right. */
export function clockFault(clock: SiteClock, monoMs: number): 'behind' | 'never set' | undefined {
  if (clock.floor !== undefined) return 'behind'
  return siteWallMs(clock, monoMs) < EARLIEST_WALL_MS ? 'never set' : undefined
}

/** One look at both clocks. */
export function clockStep(clock: SiteClock, wallMs: number, monoMs: number): SiteClock {
  const { floor } = clock
  if (floor !== undefined && wallMs < floor.wallMs && monoMs - floor.sinceMs < LONGEST_FLOOR_MS)
    return { offsetMs: clock.offsetMs, seenMs: monoMs, floor }
  const offsetMs = wallMs - monoMs
  const offMs = offsetMs - clock.offsetMs
  if (Math.abs(offMs) <= JUMP_MS) {
    const mostMs = (monoMs - clock.seenMs) * SLEW_PER_MS
    return {
      offsetMs: clock.offsetMs + Math.max(-mostMs, Math.min(mostMs, offMs)),
      seenMs: monoMs,
    }
  }
  const { jump } = clock
  const isSteady = jump !== undefined && Math.abs(offsetMs - jump.offsetMs) <= JUMP_MS
  return {
    offsetMs: clock.offsetMs,
    seenMs: monoMs,
    ...(floor !== undefined && { floor }),
    jump: isSteady ? jump : { offsetMs, sinceMs: monoMs },
  }
}

/** The time to give out and to plan by. */
export function siteWallMs(clock: SiteClock, monoMs: number): number {
  return monoMs + clock.offsetMs
}

/** The wall clock has jumped and stayed where it is: its time may be taken over. */
export function isSettled(clock: SiteClock, monoMs: number): boolean {
  return clock.jump !== undefined && monoMs - clock.jump.sinceMs >= STEADY_MS
}

/** The new time is the time. */
export function adopted(clock: SiteClock): SiteClock {
  return { offsetMs: clock.jump?.offsetMs ?? clock.offsetMs, seenMs: clock.seenMs }
}
