/**
 * A meter judged by its stations (control rules 14, 15). The rule:
 * - A meter's map (scale, sign, order of phases) is *proven* on a phase when the meter followed two known steps of its
 *   stations of 5 A or more there, in size and sign. Until then it may tighten but not loosen: the worst case stands in
 *   as far as it is higher. An empty depot is not blocked by that: with no car nothing has to be raised, and the first
 *   cars start within the worst case, which are the proving steps. Where not even one minimum fits beside the worst
 *   case, nothing starts. Stations that report nothing prove it by what was offered to them (`own-offers.ts`).
 * - It may not show less than its stations surely draw. Seen at once: nothing is raised and what was seen before counts
 *   on; more than one silent stop explains, or lasting: worst case; lasting longer than any delay: a verdict.
 * - It must follow known steps; two or three that it contradicts and none that it follows between: a verdict. It must
 *   not contradict itself (`meter-self.ts`). A fall of all phases in one proportion, as a wrong ratio makes it, is
 *   believed only up to a small step until that step was followed.
 * - A verdict ends when two steps were followed and a minute is quiet, or, where steps are not what spoke against the
 *   meter, after two quiet minutes; then the map has to be proven anew.
 * Mutable plain data, one per meter. Knows no bus and no booking.
 */
import type { MeterReading } from '../events.js'
import {
  ALL_PHASES,
  maxOf,
  minOf,
  type PerPhase,
  PHASE_INDEXES,
  type PhaseIndex,
  type PhaseSet,
  spread,
  subtract,
  ZERO,
} from '../site/phases.js'
import { DEFICIT_MS, type Deficit, deficitOf, GROSS_DEFICIT_MS, isDoubted } from './meter-deficit.js'
import { keepPoint, mostAround, type PathPoint, sameSince } from './meter-path.js'
import { type Agreement, agree, forgetAgreed, newProof, type Proof, prove, unprove } from './meter-proof.js'
import { newSelfWatch, REGISTER_WRONG, type SelfWatch, watchSelf } from './meter-self.js'
import { isShrinking, SHRUNK_MS, SHRUNK_STEP_A, type Shrunk, shrunkBy } from './meter-shrinking.js'
import { type Standing, standstillOf } from './meter-standstill.js'
import { type Episode, isFollowed, judgeSteps } from './meter-steps.js'
import {
  byItself,
  doesNotFollow,
  fellAtOnce,
  showsLess,
  standingStill,
  stands,
  type Verdict,
} from './meter-verdict.js'
import { newOfferWatch, type OfferWatch, watchOffers } from './own-offers.js'
import { forgetOwnSteps, newOwnSteps, type OwnSteps, watchOwnSteps } from './own-steps.js'
import {
  type FreshSum,
  freshSum,
  type KnownStep,
  STATION_LAG_MS,
  type StationEvidence,
  sureSumOneLagAgo,
  type Tracks,
  takeEvidence,
} from './station-evidence.js'

/** Contradicted steps until a verdict, where the map was proven and where not. They count for half an hour. */
const CONTRADICTIONS = { proven: 3, unproven: 2, doubted: 1 } as const
const CONTRADICTION_MS = 1_800_000
const EPISODES_KEPT = 6
/** Verdicts end with these. */
const QUIET_MS = 60_000
const LONG_QUIET_MS = 120_000
const FOLLOWED = 2
/**
 * Other load seen before: the least of each half minute, because a car that has started looks like other load until its
 * station tells; the most of them for a quarter of an hour.
 */
const PEAK_MS = 30_000
const PEAKS_KEPT = 30
export interface JudgeInput {
  readonly reading: MeterReading
  readonly nowMs: number
  /** Every connector under the meter. */
  readonly stations: readonly StationEvidence[]
  /** Something under the meter can feed back (configuration). */
  readonly generation: boolean
}

export interface JudgeState {
  path: PathPoint[]
  readonly tracks: Tracks
  steps: KnownStep[]
  judgedToMs: number
  readonly self: SelfWatch
  readonly proof: Proof
  readonly offers: OfferWatch
  readonly own: OwnSteps
  contradictedMs: [readonly number[], readonly number[], readonly number[]]
  /** The last ones that told something. */
  episodes: readonly Episode[]
  deficit: Deficit | undefined
  oldDeficit: { readonly sinceMs: number; readonly gross: boolean } | undefined
  peaks: { readonly startMs: number; otherA: PerPhase }[]
  shrunk: Shrunk | undefined
  /** What the stations said they drew at the last poll. */
  sumA: PerPhase
  standing: (Standing & { readonly currentA: PerPhase }) | undefined
  verdict: Held | undefined
}

interface Held {
  readonly verdict: Verdict
  readonly bySteps: boolean
  readonly sinceMs: number
  againstMs: number
  followed: number
}

