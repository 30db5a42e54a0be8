// How far a meter is trusted over time by the age of its readings (control rule 15, load-control scenario 15).
import t from 'tap'
import { wiringFinding } from '../../../src/core/measuring/commissioning.js'
import { markStrangers, type StrangerMark, strangersIn } from '../../../src/core/measuring/line-company.js'
import {
  type MeterState,
  meterStatus,
  meterStep,
  newMeter,
} from '../../../src/core/measuring/meter-quality.js'
import { combined, onTrail, type Trail } from '../../../src/core/measuring/virtual-meter.js'
import { type CheckStep, newWiringCheck } from '../../../src/core/measuring/wiring-watch.js'
import type { PerPhase } from '../../../src/core/site/phases.js'

const POLL_MS = 1000

const good = (state: MeterState, monoMs: number, currentA: PerPhase) =>
  meterStep(state, {
    reading: { meterId: 'main', monoMs, currentA },
    nowMs: monoMs,
    stations: [],
    generation: false,
  })
const missed = (state: MeterState, monoMs: number, fault = 'timeout') =>
  meterStep(state, {
    reading: { meterId: 'main', monoMs, fault },
    nowMs: monoMs,
    stations: [],
    generation: false,
  })

t.test('a meter that never spoke is absent, which means worst case and no raise', async t => {
  t.match(meterStatus(undefined, 5000, POLL_MS), { quality: 'absent', mayRaise: false, worstCase: true })
  t.match(meterStatus(missed(newMeter(), 0, 'no connection: ECONNREFUSED'), 0, POLL_MS), {
    quality: 'absent',
    fault: /ECONNREFUSED/,
  })
})

t.test(
  'a good sample ages from fresh over stale and worst case to absent, without any further input',
  async t => {
    const state = good(newMeter(), 10_000, [40, 41, 42])
    const rows: [number, string, boolean, boolean][] = [
      [0, 'fresh', true, false],
      [2000, 'fresh', true, false],
      [2501, 'stale', false, false],
      [7999, 'stale', false, false],
      [8000, 'stale', false, true],
      [60_000, 'stale', false, true],
      [60_001, 'absent', false, true],
    ]
    for (const [ageMs, quality, mayRaise, worstCase] of rows) {
      const status = meterStatus(state, 10_000 + ageMs, POLL_MS)
      t.match(status, { quality, mayRaise, worstCase, ageMs }, `${ageMs} ms`)
      t.same(
        status.currentA,
        quality === 'absent' ? undefined : [40, 41, 42],
        `${ageMs} ms: the last value is shown`,
      )
    }
  },
)

t.test('a slow meter is worst case from 8 s too, however long its poll', async t => {
  const state = good(newMeter(), 0, [1, 1, 1])
  t.match(meterStatus(state, 7999, 10_000), { quality: 'fresh', worstCase: false })
  t.match(meterStatus(state, 8000, 10_000), { quality: 'stale', worstCase: true, mayRaise: false })
})

t.test('two missed polls forbid raising at once; the next good reading allows it again', async t => {
  let state = good(newMeter(), 0, [40, 40, 40])
  state = missed(state, 1000)
  t.match(meterStatus(state, 1000, POLL_MS), { quality: 'fresh', mayRaise: true, fault: 'timeout' })
  state = missed(state, 2000, 'exception 4')
  t.match(meterStatus(state, 2000, POLL_MS), { quality: 'stale', mayRaise: false, fault: 'exception 4' })
  state = good(state, 3000, [41, 40, 40])
  const status = meterStatus(state, 3000, POLL_MS)
  t.match(status, { quality: 'fresh', mayRaise: true })
  t.notOk('fault' in status)
})

t.test('a reading older than the last good one changes nothing', async t => {
  const state = good(newMeter(), 5000, [40, 40, 40])
  t.equal(good(state, 4000, [1, 1, 1]), state)
})

