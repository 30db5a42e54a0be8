/**
 * A fall of all phases of a meter in one reading, in one proportion, as a ratio makes it that was changed (control rule 15).
 * Cars that stop look alike where they use all phases: what the stations drew when the meter showed more is no other load.
 * Pure. Knows no verdicts.
 */
import { maxOf, type PerPhase, PHASE_INDEXES, subtract, ZERO } from '../site/phases.js'
import { type PathPoint, rangeWith } from './meter-path.js'
import { STEP_TELLS_A } from './meter-steps.js'

/** All phases fall at once to the same share of what they were. */
const SHRUNK_SHARE = 0.8
const SHRUNK_ALIKE = 0.08
/** What may be taken of such a fall before a step was followed; how long that is waited for. */
export const SHRUNK_STEP_A = 8
export const SHRUNK_MS = 180_000
/** A meter that falls below what its stations draw and comes back, again and again, makes these falls itself: no load does. */
const AGAIN_DOUBTED = 3
const AGAIN_MS = 100_000

export interface Shrunk {
  /** Other load before. */
  readonly otherA: PerPhase
  readonly fromA: PerPhase
  readonly toA: PerPhase
  readonly untilMs: number
  /** How far it had moved on its path, which begins anew behind the fall. */
  readonly lostA: PerPhase
  /** Since then it showed less than its stations draw for longer than one that stopped explains. */
  readonly doubted: boolean
  /** When it fell anew after it had come back, at least half of the way, from less than its stations drew. */
  readonly againMs: readonly number[]
  /** It showed less than its stations drew. */
  readonly lacked: boolean
}

export function isShrinking(before: PerPhase, currentA: PerPhase): boolean {
  if (before.some(amps => amps < STEP_TELLS_A)) return false
  const shares = PHASE_INDEXES.map(phase => currentA[phase] / before[phase])
  const alike = Math.max(...shares) - Math.min(...shares) <= SHRUNK_ALIKE
  const fell = PHASE_INDEXES.every(phase => before[phase] - currentA[phase] >= STEP_TELLS_A / 2)
  return alike && fell && Math.max(...shares) <= SHRUNK_SHARE
}

/**
 * `sumA`: what the stations drew by what was known at the reading before. A station tells that its car has stopped before the
 * meter is read: reckoned with that, the car's own draw would stand as other load for three minutes.
 */
export function shrunkBy(at: {
  readonly before: PerPhase
  readonly currentA: PerPhase
  readonly sumA: PerPhase
  readonly path: readonly PathPoint[]
  /** The fall before, while it stands. */
  readonly earlier: Shrunk | undefined
  readonly nowMs: number
}): Shrunk {
  const { before, currentA, sumA, path, earlier, nowMs } = at
  const recentMs = (earlier?.againMs ?? []).filter(ms => nowMs - ms <= AGAIN_MS)
  const againMs = earlier?.lacked === true && cameBack(earlier, before) ? [...recentMs, nowMs] : recentMs
  return {
    otherA: maxOf(maxOf(subtract(before, sumA), ZERO), earlier?.otherA ?? ZERO),
    fromA: before,
    toA: currentA,
    untilMs: nowMs + SHRUNK_MS,
    lostA: rangeWith(path, currentA),
    doubted: earlier?.doubted === true || againMs.length >= AGAIN_DOUBTED,
    againMs,
    lacked: false,
  }
}

const cameBack = ({ fromA, toA }: Shrunk, nowA: PerPhase): boolean =>
  PHASE_INDEXES.every(phase => nowA[phase] >= (fromA[phase] + toA[phase]) / 2)
