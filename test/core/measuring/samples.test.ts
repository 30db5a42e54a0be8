/** Bad input from stations: unknown = worst, never a crash, never more than was surely drawn. */
import t from 'tap'
import {
  beganAt,
  counted,
  mayReachAtMs,
  type RegisterDoubt,
  ratedPowerW,
} from '../../../src/core/measuring/energy-count.js'
import { type EnergyMark, readSample } from '../../../src/core/measuring/measured.js'
import { meterReportOf } from '../../../src/core/measuring/meter-values.js'
import { steadyPowerW } from '../../../src/core/measuring/steady-draw.js'
import { readBack } from '../../../src/core/schedule/read-back.js'
import { buildSiteTree } from '../../../src/core/site/tree.js'
import { watchedNodes } from '../../../src/core/site/watched.js'

const amps = (phase: string | undefined, value: unknown, unit?: string) => ({
  measurand: 'Current.Import',
  value,
  ...(phase !== undefined && { phase }),
  ...(unit !== undefined && { unit }),
})
const at = (second: number, ...sampledValue: object[]) => ({
  timestamp: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
  sampledValue,
})
const U = undefined

t.test('amps per phase, however they are sent', async t => {
  const rows: readonly [string, object[], readonly (number | undefined)[] | undefined][] = [
    ['in one value', [at(0, amps('L1', '10'), amps('L2', '11'), amps('L3', '12'))], [10, 11, 12]],
    ['one value each', [at(0, amps('L1', 10)), at(0, amps('L2', 11)), at(0, amps('L3', 12))], [10, 11, 12]],
    ['in another order', [at(0, amps('L3', 12)), at(0, amps('L1', 10))], [10, U, 12]],
    ['newest of a phase', [at(5, amps('L1', 10)), at(1, amps('L1', 16)), at(1, amps('L2', 9))], [10, 9, U]],
    [
      'two of one moment: the larger',
      [at(0, amps('L1', 6)), at(0, amps('L1', 16), amps('L1', 3))],
      [16, U, U],
    ],
    [
      'hours older: not of this sample',
      [at(59, amps('L1', 10)), { ...at(0, amps('L2', 9)), timestamp: '2025-12-31T20:00:00Z' }],
      [10, U, U],
    ],
    ['NaN, negative and huge are unknown', [at(0, amps('L1', 'NaN'), amps('L2', -3), amps('L3', 1e9))], U],
    ['unknown unit', [at(0, amps('L1', 10, 'furlong'), amps('L2', 10, 'A'))], [U, 10, U]],
    [
      'line to line and neutral are no phase',
      [at(0, amps('L1-L2', 10), amps('N', 4), amps('L1-N', 7))],
      [7, U, U],
    ],
    ['without time', [{ sampledValue: [amps('L1', 10)] }, { sampledValue: [amps('L2', 11)] }], [10, 11, U]],
  ]
  for (const [title, meterValue, expected] of rows)
    t.same(meterReportOf({ meterValue })?.sample.ownPhasesA, expected, title)
})

const connector = (phases: 'L1L2L3' | 'L2', phaseRotation: 'RST' | 'STR' | 'Unknown' = 'RST') => ({
  id: 1,
  phases,
  phaseRotation,
  maxCurrentA: 32,
  failSafeCurrentA: 6,
})
const context = { nominalVoltageV: 230, siteVoltageV: 230, bookedA: 16, monoMs: 60_000 }