t.test('a virtual meter is as old as its oldest part, and unknown with any unknown part', async t => {
  const whole = {
    parts: [
      { meter: 'a', factor: 1 },
      { meter: 'b', factor: 1 },
    ],
  }
  const a = {
    meterId: 'a',
    monoMs: 5_000,
    currentA: [10, 0, -2],
    powerW: [2300, 0, -460],
    importWh: 7,
  } as const
  const b = { meterId: 'b', monoMs: 3_000, currentA: [1, 2, 3], importWh: 5 } as const
  const of = (newest: readonly object[], more: object = {}, doubt?: string) => {
    const map = new Map([a, b].map((part, at) => [part.meterId, [{ ...part, ...newest[at] }]]))
    return combined('v', { ...whole, ...more }, map, () => doubt)
  }
  const sum = { meterId: 'v', monoMs: 3_000, currentA: [11, 2, 1], lowerA: [11, 2, 1], importWh: 12 }
  t.same(of([]), sum, 'no watts: b has none')
  t.same(of([], { fixedA: [1, 1, 1] })?.currentA, [12, 3, 2])
  t.equal(
    combined('v', whole, new Map([['a', [a]]]), () => undefined),
    undefined,
    'b has not spoken',
  )
  const lost = of([{}, { currentA: undefined, fault: 'timeout', monoMs: 6_000 }])
  t.same(lost, { meterId: 'v', monoMs: 6_000, fault: 'part b: timeout' })
  t.match(of([], {}, 'frozen'), { fault: 'part a: frozen' }, 'a part that is not believed')
})

/** Parts whose currents change between their polls; what the whole shows after each reading. */
function followed(
  factors: readonly number[],
  polls: readonly [monoMs: number, part: number, amps: number][],
) {
  const parts = factors.map((factor, at) => ({ meter: `${at}`, factor }))
  const trails = new Map<string, Trail>()
  return polls.map(([monoMs, part, amps]) => {
    const reading = { meterId: `${part}`, monoMs, currentA: [amps, amps, amps] as const }
    trails.set(`${part}`, onTrail(trails.get(`${part}`) ?? [], reading))
    const made = combined('v', { parts }, trails, () => undefined)
    return made && [made.monoMs, made.lowerA?.[0], made.currentA?.[0]]
  })
}

t.test('the difference of two meters is never less than what flows, whichever is read first', async t => {
  // A house with 30 A beside a feeder that falls from 40 to 10 A at 1,050 ms: 30 A are left, all the time.
  const rows = followed(
    [1, -1],
    [
      [1_000, 0, 70],
      [1_010, 1, 40],
      [2_000, 0, 40],
      [2_010, 1, 10],
      [3_000, 0, 40],
      [3_010, 1, 10],
    ],
  )
  t.same(rows, [undefined, [1_000, 30, 30], [1_010, 0, 30], [2_000, 0, 30], [2_010, 30, 30], [3_000, 30, 30]])
  // The feeder rises and is read first.
  const rising = followed(
    [1, -1],
    [
      [1_000, 1, 10],
      [1_010, 0, 40],
      [2_000, 1, 40],
      [2_010, 0, 70],
      [3_000, 1, 40],
    ],
  )
  t.same(rising.slice(2), [
    [1_010, 0, 30],
    [2_000, 0, 30],
    [2_010, 30, 30],
  ])
})

t.test('while one part is older the interval of the whole grows with all the other has shown', async t => {
  const polls: [number, number, number][] = [
    [0, 1, 10],
    [0, 0, 40],
    [1_000, 0, 52],
    [2_000, 0, 35],
    [3_000, 0, 41],
    [5_000, 1, 12],
    [5_000, 0, 41],
  ]
  const rows = followed([1, -1], polls)
  t.same(rows.slice(1), [
    [0, 30, 30],
    [0, 30, 42],
    [0, 25, 42],
    [0, 25, 42],
    [3_000, 29, 31],
    [5_000, 29, 29],
  ])
  const sum = followed([1, 0.5], polls)
  t.same(sum[5], [3_000, 46, 47], 'a sum too')
  const trail = Array.from({ length: 500 }, (_, s) => s).reduce<Trail>(
    (kept, s) => onTrail(kept, { meterId: 'a', monoMs: s, currentA: [s, s, s] }),
    [],
  )
  t.ok(trail.length <= 320, `${trail.length} readings kept`)
  t.equal(onTrail(trail, { meterId: 'a', monoMs: 501, fault: 'timeout' }).length, 1, 'a fault stands alone')
})

