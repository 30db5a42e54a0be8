/**
 * Takes back what a car does not use: a car that stays below its offer is capped a little above what it takes, asked
 * again from time to time, and freed as soon as it takes what it is given. A car that draws nothing at all is full: it
 * keeps its minimum only while nobody else needs it (control rule 20). Without a measurement nothing is reclaimed
 * (control rule 14). Pure state step; must not know circuits.
 */
import type { SiteProfile } from '../config/site-profile.js'

/** Plain data; {} at the start of a transaction. */
export interface ReclaimState {
  /** Taking less than offered since then. */
  readonly belowSinceMonoMs?: number
  readonly cap?: {
    readonly limitA: number
    /** When the cap was set, lowered or last lifted by a step. */
    readonly probedMonoMs: number
  }
  /** How often in a row it was offered more than its cap and took no more. */
  readonly probes?: number
  /** Draws nothing of what it is offered: when that was last seen. */
  readonly fullSinceMonoMs?: number
  /** It was full, and is to be asked with its minimum whether it wants something after all: since when. */
  readonly askedSinceMonoMs?: number
  /** Questions in a row that it has answered by drawing nothing. */
  readonly declined?: number
}

export interface ReclaimInput {
  /** What the station was last told, A. */
  readonly offeredA: number
  /**
   * The highest of the car's phases, A; undefined when there is no fresh sample. 0 by the best estimate, as a bound of a
   * coarse register never says so: enough to pause a car, as that frees nothing unproven.
   */
  readonly measuredA: number | undefined
  /** Since it is offered its minimum without having drawn anything; undefined when it is not, or has. */
  readonly untouchedForMs: number | undefined
  /** The longest it took in this session from being offered something to being seen to draw; undefined = never seen. */
  readonly startsWithinMs: number | undefined
  readonly minA: number
  /** What the connector can give, A: a cap that reaches it is no cap. */
  readonly maxA: number
  readonly nowMonoMs: number
}

export type ReclaimProfile = SiteProfile['reclaim']

/** Below this nothing is drawn: what electronics take. */
const NOTHING_A = 0.5
const DUST_A = 1e-9
/** A car that draws nothing for this long keeps its minimum of what it is offered: enough to start again, or to show it is full. */
const NOTHING_FOR_MS = 15_000
/** A full car that is paused is asked this often whether it wants something after all, whoever must make room for it. */
export const FULL_PROBE_MS = 15 * 60_000
/** And this long before with what others can spare above their minimum, so that nobody is paused for it. */
const SPARED_FOR_MS = 60_000
/** A question lasts as long as this car needs to begin, half as long again, and never less than any car needs. */
const ANSWER_SHARE = 1.5
const LEAST_QUESTION_MS = 20_000
/** Each so many questions one is as long as if nothing were known of the car: it may have fallen asleep. */
const WHOLE_EACH = 4
/** A car this close to its cap wants more. */
const WANTS_MORE_WITHIN_A = 1
/** A car that wants more shows it by what its cap leaves it: one that was asked in vain is asked half as often, down to an eighth. */
const MOST_DOUBLINGS = 3

/** One sample, or the lack of one, seen at `nowMonoMs`. The cap to apply is `state.cap?.limitA`. */
export function reclaim(state: ReclaimState, input: ReclaimInput, profile: ReclaimProfile): ReclaimState {
  const { offeredA, measuredA, nowMonoMs } = input
  if (offeredA < input.minA) return paused(state, input)
  if (measuredA === undefined) return {}
  if (state.cap !== undefined && measuredA >= state.cap.limitA - WANTS_MORE_WITHIN_A) return {}

  // More than its minimum is not what a full car waits for.
  if (state.fullSinceMonoMs !== undefined && measuredA < NOTHING_A)
    return { ...state, fullSinceMonoMs: nowMonoMs }
  if (state.askedSinceMonoMs !== undefined && measuredA < NOTHING_A) return answered(state, input, profile)
  const below = measuredA < offeredA - profile.belowOfferA
  const belowSinceMonoMs = below ? (state.belowSinceMonoMs ?? nowMonoMs) : undefined
  const isLess = below || state.cap !== undefined
  const since = {
    ...(belowSinceMonoMs !== undefined && { belowSinceMonoMs }),
    ...(isLess && state.probes !== undefined && { probes: state.probes }),
  }
  const probed = probe(state, input, profile)
  // A probe needs the same time to show as a first offer: the count starts anew with it.
  if (probed !== state.cap) {
    const probes = (state.probes ?? 0) + 1
    return {
      ...(below && { belowSinceMonoMs: nowMonoMs }),
      ...(probed !== undefined && { cap: probed }),
      probes,
    }
  }
  const belowForMs = belowSinceMonoMs === undefined ? 0 : nowMonoMs - belowSinceMonoMs
  if (measuredA < NOTHING_A && belowForMs >= Math.min(NOTHING_FOR_MS, profile.afterMs)) {
    const cap = { limitA: input.minA, probedMonoMs: probed?.probedMonoMs ?? nowMonoMs }
    return { ...since, cap, ...(belowForMs >= profile.afterMs && { fullSinceMonoMs: nowMonoMs }) }
  }
  if (belowSinceMonoMs === undefined || belowForMs < profile.afterMs)
    return probed === undefined ? since : { ...since, cap: probed }

  const limitA = Math.max(input.minA, measuredA + profile.keepA)
  if (probed === undefined && limitA >= input.maxA) return since
  // A car that takes less and less at its end is followed by steps, not by a write with each of its samples.
  const stepA = Math.min(profile.keepA, profile.probeStepA)
  if (probed !== undefined && limitA > probed.limitA - stepA + DUST_A) return { ...since, cap: probed }
  return { ...since, cap: { limitA, probedMonoMs: nowMonoMs } }
}

