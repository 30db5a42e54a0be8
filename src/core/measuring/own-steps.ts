/**
 * What speaks for a meter, out of our own writes: cars that took all they were offered are lowered or raised back, and the
 * meter must move by just that. Both times are known, so noise of other load averages out; a phase is proven by two or
 * more such steps whose sum agrees with what the meter did, more exactly than its noise could make by chance. A step that
 * it does not show begins the count anew and says nothing else: other load may have moved. Plain data, mutable, owned by
 * one meter's judgement (control rule 15).
 */
import {
  ALL_PHASES,
  add,
  type PerPhase,
  PHASE_INDEXES,
  type PhaseIndex,
  type PhaseSet,
  ZERO,
} from '../site/phases.js'
import { REACTION_S } from '../site/promise.js'
import type { PathPoint } from './meter-path.js'
import type { StationEvidence, Takes } from './station-evidence.js'

/** The level before and after is the mean over this long. */
export const LEVEL_MS = 14_000
/** From the last acceptance until the step can be judged. */
export const STEP_MS = REACTION_S * 1_000 + LEVEL_MS
/** A step is read so long after it happened. */
const READ_MS = 2_000
/** What goes on for longer is no step. */
const LONGEST_MS = 60_000
/** Nobody knows exactly when a session that starts or ends begins and ceases to draw. */
const START_MS = 15_000
const STOP_MS = 12_000
/** Other load changes about this often: so many readings of one level are independent. */
const INDEPENDENT_MS = 2_000
/** A step smaller than this proves nothing. */
const LEAST_A = 4
/** A phase that was not written may move by this share of the step, and by noise. */
const STRAY_SHARE = 0.2
/** One step may be off by this share, and by noise, or the count begins anew. */
const OFF_SHARE = 0.35
const NOISES = 3
/** Together: the meter's share of what was written, and how exactly it is known. */
const SHARE = [0.9, 1.12] as const
const EXACT = 0.08
const ENOUGH = 2

interface Known {
  offerA: number
  sentMs: number
  takes: Exclude<Takes, 'less'> | undefined
  /** Up to here it has been seen to take all. */
  mostA: number
}

interface Change {
  readonly fromMs: number
  readonly toMs: number
  /** Undefined: nobody knows by how much. */
  readonly stepA: PerPhase | undefined
}

/** A lower of ours that may show any moment. */
interface Lower {
  readonly untilMs: number
  readonly lessA: PerPhase
}

interface Sum {
  readonly count: number
  readonly stepSq: number
  readonly stepMoved: number
  readonly noiseSq: number
}

export interface OwnSteps {
  readonly known: Map<string, Known>
  changes: Change[]
  lowers: Lower[]
  sums: readonly [Sum, Sum, Sum]
}

const NOTHING: Sum = { count: 0, stepSq: 0, stepMoved: 0, noiseSq: 0 }

export function newOwnSteps(): OwnSteps {
  return { known: new Map(), changes: [], lowers: [], sums: [NOTHING, NOTHING, NOTHING] }
}

export function forgetOwnSteps(own: OwnSteps): void {
  own.sums = [NOTHING, NOTHING, NOTHING]
}

/** By how much the meter may fall now because of lowers of ours, at most; where nobody knows its phases a car may use each. */
export function loweredA({ lowers }: OwnSteps, nowMs: number): PerPhase {
  return lowers.reduce((sumA, { untilMs, lessA }) => (nowMs <= untilMs ? add(sumA, lessA) : sumA), ZERO)
}

/** One poll; gives the phases that are proven now. */
export function watchOwnSteps(
  own: OwnSteps,
  stations: readonly StationEvidence[],
  path: readonly PathPoint[],
  nowMs: number,
): PhaseSet {
  own.lowers = own.lowers.filter(({ untilMs }) => nowMs <= untilMs)
  for (const station of stations) takeOwn(own, station, nowMs)
  own.changes = own.changes.filter(({ toMs }) => nowMs - toMs <= LONGEST_MS)
  const step = completed(own, nowMs)
  if (step !== undefined) judge(own, step, path)
  const isProven = (phase: PhaseIndex): boolean => {
    const { count, stepSq, stepMoved, noiseSq } = own.sums[phase]
    if (count < ENOUGH || stepSq === 0) return false
    const share = stepMoved / stepSq
    return share >= SHARE[0] && share <= SHARE[1] && Math.sqrt(noiseSq) / stepSq <= EXACT
  }
  return [isProven(0), isProven(1), isProven(2)]
}