t.test('three answers within 10 min that nobody asked for tell of a second master, two do not', async t => {
  const at = (totals: readonly number[]) =>
    totals.reduce<readonly StrangerMark[]>(
      (marks, strangers, minute) => markStrangers(marks, { monoMs: minute * 60_000, strangers }),
      [],
    )
  t.equal(strangersIn([]), undefined)
  t.equal(strangersIn(at([4, 4, 5, 6])), undefined, 'what came before the first look does not count')
  t.equal(strangersIn(at([0, 1, 1, 3])), 3)
  const quiet = Array.from({ length: 12 }, () => 3)
  t.equal(strangersIn(at([0, 1, 2, ...quiet])), undefined, 'ten minutes later it is over')
  t.equal(strangersIn(at([0, 2, 3, 1])), undefined, 'counters that begin anew tell nothing')
  t.ok(at(Array.from({ length: 600 }, (_, n) => n)).length <= 12, 'bounded')
})

t.test('the wiring of a meter follows from steps of its stations, or is said to be open', async t => {
  type Pair = readonly [PerPhase, PerPhase]
  const steps = (...pairs: readonly Pair[]): CheckStep[] =>
    pairs.map(([stationsA, meterA], at) => ({ monoMs: at, stationsA, meterA }))
  const of = (found: CheckStep[], wiring: Parameters<typeof wiringFinding>[1] = {}) =>
    wiringFinding({ ...newWiringCheck(0, []), steps: found }, wiring)
  const [up1, up2, down2]: readonly PerPhase[] = [
    [16, 0, 0],
    [0, 10, 0],
    [0, -10, 0],
  ]
  if (up1 === undefined || up2 === undefined || down2 === undefined) return
  const right = steps([up1, [16.2, 0.1, 0]], [down2, [0, -9.8, 0]])
  t.same(of(right.slice(0, 1)), { kind: 'waiting' }, 'one step can be chance')
  t.match(of(right), { kind: 'found', change: {}, turned: [], orderUnknown: false, unseen: ['L3'] })
  t.same(of(steps([up1, [0.2, 0, 0]], [up2, [0, 0, 0.1]])), { kind: 'does not see' })
  t.same(of(steps([up1, up1], [up1, [3, 12, 0]])), { kind: 'unclear' })
  const back = steps([up1, [-16, 0, 0]], [down2, up2])
  t.match(of(back), { change: { invert: true } }, 'all of it turned')
  t.match(of(back, { invert: true }), { change: { invert: false } }, 'inverted without need')
  t.match(
    of(steps([up1, up1], [up2, down2])),
    { change: {}, turned: ['L2'] },
    'no setting mends one of three',
  )
  const moved = steps([up1, [0, 1.6, 0]], [up2, [0, 0, 1]])
  t.match(of(moved), { change: { phaseMap: 'L3L1L2', ctRatio: 10 } })
  const set = { phaseMap: 'L2L3L1', ctRatio: 5 } as const
  t.match(of(moved, set), { change: { phaseMap: 'L1L2L3', ctRatio: 50 } }, 'counted from what is set')
  const alike: Pair = [
    [16, 16, 16],
    [-9, -9, -9],
  ]
  t.match(of(steps(alike, alike)), { change: { invert: true }, orderUnknown: true, otherMaps: [] })
  const onePhase: Pair = [up1, [0, 15.8, 0]]
  t.match(
    of(steps(onePhase, onePhase)),
    { change: {}, orderUnknown: true, otherMaps: ['L2L1L3', 'L3L1L2'] },
    'a car on L1 that is seen on L2: the order is wrong, though not yet known',
  )
  const rightOne: Pair = [up1, [16, 0, 0]]
  t.match(of(steps(rightOne, rightOne)), { change: {}, orderUnknown: true, otherMaps: [] })
  const turnedOne: Pair = [up1, [-16, 0, 0]]
  const turned = of(steps(turnedOne, turnedOne))
  t.match(turned, { change: {}, turned: ['L1'] }, 'one phase does not tell that all are turned')
  t.notOk('invert' in (turned.kind === 'found' ? turned.change : {}))
})
