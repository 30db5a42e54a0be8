/**
 * What a session has taken by its energy register, also where that goes back, jumps or is silent: at least as much as was
 * seen, at most what the connector can give in the time nobody saw. Pure; Wh, W and monotonic ms (proxy rules; I6).
 */
import type { ConnectorConfig } from '../config/site.js'
import { wiredPhases } from '../site/phases.js'
import { isRegister } from './meter-values.js'

/**
 * What is wrong with a register: where it began nobody knows, it stood lower than before, or higher than the connector can
 * have given.
 */
export const REGISTER_DOUBTS = ['start unknown', 'went back', 'jumped'] as const
export type RegisterDoubt = (typeof REGISTER_DOUBTS)[number]

export interface EnergyCount {
  /** Where counting goes on from; undefined before the first value of a session whose start is not known. */
  readonly registerWh: number | undefined
  readonly atMs: number
  /** Surely taken. */
  readonly leastWh: number
  /** Until `atMs`. */
  readonly mostWh: number
  /** The last thing that was wrong; then `leastWh` is all that is known. */
  readonly doubt?: RegisterDoubt
}

/** A value of the register. */
export interface RegisterValue {
  readonly registerWh: number
  readonly atMs: number
  /** How long after the one before the station took it, by its own clock: what waited on its way comes in a burst. */
  readonly ownSpanMs?: number | undefined
}

const HOUR_MS = 3_600_000
/** Nothing gives more than twice its rating: that is the register's fault. */
const TIMES_RATED = 2
/** Voltage may be above nominal by this (EN 50160). */
const MOST_VOLTAGE = 1.1
/** A register may move in steps of 1 kWh, and a station's times are rounded. */
const STEP_WH = 2_000
/** A station's own time may stretch one span to this. */
const LONGEST_SPAN_MS = 7 * 24 * HOUR_MS

/** W at nominal voltage on all phases. */
export function ratedPowerW(
  { phases, maxCurrentA }: Pick<ConnectorConfig, 'phases' | 'maxCurrentA'>,
  nominalVoltageV: number,
): number {
  return wiredPhases(phases).filter(Boolean).length * maxCurrentA * nominalVoltageV
}

/** The same of each connector by its id; of one nobody configured: the largest of the station. */
export function ratedPowersOf(
  connectors: readonly ConnectorConfig[],
  nominalVoltageV: number,
): (connectorId: number) => number {
  const byId = new Map(connectors.map(one => [one.id, ratedPowerW(one, nominalVoltageV)]))
  const mostW = Math.max(...byId.values())
  return connectorId => byId.get(connectorId) ?? mostW
}

export function beganAt(registerWh: number | undefined, atMs: number): EnergyCount {
  const doubt = registerWh === undefined ? { doubt: 'start unknown' as const } : {}
  return { registerWh, atMs, leastWh: 0, mostWh: 0, ...doubt }
}

/** The count with one more value. One that came before is no step: the caller gives them in order. */
export function counted(before: EnergyCount, value: RegisterValue, ratedW: number): EnergyCount {
  const { registerWh, atMs } = value
  const unseenMs = Math.max(0, atMs - before.atMs)
  const lastMs = Math.max(atMs, before.atMs)
  const unseenWh = (ratedW * MOST_VOLTAGE * unseenMs) / HOUR_MS
  const doubt = before.doubt === undefined ? {} : { doubt: before.doubt }
  if (before.registerWh === undefined)
    return { registerWh, atMs: lastMs, leastWh: before.leastWh, mostWh: before.mostWh + unseenWh, ...doubt }
  const stepWh = registerWh - before.registerWh
  const wrong =
    stepWh < 0 ? 'went back' : isTooMuch(stepWh, value, { unseenMs, ratedW }) ? 'jumped' : undefined
  if (wrong !== undefined)
    return {
      registerWh,
      atMs: lastMs,
      leastWh: before.leastWh,
      mostWh: before.mostWh + unseenWh,
      doubt: wrong,
    }
  return {
    registerWh,
    atMs: lastMs,
    leastWh: before.leastWh + stepWh,
    mostWh: before.mostWh + stepWh,
    ...doubt,
  }
}

function isTooMuch(
  stepWh: number,
  { ownSpanMs = 0 }: RegisterValue,
  { unseenMs, ratedW }: { readonly unseenMs: number; readonly ratedW: number },
): boolean {
  const spanMs = Math.max(unseenMs, Math.min(ownSpanMs, LONGEST_SPAN_MS))
  return stepWh > mostBetween(ratedW, spanMs)
}

/** More than this in the time is not energy but a fault of the register. */
export function mostBetween(ratedW: number, spanMs: number): number {
  return (ratedW * TIMES_RATED * Math.max(0, spanMs)) / HOUR_MS + STEP_WH
}

/** Two ends of a session as its register and its station's clock tell them. */
export interface SessionEnds {
  readonly meterStartWh: number
  readonly meterStopWh: number
  /** By the station; undefined where it does not say. */
  readonly fromWallMs: number | undefined
  readonly toWallMs: number | undefined
}

/** What a session took, Wh; undefined where its registers or its times cannot be. */
export function energyBetween(ends: SessionEnds, ratedW: number): number | undefined {
  const { meterStartWh, meterStopWh, fromWallMs, toWallMs } = ends
  const tookWh = meterStopWh - meterStartWh
  if (!isRegister(meterStartWh) || !isRegister(meterStopWh) || tookWh < 0) return undefined
  const isTimed = fromWallMs !== undefined && toWallMs !== undefined && toWallMs >= fromWallMs
  const spanMs = isTimed ? Math.min(toWallMs - fromWallMs, LONGEST_SESSION_MS) : LONGEST_SPAN_MS
  return tookWh <= mostBetween(ratedW, spanMs) ? tookWh : undefined
}

const LONGEST_SESSION_MS = 366 * 24 * HOUR_MS

/** When it may have taken `wh` at the earliest, if nothing more is seen; monotonic ms. */
export function mayReachAtMs({ atMs, mostWh }: EnergyCount, wh: number, ratedW: number): number {
  return atMs + (Math.max(0, wh - mostWh) * HOUR_MS) / (ratedW * MOST_VOLTAGE)
}
