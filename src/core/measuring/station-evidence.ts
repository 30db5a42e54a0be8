/**
 * What the stations under a meter say about it: what they surely draw together, and their known steps, each with the
 * time in which it can have happened. A sample is news up to `STATION_LAG_MS` old; what a connector did between two
 * samples is not known. The first thing heard of a connector is no step: after a restart everything is heard anew.
 * Plain data, mutable, owned by one meter's judgement. Knows no meter.
 */
import { add, maxOf, minOf, type PerPhase, PHASE_INDEXES, type PhaseSet, ZERO } from '../site/phases.js'

/** A station's news may be this old when it arrives. */
export const STATION_LAG_MS = 30_000
/** Two samples further apart are no step: other load has moved meanwhile. */
const STEP_SPAN_MS = 90_000
/** Smaller changes are ripple. */
const STEP_LEAST_A = 0.7
/** Samples kept per connector: a minute at one each 2 s; a faster one replaces the newest. */
const SAMPLES_KEPT = 32
const SAMPLES_MS = 2 * STATION_LAG_MS

/** What a car under an offer of ours is known to do: it takes all of it, on these site phases, or it does not. */
export type Takes = { readonly phases: PhaseSet; readonly share: number } | 'less'

export interface OwnOffer {
  readonly offerA: number
  readonly sentMs: number
  readonly acceptedMs: number
  /** Undefined: no sample has told yet. */
  readonly takes?: Takes | undefined
}

/** What is known of one connector now; an upper bound that nothing tells is undefined. Site phases. */
export interface StationEvidence {
  readonly key: string
  readonly lowerA: PerPhase
  readonly upperA: readonly [number | undefined, number | undefined, number | undefined]
  /** When it became known; undefined = nothing is known. */
  readonly monoMs: number | undefined
  /** The most it may draw by the offer it accepted last, where the station does not measure it; absent = it does. */
  readonly offer?:
    | { readonly amps: PerPhase; readonly sentMs: number; readonly acceptedMs: number }
    | undefined
  /** What its session was offered last, and whether it takes all of it; absent = no session, or nothing accepted yet. */
  readonly own?: OwnOffer | undefined
}

/** A change of one connector that surely happened between the two times, at least this large on each phase. */
export interface KnownStep {
  readonly fromMs: number
  readonly toMs: number
  readonly stepA: PerPhase
}

interface Sample {
  readonly monoMs: number
  readonly lowerA: PerPhase
}

interface Track {
  last: StationEvidence & { readonly monoMs: number }
  samples: Sample[]
}

export type Tracks = Map<string, Track>

/** Takes the evidence of all connectors under the meter and gives the steps that are new in it. */
export function takeEvidence(
  tracks: Tracks,
  stations: readonly StationEvidence[],
  nowMs: number,
): KnownStep[] {
  const steps: KnownStep[] = []
  for (const evidence of stations) {
    const { monoMs } = evidence
    if (monoMs === undefined) continue
    const track = tracks.get(evidence.key)
    if (track !== undefined && monoMs <= track.last.monoMs) continue
    const known = { ...evidence, monoMs }
    if (track === undefined) {
      tracks.set(evidence.key, { last: known, samples: [{ monoMs, lowerA: evidence.lowerA }] })
      continue
    }
    const step = stepBetween(track.last, known)
    if (step !== undefined) steps.push(step)
    track.last = known
    keepSample(track, { monoMs, lowerA: evidence.lowerA }, nowMs)
  }
  if (tracks.size > stations.length) {
    const present = new Set(stations.map(({ key }) => key))
    for (const key of tracks.keys()) if (!present.has(key)) tracks.delete(key)
  }
  return steps
}

