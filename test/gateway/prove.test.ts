/** Which documents Busbar may run with, and in which words the others are refused. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { proveDocument } from '../../src/gateway/prove.js'
import { faultLines, profileLines, proofLines } from '../../src/gateway/report.js'
import { GOOD } from '../process/fixtures/site.js'
import { catalogue } from '../scenarios/fixtures/yard.js'

function refusal(document: unknown): string {
  const proven = proveDocument(document, catalogue)
  if (proven.ok) return ''
  const proof =
    proven.config === undefined || proven.proof === undefined ? [] : proofLines(proven.config, proven.proof)
  return [...proof, ...faultLines(proven.faults)].join('\n')
}

t.test('the configuration that the README shows is sound and has every block', async t => {
  const [, text] = /```json\n(\{ "version": 1,[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? []
  const document: unknown = JSON.parse(text ?? 'null')
  t.equal(refusal(document), '')
  for (const block of ['site', 'circuits', 'meters', 'ocpp', 'csms', 'stations', 'offline', 'mqtt', 'web'])
    t.match(document, { [block]: {} }, block)
})

t.test('every site profile stands in the README and is told by check', async t => {
  const readme = readFileSync('README.md', 'utf8')
  t.equal(catalogue.siteProfiles.size, 5)
  for (const [id, profile] of catalogue.siteProfiles) {
    t.match(readme, `| \`${id}\` |`, `${id} in the README`)
    t.match(
      profileLines(profile).join('\n'),
      /Run as .*: .*\n {2}sharing .* turns of \d+ min.*\n {2}raises by/,
    )
  }
})

t.test('check says that without TriggerMessage a sample interval may be added, where a meter is', async t => {
  const told = (document: unknown): string => {
    const proven = proveDocument(document, catalogue)
    return proven.ok ? proofLines(proven.config, proven.proof).join('\n') : ''
  }
  const connection = { kind: 'tcp', host: '127.0.0.1', port: 502 }
  const [circuit] = GOOD.circuits
  const metered = {
    ...GOOD,
    circuits: [{ ...circuit, meter: 'main' }],
    meters: [{ id: 'main', device: 'eastron-sdm630-v2', unitId: 1, connection }],
  }
  t.match(told(metered), /Busbar alive: .* above a limit.*\n.*one sample interval .* knows no TriggerMessage/)
  t.match(told(GOOD), 'Busbar alive: no meter')
  t.notMatch(told(GOOD), 'TriggerMessage')
})

t.test('more than 1,000 stations are refused with words', async t => {
  const stations = Array.from({ length: 1_001 }, (_, n) => ({ ...GOOD.stations[0], id: `CP-${n}` }))
  t.match(
    refusal({ ...GOOD, stations }),
    'stations: found 1001 entries, expected at most 1000 stations, which is what one Busbar is meant for',
  )
})

t.test('bad input: a vehicle that wants 10^9 Wh is refused', async t => {
  const vehicle = { idTag: '04A1B2C3', departsAt: '06:30' }
  t.equal(refusal({ ...GOOD, vehicles: [{ ...vehicle, energyWh: 120_000 }] }), '')
  t.match(
    refusal({ ...GOOD, vehicles: [{ ...vehicle, energyWh: 1e9 }] }),
    'vehicles[0].energyWh: found 1000000000',
  )
})

t.test('fail-safes that do not fit are refused (CF3)', async t => {
  const text = refusal({ ...GOOD, circuits: [{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 95 }] })
  t.match(text, 'BROKEN main')
  t.match(
    text,
    'circuits[0]: found fail-safes 6 A + worst other load 95 A = 101 A on "main", expected at most 98 A',
  )
})

t.test(
  'of any circuits only trees are taken whose fail-safes and other load fit each fuse (CF3)',
  async t => {
    // of the wild ones one that is not there, itself or one below it may be what feeds them
    const isWild = fc.nat(11).map(roll => roll === 0)
    const feeder = fc.nat(6)
    const arbCircuit = fc.record({
      ...{ isWild, feeder },
      ratedCurrentA: fc.integer({ min: 10, max: 200 }),
      worstCaseOtherLoadA: fc.nat(20),
    })
    const arbStation = fc.record({ isWild, feeder, failSafeCurrentA: fc.constantFrom(0, 6, 8, 10, 16) })
    const seen = { taken: 0, overloaded: 0, unsound: 0 }
    const id = (index: number): string => `circuit-${index}`
    const verdict = fc.property(
      fc.array(arbCircuit, { minLength: 1, maxLength: 6 }),
      fc.array(arbStation, { minLength: 1, maxLength: 8 }),
      (anyCircuits, anyStations) => {
        const circuits = anyCircuits.map(({ isWild, feeder, ...rest }, index) => ({
          ...rest,
          parent: isWild ? feeder : index === 0 ? undefined : feeder % index,
        }))
        const stations = anyStations.map(({ isWild, feeder, failSafeCurrentA }) => ({
          ...{ circuit: isWild ? feeder : feeder % circuits.length, failSafeCurrentA },
        }))
        /** From one up to what feeds it; undefined where that never ends or leads nowhere. */
        const above = (from: number): readonly number[] | undefined => {
          const path: number[] = []
          for (let at: number | undefined = from; at !== undefined; at = circuits[at]?.parent) {
            if (circuits[at] === undefined || path.includes(at)) return undefined
            path.push(at)
          }
          return path
        }
        const sumsA = circuits.map(() => 0)
        const put = (from: number, amps: number): boolean => {
          const path = above(from)
          for (const at of path ?? []) sumsA[at] = (sumsA[at] ?? 0) + amps
          return path !== undefined
        }
        const isTree = [
          ...circuits.map(({ worstCaseOtherLoadA }, index) => put(index, worstCaseOtherLoadA)),
          ...stations.map(({ circuit, failSafeCurrentA }) => put(circuit, failSafeCurrentA)),
        ].every(Boolean)
        const isWithin = circuits.every(
          ({ ratedCurrentA }, index) => (sumsA[index] ?? 0) <= ratedCurrentA - 1,
        )
        const [station] = GOOD.stations
        const isTaken =
          refusal({
            ...GOOD,
            circuits: circuits.map(({ parent, ...rest }, index) => ({
              ...{ id: id(index), marginA: 1, ...rest },
              ...(parent !== undefined && { parent: id(parent) }),
            })),
            stations: stations.map(({ circuit, failSafeCurrentA }, index) => ({
              ...{ ...station, id: `CP-${index}`, circuit: id(circuit) },
              connectors: [{ ...station?.connectors[0], failSafeCurrentA }],
            })),
          }) === ''
        seen[isTaken ? 'taken' : isTree ? 'overloaded' : 'unsound']++
        return !isTaken || (isTree && isWithin)
      },
    )
    fc.assert(verdict, { numRuns: 600 })
    t.ok(Math.min(...Object.values(seen)) > 50, JSON.stringify(seen))
  },
)