/**
 * A paused car draws nothing anyway: only that it was full before is remembered. When its time has come it is asked with
 * its minimum, no more, until it takes that.
 */
function paused(state: ReclaimState, { minA, nowMonoMs }: ReclaimInput): ReclaimState {
  const { fullSinceMonoMs, askedSinceMonoMs, cap, declined } = state
  const least = { limitA: minA, probedMonoMs: nowMonoMs }
  const before = declined === undefined ? {} : { declined }
  if (askedSinceMonoMs !== undefined) return { cap: least, askedSinceMonoMs, ...before }
  if (fullSinceMonoMs === undefined) return cap !== undefined && cap.limitA <= minA ? { cap: least } : {}
  return nowMonoMs - fullSinceMonoMs < FULL_PROBE_MS - SPARED_FOR_MS
    ? { fullSinceMonoMs, ...before }
    : { cap: least, askedSinceMonoMs: nowMonoMs, ...before }
}

/** It draws nothing of the minimum it is asked with: it is full still when it has had its time to begin. */
function answered(state: ReclaimState, input: ReclaimInput, profile: ReclaimProfile): ReclaimState {
  const { untouchedForMs, nowMonoMs } = input
  const { declined = 0 } = state
  const cap = { limitA: input.minA, probedMonoMs: nowMonoMs }
  // It did begin, and has ended again: no answer, but a car like any other.
  if (untouchedForMs === undefined) return { cap, belowSinceMonoMs: nowMonoMs }
  if (untouchedForMs < questionMs(state, input.startsWithinMs, profile)) return state
  return { cap, fullSinceMonoMs: nowMonoMs, declined: declined + 1 }
}

/** How long a car that was full is asked, ms. */
export function questionMs(
  { declined = 0 }: ReclaimState,
  startsWithinMs: number | undefined,
  { afterMs }: ReclaimProfile,
): number {
  if (startsWithinMs === undefined || declined % WHOLE_EACH === WHOLE_EACH - 1) return afterMs
  return Math.min(afterMs, Math.max(LEAST_QUESTION_MS, startsWithinMs * ANSWER_SHARE))
}

/** Full, or asked whether it still is. */
export const isTakenForFull = ({ fullSinceMonoMs, askedSinceMonoMs }: ReclaimState): boolean =>
  fullSinceMonoMs !== undefined || askedSinceMonoMs !== undefined

/** Asked, and nobody could spare its minimum in time: then somebody is paused for it (control rule 20). */
export function mustBeAsked({ askedSinceMonoMs }: ReclaimState, nowMonoMs: number): boolean {
  return askedSinceMonoMs !== undefined && nowMonoMs - askedSinceMonoMs >= SPARED_FOR_MS
}

/** When a car that takes less than it could have is offered more again, ms; undefined while it has no cap. */
export function nextProbeMs({ cap, probes = 0 }: ReclaimState, profile: ReclaimProfile): number | undefined {
  if (cap === undefined) return undefined
  return cap.probedMonoMs + profile.probeEveryMs * 2 ** Math.min(probes, MOST_DOUBLINGS)
}

function probe(state: ReclaimState, input: ReclaimInput, profile: ReclaimProfile): ReclaimState['cap'] {
  const { cap } = state
  const dueMs = nextProbeMs(state, profile)
  if (cap === undefined || dueMs === undefined || input.nowMonoMs < dueMs) return cap
  const limitA = cap.limitA + profile.probeStepA
  return limitA >= input.maxA ? undefined : { limitA, probedMonoMs: input.nowMonoMs }
}
