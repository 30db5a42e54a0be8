/**
 * What a meter model is, as data (`devices/meters/*.json`): where each value lies, in which type, and how sure that is.
 * Shape only; what needs more than one key to judge is in `device-file.ts`. Site facts (unit id, wiring, poll
 * interval) do not belong here.
 */
import { z } from 'zod'

/** 16-bit registers each type takes. */
export const REGISTERS_OF = {
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  acc32: 2,
  int64: 4,
  uint64: 4,
  float32: 2,
  float64: 4,
  /** Iskra: bits 24-31 a signed decimal exponent, bits 0-23 an unsigned (t5) or signed (t6) number. */
  t5: 2,
  t6: 2,
  /** Iskra's power factor: bits 24-31 all set = export, bits 0-15 four decimals (16-23 inductive or capacitive). */
  t7: 2,
} as const
export type RegisterType = keyof typeof REGISTERS_OF

export const MEASURANDS = [
  'Current.L1',
  'Current.L2',
  'Current.L3',
  'Power.Active.L1',
  'Power.Active.L2',
  'Power.Active.L3',
  'Power.Active.Total',
  'Voltage.L1-N',
  'Voltage.L2-N',
  'Voltage.L3-N',
  'PowerFactor.L1',
  'PowerFactor.L2',
  'PowerFactor.L3',
  'Frequency',
  'Energy.Active.Import.Total',
  'Energy.Active.Export.Total',
  /** The meter's own clock or running time, of any beginning: it must go on. */
  'Clock',
] as const
export type Measurand = (typeof MEASURANDS)[number]

/** How often a value is wanted: currents and powers each poll, voltages and energy every 5 s. */
export type ValueGroup = 'fast' | 'normal' | 'slow'

const address = z.number().int().min(0).max(65535)
const registerType = z.enum([
  'int16',
  'uint16',
  'int32',
  'uint32',
  'acc32',
  'int64',
  'uint64',
  'float32',
  'float64',
  't5',
  't6',
  't7',
])
const marker = z
  .string()
  .regex(/^0x[0-9A-Fa-f?]{1,16}$/, 'a hexadecimal number such as "0x8000"; ? stands for any digit')
const hexWords = z
  .string()
  .regex(/^[0-9A-Fa-f]{4}( [0-9A-Fa-f]{4})*$/, 'register words in hexadecimal such as "4366 199A"')

const meterTermSchema = z.strictObject({
  address,
  type: registerType,
  scale: z.number().positive(),
  subtract: z.boolean().default(false),
})

/** Registers that hold something else in another model: read once on each new line. */
const probeSchema = z.strictObject({
  /** Where it differs from the file's. */
  functionCode: z.union([z.literal(3), z.literal(4)]).optional(),
  address,
  registers: z.number().int().min(1).max(16),
  what: z.string().min(1),
  /** Any of these, from the first register on. */
  expect: z.array(hexWords).min(1).max(32),
})

const meterValueSchema = z.strictObject({
  measurand: z.enum(MEASURANDS),
  /** Zero-based as on the wire; with `sunspec` the offset from the model's ID register. */
  address,
  /** Must be what the type takes; written out because off-by-one maps are the commonest error. */
  registers: z.number().int().min(1).max(4),
  type: registerType,
  /** Where it differs from the file's: maps with both orders exist. */
  wordOrder: z.enum(['big', 'little']).optional(),
  /** value in `unit` = raw * scale * 10^(int16 at scaleRegister). */
  scale: z.number().positive(),
  unit: z.enum(['A', 'V', 'W', 'Hz', 'Wh', '%', 's']),
  /** What one raw step is, as the manual says it: "kWh", "0.1 V". Must agree with `scale` and `unit`. */
  rawUnit: z.string().min(1),
  scaleRegister: address.optional(),
  /** "unsigned" and "unstated" currents take their direction from the active power of the same phase. */
  sign: z.enum(['import+', 'unsigned', 'unstated']).optional(),
  /** Raw words that mean "no value": the value is absent, never 0. */
  invalid: z.array(marker).max(8).optional(),
  /** Registers whose value, in the same unit, is added or taken off: a remainder counter, export apart from import. */
  terms: z.array(meterTermSchema).min(1).max(3).optional(),
  /** Plausible range in `unit`, inclusive. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** Some variants refuse it: absent then, and the poll goes on. */
  optional: z.boolean().optional(),
  group: z.enum(['fast', 'normal', 'slow']),
})

export const meterDeviceSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,47}$/),
  manufacturer: z.string().min(1),
  model: z.string().min(1),
  status: z.enum(['hardware-checked', 'two sources', 'one source']),
  sources: z.array(z.string().min(1)).min(1),
  notes: z.array(z.string()).default([]),
  transports: z.array(z.enum(['tcp', 'rtu'])).min(1),
  /** As it leaves the factory, where a source says so: what a scan tries first. */
  factory: z
    .strictObject({
      unitId: z.number().int().min(1).max(255).optional(),
      baudRate: z.number().int().min(1200).max(230400).optional(),
      parity: z.enum(['none', 'even', 'odd']).optional(),
      stopBits: z.union([z.literal(1), z.literal(2)]).optional(),
    })
    .default({}),
  /** L1, L1 and L2, or all three. A phase it does not measure is unknown, never 0. */
  phases: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(3),
  /** The model tells no direction: its currents are all taken as import, the careful reading. */
  undirected: z.boolean().default(false),
  functionCode: z.union([z.literal(3), z.literal(4)]),
  byteOrder: z.literal('big'),
  wordOrder: z.enum(['big', 'little']),
  /** Most registers the model answers in one request; 125 is the protocol's own limit. */
  maxRegisters: z.number().int().min(1).max(125),
  /** Registers nobody wants that may be read along to save a request. */
  maxHole: z.number().int().min(0).max(124),
  /** The model refuses an odd number of registers. */
  evenCountOnly: z.boolean().default(false),
  /** Silence before each request on a serial line (also behind a gateway). */
  requestDelayMs: z.number().int().min(0).max(1000).default(0),
  timeoutMs: z.number().int().min(100).max(5000).default(1000),
  /** The map starts at a model of the SunSpec chain, to be found first. */
  sunspec: z
    .strictObject({
      modelId: z.number().int().min(1).max(65534),
      modelLength: z.number().int().min(1).max(65534),
      /** Where the marker "SunS" may lie. */
      bases: z.array(address).min(1).max(8),
    })
    .optional(),
  probe: z.array(probeSchema).max(4).default([]),
  /** Tells it from models with the same map. Some refuse or do not have it: then it says nothing. For a scan. */
  tells: z.array(probeSchema).max(2).default([]),
  values: z.array(meterValueSchema).min(1).max(64),
  /** Raw words by address, and what they must decode to. */
  golden: z.strictObject({
    words: z.record(z.string().regex(/^\d{1,5}$/), hexWords),
    values: z.partialRecord(z.enum(MEASURANDS), z.number()),
  }),
})

/** `choices`: it is one of these, found out when it is read; the first stands for it until then. */
export type MeterDevice = z.infer<typeof meterDeviceSchema> & { readonly choices?: readonly MeterDevice[] }
export type MeterValue = MeterDevice['values'][number]
export type MeterTerm = z.infer<typeof meterTermSchema>