t.test('what is not reported is unknown: surely nothing, at most anything', async t => {
  const three = connector('L1L2L3')
  type Row = [string, Parameters<typeof readSample>[0], ReturnType<typeof connector>, object | undefined]
  const rows: Row[] = [
    [
      'own L1 alone',
      { ownPhasesA: [10, U, U] },
      three,
      { lowerA: [10, 0, 0], upperA: [10, U, U], used: [true, U, U] },
    ],
    [
      'own L1 alone, turned',
      { ownPhasesA: [10, U, U] },
      connector('L1L2L3', 'STR'),
      { lowerA: [0, 10, 0], upperA: [U, 10, U] },
    ],
    [
      'wiring unknown, one left out',
      { ownPhasesA: [10, 8, U] },
      connector('L1L2L3', 'Unknown'),
      { lowerA: [0, 0, 0], upperA: [U, U, U], used: [U, U, U] },
    ],
    [
      'wiring unknown, all given',
      { ownPhasesA: [10, 8, 9] },
      connector('L1L2L3', 'Unknown'),
      { lowerA: [8, 8, 8], upperA: [10, 10, 10] },
    ],
    [
      'one-phase connector that calls its wire L2',
      { ownPhasesA: [U, 10, U] },
      connector('L2'),
      { lowerA: [0, 0, 0], upperA: [0, 10, 0], used: [false, U, false] },
    ],
    [
      'twice the rating and more is a fault',
      { ownPhasesA: [65, 10, 10] },
      three,
      { lowerA: [0, 10, 10], upperA: [U, 10, 10], used: [U, true, true] },
    ],
    [
      'one figure for three phases',
      { currentA: 10 },
      three,
      { lowerA: [0, 0, 0], upperA: [U, U, U], used: [U, U, U] },
    ],
    ['power of one phase of three', { ownPhasesW: [2_300, U, U] }, three, U],
    ['power beyond the connector', { powerW: 900_000 }, three, U],
  ]
  for (const [title, sample, config, expected] of rows) {
    const { reading } = readSample(sample, { ...context, connector: config })
    if (expected === undefined) t.equal(reading, undefined, title)
    else t.match(reading, expected, title)
  }
})

const HOUR = 3_600_000
const RATED_W = ratedPowerW({ phases: 'L1L2L3', maxCurrentA: 32 }, 230)

const COUNTS: readonly {
  readonly title: string
  readonly startWh: number | undefined
  /** Minutes, and what the register shows. */
  readonly values: readonly (readonly [min: number, registerWh: number])[]
  readonly leastWh: number
  /** Minutes that nobody can vouch for, at the most the connector gives. */
  readonly blindMin?: number
  readonly doubt?: RegisterDoubt
}[] = [
  {
    title: 'goes up',
    startWh: 100,
    values: [
      [30, 5_100],
      [60, 10_100],
    ],
    leastWh: 10_000,
  },
  {
    title: 'begins at 0 again',
    startWh: 9_000,
    values: [
      [10, 10_000],
      [11, 50],
      [20, 1_050],
    ],
    leastWh: 2_000,
    blindMin: 1,
    doubt: 'went back',
  },
  {
    title: 'jumps by 1,000 kWh and stays there',
    startWh: 0,
    values: [
      [10, 1_000],
      [11, 1_001_000],
      [20, 1_002_000],
    ],
    leastWh: 2_000,
    blindMin: 1,
    doubt: 'jumped',
  },
  {
    title: 'shows one wild value',
    startWh: 0,
    values: [
      [10, 1_000],
      [11, 900_000],
      [12, 1_200],
      [20, 2_200],
    ],
    leastWh: 2_000,
    blindMin: 2,
    doubt: 'went back',
  },
  {
    title: 'is in kWh where the start was in Wh',
    startWh: 12_500,
    values: [
      [10, 12.5],
      [20, 13],
    ],
    leastWh: 0.5,
    blindMin: 10,
    doubt: 'went back',
  },
  {
    title: 'has no start',
    startWh: undefined,
    values: [
      [10, 70_000],
      [20, 71_000],
    ],
    leastWh: 1_000,
    blindMin: 10,
    doubt: 'start unknown',
  },
  {
    title: 'steps by whole kWh',
    startWh: 0,
    values: [
      [0.1, 1_000],
      [0.2, 2_000],
    ],
    leastWh: 2_000,
  },
]

for (const { title, startWh, values, leastWh, blindMin = 0, doubt } of COUNTS)
  t.test(`a session's energy is never more or less than is known: its register ${title}`, async t => {
    let count = beganAt(startWh, 0)
    for (const [min, registerWh] of values)
      count = counted(count, { registerWh, atMs: min * 60_000 }, RATED_W)
    t.equal(count.leastWh, leastWh)
    t.ok(
      Math.abs(count.mostWh - leastWh - (RATED_W * 1.1 * blindMin) / 60) < 1e-6,
      `${count.mostWh} Wh at most`,
    )
    t.equal(count.doubt, doubt)
    const inAnHour = mayReachAtMs(count, count.mostWh + RATED_W * 1.1, RATED_W)
    t.equal(Math.round(inAnHour - count.atMs), HOUR, 'silence counts as the most it gives')
  })

