// Meter definitions: the shipped files, what the loader refuses, how words become values, which registers are read together.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { NOTHING_LEARNT, planBlocks, refused } from '../../src/modbus/block-planner.js'
import { decodeAll, decodeValue } from '../../src/modbus/decode.js'
import { goldenWords, parseMeterDevice } from '../../src/modbus/device-file.js'
import type { MeterDevice, MeterValue, ValueGroup } from '../../src/modbus/device-schema.js'
import { encodeRegisters } from '../../src/modbus/encode.js'

const FOLDER = new URL('../../../devices/meters/', import.meta.url)
const VECTORS = new URL('../../../test/vectors/meters/', import.meta.url)
const IDS = readdirSync(FOLDER)
  .map(name => name.replace(/\.json$/, ''))
  .sort()
const ALL = new Set<ValueGroup>(['fast', 'normal', 'slow'])

function text(id: string): string {
  return readFileSync(new URL(`${id}.json`, FOLDER), 'utf8')
}

function device(id: string): MeterDevice {
  const parsed = parseMeterDevice(JSON.parse(text(id)))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return parsed.value
}

const sdm630 = device('eastron-sdm630-v2')

t.test('every shipped meter file loads under its own name and has vectors', async t => {
  t.equal(IDS.length, 43, 'every model with a register table in a public source')
  for (const id of IDS) t.equal(device(id).id, id)
  t.same(readdirSync(VECTORS).sort(), IDS.map(id => `${id}.json`).sort())
})

interface Vector {
  readonly title: string
  readonly words: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, number>>
  readonly absent?: readonly string[]
}

for (const id of IDS) {
  t.test(`${id}: register words decode to the values written in its vectors`, async t => {
    const { cases }: { cases: Vector[] } = JSON.parse(readFileSync(new URL(`${id}.json`, VECTORS), 'utf8'))
    for (const vector of cases) {
      const words = goldenWords(vector)
      const { values, fault } = decodeAll(device(id), words)
      t.equal(fault, undefined, vector.title)
      const wrong = Object.entries(vector.values).filter(([name, value]) => {
        const found = [...values].find(([measurand]) => measurand === name)?.[1] ?? Number.NaN
        return !(Math.abs(found - value) <= Math.abs(value) * 1e-6)
      })
      t.same(wrong, [], vector.title)
      for (const name of vector.absent ?? [])
        t.notOk(
          [...values.keys()].some(measurand => measurand === name),
          `${vector.title}: absent`,
        )
    }
    t.same(lackingIn(device(id), cases), [], 'its vectors are complete')
  })
}

/** What a model's vectors must show beside plain values: both directions, each way to say "no value", a large counter. */
function lackingIn(device: MeterDevice, cases: readonly Vector[]): readonly string[] {
  const has = (name: string, is: (vector: Vector) => boolean) => (cases.some(is) ? [] : [name])
  const without = (marker: string, as: string) =>
    has(`${marker} as ${as}`, it => {
      const says = it.title.startsWith(marker) && it.title.includes(as)
      return says && it.absent !== undefined
    })
  const counter = device.values.find(({ measurand }) => measurand === 'Energy.Active.Import.Total')
  const raw = (vector: Vector) => (vector.values['Energy.Active.Import.Total'] ?? 0) / (counter?.scale ?? 1)
  const watts = (vector: Vector) =>
    ['L1', 'L2', 'L3', 'Total'].map(phase => vector.values[`Power.Active.${phase}`] ?? 0)
  return [
    ...has('import', vector => watts(vector).some(it => it > 0) && watts(vector).every(it => it >= 0)),
    ...(device.undirected ? [] : has('export', vector => watts(vector).some(it => it < 0))),
    ...(counter === undefined ? [] : has('a counter above 2^24', vector => raw(vector) > 2 ** 24)),
    ...device.values.flatMap(({ invalid = [], type }) => invalid.flatMap(marker => without(marker, type))),
    ...device.values.flatMap(({ type }) => (type.startsWith('float') ? without('NaN', type) : [])),
    ...(device.values.some(({ scaleRegister }) => scaleRegister !== undefined)
      ? without('0x8000', 'scale factor')
      : []),
  ]
}

