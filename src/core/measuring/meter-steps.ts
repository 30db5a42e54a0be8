/**
 * Whether a meter followed what its stations did: known steps that lie close together are taken as one, and looked for
 * in the meter's path, per phase, in size and sign. Other load moves too, so a step is called "followed" only in a
 * window that is quiet otherwise, and "contradicted" only where not even the best reading of the path holds it.
 * Pure. Knows no verdicts.
 */
import { type PerPhase, PHASE_INDEXES, type PhaseIndex, type PhaseSet, subtract } from '../site/phases.js'
import { type PathPoint, type Seen, seen } from './meter-path.js'
import { type KnownStep, risesAndFalls } from './station-evidence.js'

/** Steps together smaller than this prove nothing (control rule 15). */
export const STEP_TELLS_A = 5
/** After the last step: the other stations' news of the same change, and the car's ramp. */
const SETTLE_MS = 16_000
/** Steps that go on and on are judged in pieces of this length. */
const EPISODE_MS = 100_000
/** A change of one connector below this is a slow ramp, which slow other load can hide. */
const SHARP_A = 2
/** Followed: the level changed by this share of the step (class 1 meters, car ripple, a little other load). */
const FOLLOWS = [0.8, 1.25] as const
/** Clearly followed: closer, and in a very quiet window. */
const CLEARLY = [0.87, 1.18] as const
/** Strong: this close, and in one sweep or on all three phases alike. Chance does not make that. */
const TIGHTLY = [0.93, 1.08] as const
const SWEEP_MS = 6_000
/** Contradicted: less than this share is to be found. */
const LEAST_SHARE = 0.65
const LEAST_QUIET_SHARE = 0.56
/** Some stations tell means, or tell late: a step that is not even in so much more of the path is not there at all. */
const LATE_MS = 60_000
/** Quiet: the path goes back by no more than this share of the step. */
const QUIET = 0.35
const VERY_QUIET = 0.2

export type Outcome = 'clearly follows' | 'follows' | 'contradicts' | 'unclear' | 'no step'

export interface Episode {
  readonly fromMs: number
  readonly toMs: number
  /** Known change of the stations together, and the meter's change of level. */
  readonly stepA: PerPhase
  readonly movedA: PerPhase
  readonly outcomes: readonly [Outcome, Outcome, Outcome]
  /** Contradicted, and not shown before either. */
  readonly absent: PhaseSet
  /** One such step is proof enough, on the phases that it has. */
  readonly strong: boolean
  /** The phases did not step alike: it proves their order too. */
  readonly uneven: boolean
}

/** Judges the waiting steps when they are complete; undefined while more may come. The caller then drops them. */
export function judgeSteps(
  steps: readonly KnownStep[],
  path: readonly PathPoint[],
  at: { readonly nowMs: number; readonly judgedToMs: number },
): Episode | undefined {
  if (steps.length === 0) return undefined
  const fromMs = Math.min(...steps.map(step => step.fromMs))
  const lastMs = Math.max(...steps.map(step => step.toMs))
  if (at.nowMs < lastMs + SETTLE_MS && at.nowMs - fromMs < EPISODE_MS) return undefined
  const all = risesAndFalls(steps, 0)
  const sharp = risesAndFalls(steps, SHARP_A)
  const stepA = subtract(all.riseA, all.fallA)
  const settled = at.nowMs >= lastMs + SETTLE_MS
  const window = {
    fromMs,
    toMs: at.nowMs,
    freshFromMs: Math.min(Math.max(fromMs, at.judgedToMs), at.nowMs - SETTLE_MS),
  }
  const moved = (phase: PhaseIndex) => seen(path, phase, window.freshFromMs, window.toMs)?.netA ?? 0
  const movedA: PerPhase = [moved(0), moved(1), moved(2)]
  const outcome = (phase: PhaseIndex): Outcome => {
    const rises = all.riseA[phase] >= all.fallA[phase]
    const [toward, back] = rises ? [all.riseA, all.fallA] : [all.fallA, all.riseA]
    const sharpA = (rises ? sharp.riseA : sharp.fallA)[phase] - back[phase]
    return outcomeOf(path, phase, window, {
      rises,
      netA: toward[phase] - back[phase],
      sharpA,
      backA: back[phase],
    })
  }
  // In a piece of something that goes on, the meter shows already what is not told yet.
  const careful = (found: Outcome): Outcome => (found === 'clearly follows' && !settled ? 'follows' : found)
  const outcomes: [Outcome, Outcome, Outcome] = [
    careful(outcome(0)),
    careful(outcome(1)),
    careful(outcome(2)),
  ]
  const largestA = Math.max(...stepA.map(Math.abs))
  for (const phase of PHASE_INDEXES) {
    const still = Math.abs(stepA[phase]) < 1
    // A phase without a car must not move as if it had one: then the order of the phases is in question.
    if (still && Math.abs(movedA[phase]) > QUIET * largestA + 1)
      for (const other of PHASE_INDEXES) if (isFollowed(outcomes[other])) outcomes[other] = 'unclear'
  }
  const absent = (phase: PhaseIndex): boolean =>
    outcomes[phase] === 'contradicts' && !holds(path, phase, { ...window, stepA: stepA[phase] })
  const uneven = Math.max(...stepA) - Math.min(...stepA) >= STEP_TELLS_A
  const ways = PHASE_INDEXES.map(phase => seen(path, phase, window.freshFromMs, window.toMs))
  return {
    ...{ fromMs, toMs: at.nowMs, stepA, movedA, outcomes, uneven },
    absent: [absent(0), absent(1), absent(2)],
    strong: isStrong(outcomes, stepA, ways),
  }
}

