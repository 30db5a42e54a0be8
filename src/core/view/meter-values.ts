/**
 * Everything one meter says now, per phase, beside what the stations below it draw: for whoever stands before it and
 * compares. Of a meter that is absent nothing is shown, because what it said last is not true any more.
 */
import { drawnBelow } from '../control/drawn.js'
import type { Now } from '../control/now.js'
import type { ControlState } from '../control/state.js'
import type { MeterQuality, MeterTraffic } from '../events.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { PHASE_INDEXES, PHASE_NAMES } from '../site/phases.js'

export interface MeterValuesView {
  readonly id: string
  readonly device: string
  readonly quality: MeterQuality
  /** Of the last good reading, ms; absent when there never was one. */
  readonly ageMs?: number
  /** In site phases, import positive. */
  readonly phases: readonly {
    readonly phase: (typeof PHASE_NAMES)[number]
    readonly currentA?: number
    /** Where parts of a meter made of others were read at different moments: between this and `currentA`. */
    readonly lowerA?: number
    readonly voltageV?: number
    readonly powerW?: number
    readonly powerFactor?: number
    /** What the stations below it draw by their own meters; absent where nothing is known. */
    readonly stationsA?: number
    /** Whether the meter has followed known steps of stations on this phase. */
    readonly proven: boolean
  }[]
  /** Part of `stationsA` is not measured. */
  readonly stationsEstimated: boolean
  readonly totalPowerW?: number
  readonly frequencyHz?: number
  readonly importWh?: number
  readonly exportWh?: number
  /** By its own clock, s. */
  readonly clockS?: number
  /** Now. */
  readonly traffic?: MeterTraffic
  readonly fault?: string
  readonly verdict?: string
  readonly doubt?: string
}

/** Undefined when there is no such meter. */
export function meterValues(state: ControlState, meterId: string, now: Now): MeterValuesView | undefined {
  const config = state.site.config.meters.find(({ id }) => id === meterId)
  if (config === undefined) return undefined
  const { quality, ageMs, currentA, fault, judgement } = meterStatus(
    state.meters.get(meterId),
    now.monoMs,
    config.pollMs,
  )
  const last = quality === 'absent' ? undefined : state.readings.get(meterId)
  const node = state.tree.nodes.findIndex(({ circuit }) => circuit.meter === meterId)
  const below = node < 0 ? undefined : drawnBelow(state, node, now)
  const { verdict, doubt, worstCase } = judgement
  return {
    id: meterId,
    device: config.device,
    quality,
    ...(ageMs !== undefined && { ageMs: Math.round(ageMs) }),
    phases: PHASE_INDEXES.map(at => ({
      phase: PHASE_NAMES[at],
      ...(currentA !== undefined && { currentA: hundredth(currentA[at]) }),
      ...(currentA !== undefined && last?.lowerA !== undefined && { lowerA: hundredth(last.lowerA[at]) }),
      ...(last?.voltageV !== undefined && { voltageV: hundredth(last.voltageV[at]) }),
      ...(last?.powerW !== undefined && { powerW: Math.round(last.powerW[at]) }),
      ...factorOf(last?.powerFactor?.[at]),
      ...(below !== undefined && { stationsA: hundredth(below.bestA[at]) }),
      proven: !worstCase[at],
    })),
    stationsEstimated: below?.isEstimate === true,
    ...(last?.totalPowerW !== undefined && { totalPowerW: Math.round(last.totalPowerW) }),
    ...(last?.frequencyHz !== undefined && { frequencyHz: hundredth(last.frequencyHz) }),
    ...(last?.importWh !== undefined && { importWh: Math.round(last.importWh) }),
    ...(last?.exportWh !== undefined && { exportWh: Math.round(last.exportWh) }),
    ...(last?.clockS !== undefined && { clockS: last.clockS }),
    ...(fault !== undefined && { fault }),
    ...(verdict !== undefined && { verdict: verdict.text }),
    ...(doubt !== undefined && { doubt: doubt.text }),
  }
}

function factorOf(powerFactor: number | undefined): { readonly powerFactor?: number } {
  return powerFactor === undefined ? {} : { powerFactor: hundredth(powerFactor) }
}

const hundredth = (value: number): number => Math.round(value * 100) / 100