t.test('what is encoded for a meter decodes to the same values', async t => {
  for (const id of IDS) {
    const meter = device(id)
    const origin = meter.sunspec === undefined ? 0 : 40070
    const words = [...encodeRegisters(meter, meter.golden.values)].map(
      ([address, word]) => [address - origin, word] as const,
    )
    const { values } = decodeAll(meter, new Map(words))
    for (const [name, value] of Object.entries(meter.golden.values)) {
      const found = [...values].find(([measurand]) => measurand === name)?.[1] ?? Number.NaN
      t.ok(Math.abs(found - value) <= Math.abs(value) * 1e-3, `${id} ${name}: ${found}`)
    }
  }
})

t.test('the loader names every fault of a wrong map with its path', async t => {
  const wrong = (change: (document: Record<string, unknown>, values: Record<string, unknown>[]) => void) => {
    const document = JSON.parse(text('eastron-sdm630-v2'))
    change(document, document.values)
    const parsed = parseMeterDevice(document)
    return parsed.ok ? [] : parsed.faults.map(fault => fault.path)
  }
  const at = (values: Record<string, unknown>[], measurand: string) =>
    values.find(value => value.measurand === measurand) ?? {}
  const cases: [string, string, Parameters<typeof wrong>[0]][] = [
    [
      'address past the wire',
      'values[0].address',
      (_, values) => Object.assign(values[0]!, { address: 190076 }),
    ],
    ['last register past the wire', 'values[0].address', (_, v) => Object.assign(v[0]!, { address: 65535 })],
    ['length against type', 'values[0].registers', (_, v) => Object.assign(v[0]!, { registers: 1 })],
    ['overlap', 'values[1].address', (_, v) => Object.assign(v[1]!, { address: 1 })],
    ['kWh read as Wh', 'values[11].scale', (_, v) => Object.assign(v[11]!, { scale: 1 })],
    [
      'unit of another measurand',
      'values[0].unit',
      (_, v) => Object.assign(v[0]!, { unit: 'A', rawUnit: 'A' }),
    ],
    ['unknown key in a value', 'values[0].adress', (_, v) => Object.assign(v[0]!, { adress: 1 })],
    ['unknown key in the file', 'wordorder', d => Object.assign(d, { wordorder: 'big' })],
    ['measurand twice', 'values[1].measurand', (_, v) => Object.assign(v[1]!, { measurand: 'Voltage.L1-N' })],
    ['a type there is not', 'values[0].type', (_, v) => Object.assign(v[0]!, { type: 'float33' })],
    ['an address as text', 'values[0].address', (_, v) => Object.assign(v[0]!, { address: '0x0000' })],
    ['an address below zero', 'values[0].address', (_, v) => Object.assign(v[0]!, { address: -1 })],
    ['no address', 'values[0].address', (_, v) => delete v[0]!.address],
    ['no values', 'values', d => delete d.values],
    ['no word order', 'wordOrder', d => delete d.wordOrder],
    ['a scale of nothing', 'values[0].scale', (_, v) => Object.assign(v[0]!, { scale: 0 })],
    ['no current', 'values', (_, v) => v.splice(v.indexOf(at(v, 'Current.L2')), 1)],
    ['126 registers', 'maxRegisters', d => Object.assign(d, { maxRegisters: 126 })],
    ['write function code', 'functionCode', d => Object.assign(d, { functionCode: 6 })],
    ['words swapped', 'golden.values.Voltage.L1-N', d => Object.assign(d, { wordOrder: 'little' })],
  ]
  for (const [name, path, change] of cases) t.ok(wrong(change).includes(path), `${name}: ${wrong(change)}`)
  t.same(
    wrong(() => undefined),
    [],
  )
  for (const document of [null, [], 'x', 7, {}]) t.equal(parseMeterDevice(document).ok, false)
})

