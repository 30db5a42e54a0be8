/**
 * Loads one meter definition: the schema, then what real maps got wrong elsewhere (address out of the wire, length that
 * does not fit the type, overlaps, unit against scale), and last its own golden vector. A file with a fault is refused
 * whole. Knows no file system: it is given the parsed JSON.
 */
import { type FileFault, type Parsed, parseDocument } from '../core/config/faults.js'
import { show } from '../core/config/shown.js'
import { decodeAll, isMeasurand } from './decode.js'
import {
  type MeterDevice,
  type MeterTerm,
  type MeterValue,
  meterDeviceSchema,
  REGISTERS_OF,
} from './device-schema.js'

const UNIT_OF: readonly (readonly [prefix: string, unit: MeterValue['unit']])[] = [
  ['Current.', 'A'],
  ['Power.Active.', 'W'],
  ['Voltage.', 'V'],
  ['Frequency', 'Hz'],
  ['Energy.Active.', 'Wh'],
  ['PowerFactor.', '%'],
  ['Clock', 's'],
]

/** float32 holds seven digits. */
const GOLDEN_TOLERANCE = 1e-6

/** A meter definition, or every fault of it with path, found and expected. */
export function parseMeterDevice(document: unknown): Parsed<MeterDevice, FileFault> {
  const parsed = parseDocument(meterDeviceSchema, document)
  if (!parsed.ok) return parsed
  const device = parsed.value
  const faults = [
    ...device.values.flatMap((value, i) => valueFaults(device, value, `values[${i}]`)),
    ...overlapFaults(device),
    ...duplicateFaults(device),
    ...phaseFaults(device),
    ...probeFaults(device),
  ]
  if (faults.length === 0) faults.push(...goldenFaults(device))
  return faults.length === 0 ? parsed : { ok: false, faults }
}

function valueFaults(device: MeterDevice, value: MeterValue, path: string): FileFault[] {
  const faults: FileFault[] = []
  const expect = (holds: boolean, key: string, found: unknown, expected: string) => {
    if (!holds) faults.push({ path: `${path}.${key}`, found: show(found), expected })
  }
  const registers = REGISTERS_OF[value.type]
  expect(value.registers === registers, 'registers', value.registers, `${registers}, as ${value.type} takes`)
  expect(value.address + registers <= 65536, 'address', value.address, 'all registers within 0..65535')
  expect(registers <= device.maxRegisters, 'type', value.type, `at most ${device.maxRegisters} registers`)
  const unit = UNIT_OF.find(([prefix]) => value.measurand.startsWith(prefix))?.[1]
  expect(value.unit === unit, 'unit', value.unit, `${unit} for ${value.measurand}`)
  const step = rawStep(value.rawUnit, value.unit)
  expect(step !== undefined, 'rawUnit', value.rawUnit, `a step of ${value.unit} such as "k${value.unit}"`)
  if (step !== undefined)
    expect(Math.abs(value.scale / step - 1) < 1e-9, 'scale', value.scale, `${step}, as ${value.rawUnit} is`)
  expect((value.min ?? -Infinity) < (value.max ?? Infinity), 'min', value.min, 'less than max')
  for (const [i, term] of (value.terms ?? []).entries())
    expect(
      term.address + REGISTERS_OF[term.type] <= 65536,
      `terms[${i}].address`,
      term.address,
      'all registers within 0..65535',
    )
  if (value.group === 'fast')
    expect(value.optional !== true, 'optional', value.optional, 'currents and powers are needed')
  return faults
}

/** "0.1 kWh" in Wh is 100; undefined when it is no step of that unit. */
function rawStep(text: string, unit: MeterValue['unit']): number | undefined {
  const match = /^(?:(\d+(?:\.\d+)?) )?(m|k|M)?(A|V|W|Hz|Wh|%|s)$/.exec(text)
  if (match === null || match[3] !== unit) return undefined
  const prefix = match[2] === 'm' ? 0.001 : match[2] === 'k' ? 1000 : match[2] === 'M' ? 1_000_000 : 1
  return Number(match[1] ?? 1) * prefix
}