t.test('an energy value without a unit that may be kWh is unknown, as power is', t => {
  const wh = (value: unknown, unit?: string) => {
    const sampledValue = [{ value, ...(unit !== undefined && { unit }) }]
    return meterReportOf({ meterValue: [{ ...at(0), sampledValue }] })?.sample.energyWh
  }
  const rows: readonly [value: unknown, unit: string | undefined, expected: number | undefined][] = [
    ['1234567', undefined, 1_234_567],
    ['1234567.0', undefined, 1_234_567],
    ['1234.567', undefined, undefined],
    [0.5, undefined, undefined],
    ['0', undefined, 0],
    ['98765432.1', undefined, 98_765_432.1],
    ['1234.567', 'kWh', 1_234_567],
    ['1234.567', 'Wh', 1_234.567],
  ]
  for (const [value, unit, expected] of rows) t.equal(wh(value, unit), expected, `${value} ${unit ?? ''}`)
  t.end()
})

t.test('a register that jumps draws no line to 11,000 A: the best estimate begins anew', async t => {
  const at = { ...context, connector: connector('L1L2L3') }
  let mark: EnergyMark | undefined
  const shownA: number[] = []
  for (const [index, energyWh] of [100, 130, 160, 1_000_160, 1_000_190, 1_000_220, 10, 40].entries()) {
    const read = readSample(
      { energyWh },
      { ...at, monoMs: index * 10_000, ...(mark !== undefined && { mark }) },
    )
    mark = read.mark
    if (read.reading !== undefined && read.reading.best !== 'unknown') shownA.push(...read.reading.bestA)
  }
  t.ok(shownA.length >= 6 && Math.max(...shownA) < 20, `${Math.max(...shownA)} A shown at most`)
})

t.test('a car that takes all of an offer that lasts is known by a minute of its register', async t => {
  const points = (wattsOf: (s: number) => number, everyS = 10) => {
    let wh = 0.6
    const found: { monoMs: number; energyWh: number }[] = []
    for (let s = 0; s <= 70; s++) {
      if (s % everyS === 0) found.push({ monoMs: s * 1000, energyWh: Math.floor(wh) })
      wh += wattsOf(s) / 3_600
    }
    return found
  }
  const at13A = 3 * 13 * 230
  const offer = { offeredW: at13A, sinceMs: 0 }
  const steadyW = steadyPowerW(
    points(() => at13A),
    1,
    offer,
  )
  t.ok((steadyW ?? 0) > at13A * 0.98, `${steadyW} W of ${at13A}`)
  t.ok((steadyW ?? at13A + 1) <= at13A, 'and never more than it drew')
  t.equal(steadyPowerW([{ monoMs: 0, energyWh: 5 }], 1, offer), undefined, 'not by one value')
  const less = points(() => 0.9 * at13A)
  t.equal(steadyPowerW(less, 1, offer), undefined, 'a car that takes 10 % less goes by its own will')
  for (const sinceS of [10, 20, 30, 60])
    for (const falls of [0, 0.5, 0.8]) {
      const fallen = points(s => (s < 70 - sinceS ? at13A : falls * at13A))
      t.equal(steadyPowerW(fallen, 1, offer), undefined, `nor one that fell to ${falls} ${sinceS} s ago`)
    }
  const raised = points(s => (s < 30 ? at13A / 2 : at13A))
  const afterRaise = steadyPowerW(raised, 1, { offeredW: at13A, sinceMs: 30_000 }) ?? 0
  t.ok(afterRaise > at13A * 0.96 && afterRaise <= at13A, `a raise begins the time anew: ${afterRaise} W`)
  const coarse = points(() => at13A).map(point => ({
    ...point,
    energyWh: 100 * Math.floor(point.energyWh / 100),
  }))
  t.ok((steadyPowerW(coarse, 100, offer) ?? 0) < 0.6 * at13A, 'steps of 100 Wh leave the most of it open')
})