t.test('every site profile loads, runs the demonstration site and stands in the README', async t => {
  const readme = readFileSync('README.md', 'utf8')
  const wanted = [
    'bus-depot-night',
    'fail-safe-only',
    'fleet-by-departure',
    'residential-garage',
    'workplace',
  ]
  t.same([...catalogue.siteProfiles.keys()].sort(), wanted)
  for (const [id, profile] of catalogue.siteProfiles) {
    t.equal(refusal({ ...GOOD, site: { ...GOOD.site, profile: id } }), '', id)
    t.match(readme, `| \`${id}\` |`, `${id} is explained`)
    t.ok(profile.minOnMs >= 900_000 && profile.quantumMs >= 900_000, 'at most four switches per car and hour')
  }
})

t.test('a virtual meter is made of meters that are read, each once, none faster than itself', async t => {
  const connection = { kind: 'tcp', host: '10.0.0.5' }
  const grid = { id: 'grid', device: 'eastron-sdm630-v2', connection }
  const house = { ...grid, id: 'house', pollMs: 2_000 }
  const made = (parts: readonly object[], more: object = {}) => ({
    ...GOOD,
    meters: [
      grid,
      house,
      { id: 'ev', device: 'virtual', pollMs: 2_000, connection: { kind: 'virtual', parts }, ...more },
    ],
  })
  const both = [{ meter: 'grid' }, { meter: 'house', factor: -1 }]
  t.equal(refusal(made(both)), '')
  for (const [document, said] of [
    [
      made([{ meter: 'grid' }, { meter: 'grid' }]),
      /parts\[1\].meter: found "grid", expected each time another/,
    ],
    [made([{ meter: 'ev' }]), /parts\[0\].meter: found "ev"/],
    [made([{ meter: 'nobody' }]), /parts\[0\].meter: found "nobody"/],
    [made(both, { pollMs: 1_000 }), /meters\[2\].pollMs: found 1000 ms, expected at least 2000 ms/],
    [made(both, { invert: true }), /meters\[2\].invert: found true, expected nothing/],
    [made(both, { device: 'eastron-sdm630-v2' }), /meters\[2\].device: found eastron-sdm630-v2 on virtual/],
    [made([{ meter: 'grid', factor: 0 }]), /parts\[0\].factor: found 0/],
    [{ ...GOOD, meters: [{ ...grid, device: 'virtual' }] }, /meters\[0\].device: found virtual on tcp/],
  ] as const)
    t.match(refusal(document), said)
})

