/**
 * How a verdict comes, is renewed and ends. It ends when two steps were followed and a minute is quiet, or, where steps are
 * not what spoke against the meter, after two quiet minutes; then the map has to be proven anew.
 */
import { ALL_PHASES } from '../site/phases.js'
import type { JudgeState } from './judge-state.js'
import { NOTHING_LACKED } from './meter-deficit.js'
import { unprove } from './meter-proof.js'
import { REGISTER_WRONG } from './meter-self.js'
import type { Verdict } from './meter-verdict.js'
import { forgetOwnSteps } from './own-steps.js'

/** Verdicts end with these. */
const QUIET_MS = 60_000
const LONG_QUIET_MS = 120_000
const FOLLOWED = 2

export function against(
  state: JudgeState,
  verdict: Verdict,
  at: { readonly bySteps: boolean; readonly nowMs: number },
): void {
  const { verdict: held } = state
  if (held === undefined)
    state.verdict = { verdict, bySteps: at.bySteps, sinceMs: at.nowMs, againstMs: at.nowMs, followed: 0 }
  else {
    const named = held.verdict.kind === 'wrong circuit' && verdict.kind !== 'wrong circuit'
    state.verdict = { ...held, ...(named && { verdict }), againstMs: at.nowMs, followed: 0 }
  }
  unprove(state.proof, ALL_PHASES)
  forgetOwnSteps(state.own)
}

export function endVerdict(state: JudgeState, nowMs: number): void {
  const { verdict } = state
  if (verdict === undefined || state.deficit !== undefined || state.oldDeficit !== undefined) return
  // A register is held against the power only every few minutes.
  if ((state.self.register?.disagrees ?? 0) >= REGISTER_WRONG) return
  const quietMs = nowMs - verdict.againstMs
  const proven = verdict.followed >= FOLLOWED && quietMs >= QUIET_MS
  const silent = !verdict.bySteps && quietMs >= LONG_QUIET_MS
  if (!proven && !silent) return
  state.verdict = undefined
  state.contradictedMs = [[], [], []]
  state.episodes = []
  state.scale.length = 0
  state.lacked = NOTHING_LACKED
  state.shrunk = undefined
  if (!proven) unprove(state.proof, ALL_PHASES)
}