t.test('samples of a register that waited on their way show no more than was drawn', async t => {
  // 11 kW on three phases: 61 Wh in 20 s.
  const at = (monoMs: number, stationWallMs: number, mark?: EnergyMark) => {
    const sample = { energyWh: 5_001 + Math.round((stationWallMs / 20_000) * 61), stationWallMs }
    return readSample(sample, {
      ...context,
      connector: connector('L1L2L3'),
      monoMs,
      ...(mark !== undefined && { mark }),
    })
  }
  for (const apartMs of [5_000, 10_000]) {
    const first = at(20_000, 0)
    const { reading, mark } = at(20_000 + apartMs, 20_000, first.mark)
    t.ok((reading?.lowerA[0] ?? 0) <= 16, `${apartMs} ms apart: ${reading?.lowerA[0]} A surely drawn`)
    t.ok((reading?.upperA[0] ?? 0) >= 16, `at most ${reading?.upperA[0]} A`)
    t.equal(reading?.best, 'unknown', 'and no best estimate')
    t.equal(mark?.points.length, 1)
  }
  const backwards = at(40_000, 0, at(20_000, 20_000).mark)
  t.equal(backwards.reading, undefined, 'a clock that was set back tells nothing')
})

t.test(
  'an energy register that jumps, restarts or steps by 1 kWh never proves a draw that is not there',
  async t => {
    let mark: EnergyMark | undefined
    const registers = [5_000, 5_000, 5e8, 0, 1_000, 1_000, 2_000, 2_000, 0, 17, 20]
    for (const [index, energyWh] of registers.entries()) {
      const read = readSample(
        { energyWh },
        {
          ...context,
          connector: connector('L1L2L3'),
          monoMs: index * 60_000,
          ...(mark !== undefined && { mark }),
        },
      )
      mark = read.mark
      t.same(read.reading?.lowerA ?? [0, 0, 0], [0, 0, 0], `${energyWh} Wh`)
      t.ok(read.reading?.used.every(used => used === undefined) ?? true, 'and no phase is seen')
    }
  },
)

t.test('A15: a read-back counts only when it says a limit for every moment', async t => {
  const watts = { voltageV: 207, phases: 1 } as const
  const answer = (payload: unknown) =>
    readBack({ kind: 'result', payloadText: JSON.stringify(payload) }, watts)
  const schedule = (chargingSchedulePeriod: unknown, chargingRateUnit: unknown = 'A') =>
    answer({ status: 'Accepted', chargingSchedule: { chargingRateUnit, chargingSchedulePeriod } })
  const limits = (...periods: [number, number][]) => ({
    kind: 'limits',
    periods: periods.map(([startS, limitA]) => ({ startS, limitA })),
  })
  t.same(
    schedule([
      { startPeriod: 0, limit: 16 },
      { startPeriod: 30, limit: '6.0' },
    ]),
    limits([0, 16], [30, 6]),
  )
  t.same(
    schedule([{ startPeriod: 0, limit: 1_242 }], 'W'),
    limits([0, 6]),
    'watts, phases not said: of one phase',
  )
  t.same(schedule([{ startPeriod: 0, limit: 3_726, numberPhases: 3 }], 'W'), limits([0, 6]))
  t.same(schedule([{ startPeriod: 0, limit: 0 }]), limits([0, 0]))
  const bad: readonly [string, unknown][] = [
    ['minus one', schedule([{ startPeriod: 0, limit: -1 }])],
    [
      'minus one later',
      schedule([
        { startPeriod: 0, limit: 6 },
        { startPeriod: 9, limit: -1 },
      ]),
    ],
    ['no number', schedule([{ startPeriod: 0, limit: 'NaN' }])],
    ['null', schedule([{ startPeriod: 0, limit: null }])],
    ['no periods', schedule([])],
    ['periods that are no list', schedule('x')],
    ['nothing at the start', schedule([{ startPeriod: 10, limit: 6 }])],
    [
      'backwards',
      schedule([
        { startPeriod: 0, limit: 6 },
        { startPeriod: 0, limit: 6 },
      ]),
    ],
    ['no unit', schedule([{ startPeriod: 0, limit: 6 }], null)],
    ['no phase at all', schedule([{ startPeriod: 0, limit: 6, numberPhases: 0 }], 'W')],
    ['no schedule', answer({ status: 'Accepted' })],
    ['rejected', answer({ status: 'Rejected' })],
    ['no object', answer(null)],
    [
      'an error',
      readBack({ kind: 'error', code: 'InternalError', description: '', detailsText: '{}' }, watts),
    ],
    ['no answer', readBack({ kind: 'timeout' }, watts)],
  ]
  for (const [title, read] of bad) t.match(read, { kind: 'unreadable', why: String }, title)
})