function overlapFaults(device: MeterDevice): FileFault[] {
  const taken = new Map<number, string>()
  const faults: FileFault[] = []
  const take = (path: string, part: Pick<MeterTerm, 'address' | 'type'>, measurand: string) => {
    const own = Array.from({ length: REGISTERS_OF[part.type] }, (_, at) => part.address + at)
    const at = own.find(address => taken.has(address))
    if (at === undefined) for (const address of own) taken.set(address, measurand)
    else
      faults.push({
        path: `${path}.address`,
        found: `${part.address}`,
        expected: `registers of its own; ${at} belongs to ${taken.get(at)}`,
      })
  }
  for (const [i, value] of device.values.entries()) {
    take(`values[${i}]`, value, value.measurand)
    // Two values may share a term (the same register added here and taken off there).
    const overlaid = value.scaleRegister === undefined ? undefined : taken.get(value.scaleRegister)
    if (overlaid !== undefined)
      faults.push({
        path: `values[${i}].scaleRegister`,
        found: `${value.scaleRegister}`,
        expected: `a register of its own; it belongs to ${overlaid}`,
      })
  }
  return faults
}

function duplicateFaults(device: MeterDevice): FileFault[] {
  const first = new Map<string, number>()
  const faults: FileFault[] = []
  for (const [i, value] of device.values.entries()) {
    const earlier = first.get(value.measurand)
    if (earlier === undefined) first.set(value.measurand, i)
    else
      faults.push({
        path: `values[${i}].measurand`,
        found: value.measurand,
        expected: `each measurand once; it is values[${earlier}] already`,
      })
  }
  return faults
}

/**
 * Without the current of each phase it measures it is no meter for load control; without power an unsigned one has no
 * direction, which the file must then say.
 */
function phaseFaults(device: MeterDevice): FileFault[] {
  const faults: FileFault[] = []
  const has = (name: string) =>
    device.values.some(value => value.measurand === name && value.group === 'fast')
  for (const phase of ['L1', 'L2', 'L3'].slice(0, device.phases)) {
    const current = `Current.${phase}`
    const power = `Power.Active.${phase}`
    if (!has(current))
      faults.push({ path: 'values', found: `no fast ${current}`, expected: 'current of each phase' })
    if (has(power) === device.undirected)
      faults.push(
        device.undirected
          ? {
              path: 'undirected',
              found: `true beside ${power}`,
              expected: 'false where power tells a direction',
            }
          : {
              path: 'values',
              found: `no fast ${power}`,
              expected: 'power of each phase, or "undirected": true',
            },
      )
  }
  const foreign = device.values.find(
    value => Number(/\.L(\d)/.exec(value.measurand)?.[1] ?? 0) > device.phases,
  )
  if (foreign !== undefined)
    faults.push({
      path: 'phases',
      found: `${device.phases}, but ${foreign.measurand}`,
      expected: 'the phases that are mapped',
    })
  return faults
}

function probeFaults(device: MeterDevice): FileFault[] {
  return (['probe', 'tells'] as const).flatMap(key =>
    device[key].flatMap((probe, i) => {
      const path = `${key}[${i}]`
      const long = probe.expect.find(words => words.split(' ').length > probe.registers)
      if (long !== undefined)
        return [{ path: `${path}.expect`, found: long, expected: `at most ${probe.registers} registers` }]
      if (probe.address + probe.registers > 65536)
        return [
          { path: `${path}.address`, found: `${probe.address}`, expected: 'all registers within 0..65535' },
        ]
      return []
    }),
  )
}

function goldenFaults(device: MeterDevice): FileFault[] {
  const words = goldenWords(device.golden)
  const decoded = decodeAll(device, words)
  const faults: FileFault[] = []
  if (decoded.fault !== undefined)
    faults.push({ path: 'golden.words', found: decoded.fault, expected: 'plausible values' })
  for (const value of device.values) {
    const expected = isMeasurand(value.measurand) ? device.golden.values[value.measurand] : undefined
    const found = decoded.values.get(value.measurand)
    const path = `golden.values.${value.measurand}`
    if (expected === undefined) faults.push({ path, found: 'nothing', expected: 'a value' })
    else if (found === undefined || Math.abs(found - expected) > Math.abs(expected) * GOLDEN_TOLERANCE)
      faults.push({ path, found: show(found), expected: `${expected}, as written in the file` })
  }
  return faults
}

/** Words written in hexadecimal by address, one entry per register. */
export function goldenWords(golden: Pick<MeterDevice['golden'], 'words'>): ReadonlyMap<number, number> {
  const words = new Map<number, number>()
  for (const [address, text] of Object.entries(golden.words))
    for (const [i, word] of text.split(' ').entries())
      words.set(Number(address) + i, Number.parseInt(word, 16))
  return words
}
