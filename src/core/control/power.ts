/** Watts through a circuit, or into its stations alone, as they are measured now. Undefined is not zero. */
import { type MeterStatus, meterStatus } from '../measuring/meter-quality.js'
import type { PerPhase } from '../site/phases.js'
import { drawnBelow } from './drawn.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'
import { siteVoltageV } from './watts.js'

/** By its meter; without one by what the stations tell, when all of them do and there is nothing else on it. */
export function powerThrough(
  state: ControlState,
  { node, onlyStations }: { readonly node: number; readonly onlyStations: boolean },
  now: Now,
): number | undefined {
  const circuit = state.tree.nodes[node]?.circuit
  if (!onlyStations && circuit?.meter !== undefined) return meterPowerW(state, circuit.meter, now)
  const drawn = drawnBelow(state, node, now)
  if (drawn === undefined || drawn.isEstimate) return undefined
  const otherA = onlyStations ? 0 : Math.max(...(state.loads[node]?.otherA ?? [Number.NaN]))
  return otherA === 0 ? wattsOf(state, drawn.bestA, now) : undefined
}

/** What a meter says while it is fresh: the sum it tells, else its amps by its own volts, else by those of the site. */
export function meterPowerW(state: ControlState, meterId: string, now: Now): number | undefined {
  const { quality, currentA } = statusOfMeter(state, meterId, now)
  if (quality !== 'fresh' || currentA === undefined) return undefined
  const { totalPowerW, voltageV } = state.readings.get(meterId) ?? {}
  return totalPowerW ?? (voltageV === undefined ? wattsOf(state, currentA, now) : wattsAt(currentA, voltageV))
}

/** How far it can be trusted now. */
export function statusOfMeter(state: ControlState, meterId: string, now: Now): MeterStatus {
  const pollMs = state.site.config.meters.find(({ id }) => id === meterId)?.pollMs ?? 1000
  return meterStatus(state.meters.get(meterId), now.monoMs, pollMs)
}

/** Amps by the volts of each phase. */
export const wattsAt = (amps: PerPhase, volts: PerPhase): number =>
  amps[0] * volts[0] + amps[1] * volts[1] + amps[2] * volts[2]

/** At the voltage that is measured, else the nominal one. */
function wattsOf(state: ControlState, amps: PerPhase, now: Now): number {
  const voltageV = siteVoltageV(state, now) ?? state.site.config.site.nominalVoltageV
  return (amps[0] + amps[1] + amps[2]) * voltageV
}
