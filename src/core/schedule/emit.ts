/**
 * The profiles Busbar itself puts on a station (control rules 1-6): fail-safe below, idle and live above, with the lease
 * inside the schedule. Every emitted value is at most what was decided and at most what the CSMS allows, at every second;
 * rounding, the second grid and a station's period count only ever lower it. Nothing here knows what was sent before.
 */
import type {
  ChargingProfile,
  ChargingSchedule,
  ChargingSchedulePeriod,
  RateUnit,
} from './charging-profile.js'
import type { LimitStep } from './composite.js'
import { type Curve, combine, lowestOf, stepsOf } from './curve.js'
import { floorSecond } from './installed.js'

/** How amps per phase are written for this station and car. */
export type EmitUnit =
  | { readonly kind: 'A' }
  /** The lowest plausible voltage and the car's phases; phases unknown = 1 (control rule 5). */
  | { readonly kind: 'W'; readonly voltageV: number; readonly phases: 1 | 2 | 3 }

export interface FailSafeInput {
  /** >= 1: never on connector 0. */
  readonly connectorId: number
  readonly failSafeA: number
  readonly unit: EmitUnit
  readonly stepA: 1 | 0.1
}

export interface LeasedInput extends FailSafeInput {
  readonly stackLevel: number
  readonly nowWallMs: number
  readonly leaseEndWallMs: number
  /** Of all stations of the site: nobody steps up before the last has stepped down. */
  readonly longestLeaseS: number
  readonly clockBoundS: number
  /** Station clock minus ours; undefined = unknown or not to be trusted: then no period may depend on it (control rule 6). */
  readonly stationClockOffsetMs: number | undefined
  /** From `limitSteps`, a window that reaches past the lease (EMIT_WINDOW_MS); the last step holds on. */
  readonly csmsSteps: readonly LimitStep[]
  readonly maxPeriods: number
}

export interface LiveInput extends LeasedInput {
  /** As the station knows it. */
  readonly transactionId: number
  readonly allocationA: number
}

export interface IdleInput extends LeasedInput {
  /** The model holds 0 A; otherwise the fail-safe is offered and stays booked. */
  readonly holdsZero: boolean
}

/** How far ahead CSMS steps are worth carrying: a day without Busbar shows on the page long before. */
export const EMIT_WINDOW_MS = 86_400_000

/** Station answer, PWM change and car together. */
const REACTION_S = 11
/** Before any clock a station may wake up with: a fail-safe must not wait for the time to be set. */
const ALWAYS = '1970-01-01T00:00:00.000Z'
const DUST = 1e-6

const OWN_ID_BASE = 900_000
const OWN_KINDS = { 'fail-safe': 1, idle: 2, live: 3 } as const
export type OwnKind = keyof typeof OWN_KINDS

/** The chargingProfileId Busbar uses: 900 000 + 10 * connector + (1 fail-safe, 2 idle, 3 live). */
export function ownProfileId(kind: OwnKind, connectorId: number): number {
  return OWN_ID_BASE + connectorId * 10 + OWN_KINDS[kind]
}

/** Rule 1: permanent TxDefaultProfile, level 0, one period. */
export function failSafeProfile(input: FailSafeInput): ChargingProfile {
  return {
    chargingProfileId: ownProfileId('fail-safe', input.connectorId),
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      startSchedule: ALWAYS,
      chargingRateUnit: input.unit.kind,
      chargingSchedulePeriod: [period(0, input.failSafeA, input)],
    },
  }
}

/** Rule 2: what a car finds that starts while Busbar has not yet decided. Never above the fail-safe. */
export function idleProfile(input: IdleInput): ChargingProfile {
  const isHeld = input.holdsZero && input.stationClockOffsetMs !== undefined
  return {
    chargingProfileId: ownProfileId('idle', input.connectorId),
    stackLevel: input.stackLevel,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: leasedSchedule(input, isHeld ? 0 : input.failSafeA),
  }
}

/** Rule 3: the allocation until the lease ends, then down, and up to the fail-safe only when all others are down. */
export function liveProfile(input: LiveInput): ChargingProfile {
  return {
    chargingProfileId: ownProfileId('live', input.connectorId),
    transactionId: input.transactionId,
    stackLevel: input.stackLevel,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: leasedSchedule(input, input.allocationA),
  }
}