t.test('a marker, a NaN or a word that was not read is absent, never 0', async t => {
  const meter = device('sunspec-203')
  const value = meter.values.find(candidate => candidate.measurand === 'Current.L1')!
  const kindOf = (entries: [number, number][], of: MeterValue = value, map = meter) =>
    decodeValue(map, of, new Map(entries)).kind
  t.equal(
    kindOf([
      [3, 0x8000],
      [6, 0],
    ]),
    'absent',
    'int16 marker',
  )
  t.equal(
    kindOf([
      [3, 16],
      [6, 0x8000],
    ]),
    'absent',
    'scale factor not implemented',
  )
  t.equal(
    kindOf([
      [3, 16],
      [6, 1000],
    ]),
    'absent',
    'no scale factor at all',
  )
  t.equal(kindOf([[3, 16]]), 'absent', 'scale factor not read')
  t.equal(kindOf([[6, 0]]), 'absent', 'word not read')
  t.equal(
    kindOf([
      [3, 16],
      [6, 0],
    ]),
    'value',
  )
  const volts = sdm630.values[0]!
  t.equal(
    kindOf(
      [
        [0, 0x7fc0],
        [1, 0],
      ],
      volts,
      sdm630,
    ),
    'absent',
    'NaN',
  )
  t.equal(
    kindOf(
      [
        [0, 0x7f80],
        [1, 0],
      ],
      volts,
      sdm630,
    ),
    'absent',
    'infinity',
  )
  t.equal(
    kindOf(
      [
        [0, 0xffff],
        [1, 0xffff],
      ],
      volts,
      sdm630,
    ),
    'absent',
    'all ones',
  )
  const em340 = device('carlo-gavazzi-em340')
  const amps = em340.values.find(candidate => candidate.measurand === 'Current.L1')!
  t.equal(
    kindOf(
      [
        [12, 0xffff],
        [13, 0x7fff],
      ],
      amps,
      em340,
    ),
    'absent',
    'EEE, low word first',
  )
})

t.test('a value out of its range is a fault in words, not a reading', async t => {
  const words = new Map(goldenWords(sdm630.golden))
  words.set(6, 0x461c)
  words.set(7, 0x4800)
  t.match(decodeAll(sdm630, words).fault, /not plausible: Current\.L1 10002 A/)
  const counter = sdm630.values.find(value => value.measurand === 'Energy.Active.Import.Total')!
  const negative = new Map([
    [72, 0xbf80],
    [73, 0],
  ])
  t.equal(decodeValue(sdm630, counter, negative).kind, 'implausible', 'negative import')
})

t.test('every register type decodes, 64 bits and both word orders included', async t => {
  const decode = (type: MeterValue['type'], wordOrder: 'big' | 'little', words: number[]) => {
    const value: MeterValue = {
      measurand: 'Energy.Active.Import.Total',
      address: 10,
      registers: words.length,
      type,
      scale: 1,
      unit: 'Wh',
      rawUnit: 'Wh',
      group: 'slow',
    }
    const decoded = decodeValue(
      { ...sdm630, wordOrder },
      value,
      new Map(words.map((word, i) => [10 + i, word])),
    )
    return decoded.kind === 'value' ? decoded.value : decoded.kind
  }
  const cases: [MeterValue['type'], number[], number][] = [
    ['int16', [0xfffe], -2],
    ['uint16', [0xfffe], 65534],
    ['int32', [0xffff, 0xfffe], -2],
    ['uint32', [0xffff, 0xfffe], 4294967294],
    ['acc32', [0x0001, 0x0000], 65536],
    ['int64', [0xffff, 0xffff, 0xffff, 0xfffe], -2],
    ['uint64', [0x0000, 0x0001, 0x0000, 0x0001], 4294967297],
    ['float32', [0x4366, 0x199a], 230.1],
    ['float64', [0x406c, 0xc333, 0x3333, 0x3333], 230.1],
    ['t7', [0x00ff, 0x2694], 0.9876],
    ['t7', [0xff00, 0x2694], -0.9876],
  ]
  for (const [type, words, value] of cases) {
    t.equal(decode(type, 'big', words), value, `${type} high word first`)
    t.equal(decode(type, 'little', words.toReversed()), value, `${type} low word first`)
  }
})