function outcomeOf(
  path: readonly PathPoint[],
  phase: PhaseIndex,
  window: { readonly fromMs: number; readonly toMs: number; readonly freshFromMs: number },
  step: { readonly rises: boolean; readonly netA: number; readonly sharpA: number; readonly backA: number },
): Outcome {
  if (step.netA < STEP_TELLS_A) return 'no step'
  const whole = seen(path, phase, window.fromMs, window.toMs)
  const fresh = seen(path, phase, window.freshFromMs, window.toMs)
  if (whole === undefined || fresh === undefined) return 'unclear'
  const along = (of: typeof whole) => (step.rises ? of.climbA : of.dropA)
  const against = (of: typeof whole) => (step.rises ? of.dropA : of.climbA)
  const net = (of: typeof whole) => (step.rises ? of.netA : -of.netA)
  if (step.sharpA >= STEP_TELLS_A) {
    if (along(whole) < leastOf(step.sharpA)) return 'contradicts'
    if (against(whole) <= VERY_QUIET * step.sharpA && net(whole) < LEAST_QUIET_SHARE * step.sharpA)
      return 'contradicts'
  }
  const quiet = against(fresh) <= QUIET * step.netA && step.backA <= VERY_QUIET * step.netA
  const share = net(fresh) / step.netA
  if (!quiet || share < FOLLOWS[0] || share > FOLLOWS[1]) return 'unclear'
  const clear = against(fresh) <= VERY_QUIET * step.netA && share >= CLEARLY[0] && share <= CLEARLY[1]
  return clear ? 'clearly follows' : 'follows'
}

function isStrong(
  outcomes: Episode['outcomes'],
  stepA: PerPhase,
  ways: readonly (Seen | undefined)[],
): boolean {
  const stepped = PHASE_INDEXES.filter(phase => Math.abs(stepA[phase]) >= STEP_TELLS_A)
  const isTight = stepped.every(phase => {
    const share = (ways[phase]?.netA ?? 0) / stepA[phase]
    return outcomes[phase] === 'clearly follows' && share >= TIGHTLY[0] && share <= TIGHTLY[1]
  })
  const inOne = stepped.every(phase => (ways[phase]?.sweepMs ?? Number.MAX_VALUE) <= SWEEP_MS)
  return isTight && (inOne || stepped.length === PHASE_INDEXES.length)
}

/**
 * Whether the path holds less than the stations are known to have risen by: nothing is raised on top of a rise that the meter has
 * not shown. Looked at until the steps are judged.
 */
export function isBehind(steps: readonly KnownStep[], path: readonly PathPoint[], nowMs: number): boolean {
  if (steps.length === 0) return false
  const { riseA, fallA } = risesAndFalls(steps, 0)
  const fromMs = Math.min(...steps.map(step => step.fromMs))
  return PHASE_INDEXES.some(phase => {
    const netA = riseA[phase] - fallA[phase]
    return netA >= STEP_TELLS_A && !holds(path, phase, { fromMs, toMs: nowMs, stepA: netA })
  })
}

/** Whether so much of a step is anywhere in the path, however late it was told; true where the path does not tell. */
function holds(
  path: readonly PathPoint[],
  phase: PhaseIndex,
  { fromMs, toMs, stepA }: { readonly fromMs: number; readonly toMs: number; readonly stepA: number },
): boolean {
  const since = Math.max(fromMs - LATE_MS, path[0]?.monoMs ?? fromMs)
  const whole = seen(path, phase, Math.min(since, fromMs), toMs)
  return whole === undefined || (stepA > 0 ? whole.climbA : whole.dropA) >= leastOf(Math.abs(stepA))
}

/** A rise that shows clearly in a quiet path. */
export function isClear({ dropA, netA }: Seen, riseA: number): boolean {
  const share = netA / riseA
  return dropA <= VERY_QUIET * riseA && share >= CLEARLY[0] && share <= CLEARLY[1]
}

/** A path that holds less of a step than this does not hold it. */
const leastOf = (stepA: number): number => LEAST_SHARE * stepA - 0.5

export function isFollowed(outcome: Outcome): outcome is 'follows' | 'clearly follows' {
  return outcome === 'follows' || outcome === 'clearly follows'
}
