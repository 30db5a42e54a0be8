/**
 * The wiring test of one station: while its car alone starts and stops, every meter of the site is watched, and what each
 * did says how the station hangs: on another feeder, with its phases in another order, under a transformer that sits the
 * wrong way round, under a meter with another ratio. It only watches and names; nothing is changed by it.
 * Mutable plain data, one per test. What a single meter did is judged by `commissioning.ts`.
 */
import type { MeterConfig } from '../config/site.js'
import type { MeterReading } from '../events.js'
import {
  PHASE_INDEXES,
  PHASE_NAMES,
  type PhaseIndex,
  type PhaseName,
  type PhaseRotation,
} from '../site/phases.js'
import { agreeingSteps, composed, fittingOrders, type Order, wiringFinding } from './commissioning.js'
import type { PathPoint } from './meter-path.js'
import type { StationEvidence } from './station-evidence.js'
import { type Around, type CheckStep, newWiringCheck, type WiringCheck, watchWiring } from './wiring-watch.js'

/** A meter of another feeder shows the station's steps when it follows at least this share of them, and at most that. */
const FOLLOWS = [0.4, 2.5] as const
/** One phase moved alone: the others by less than this share of it. */
const ALONE = 0.25
const LEAST_STEP_A = 3

export interface StationWiring {
  readonly stationId: string
  /** The meter that must follow: the nearest above the station. */
  readonly meterId: string
  /** One watch per meter, by id; those above `meterId` follow as well and say nothing more. */
  readonly watches: ReadonlyMap<string, WiringCheck>
}

export interface WatchedMeter {
  readonly id: string
  /** What it showed lately, so that a step need not be waited for. */
  readonly path: readonly PathPoint[]
}

export function newStationWiring(
  stationId: string,
  meterId: string,
  { meters, nowMs }: { readonly meters: readonly WatchedMeter[]; readonly nowMs: number },
): StationWiring {
  const watches = new Map(meters.map(({ id, path }) => [id, newWiringCheck(nowMs, path)]))
  return { stationId, meterId, watches }
}

/** One reading of any meter; `stations` are the connectors of this station alone, `others` what else hangs below it. */
export function watchStation(
  test: StationWiring,
  reading: MeterReading,
  { stations, others }: Around,
  nowMs: number,
): void {
  const watch = test.watches.get(reading.meterId)
  if (watch !== undefined) watchWiring(watch, reading, { stations: stations.map(asDrawn), others }, nowMs)
}

/**
 * Of a station whose rotation is not known a car on one phase may draw on any, and surely on none. All of it is taken for each
 * here, so that its steps are steps: the meter shows where they are.
 */
function asDrawn(evidence: StationEvidence): StationEvidence {
  const [l1, l2, l3] = evidence.upperA
  if (evidence.lowerA.some(amps => amps > 0) || l1 === undefined || l2 === undefined || l3 === undefined)
    return evidence
  return { ...evidence, lowerA: [l1, l2, l3] }
}

export type StationWiringFault =
  /** The meter that must follow stands still, and that of another feeder moves. */
  | { readonly kind: 'other-feeder'; readonly meterId: string }
  /** Nobody sees it: the meter of its feeder stands still, and so do all others. */
  | { readonly kind: 'not-seen' }
  /**
   * The order of the phases: the station's rotation is one of these, or the meter's map one of those; a second station tells
   * which. Of a car on one phase two are left, and the plan tells which.
   */
  | {
      readonly kind: 'order'
      readonly phaseRotations: readonly PhaseRotation[]
      readonly phaseMaps: readonly NonNullable<MeterConfig['phaseMap']>[]
    }
  /** The rotation is not configured; the station's first conductor hangs on this phase. */
  | { readonly kind: 'first-phase'; readonly phase: PhaseName }
  /** These transformers count backwards, others do not: turn them round. */
  | { readonly kind: 'reversed'; readonly phases: readonly PhaseName[] }
  /** All count backwards: `invert` at the meter. */
  | { readonly kind: 'inverted'; readonly invert: boolean }
  /** It shows `share` of what flows. */
  | { readonly kind: 'factor'; readonly share: number; readonly ctRatio: number }

  /** Told to draw less, its car went on: what the meter shows says nothing. */
  | { readonly kind: 'not-followed'; readonly toldA: number; readonly drawnA: number }