t.test('A7: phases are freed only where every circuit on the path is watched or cannot go over', async t => {
  const circuit = (id: string, ratedCurrentA: number, more: object = {}) => ({
    id,
    ratedCurrentA,
    worstCaseOtherLoadA: 0,
    ...more,
  })
  const tree = buildSiteTree([
    circuit('main', 100, { meter: 'm' }),
    circuit('thin', 63, { parent: 'main' }),
    circuit('thick', 63, { parent: 'main' }),
    circuit('alone', 40),
  ])
  t.same(watchedNodes(tree, [0, 64, 63, 40], [98, 63, 63, 39]), [true, false, true, false])
})

t.test(
  'power alone: fewer phases than the connector has are known by two offers far apart, or by a small one',
  async t => {
    // A three-phase car that takes no more than 16 A looks like two phases at 22 to 25 A.
    type Row = [
      title: string,
      powerW: (offerA: number) => number,
      offersA: readonly number[],
      count: number | undefined,
    ]
    const sixteen = (offerA: number): number => 3 * 230 * Math.min(16, offerA)
    const rows: Row[] = [
      ['16 A on three phases, offers of 22 to 25 A', sixteen, [22, 23, 24, 25, 24], undefined],
      ['the same after an offer of 16 A', sixteen, [16, 24, 24], 3],
      ['one phase at 10 A: three would be below 6 A', offerA => 230 * offerA, [10, 32], 1],
      ['one phase at 32 A', offerA => 230 * offerA, [32, 31, 32], undefined],
      ['one phase at 32 A and 20 A', offerA => 230 * offerA, [32, 20], 1],
      ['two phases at 16 A and 10 A', offerA => 460 * offerA, [16, 10], 2],
    ]
    for (const [title, powerW, offersA, count] of rows) {
      let carPhases: ReturnType<typeof readSample>['carPhases']
      for (const settledA of offersA) {
        const sample = { powerW: powerW(settledA) }
        const known = carPhases === undefined ? {} : { carPhases }
        carPhases = readSample(sample, {
          ...context,
          connector: connector('L1L2L3'),
          settledA,
          ...known,
        }).carPhases
      }
      t.equal(carPhases?.count, count, title)
    }
  },
)

t.test(
  'energy alone: what a register counted before the offer is no part of how many phases its car has',
  async t => {
    // Seconds and amps on each phase; the offer of 6 A stands from 120 s on, and has had its time 11 s later.
    type Row = [
      title: string,
      phases: number,
      amps: (s: number) => number,
      stepWh: number,
      count: number | undefined,
    ]
    const paused = (s: number): number => (s < 80 || s >= 120 ? 6 : 0)
    const rows: Row[] = [
      ['two phases after a pause', 2, paused, 1, 2],
      ['three phases after a pause', 3, paused, 1, 3],
      ['one phase after a pause', 1, paused, 1, 1],
      ['two phases, steps of 10 Wh: not told by so few', 2, paused, 10, undefined],
      ['two phases, steps of 1 kWh', 2, paused, 1_000, undefined],
      ['one phase after 12 A', 1, s => (s < 120 ? 12 : 6), 1, 1],
    ]
    for (const [title, phases, amps, stepWh, count] of rows) {
      let mark: EnergyMark | undefined
      let carPhases: ReturnType<typeof readSample>['carPhases']
      let wh = 7_000_000
      for (let s = 0; s <= 180; s++) {
        wh += (phases * 230 * amps(s)) / 3_600
        if (s % 5 !== 0) continue
        const isSettled = s >= 136
        const read = readSample(
          { energyWh: Math.floor(wh / stepWh) * stepWh },
          {
            ...context,
            connector: connector('L1L2L3'),
            monoMs: s * 1_000,
            ...(isSettled && { settledA: 6, settledSinceMs: 131_000 }),
            ...(carPhases !== undefined && { carPhases }),
            ...(mark !== undefined && { mark }),
          },
        )
        mark = read.mark
        carPhases = read.carPhases ?? carPhases
        t.ok(
          carPhases?.count === undefined || carPhases.count === phases,
          `${title}: ${carPhases?.count} after ${s} s`,
        )
      }
      t.equal(carPhases?.count, count, title)
    }
  },
)
