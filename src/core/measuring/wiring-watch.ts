/**
 * Watches one meter while somebody, or Busbar itself, starts, stops or lowers a car below it: each step that the stations
 * tell is put beside what the meter did meanwhile. A step that cannot be told apart from other load, from another station or
 * from news that came late is counted as that and never used. It only watches. Mutable plain data, one per check; what
 * follows from the steps is said by `commissioning.ts`.
 */
import type { MeterReading } from '../events.js'
import { add, type PerPhase, PHASE_INDEXES, type PhaseIndex, subtract, ZERO } from '../site/phases.js'
import { keepPoint, levelBetween, type PathPoint, seen } from './meter-path.js'
import {
  type KnownStep,
  STATION_LAG_MS,
  type StationEvidence,
  type Tracks,
  takeEvidence,
} from './station-evidence.js'

/** A station step smaller than this tells nothing. */
export const TELLS_A = 5
/** Level before and after. */
const LEVEL_MS = 5_000
/** What a station tells has been so for as long when it comes: the meter may have moved before it was told. */
const LATE_NEWS_MS = 5_000
/** The level before is the last one read until then, if it is no older than this: a meter misses polls. */
const OLDEST_LEVEL_MS = 20_000
/** A step that goes on for longer is a ramp that other load hides in. */
const LONGEST_MS = 110_000
/** Other load moved too much beside it: the meter went back by this share of the step. */
const BACK_SHARE = 0.35
/** So much of a step, and no less than that, is noticed beside it: another station, or the meter before it was told. */
const BESIDE_SHARE = 0.2
const BESIDE_A = 1.5
/** News this late is found out by what the meter did before it came. */
const LATEST_NEWS_MS = 60_000
const STEPS_KEPT = 12

export interface CheckStep {
  readonly monoMs: number
  /** Of the stations by their own meters, and of the meter as it is wired now, A. */
  readonly stationsA: PerPhase
  readonly meterA: PerPhase
}

/** Why a step is not used. */
export const LOST = ['disturbed', 'unread', 'late'] as const
type Lost = (typeof LOST)[number]

export interface WiringCheck {
  readonly sinceMs: number
  readonly path: PathPoint[]
  readonly tracks: Tracks
  waiting: KnownStep[]
  /** What each connector drew before the steps that wait. */
  levels: Levels
  otherLevels: Levels
  /** What each connector was offered last, and since when that was another. */
  readonly writes: Map<string, { readonly offerA: number; readonly sentMs: number }>
  /** Until here the steps so far explain what the meter did. */
  toldMs: number
  steps: CheckStep[]
  /** Steps beside which other load, or another station, moved too much. */
  disturbed: number
  /** Steps before or after which the meter was not read. */
  unread: number
  /** Steps before whose news the meter had moved. */
  late: number
}

/** `path`: what the meter showed lately, so that a step need not be waited for. */
export function newWiringCheck(nowMs: number, path: readonly PathPoint[]): WiringCheck {
  return {
    sinceMs: nowMs,
    path: [...path],
    tracks: new Map(),
    waiting: [],
    levels: new Map(),
    otherLevels: new Map(),
    writes: new Map(),
    toldMs: nowMs - LEVEL_MS,
    steps: [],
    disturbed: 0,
    unread: 0,
    late: 0,
  }
}

export interface Around {
  /** Whose steps the meter has to follow. */
  readonly stations: readonly StationEvidence[]
  /** All others below the meter: they are to stand still. */
  readonly others: readonly StationEvidence[]
}

/** One poll of the meter, with what is known of the connectors below it. */
export function watchWiring(
  check: WiringCheck,
  reading: MeterReading,
  { stations, others }: Around,
  nowMs: number,
): void {
  if (reading.currentA !== undefined)
    keepPoint(check.path, { monoMs: reading.monoMs, currentA: reading.currentA })
  check.waiting.push(...takeEvidence(check.tracks, stations, nowMs))
  const levels = levelsOf(stations, check.levels)
  const otherLevels = levelsOf(others, check.otherLevels)
  noteWrites(check, stations)
  if (check.waiting.length === 0) {
    Object.assign(check, { levels, otherLevels })
    return
  }
  const toldOfMs = Math.min(...check.waiting.map(step => step.fromMs)) + STATION_LAG_MS
  const writtenMs = writtenSince(check, levels)
  const beforeMs = Math.min(toldOfMs, writtenMs ?? toldOfMs)
  const lastMs = Math.max(...check.waiting.map(step => step.toMs))
  // Up to here every station has told what it draws: what the meter does later may be news that is on its way.
  const toldMs = Math.min(...stations.flatMap(({ monoMs }) => monoMs ?? []))
  const isComplete = toldMs >= lastMs + LEVEL_MS && wasReadBy(check.path, toldMs)
  if (!isComplete && nowMs - beforeMs <= LONGEST_MS) return
  const step = stepOf(check, { beforeMs, toldOfMs, writtenMs, toMs: toldMs, levels, otherLevels })
  check.waiting = []
  check.toldMs = toldMs
  Object.assign(check, { levels, otherLevels })
  if (step === 'small') return
  if (typeof step === 'string') check[step]++
  else check.steps = [...check.steps, step].slice(-STEPS_KEPT)
}

