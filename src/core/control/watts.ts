/**
 * Amps and watts of one connector: in which unit its station is written to, by which voltage and phases, and how its watts
 * are read (control rule 5).
 */
import { newestAccepted } from '../allocation/booking.js'
import type { StationModel } from '../config/station-model.js'
import type { EmitUnit } from '../schedule/emit.js'
import type { WattsAs } from '../schedule/read-back.js'
import { HIGHEST_VOLTAGE, LOWEST_VOLTAGE } from '../site/promise.js'
import { type ConnectorControl, freshReading } from './connector.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'

/** Voltage moves slowly; an older reading says nothing. */
const FRESH_VOLTAGE_MS = 60_000
/** What may be left of it at the next refresh. */
const VOLTAGE_FALL = 0.98
const VOLTAGE_STEP_V = 5
/** Of nominal: whatever a meter shows, no grid is lower. */
const LEAST_VOLTAGE = 0.8

/**
 * Amps wherever the station takes them; else watts (control rule 5). What outlives this car, fail-safe and idle, is
 * always a sum for one phase: a one-phase car takes all of it there.
 */
export function unitOf(station: StationControl, watts: WattsAs): EmitUnit {
  return station.model.smartCharging.rateUnits.includes('A') ? { kind: 'A' } : { kind: 'W', ...watts }
}

/** Watts of what outlives this car: at a voltage that will not be below. Direct current always comes of three phases. */
export function lastingWatts(state: ControlState, { dc }: StationModel): WattsAs {
  const voltageV = state.site.config.site.nominalVoltageV * LOWEST_VOLTAGE
  return dc === undefined ? { voltageV, phases: 1 } : ofDirectCurrent(dc, voltageV)
}

/** A watt that is given takes more on the side of the grid: as if the voltage there were lower. */
const ofDirectCurrent = ({ efficiency }: NonNullable<StationModel['dc']>, voltageV: number): WattsAs => ({
  voltageV: voltageV * efficiency,
  phases: 3,
})

/** Watts at the lowest plausible voltage, on the phases a fresh sample shows the car to use; unknown = one. */
export function wattsNow(state: ControlState, connector: ConnectorControl, now: Now): WattsAs {
  const { dc } = connector.model
  if (dc !== undefined) return ofDirectCurrent(dc, lowestVoltageV(state, now))
  const used = freshReading(connector, now.monoMs)?.used.filter(phase => phase === true).length
  return { voltageV: lowestVoltageV(state, now), phases: used === 3 ? 3 : used === 2 ? 2 : 1 }
}

/**
 * The lowest that a site meter has just measured, less what it may fall until the next refresh; never above nominal, by
 * which a station makes amps of watts (errata 3.69). Whole steps, so that it stands still.
 */
export function lowestVoltageV(state: ControlState, now: Now): number {
  const { nominalVoltageV } = state.site.config.site
  const measuredV = [...state.readings.values()]
    .filter(({ monoMs }) => now.monoMs - monoMs < FRESH_VOLTAGE_MS)
    .flatMap(({ voltageV }) => voltageV ?? [])
  if (measuredV.length === 0) return nominalVoltageV * LOWEST_VOLTAGE
  const steps = Math.floor((Math.min(...measuredV) * VOLTAGE_FALL) / VOLTAGE_STEP_V)
  return Math.max(nominalVoltageV * LEAST_VOLTAGE, Math.min(nominalVoltageV, steps * VOLTAGE_STEP_V))
}

/**
 * Watts of an answer that names no phases are the sum of all the connector has (errata 3.69): whatever was written, the
 * station has divided by its own.
 */
export function wattsRead(state: ControlState, connector: ConnectorControl): WattsAs {
  const isLive = connector.transaction !== undefined && newestAccepted(connector.live) !== undefined
  const voltageV =
    (isLive ? connector.liveVoltageV : undefined) ?? lastingWatts(state, connector.model).voltageV
  return { voltageV, phases: connector.config.phases === 'L1L2L3' ? 3 : 1 }
}

/** The highest phase voltage of any site meter in the last minute; undefined when none has shown any. */
export function siteVoltageV(state: ControlState, now: Now): number | undefined {
  const volts: number[] = []
  for (const { monoMs, voltageV } of state.readings.values()) {
    if (voltageV !== undefined && now.monoMs - monoMs < FRESH_VOLTAGE_MS) volts.push(...voltageV)
  }
  return volts.length === 0 ? undefined : Math.max(...volts)
}

/** For watts: where no meter shows volts, the most a grid may have. */
export function highestV(state: ControlState, now: Now): number {
  return siteVoltageV(state, now) ?? state.site.config.site.nominalVoltageV * HIGHEST_VOLTAGE
}
