/**
 * A meter that goes through the same few readings over and over, to the last bit and far apart: no load does that, a gateway that
 * answers out of its store does, whatever its stations do meanwhile (control rule 15). The same reading all the time is none of
 * it. Mutable plain data, owned by one meter's judgement.
 */
import type { MeterReading } from '../events.js'
import { type PerPhase, PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'
import { keepPoint, type PathPoint, unchangedSince } from './meter-path.js'

/** By then nothing of it is chance. */
const CYCLE_MS = 20_000
/** Where a coarse meter of large ratio wavers between two of its steps, they are closer. */
const APART_A = 5
const APART_SHARE = 0.1

/** Its last readings, whatever else was begun anew meanwhile. */
export type CycleWatch = PathPoint[]

export interface CycleContradiction {
  readonly kind: 'turns'
  readonly phase: PhaseIndex
  readonly oneA: number
  readonly otherA: number
}

export function watchCycle(
  watch: CycleWatch,
  { monoMs, currentA }: MeterReading & { readonly currentA: PerPhase },
): CycleContradiction | undefined {
  keepPoint(watch, { monoMs, currentA })
  const { sinceMs, values } = unchangedSince(watch, monoMs)
  if (values < 2 || monoMs - sinceMs < CYCLE_MS) return undefined
  const turn = watch.slice(-values)
  for (const phase of PHASE_INDEXES) {
    const amps = turn.map(point => point.currentA[phase])
    const [oneA, otherA] = [Math.min(...amps), Math.max(...amps)]
    if (otherA - oneA >= Math.max(APART_A, APART_SHARE * otherA))
      return { kind: 'turns', phase, oneA, otherA }
  }
  return undefined
}
