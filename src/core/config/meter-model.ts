/**
 * A meter that no file in `devices/meters/` knows, as an installer takes it from a data sheet: where its currents, powers
 * and volts lie, and as what. Stands in the configuration, so that it is checked, kept and backed up with it.
 */
import { z } from 'zod'
import { expecting, type Fault, fault } from './faults.js'
import { inWords, said } from './labels.js'
import { show } from './shown.js'

/** 16-bit registers each type takes; data sheets know no others. */
export const SHEET_TYPES = {
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float32: 2,
  float64: 4,
} as const

const type = z
  .enum(['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'])
  .meta(said('Type', 'Of a value; float32 and int32 take two registers.'))
const scale = z
  .number()
  .positive()
  .meta(said('Scale', 'Value = raw number x scale: 0.001 where it counts mA.'))
const address = z
  .number()
  .int()
  .min(0)
  .max(65_535)
  .meta(said('Address', 'Zero-based, as on the wire: 30001 is 0.'))
const three = z
  .tuple([address, address, address])
  .readonly()
  .meta(said('L1, L2, L3', 'Zero-based addresses, as on the wire (30001 is 0); or at, type and scale.'))

const ofPhases = z
  .union([three, z.strictObject({ at: three, type: type.optional(), scale: scale.optional() })])
  .meta(said('L1, L2, L3', 'Zero-based addresses, as on the wire (30001 is 0); or at, type and scale.'))
const ofOne = z
  .union([address, z.strictObject({ at: address, type: type.optional(), scale: scale.optional() })])
  .meta(said('Register', 'Zero-based address, as on the wire; or at, type and scale.'))

export const meterModelSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,47}$/, expecting('model-name'))
    .meta(said('Model', 'A name for it.')),
  functionCode: z.union([z.literal(3), z.literal(4)]).meta({
    ...said('Function code', '3 = holding registers, 4 = input registers.'),
    ...inWords({ 3: '3: holding registers', 4: '4: input registers' }),
  }),
  type: type.default('float32'),
  wordOrder: z
    .enum(['big', 'little'])
    .default('big')
    .meta({
      ...said('Word order', 'Of values in several registers; mostly the high word comes first.'),
      ...inWords({ big: 'high word first', little: 'low word first' }),
    }),
  currentA: ofPhases,
  powerW: ofPhases.optional().meta(said('Powers', 'Without them every current counts as import.')),
  voltageV: ofPhases.optional(),
  powerFactor: ofPhases
    .optional()
    .meta(said('Power factors', 'As shares of 1: scale 0.001 where it gives thousandths.')),
  totalPowerW: ofOne.optional(),
  frequencyHz: ofOne.optional(),
  importWh: ofOne.optional().meta(said('Import', 'In Wh: scale 1000 where it counts kWh.', 'Wh')),
  exportWh: ofOne.optional(),
  clockS: ofOne.optional().meta(said('Clock', 'Its own clock or running time: it must go on.', 's')),
  maxRegisters: z
    .number()
    .int()
    .min(4)
    .max(125)
    .default(20)
    .meta(said('Registers at once', 'The most it answers in one request.')),
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .max(5_000)
    .default(1_000)
    .meta(said('Timeout', 'How long an answer may take.', 'ms')),
})

export type MeterModel = z.infer<typeof meterModelSchema>

/** One value of the sheet: where, as what, and times what. */
export interface SheetValue {
  readonly key: keyof MeterModel
  readonly name: string
  readonly at: number
  readonly type: keyof typeof SHEET_TYPES
  readonly scale: number
}

const PER_PHASE = ['currentA', 'powerW', 'voltageV', 'powerFactor'] as const
const SINGLE = ['totalPowerW', 'frequencyHz', 'importWh', 'exportWh', 'clockS'] as const

export function sheetValues(model: MeterModel): readonly SheetValue[] {
  const values: SheetValue[] = []
  for (const key of PER_PHASE) {
    const given = model[key]
    if (given === undefined) continue
    const { at, type = model.type, scale = 1 } = 'length' in given ? { at: given } : given
    at.forEach((address, phase) => {
      values.push({ key, name: `L${phase + 1}`, at: address, type, scale })
    })
  }
  for (const key of SINGLE) {
    const given = model[key]
    if (given === undefined) continue
    const { at, type = model.type, scale = 1 } = typeof given === 'number' ? { at: given } : given
    values.push({ key, name: '', at, type, scale })
  }
  return values
}

/** What is wrong with it though every key alone is right. `known`: the models that have a file. */
export function meterModelFaults(
  models: readonly MeterModel[],
  known: { has(id: string): boolean },
): readonly Fault[] {
  return models.flatMap((model, index) => {
    const path = `meterModels[${index}]`
    const faults: Fault[] = []
    if (known.has(model.id) || models.findIndex(({ id }) => id === model.id) < index)
      faults.push(fault(`${path}.id`, 'own-model-name', { found: show(model.id) }))
    const taken = new Map<number, string>()
    for (const { key, name, at, type } of sheetValues(model)) {
      const what = name === '' ? key : `${key} ${name}`
      const own = Array.from({ length: SHEET_TYPES[type] }, (_, n) => at + n)
      const met = own.find(register => taken.has(register))
      if (at + own.length > 65_536)
        faults.push(fault(`${path}.${key}`, 'within-registers', { found: show(at) }))
      else if (met !== undefined)
        faults.push(
          fault(`${path}.${key}`, 'own-registers', { at, type, register: met, other: taken.get(met) ?? '' }),
        )
      for (const register of own) taken.set(register, what)
    }
    return faults
  })
}