function takeOwn(own: OwnSteps, { key, own: offer }: StationEvidence, nowMs: number): void {
  const before = own.known.get(key)
  if (offer === undefined) {
    if (own.known.delete(key)) own.changes.push({ fromMs: nowMs - STOP_MS, toMs: nowMs, stepA: undefined })
    return
  }
  const { offerA, sentMs, acceptedMs, takes } = offer
  if (before === undefined) {
    own.changes.push({ fromMs: sentMs, toMs: nowMs + START_MS, stepA: undefined })
    own.known.set(key, { offerA, sentMs, takes: undefined, mostA: 0 })
  } else if (before.offerA !== offerA) {
    if (offerA < before.offerA) {
      const untilMs = acceptedMs + REACTION_S * 1_000 + READ_MS
      const phases = before.takes?.phases ?? ALL_PHASES
      own.lowers.push({ untilMs, lessA: on(phases, before.offerA - offerA) })
    }
    const isTold = before.takes !== undefined && offerA <= before.mostA
    const changeA = (offerA - before.offerA) * (before.takes?.share ?? 1)
    own.changes.push({
      fromMs: sentMs,
      toMs: acceptedMs + REACTION_S * 1_000,
      stepA: isTold ? on(before.takes?.phases, changeA) : undefined,
    })
    before.offerA = offerA
    before.sentMs = sentMs
  }
  const known = own.known.get(key)
  if (known === undefined || takes === undefined) return
  known.takes = takes === 'less' ? undefined : takes
  known.mostA = takes === 'less' ? 0 : Math.max(known.mostA, offerA)
}

function on(phases: PhaseSet | undefined, amps: number): PerPhase {
  return [phases?.[0] ? amps : 0, phases?.[1] ? amps : 0, phases?.[2] ? amps : 0]
}

/** The known changes as one step, once it is over and nothing unknown happened beside it. */
function completed(
  own: OwnSteps,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number; readonly stepA: PerPhase } | undefined {
  const told = own.changes.filter(({ stepA }) => stepA !== undefined)
  if (told.length === 0) return undefined
  const fromMs = Math.min(...told.map(change => change.fromMs))
  const toMs = Math.max(...told.map(change => change.toMs))
  if (nowMs < toMs + LEVEL_MS) return undefined
  const isDisturbed = own.changes.some(
    change =>
      change.stepA === undefined && change.toMs > fromMs - LEVEL_MS && change.fromMs < toMs + LEVEL_MS,
  )
  own.changes = own.changes.filter(({ stepA }) => stepA === undefined)
  if (isDisturbed || toMs - fromMs > LONGEST_MS) return undefined
  return { fromMs, toMs, stepA: told.reduce((sum, { stepA }) => add(sum, stepA ?? ZERO), ZERO) }
}

function judge(
  own: OwnSteps,
  { fromMs, toMs, stepA }: { readonly fromMs: number; readonly toMs: number; readonly stepA: PerPhase },
  path: readonly PathPoint[],
): void {
  const before = path.filter(({ monoMs }) => monoMs > fromMs - LEVEL_MS && monoMs <= fromMs)
  const after = path.filter(({ monoMs }) => monoMs >= toMs && monoMs <= toMs + LEVEL_MS)
  if (before.length < 3 || after.length < 3) return
  const largestA = Math.max(...stepA.map(Math.abs))
  const moves = PHASE_INDEXES.map(phase => moveOf(before, after, phase))
  const isOff = (phase: PhaseIndex): boolean => {
    const { movedA, noiseA } = moves[phase] ?? { movedA: 0, noiseA: 0 }
    const isWritten = Math.abs(stepA[phase]) >= LEAST_A
    const offA = isWritten ? OFF_SHARE * Math.abs(stepA[phase]) : STRAY_SHARE * largestA + 0.5
    return Math.abs(movedA - stepA[phase]) > offA + NOISES * noiseA
  }
  // What was written on one phase and seen on another puts the order of all in question.
  if (PHASE_INDEXES.some(phase => Math.abs(stepA[phase]) < LEAST_A && isOff(phase))) {
    forgetOwnSteps(own)
    return
  }
  const summed = (phase: PhaseIndex): Sum => {
    const sum = own.sums[phase]
    const step = stepA[phase]
    const { movedA, noiseA } = moves[phase] ?? { movedA: 0, noiseA: 0 }
    if (Math.abs(step) < LEAST_A) return sum
    if (isOff(phase)) return NOTHING
    return {
      count: sum.count + 1,
      stepSq: sum.stepSq + step * step,
      stepMoved: sum.stepMoved + step * movedA,
      noiseSq: sum.noiseSq + (step * noiseA) ** 2,
    }
  }
  own.sums = [summed(0), summed(1), summed(2)]
}

/** Change of the mean, and by how much chance may have changed it. */
function moveOf(
  before: readonly PathPoint[],
  after: readonly PathPoint[],
  phase: PhaseIndex,
): { readonly movedA: number; readonly noiseA: number } {
  const [was, is] = [level(before, phase), level(after, phase)]
  return { movedA: is.meanA - was.meanA, noiseA: Math.sqrt(was.errorSq + is.errorSq) }
}

function level(
  points: readonly PathPoint[],
  phase: PhaseIndex,
): { readonly meanA: number; readonly errorSq: number } {
  const amps = points.map(({ currentA }) => currentA[phase])
  const meanA = amps.reduce((sum, value) => sum + value, 0) / amps.length
  const variance = amps.reduce((sum, value) => sum + (value - meanA) ** 2, 0) / (amps.length - 1)
  return { meanA, errorSq: variance / Math.min(amps.length, LEVEL_MS / INDEPENDENT_MS) }
}
