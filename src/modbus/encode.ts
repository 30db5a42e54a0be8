/**
 * Values to register words, the reverse of `decode.ts`: what a meter of this model would hold. For the simulated meter
 * and for tests; pure, and knows no socket.
 */
import { type MeterDevice, type MeterValue, REGISTERS_OF, type RegisterType } from './device-schema.js'
import { SUNSPEC_END, SUNSPEC_MARKER } from './sunspec.js'

/** int16 holds -32768..32767 (the least is the marker), so the largest of a group decides the scale factor. */
const INT16_MAX = 32767
const FINEST_EXPONENT = -2

/** The common model every SunSpec device starts with: ID 1, 66 registers. */
const COMMON_MODEL = { id: 1, length: 66 } as const

/**
 * Register words by wire address for the given values in the units of the device file. Values that are not given are
 * left out; numbers are rounded to the raw step and held inside the type. Unsigned currents lose their sign, as in the
 * meter. A SunSpec device gets the marker, the common model and the end of the chain too.
 */
export function encodeRegisters(
  device: MeterDevice,
  values: Readonly<Record<string, number>>,
): ReadonlyMap<number, number> {
  const words = new Map<number, number>()
  const origin = device.sunspec === undefined ? 0 : writeChain(device.sunspec, words)
  const exponents = scaleExponents(device, values)
  for (const [register, exponent] of exponents) words.set(origin + register, exponent & 0xffff)
  for (const value of device.values) {
    const given = values[value.measurand]
    if (given === undefined) continue
    const exponent = value.scaleRegister === undefined ? 0 : (exponents.get(value.scaleRegister) ?? 0)
    const unsigned = value.sign === 'unsigned' || value.sign === 'unstated'
    const raw = (unsigned ? Math.abs(given) : given) / value.scale / 10 ** exponent
    const [whole, rest] = parted(value, raw)
    put(words, origin, device, value, whole)
    for (const [i, term] of (value.terms ?? []).entries())
      put(words, origin, device, { ...value, ...term }, i === 0 ? (rest * value.scale) / term.scale : 0)
  }
  return words
}

/** What the value's own registers hold and what its first term must make up: a remainder, or what is taken off. */
function parted(value: MeterValue, raw: number): readonly [whole: number, rest: number] {
  const [first] = value.terms ?? []
  if (first === undefined) return [raw, 0]
  if (first.subtract) return raw < 0 ? [0, -raw] : [raw, 0]
  return [Math.floor(raw), raw - Math.floor(raw)]
}

function put(
  words: Map<number, number>,
  origin: number,
  device: MeterDevice,
  part: Pick<MeterValue, 'address' | 'type' | 'wordOrder'>,
  raw: number,
): void {
  const at = origin + part.address
  if (part.type === 'float32') {
    FLOAT.setFloat32(0, raw)
    const isHighFirst = (part.wordOrder ?? device.wordOrder) === 'big'
    words.set(isHighFirst ? at : at + 1, FLOAT.getUint16(0))
    words.set(isHighFirst ? at + 1 : at, FLOAT.getUint16(2))
    return
  }
  for (const [i, word] of wordsOf(device, part, rawBits(part.type, raw)).entries()) words.set(at + i, word)
}

/** Most meters speak in these: without big integers. */
const FLOAT = new DataView(new ArrayBuffer(4))

/** In wire order. */
function wordsOf(
  device: MeterDevice,
  part: Pick<MeterValue, 'type' | 'wordOrder'>,
  bits: bigint,
): readonly number[] {
  const count = REGISTERS_OF[part.type]
  const highFirst = Array.from({ length: count }, (_, i) =>
    Number((bits >> BigInt(16 * (count - 1 - i))) & 0xffffn),
  )
  return (part.wordOrder ?? device.wordOrder) === 'big' ? highFirst : highFirst.reverse()
}

function rawBits(type: RegisterType, raw: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  switch (type) {
    case 'float32':
      view.setFloat32(4, raw)
      return view.getBigUint64(0)
    case 'float64':
      view.setFloat64(0, raw)
      return view.getBigUint64(0)
    case 'int16':
    case 'int32':
    case 'int64':
    case 'uint16':
    case 'uint32':
    case 'acc32':
    case 'uint64':
      return integerBits(type, raw)
    case 't5':
    case 't6':
      return decimalBits(type, raw)
    case 't7':
      return (raw < 0 ? 0xff00_0000n : 0n) | BigInt(Math.round(Math.min(1, Math.abs(raw)) * 10_000))
  }
}

/** With three decimals, which hold ±8388: fewer for larger numbers. */
function decimalBits(type: 't5' | 't6', raw: number): bigint {
  const room = type === 't6' ? 2 ** 23 - 1 : 2 ** 24 - 1
  let exponent = -3
  while (Math.abs(raw) / 10 ** exponent > room && exponent < 10) exponent++
  const number = BigInt(Math.round(type === 't6' ? raw / 10 ** exponent : Math.abs(raw) / 10 ** exponent))
  return (BigInt.asUintN(8, BigInt(exponent)) << 24n) | BigInt.asUintN(24, number)
}

function integerBits(type: RegisterType, raw: number): bigint {
  const bits = REGISTERS_OF[type] * 16
  const signed = type.startsWith('int')
  const top = signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n
  const least = signed ? -top : 0n
  const whole = BigInt(Math.round(Number.isFinite(raw) ? raw : 0))
  const held = whole > top ? top : whole < least ? least : whole
  return BigInt.asUintN(bits, held)
}

/** The finest exponent (not below 0.01) with which the largest value of each scale register still fits. */
function scaleExponents(
  device: MeterDevice,
  values: Readonly<Record<string, number>>,
): ReadonlyMap<number, number> {
  const exponents = new Map<number, number>()
  for (const value of device.values) {
    if (value.scaleRegister === undefined) continue
    const largest = Math.abs(values[value.measurand] ?? 0) / value.scale
    const room = value.type === 'int16' ? INT16_MAX : 2 ** 31
    let exponent = exponents.get(value.scaleRegister) ?? FINEST_EXPONENT
    while (largest / 10 ** exponent > room && exponent < 10) exponent++
    exponents.set(value.scaleRegister, exponent)
  }
  return exponents
}

function writeChain(sunspec: NonNullable<MeterDevice['sunspec']>, words: Map<number, number>): number {
  const base = sunspec.bases[0] ?? 0
  const put = (address: number, ...content: number[]) => {
    for (const [i, word] of content.entries()) words.set(address + i, word)
  }
  put(base, ...SUNSPEC_MARKER, COMMON_MODEL.id, COMMON_MODEL.length)
  const origin = base + 2 + 2 + COMMON_MODEL.length
  put(origin, sunspec.modelId, sunspec.modelLength)
  put(origin + 2 + sunspec.modelLength, SUNSPEC_END, 0)
  return origin
}
