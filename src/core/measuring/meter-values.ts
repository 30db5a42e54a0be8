/**
 * What a station measured, out of one MeterValues.req (OCPP 1.6 §7.31, §7.43). Units are converted here, once.
 * Control only wants the present: of several meterValues the newest counts.
 */
import type { StationSample } from '../events.js'
import { isFields, listAt, textAt, timeAt, toNumber } from '../fields.js'
import type { PerPhase } from '../site/phases.js'

export interface MeterReport {
  readonly sample: StationSample
  /** The station's own timestamp of the newest meterValue. */
  readonly stationWallMs?: number
}

const OWN_PHASES = ['L1', 'L2', 'L3'] as const

/** The newest meterValue of the payload as a sample; undefined when it holds nothing Busbar uses. */
export function meterReportOf(payload: unknown): MeterReport | undefined {
  let newest: unknown
  let newestMs: number | undefined
  for (const value of listAt(payload, 'meterValue')) {
    const wallMs = timeAt(value, 'timestamp')
    if (newest === undefined || wallMs === undefined || newestMs === undefined || wallMs >= newestMs) {
      newest = value
      newestMs = wallMs
    }
  }
  if (newest === undefined) return undefined
  const sample = sampleOf(listAt(newest, 'sampledValue'))
  if (sample === undefined) return undefined
  return newestMs === undefined ? { sample } : { sample, stationWallMs: newestMs }
}

interface Reading {
  readonly measurand: string
  readonly phase: string | undefined
  readonly unit: string | undefined
  readonly value: number
}

function sampleOf(sampledValues: readonly unknown[]): StationSample | undefined {
  const ownA: [number, number, number] = [0, 0, 0]
  let phased = false
  let currentA: number | undefined
  let powerW: number | undefined
  let phasePowerW: number | undefined
  let energyWh: number | undefined
  let voltageV: number | undefined
  for (const sampled of sampledValues) {
    const reading = readingOf(sampled)
    if (reading === undefined) continue
    const phase = OWN_PHASES.findIndex(name => reading.phase === name || reading.phase === `${name}-N`)
    switch (reading.measurand) {
      case 'Current.Import': {
        const amps = reading.unit === 'mA' ? reading.value / 1000 : reading.value
        if (phase === 0 || phase === 1 || phase === 2) {
          ownA[phase] = amps
          phased = true
        } else if (reading.phase === undefined) currentA = amps
        break
      }
      case 'Power.Active.Import': {
        const watts = reading.unit === 'kW' ? reading.value * 1000 : reading.value
        if (reading.phase === undefined) powerW = watts
        else if (phase >= 0) phasePowerW = (phasePowerW ?? 0) + watts
        break
      }
      case 'Energy.Active.Import.Register':
        if (reading.phase === undefined)
          energyWh = reading.unit === 'kWh' ? reading.value * 1000 : reading.value
        break
      case 'Voltage':
        if (voltageV === undefined || reading.phase === undefined || phase === 0) voltageV = reading.value
        break
    }
  }
  const ownPhasesA: PerPhase | undefined = phased ? ownA : undefined
  const power = powerW ?? phasePowerW
  const sample: StationSample = {
    ...(ownPhasesA === undefined ? {} : { ownPhasesA }),
    ...(currentA === undefined ? {} : { currentA }),
    ...(power === undefined ? {} : { powerW: power }),
    ...(energyWh === undefined ? {} : { energyWh }),
    ...(voltageV === undefined ? {} : { voltageV }),
  }
  return Object.keys(sample).length === 0 ? undefined : sample
}

function readingOf(sampled: unknown): Reading | undefined {
  if (!isFields(sampled) || textAt(sampled, 'format') === 'SignedData') return undefined
  const value = toNumber(sampled.value)
  if (value === undefined) return undefined
  return {
    value,
    measurand: textAt(sampled, 'measurand') ?? 'Energy.Active.Import.Register',
    phase: textAt(sampled, 'phase'),
    unit: textAt(sampled, 'unit'),
  }
}
