/**
 * How far a site meter can be trusted right now: fresh, stale or absent by the age of its last good reading, and what
 * the judgement by its stations leaves of it (`meter-judge.ts`). Control rule 15: no raise after two missed polls, worst
 * case commanded within 10 s of the last good sample. Pure but for the judgement it carries. Knows no bus.
 */
import type { MeterQuality, MeterReading } from '../events.js'
import type { PerPhase } from '../site/phases.js'
import { type JudgeState, newJudge } from './judge-state.js'
import { type JudgeInput, type Judgement, judgementOf, judgeStep } from './meter-judge.js'

/** Worst case is decided here, so that it is on the wire before the 10 s are over. */
export const WORST_CASE_AFTER_MS = 8_000
/** From here on the last value is not shown as this meter's any more. */
export const ABSENT_AFTER_MS = 60_000
const MISSED_POLLS = 2

export interface MeterState {
  readonly lastGood?: { readonly monoMs: number; readonly currentA: PerPhase }
  /** Polls in a row without currents. */
  readonly missedPolls: number
  /** Of the last reading, if it had one. */
  readonly fault?: string
  readonly judge: JudgeState
}

export interface MeterStatus {
  readonly quality: MeterQuality
  /** Whether offers may be raised on what this meter says. */
  readonly mayRaise: boolean
  /** It is silent too long: the configured worst case stands in for the measurement. */
  readonly worstCase: boolean
  /** The last good currents, while not absent. */
  readonly currentA?: PerPhase
  readonly ageMs?: number
  readonly fault?: string
  readonly judgement: Judgement
}

export function newMeter(): MeterState {
  return { missedPolls: 0, judge: newJudge() }
}

/** The state after one poll. Readings older than the last good one are ignored. */
export function meterStep(state: MeterState, input: JudgeInput): MeterState {
  judgeStep(state.judge, input)
  return withReading(state, input.reading)
}

/** What control may do with the meter at `nowMonoMs`; ages count by themselves. Undefined = it never spoke. */
export function meterStatus(state: MeterState | undefined, nowMonoMs: number, pollMs: number): MeterStatus {
  const judgement = judgementOf(state?.judge ?? newJudge(), nowMonoMs)
  const fault = state?.fault ?? judgement.verdict?.kind
  const known = { judgement, ...(fault !== undefined && { fault }) }
  if (state?.lastGood === undefined) return { quality: 'absent', mayRaise: false, worstCase: true, ...known }
  const { currentA, monoMs } = state.lastGood
  const ageMs = Math.max(0, nowMonoMs - monoMs)
  if (ageMs > ABSENT_AFTER_MS) return { quality: 'absent', mayRaise: false, worstCase: true, ageMs, ...known }
  const worstCase = ageMs >= WORST_CASE_AFTER_MS
  // Half a poll of grace for the way of the second answer; a missed poll that was reported counts at once.
  const missed = state.missedPolls >= MISSED_POLLS || ageMs > (MISSED_POLLS + 0.5) * pollMs
  const fresh = !worstCase && !missed
  const believed = fresh && judgement.verdict === undefined
  const mayRaise = fresh && !judgement.holdsRaises
  return { quality: believed ? 'fresh' : 'stale', mayRaise, worstCase, currentA, ageMs, ...known }
}

function withReading(state: MeterState, reading: MeterReading): MeterState {
  const { currentA, monoMs, fault } = reading
  if (currentA === undefined || fault !== undefined) {
    return { ...state, missedPolls: state.missedPolls + 1, fault: fault ?? 'no current' }
  }
  if (state.lastGood !== undefined && monoMs < state.lastGood.monoMs) return state
  return { judge: state.judge, lastGood: { monoMs, currentA }, missedPolls: 0 }
}
