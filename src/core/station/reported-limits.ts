/**
 * What a station's own answers say against its model file: its limits for charging profiles hold instead of the file's,
 * and every other difference is listed for the page. OCPP 1.6 §9.4; design: the real station wins over data.
 */
import type { StationModel } from '../config/station-model.js'
import type { StationConfiguration } from '../events.js'
import { LOWEST_VOLTAGE } from '../site/promise.js'
import { reportedValue } from './configuration.js'

/** One row of the station's configuration table. */
export interface ConfigurationRow {
  readonly key: string
  /** As the station reported it; absent when it does not have the key or does not say. */
  readonly value?: string
  readonly readonly: boolean
  /** What the model file says; absent when it does not know the key. */
  readonly modelValue?: string
  readonly difference: 'none' | 'value' | 'access' | 'not in the model file' | 'not on the station'
  /** What the CSMS reads instead. */
  readonly csmsReads?: string
  readonly rebootRequired: boolean
}

/** A CSMS must not fill the journal because a station says it takes everything. */
const MAX_PERIODS = 1024
const MAX_PROFILES = 300

/** The model with the limits the station itself reports. What is no sensible number is left as the file has it. */
export function withReportedLimits(model: StationModel, configuration: StationConfiguration): StationModel {
  const { smartCharging } = model
  const reported = rateUnitsIn(reportedValue(configuration, 'ChargingScheduleAllowedChargingRateUnit'))
  // Amps of direct current say nothing of the grid's, whatever it takes.
  const rateUnits = model.dc === undefined ? reported : []
  const maxStackLevel = integerIn(configuration, 'ChargeProfileMaxStackLevel', 0)
  const maxPeriods = atMost(MAX_PERIODS, integerIn(configuration, 'ChargingScheduleMaxPeriods', 1))
  const maxProfiles = atMost(MAX_PROFILES, integerIn(configuration, 'MaxChargingProfilesInstalled', 1))
  const units = rateUnits.length > 0 ? rateUnits : smartCharging.rateUnits
  return {
    ...model,
    smartCharging: {
      ...smartCharging,
      ...(!units.includes('A') && { minCurrentA: leastByWatts(smartCharging) }),
      ...(rateUnits.length > 0 && { rateUnits }),
      ...(maxStackLevel !== undefined && { maxStackLevel }),
      ...(maxPeriods !== undefined && { maxPeriods }),
      ...(maxProfiles !== undefined && { maxProfiles }),
    },
  }
}

/** Watts at the lowest voltage, read at the nominal one, must still make a car run: below that it would pause. */
function leastByWatts({ minCurrentA, stepA }: StationModel['smartCharging']): number {
  const steps = Math.ceil(minCurrentA / LOWEST_VOLTAGE / stepA - 1e-6)
  return stepA === 1 ? steps : steps / 10
}

export function sameLimits(a: StationModel, b: StationModel): boolean {
  const [x, y] = [a.smartCharging, b.smartCharging]
  return (
    x.rateUnits.join() === y.rateUnits.join() &&
    x.maxStackLevel === y.maxStackLevel &&
    x.maxPeriods === y.maxPeriods &&
    x.maxProfiles === y.maxProfiles
  )
}

/** Every key of the station or of its model file, by name; empty before the first reading. */
export function configurationTable(
  model: StationModel,
  configuration: StationConfiguration,
): readonly ConfigurationRow[] {
  if (configuration.readWallMs === undefined) return []
  const inFile = new Map(model.configuration.map(entry => [entry.key, entry]))
  const names = [...new Set([...Object.keys(configuration.keys), ...inFile.keys()])].sort()
  return names.flatMap(key => {
    const known = configuration.keys[key]
    const file = inFile.get(key)
    // an optional key that the station does not have is no difference
    if (known === undefined && file?.required !== true) return []
    const csmsReads = configuration.virtual[key]?.csms
    return [
      {
        key,
        ...(known?.value !== undefined && { value: known.value }),
        readonly: known?.readonly ?? file?.access === 'R',
        ...(file !== undefined && { modelValue: file.default }),
        difference: differenceOf(known, file, csmsReads),
        ...(csmsReads !== undefined && { csmsReads }),
        rebootRequired: configuration.rebootRequired.includes(key),
      },
    ]
  })
}

function differenceOf(
  known: StationConfiguration['keys'][string] | undefined,
  file: StationModel['configuration'][number] | undefined,
  csmsReads: string | undefined,
): ConfigurationRow['difference'] {
  if (known === undefined) return 'not on the station'
  if (file === undefined) return 'not in the model file'
  if (known.readonly !== (file.access === 'R')) return 'access'
  // a file without a default says nothing about the value
  const value = csmsReads ?? known.value
  return value === undefined || file.default === '' || value === file.default ? 'none' : 'value'
}

/** `Current`/`Power`, and `A`/`W` as some vendors write (facts/ocpp16.md §6 row 18). */
function rateUnitsIn(text: string | undefined): ('A' | 'W')[] {
  const parts = (text ?? '').split(',').map(part => part.trim().toLowerCase())
  const units: ('A' | 'W')[] = []
  if (parts.includes('current') || parts.includes('a')) units.push('A')
  if (parts.includes('power') || parts.includes('w')) units.push('W')
  return units
}

function atMost(most: number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(most, value)
}

function integerIn(configuration: StationConfiguration, key: string, least: number): number | undefined {
  const text = reportedValue(configuration, key)?.trim() ?? ''
  if (!/^\d{1,6}$/.test(text)) return undefined
  const value = Number(text)
  return value < least ? undefined : value
}
