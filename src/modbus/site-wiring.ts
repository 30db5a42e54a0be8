/**
 * How a meter sits in the site, apart from what its model is: mounted the other way round, its inputs on other phases,
 * behind transformers whose ratio it does not apply itself. Pure. A direction is turned as a whole (amps, watts, power
 * factor and both counters), a rotation moves volts, amps, watts and power factor together.
 */
import type { MeterConfig } from '../core/config/site.js'
import type { MeterReading } from '../core/events.js'
import {
  type KnownPerPhase,
  type PerPhase,
  PHASE_INDEXES,
  PHASE_NAMES,
  type PhaseIndex,
} from '../core/site/phases.js'

export type MeterWiring = Pick<MeterConfig, 'invert' | 'phaseMap' | 'ctRatio' | 'vtRatio'>

/** The reading as the site's phases have it, import positive. */
export function asWired(reading: MeterReading, wiring: MeterWiring): MeterReading {
  const direction = wiring.invert === true ? -1 : 1
  const amps = (wiring.ctRatio ?? 1) * direction
  const volts = wiring.vtRatio ?? 1
  const phaseMap = wiring.phaseMap ?? 'L1L2L3'
  // As most meters hang.
  if (amps === 1 && volts === 1 && phaseMap === 'L1L2L3') return reading
  const watts = amps * volts
  const place = (values: PerPhase, factor: number) => placed(values, phaseMap, factor)
  const { currentA, powerW, voltageV, powerFactor, totalPowerW, importWh, exportWh, ...rest } = reading
  const [cameIn, wentOut] = wiring.invert === true ? [exportWh, importWh] : [importWh, exportWh]
  const energy = Math.abs(watts)
  return {
    ...rest,
    ...(currentA !== undefined && { currentA: place(currentA, amps) }),
    ...(powerW !== undefined && { powerW: place(powerW, watts) }),
    ...(voltageV !== undefined && { voltageV: place(voltageV, volts) }),
    ...(powerFactor !== undefined && {
      powerFactor: placedKnown(powerFactor, phaseMap, direction),
    }),
    ...(totalPowerW !== undefined && { totalPowerW: totalPowerW * watts }),
    ...(cameIn !== undefined && { importWh: cameIn * energy }),
    ...(wentOut !== undefined && { exportWh: wentOut * energy }),
  }
}

/** "L2L3L1": the meter's first input hangs on site L2, its second on L3, its third on L1. */
function placed(values: PerPhase, phaseMap: string, factor: number): PerPhase {
  // Zero has no direction: -0 would be shown as such.
  const at = (site: string) => values[inputAt(site, phaseMap)] * factor + 0
  return [at(PHASE_NAMES[0]), at(PHASE_NAMES[1]), at(PHASE_NAMES[2])]
}

function placedKnown(values: KnownPerPhase, phaseMap: string, factor: number): KnownPerPhase {
  const at = (site: string) => {
    const value = values[inputAt(site, phaseMap)]
    return value === undefined ? undefined : value * factor + 0
  }
  return [at(PHASE_NAMES[0]), at(PHASE_NAMES[1]), at(PHASE_NAMES[2])]
}

function inputAt(site: string, phaseMap: string): PhaseIndex {
  return PHASE_INDEXES.find(index => phaseMap.slice(index * 2, index * 2 + 2) === site) ?? 0
}
