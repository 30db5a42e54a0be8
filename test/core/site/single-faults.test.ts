/** The single-fault table: the figures an electrician would work out by hand. */
import t from 'tap'
import { parseSiteConfig } from '../../../src/core/config/site-faults.js'
import { proveSite } from '../../../src/core/site/promise.js'
import { type SingleFault, singleFaults, worstOfEach } from '../../../src/core/site/single-faults.js'
import { singleFaultLines } from '../../../src/gateway/report.js'
import { registerStepsOf } from '../../../src/modbus/register-steps.js'
import { siteDocument, type WiredCircuit, type WiredStation } from '../../../src/sim/wiring.js'
import { catalogue } from '../../scenarios/fixtures/yard.js'

function table(
  circuit: Partial<WiredCircuit>,
  stations = 4,
  device = 'ecs-wkt-ec13',
): readonly SingleFault[] {
  const circuits = [{ id: 'main', ratedCurrentA: 100, marginA: 2, worstCaseOtherLoadA: 40, ...circuit }]
  const planned = Array.from({ length: stations }, (_, at) => ({ id: `CP-${at}`, circuit: 'main', device }))
  return tableOf(circuits, planned)
}

function tableOf(
  circuits: readonly WiredCircuit[],
  planned: readonly WiredStation[],
  meterDevice = 'eastron-sdm630-v2',
): readonly SingleFault[] {
  const lines = { meterDevice, meterHost: 'm', meterPort: 502, csmsUrl: 'ws://c/ocpp' }
  const parsed = parseSiteConfig(siteDocument(circuits, planned, lines), catalogue)
  const profile = catalogue.siteProfiles.get('workplace')
  if (!parsed.ok || profile === undefined) throw new Error(JSON.stringify(parsed))
  return singleFaults(
    parsed.value,
    catalogue.stationModels,
    proveSite(parsed.value, catalogue.stationModels, profile),
    registerStepsOf(catalogue.meters),
  )
}

const row = (rows: readonly SingleFault[], fault: RegExp): SingleFault => {
  const found = rows.find(one => fault.test(one.fault))
  if (found === undefined) throw new Error(String(fault))
  return found
}

t.test('a metered 100 A circuit with 40 A of other load: 138 A for 13.5 s when it jumps', async t => {
  const rows = table({ metered: true })
  t.match(row(rows, /jumps/), { worstA: 138, overS: 13.5, isBounded: true })
  t.match(row(rows, /Busbar is lost/), { worstA: 138, overS: 321, isBounded: true })
  t.match(row(rows, /meter is lost/), { worstA: 138, overS: 25 })
  t.match(row(rows, /frozen or wrong/), { worstA: 138, overS: 45 })
  t.match(row(rows, /does not obey/), { worstA: 130, overS: 13.5, isBounded: true }, 'from 0 A to 32 A')
  t.match(row(rows, /restarts or is reset/), { worstA: 130, overS: 16.5 })
  t.match(row(rows, /stations are not reached/), { worstA: 138, overS: 321 })
  t.match(row(rows, /changes its phases/), { worstA: 130, overS: 13.5 })
})

t.test(
  'without a meter the worst case is always assumed: no jump, but nobody sees a station escape',
  async t => {
    const rows = table({ metered: false })
    t.match(row(rows, /jumps/), { worstA: 98, overS: 0 })
    t.match(row(rows, /loses its profiles/), { worstA: 130, overS: undefined, isBounded: true })
    t.match(
      row(table({ metered: false }, 2), /loses its profiles/),
      { worstA: 104 },
      'all that two cars can take',
    )
    t.match(row(rows, /changes its phases/), { worstA: 130, overS: 42.5 })
  },
)

t.test(
  'without a meter a station that does not obey is seen by its power, but for what cars that obey would take',
  async t => {
    const rows = table({ metered: false })
    // At 8.7 A a car on three phases of 253 V has the power of one on one phase of 207 V at 32 A.
    t.match(row(rows, /does not obey/), { worstA: 130, overS: undefined, isBounded: true })
    t.equal(row(rows, /does not obey/).untold?.afterS, 150)
    t.equal(row(rows, /does not obey/).untold?.worstA.toFixed(1), '121.3', '98 + 32 - 8.7 A')
    t.match(
      singleFaultLines(rows).join('\n'),
      /at most 150 s above the rating, then 121\.3 A that nothing tells of/,
    )
    t.equal(row(table({ metered: true }), /does not obey/).untold, undefined, 'a meter tells of all of it')
    const fuse = table({ metered: false, ratedCurrentA: 50, worstCaseOtherLoadA: 10 })
    t.match(row(fuse, /does not obey/), { isBounded: false }, '81 A of 50 A: `check --strict` refuses')
    const roomy = table({ metered: false, ratedCurrentA: 200, worstCaseOtherLoadA: 40 })
    t.match(row(roomy, /does not obey/), { overS: 0, untold: undefined })
  },
)

t.test('what lasts of a station that takes one phase is the tolerance of its volts alone', async t => {
  const circuits = [{ id: 'main', ratedCurrentA: 40, marginA: 2, worstCaseOtherLoadA: 0 }]
  const one = (id: string) => ({ id, circuit: 'main', device: 'weg-wemob', phases: 'L1' as const })
  const found = row(tableOf(circuits, [one('CP-1'), one('CP-2')]), /does not obey/)
  t.equal(found.untold?.worstA.toFixed(1), '43.8', '38 + 32 - 26.2 A')
})

