/**
 * A meter must follow the known steps of its stations (control rule 15): two or three that it contradicts and none that it
 * follows between are a verdict, and so is standing still beside them.
 */
import { ALL_PHASES, type PerPhase, PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'
import { against } from './judge-held.js'
import { followedBefore, type JudgeState } from './judge-state.js'
import { unchangedSince } from './meter-path.js'
import { type Agreement, agree, forgetAgreed, unprove } from './meter-proof.js'
import { watchScale } from './meter-scale.js'
import { standstillOf } from './meter-standstill.js'
import { type Episode, isBehind, isFollowed, judgeSteps } from './meter-steps.js'
import { doesNotFollow, showsAPart, standingStill } from './meter-verdict.js'
import { forgetOwnSteps } from './own-steps.js'

/** Contradicted steps until a verdict, where the map was proven and where not. They count for half an hour. */
const CONTRADICTIONS = { proven: 3, unproven: 2, doubted: 1 } as const
const CONTRADICTION_MS = 1_800_000
const EPISODES_KEPT = 6

interface At {
  readonly nowMs: number
  /** Something under the meter can feed back. */
  readonly generation: boolean
}

/** For as long as it stands after a part of the step it is in doubt. */
export function watchStandstill(state: JudgeState, currentA: PerPhase, nowMs: number): void {
  const { path, steps, standing, shrunk } = state
  if (standing !== undefined && unchangedSince(path, nowMs).sinceMs > standing.sinceMs)
    state.standing = undefined
  const found = standstillOf({ path, steps, nowMs, lostA: shrunk?.lostA })
  if (found?.kind === 'all the time')
    against(state, standingStill(found, currentA), { bySteps: false, nowMs })
  else if (found !== undefined) state.standing ??= { ...found, currentA }
}

export function watchSteps(state: JudgeState, currentA: PerPhase, at: At): void {
  const { nowMs } = at
  state.behind = isBehind(state.steps, state.path, nowMs)
  const episode = judgeSteps(state.steps, state.path, { nowMs, judgedToMs: state.judgedToMs })
  if (episode === undefined) return
  state.steps = []
  state.judgedToMs = nowMs
  const { outcomes } = episode
  // While it shows less than its stations draw, no step speaks for it.
  const lacks = state.deficit !== undefined || state.oldDeficit !== undefined
  const scale = watchScale(state.scale, episode, nowMs)
  if (scale !== undefined) {
    against(state, showsAPart(episode, scale), { bySteps: true, nowMs })
    return
  }
  const contradicts = outcomes.includes('contradicts')
  const follows = outcomes.some(isFollowed) && !lacks
  if (!contradicts && !follows) return
  state.episodes = [...state.episodes.slice(1 - EPISODES_KEPT), episode]
  const counts = outcomes.map((outcome, phase) => {
    const recent = (state.contradictedMs[phase] ?? []).filter(ms => nowMs - ms < CONTRADICTION_MS)
    return outcome === 'contradicts' ? [...recent, nowMs] : isFollowed(outcome) ? recent.slice(2) : recent
  })
  state.contradictedMs = [counts[0] ?? [], counts[1] ?? [], counts[2] ?? []]
  if (contradicts) stepContradicted(state, episode, currentA, at)
  else {
    const weights = { 'clearly follows': 1, follows: 0.5 } as const
    const agreed = (phase: PhaseIndex): Agreement | undefined => {
      const outcome = outcomes[phase]
      return isFollowed(outcome)
        ? {
            stepA: episode.stepA[phase],
            movedA: episode.movedA[phase],
            weight: episode.strong ? 2 : weights[outcome],
          }
        : undefined
    }
    agree(state.proof, [agreed(0), agreed(1), agreed(2)], nowMs)
    state.shrunk = undefined
    if (state.verdict !== undefined) state.verdict.followed += 1
  }
}

function stepContradicted(
  state: JudgeState,
  episode: Episode,
  currentA: PerPhase,
  { nowMs, generation }: At,
): void {
  const enough = PHASE_INDEXES.some(phase => {
    const firm = state.proof.proven[phase] && state.shrunk === undefined
    const doubted = state.shrunk?.doubted === true
    const least = doubted ? CONTRADICTIONS.doubted : firm ? CONTRADICTIONS.proven : CONTRADICTIONS.unproven
    return state.contradictedMs[phase].length >= least
  })
  const bad = (phase: PhaseIndex) => episode.outcomes[phase] === 'contradicts'
  forgetOwnSteps(state.own)
  forgetAgreed(state.proof, ALL_PHASES)
  // Cars on all phases prove no order: the first uneven step that is not found puts it in question.
  // So does any, after a fall that a wrong ratio explains.
  if (episode.uneven || state.shrunk !== undefined) unprove(state.proof, [bad(0), bad(1), bad(2)])
  // One that is not there at all is no verdict, and enough to be shown anew: a meter that is right shows the next one. What feeds
  // in hides one by chance.
  else if (!generation) unprove(state.proof, episode.absent)
  if (state.verdict !== undefined) {
    state.verdict.againstMs = nowMs
    state.verdict.followed = 0
  } else if (enough) {
    const said = state.episodes.filter(({ outcomes }) => outcomes.includes('contradicts'))
    against(state, doesNotFollow(said, { currentA, followedBefore: followedBefore(state) }), {
      bySteps: true,
      nowMs,
    })
  }
}
