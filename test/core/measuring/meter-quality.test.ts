// How far a meter is trusted over time (control rule 15, load-control scenarios 15 and 16).
import t from 'tap'
import {
  type MeterState,
  meterStatus,
  meterStep,
  NO_METER_YET,
} from '../../../src/core/measuring/meter-quality.js'
import type { PerPhase } from '../../../src/core/site/phases.js'

const POLL_MS = 1000

const good = (state: MeterState, monoMs: number, currentA: PerPhase) =>
  meterStep(state, { kind: 'reading', reading: { meterId: 'main', monoMs, currentA } })
const missed = (state: MeterState, monoMs: number, fault = 'timeout') =>
  meterStep(state, { kind: 'reading', reading: { meterId: 'main', monoMs, fault } })
const stations = (state: MeterState, monoMs: number, sumA: PerPhase) =>
  meterStep(state, { kind: 'stations', monoMs, sumA })

/** The first second (from 1) at which the meter counts as frozen, playing one step per second. */
function frozenAtS(lastS: number, meterA: (s: number) => PerPhase, stationsA: (s: number) => PerPhase) {
  let state = NO_METER_YET
  for (let s = 1; s <= lastS; s++) {
    state = good(state, s * 1000, meterA(s))
    state = stations(state, s * 1000 + 100, stationsA(s))
    if (meterStatus(state, s * 1000 + 100, POLL_MS).fault === 'frozen') return s
  }
  return undefined
}

t.test('a meter that never spoke is absent, which means worst case and no raise', async t => {
  t.same(meterStatus(NO_METER_YET, 5000, POLL_MS), { quality: 'absent', mayRaise: false, worstCase: true })
  t.match(meterStatus(missed(NO_METER_YET, 0, 'no connection: ECONNREFUSED'), 0, POLL_MS), {
    quality: 'absent',
    fault: /ECONNREFUSED/,
  })
})

t.test(
  'a good sample ages from fresh over stale and worst case to absent, without any further input',
  async t => {
    const state = good(NO_METER_YET, 10_000, [40, 41, 42])
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
  const state = good(NO_METER_YET, 0, [1, 1, 1])
  t.match(meterStatus(state, 7999, 10_000), { quality: 'fresh', worstCase: false })
  t.match(meterStatus(state, 8000, 10_000), { quality: 'stale', worstCase: true, mayRaise: false })
})

t.test('two missed polls forbid raising at once; the next good reading allows it again', async t => {
  let state = good(NO_METER_YET, 0, [40, 40, 40])
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
  const state = good(NO_METER_YET, 5000, [40, 40, 40])
  t.equal(good(state, 4000, [1, 1, 1]), state)
})

t.test(
  'a meter that stands still while the cars move 6 A is frozen within 30 s and counts as worst case',
  async t => {
    const noisy = (s: number): PerPhase => [40 + (s % 7) / 10, 40, 40 + (s % 3) / 10]
    const at = frozenAtS(
      90,
      s => noisy(Math.min(s, 40)),
      s => (s < 45 ? [20, 20, 20] : [26, 20, 20]),
    )
    t.ok(at !== undefined && at - 40 <= 30, `frozen at ${at} s`)
    let state = NO_METER_YET
    state = good(state, 0, [40, 40, 40])
    state = stations(state, 100, [10, 10, 10])
    state = stations(state, 10_000, [15, 10, 10])
    state = good(state, 14_999, [40, 40, 40])
    t.match(meterStatus(state, 14_999, POLL_MS), { quality: 'fresh' }, 'not before 15 s')
    state = good(state, 15_000, [40, 40, 40])
    t.match(meterStatus(state, 15_000, POLL_MS), {
      quality: 'stale',
      mayRaise: false,
      worstCase: true,
      fault: 'frozen',
      currentA: [40, 40, 40],
    })
    state = stations(good(state, 16_000, [40, 40, 40]), 50_000, [10, 10, 10])
    t.match(meterStatus(state, 50_000, POLL_MS), { fault: 'frozen' }, 'cars moving back do not clear it')
    state = good(state, 51_000, [40, 40, 40.1])
    t.match(meterStatus(state, 51_000, POLL_MS), { quality: 'fresh', worstCase: false }, 'moving values do')
  },
)

t.test('a frozen meter that no longer answers says so', async t => {
  let state = NO_METER_YET
  for (let s = 1; s <= 60; s++) {
    const movingA: PerPhase = [s % 2 ? 20 : 0, 0, 0]
    state = meterStep(state, { kind: 'stations', monoMs: s * 1000, sumA: movingA })
    state = meterStep(state, {
      kind: 'reading',
      reading: { meterId: 'main', monoMs: s * 1000, currentA: [40, 40, 40] },
    })
  }
  t.equal(meterStatus(state, 60_000, POLL_MS).fault, 'frozen')
  const silent = missed(state, 61_000)
  t.equal(meterStatus(silent, 61_000, POLL_MS).fault, 'timeout')
  t.equal(silent.frozen, true)
})

t.test('a still meter is not frozen while nothing proves it', async t => {
  const still = (): PerPhase => [0, 0, 0]
  t.equal(
    frozenAtS(120, still, () => [0, 0, 0]),
    undefined,
    'a site at rest',
  )
  t.equal(
    frozenAtS(120, still, s => (s % 2 ? [4.9, 0, 0] : [0, 0, 0])),
    undefined,
    'less than 5 A',
  )
  t.equal(
    frozenAtS(
      120,
      s => [s % 40 < 20 ? 30 : 36, 0, 0],
      s => [(s - 12) % 40 < 20 ? 10 : 16, 0, 0],
    ),
    undefined,
    'cars report 12 s late what the meter showed at once',
  )
  t.equal(
    frozenAtS(
      120,
      s => [s < 20 ? 30 : 46, 0, 0],
      s => [s < 45 ? 0 : 16, 0, 0],
    ),
    undefined,
    'one car, reported 25 s late',
  )
})

t.test('cars that go on moving find a meter that froze right after a big step', async t => {
  const at = frozenAtS(
    120,
    s => [s < 20 ? 30 : 60, 0, 0],
    s => [s < 35 ? 30 : s < 60 ? 36 : 30, 0, 0],
  )
  t.ok(at !== undefined && at <= 61, `frozen at ${at} s`)
})