t.test(
  'an unmetered 63 A panel under a meter counts on what that sees: 84 A for 13.5 s when it jumps',
  async t => {
    const main = { id: 'main', ratedCurrentA: 200, worstCaseOtherLoadA: 20, metered: true }
    const panel = { id: 'panel', parent: 'main', ratedCurrentA: 63, marginA: 2, worstCaseOtherLoadA: 23 }
    const planned = Array.from({ length: 4 }, (_, at) => ({
      id: `CP-${at}`,
      circuit: 'panel',
      device: 'ecs-wkt-ec13',
    }))
    const jump = (circuits: readonly WiredCircuit[]): SingleFault | undefined =>
      tableOf(circuits, planned).find(
        ({ fault, circuitId }) => /jumps/.test(fault) && circuitId === circuits.at(-1)?.id,
      )
    t.match(jump([main, panel]), { worstA: 61 + 23, overS: 13.5 })
    const between = { id: 'feeder', parent: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 0 }
    t.match(jump([main, between, { ...panel, parent: 'feeder' }]), { worstA: 84 }, 'over two levels')
    t.match(jump([{ ...main, metered: false }, panel]), { worstA: 61, overS: 0 }, 'no meter at all')
    const roof = { id: 'roof', parent: 'main', ratedCurrentA: 40, worstCaseOtherLoadA: 0, generation: true }
    t.match(jump([main, roof, panel]), { worstA: 61, overS: 0 }, 'what feeds in beside it hides load')
  },
)

t.test('without a meter of its own a circuit counts on what meters below it see of their part', async t => {
  const feeder = { id: 'feeder', ratedCurrentA: 80, marginA: 2, worstCaseOtherLoadA: 5 }
  const panel = { id: 'panel', parent: 'feeder', ratedCurrentA: 50, marginA: 1, worstCaseOtherLoadA: 14 }
  const planned = Array.from({ length: 4 }, (_, at) => ({
    id: `CP-${at}`,
    circuit: at < 2 ? 'feeder' : 'panel',
    device: 'ecs-wkt-ec13',
  }))
  const jump = (metered: boolean): SingleFault | undefined =>
    tableOf([feeder, { ...panel, metered }], planned).find(
      ({ fault, circuitId }) => /jumps/.test(fault) && circuitId === 'feeder',
    )
  t.match(jump(true), { worstA: 78 + 14, overS: 13.5 })
  t.match(jump(false), { worstA: 78, overS: 0 })
})

t.test('a station that paused neighbours cannot make room for lasts until it is mended', async t => {
  const rows = table({ metered: true, ratedCurrentA: 50, worstCaseOtherLoadA: 20 }, 4, 'generic')
  // 4 x 6 A paused + 26 A escaped + 20 A of other load on a 50 A circuit
  t.match(row(rows, /does not obey/), { overS: undefined })
})

t.test('what 1.45 x rated does not bound is named on every circuit', async t => {
  const rows = table({ metered: true, ratedCurrentA: 30, marginA: 1, worstCaseOtherLoadA: 16 }, 2)
  t.notOk(row(rows, /jumps/).isBounded, '29 + 16 A on 30 A')
  const text = singleFaultLines(rows).join('\n')
  t.match(text, /UNBOUNDED other load jumps to its worst case: main 45 A of 30 A \(150 %\)/)
  t.equal(worstOfEach(rows).length, new Set(rows.map(({ fault }) => fault)).size)
})

t.test(
  'a meter that stands still is found by its register, as soon as its model lets it; without one a car has to move',
  async t => {
    const planned = Array.from({ length: 4 }, (_, at) => ({
      id: `CP-${at}`,
      circuit: 'main',
      device: 'ecs-wkt-ec13',
    }))
    const wrong = (meterDevice: string, worstCaseOtherLoadA = 40): SingleFault => {
      const main = { id: 'main', ratedCurrentA: 100, marginA: 2, worstCaseOtherLoadA, metered: true }
      return row(tableOf([main], planned, meterDevice), /frozen or wrong/)
    }
    t.equal(wrong('schneider-iem3155-iem3255').overS, 45, 'each Wh')
    t.equal(wrong('eastron-sdm630-v2').overS, 45, 'each 10 Wh: 2.6 s at 60 A on one phase')
    t.equal(
      wrong('carlo-gavazzi-em340').overS,
      85,
      'each 100 Wh: 26 s, so 30 s by reads, twice that and two reads',
    )
    t.equal(
      wrong('eastron-sdm630-v2', 98).overS,
      undefined,
      'it may show less than what registers surely count',
    )
    t.equal(wrong('iskra-wm3m4').overS, undefined, 'no register')
    t.match(
      wrong('iskra-wm3m4'),
      { worstA: 138, isBounded: true },
      'inside the protection curve all the same',
    )
    t.match(singleFaultLines([wrong('iskra-wm3m4')]).join(), /138 A of 100 A.*until a car changes by 5 A/)
    const rows = tableOf(
      [
        { id: 'main', ratedCurrentA: 200, marginA: 2, worstCaseOtherLoadA: 40, metered: true },
        { id: 'panel', parent: 'main', ratedCurrentA: 63, marginA: 2, worstCaseOtherLoadA: 23 },
      ],
      planned.map(station => ({ ...station, circuit: 'panel' })),
      'iskra-wm3m4',
    )
    const panel = rows.find(({ kind, circuitId }) => kind === 'meter wrong' && circuitId === 'panel')
    t.match(panel, { worstA: 84, overS: undefined }, 'an unmetered panel stands on the meter above')
  },
)
