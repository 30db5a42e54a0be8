/**
 * A meter judged by its stations (control rules 14, 15). The rule:
 * - A meter's map (scale, sign, order of phases) is *proven* on a phase when the meter followed two known steps of its
 *   stations of 5 A or more there, in size and sign. Until then it may tighten but not loosen: the worst case stands in
 *   as far as it is higher. An empty depot is not blocked by that: with no car nothing has to be raised, and the first
 *   cars start within the worst case, which are the proving steps. Where not even one minimum fits beside the worst
 *   case, nothing starts. Stations that report nothing prove it by what was offered to them (`own-offers.ts`).
 * - It may not show less than its stations surely draw. Seen at once: nothing is raised and what was seen before counts
 *   on; more than one silent stop explains, or lasting: worst case; lasting longer than any delay: a verdict.
 * - It must follow known steps. The first one that is not in its path at all takes its proof there, unless something feeds
 *   in; two or three that it contradicts, and none that it follows between: a verdict. Nothing is raised while it has not
 *   shown what its stations rose by. It must not contradict itself (`meter-self.ts`). A fall of all phases in one
 *   proportion, as a wrong ratio makes it, is believed only up to a small step until that step was followed.
 * - A verdict ends when two steps were followed and a minute is quiet, or, where steps are not what spoke against the
 *   meter, after two quiet minutes; then the map has to be proven anew.
 * Mutable plain data, one per meter. Knows no bus and no booking.
 */
import type { MeterReading } from '../events.js'
import { ALL_PHASES, maxOf, type PerPhase, type PhaseSet, spread, subtract, ZERO } from '../site/phases.js'
import type { Said } from '../words/said.js'
import { against, endVerdict } from './judge-held.js'
import { keepPeak, PEAKS_KEPT, peakOf } from './judge-peaks.js'
import type { JudgeState } from './judge-state.js'
import { watchStandstill, watchSteps } from './judge-steps.js'
import { watchShrinking, watchSum } from './judge-sum.js'
import { isDoubted } from './meter-deficit.js'
import { keepPoint } from './meter-path.js'
import { agree, prove } from './meter-proof.js'
import { watchSelf } from './meter-self.js'
import { SHRUNK_STEP_A, type Shrunk } from './meter-shrinking.js'
import { byItself, fellAtOnce, movedOtherwise, stands, type Verdict } from './meter-verdict.js'
import { watchOffers } from './own-offers.js'
import { watchOwnSteps } from './own-steps.js'
import { freshSum, STATION_LAG_MS, type StationEvidence, takeEvidence } from './station-evidence.js'

export interface JudgeInput {
  readonly reading: MeterReading
  readonly nowMs: number
  /** Every connector under the meter. */
  readonly stations: readonly StationEvidence[]
  /** Something under the meter can feed back (configuration). */
  readonly generation: boolean
}

/** One poll, good or bad. */
export function judgeStep(state: JudgeState, input: JudgeInput): void {
  const { reading, nowMs, stations, generation } = input
  state.steps.push(...takeEvidence(state.tracks, stations, nowMs))
  const { currentA } = reading
  if (currentA === undefined || reading.fault !== undefined) return
  const before = state.path.at(-1)
  if (before !== undefined && reading.monoMs < before.monoMs) return
  const fresh = freshSum(stations, nowMs)
  watchShrinking(state, before?.currentA, currentA, nowMs)
  state.sumA = fresh.sumA
  keepPoint(state.path, { monoMs: reading.monoMs, currentA })
  const itself = watchSelf(state.self, { ...reading, currentA }, generation)
  if (itself !== undefined) against(state, byItself(itself), { bySteps: false, nowMs })
  if (!generation) watchSum(state, currentA, fresh, nowMs)
  watchStandstill(state, currentA, nowMs)
  watchSteps(state, currentA, { nowMs, generation })
  const { steps, judgedToMs } = state
  const offered = watchOffers(state.offers, state.path, { stations, steps, judgedToMs, nowMs })
  if (offered !== undefined && state.verdict === undefined) agree(state.proof, offered, nowMs)
  const shown = watchOwnSteps(state.own, stations, state.path, nowMs)
  if (state.verdict === undefined && state.shrunk === undefined && state.deficit === undefined)
    prove(state.proof, shown)
  keepPeak(state, maxOf(subtract(currentA, fresh.sumA), ZERO), nowMs)
  endVerdict(state, nowMs)
}

export interface Judgement {
  readonly verdict?: Verdict
  /** In doubt, and not yet decided: what speaks against it. */
  readonly doubt?: Said
  /** Nothing is raised on what this meter says now. */
  readonly holdsRaises: boolean
  /** Where the worst case stands in for the measurement. */
  readonly worstCase: PhaseSet
  /** Other load is taken to be at least this. */
  readonly floorA: PerPhase
}

/** What may be believed now. */
export function judgementOf(state: JudgeState, nowMs: number): Judgement {
  const { verdict, deficit, shrunk } = state
  const { proven } = state.proof
  const all = ALL_PHASES
  if (verdict !== undefined) {
    const holdsRaises = nowMs - verdict.sinceMs < STATION_LAG_MS
    return { verdict: verdict.verdict, holdsRaises, worstCase: all, floorA: peakOf(state, PEAKS_KEPT) }
  }
  if (state.standing !== undefined) {
    const doubt = stands(state.standing)
    return { doubt, holdsRaises: true, worstCase: all, floorA: peakOf(state, PEAKS_KEPT) }
  }
  if (deficit !== undefined) {
    const doubted = isDoubted(deficit, nowMs)
    const unproven: PhaseSet = [!proven[0], !proven[1], !proven[2]]
    return {
      ...(shrunk !== undefined && doubtOf(shrunk)),
      holdsRaises: true,
      worstCase: doubted ? all : unproven,
      floorA: peakOf(state, doubted ? PEAKS_KEPT : 3),
    }
  }
  const open: PhaseSet = [!proven[0], !proven[1], !proven[2]]
  const { behind } = state
  if (shrunk === undefined)
    return { ...doubtedStep(state), holdsRaises: behind, worstCase: open, floorA: ZERO }
  if (state.contradictedMs.some(times => times.length > 0))
    return { ...doubtOf(shrunk), holdsRaises: behind, worstCase: all, floorA: shrunk.otherA }
  const floorA = maxOf(subtract(shrunk.otherA, spread(SHRUNK_STEP_A, all)), ZERO)
  return { ...doubtOf(shrunk), holdsRaises: behind, worstCase: open, floorA }
}

const doubtOf = ({ doubted, fromA, toA }: Shrunk): { readonly doubt?: Said } =>
  doubted ? { doubt: fellAtOnce(fromA, toA) } : {}

/** One step that it did not show. */
function doubtedStep({ episodes, proof }: JudgeState): { readonly doubt?: Said } {
  const last = episodes.at(-1)
  const open = last?.outcomes.some((outcome, phase) => outcome === 'contradicts' && !proof.proven[phase])
  return last !== undefined && open === true ? { doubt: movedOtherwise(last) } : {}
}