function stepBetween(before: Track['last'], after: Track['last']): KnownStep | undefined {
  if (after.monoMs - before.monoMs > STEP_SPAN_MS) return undefined
  const on = (phase: 0 | 1 | 2): number => {
    const rise = before.upperA[phase] === undefined ? 0 : after.lowerA[phase] - before.upperA[phase]
    const fall = after.upperA[phase] === undefined ? 0 : before.lowerA[phase] - after.upperA[phase]
    return rise > STEP_LEAST_A ? rise : fall > STEP_LEAST_A ? -fall : 0
  }
  const stepA: PerPhase = [on(0), on(1), on(2)]
  if (PHASE_INDEXES.every(phase => stepA[phase] === 0)) return undefined
  return { fromMs: before.monoMs - STATION_LAG_MS, toMs: after.monoMs, stepA }
}

function keepSample(track: Track, sample: Sample, nowMs: number): void {
  const newest = track.samples.at(-1)
  const close = newest !== undefined && sample.monoMs - newest.monoMs < SAMPLES_MS / SAMPLES_KEPT
  if (close)
    track.samples[track.samples.length - 1] = { ...sample, lowerA: minOf(sample.lowerA, newest.lowerA) }
  else track.samples.push(sample)
  while (track.samples.length > 1 && (track.samples[0]?.monoMs ?? nowMs) < nowMs - SAMPLES_MS)
    track.samples.shift()
}

export interface FreshSum {
  readonly sumA: PerPhase
  /** The largest single part of it: one connector may have stopped without having said so yet. */
  readonly largestA: PerPhase
}

/** Lower bounds of what was heard within the lag. */
export function freshSum(stations: readonly StationEvidence[], nowMs: number): FreshSum {
  let sumA: PerPhase = ZERO
  let largestA: PerPhase = ZERO
  for (const { lowerA, monoMs } of stations) {
    if (monoMs === undefined || nowMs - monoMs > STATION_LAG_MS) continue
    sumA = add(sumA, lowerA)
    largestA = maxOf(largestA, lowerA)
  }
  return { sumA, largestA }
}

/**
 * What flowed into the stations one lag ago whatever their delays: of each connector that was heard of before and
 * after that moment, the least of its samples around it.
 */
export function sureSumOneLagAgo(tracks: Tracks, nowMs: number): FreshSum {
  const atMs = nowMs - STATION_LAG_MS
  let sumA: PerPhase = ZERO
  let largestA: PerPhase = ZERO
  for (const { samples } of tracks.values()) {
    const least = leastAround(samples, nowMs - SAMPLES_MS, atMs)
    if (least === undefined) continue
    sumA = add(sumA, least)
    largestA = maxOf(largestA, least)
  }
  return { sumA, largestA }
}

/** The least of the samples since `fromMs`; undefined where none is from before `atMs`, or none from after it. */
function leastAround(samples: readonly Sample[], fromMs: number, atMs: number): PerPhase | undefined {
  let [l1, l2, l3] = [Number.MAX_VALUE, Number.MAX_VALUE, Number.MAX_VALUE]
  let [isBefore, isAfter] = [false, false]
  for (const { monoMs, lowerA } of samples) {
    if (monoMs < fromMs) continue
    if (monoMs <= atMs) isBefore = true
    else isAfter = true
    l1 = Math.min(l1, lowerA[0])
    l2 = Math.min(l2, lowerA[1])
    l3 = Math.min(l3, lowerA[2])
  }
  return isBefore && isAfter ? [l1, l2, l3] : undefined
}

/** Rises and falls of several steps together, each positive, per phase; a step smaller than `leastA` is left out. */
export function risesAndFalls(
  steps: readonly KnownStep[],
  leastA: number,
): { readonly riseA: PerPhase; readonly fallA: PerPhase } {
  const counted = (amps: number) => (amps >= leastA ? amps : 0)
  let riseA: PerPhase = ZERO
  let fallA: PerPhase = ZERO
  for (const { stepA } of steps) {
    riseA = add(riseA, [counted(stepA[0]), counted(stepA[1]), counted(stepA[2])])
    fallA = add(fallA, [counted(-stepA[0]), counted(-stepA[1]), counted(-stepA[2])])
  }
  return { riseA, fallA }
}