export interface StationWiringFinding {
  readonly kind: 'waiting' | 'unclear' | 'judged'
  /** Empty with `judged`: the meter follows this station as both are configured. */
  readonly faults: readonly StationWiringFault[]
  readonly steps: readonly CheckStep[]
  readonly disturbed: number
  readonly unread: number
  readonly late: number
  /** The car steps alike on several phases: their order is not shown. */
  readonly orderUnknown: boolean
  readonly unseen: readonly PhaseName[]
}

export interface WiredAs {
  readonly rotation: PhaseRotation
  /** Of the meter that must follow. */
  readonly meter: Pick<MeterConfig, 'invert' | 'phaseMap' | 'ctRatio'>
  /** Meters above the nearest: they see everything below. */
  readonly above: ReadonlySet<string>
}

export function stationWiringFinding(test: StationWiring, wired: WiredAs): StationWiringFinding {
  const own = test.watches.get(test.meterId)
  const steps = own === undefined ? [] : agreeingSteps(own)
  const { disturbed = 0, unread = 0, late = 0 } = own ?? {}
  const seen = { steps, disturbed, unread, late }
  const nothing = { ...seen, faults: [], orderUnknown: false, unseen: [] }
  if (own === undefined) return { kind: 'unclear', ...nothing }
  const finding = wiringFinding(own, wired.meter)
  if (finding.kind === 'waiting') return { kind: late > 0 ? 'unclear' : 'waiting', ...nothing }
  if (finding.kind === 'does not see') {
    const meterId = followerOf(test, wired.above)
    const fault =
      meterId === undefined ? ({ kind: 'not-seen' } as const) : ({ kind: 'other-feeder', meterId } as const)
    return { kind: 'judged', ...nothing, faults: [fault] }
  }
  if (wired.rotation === 'Unknown') {
    const phase = lonePhase(steps)
    if (phase !== undefined)
      return { kind: 'judged', ...nothing, faults: [{ kind: 'first-phase', phase: PHASE_NAMES[phase] }] }
  }
  if (finding.kind === 'unclear') return { kind: 'unclear', ...nothing }
  const { change, turned, share, orderUnknown, unseen } = finding
  const orders = fittingOrders(own)
  const faults: StationWiringFault[] = []
  // As it is configured, where that explains it as well as anything.
  if (!orders.some(order => order.every((to, from) => to === from)))
    faults.push({
      kind: 'order',
      phaseRotations: ROTATIONS.filter(one => orders.some(order => rotated(wired.rotation, order) === one)),
      phaseMaps: orders.flatMap(order => composed(order, wired.meter.phaseMap ?? 'L1L2L3') ?? []),
    })
  if (change.invert !== undefined) faults.push({ kind: 'inverted', invert: change.invert })
  if (turned.length > 0) faults.push({ kind: 'reversed', phases: turned })
  if (change.ctRatio !== undefined) faults.push({ kind: 'factor', share, ctRatio: change.ctRatio })
  return { kind: 'judged', ...seen, faults, orderUnknown, unseen }
}

/** The meter of another feeder that moved as the station did. */
function followerOf(test: StationWiring, above: ReadonlySet<string>): string | undefined {
  for (const [id, watch] of test.watches) {
    if (id === test.meterId || above.has(id)) continue
    const finding = wiringFinding(watch, {})
    if (finding.kind === 'found' && finding.share >= FOLLOWS[0] && finding.share <= FOLLOWS[1]) return id
  }
  return undefined
}

/** The only phase of the meter that moved; undefined where several did, or none. */
function lonePhase(steps: readonly CheckStep[]): PhaseIndex | undefined {
  const moved = PHASE_INDEXES.map(phase =>
    steps.reduce((sum, { meterA }) => sum + Math.abs(meterA[phase]), 0),
  )
  const most = Math.max(...moved)
  if (most < LEAST_STEP_A * steps.length) return undefined
  const [only, ...others] = PHASE_INDEXES.filter(phase => (moved[phase] ?? 0) > ALONE * most)
  return others.length === 0 ? only : undefined
}

const LETTERS = ['R', 'S', 'T'] as const
/** The usual ones first: those that turn the right way. */
const ROTATIONS: readonly PhaseRotation[] = ['RST', 'STR', 'TRS', 'RTS', 'SRT', 'TSR']

/** What the station's rotation would be if the meter is right: where the meter shows what the station says of each phase. */
function rotated(configured: PhaseRotation, order: Order): PhaseRotation {
  const really = (letter: string | undefined): string => {
    return LETTERS[PHASE_INDEXES.find(phase => LETTERS[order[phase]] === letter) ?? 0]
  }
  const text = [configured[0], configured[1], configured[2]].map(really).join('')
  return ROTATIONS.find(known => known === text) ?? 'Unknown'
}
