/**
 * The check of a meter's wiring when it is put into service: while somebody starts and stops a car, the meter's phases must
 * move by just what the station says. From what each phase did follow the order of the inputs, their direction and the
 * transformer ratio, with the steps as evidence. It only watches, and proposes: nothing is changed by it.
 * Mutable plain data, one per check. Knows no bus; the judgement of running meters is `meter-judge.ts`.
 */
import type { MeterConfig } from '../config/site.js'
import type { MeterReading } from '../events.js'
import {
  add,
  type PerPhase,
  PHASE_INDEXES,
  PHASE_NAMES,
  type PhaseIndex,
  subtract,
  ZERO,
} from '../site/phases.js'
import { keepPoint, type PathPoint, seen } from './meter-path.js'
import {
  type KnownStep,
  STATION_LAG_MS,
  type StationEvidence,
  type Tracks,
  takeEvidence,
} from './station-evidence.js'

/** A station step smaller than this tells nothing. */
const TELLS_A = 5
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
const STEPS_KEPT = 12
/** What the steps leave unexplained, as a share of them: below the first an order fits, above the second none does. */
const FITS = 0.25
/** Another order explains them as well: the cars stepped alike on both phases. */
const ALIKE = 0.1
/** Within this of 1 the ratio is right. */
const RIGHT_RATIO = [0.93, 1.08] as const
/** It moved by less than this share of the steps: it does not see these stations. */
const SEES_SHARE = 0.05
const ENOUGH = 2

export interface CheckStep {
  readonly monoMs: number
  /** Of the stations by their own meters, and of the meter as it is wired now, A. */
  readonly stationsA: PerPhase
  readonly meterA: PerPhase
}

export interface WiringCheck {
  readonly sinceMs: number
  readonly path: PathPoint[]
  readonly tracks: Tracks
  waiting: KnownStep[]
  /** What each connector drew before the steps that wait. */
  levels: ReadonlyMap<string, PerPhase>
  steps: CheckStep[]
  /** Steps beside which other load moved too much. */
  disturbed: number
  /** Steps before or after which the meter was not read. */
  unread: number
}

/** `path`: what the meter showed lately, so that a step need not be waited for. */
export function newWiringCheck(nowMs: number, path: readonly PathPoint[]): WiringCheck {
  return {
    sinceMs: nowMs,
    path: [...path],
    tracks: new Map(),
    waiting: [],
    levels: new Map(),
    steps: [],
    disturbed: 0,
    unread: 0,
  }
}

