/**
 * Stations that do not tell what they draw: a raise of ours that a station has accepted is a step of which the most is
 * known. When the meter moves by just that, on the phases written, it has followed: a meter that shows too little can
 * not, because no car takes more than it is offered. When it does not, that says nothing: the car may want less.
 * Plain data, mutable, owned by one meter's judgement (control rule 15).
 */

import { add, type PerPhase, PHASE_INDEXES, type PhaseIndex, subtract, ZERO } from '../site/phases.js'
import { REACTION_S } from '../site/promise.js'
import { type PathPoint, seen } from './meter-path.js'
import type { Agreement } from './meter-proof.js'
import { isClear, STEP_TELLS_A } from './meter-steps.js'
import type { KnownStep, StationEvidence } from './station-evidence.js'

/** Level before and after. */
const LEVEL_MS = 5_000
/** Raises that go on and on prove nothing. */
const LONGEST_MS = 60_000
/** A phase that was not written must stand still but for this share of the step. */
const STRAY_SHARE = 0.2

export interface OfferWatch {
  /** By connector: what was accepted last. */
  readonly last: Map<string, PerPhase>
  readonly waiting: { readonly fromMs: number; readonly toMs: number; readonly stepA: PerPhase }[]
}

type Agreements = readonly [Agreement | undefined, Agreement | undefined, Agreement | undefined]

export function newOfferWatch(): OfferWatch {
  return { last: new Map(), waiting: [] }
}

/** What was offered and has shown at the meter, per phase; undefined while nothing is complete. */
export function watchOffers(
  watch: OfferWatch,
  path: readonly PathPoint[],
  at: {
    readonly stations: readonly StationEvidence[]
    readonly steps: readonly KnownStep[]
    /** Steps before this were judged. */
    readonly judgedToMs: number
    readonly nowMs: number
  },
): Agreements | undefined {
  const { stations, steps, judgedToMs, nowMs } = at
  if (stations.some(station => takeOffer(watch, station))) watch.waiting.length = 0
  const { waiting } = watch
  if (waiting.length === 0) return undefined
  const fromMs = Math.min(...waiting.map(raise => raise.fromMs)) - LEVEL_MS
  const toMs = Math.max(...waiting.map(raise => raise.toMs)) + LEVEL_MS
  if (nowMs < toMs && nowMs - fromMs <= LONGEST_MS) return undefined
  const stepA = waiting.reduce((sum, raise) => add(sum, raise.stepA), ZERO)
  watch.waiting.length = 0
  // What a station tells of the same time is judged by that.
  const isTold = judgedToMs >= fromMs || steps.some(step => step.toMs >= fromMs)
  if (nowMs - fromMs > LONGEST_MS || isTold) return undefined
  return followed(path, stepA, { fromMs, toMs })
}

/** Notes a raise; true when a car of which nothing is told was lowered, or has gone. */
function takeOffer(watch: OfferWatch, { key, offer }: StationEvidence): boolean {
  if (offer === undefined) return watch.last.delete(key) && watch.waiting.length > 0
  const before = watch.last.get(key)
  watch.last.set(key, offer.amps)
  if (before === undefined) return false
  const stepA = subtract(offer.amps, before)
  if (PHASE_INDEXES.some(phase => stepA[phase] < 0)) return true
  if (PHASE_INDEXES.some(phase => stepA[phase] > 0))
    watch.waiting.push({ fromMs: offer.sentMs, toMs: offer.acceptedMs + REACTION_S * 1000, stepA })
  return false
}

function followed(
  path: readonly PathPoint[],
  stepA: PerPhase,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Agreements | undefined {
  const largestA = Math.max(...stepA)
  const on = (phase: PhaseIndex): Agreement | 'not' | undefined => {
    const way = seen(path, phase, fromMs, toMs)
    if (way === undefined) return 'not'
    if (stepA[phase] === 0) return Math.abs(way.netA) > STRAY_SHARE * largestA + 0.5 ? 'not' : undefined
    if (stepA[phase] < STEP_TELLS_A || !isClear(way, stepA[phase])) return 'not'
    return { stepA: stepA[phase], movedA: way.netA, weight: 1 }
  }
  const [l1, l2, l3] = [on(0), on(1), on(2)]
  return l1 === 'not' || l2 === 'not' || l3 === 'not' ? undefined : [l1, l2, l3]
}