t.test('a float32 of any size is read as the shortest decimal that is this float32', async t => {
  const value: MeterValue = {
    ...{ measurand: 'Power.Active.Total', address: 0, registers: 2, type: 'float32', scale: 1 },
    ...{ unit: 'W', rawUnit: 'W', group: 'fast' },
  }
  const view = new DataView(new ArrayBuffer(4))
  const written = (single: number): number => {
    const digits = [6, 7, 8, 9].find(count => Math.fround(Number(single.toPrecision(count))) === single)
    return Number(Number(single.toPrecision(digits ?? 9)).toPrecision(12))
  }
  const wrong: number[] = []
  let pattern = 0
  for (let n = 0; n < 20_000; n++) {
    // a step that meets every exponent, both signs and all kinds of fractions
    pattern = (pattern + 0x9e3779b1) >>> 0
    view.setUint32(0, pattern)
    const single = view.getFloat32(0)
    const words = new Map([0, 1].map(at => [at, view.getUint16(2 * at)] as const))
    const decoded = decodeValue(sdm630, value, words)
    if (Number.isFinite(single) && !(decoded.kind === 'value' && decoded.value === written(single)))
      wrong.push(single)
  }
  t.same(wrong, [])
})

t.test('the core values take as few requests as the model allows', async t => {
  const counts: Record<string, number> = {
    'eastron-sdm630-v2': 1,
    'carlo-gavazzi-em340': 3,
    // Eleven registers at most: its power factors are a seventh.
    'carlo-gavazzi-em24-rs485': 7,
    'janitza-umg-96rm': 1,
    'schneider-iem3155-iem3255': 5,
    'sunspec-203': 1,
  }
  for (const id of IDS) {
    const meter = device(id)
    const blocks = planBlocks(meter, ALL)
    t.ok(
      blocks.length <= (counts[id] ?? 5),
      `${id}: ${blocks.map(block => `${block.address}+${block.count}`)}`,
    )
    if (meter.evenCountOnly) t.ok(blocks.every(block => block.count % 2 === 0))
    for (const block of blocks) t.ok(block.count <= meter.maxRegisters)
    for (const value of meter.values) {
      const holding = blocks.filter(
        block =>
          block.address <= value.address && value.address + value.registers <= block.address + block.count,
      )
      t.equal(holding.length, 1, `${id} ${value.measurand} is whole in one block`)
    }
  }
  t.same(
    planBlocks(sdm630, new Set<ValueGroup>(['fast'])).map(({ address, count }) => [address, count]),
    [[6, 48]],
    'a fast poll reads currents and powers only',
  )
})

t.test('a refused block is cut in half and the cut remembered', async t => {
  const [block] = planBlocks(sdm630, ALL)
  const refusal = refused(sdm630, block!, NOTHING_LEARNT)
  if (refusal.kind !== 'split') return t.fail(refusal.kind)
  const [lower, upper] = refusal.halves
  t.ok(lower.count <= 50 && upper.count <= 50, 'both fit a unit that takes 50 registers')
  t.same(
    planBlocks(sdm630, ALL, refusal.learnt).map(({ address, count }) => [address, count]),
    [lower, upper].map(({ address, count }) => [address, count]),
  )
})

t.test('an optional value that is refused alone is left out; a needed one is named', async t => {
  const meter = device('carlo-gavazzi-em340')
  const exportBlock = planBlocks(meter, ALL).find(block => block.address === 78)!
  const refusal = refused(meter, exportBlock, NOTHING_LEARNT)
  if (refusal.kind !== 'absent') return t.fail(refusal.kind)
  t.notOk(planBlocks(meter, ALL, refusal.learnt).some(block => block.address === 78))
  t.same(refused(meter, { address: 12, count: 2, starts: [12] }, NOTHING_LEARNT), {
    kind: 'needed',
    measurand: 'Current.L1',
  })
})
