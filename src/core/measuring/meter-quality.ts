/**
 * How far a site meter can be trusted right now: fresh, stale, absent or frozen. Control rule 15: no raise after two
 * missed polls, worst case commanded within 10 s of the last good sample, a frozen meter found within 30 s.
 * Pure: readings and the stations' own measurements in, a judgement out. Knows no bus.
 */
import type { MeterQuality, MeterReading } from '../events.js'
import { maxOf, minOf, type PerPhase, PHASE_INDEXES, subtract, ZERO } from '../site/phases.js'

/** Worst case is decided here, so that it is on the wire before the 10 s are over. */
export const WORST_CASE_AFTER_MS = 8_000
/** From here on the last value is not shown as this meter's any more. */
export const ABSENT_AFTER_MS = 60_000
/** Currents that stay the same to the last bit this long are suspect, if the stations say otherwise. */
export const FROZEN_AFTER_MS = 15_000
/** What the stations must have moved on one phase meanwhile. A quiet site proves nothing. */
export const FROZEN_MOVE_A = 5
/**
 * A station's sample may be this much older than the meter's. Within this time after the meter's last change, that
 * change may explain what the stations report now.
 */
export const STATION_LAG_MS = 30_000
const MISSED_POLLS = 2

export interface MeterState {
  readonly lastGood?: { readonly monoMs: number; readonly currentA: PerPhase }
  /** Polls in a row without currents. */
  readonly missedPolls: number
  /** Of the last reading, if it had one. */
  readonly fault?: string
  /** Since when the currents have been bit-identical, and what the stations did meanwhile. */
  readonly same?: Sameness
  /** Range of the meter's currents in the current and the previous span of `STATION_LAG_MS`. */
  readonly moved: Movement
  /** Latest sum told by 'stations'. */
  readonly stationsA?: PerPhase
  readonly frozen: boolean
}

interface Sameness {
  readonly sinceMonoMs: number
  readonly lowA: PerPhase
  readonly highA: PerPhase
  /** Station movement that the meter's own last changes account for. */
  readonly explainedA: PerPhase
  /** Any late sample from before has come: movement from here on has no explanation but a frozen meter. */
  readonly settled: boolean
}

interface Movement {
  readonly spanStartMs: number
  readonly lowA?: PerPhase
  readonly highA?: PerPhase
  readonly previousA: PerPhase
}

export type MeterInput =
  | { readonly kind: 'reading'; readonly reading: MeterReading }
  /**
   * Σ of the last known current of every connector below this meter, per site phase: of stations that went silent too
   * (their last value), or losing one would look like movement. An unknown phase is left out.
   */
  | { readonly kind: 'stations'; readonly monoMs: number; readonly sumA: PerPhase }

export interface MeterStatus {
  readonly quality: MeterQuality
  /** Whether offers may be raised on what this meter says. */
  readonly mayRaise: boolean
  /** The configured worst case stands in for the measurement. */
  readonly worstCase: boolean
  /** The last good currents, while not absent. */
  readonly currentA?: PerPhase
  readonly ageMs?: number
  readonly fault?: string
}

export const NO_METER_YET: MeterState = {
  missedPolls: 0,
  moved: { spanStartMs: -Infinity, previousA: ZERO },
  frozen: false,
}

/** The state after one reading or one sum of the stations. Readings older than the last good one are ignored. */
export function meterStep(state: MeterState, input: MeterInput): MeterState {
  switch (input.kind) {
    case 'stations':
      return judgeFrozen(withStations(state, input.sumA, input.monoMs), input.monoMs)
    case 'reading':
      return withReading(state, input.reading)
  }
}

