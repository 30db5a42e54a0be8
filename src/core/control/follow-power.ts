/**
 * Takes what the power of a station shows of its obedience where nothing else would (control rule 9): it tells no amps, and
 * not every circuit above it has a meter that shows what flows in truth.
 */
import type { PhaseCount, PowerBounds } from '../measuring/car-phases.js'
import { withPower } from '../measuring/followed-power.js'
import { type ConnectorReading, VOLTAGE_TOLERANCE } from '../measuring/measured.js'
import type { ConnectorControl } from './connector.js'

export interface PowerSeen {
  /** Under the offer that stands and has had its time; undefined = the sample tells none. */
  readonly power: PowerBounds | undefined
  readonly offerA: number | undefined
  /** The most that may be in force, as it is booked: a lower that is not proven, or a last period. */
  readonly inForceA: number
  /** As the station tells it. */
  readonly voltageV: number | undefined
  readonly nominalVoltageV: number
  readonly siteVoltageV: number | undefined
  /** Every circuit above has a meter, or carries all that hangs below it at its most. */
  readonly isWatched: boolean
  /** On how many phases its car seemed to charge before this sample. */
  readonly seemed: PhaseCount | undefined
}

export function followPower(connector: ConnectorControl, reading: ConnectorReading, seen: PowerSeen): void {
  const { power, offerA, inForceA, voltageV, nominalVoltageV, siteVoltageV, isWatched, seemed } = seen
  const { transaction, config, model, follows } = connector
  const isTold = reading.used.every(phase => phase !== undefined)
  if (isTold || isWatched || transaction === undefined || model.dc !== undefined) {
    connector.follows = undefined
    return
  }
  if (power === undefined || offerA === undefined) return
  connector.follows = withPower(follows ?? {}, power, {
    connector: config,
    offerA: Math.max(offerA, inForceA),
    voltageV: voltageV ?? nominalVoltageV,
    lowV: voltageV ?? nominalVoltageV * (1 - VOLTAGE_TOLERANCE),
    highV: voltageV ?? siteVoltageV ?? nominalVoltageV * (1 + VOLTAGE_TOLERANCE),
    minCurrentA: model.smartCharging.minCurrentA,
    seemed,
  })
}
