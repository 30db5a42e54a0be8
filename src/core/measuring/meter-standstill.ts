/**
 * A meter that stands still, or goes through the same few values over and over, while its stations moved: for as long as their steps can have taken, or since shortly after
 * it moved itself, which may be a part of their steps and no more (control rule 15). Pure.
 */
import { type PerPhase, PHASE_INDEXES, type PhaseIndex, subtract, ZERO } from '../site/phases.js'
import { type PathPoint, seen, stoodStill, unchangedSince } from './meter-path.js'
import { STEP_TELLS_A } from './meter-steps.js'
import { type KnownStep, risesAndFalls } from './station-evidence.js'

/** The meter's own ripple while it stands still. */
const STILL_A = 0.3
const STILL_AFTER_MS = 6_000
/** The same to the last bit this long. */
const SAME_MS = 12_000

export interface Standing {
  /** The whole time stood still, or only since it moved for a part. */
  readonly kind: 'all the time' | 'since a part'
  readonly sinceMs: number
  readonly stepA: PerPhase
  /** More than one: it goes through so many. */
  readonly values: number
}

export function standstillOf(at: {
  readonly path: readonly PathPoint[]
  readonly steps: readonly KnownStep[]
  readonly nowMs: number
  /** Where the path was begun anew: how far the meter had moved before. */
  readonly lostA: PerPhase | undefined
}): Standing | undefined {
  const { path, steps, nowMs, lostA } = at
  const settled = steps.filter(step => nowMs - step.toMs >= STILL_AFTER_MS)
  if (settled.length === 0) return undefined
  const { riseA, fallA } = risesAndFalls(settled, STEP_TELLS_A / 2)
  const stepA = subtract(riseA, fallA)
  if (!isStep(stepA)) return undefined
  const fromMs = Math.min(...settled.map(step => step.fromMs))
  const { sinceMs, values } = unchangedSince(path, nowMs)
  if (stoodStill(path, fromMs, STILL_A)) return { kind: 'all the time', sinceMs, stepA, values: 1 }
  if (nowMs - sinceMs < SAME_MS) return undefined
  if (values > 1 && sinceMs <= fromMs) return { kind: 'all the time', sinceMs, stepA, values }
  const startMs = lostA === undefined ? fromMs : Math.max(fromMs, path[0]?.monoMs ?? nowMs)
  const missingA = notShown(path, stepA, { startMs, nowMs, lostA: lostA ?? ZERO })
  return isStep(missingA) ? { kind: 'since a part', sinceMs, stepA, values } : undefined
}

/** What of a step the meter's own way did not show; 0 where the path does not cover the time. */
function notShown(
  path: readonly PathPoint[],
  stepA: PerPhase,
  at: { readonly startMs: number; readonly nowMs: number; readonly lostA: PerPhase },
): PerPhase {
  const on = (phase: PhaseIndex): number => {
    const way = seen(path, phase, at.startMs, at.nowMs)
    if (way === undefined) return 0
    const shownA = (stepA[phase] > 0 ? way.climbA : way.dropA) + at.lostA[phase]
    return Math.max(0, Math.abs(stepA[phase]) - shownA)
  }
  return [on(0), on(1), on(2)]
}

const isStep = (amps: PerPhase): boolean => PHASE_INDEXES.some(phase => Math.abs(amps[phase]) >= STEP_TELLS_A)
