/**
 * Charging profiles as the cases of the plan order them, and what must come of them: the composite schedule that is
 * shown, and what the station is made to hold (facts/ocpp16.md §3.1, §3.4). Must not know any case.
 */
import { type Fields, holds, same } from '../check.js'
import type { Rig } from './rig.js'

/** `[startPeriod s, limit A]` pairs. */
export type Periods = readonly (readonly [number, number])[]

export const MAXIMUM = { id: 1, purpose: 'ChargePointMaxProfile', stackLevel: 0 } as const
export const DEFAULT = { id: 2, purpose: 'TxDefaultProfile', stackLevel: 0 } as const
export const TRANSACTION = { id: 3, purpose: 'TxProfile', stackLevel: 0 } as const

export interface ProfileOrder {
  readonly id: number
  readonly purpose: 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
  readonly stackLevel: number
  readonly periods: Periods
  readonly durationS: number
  readonly transactionId?: number
  /** ms since 1970; absent = now. */
  readonly startMs?: number
  /** Of the limits; absent = A. */
  readonly unit?: 'A' | 'W'
}

const DAY_MS = 86_400_000
/** A raise waits until the first profiles are laid, which takes long on the worst line, and then comes in steps. */
const RAISE_WITHIN_S = 300
/** A lower goes first: one CALL under way, its own, and the rounding to whole seconds on the worst line. */
const LOWER_WITHIN_S = 15
/** Longer than any period of the plan's vectors. */
const AHEAD_S = 300
const LOOK_MS = 1_000
/** A station's clock is known no better than the line is quick; control rule 6 leaves clocks alone that are so close. */
const CLOCK_TOLERANCE_S = 2
const DUST_A = 0.01

/** An Absolute profile valid from its start for a day. */
export function profile({ station }: Rig, order: ProfileOrder): Fields {
  const { id, purpose, stackLevel, periods, durationS, transactionId, unit = 'A' } = order
  const startMs = wholeSecond(order.startMs ?? station.wallMs())
  return {
    chargingProfileId: id,
    stackLevel,
    chargingProfilePurpose: purpose,
    chargingProfileKind: 'Absolute',
    validFrom: new Date(startMs).toISOString(),
    validTo: new Date(startMs + DAY_MS).toISOString(),
    ...(transactionId !== undefined && { transactionId }),
    chargingSchedule: {
      duration: durationS,
      startSchedule: new Date(startMs).toISOString(),
      chargingRateUnit: unit,
      chargingSchedulePeriod: periods.map(([startPeriod, limit]) => ({ startPeriod, limit })),
    },
  }
}

/** <GetCompositeSchedule for connector 1; undefined where the station itself answered. */
export function composite(rig: Rig, duration: number, chargingRateUnit: 'A' | 'W' = 'A'): Promise<Fields> {
  return rig.contract({
    action: 'GetCompositeSchedule',
    payload: { connectorId: 1, duration, chargingRateUnit },
    expected: ['Accepted'],
  })
}

/** The composite is this, shifted by the seconds since `startMs`; absent = from now. */
export function shows(
  conf: Fields,
  expected: { readonly periods: Periods; readonly startMs?: number; readonly unit?: 'A' | 'W' },
): void {
  if (conf === undefined) return
  const { scheduleStart, connectorId, chargingSchedule } = conf
  same(connectorId, 1, 'connectorId of the composite')
  same(chargingSchedule.chargingRateUnit, expected.unit ?? 'A', 'unit of the composite')
  holds(chargingSchedule.startSchedule === undefined, 'the composite has a startSchedule (errata 3.57)')
  const fromMs = expected.startMs === undefined ? Date.parse(scheduleStart) : wholeSecond(expected.startMs)
  const passedS = (Date.parse(scheduleStart) - fromMs) / 1000
  const found = chargingSchedule.chargingSchedulePeriod.map((period: Fields) => [
    period.startPeriod,
    period.limit,
  ])
  const left = expected.periods.filter(([start], index) => {
    const next = expected.periods[index + 1]
    return (next === undefined || next[0] > passedS) && start - passedS < chargingSchedule.duration
  })
  same(
    found,
    left.map(([start, limit]) => [Math.max(0, start - passedS), limit]),
    'the composite schedule',
  )
}

/**
 * Busbar only: the station is soon made to hold no more than what was commanded, now and for the next minutes, whatever
 * Busbar raises meanwhile. `commandedA` by seconds since `startMs`.
 */
export async function obeyed(
  { station, isBusbar }: Rig,
  commandedA: (second: number) => number,
  startMs = station.wallMs(),
): Promise<void> {
  if (!isBusbar) return
  const fromMs = wholeSecond(startMs)
  const mostA = (second: number): number =>
    Math.max(...[-CLOCK_TOLERANCE_S, 0, CLOCK_TOLERANCE_S].map(by => commandedA(second + by)))
  const excess = (): string | undefined => {
    const sinceS = Math.floor((station.wallMs() - fromMs) / 1000)
    const held = station.profiles.heldA(station.wallMs(), AHEAD_S, station.transaction)
    const at = held.findIndex((heldA, second) => heldA > mostA(sinceS + second) + DUST_A)
    return at < 0
      ? undefined
      : `${held[at]} A held ${at} s ahead where ${commandedA(sinceS + at)} A were commanded`
  }
  await soon({
    station,
    withinS: LOWER_WITHIN_S,
    met: () => excess() === undefined,
    what: () => excess() ?? '',
  })
  // And it stays so while Busbar renews and raises.
  for (let second = 0; second < AHEAD_S / 2; second++) {
    const found = excess()
    holds(found === undefined, found ?? '')
    await station.pause(LOOK_MS)
  }
}

/** Busbar only: without a command the station is soon given more than this by a profile, so that obeying a command shows. */
export async function raisedAbove({ station, isBusbar }: Rig, limitA: number): Promise<void> {
  if (!isBusbar) return
  const heldA = (): number => station.profiles.heldA(station.wallMs(), 1, station.transaction)[0] ?? 0
  await soon({
    withinS: RAISE_WITHIN_S,
    station,
    met: () => station.profiles.isSteered() && heldA() > limitA,
    what: () => `${heldA()} A held, still not given more than ${limitA} A`,
  })
}

async function soon(wait: {
  readonly station: Rig['station']
  readonly withinS: number
  met(): boolean
  what(): string
}): Promise<void> {
  for (let second = 0; second < wait.withinS && !wait.met(); second++) await wait.station.pause(LOOK_MS)
  holds(wait.met(), wait.what())
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}