t.test('a meter model from a data sheet is five lines, and its registers are its own', async t => {
  const sheet = {
    id: 'sheet',
    functionCode: 4,
    currentA: [6, 8, 10],
    powerW: [12, 14, 16],
    voltageV: [0, 2, 4],
  }
  const meters = [{ id: 'grid', device: 'sheet', connection: { kind: 'tcp', host: '10.0.0.5' } }]
  const withSheet = (more: object) => refusal({ ...GOOD, meters, meterModels: [{ ...sheet, ...more }] })
  t.equal(withSheet({}), '')
  for (const [more, said] of [
    [
      { powerW: [11, 14, 16] },
      /powerW: found 11 as float32, expected registers of its own; 11 belongs to currentA L3/,
    ],
    [{ frequencyHz: 65_535 }, /frequencyHz: found 65535, expected all registers within 0..65535/],
    [{ currentA: [6, 8] }, /meterModels\[0\].currentA/],
    [{ currentA: { at: [6, 8, 10], type: 'bcd' } }, /meterModels\[0\].currentA/],
    [{ volts: 1 }, /meterModels\[0\].volts: found unknown key/],
    [{ functionCode: 6 }, /meterModels\[0\].functionCode/],
    [{ id: 'eastron-sdm630-v2' }, /meterModels\[0\].id: found "eastron-sdm630-v2", expected a name/],
  ] as const)
    t.match(withSheet(more), said)
  t.match(refusal({ ...GOOD, meters, meterModels: [sheet, sheet] }), /meterModels\[1\].id: found "sheet"/)
})

t.test('limits of the configuration name what is there', async t => {
  const window = { id: 'peak', from: '17:00', to: '20:00', limitA: 50 }
  const source = { id: 'grid', door: 'mqtt' }
  t.equal(
    refusal({ ...GOOD, limits: { windows: [window], sources: [source, { ...source, door: 'api' }] } }),
    '',
  )
  const { limitA: _, ...hours } = window
  t.equal(refusal({ ...GOOD, limits: { windows: [{ ...hours, priorityClass: 2 }] } }), '', 'a class alone')
  for (const [limits, expected] of [
    [{ windows: [{ ...window, circuit: 'nowhere' }] }, 'limits.windows[0].circuit: found "nowhere"'],
    [{ windows: [window, window] }, 'limits.windows[1].id: found "peak", already at limits.windows[0]'],
    [{ windows: [{ ...window, to: '17:00' }] }, 'limits.windows[0].to: found "17:00"'],
    [{ windows: [{ ...window, from: '24:00' }] }, 'limits.windows[0].from'],
    [{ windows: [{ ...window, days: [] }] }, 'limits.windows[0].days'],
    [
      { windows: [{ ...window, limitA: undefined }] },
      'limits.windows[0].limitA: found nothing, expected limitA, priorityClass or both',
    ],
    [{ windows: [{ ...window, priorityClass: 0 }] }, 'limits.windows[0].priorityClass: found 0'],
    [{ windows: [{ ...window, priorityClass: 10 }] }, 'limits.windows[0].priorityClass: found 10'],
    [{ windows: [{ ...window, priorityClass: 1.5 }] }, 'limits.windows[0].priorityClass: found 1.5'],
    [{ sources: [source, source] }, 'limits.sources[1].id'],
  ] as const)
    t.match(refusal({ ...GOOD, limits }), expected)
  const roots = [...GOOD.circuits, { id: 'second', ratedCurrentA: 63, worstCaseOtherLoadA: 0 }]
  t.match(
    refusal({ ...GOOD, circuits: roots, limits: { windows: [window] } }),
    'as the site has 2 grid connections',
  )
})

