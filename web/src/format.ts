/** Numbers, times and words as the page writes them. */

import type { PerPhase } from '../../src/core/site/phases.js'
import type { CircuitView, ConnectorView } from '../../src/core/view/document.js'
import { otherLoadWhy } from './words/from-core.js'
import { decimals, number, when } from './words/numbers.js'
import { site } from './words/site.js'
import { stations } from './words/stations.js'

export const PHASES = [0, 1, 2] as const
export const PHASE_LABELS = ['L1', 'L2', 'L3'] as const

/** "57.2"; whole amps from 100 on, and a plain "0". */
export function amps(valueA: number): string {
  if (Math.abs(valueA) < 0.05) return '0'
  return decimals(valueA, Math.abs(valueA) >= 99.95 ? 0 : 1)
}

/** "98", "58.8": a limit without an empty decimal. */
export function limitText(valueA: number): string {
  return number(valueA)
}

/** "≈ 57.2" where it is an estimate. */
export function seen(valueA: number, isEstimate: boolean | undefined): string {
  return isEstimate === true ? `≈ ${amps(valueA)}` : amps(valueA)
}

/** Whether more than its limit really flows in a circuit; an estimate is no proof. */
export function isOver({ measuredA, measuredSource, limitA }: CircuitView): boolean {
  return measuredA !== undefined && measuredSource !== 'estimate' && worst(measuredA) > limitA
}

/** What can still be given out, in words: set aside twice over is no fault of the circuit. */
export function roomText(circuit: CircuitView): string {
  const room = least(circuit.headroomA)
  return room >= 0.05 ? `${amps(room)} A` : site('none')
}

/** Why nothing is free although the circuit is not over its limit. */
export function roomTitle(circuit: CircuitView): string {
  const room = least(circuit.headroomA)
  if (room > -0.05) return ''
  return site('setAside', { amps: amps(-room) })
}

export function worst(values: PerPhase): number {
  return Math.max(values[0], values[1], values[2])
}

export function least(values: PerPhase): number {
  return Math.min(values[0], values[1], values[2])
}

/** "0.4 s", "42 s", "3 min", "2 h", "4 d". */
export function duration(ms: number): string {
  if (ms < 9950) return `${decimals(ms / 1000, 1)} s`
  if (ms < 119_500) return `${Math.round(ms / 1000)} s`
  if (ms < 119.5 * 60_000) return site('unitMinutes', { count: Math.round(ms / 60_000) })
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`
  return site('unitDays', { count: Math.round(ms / 86_400_000) })
}

/** Local time of day, "14:03:22". */
export function timeOfDay(iso: string): string {
  return when(iso, 'time')
}

export function sinceText(iso: string, nowIso: string): string {
  return duration(Math.max(0, Date.parse(nowIso) - Date.parse(iso)))
}

export function energy(wh: number): string {
  return wh < 1_000_000 ? `${decimals(wh / 1000, 1)} kWh` : `${decimals(wh / 1e6, 1)} MWh`
}

export function power(w: number): string {
  return `${decimals(w / 1000, 1)} kW`
}

export type Look = 'charging' | 'paused' | 'full' | 'plugged' | 'free' | 'off' | 'fault' | 'unknown' | 'gone'

/** What a connector looks like: nine shapes for ten statuses and a lost station. */
export function lookOf(connector: ConnectorView, connected: boolean): Look {
  if (!connected) return 'gone'
  switch (connector.status) {
    case 'Charging':
      return 'charging'
    case 'SuspendedEVSE':
      return 'paused'
    case 'SuspendedEV':
      return 'full'
    case 'Preparing':
    case 'Finishing':
      return 'plugged'
    case 'Available':
      return 'free'
    case 'Reserved':
    case 'Unavailable':
      return 'off'
    case 'Faulted':
      return 'fault'
    case 'unknown':
      return 'unknown'
  }
}

/** The status in words. */
export function statusText(connector: ConnectorView, connected: boolean): string {
  const { status, errorCode } = connector
  if (!connected) return stations('notConnected')
  return status === 'Faulted' && errorCode !== undefined
    ? stations('faultedBy', { code: errorCode })
    : stations(status)
}

/** A status of OCPP 1.6 §7.7 in words; as it came where it is none. */
export function statusWord(status: string): string {
  const known = STATUSES.find(one => one === status)
  return known === undefined ? status : stations(known)
}

const STATUSES = [
  ...(['Available', 'Preparing', 'Charging', 'SuspendedEVSE', 'SuspendedEV', 'Finishing'] as const),
  ...(['Reserved', 'Unavailable', 'Faulted', 'unknown'] as const),
] satisfies readonly ConnectorView['status'][]

/** Other load as decisions reckon with it, on the phase with the most. */
export interface ReckonedOther {
  readonly mostA: number
  readonly isWorstCase: boolean
  /** Kept beyond it. */
  readonly reserveA: number
  /** As the meter shows it, where decisions do not go by that. */
  readonly measuredA?: number
}

/** A meter that is read again after a doubt is not yet gone by: what it shows is told beside the worst case. */
export function reckonedOther(circuit: CircuitView): ReckonedOther {
  const { otherLoadA, otherLoadSource, otherLoadDoubt, reserveA } = circuit
  const isWorstCase = otherLoadSource === 'worst case'
  if (isWorstCase || otherLoadDoubt === undefined)
    return { mostA: worst(otherLoadA), isWorstCase, reserveA: worst(reserveA) }
  const mostA = Math.max(...PHASES.map(phase => otherLoadA[phase] + reserveA[phase]))
  return { mostA, isWorstCase: true, reserveA: 0, measuredA: worst(otherLoadA) }
}

/** Where the figure of the other load comes from, and why it is the worst case although a meter is there. */
export function otherLoadText(circuit: CircuitView): string {
  const source = site(reckonedOther(circuit).isWorstCase ? 'worst case' : 'measured')
  const why = otherLoadWhy(circuit)
  return why === undefined ? source : `${source}: ${why}`
}