/** One poll of the meter, with what is known of the connectors below it. */
export function watchWiring(
  check: WiringCheck,
  reading: MeterReading,
  stations: readonly StationEvidence[],
  nowMs: number,
): void {
  if (reading.currentA !== undefined)
    keepPoint(check.path, { monoMs: reading.monoMs, currentA: reading.currentA })
  check.waiting.push(...takeEvidence(check.tracks, stations, nowMs))
  const levels = levelsOf(stations, check.levels)
  if (check.waiting.length === 0) {
    check.levels = levels
    return
  }
  const beforeMs = Math.min(...check.waiting.map(step => step.fromMs)) + STATION_LAG_MS
  const lastMs = Math.max(...check.waiting.map(step => step.toMs))
  // Up to here every station has told what it draws: what the meter does later may be news that is on its way.
  const toldMs = Math.min(...stations.flatMap(({ monoMs }) => monoMs ?? []))
  const isComplete = toldMs >= lastMs + LEVEL_MS && wasReadBy(check.path, toldMs)
  if (!isComplete && nowMs - beforeMs <= LONGEST_MS) return
  const step = stepOf(check, { beforeMs, toMs: toldMs, levels })
  check.waiting = []
  check.levels = levels
  if (step === 'small') return
  if (step === 'disturbed') check.disturbed++
  else if (step === 'unread') check.unread++
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

function stepOf(
  check: WiringCheck,
  { beforeMs, toMs, levels }: { readonly beforeMs: number; readonly toMs: number; readonly levels: Levels },
): CheckStep | 'small' | 'disturbed' | 'unread' {
  let stationsA: PerPhase = ZERO
  for (const [key, level] of levels) {
    const before = check.levels.get(key)
    if (before !== undefined) stationsA = add(stationsA, subtract(level, before))
  }
  if (Math.max(...stationsA.map(Math.abs)) < TELLS_A) return 'small'
  if (toMs - beforeMs > LONGEST_MS) return 'disturbed'
  const readMs = check.path.findLast(({ monoMs }) => monoMs <= beforeMs - LATE_NEWS_MS)?.monoMs
  if (readMs === undefined || readMs < beforeMs - OLDEST_LEVEL_MS) return 'unread'
  const [l1, l2, l3] = PHASE_INDEXES.map(phase => seen(check.path, phase, readMs - LEVEL_MS, toMs))
  if (l1 === undefined || l2 === undefined || l3 === undefined) return 'unread'
  const isQuiet = [l1, l2, l3].every(({ netA, dropA, climbA }) => {
    const back = netA >= 0 ? dropA : climbA
    return back <= BACK_SHARE * Math.abs(netA) + BACK_SHARE * TELLS_A
  })
  return isQuiet ? { monoMs: toMs, stationsA, meterA: [l1.netA, l2.netA, l3.netA] } : 'disturbed'
}

export type WiringFinding =
  /** Too few steps yet. */
  | { readonly kind: 'waiting' }
  /** It moves by (almost) nothing: another circuit, frozen, not connected. */
  | { readonly kind: 'does not see' }
  /** No order, direction and ratio explain what it did. */
  | { readonly kind: 'unclear' }
  | {
      readonly kind: 'found'
      /** What to write to the configuration; absent keys are right as they are. */
      readonly change: Pick<MeterConfig, 'invert' | 'phaseMap' | 'ctRatio'>
      /** Site phases whose transformer sits the other way round while others do not: no setting mends that. */
      readonly turned: readonly (typeof PHASE_NAMES)[number][]
      /** Phases that stepped alike: their order is not shown. A car on one phase shows it. */
      readonly orderUnknown: boolean
      /**
       * The order is not the one that is configured, and more than one other explains the steps: a car on another phase tells
       * which. Empty where it may be as configured, or `change` names it.
       */
      readonly otherMaps: readonly PhaseMap[]
      /** Site phases that no step has shown. */
      readonly unseen: readonly (typeof PHASE_NAMES)[number][]
      /** What the meter shows of what flows, 1 = all. */
      readonly share: number
    }

/** Meter phase by index → the site phase it really hangs on. */
export type Order = readonly [PhaseIndex, PhaseIndex, PhaseIndex]
const ORDERS: readonly Order[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]
const MAPS = ['L1L2L3', 'L1L3L2', 'L2L1L3', 'L2L3L1', 'L3L1L2', 'L3L2L1'] as const

type PhaseMap = (typeof MAPS)[number]
type Wiring = Pick<MeterConfig, 'invert' | 'phaseMap' | 'ctRatio'>

/** What follows from the steps so far, for a meter that is wired as `wiring` says now. */
export function wiringFinding(check: WiringCheck, wiring: Wiring): WiringFinding {
  const steps = agreeingSteps(check)
  if (steps.length < ENOUGH) return { kind: 'waiting' }
  const stationSq = sumSq(steps.map(({ stationsA }) => stationsA))
  const meterSq = sumSq(steps.map(({ meterA }) => meterA))
  if (Math.sqrt(meterSq / stationSq) < SEES_SHARE) return { kind: 'does not see' }
  const fits = bestFits(steps)
  const [best] = fits
  if (best === undefined || best.off > FITS) return { kind: 'unclear' }
  const alike = fits.filter(({ off }) => off - best.off < ALIKE)
  // As it is configured, where that explains it as well as anything.
  const asConfigured = alike.find(({ order }) => order.every((to, from) => to === from))
  const configured = wiring.phaseMap ?? 'L1L2L3'
  const isOpen = alike.length > 1
  const otherMaps =
    isOpen && asConfigured === undefined
      ? alike.flatMap(({ order }) => composed(order, configured) ?? [])
      : []
  return found(steps, asConfigured ?? best, { orderUnknown: isOpen, otherMaps, wiring })
}

/**
 * The steps that one wiring explains, up to the newest: those before it was mended say nothing of it as it is now. All of them
 * where no two that follow one another agree.
 */
export function agreeingSteps({ steps }: WiringCheck): readonly CheckStep[] {
  for (let from = 0; from <= steps.length - ENOUGH; from++) {
    const newest = steps.slice(from)
    if ((bestFits(newest)[0]?.off ?? Number.MAX_VALUE) <= FITS) return newest
  }
  return steps
}

/** Best first. */
const bestFits = (steps: readonly CheckStep[]): readonly Fit[] =>
  ORDERS.map(order => fitOf(steps, order)).sort((a, b) => a.off - b.off)

/** Every order of the inputs that explains the steps as well as the best does; empty where none does. */
export function fittingOrders(check: WiringCheck): readonly Order[] {
  const steps = agreeingSteps(check)
  const fits = bestFits(steps)
  const [best] = fits
  if (steps.length < ENOUGH || best === undefined || best.off > FITS) return []
  return fits.filter(({ off }) => off - best.off < ALIKE).map(({ order }) => order)
}

interface Fit {
  /** Meter phase by index → the site phase it really hangs on. */
  readonly order: Order
  readonly signs: PerPhase
  readonly share: number
  /** Unexplained, as a share of the steps. */
  readonly off: number
}

function fitOf(steps: readonly CheckStep[], order: Order): Fit {
  const along = (phase: PhaseIndex): number =>
    steps.reduce((sum, { stationsA, meterA }) => sum + stationsA[order[phase]] * meterA[phase], 0)
  const sign = (phase: PhaseIndex): number => (along(phase) < 0 ? -1 : 1)
  const signs: PerPhase = [sign(0), sign(1), sign(2)]
  const stationSq = sumSq(steps.map(({ stationsA }) => stationsA))
  const share = PHASE_INDEXES.reduce<number>((sum, phase) => sum + Math.abs(along(phase)), 0) / stationSq
  const offSq = steps.reduce(
    (sum, { stationsA, meterA }) =>
      sum +
      PHASE_INDEXES.reduce<number>(
        (part, phase) => part + (meterA[phase] - signs[phase] * share * stationsA[order[phase]]) ** 2,
        0,
      ),
    0,
  )
  return { order, signs, share, off: share === 0 ? Number.MAX_VALUE : Math.sqrt(offSq / stationSq) / share }
}

function found(
  steps: readonly CheckStep[],
  { order, signs, share }: Fit,
  {
    orderUnknown,
    otherMaps,
    wiring,
  }: { readonly orderUnknown: boolean; readonly otherMaps: readonly PhaseMap[]; readonly wiring: Wiring },
): WiringFinding {
  const moved = PHASE_INDEXES.filter(site =>
    steps.some(({ stationsA }) => Math.abs(stationsA[site]) >= TELLS_A),
  )
  const turnedAt = PHASE_INDEXES.filter(phase => signs[phase] < 0 && moved.includes(order[phase])).map(
    phase => order[phase],
  )
  // One phase alone does not tell whether the others are turned too: inverting them with it could hide what they draw.
  const isInverted = moved.length > 1 && turnedAt.length === moved.length
  const ratio = 1 / share
  const phaseMap = orderUnknown ? undefined : composed(order, wiring.phaseMap ?? 'L1L2L3')
  const isRight = share >= RIGHT_RATIO[0] && share <= RIGHT_RATIO[1]
  return {
    kind: 'found',
    change: {
      ...(isInverted && { invert: wiring.invert !== true }),
      ...(phaseMap !== undefined && phaseMap !== (wiring.phaseMap ?? 'L1L2L3') && { phaseMap }),
      ...(!isRight && { ctRatio: Number(((wiring.ctRatio ?? 1) * ratio).toPrecision(3)) }),
    },
    turned: isInverted ? [] : turnedAt.map(site => PHASE_NAMES[site]),
    orderUnknown,
    otherMaps,
    unseen: PHASE_INDEXES.filter(site => !moved.includes(site)).map(site => PHASE_NAMES[site]),
    share: Number(share.toPrecision(3)),
  }
}

/** The inputs are configured on these site phases; what is shown there hangs on those. */
export function composed(order: Order, configured: string): PhaseMap | undefined {
  const inputs = PHASE_INDEXES.map(input => {
    const shownOn = PHASE_INDEXES.find(
      site => configured.slice(input * 2, input * 2 + 2) === PHASE_NAMES[site],
    )
    return shownOn === undefined ? '' : PHASE_NAMES[order[shownOn]]
  })
  return MAPS.find(map => map === inputs.join(''))
}

function sumSq(values: readonly PerPhase[]): number {
  return values.reduce((sum, [a, b, c]) => sum + a * a + b * b + c * c, 0)
}