t.test('the Modbus server names a source and meters that are there, and each unit id once', async t => {
  const meters = [
    { id: 'main', device: 'eastron-sdm630-v2', connection: { kind: 'tcp', host: 'h', port: 502 } },
    { id: 'made', device: 'virtual', connection: { kind: 'virtual', parts: [{ meter: 'main' }] } },
  ]
  const limits = { sources: [{ id: 'ems', door: 'modbus', fallbackLimitA: 20 }] }
  const said = (modbusServer: object, sources: object = limits) =>
    refusal({ ...GOOD, meters, limits: sources, modbusServer })
  const limit = { source: 'ems', validForS: 60 }
  const through = { meter: 'main', unitId: 11 }
  t.equal(said({ limit, passThrough: [through, { ...through, unitId: 12 }] }), '')
  t.match(said({ limit }, {}), 'modbusServer.limit.source: found "ems", expected an entry of limits.sources')
  t.match(said({ limit: { ...limit, source: 'grid' } }), 'expected one of ems')
  t.match(said({ limit: { source: 'ems' } }), 'modbusServer.limit.validForS')
  t.match(
    said({ passThrough: [{ ...through, meter: 'made' }] }),
    'modbusServer.passThrough[0].meter: found "made"',
  )
  t.match(said({ passThrough: [{ ...through, unitId: 1 }] }), 'modbusServer.passThrough[0].unitId: found 1')
  t.match(said({ passThrough: [through, through] }), 'modbusServer.passThrough[1].unitId')
  t.match(said({ unitId: 255, passThrough: [through] }), 'modbusServer.unitId: found 255')
})

t.test(
  'control rule 18: fail-safes are held against what a source has promised never to go below',
  async t => {
    const guarantees = (guaranteedMinimumA: number) => {
      const document = { ...GOOD, limits: { sources: [{ id: 'grid', door: 'mqtt', guaranteedMinimumA }] } }
      const proven = proveDocument(document, catalogue)
      return proven.ok
        ? proofLines(proven.config, proven.proof).filter(line => line.includes('promised by'))
        : []
    }
    t.match(guarantees(6), ['held on loss of Busbar: fail-safes 6 A on main, 6 A promised by grid'])
    t.match(guarantees(5), ['NOT HELD on loss of Busbar'])
  },
)

t.test('meters behind one port are read over TLS all of them or none, and with a file of roots', async t => {
  const meter = (id: string, tls?: object) => ({
    ...{ id, device: 'eastron-sdm630-v2' },
    connection: { kind: 'tcp', host: '10.0.0.5', port: 802, ...(tls !== undefined && { tls }) },
  })
  const of = (...meters: readonly object[]) => refusal({ ...GOOD, meters })
  const tls = { rootsFile: '/etc/busbar/meters.pem', name: 'meter-1.example' }
  t.equal(of(meter('a', tls), meter('b', tls)), '')
  t.match(of(meter('a', tls), meter('b')), 'meters[1].connection.tls: found nothing')
  t.match(of(meter('a'), meter('b', tls)), 'meters[1].connection.tls: found another one')
  t.match(of(meter('a', {})), 'meters[0].connection.tls.rootsFile')
  t.match(of(meter('a', { ...tls, name: '10.0.0.5' })), 'meters[0].connection.tls.name')
})
