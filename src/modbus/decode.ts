/**
 * Register words to values: word order, scale, SunSpec scale factors, invalid markers, plausible range, direction of
 * currents. Pure. A marker, a NaN or a word that was not read makes the value absent, never 0; a value out of its
 * range is a fault, because it shows that the words are not what the map says.
 */
import {
  MEASURANDS,
  type Measurand,
  type MeterDevice,
  type MeterTerm,
  type MeterValue,
  REGISTERS_OF,
  type RegisterType,
} from './device-schema.js'

/** 16-bit words by address. */
export type Words = ReadonlyMap<number, number>

export type DecodedValue =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'implausible'; readonly text: string }

/** SunSpec allows -10..10; anything else means that this is no scale factor. */
const MAX_SCALE_EXPONENT = 10
const SCALE_FACTOR_ABSENT = 0x8000

/** One value in its unit, before the direction of a current is known. */
export function decodeValue(device: MeterDevice, value: MeterValue, words: Words): DecodedValue {
  const exponent = scaleExponent(value, words)
  const parts = [
    partOf(device, value, value, words),
    ...(value.terms ?? []).map(term => signed(term, partOf(device, value, term, words))),
  ]
  const known = parts.filter(part => part !== undefined)
  if (exponent === undefined || known.length < parts.length) return { kind: 'absent' }
  const scaled = tidy(known.reduce((sum, part) => sum + part, 0) * 10 ** exponent)
  // Zero has no direction: -0 would be shown as such.
  const found = isUnsignedCurrent(value) ? Math.abs(scaled) : scaled + 0
  if ((value.min !== undefined && found < value.min) || (value.max !== undefined && found > value.max))
    return { kind: 'implausible', text: `not plausible: ${value.measurand} ${found} ${value.unit}` }
  return { kind: 'value', value: found }
}

/** The registers of one part as a number in the value's unit; undefined = not read, a marker, or no number. */
function partOf(
  device: MeterDevice,
  value: MeterValue,
  part: Pick<MeterTerm, 'address' | 'type' | 'scale'>,
  words: Words,
): number | undefined {
  const raw = rawBits(part, value.wordOrder ?? device.wordOrder, words)
  if (raw === undefined || value.invalid?.some(marker => isMarked(marker, raw, part.type)) === true)
    return undefined
  const number = numberOf(part.type, raw)
  return Number.isFinite(number) ? number * part.scale : undefined
}

function signed(term: MeterTerm, amount: number | undefined): number | undefined {
  return amount === undefined || !term.subtract ? amount : -amount
}

/** "0x7FFF????": the high word alone marks it. */
function isMarked(marker: string, raw: bigint, type: RegisterType): boolean {
  const digits = marker.slice(2)
  const found = raw.toString(16).padStart(Math.max(digits.length, REGISTERS_OF[type] * 4), '0')
  const expected = digits.padStart(found.length, '0').toLowerCase()
  return [...expected].every((digit, at) => digit === '?' || digit === found[at])
}

/** Every value whose words are there, directions settled. The first implausible one is named in `fault`. */
export function decodeAll(
  device: MeterDevice,
  words: Words,
): { readonly values: ReadonlyMap<Measurand, number>; readonly fault?: string } {
  const values = new Map<Measurand, number>()
  let fault: string | undefined
  for (const value of device.values) {
    const decoded = decodeValue(device, value, words)
    if (decoded.kind === 'value') values.set(value.measurand, decoded.value)
    else if (decoded.kind === 'implausible') fault ??= decoded.text
  }
  const directed = directCurrents(device, values)
  return fault === undefined ? { values: directed } : { values: directed, fault }
}

const PHASE_PAIRS = [
  ['Current.L1', 'Power.Active.L1', 'PowerFactor.L1'],
  ['Current.L2', 'Power.Active.L2', 'PowerFactor.L2'],
  ['Current.L3', 'Power.Active.L3', 'PowerFactor.L3'],
] as const satisfies readonly (readonly [Measurand, Measurand, Measurand])[]

