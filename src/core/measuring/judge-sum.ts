/**
 * A meter may not show less than its stations surely draw, and a fall of all phases in one proportion is believed only up
 * to a small step (control rules 14, 15). Seen at once it holds raises; lasting longer than any delay it is a verdict.
 */
import { ALL_PHASES, type PerPhase, PHASE_INDEXES, ZERO } from '../site/phases.js'
import { against } from './judge-held.js'
import { followedBefore, type JudgeState } from './judge-state.js'
import { DEFICIT_MS, deficitOf, GROSS_DEFICIT_MS, isDoubted } from './meter-deficit.js'
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
  if (state.shrunk !== undefined && state.deficit !== undefined && isDoubted(state.deficit, nowMs)) {
    state.shrunk = { ...state.shrunk, doubted: true, untilMs: nowMs + SHRUNK_MS }
    unprove(state.proof, ALL_PHASES)
    forgetOwnSteps(state.own)
  }
  const sure = sureSumOneLagAgo(state.tracks, nowMs)
  const thenA = mostAround(state.path, nowMs - STATION_LAG_MS, 3_000)
  const lacked = thenA === undefined ? undefined : deficitOf(thenA, sure)
  if (lacked === undefined) {
    state.oldDeficit = undefined
    return
  }
  const { oldDeficit } = state
  // A smaller one after a gross one starts anew as what it is.
  const goesOn = oldDeficit !== undefined && (lacked === 'gross' || !oldDeficit.gross)
  const sinceMs = goesOn && oldDeficit.gross === (lacked === 'gross') ? oldDeficit.sinceMs : nowMs
  state.oldDeficit =
    lacked === 'gross' ? { sinceMs, gross: true } : { sinceMs: oldDeficit?.sinceMs ?? nowMs, gross: false }
  const lastsMs = nowMs - state.oldDeficit.sinceMs
  if (lastsMs >= (lacked === 'gross' ? GROSS_DEFICIT_MS : DEFICIT_MS) && thenA !== undefined)
    against(
      state,
      showsLess({ sumA: sure.sumA, currentA: thenA, followedBefore: followedBefore(state) }, state.episodes),
      { bySteps: false, nowMs },
    )
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
  state.shrunk = shrunkBy({ before, currentA, sumA, path, otherA: shrunk?.otherA ?? ZERO, nowMs })
  forgetOwnSteps(state.own)
  // The fall itself is no station's step: what is judged begins behind it.
  state.path = []
  state.steps = []
}
