/**
 * Watts and lifetime energy registers as people and machines read them, of connectors, stations and circuits. For show and
 * for bookkeeping of the building, never to decide by. What is not known is absent: neither zero nor the last value.
 */
import type { ConnectorControl } from '../control/connector.js'
import { freshReading } from '../control/connector.js'
import { drawnBy } from '../control/drawn.js'
import type { Now } from '../control/now.js'
import { meterPowerW, statusOfMeter, wattsAt } from '../control/power.js'
import type { ControlState } from '../control/state.js'
import type { PerPhase } from '../site/phases.js'
import type { Power } from './document.js'

/** As the station tells it, else its amps by the voltage of the nearest meter, else by the nominal one. */
export function connectorPower(state: ControlState, connector: ConnectorControl, now: Now): Power {
  const drawn = drawnBy(state, connector, now)
  const toldW = drawn === undefined ? undefined : freshReading(connector, now.monoMs)?.powerW
  const powerW = toldW ?? (drawn && wattsAt(drawn.bestA, voltageAt(state, connector.node, now)))
  // A register that jumped or went back within the session may be anything.
  const doubt = connector.transaction?.energy.doubt
  return powerOf(powerW, doubt === 'jumped' || doubt === 'went back' ? undefined : connector.mark?.energyWh)
}

/** Of a circuit with a meter what that says, and nothing while it is not fresh; else what all below it say together. */
export function circuitPower(
  state: ControlState,
  node: number,
  powers: ReadonlyMap<string, Power>,
  now: Now,
): Power {
  const meterId = state.tree.nodes[node]?.circuit.meter
  if (meterId !== undefined) return meterPower(state, meterId, now)
  return sumOfPowers((state.connectorsBelow[node] ?? []).map(({ key }) => powers.get(key)))
}

/** Absent where one of them is not known, and of none at all. */
export function sumOfPowers(powers: readonly (Power | undefined)[]): Power {
  return powerOf(sumOf(powers.map(one => one?.powerW)), sumOf(powers.map(one => one?.importWh)))
}

function meterPower(state: ControlState, meterId: string, now: Now): Power {
  const isAbsent = statusOfMeter(state, meterId, now).quality === 'absent'
  const last = isAbsent ? undefined : state.readings.get(meterId)
  return powerOf(meterPowerW(state, meterId, now), last?.importWh)
}

function voltageAt(state: ControlState, node: number, now: Now): PerPhase {
  for (const at of state.tree.pathOf(node)) {
    const meterId = state.tree.nodes[at]?.circuit.meter
    if (meterId === undefined || statusOfMeter(state, meterId, now).quality !== 'fresh') continue
    const voltageV = state.readings.get(meterId)?.voltageV
    if (voltageV !== undefined) return voltageV
  }
  const nominalV = state.site.config.site.nominalVoltageV
  return [nominalV, nominalV, nominalV]
}

function sumOf(values: readonly (number | undefined)[]): number | undefined {
  let sum: number | undefined
  for (const value of values) {
    if (value === undefined) return undefined
    sum = (sum ?? 0) + value
  }
  return sum
}

function powerOf(powerW: number | undefined, importWh: number | undefined): Power {
  return {
    ...(powerW !== undefined && { powerW: Math.round(powerW) }),
    ...(importWh !== undefined && { importWh: Math.round(importWh) }),
  }
}
