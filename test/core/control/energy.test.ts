/**
 * A day of the energy benchmark (`npm run bench:energy` has the month): what the sharing rules deliver of what was wanted, and what
 * the Controller's time rules leave of that.
 */
import t from 'tap'
import { STATIONS, sessionsOf, VOLTS, wantedWh } from '../../bench/energy/acn.js'
import { playAllocator } from '../../bench/energy/allocator-run.js'
import { playController } from '../../bench/energy/controller-run.js'
import { type Knows, Learned } from '../../bench/energy/learned.js'
import { plot } from '../../bench/energy/plot.js'
import { verdictOf } from '../../bench/figures.js'
import { catalogue } from '../../scenarios/fixtures/yard.js'

const DAY = sessionsOf({ from: 4, to: 5 })
const CAPACITY_KW = 30
const ON_L1 = STATIONS.filter(({ circuit, phase }) => circuit === 'main' && phase === 0)
/** Site profile, time between decisions in ms, cars, places for them at once, with a meter or not. */
const TURNS = [
  ['workplace', 1_000, 6, 5, true],
  ['workplace', 5_000, 9, 4, false],
  ['workplace', 30_000, 9, 4, true],
  ['workplace', 60_000, 10, 3, true],
  ['fleet-by-departure', 30_000, 9, 4, true],
  ['fleet-by-departure', 10_000, 3, 2, false],
  ['residential-garage', 30_000, 7, 3, true],
  ['bus-depot-night', 30_000, 5, 2, true],
] as const

t.test('a Tuesday at a workplace on 30 kW', async t => {
  t.equal(DAY.length, 35)
  t.ok(wantedWh(DAY) > 200_000)
  const known = playAllocator(DAY, {
    capacityKw: CAPACITY_KW,
    sharing: 'least-laxity',
    knows: 'departures',
  })
  const unknown = playAllocator(DAY, { capacityKw: CAPACITY_KW, sharing: 'equal', knows: 'nothing' })
  t.ok(known > 83.5, `allocator, departures known: ${known.toFixed(2)} %`)
  t.ok(unknown > 82, `allocator, equal: ${unknown.toFixed(2)} %`)
  const profile = catalogue.siteProfiles.get('fleet-by-departure')
  if (profile === undefined) throw new Error('no such profile')
  const { percent, overA, switchesPerCarHour } = playController(DAY, {
    ...{ capacityKw: CAPACITY_KW, profile, knows: 'departures' },
    ...{ isMetered: false, tickMs: 20_000 },
  })
  t.ok(percent > 80.5, `Controller, departures known: ${percent.toFixed(2)} %`)
  t.equal(overA, 0, 'never over the limit')
  t.ok(switchesPerCarHour <= 4, `${switchesPerCarHour.toFixed(1)} switches per car and hour`)
})

t.test(
  'whoever was let on stays on for 15 min, and all get their turn, however often is decided',
  async t => {
    for (const [profileId, tickMs, cars, slots, isMetered] of TURNS) {
      const profile = catalogue.siteProfiles.get(profileId)
      if (profile === undefined) throw new Error('no such profile')
      const sessions = ON_L1.slice(0, cars).map(({ id: stationId }) => ({
        ...{ stationId, arrival: 0, departure: 4 * 12, needWh: 1e6 },
      }))
      const played = playController(sessions, {
        ...{ capacityKw: ((slots * 6 + 0.5) * 3 * VOLTS) / 1000, profile, knows: 'nothing' },
        ...{ isMetered, tickMs },
      })
      const { shortestOnMs = Number.NaN, switchesPerCarHour, overA } = played
      const of = `${profileId}, ${cars} cars in turn on ${slots} places, each ${tickMs / 1000} s`
      t.equal(overA, 0, of)
      t.ok(shortestOnMs >= profile.minOnMs, `${of}: ${shortestOnMs / 1000} s on`)
      t.ok(switchesPerCarHour <= 4, `${of}: ${switchesPerCarHour.toFixed(1)} switches`)
      const givenWh = sessions.map(session => played.givenWh.get(session) ?? 0)
      const turnWh = (6 * VOLTS * profile.quantumMs) / 3_600_000
      t.ok(Math.min(...givenWh) > 0, `${of}: nobody is left out`)
      const spreadWh = Math.max(...givenWh) - Math.min(...givenWh)
      t.ok(spreadWh <= 1.05 * turnWh, `${of}: ${(spreadWh / turnWh).toFixed(2)} turns apart`)
    }
  },
)

t.test(
  'departures that are learned station by station cost next to nothing where they do not agree',
  async t => {
    const days = sessionsOf({ from: 0, to: 12 })
    const played = (sharing: 'equal' | 'least-laxity', knows: Knows): number =>
      playAllocator(days, { capacityKw: CAPACITY_KW, sharing, knows })
    const [equal, learned] = [played('equal', 'nothing'), played('least-laxity', 'learned')]
    t.ok(learned > equal - 0.5, `learned ${learned.toFixed(2)} %, max-min ${equal.toFixed(2)} %`)
    const habits = new Learned()
    const visit = (day: number) => ({
      stationId: 'CA-1',
      arrival: day * 288 + 96,
      departure: day * 288 + 192,
      needWh: 0,
    })
    for (const day of [3, 4, 5, 6]) habits.learn(visit(day), 5_000)
    t.equal(habits.expect(visit(7)), undefined, 'four visits say nothing')
    habits.learn(visit(7), 5_000)
    t.match(habits.expect(visit(10)), { stayMs: 8 * 3_600_000, energyWh: 5_000, times: 5, of: 5 })
  },
)

t.test('the plot names every line', async t => {
  const svg = plot([10, 20], [{ name: 'max-min', percents: [40, 60] }])
  t.match(svg, /^<svg [\s\S]*<polyline points="[\d., ]+"[\s\S]*max-min<\/text>/)
  t.notMatch(svg, /NaN/)
})

t.test('a benchmark that measured nothing has failed, whatever its goal; 0 ms are a figure', async t => {
  const atMost = { name: 'step.p99', unit: 'ms', goal: { at: 'most', value: 100 } } as const
  t.equal(verdictOf({ ...atMost, value: undefined }), 'FAILED')
  t.equal(verdictOf({ name: 'memory', unit: 'MiB', value: undefined }), 'FAILED', 'without a goal too')
  t.equal(verdictOf({ ...atMost, value: 0 }), 'met')
  t.equal(verdictOf({ ...atMost, value: 101 }), 'MISSED')
})
