/**
 * The way a meter's currents went in the last minute and a half, and what of a known step can be seen in it: the
 * largest climb and the largest drop within a window, and the change of level where the window is quiet otherwise.
 * Plain data, mutable, owned by one meter's judgement. Knows no stations.
 */
import { type PerPhase, PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'

/** A window never reaches further back: a station's lag, two samples and the time a car takes. */
export const PATH_MS = 130_000
/** Faster polls add nothing to steps of cars. */
const PATH_LEAST_MS = 450
/** Level before and after: the median over this long. */
const LEVEL_MS = 5_000

export interface PathPoint {
  readonly monoMs: number
  readonly currentA: PerPhase
}

export function keepPoint(path: PathPoint[], point: PathPoint): void {
  const newest = path.at(-1)
  if (newest !== undefined && point.monoMs - newest.monoMs < PATH_LEAST_MS) return
  path.push(point)
  while ((path[0]?.monoMs ?? point.monoMs) < point.monoMs - PATH_MS) path.shift()
}

export interface Seen {
  /** Largest rise from an earlier to a later point, and largest fall; both positive. */
  readonly climbA: number
  readonly dropA: number
  /** Level at the end less level at the beginning. */
  readonly netA: number
  /** The change of level took this long, from its first sixth to its last. */
  readonly sweepMs: number
}

/** What one phase did within the window; undefined when the path does not cover it. */
export function seen(
  path: readonly PathPoint[],
  phase: PhaseIndex,
  fromMs: number,
  toMs: number,
): Seen | undefined {
  const points = path.filter(({ monoMs }) => monoMs >= fromMs && monoMs <= toMs)
  if (points.length < 4 || (path[0]?.monoMs ?? Number.MAX_VALUE) > fromMs + LEVEL_MS) return undefined
  let lowestA = Number.MAX_VALUE
  let highestA = -Number.MAX_VALUE
  let climbA = 0
  let dropA = 0
  for (const { currentA } of points) {
    const amps = currentA[phase]
    lowestA = Math.min(lowestA, amps)
    highestA = Math.max(highestA, amps)
    climbA = Math.max(climbA, amps - lowestA)
    dropA = Math.max(dropA, highestA - amps)
  }
  const before = median(
    points.filter(({ monoMs }) => monoMs <= fromMs + LEVEL_MS).map(p => p.currentA[phase]),
  )
  const after = median(points.filter(({ monoMs }) => monoMs >= toMs - LEVEL_MS).map(p => p.currentA[phase]))
  if (before === undefined || after === undefined) return undefined
  const netA = after - before
  return { climbA, dropA, netA, sweepMs: sweepOf(points, phase, before, netA) }
}

function sweepOf(points: readonly PathPoint[], phase: PhaseIndex, fromA: number, netA: number): number {
  const share = ({ currentA }: PathPoint): number => (currentA[phase] - fromA) / netA
  const left = points.findLast(point => share(point) <= 1 / 6)
  const arrived = points.find(point => share(point) >= 5 / 6)
  if (left === undefined || arrived === undefined) return Number.MAX_VALUE
  return Math.max(0, arrived.monoMs - left.monoMs)
}

/** The level of one phase within the window; undefined when nothing was read then. */
export function levelBetween(
  path: readonly PathPoint[],
  phase: PhaseIndex,
  fromMs: number,
  toMs: number,
): number | undefined {
  return median(
    path.flatMap(({ monoMs, currentA }) => (monoMs >= fromMs && monoMs <= toMs ? currentA[phase] : [])),
  )
}

/** Whether no phase moved by more than `withinA` since `fromMs`. */
export function stoodStill(path: readonly PathPoint[], fromMs: number, withinA: number): boolean {
  if ((path[0]?.monoMs ?? Number.MAX_VALUE) > fromMs + LEVEL_MS) return false
  const points = path.filter(({ monoMs }) => monoMs >= fromMs)
  return (
    points.length > 0 &&
    PHASE_INDEXES.every(phase => {
      const amps = points.map(({ currentA }) => currentA[phase])
      return Math.max(...amps) - Math.min(...amps) <= withinA
    })
  )
}

/** The most each phase showed within `aroundMs` of a moment; undefined when nothing was read then. */
export function mostAround(path: readonly PathPoint[], atMs: number, aroundMs: number): PerPhase | undefined {
  let most: [number, number, number] | undefined
  for (const { monoMs, currentA } of path) {
    if (Math.abs(monoMs - atMs) > aroundMs) continue
    most ??= [currentA[0], currentA[1], currentA[2]]
    most[0] = Math.max(most[0], currentA[0])
    most[1] = Math.max(most[1], currentA[1])
    most[2] = Math.max(most[2], currentA[2])
  }
  return most
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** A gateway that plays its store over and over has a few readings in it. */
const CYCLE_MAX = 16
/** So many whole turns before a cycle is one: cars and coarse registers show two alike. */
const TURNS_TOLD = 3

export interface Unchanged {
  readonly sinceMs: number
  /** 1: the same to the last bit; more: so many readings over and over. */
  readonly values: number
}

/** Since when the path has shown nothing new; `nowMs` without points. */
export function unchangedSince(path: readonly PathPoint[], nowMs: number): Unchanged {
  let found: Unchanged = { sinceMs: nowMs, values: 1 }
  for (let cycle = 1; cycle <= CYCLE_MAX && cycle < path.length; cycle++) {
    const first = firstOfCycle(path, cycle)
    const sinceMs = path[first]?.monoMs ?? nowMs
    const isTold = cycle === 1 || path.length - first >= TURNS_TOLD * cycle
    if (isTold && sinceMs < found.sinceMs) found = { sinceMs, values: cycle }
    // Nothing reaches further back than all that is known.
    if (found.sinceMs === path[0]?.monoMs) break
  }
  return found
}

/** From here to the end each point is the one `cycle` points before it, to the last bit. */
function firstOfCycle(path: readonly PathPoint[], cycle: number): number {
  let at = path.length - 1
  while (at >= cycle && isSame(path[at], path[at - cycle])) at--
  return at - cycle + 1
}

/** To the last bit. */
export function isSame(a: PathPoint | undefined, b: PathPoint | undefined): boolean {
  return a !== undefined && b !== undefined && PHASE_INDEXES.every(at => a.currentA[at] === b.currentA[at])
}

/** How far each phase moved in the path, this point included. */
export function rangeWith(path: readonly PathPoint[], currentA: PerPhase): PerPhase {
  const range = (phase: PhaseIndex): number => {
    const amps = [...path.map(point => point.currentA[phase]), currentA[phase]]
    return Math.max(...amps) - Math.min(...amps)
  }
  return [range(0), range(1), range(2)]
}
