/**
 * What a station that gives direct current takes from the grid: three phases alike, and by its efficiency more than it gives
 * (control rule 16). Whether its power and energy are those it gives or those it takes nobody says: either is counted.
 */
import type { StationSample } from '../events.js'
import type { PowerBounds } from './car-phases.js'

/** Its amps and volts are those of the car's battery. */
export function withoutDirectCurrent({ powerW, energyWh, stationWallMs }: StationSample): StationSample {
  return {
    ...(powerW !== undefined && { powerW }),
    ...(energyWh !== undefined && { energyWh }),
    ...(stationWallMs !== undefined && { stationWallMs }),
  }
}

/** Amps per phase of the grid. */
export function directCurrentBounds(
  { lowerW, upperW }: PowerBounds,
  volts: {
    readonly dcEfficiency: number
    readonly highV: number
    readonly lowV: number
    readonly nominalVoltageV: number
  },
): { readonly lowerA: number; readonly upperA: number; readonly likelyA: number } {
  const mostW = upperW / volts.dcEfficiency
  return {
    lowerA: lowerW / (3 * volts.highV),
    upperA: mostW / (3 * volts.lowV),
    likelyA: (lowerW + mostW) / 2 / (3 * volts.nominalVoltageV),
  }
}