export function newJudge(): JudgeState {
  return {
    path: [],
    tracks: new Map(),
    steps: [],
    judgedToMs: -Infinity,
    self: newSelfWatch(),
    proof: newProof(),
    offers: newOfferWatch(),
    own: newOwnSteps(),
    contradictedMs: [[], [], []],
    episodes: [],
    deficit: undefined,
    oldDeficit: undefined,
    peaks: [],
    shrunk: undefined,
    sumA: ZERO,
    standing: undefined,
    verdict: undefined,
  }
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
  watchSteps(state, currentA, nowMs)
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
  readonly doubt?: string
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
  if (shrunk === undefined) return { holdsRaises: false, worstCase: open, floorA: ZERO }
  if (state.contradictedMs.some(times => times.length > 0))
    return { ...doubtOf(shrunk), holdsRaises: false, worstCase: all, floorA: shrunk.otherA }
  const floorA = maxOf(subtract(shrunk.otherA, spread(SHRUNK_STEP_A, all)), ZERO)
  return { ...doubtOf(shrunk), holdsRaises: false, worstCase: open, floorA }
}

const doubtOf = ({ doubted, fromA, toA }: Shrunk): { readonly doubt?: string } =>
  doubted ? { doubt: fellAtOnce(fromA, toA) } : {}

function against(
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

function watchSum(state: JudgeState, currentA: PerPhase, fresh: FreshSum, nowMs: number): void {
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

/** It was right and its scale did not change: what it shows now are other values. */
const followedBefore = (state: JudgeState): boolean => state.proof.wasProven && state.shrunk === undefined

/** For as long as it stands after a part of the step it is in doubt. */
function watchStandstill(state: JudgeState, currentA: PerPhase, nowMs: number): void {
  const { path, steps, standing, shrunk } = state
  if (standing !== undefined && sameSince(path, nowMs) > standing.sinceMs) state.standing = undefined
  const found = standstillOf({ path, steps, nowMs, lostA: shrunk?.lostA })
  if (found?.kind === 'all the time')
    against(state, standingStill(found.stepA, currentA), { bySteps: false, nowMs })
  else if (found !== undefined) state.standing ??= { ...found, currentA }
}

function watchSteps(state: JudgeState, currentA: PerPhase, nowMs: number): void {
  const episode = judgeSteps(state.steps, state.path, { nowMs, judgedToMs: state.judgedToMs })
  if (episode === undefined) return
  state.steps = []
  state.judgedToMs = nowMs
  const { outcomes } = episode
  const contradicts = outcomes.includes('contradicts')
  const follows = outcomes.some(isFollowed)
  if (!contradicts && !follows) return
  state.episodes = [...state.episodes.slice(1 - EPISODES_KEPT), episode]
  const counts = outcomes.map((outcome, phase) => {
    const recent = (state.contradictedMs[phase] ?? []).filter(ms => nowMs - ms < CONTRADICTION_MS)
    return outcome === 'contradicts' ? [...recent, nowMs] : isFollowed(outcome) ? recent.slice(2) : recent
  })
  state.contradictedMs = [counts[0] ?? [], counts[1] ?? [], counts[2] ?? []]
  if (contradicts) stepContradicted(state, episode, currentA, nowMs)
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

function stepContradicted(state: JudgeState, episode: Episode, currentA: PerPhase, nowMs: number): void {
  const enough = PHASE_INDEXES.some(phase => {
    const firm = state.proof.proven[phase] && state.shrunk === undefined
    const doubted = state.shrunk?.doubted === true
    const least = doubted ? CONTRADICTIONS.doubted : firm ? CONTRADICTIONS.proven : CONTRADICTIONS.unproven
    return state.contradictedMs[phase].length >= least
  })
  // Cars on all phases prove no order: the first uneven step that is not found puts it in question.
  // So does any, after a fall that a wrong ratio explains.
  const bad = (phase: PhaseIndex) => episode.outcomes[phase] === 'contradicts'
  forgetOwnSteps(state.own)
  if (episode.uneven || state.shrunk !== undefined) unprove(state.proof, [bad(0), bad(1), bad(2)])
  else forgetAgreed(state.proof, ALL_PHASES)
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

/** What stands for a fall as a changed ratio makes it, and for how long. */
function watchShrinking(
  state: JudgeState,
  before: PerPhase | undefined,
  currentA: PerPhase,
  nowMs: number,
): void {
  // In doubt only a followed step ends it.
  if (state.shrunk?.doubted === false && nowMs >= state.shrunk.untilMs) state.shrunk = undefined
  if (before === undefined || !isShrinking(before, currentA)) return
  const { path, shrunk, sumA } = state
  state.shrunk = shrunkBy({ before, currentA, sumA, path, otherA: shrunk?.otherA ?? ZERO, nowMs })
  forgetOwnSteps(state.own)
  // The fall itself is no station's step: what is judged begins behind it.
  state.path = []
  state.steps = []
}

function keepPeak(state: JudgeState, otherA: PerPhase, nowMs: number): void {
  // What is seen in doubt is no measure for what was there.
  if (state.verdict !== undefined || state.deficit !== undefined) return
  const newest = state.peaks.at(-1)
  if (newest !== undefined && nowMs - newest.startMs < PEAK_MS) newest.otherA = minOf(newest.otherA, otherA)
  else state.peaks = [...state.peaks.slice(1 - PEAKS_KEPT), { startMs: nowMs, otherA }]
}

function peakOf(state: JudgeState, buckets: number): PerPhase {
  return state.peaks.slice(-buckets).reduce((most, { otherA }) => maxOf(most, otherA), ZERO)
}

function endVerdict(state: JudgeState, nowMs: number): void {
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
  state.shrunk = undefined
  if (!proven) unprove(state.proof, ALL_PHASES)
}
