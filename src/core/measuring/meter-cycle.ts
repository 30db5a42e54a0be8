/**
 * A meter that goes through the same few readings over and over, to the last bit and far apart: no load does that, a gateway that
 * answers out of its store does, whatever its stations do meanwhile (control rule 15). So does one that plays back a longer
 * recording. The same reading all the time is none of it. Mutable plain data, owned by one meter's judgement.
 */
import type { MeterReading } from '../events.js'
import { type PerPhase, PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'
import { isSame, keepPoint, type PathPoint, unchangedSince } from './meter-path.js'

/** By then nothing of it is chance. */
const CYCLE_MS = 20_000
/** Where a coarse meter of large ratio wavers between two of its steps, they are closer. */
const APART_A = 5
const APART_SHARE = 0.1
/** So many readings in a row as they were before, and as many of them different as no coarse meter over an even load shows. */
const PLAYED_BACK = 20
const DIFFERENT = 16

/** Its last readings, whatever else was begun anew meanwhile. */
export type CycleWatch = PathPoint[]

export type CycleContradiction =
  | { readonly kind: 'turns'; readonly phase: PhaseIndex; readonly oneA: number; readonly otherA: number }
  /** A recording of so many readings. */
  | { readonly kind: 'plays back'; readonly count: number }

export function watchCycle(
  watch: CycleWatch,
  { monoMs, currentA }: MeterReading & { readonly currentA: PerPhase },
): CycleContradiction | undefined {
  keepPoint(watch, { monoMs, currentA })
  const count = playedBack(watch)
  if (count !== undefined) return { kind: 'plays back', count }
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

/** The last readings are those of so many readings before, to the last bit. */
function playedBack(path: readonly PathPoint[]): number | undefined {
  const end = path.length - 1
  if (isSame(path[end], path[end - 1])) return undefined
  for (let count = PLAYED_BACK; count <= path.length - PLAYED_BACK; count++) {
    let alike = 0
    while (alike < PLAYED_BACK && isSame(path[end - alike], path[end - alike - count])) alike++
    if (alike === PLAYED_BACK && differentOf(path.slice(-PLAYED_BACK)) >= DIFFERENT) return count
  }
  return undefined
}

const differentOf = (points: readonly PathPoint[]): number =>
  new Set(points.map(({ currentA }) => currentA.join(' '))).size