function leasedSchedule(input: LeasedInput, nowA: number): ChargingSchedule {
  const { stationClockOffsetMs } = input
  if (stationClockOffsetMs === undefined) return timelessSchedule(input, nowA)
  // Begun already by the latest clock the station may have, so that there is no gap before the first period.
  const stationStartMs = floorSecond(input.nowWallMs + stationClockOffsetMs - input.clockBoundS * 1000)
  const startMs = stationStartMs - stationClockOffsetMs
  const leaseEndMs = Math.max(startMs, input.leaseEndWallMs)
  const allDownMs = leaseEndMs + (2 * input.longestLeaseS + input.clockBoundS + REACTION_S) * 1000
  const lease: Curve = [
    { atMs: startMs, limit: { limitA: nowA } },
    { atMs: leaseEndMs, limit: { limitA: Math.min(nowA, input.failSafeA) } },
    { atMs: allDownMs, limit: { limitA: input.failSafeA } },
  ]
  // What the CSMS allows now counts from the start: that lies in the past.
  const nowAt = input.csmsSteps.findLastIndex(({ atMs }) => atMs <= input.nowWallMs)
  const csms: Curve = input.csmsSteps.slice(Math.max(0, nowAt)).map(({ atMs, limitA }) => ({
    atMs: atMs <= input.nowWallMs ? startMs : atMs,
    limit: limitA === undefined ? undefined : { limitA },
  }))
  const lowest = csms.every(({ limit }) => limit === undefined)
    ? stepsOf(lease)
    : combine([lease, csms], { fromMs: startMs, toMs: allDownMs }, lowestOf)
  const unit: RateUnit = input.unit.kind
  return {
    startSchedule: new Date(stationStartMs).toISOString(),
    chargingRateUnit: unit,
    chargingSchedulePeriod: withinPeriods(onSeconds(lowest, startMs, input), input.maxPeriods),
  }
}

/** In force by any clock, and therefore never above the fail-safe: what the CSMS allows at its least until the lease ends. */
function timelessSchedule(input: LeasedInput, nowA: number): ChargingSchedule {
  const untilMs = input.leaseEndWallMs
  const csmsA = input.csmsSteps.flatMap(({ atMs, limitA }) =>
    limitA === undefined || atMs > untilMs ? [] : [limitA],
  )
  return {
    startSchedule: ALWAYS,
    chargingRateUnit: input.unit.kind,
    chargingSchedulePeriod: [period(0, Math.min(nowA, input.failSafeA, ...csmsA), input)],
  }
}

/**
 * The curve on whole seconds from the start: a second that a step falls into has the lower of both sides, so lowers come
 * early and raises late.
 */
function onSeconds(curve: Curve, startMs: number, input: FailSafeInput): readonly ChargingSchedulePeriod[] {
  const offsets = curve.map(({ atMs }) => (atMs - startMs) / 1000)
  const grid: number[] = []
  for (const offset of offsets) {
    // They ascend: a second that is not after the last one is there already.
    for (const second of [Math.floor(offset), Math.ceil(offset)])
      if (second > (grid.at(-1) ?? Number.NEGATIVE_INFINITY)) grid.push(second)
  }
  const periods: ChargingSchedulePeriod[] = []
  let first = 0
  grid.forEach((fromS, i) => {
    const toS = grid[i + 1]
    for (let next = offsets[first + 1]; next !== undefined && next <= fromS; next = offsets[first + 1])
      first++
    let lowestA: number | undefined
    for (let step = first; step < curve.length; step++) {
      if (toS !== undefined && (offsets[step] ?? 0) >= toS) break
      const limitA = curve[step]?.limit?.limitA ?? 0
      lowestA = lowestA === undefined ? limitA : Math.min(lowestA, limitA)
    }
    pushPeriod(periods, period(fromS, lowestA ?? 0, input))
  })
  return periods
}

/** Rule 3: too many periods for the model = the minimum over the last span. */
function withinPeriods(
  periods: readonly ChargingSchedulePeriod[],
  maxPeriods: number,
): readonly ChargingSchedulePeriod[] {
  if (periods.length <= maxPeriods) return periods
  const kept = periods.slice(0, Math.max(0, maxPeriods - 1))
  const rest = periods.slice(kept.length)
  pushPeriod(kept, {
    ...rest[0],
    startPeriod: rest[0]?.startPeriod ?? 0,
    limit: rest.reduce((low, { limit }) => Math.min(low, limit), rest[0]?.limit ?? 0),
  })
  return kept
}

function pushPeriod(periods: ChargingSchedulePeriod[], next: ChargingSchedulePeriod): void {
  if (periods.at(-1)?.limit !== next.limit) periods.push(next)
}

/**
 * Rounded down to what the station obeys. Fewer than three phases are said with watts, because a station divides by three
 * where nothing is said (errata 3.69) and a one-phase car would never get its minimum; amps need no phases (errata 3.34).
 */
function period(startPeriod: number, amps: number, { unit, stepA }: FailSafeInput): ChargingSchedulePeriod {
  const steps = Math.max(0, Math.floor(amps / stepA + DUST))
  const limitA = stepA === 1 ? steps : steps / 10
  if (unit.kind === 'A') return { startPeriod, limit: limitA }
  const limit = Math.floor(limitA * unit.voltageV * unit.phases + DUST)
  return unit.phases === 3 ? { startPeriod, limit } : { startPeriod, limit, numberPhases: unit.phases }
}