const wasReadBy = (path: readonly PathPoint[], atMs: number): boolean =>
  path.some(({ monoMs }) => monoMs >= atMs - LEVEL_MS && monoMs <= atMs)

type Levels = ReadonlyMap<string, PerPhase>

/** What each connector draws: the middle of what is known; of one that has just fallen silent what it said last. */
function levelsOf(stations: readonly StationEvidence[], before: Levels): Levels {
  return new Map(
    stations.flatMap(({ key, lowerA, upperA, monoMs }): [string, PerPhase][] => {
      const last = before.get(key)
      if (monoMs === undefined) return last === undefined ? [] : [[key, last]]
      const middle = (phase: PhaseIndex): number => (lowerA[phase] + (upperA[phase] ?? lowerA[phase])) / 2
      return [[key, [middle(0), middle(1), middle(2)]]]
    }),
  )
}

/** When each connector was offered something else last, or when a step is seen, before that. */
function noteWrites({ waiting, writes, toldMs }: WiringCheck, stations: readonly StationEvidence[]): void {
  for (const { key, own } of stations) {
    const before = writes.get(key)
    if (own === undefined || own.offerA === before?.offerA) continue
    const isMore = waiting.length > 0 && before !== undefined && before.sentMs > toldMs
    writes.set(key, { offerA: own.offerA, sentMs: isMore ? before.sentMs : own.sentMs })
  }
}

/** When the step was ordered, where each connector that steps was offered something else; undefined = by its car. */
function writtenSince({ writes, toldMs, levels }: WiringCheck, now: Levels): number | undefined {
  const stepped = [...now.keys()].filter(key => mostOf(changeOf(key, levels, now)) >= BESIDE_A)
  const sentMs = stepped.map(key => writes.get(key)?.sentMs ?? Number.NEGATIVE_INFINITY)
  return sentMs.length > 0 && sentMs.every(ms => ms > toldMs) ? Math.min(...sentMs) : undefined
}

function changeOf(key: string, before: Levels, after: Levels): PerPhase {
  const [from, to] = [before.get(key), after.get(key)]
  return from === undefined || to === undefined ? ZERO : subtract(to, from)
}

const mostOf = (amps: PerPhase): number => Math.max(...amps.map(Math.abs))

interface Span {
  /** Not before, by what Busbar wrote and by what the station told. */
  readonly beforeMs: number
  readonly writtenMs: number | undefined
  /** Until then the station told the level before. */
  readonly toldOfMs: number
  readonly toMs: number
  readonly levels: Levels
  readonly otherLevels: Levels
}

function stepOf(check: WiringCheck, span: Span): CheckStep | 'small' | Lost {
  const { beforeMs, writtenMs, toldOfMs, toMs, levels, otherLevels } = span
  let stationsA: PerPhase = ZERO
  for (const key of levels.keys()) stationsA = add(stationsA, changeOf(key, check.levels, levels))
  const stepA = mostOf(stationsA)
  if (stepA < TELLS_A) return 'small'
  if (toMs - beforeMs > LONGEST_MS) return 'disturbed'
  const besideA = Math.max(BESIDE_A, BESIDE_SHARE * stepA)
  for (const key of otherLevels.keys())
    if (mostOf(changeOf(key, check.otherLevels, otherLevels)) >= besideA) return 'disturbed'
  const levelMs = writtenMs === undefined ? beforeMs - LATE_NEWS_MS : beforeMs
  const readMs = check.path.findLast(({ monoMs }) => monoMs <= levelMs)?.monoMs
  if (readMs === undefined || readMs < levelMs - OLDEST_LEVEL_MS) return 'unread'
  const [l1, l2, l3] = PHASE_INDEXES.map(phase => seen(check.path, phase, readMs - LEVEL_MS, toMs))
  if (l1 === undefined || l2 === undefined || l3 === undefined) return 'unread'
  const fromMs = writtenMs === undefined ? Math.max(check.toldMs, readMs - LATEST_NEWS_MS) : readMs
  const isLate = hasMoved(check.path, { fromMs, toMs: toldOfMs - LATE_NEWS_MS, byA: besideA })
  if (isLate) return 'late'
  const isQuiet = [l1, l2, l3].every(({ netA, dropA, climbA }) => {
    const back = netA >= 0 ? dropA : climbA
    return back <= BACK_SHARE * Math.abs(netA) + BACK_SHARE * TELLS_A
  })
  return isQuiet ? { monoMs: toMs, stationsA, meterA: [l1.netA, l2.netA, l3.netA] } : 'disturbed'
}

/** The meter went to another level while the station told none: it may be this step, told late. */
function hasMoved(
  path: readonly PathPoint[],
  { fromMs, toMs, byA }: { readonly fromMs: number; readonly toMs: number; readonly byA: number },
): boolean {
  if (toMs - fromMs < 1_000) return false
  return PHASE_INDEXES.some(phase => {
    const before = levelBetween(path, phase, fromMs - LEVEL_MS, fromMs)
    const after = levelBetween(path, phase, Math.max(fromMs, toMs - 2_000), toMs)
    return before !== undefined && after !== undefined && Math.abs(after - before) >= byA
  })
}
