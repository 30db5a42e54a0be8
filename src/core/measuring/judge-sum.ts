/**
 * A meter may not show less than its stations surely draw, and a fall of all phases in one proportion is believed only up
 * to a small step (control rules 14, 15). Seen at once it holds raises; lasting longer than any delay it is a verdict.
 */
import { ALL_PHASES, type PerPhase, PHASE_INDEXES } from '../site/phases.js'
import { against } from './judge-held.js'
import { followedBefore, type JudgeState } from './judge-state.js'
import { deficitOf, isDoubted, isLackedLong, lackedWith } from './meter-deficit.js'
import { mostAround } from './meter-path.js'
import { unprove } from './meter-proof.js'
import { isShrinking, SHRUNK_MS, shrunkBy } from './meter-shrinking.js'
import { showsLess } from './meter-verdict.js'
import { forgetOwnSteps, loweredA } from './own-steps.js'
import { type FreshSum, STATION_LAG_MS, sureSumOneLagAgo } from './station-evidence.js'

/** Ripple and rounding. */
const ALIKE_A = 0.5

export function watchSum(state: JudgeState, currentA: PerPhase, fresh: FreshSum, nowMs: number): void {
  const lacking = deficitOf(currentA, fresh)
  state.deficit =
    lacking === undefined
      ? undefined
      : { sinceMs: state.deficit?.sinceMs ?? nowMs, gross: lacking === 'gross' }
  if (state.shrunk?.lacked === false && state.deficit !== undefined)
    state.shrunk = { ...state.shrunk, lacked: true }
  if (state.shrunk !== undefined && state.deficit !== undefined && isDoubted(state.deficit, nowMs)) {
    state.shrunk = { ...state.shrunk, doubted: true, untilMs: nowMs + SHRUNK_MS }
    unprove(state.proof, ALL_PHASES)
    forgetOwnSteps(state.own)
  }
  const sure = sureSumOneLagAgo(state.tracks, nowMs)
  // The way of a meter that fell in one proportion begins anew; what it showed does not.
  const thenA = mostAround(state.self.cycle, nowMs - STATION_LAG_MS, 3_000)
  const lackedThen = thenA === undefined ? undefined : deficitOf(thenA, sure)
  const goesOn = state.oldDeficit !== undefined
  state.oldDeficit = lackedThen
  if (lackedThen === undefined || thenA === undefined) return
  state.lacked = lackedWith(state.lacked, { lacking: lackedThen, goesOn, nowMs })
  if (!isLackedLong(state.lacked)) return
  const shown = { sumA: sure.sumA, currentA: thenA, followedBefore: followedBefore(state) }
  against(state, showsLess(shown, state.episodes), { bySteps: false, nowMs })
}

/** What stands for a fall as a changed ratio makes it, and for how long. */
export function watchShrinking(
  state: JudgeState,
  before: PerPhase | undefined,
  currentA: PerPhase,
  nowMs: number,
): void {
  // In doubt only a followed step ends it.
  if (state.shrunk?.doubted === false && nowMs >= state.shrunk.untilMs) state.shrunk = undefined
  if (before === undefined || !isShrinking(before, currentA)) return
  // What we took from cars that use all phases falls on all of them alike.
  const lessA = loweredA(state.own, nowMs)
  if (PHASE_INDEXES.every(phase => before[phase] - currentA[phase] <= lessA[phase] + ALIKE_A)) return
  const { path, shrunk, sumA } = state
  state.shrunk = shrunkBy({ before, currentA, sumA, path, earlier: shrunk, nowMs })
  if (state.shrunk.doubted) unprove(state.proof, ALL_PHASES)
  forgetOwnSteps(state.own)
  // The fall itself is no station's step: what is judged begins behind it.
  state.path = []
  state.steps = []
}
