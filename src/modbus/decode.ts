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

/** 16-bit words by address; undefined = not read. */
export interface Words {
  get(address: number): number | undefined
}

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
  let sum = partOf(device, value, value, words)
  for (const term of value.terms ?? []) {
    const amount = partOf(device, value, term, words)
    sum = sum === undefined || amount === undefined ? undefined : sum + (term.subtract ? -amount : amount)
  }
  if (exponent === undefined || sum === undefined) return { kind: 'absent' }
  const scaled = tidy(sum * 10 ** exponent)
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
  if (!laidOut(part, value.wordOrder ?? device.wordOrder, words)) return undefined
  if (value.invalid?.some(marker => isMarked(marker, part.type)) === true) return undefined
  const number = numberOf(part.type)
  return Number.isFinite(number) ? number * part.scale : undefined
}

/** "0x7FFF????": the high word alone marks it. */
function isMarked(marker: string, type: RegisterType): boolean {
  const digits = marker.slice(2)
  const raw = Array.from({ length: REGISTERS_OF[type] }, (_, at) => bits.getUint16(2 * at))
  const found = raw
    .map(word => word.toString(16).padStart(4, '0'))
    .join('')
    .padStart(digits.length, '0')
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
  const turned: [Measurand, number][] = []
  for (const [current, power, powerFactor] of PHASE_PAIRS) {
    const amps = values.get(current)
    const watts = values.get(power)
    if (watts === undefined) continue
    const factor = values.get(powerFactor)
    if (factor !== undefined) {
      const directed = watts < 0 ? 0 - Math.abs(factor) : Math.abs(factor)
      if (!Object.is(directed, factor)) turned.push([powerFactor, directed])
    }
    if (watts >= 0 || amps === undefined || amps === 0) continue
    const described = device.values.find(value => value.measurand === current)
    if (described !== undefined && isUnsignedCurrent(described)) turned.push([current, -amps])
  }
  return turned.length === 0 ? values : new Map([...values, ...turned])
}

/** Whether a name from a file is one we know. */
export function isMeasurand(name: string): name is Measurand {
  return MEASURANDS.some(known => known === name)
}

function isUnsignedCurrent(value: MeterValue): boolean {
  return value.unit === 'A' && value.sign !== 'import+'
}

/** The registers of one part as they stand for a number, the highest word first; for one part at a time. */
const bits = new DataView(new ArrayBuffer(8))

/** Lays the words of a part out in `bits`; false = one of them was not read. */
function laidOut(
  part: Pick<MeterTerm, 'address' | 'type'>,
  wordOrder: MeterDevice['wordOrder'],
  words: Words,
): boolean {
  const count = REGISTERS_OF[part.type]
  for (let i = 0; i < count; i++) {
    const word = words.get(part.address + (wordOrder === 'big' ? i : count - 1 - i))
    if (word === undefined) return false
    bits.setUint16(2 * i, word)
  }
  return true
}

function scaleExponent(value: MeterValue, words: Words): number | undefined {
  if (value.scaleRegister === undefined) return 0
  const word = words.get(value.scaleRegister)
  if (word === undefined || word === SCALE_FACTOR_ABSENT) return undefined
  const exponent = word > 0x7fff ? word - 0x10000 : word
  return Math.abs(exponent) <= MAX_SCALE_EXPONENT ? exponent : undefined
}

/** Of what lies in `bits`. */
function numberOf(type: RegisterType): number {
  switch (type) {
    case 'int16':
      return bits.getInt16(0)
    case 'uint16':
      return bits.getUint16(0)
    case 'int32':
      return bits.getInt32(0)
    case 'uint32':
    case 'acc32':
      return bits.getUint32(0)
    case 'int64':
      return Number(bits.getBigInt64(0))
    case 'uint64':
      return Number(bits.getBigUint64(0))
    case 'float32':
      return shortest(bits.getFloat32(0))
    case 'float64':
      return bits.getFloat64(0)
    case 't5':
      return (bits.getUint32(0) & 0xffffff) * 10 ** bits.getInt8(0)
    case 't6':
      return ((bits.getInt32(0) << 8) >> 8) * 10 ** bits.getInt8(0)
    case 't7':
      return (bits.getUint16(2) / 10_000) * (bits.getUint8(0) === 0xff ? -1 : 1)
  }
}

/** The shortest decimal that is this float32: 67.8, not 67.80000305175781. */
function shortest(single: number): number {
  const thousandths = Math.round(single * 1e3) / 1e3
  if (Math.fround(thousandths) === single && Math.abs(single) < 1e3) return thousandths
  const size = Math.abs(single)
  if (size >= 1e-3 && size < 1e6) return single < 0 ? -shortestOf(size) : shortestOf(size)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits))
    if (Math.fround(short) === single) return short
  }
  return Number(single.toPrecision(9))
}

/**
 * The same of 0.001 to 1,000,000 without writing it down: with six digits, then one more at a time. A float32 has 24 bits, so
 * its product with a power of ten up to the twelfth is exact, and the quotient is the nearest number to the decimal.
 */
function shortestOf(size: number): number {
  let scale = 1e5
  for (let edge = 10; size >= edge; edge *= 10) scale /= 10
  for (let edge = 1; size < edge; edge /= 10) scale *= 10
  for (let digits = 6; digits < 9; digits++, scale *= 10) {
    const short = Math.round(size * scale) / scale
    if (Math.fround(short) === size) return short
  }
  return Math.round(size * scale) / scale
}

/** 2301 * 0.1 is 230.10000000000002; a meter does not resolve twelve digits. */
function tidy(value: number): number {
  // Nothing to tidy in what has six decimals; the quotient is the nearest number to it, as parsing it would give.
  const millionths = Math.round(value * 1e6)
  if (Math.abs(millionths) < 1e12 && millionths / 1e6 === value) return value
  return Number(value.toPrecision(12))
}
