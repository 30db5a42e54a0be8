/** A meter model out of the configuration (`core/config/meter-model.ts`) as the device file it stands for. */
import { type MeterModel, type SheetValue, sheetValues } from '../core/config/meter-model.js'
import { MEASURANDS, type MeterDevice, type MeterValue, REGISTERS_OF } from './device-schema.js'

/** As the shipped files have it: what no grid connection of a depot exceeds. */
const PLAUSIBLE = {
  currentA: [-10_000, 10_000],
  powerW: [-4_000_000, 4_000_000],
  voltageV: [0, 400],
  powerFactor: [-101, 101],
  totalPowerW: [-12_000_000, 12_000_000],
  frequencyHz: [40, 70],
  importWh: [0, 1e12],
  exportWh: [0, 1e12],
  clockS: [0, 2 ** 53],
} as const

type Kind = keyof typeof PLAUSIBLE
type Form = Pick<MeterValue, 'unit' | 'group'>
const FORMS: Readonly<Record<Kind, Form & { readonly named: (phase: string) => string }>> = {
  currentA: { unit: 'A', group: 'fast', named: phase => `Current.${phase}` },
  powerW: { unit: 'W', group: 'fast', named: phase => `Power.Active.${phase}` },
  voltageV: { unit: 'V', group: 'normal', named: phase => `Voltage.${phase}-N` },
  powerFactor: { unit: '%', group: 'normal', named: phase => `PowerFactor.${phase}` },
  totalPowerW: { unit: 'W', group: 'fast', named: () => 'Power.Active.Total' },
  frequencyHz: { unit: 'Hz', group: 'normal', named: () => 'Frequency' },
  importWh: { unit: 'Wh', group: 'slow', named: () => 'Energy.Active.Import.Total' },
  exportWh: { unit: 'Wh', group: 'slow', named: () => 'Energy.Active.Export.Total' },
  clockS: { unit: 's', group: 'normal', named: () => 'Clock' },
}

const KINDS: readonly Kind[] = [
  'currentA',
  'powerW',
  'voltageV',
  'powerFactor',
  'totalPowerW',
  'frequencyHz',
  'importWh',
  'exportWh',
  'clockS',
]

/** What is shipped, and what this site describes itself. */
export function withOwnModels(
  shipped: ReadonlyMap<string, MeterDevice>,
  models: readonly MeterModel[] = [],
): ReadonlyMap<string, MeterDevice> {
  return new Map([...shipped, ...models.map(model => [model.id, deviceOf(model)] as const)])
}

function deviceOf(model: MeterModel): MeterDevice {
  const { id, functionCode, wordOrder, maxRegisters, timeoutMs } = model
  return {
    id,
    manufacturer: 'own',
    model: id,
    status: 'one source',
    sources: ['the configuration of this site'],
    notes: [],
    transports: ['tcp', 'rtu'],
    factory: {},
    phases: 3,
    // Without power there is no direction: the careful reading is import.
    undirected: model.powerW === undefined,
    functionCode,
    byteOrder: 'big',
    wordOrder,
    maxRegisters,
    maxHole: 8,
    evenCountOnly: false,
    requestDelayMs: 50,
    timeoutMs,
    probe: [],
    tells: [],
    values: sheetValues(model).flatMap(value => meterValue(value)),
    golden: { words: {}, values: {} },
  }
}

function meterValue({ key, name, at, type, scale }: SheetValue): readonly MeterValue[] {
  const kind = KINDS.find(candidate => candidate === key)
  if (kind === undefined) return []
  const { named, unit, group } = FORMS[kind]
  const measurand = MEASURANDS.find(candidate => candidate === named(name))
  const [min, max] = PLAUSIBLE[kind]
  if (measurand === undefined) return []
  // A data sheet gives shares of 1.
  const factor = unit === '%' ? scale * 100 : scale
  return [
    {
      measurand,
      address: at,
      registers: REGISTERS_OF[type],
      type,
      scale: factor,
      unit,
      rawUnit: `${factor} ${unit}`,
      ...(unit === 'A' && { sign: 'unstated' as const }),
      min,
      max,
      ...(group !== 'fast' && { optional: true }),
      group,
    },
  ]
}
