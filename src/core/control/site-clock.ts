/**
 * The time Busbar gives to stations and plans by: its wall clock, but steady against the monotonic one. A jump of the wall
 * clock is not passed on before the new time has lasted and every schedule in force was made harmless, because stations
 * read their schedules by what they were told (control rule 6). Pure; milliseconds.
 */

/** Further off than this is a jump; less is drift and followed slowly. */
const JUMP_MS = 2_000
/** Drift is followed at most this fast: far inside the clock bound between two refreshes. */
const SLEW_PER_MS = 1 / 60
/** A new time counts once it has been steady for this long. */
const STEADY_MS = 60_000

export interface SiteClock {
  /** Time given to stations less monotonic time. */
  readonly offsetMs: number
  readonly seenMs: number
  /** Where the wall clock stands since it jumped. */
  readonly jump?: { readonly offsetMs: number; readonly sinceMs: number }
}

export function newSiteClock(wallMs: number, monoMs: number): SiteClock {
  return { offsetMs: wallMs - monoMs, seenMs: monoMs }
}

/** One look at both clocks. */
export function clockStep(clock: SiteClock, wallMs: number, monoMs: number): SiteClock {
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