/** What control may do with the meter at `nowMonoMs`; ages count by themselves, without further input. */
export function meterStatus(state: MeterState, nowMonoMs: number, pollMs: number): MeterStatus {
  const fault = state.fault ?? (state.frozen ? 'frozen' : undefined)
  const because = fault === undefined ? {} : { fault }
  if (state.lastGood === undefined) return { quality: 'absent', mayRaise: false, worstCase: true, ...because }
  const ageMs = Math.max(0, nowMonoMs - state.lastGood.monoMs)
  if (ageMs > ABSENT_AFTER_MS)
    return { quality: 'absent', mayRaise: false, worstCase: true, ageMs, ...because }
  const worstCase = state.frozen || ageMs >= WORST_CASE_AFTER_MS
  // Half a poll of grace for the way of the second answer; a missed poll that was reported counts at once.
  const missed = state.missedPolls >= MISSED_POLLS || ageMs > (MISSED_POLLS + 0.5) * pollMs
  const fresh = !worstCase && !missed
  const { currentA } = state.lastGood
  return { quality: fresh ? 'fresh' : 'stale', mayRaise: fresh, worstCase, currentA, ageMs, ...because }
}

function withReading(state: MeterState, reading: MeterReading): MeterState {
  const { currentA, monoMs, fault } = reading
  if (currentA === undefined || fault !== undefined) {
    return { ...state, missedPolls: state.missedPolls + 1, fault: fault ?? 'no current' }
  }
  if (state.lastGood !== undefined && monoMs < state.lastGood.monoMs) return state
  const { fault: _over, ...rest } = state
  const moved = withMovement(state.moved, currentA, monoMs)
  const next = { ...rest, lastGood: { monoMs, currentA }, missedPolls: 0, moved }
  const unchanged = state.lastGood !== undefined && equal(state.lastGood.currentA, currentA)
  if (unchanged && state.same !== undefined) return judgeFrozen(next, monoMs)
  const same: Sameness = {
    sinceMonoMs: monoMs,
    lowA: state.stationsA ?? ZERO,
    highA: state.stationsA ?? ZERO,
    explainedA: rangeOf(moved),
    settled: false,
  }
  return { ...next, same, frozen: false }
}

function withStations(state: MeterState, sumA: PerPhase, monoMs: number): MeterState {
  const { same, stationsA } = state
  if (same === undefined || stationsA === undefined) {
    const first = same === undefined ? {} : { same: { ...same, lowA: sumA, highA: sumA } }
    return { ...state, ...first, stationsA: sumA }
  }
  if (!same.settled && !state.frozen && monoMs - same.sinceMonoMs >= STATION_LAG_MS) {
    const settled = { ...same, lowA: sumA, highA: sumA, explainedA: ZERO, settled: true }
    return { ...state, stationsA: sumA, same: settled }
  }
  const wider = { ...same, lowA: minOf(same.lowA, sumA), highA: maxOf(same.highA, sumA) }
  return { ...state, stationsA: sumA, same: wider }
}

/** Frozen holds until the currents move again. */
function judgeFrozen(state: MeterState, monoMs: number): MeterState {
  const { same } = state
  if (state.frozen || same === undefined || monoMs - same.sinceMonoMs < FROZEN_AFTER_MS) return state
  const unexplainedA = subtract(subtract(same.highA, same.lowA), same.explainedA)
  const frozen = PHASE_INDEXES.some(phase => unexplainedA[phase] >= FROZEN_MOVE_A)
  return frozen ? { ...state, frozen } : state
}

function withMovement(moved: Movement, currentA: PerPhase, monoMs: number): Movement {
  if (moved.lowA === undefined || moved.highA === undefined || monoMs - moved.spanStartMs >= STATION_LAG_MS) {
    // The last value of the old span opens the new one, or the step between them would be lost.
    const previousA = moved.lowA === undefined ? ZERO : rangeWith(moved, currentA)
    return { spanStartMs: monoMs, lowA: currentA, highA: currentA, previousA }
  }
  return { ...moved, lowA: minOf(moved.lowA, currentA), highA: maxOf(moved.highA, currentA) }
}

function rangeOf(moved: Movement): PerPhase {
  const here =
    moved.lowA === undefined || moved.highA === undefined ? ZERO : subtract(moved.highA, moved.lowA)
  return maxOf(here, moved.previousA)
}

function rangeWith(moved: Movement, currentA: PerPhase): PerPhase {
  const lowA = moved.lowA ?? currentA
  const highA = moved.highA ?? currentA
  return subtract(maxOf(highA, currentA), minOf(lowA, currentA))
}

function equal(a: PerPhase, b: PerPhase): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2]
}