/**
 * Import positive: a current the meter does not sign is negative where the active power of its phase is. Without that
 * power it stays positive, the careful reading. A power factor's own sign means direction in one model, inductive or
 * capacitive in another: it takes that of the power too.
 */
export function directCurrents(
  device: MeterDevice,
  values: ReadonlyMap<Measurand, number>,
): ReadonlyMap<Measurand, number> {
  const directed = new Map(values)
  for (const [current, power, powerFactor] of PHASE_PAIRS) {
    const amps = values.get(current)
    const watts = values.get(power)
    const factor = values.get(powerFactor)
    if (factor !== undefined && watts !== undefined)
      directed.set(powerFactor, watts < 0 ? 0 - Math.abs(factor) : Math.abs(factor))
    const described = device.values.find(value => value.measurand === current)
    if (amps === undefined || watts === undefined || described === undefined) continue
    if (isUnsignedCurrent(described) && watts < 0 && amps !== 0) directed.set(current, -amps)
  }
  return directed
}

/** Whether a name from a file is one we know. */
export function isMeasurand(name: string): name is Measurand {
  return MEASURANDS.some(known => known === name)
}

function isUnsignedCurrent(value: MeterValue): boolean {
  return value.unit === 'A' && value.sign !== 'import+'
}

function rawBits(
  part: Pick<MeterTerm, 'address' | 'type'>,
  wordOrder: MeterDevice['wordOrder'],
  words: Words,
): bigint | undefined {
  const count = REGISTERS_OF[part.type]
  let raw = 0n
  for (let i = 0; i < count; i++) {
    const word = words.get(part.address + (wordOrder === 'big' ? i : count - 1 - i))
    if (word === undefined) return undefined
    raw = (raw << 16n) | BigInt(word & 0xffff)
  }
  return raw
}

function scaleExponent(value: MeterValue, words: Words): number | undefined {
  if (value.scaleRegister === undefined) return 0
  const word = words.get(value.scaleRegister)
  if (word === undefined || word === SCALE_FACTOR_ABSENT) return undefined
  const exponent = word > 0x7fff ? word - 0x10000 : word
  return Math.abs(exponent) <= MAX_SCALE_EXPONENT ? exponent : undefined
}

function numberOf(type: RegisterType, raw: bigint): number {
  switch (type) {
    case 'int16':
    case 'int32':
    case 'int64':
      return Number(BigInt.asIntN(REGISTERS_OF[type] * 16, raw))
    case 'uint16':
    case 'uint32':
    case 'acc32':
    case 'uint64':
      return Number(raw)
    case 'float32':
      return float(raw, 4)
    case 'float64':
      return float(raw, 8)
    case 't5':
      return Number(raw & 0xffffffn) * 10 ** Number(BigInt.asIntN(8, raw >> 24n))
    case 't6':
      return Number(BigInt.asIntN(24, raw)) * 10 ** Number(BigInt.asIntN(8, raw >> 24n))
    case 't7':
      return (Number(raw & 0xffffn) / 10_000) * (raw >> 24n === 0xffn ? -1 : 1)
  }
}

/** For one value at a time: a buffer for each costs more than all else. */
const scratch = new DataView(new ArrayBuffer(8))

function float(raw: bigint, bytes: 4 | 8): number {
  scratch.setBigUint64(0, raw)
  return bytes === 8 ? scratch.getFloat64(0) : shortest(scratch.getFloat32(4))
}

/** The shortest decimal that is this float32: 67.8, not 67.80000305175781. */
function shortest(single: number): number {
  const thousandths = Math.round(single * 1e3) / 1e3
  if (Math.fround(thousandths) === single && Math.abs(single) < 1e3) return thousandths
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits))
    if (Math.fround(short) === single) return short
  }
  return Number(single.toPrecision(9))
}

/** 2301 * 0.1 is 230.10000000000002; a meter does not resolve twelve digits. */
function tidy(value: number): number {
  // Nothing to tidy in what has three decimals; the quotient is the nearest number to it, as parsing it would give.
  const thousandths = Math.round(value * 1e3)
  if (Math.abs(thousandths) < 1e9 && thousandths / 1e3 === value) return value
  return Number(value.toPrecision(12))
}
