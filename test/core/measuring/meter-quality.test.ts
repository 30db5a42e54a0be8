// How far a meter is trusted over time by the age of its readings (control rule 15, load-control scenario 15).
import t from 'tap'
import { type CheckStep, newWiringCheck, wiringFinding } from '../../../src/core/measuring/commissioning.js'
import {
  type MeterState,
  meterStatus,
  meterStep,
  newMeter,
} from '../../../src/core/measuring/meter-quality.js'
import { combined } from '../../../src/core/measuring/virtual-meter.js'
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
  const of = (newest: readonly (typeof a | typeof b | object)[], more: object = {}, doubt?: string) => {
    const map = new Map([a, b].map((part, at) => [part.meterId, { ...part, ...newest[at] }]))
    return combined('v', { ...whole, ...more }, map, () => doubt)
  }
  t.same(of([]), { meterId: 'v', monoMs: 3_000, currentA: [11, 2, 1], importWh: 12 }, 'no watts: b has none')
  t.same(of([], { fixedA: [1, 1, 1] })?.currentA, [12, 3, 2])
  t.equal(
    combined('v', whole, new Map([['a', a]]), () => undefined),
    undefined,
    'b has not spoken',
  )
  const lost = of([{}, { currentA: undefined, fault: 'timeout', monoMs: 6_000 }])
  t.same(lost, { meterId: 'v', monoMs: 6_000, fault: 'part b: timeout' })
  t.match(of([], {}, 'frozen'), { fault: 'part a: frozen' }, 'a part that is not believed')
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
  t.match(of(steps(alike, alike)), { change: { invert: true }, orderUnknown: true })
})
