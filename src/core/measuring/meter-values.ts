/**
 * What a station measured, out of one MeterValues.req (OCPP 1.6 §7.31, §7.43). Units are converted here, once. Some
 * stations give each phase its own meterValue: of every value the newest counts, and nothing is summed. A value that
 * cannot be, or a unit that is not known, is no value: unknown, never 0 (control rule 9).
 */
import type { StationSample } from '../events.js'
import { isFields, listAt, textAt, timeAt, toNumber } from '../fields.js'
import type { KnownPerPhase, PhaseIndex } from '../site/phases.js'

export interface MeterReport {
  readonly sample: StationSample
  /** The station's own timestamp of the newest meterValue. */
  readonly stationWallMs?: number
}

const OWN_PHASES: readonly (readonly [string, PhaseIndex])[] = [
  ['L1', 0],
  ['L2', 1],
  ['L3', 2],
]
/** Values of one message further apart than this are not one sample. */
const ONE_SAMPLE_MS = 10_000

interface Quantity {
  readonly field: 'A' | 'W' | 'Wh' | 'V'
  /** Factor to the unit of `field`; "" = no unit given. */
  readonly units: Readonly<Record<string, number>>
  /** In the unit of `field`: what a connector's meter can show at all. */
  readonly least: number
  readonly most: number
}

const MOST_WH = 1e10

/** Whether an energy register can show this, Wh. */
export function isRegister(energyWh: number): boolean {
  return energyWh >= 0 && energyWh <= MOST_WH
}

const QUANTITIES: ReadonlyMap<string, Quantity> = new Map([
  ['Current.Import', { field: 'A', units: { '': 1, A: 1, mA: 0.001 }, least: 0, most: 1_000 }],
  ['Power.Active.Import', { field: 'W', units: { '': 1, W: 1, kW: 1_000 }, least: 0, most: 1e6 }],
  [
    'Energy.Active.Import.Register',
    { field: 'Wh', units: { '': 1, Wh: 1, kWh: 1_000 }, least: 0, most: MOST_WH },
  ],
  ['Voltage', { field: 'V', units: { '': 1, V: 1 }, least: 80, most: 300 }],
])

/** Power without a unit may be kW below this, and then is unknown: OCPP 1.6 has a default for energy alone (§7.43). */
const UNITLESS_W_FROM = 1_000
/** No register shows so many kWh: a connector that gives 100 kW takes a thousand years to it. */
const MOST_KWH = 1e6

/** Own phase of a value, or of no phase; line-to-line and neutral values are not used. */
type Place = PhaseIndex | 'none'

interface Reading {
  readonly key: `${Quantity['field']} ${Place}`
  readonly value: number
}

type Newest = Map<Reading['key'], { readonly value: number; readonly wallMs: number | undefined }>

/** All values of the payload as one sample; undefined when it holds nothing Busbar uses. */
export function meterReportOf(payload: unknown): MeterReport | undefined {
  const timed = listAt(payload, 'meterValue')
    .map(meterValue => ({ meterValue, wallMs: timeAt(meterValue, 'timestamp') }))
    .filter(({ meterValue }) => listAt(meterValue, 'sampledValue').some(value => readingOf(value)))
  const newestMs = timed.reduce<number | undefined>(
    (most, { wallMs }) => (wallMs === undefined || (most !== undefined && most >= wallMs) ? most : wallMs),
    undefined,
  )
  const newest: Newest = new Map()
  for (const { meterValue, wallMs } of timed) {
    // A value without a time is as new as the newest it came with.
    const atMs = wallMs ?? newestMs
    if (atMs !== undefined && newestMs !== undefined && newestMs - atMs > ONE_SAMPLE_MS) continue
    for (const sampled of listAt(meterValue, 'sampledValue')) take(newest, readingOf(sampled), atMs)
  }
  const sample = sampleOf(newest)
  if (sample === undefined) return undefined
  return newestMs === undefined ? { sample } : { sample, stationWallMs: newestMs }
}

/** The newer of two; of the same moment the larger. */
function take(newest: Newest, reading: Reading | undefined, wallMs: number | undefined): void {
  if (reading === undefined) return
  const known = newest.get(reading.key)
  const isOlder = known?.wallMs !== undefined && wallMs !== undefined && wallMs < known.wallMs
  const isSame = known !== undefined && wallMs === known.wallMs
  if (isOlder || (isSame && reading.value < known.value)) return
  newest.set(reading.key, { value: reading.value, wallMs })
}

function sampleOf(newest: Newest): StationSample | undefined {
  const at = (key: Reading['key']): number | undefined => newest.get(key)?.value
  const ownPhasesA = phased(at('A 0'), at('A 1'), at('A 2'))
  const ownPhasesW = phased(at('W 0'), at('W 1'), at('W 2'))
  const currentA = at('A none')
  const powerW = at('W none')
  const energyWh = at('Wh none')
  const voltageV = at('V 0') ?? at('V none') ?? at('V 1') ?? at('V 2')
  const sample: StationSample = {
    ...(ownPhasesA !== undefined && { ownPhasesA }),
    ...(currentA !== undefined && { currentA }),
    ...(powerW !== undefined && { powerW }),
    ...(ownPhasesW !== undefined && { ownPhasesW }),
    ...(energyWh !== undefined && { energyWh }),
    ...(voltageV !== undefined && { voltageV }),
  }
  return Object.keys(sample).length === 0 ? undefined : sample
}

function phased(...values: KnownPerPhase): KnownPerPhase | undefined {
  return values.some(value => value !== undefined) ? values : undefined
}

function readingOf(sampled: unknown): Reading | undefined {
  if (!isFields(sampled) || textAt(sampled, 'format') === 'SignedData') return undefined
  const quantity = QUANTITIES.get(textAt(sampled, 'measurand') ?? 'Energy.Active.Import.Register')
  const unit = textAt(sampled, 'unit') ?? ''
  const factor =
    quantity !== undefined && Object.hasOwn(quantity.units, unit) ? quantity.units[unit] : undefined
  const place = placeOf(textAt(sampled, 'phase'))
  const given = toNumber(sampled.value)
  if (quantity === undefined || factor === undefined || place === undefined || given === undefined)
    return undefined
  if (unit === '' && isAmbiguous(quantity, given)) return undefined
  const value = given * factor
  if (value < quantity.least || value > quantity.most) return undefined
  return { key: `${quantity.field} ${place}`, value }
}

/** A value without a unit that may be meant a thousand times as large: a register in Wh shows no parts of them. */
function isAmbiguous({ field }: Quantity, given: number): boolean {
  if (field === 'W') return given !== 0 && given < UNITLESS_W_FROM
  return field === 'Wh' && given < MOST_KWH && !Number.isInteger(given)
}

function placeOf(phase: string | undefined): Place | undefined {
  if (phase === undefined) return 'none'
  return OWN_PHASES.find(([name]) => phase === name || phase === `${name}-N`)?.[1]
}
