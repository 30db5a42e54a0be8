/**
 * How fast an offer may follow the allocation: down at once, up by steps. That the head-room has lasted is seen to where
 * it is reckoned (`lasting.ts`). Must not know circuits or other connectors.
 */
import type { SiteProfile } from '../config/site-profile.js'

export interface RampInput {
  /** What the station was last told, A. 0 = paused. */
  readonly offeredA: number
  /** What the allocation gives now, A. */
  readonly wantedA: number
  /** The least current that can be offered, A. */
  readonly minA: number
  /** Since when there has been room for more than is offered; undefined when there is none now. */
  readonly roomSinceMonoMs: number | undefined
  /** When this connector was last raised; undefined when never. */
  readonly raisedMonoMs: number | undefined
  /** The car has not been offered anything yet: its minimum does not wait for a turn. */
  readonly firstOffer: boolean
  readonly nowMonoMs: number
}

export type RampProfile = Pick<SiteProfile, 'raiseAfterMs' | 'raiseStepA' | 'raiseEveryMs' | 'deadBandA'>

/** A raise inside the dead band goes out once the room has lasted this many times `raiseAfterMs`. */
const SMALL_RAISE_WAITS = 4

/**
 * The first rise of a session does not wait for room that others have to make: it has been there all the time. It waits for the
 * car's first samples, and comes to its share in two or three writes.
 */
const FIRST_RISE_AFTER_MS = 15_000
const FIRST_RISE_STEP_A = 18

/** The pace of a car that has not had its share yet since it came. */
export function firstRise(profile: RampProfile): RampProfile {
  return {
    ...profile,
    raiseAfterMs: Math.min(profile.raiseAfterMs, FIRST_RISE_AFTER_MS),
    raiseStepA: Math.max(profile.raiseStepA, FIRST_RISE_STEP_A),
  }
}

/** What may be offered now, A: never above `wantedA`, and 0 or at least `minA` if both inputs are. */
export function ramp(input: RampInput, profile: RampProfile): number {
  const { offeredA, wantedA, minA, nowMonoMs } = input
  if (wantedA <= offeredA) return wantedA
  if (wantedA < minA) return 0
  if (offeredA === 0 && input.firstOffer) return minA

  const sinceRaiseMs =
    input.raisedMonoMs === undefined ? profile.raiseEveryMs : nowMonoMs - input.raisedMonoMs
  if (sinceRaiseMs < profile.raiseEveryMs) return offeredA

  // Tenths keep 7.8 + 6 at 13.8, and 1.0999 out of the comparison with the dead band.
  const raiseA = Math.round((wantedA - offeredA) * 10) / 10
  const roomForMs = input.roomSinceMonoMs === undefined ? -1 : nowMonoMs - input.roomSinceMonoMs
  const small = offeredA > 0 && raiseA < profile.deadBandA
  if (small && roomForMs < SMALL_RAISE_WAITS * profile.raiseAfterMs) return offeredA
  const nextA = Math.max(minA, Math.round((offeredA + profile.raiseStepA) * 10) / 10)
  return Math.min(wantedA, nextA)
}
