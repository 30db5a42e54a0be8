/**
 * The `sampledValue` list of MeterValues.req and StopTransaction.req for one connector (OCPP 1.6 §7.29-7.33, §7.43).
 * Must not know when or why a sample is taken.
 */
import type { PerPhase } from '../../core/site/phases.js'
import type { PhaseReports } from './station-options.js'

/** Measurands the simulated stations can give. */
export const MEASURANDS = [
  'Energy.Active.Import.Register',
  'Power.Active.Import',
  'Current.Import',
  'Current.Offered',
  'Power.Offered',
  'Voltage',
  'Temperature',
] as const

export type SampleContext =
  | 'Sample.Periodic'
  | 'Sample.Clock'
  | 'Transaction.Begin'
  | 'Transaction.End'
  | 'Trigger'

/** What the meter inside the connector shows. Amps in the connector's own phase order. */
export interface Reading {
  readonly flowA: PerPhase
  readonly energyWh: number
  readonly offeredA: number
  /** Of what is given, for each amp of the grid on one phase. */
  readonly voltageV: number
  readonly wiredPhases: 1 | 3
  /** Amps and volts are then those of the car's battery. */
  readonly isDirect: boolean
}

const BATTERY_V = 400

interface SampledValue {
  readonly value: string
  readonly context: SampleContext
  readonly measurand: string
  readonly phase?: string
  readonly location: 'Outlet' | 'Body'
  readonly unit: string
}

export interface MeterValue {
  readonly timestamp: string
  readonly sampledValue: readonly SampledValue[]
}

/** One sample in the shape this station gives it; what has no phase goes with own L1. */
export function asReported(whole: MeterValue, reports: PhaseReports): readonly MeterValue[] {
  const of = (own: string): MeterValue => ({
    ...whole,
    sampledValue: whole.sampledValue.filter(({ phase }) => (phase ?? 'L1').startsWith(own)),
  })
  switch (reports) {
    case 'all':
      return [whole]
    case 'own L1':
      return [of('L1')]
    case 'one meterValue each':
      return ['L1', 'L2', 'L3'].map(of).filter(({ sampledValue }) => sampledValue.length > 0)
  }
}

/** An empty list of measurands means the energy register (OCPP 1.6 §7.43: the default measurand). */
export function sampledValues(
  measurands: readonly string[],
  context: SampleContext,
  reading: Reading,
): readonly SampledValue[] {
  const wanted = measurands.length > 0 ? measurands : ['Energy.Active.Import.Register']
  return wanted.flatMap(measurand => values(measurand, context, reading))
}

function values(measurand: string, context: SampleContext, reading: Reading): readonly SampledValue[] {
  const { flowA, voltageV, wiredPhases } = reading
  const location = measurand === 'Temperature' ? 'Body' : 'Outlet'
  const one = (value: string, unit: string, phase?: string): SampledValue =>
    phase === undefined
      ? { value, context, measurand, location, unit }
      : { value, context, measurand, phase, location, unit }
  const own = (['L1', 'L2', 'L3'] as const).slice(0, wiredPhases)
  switch (measurand) {
    case 'Energy.Active.Import.Register':
      return [one(reading.energyWh.toFixed(0), 'Wh')]
    case 'Power.Active.Import':
      return [one(((flowA[0] + flowA[1] + flowA[2]) * voltageV).toFixed(0), 'W')]
    case 'Current.Import':
      if (reading.isDirect)
        return [one((((flowA[0] + flowA[1] + flowA[2]) * voltageV) / BATTERY_V).toFixed(1), 'A')]
      return own.map((phase, index) => one((flowA[index] ?? 0).toFixed(1), 'A', phase))
    case 'Current.Offered':
      return [one(reading.offeredA.toFixed(1), 'A')]
    case 'Power.Offered':
      return [one((reading.offeredA * voltageV * wiredPhases).toFixed(0), 'W')]
    case 'Voltage':
      if (reading.isDirect) return [one(BATTERY_V.toFixed(1), 'V')]
      return own.map(phase => one(voltageV.toFixed(1), 'V', `${phase}-N`))
    case 'Temperature':
      // A warm cabinet; load control does not use it.
      return [one('31.0', 'Celsius')]
    default:
      return []
  }
}
