import fc from 'fast-check'
import t from 'tap'
import type { AllocationResult, Demand, Turn } from '../../../src/core/allocation/demand.js'
import { lastingFrom, mostOf, stepLasting } from '../../../src/core/allocation/lasting.js'
import { type RampInput, ramp } from '../../../src/core/allocation/ramp.js'
import {
  mustBeAsked,
  type ReclaimInput,
  type ReclaimState,
  reclaim,
} from '../../../src/core/allocation/reclaim.js'
import { allocate, continuousShares } from '../../../src/core/allocation/share.js'
import { firstTurn, stepTurn } from '../../../src/core/allocation/turn.js'
import { ALL_PHASES, type PerPhase } from '../../../src/core/site/phases.js'
import { buildSiteTree } from '../../../src/core/site/tree.js'
import {
  arbSite,
  circuit,
  eachConstraint,
  MINUTE,
  ON_L1,
  ON_L2,
  ON_L3,
  TIMING,
  total,
} from './fixtures/random-sites.js'

const ACCOUNT = { entitledAs: 0, owed: false }
const NEW: Turn = { on: false, sinceMonoMs: 0, servedAs: 0, priorityClass: 1, ...ACCOUNT }

const ONE_CIRCUIT = buildSiteTree([circuit('main')])
const FEEDER = buildSiteTree([circuit('main'), circuit('feeder', 'main')])
const each = (amps: number): PerPhase => [amps, amps, amps]

function demand(key: string, change: Partial<Demand> = {}): Demand {
  const base = { node: 0, phases: ALL_PHASES, minA: 6, maxA: 16, weight: 1, stepA: 0.1, turn: NEW } as const
  return { key, ...base, ...change }
}
const cars = (count: number, change: Partial<Demand> = {}) =>
  Array.from({ length: count }, (_, i) => demand(`CP-${String(i + 1).padStart(2, '0')}/1`, change))

function share(
  availableA: readonly PerPhase[],
  demands: readonly Demand[],
  tree = ONE_CIRCUIT,
): AllocationResult {
  return allocate({ tree, availableA, demands, ...TIMING })
}
const amps = (result: AllocationResult) => result.map(each => each.allocationA)
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b)
const times = (count: number, value: number): number[] => new Array(count).fill(value)

t.test('the tree', async t => {
  const tree = buildSiteTree([circuit('c', 'b'), circuit('root'), circuit('a', 'root'), circuit('b', 'root')])
  t.same(
    tree.nodes.map(node => [node.id, node.depth, node.parentIndex]),
    [
      ['root', 0, undefined],
      ['a', 1, 0],
      ['b', 1, 0],
      ['c', 2, 2],
    ],
    'puts parents before children whatever the order of the configuration',
  )
  t.same(tree.pathOf(3), [3, 2, 0], 'names the node and all that feeds it')
  t.same([...tree.subtreeEnd], [4, 2, 4, 4], 'keeps each subtree in one range')
  t.equal(tree.indexById.get('b'), 2)
  t.same(tree.pathOf(9), [])
})

t.test('how a circuit is shared', async t => {
  const L1 = (count: number) => cars(count, { node: 1, phases: ON_L1, maxA: 32 })
  const rotated = L1(8).map((car, i) => ({ ...car, phases: [ON_L1, ON_L2, ON_L3][i % 3] ?? ON_L1 }))
  const whole = (demands: Demand[]) => demands.map(car => ({ ...car, stepA: 1 as const }))
  const site = [each(100), each(63)]
  const table: [title: string, availableA: PerPhase[], demands: Demand[], expected: number[]][] = [
    ['ten 16 A cars on 60 A get 6 A each', [each(60)], cars(10), times(10, 6)],
    [
      'on 58 A nine are on, four at 7 A and five at 6 A',
      [each(58)],
      whole(cars(10)),
      [0, ...times(5, 6), ...times(4, 7)],
    ],
    ['six cars on 60 A get 10 A each', [each(60)], cars(6), times(6, 10)],
    [
      'six cars on 58 A in 1 A steps: four at 10 A, two at 9 A',
      [each(58)],
      whole(cars(6)),
      [9, 9, 10, 10, 10, 10],
    ],
    ['nobody is on when other load is above the fuse', [each(-60)], cars(6), times(6, 0)],
    [
      'eight cars on one phase of 63 A: six at 7.9 A, two at 7.8 A',
      site,
      L1(8),
      [7.8, 7.8, ...times(6, 7.9)],
    ],
    ['the same in 1 A steps: seven at 8 A, one at 7 A', site, whole(L1(8)), [7, ...times(7, 8)]],
    ['rotated 3/3/2 they get 21, 21 and 31.5 A', site, rotated, [...times(6, 21), 31.5, 31.5]],
    ['a full L2 does not hold back a car on L1', [[24, 8, 8]], [demand('a', { phases: ON_L1 })], [16]],
    ['a car on unknown phases is held by the fullest', [[24, 8, 8]], [demand('a')], [8]],
    [
      'weight 3 gets three times as much above the minimum',
      [each(20)],
      [demand('a'), demand('b', { weight: 3 })],
      [8, 12],
    ],
    [
      'steps left over go to the largest remainder',
      [each(16)],
      whole([demand('a'), demand('b', { weight: 2 })]),
      [7, 9],
    ],
    ['a cap below the minimum is off', [each(60)], [demand('a', { maxA: 5.9 })], [0]],
    [
      'a maximum between steps is rounded down, a minimum up',
      [each(60)],
      [demand('a', { minA: 6.5, maxA: 9.7, stepA: 1 }), demand('b', { minA: 6.5, maxA: 6.9, stepA: 1 })],
      [0, 9],
    ],
    [
      'a connector on no known circuit is off',
      [each(60)],
      [demand('a', { node: -1 }), demand('b', { node: 7 })],
      [0, 0],
    ],
    ['an unknown head-room is none', [each(Number.NaN)], [demand('a')], [0]],
  ]
  for (const [title, availableA, demands, expected] of table) {
    const tree = availableA.length === 1 ? ONE_CIRCUIT : FEEDER
    t.same(sorted(amps(share(availableA, demands, tree))), expected, title)
  }
  t.same(
    amps(share(site, rotated, FEEDER)),
    [21, 21, 31.5, 21, 21, 31.5, 21, 21],
    'the third phase has two cars',
  )
})

t.test('why a car gets no more', async t => {
  const mixed = [
    demand('a', { node: 1, phases: ON_L1, maxA: 8 }),
    demand('b', { node: 1, phases: ON_L1, maxA: 32 }),
    demand('c', { node: 0, phases: ON_L1, maxA: 32 }),
    demand('d', { maxA: 3 }),
  ]
  const result = share([each(30), each(20)], mixed, FEEDER)
  t.same(result[0], { allocationA: 8, bound: { kind: 'max' } })
  t.same(result[1]?.bound, { kind: 'circuit', node: 0, phase: 0 }, 'the circuit and phase that is full')
  t.same(result[3], { allocationA: 0, bound: { kind: 'off' } })
  const waiting = share([each(40), [20, 5, 20]], [demand('a', { node: 1 })], FEEDER)
  t.same(waiting[0]?.bound, { kind: 'waiting', node: 1, phase: 1 }, 'where the minimum did not fit')
})

t.test('turns', async t => {
  const on = (sinceMin: number, servedAs: number): Turn => ({
    on: true,
    sinceMonoMs: TIMING.nowMonoMs - sinceMin * MINUTE,
    servedAs,
    priorityClass: 1,
    ...ACCOUNT,
  })
  const off = (sinceMin: number, servedAs: number): Turn => ({ ...on(sinceMin, servedAs), on: false })
  const pair = (a: Turn, b: Turn, roomA = 6) =>
    amps(share([each(roomA)], [demand('a', { turn: a }), demand('b', { turn: b })]))
  t.same(pair(on(14, 9000), off(60, 0)), [6, 0], 'a car keeps its place for 15 min')
  t.same(pair(on(15, 9000), off(60, 0)), [0, 6], 'then it goes to the least served')
  t.same(pair(on(15, 9000), off(4, 0)), [6, 0], 'a paused car stays off for 5 min')
  t.same(pair(on(15, 9000), off(4, 0), 12), [6, 6], 'unless there is room for all')
  t.same(pair(on(15, 9000), off(14, 0)), [6, 0], 'nobody gives way to a car that was on 14 min ago')
  const left = [
    demand('a', { turn: on(15, 9000) }),
    demand('b', { turn: off(14, 0) }),
    demand('c', { turn: off(4, 0) }),
  ]
  t.same(amps(share([each(12)], left)), [6, 6, 0], 'which takes what is left')
  const paused = [
    demand('a', { turn: on(1, 0) }),
    demand('b', { turn: off(4, 0) }),
    demand('c', { turn: off(5, 0) }),
  ]
  t.same(amps(share([each(12)], paused)), [6, 0, 6], 'room for some is for those who have waited')
  t.same(amps(share([each(12)], paused.slice(0, 2).concat(demand('c', { turn: off(4, 0) })))), [12, 0, 0])
  t.same(pair(on(15, 9000), off(60, 9000)), [6, 0], 'an equal clock changes nothing')
  t.same(pair(off(60, 9000), on(15, 9000)), [0, 6], 'whatever the keys')
  t.same(
    pair(on(1, 0), { ...off(60, 0), priorityClass: 0 }),
    [0, 6],
    'a higher class takes the place at once',
  )
  const three = [
    demand('a', { turn: on(3, 0) }),
    demand('b', { turn: on(9, 0) }),
    demand('c', { turn: on(6, 0) }),
    demand('d', { turn: { ...off(60, 0), priorityClass: 0 } }),
  ]
  t.same(amps(share([each(18)], three)), [0, 6, 6, 6], 'the last to come goes first')

  const starved = [
    demand('a', { phases: ON_L1, turn: on(2, 5000) }),
    demand('b', { phases: ON_L2, turn: off(30, 4000) }),
    demand('c', { turn: off(31, 0) }),
  ]
  t.same(amps(share([each(6)], starved)), [6, 0, 0], 'nobody slips into the room a long-waiting car needs')
  const patient = starved.map(car => (car.key === 'c' ? { ...car, turn: off(29, 0) } : car))
  t.same(amps(share([each(6)], patient)), [6, 6, 0], 'long means two quanta')
  const hopeless = share([[6, 6, 0]], starved)
  t.same(amps(hopeless), [6, 6, 0], 'but a car that can never fit locks nobody out')
})

t.test('twelve cars, room for five minima, four hours', async t => {
  const room = each(5 * 6)
  const names = cars(12).map(car => car.key)
  let turns: readonly Turn[] = names.map(() =>
    firstTurn({ nowMonoMs: 0, waitsForMs: TIMING.quantumMs, weight: 1 }, 1, []),
  )
  const servedMs = names.map(() => 0)
  const switches = names.map(() => 0)
  const stepMs = 10_000
  let worstSpreadMs = 0
  for (let nowMonoMs = 0; nowMonoMs < 240 * MINUTE; nowMonoMs += stepMs) {
    const demands = names.map((key, i) => demand(key, { turn: turns[i] ?? NEW }))
    const result = allocate({ ...TIMING, nowMonoMs, tree: ONE_CIRCUIT, availableA: [room], demands })
    turns = turns.map((turn, i) => {
      const currentA = result[i]?.allocationA ?? 0
      if (currentA > 0) servedMs[i] = (servedMs[i] ?? 0) + stepMs
      if (currentA > 0 !== turn.on) switches[i] = (switches[i] ?? 0) + 1
      const switched = { ...stepTurn(turn, { on: currentA > 0, currentA: 0, elapsedMs: 0, nowMonoMs }) }
      return stepTurn(switched, {
        on: currentA > 0,
        currentA,
        elapsedMs: stepMs,
        nowMonoMs: nowMonoMs + stepMs,
      })
    })
    worstSpreadMs = Math.max(worstSpreadMs, Math.max(...servedMs) - Math.min(...servedMs))
  }
  t.ok(worstSpreadMs <= 15 * MINUTE, `served time never differs by more than a quantum (${worstSpreadMs} ms)`)
  t.ok(
    Math.max(...switches) <= 4 * 4,
    `at most four switches per car and hour (${Math.max(...switches)} in four)`,
  )
  t.equal(
    servedMs.reduce((sum, ms) => sum + ms, 0),
    5 * 240 * MINUTE,
    'and all five places are always used',
  )
})

t.test('whatever there is room for, cars in turn are switched at most four times an hour', async t => {
  for (const [count, places] of [
    [2, 1],
    [3, 2],
    [6, 5],
    [7, 3],
    [12, 11],
  ] as const) {
    let turns: readonly Turn[] = cars(count).map(() =>
      firstTurn({ nowMonoMs: 0, waitsForMs: TIMING.quantumMs, weight: 1 }, 1, []),
    )
    const switches = turns.map(() => 0)
    const servedMs = turns.map(() => 0)
    let spreadMs = 0
    for (let nowMonoMs = 0; nowMonoMs < 480 * MINUTE; nowMonoMs += MINUTE) {
      const demands = cars(count).map((car, i) => ({ ...car, turn: turns[i] ?? NEW }))
      const input = { ...TIMING, nowMonoMs, tree: ONE_CIRCUIT, availableA: [each(places * 6)], demands }
      allocate(input).forEach(({ allocationA }, i) => {
        if (allocationA > 0 !== turns[i]?.on) switches[i] = (switches[i] ?? 0) + 1
        servedMs[i] = (servedMs[i] ?? 0) + (allocationA > 0 ? MINUTE : 0)
        const step = { on: allocationA > 0, currentA: allocationA }
        const begun = stepTurn(turns[i] ?? NEW, { ...step, elapsedMs: 0, nowMonoMs })
        const ended = stepTurn(begun, { ...step, elapsedMs: MINUTE, nowMonoMs: nowMonoMs + MINUTE })
        turns = turns.with(i, ended)
      })
      spreadMs = Math.max(spreadMs, Math.max(...servedMs) - Math.min(...servedMs))
    }
    const of = `${count} cars on ${places} places`
    t.ok(Math.max(...switches) <= 4 * 8, `${of}: ${Math.max(...switches)} in eight hours`)
    t.ok(spreadMs <= 15 * MINUTE, `${of}: ${spreadMs / MINUTE} min apart`)
    const servedMin = servedMs.reduce((sum, ms) => sum + ms, 0) / MINUTE
    t.equal(servedMin, 480 * places, `${of}: all places are always used`)
  }
})

t.test('a newcomer starts level with the least served of its class', async t => {
  const arrival = { nowMonoMs: 50, waitsForMs: 20, weight: 2 }
  const present = [
    { turn: { ...NEW, servedAs: 900 }, weight: 3 },
    { turn: { ...NEW, servedAs: 400 }, weight: 1 },
    { turn: { ...NEW, servedAs: 1, priorityClass: 2 }, weight: 1 },
  ]
  t.same(firstTurn(arrival, 1, present), {
    on: false,
    sinceMonoMs: 30,
    servedAs: 600,
    priorityClass: 1,
    entitledAs: 600,
    owed: false,
  })
})

// ---------------------------------------------------------------- properties

t.test('on random trees of three levels', async t => {
  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(arbSite(30), site => {
          const given = amps(allocate(site.input))
          eachConstraint(site, (capA, members) => {
            if (capA < 0 && members.some(i => (given[i] ?? 0) > 0))
              throw new Error('on below a negative head-room')
            const sumDa = members.reduce((sum, i) => sum + Math.round((given[i] ?? 0) * 10), 0)
            if (members.length > 0 && capA >= 0 && sumDa > Math.round(capA * 10))
              throw new Error('over a limit')
          })
          site.input.demands.forEach((it, i) => {
            const givenDa = Math.round((given[i] ?? 0) * 10)
            if (givenDa === 0) return
            if (givenDa < 60 || givenDa > Math.round(it.maxA * 10)) throw new Error('outside min..max')
            if (givenDa % (it.stepA * 10) !== 0) throw new Error('between steps')
          })
        }),
        { numRuns: 200, seed: 1 },
      ),
    'no circuit is ever over, nobody is outside min..max or between steps',
  )

  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(arbSite(30), site => {
          const x = continuousShares(site.input)
          const level = (i: number) => ((x[i] ?? 0) - 6) / (site.input.demands[i]?.weight ?? 1)
          const capped = new Set<number>()
          eachConstraint(site, (capA, members) => {
            const on = members.filter(i => (x[i] ?? 0) > 0)
            if (on.length === 0 || total(x, on) < capA - 1e-6) return
            const highest = Math.max(...on.map(level))
            for (const i of on) if (level(i) >= highest - 1e-6) capped.add(i)
          })
          x.forEach((value, i) => {
            const it = site.input.demands[i]
            if (value === 0 || it === undefined) return
            const maxA = Math.floor(it.maxA / it.stepA + 1e-9) * it.stepA
            if (value < maxA - 1e-6 && !capped.has(i))
              throw new Error(`${it.key} has neither cap nor bottleneck`)
          })
        }),
        { numRuns: 200, seed: 2 },
      ),
    'everyone is at the own cap or among the highest on a full circuit: the mark of max-min fairness',
  )

  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(
          arbSite(30),
          fc.nat(6),
          fc.nat(2),
          fc.integer({ min: 1, max: 300 }),
          (site, node, phase, moreDa) => {
            const input = { ...site.input, demands: site.input.demands.map(it => ({ ...it, weight: 1 })) }
            const raised = input.availableA.map((limits, i): PerPhase => {
              const more = (f: number) => (i === node && f === phase ? moreDa / 10 : 0)
              return [limits[0] + more(0), limits[1] + more(1), limits[2] + more(2)]
            })
            const before = continuousShares(input)
            const admitted = input.demands.filter((_, i) => (before[i] ?? 0) > 0)
            const low = sorted(continuousShares({ ...input, demands: admitted }))
            const high = sorted(continuousShares({ ...input, demands: admitted, availableA: raised }))
            const differs = low.findIndex((value, i) => Math.abs(value - (high[i] ?? 0)) > 1e-6)
            if (differs >= 0 && (high[differs] ?? 0) < (low[differs] ?? 0))
              throw new Error('worse with a higher limit')
          },
        ),
        { numRuns: 150, seed: 3 },
      ),
    'a higher limit never makes the sorted shares lexicographically worse',
  )

  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(arbSite(20), fc.integer(), (site, seed) => {
          const order = site.input.demands.map((_, i) => i).sort((a, b) => hash(a, seed) - hash(b, seed))
          const shuffled = order.flatMap(i => site.input.demands[i] ?? [])
          const straight = allocate(site.input)
          const mixed = allocate({ ...site.input, demands: shuffled })
          order.forEach((from, to) => {
            if (JSON.stringify(mixed[to]) !== JSON.stringify(straight[from]))
              throw new Error('depends on the order')
          })
        }),
        { numRuns: 100, seed: 4 },
      ),
    'the order of the demands changes nothing',
  )
})

const hash = (value: number, seed: number) => Math.imul(value + 1, (seed | 1) * 2654435761) >>> 0

// ---------------------------------------------------------------- time

const PROFILE = {
  raiseAfterMs: 30_000,
  raiseStepA: 6,
  raiseEveryMs: 10_000,
  deadBandA: 1,
  reclaim: { belowOfferA: 1, afterMs: 60_000, keepA: 2, probeStepA: 4, probeEveryMs: 300_000 },
}

t.test('room that other load leaves has lasted when it was there for 30 s', async t => {
  const FOR_MS = 30_000
  let lasting = lastingFrom(0)
  const most = (nowMs: number, otherA: number): number => {
    lasting = stepLasting(lasting, nowMs, [otherA, 0, 0], FOR_MS)
    return mostOf(lasting)[0]
  }
  for (let ms = 0; ms < 30_000; ms += 1_000)
    t.equal(most(ms, 10), Number.MAX_VALUE, `nothing is known of before (${ms} ms)`)
  for (let ms = 30_000; ms <= 36_000; ms += 1_000) most(ms, 10)
  t.equal(most(37_000, 10), 10)
  t.equal(most(40_000, 25), 25, 'a rise counts at once')
  const falls: number[] = []
  for (let ms = 41_000; ms <= 90_000; ms += 1_000) if (most(ms, 12) === 12) falls.push(ms)
  t.ok((falls[0] ?? 0) >= 70_000 && (falls[0] ?? 0) <= 76_000, `the fall counts at ${falls[0]} ms`)
  most(100_000, 40)
  t.equal(mostOf(stepLasting(lasting, 500_000, [3, 0, 0], FOR_MS))[0], 3, 'a gap leaves nothing behind')
  for (let ms = 0; ms < 600_000; ms += 100) lasting = stepLasting(lasting, ms, [ms % 7, 0, 0], FOR_MS)
  t.ok(lasting.length <= 9, 'and it is bounded')
  t.equal(mostOf(stepLasting(lastingFrom(0), 1, [5, 0, 0], 0))[0], 5, 'no time to last at all')
})

t.test('the ramp', async t => {
  const base: RampInput = {
    offeredA: 10,
    wantedA: 32,
    minA: 6,
    roomSinceMonoMs: 0,
    raisedMonoMs: undefined,
    firstOffer: false,
    nowMonoMs: 30_000,
  }
  const table: [title: string, change: Partial<RampInput>, expected: number][] = [
    ['lowers at once', { wantedA: 7.3, roomSinceMonoMs: undefined }, 7.3],
    ['switches off at once', { wantedA: 0, roomSinceMonoMs: undefined }, 0],
    ['raises by 6 A', {}, 16],
    ['raises again after 10 s', { raisedMonoMs: 20_000 }, 16],
    ['but not sooner', { raisedMonoMs: 20_001 }, 10],
    ['never goes above what is wanted', { wantedA: 12 }, 12],
    ['leaves out a raise below 1 A', { wantedA: 10.9 }, 10],
    ['until room has lasted two minutes', { wantedA: 10.9, nowMonoMs: 120_000 }, 10.9],
    [
      'starts a new car at the minimum at once',
      { offeredA: 0, firstOffer: true, roomSinceMonoMs: undefined },
      6,
    ],
    ['lets a paused car wait for its turn', { offeredA: 0, raisedMonoMs: 20_001 }, 0],
    ['then starts it at no less than the minimum', { offeredA: 0, minA: 8 }, 8],
    ['offers nothing below the minimum', { offeredA: 0, wantedA: 5, firstOffer: true }, 0],
    ['keeps tenths exact', { offeredA: 7.8 }, 13.8],
  ]
  for (const [title, change, expected] of table)
    t.equal(ramp({ ...base, ...change }, PROFILE), expected, title)
})

/** Of a car of which nothing was seen but its samples. */
const UNSEEN = { untouchedForMs: undefined, startsWithinMs: undefined }

t.test('reclaim', async t => {
  let state: ReclaimState = {}
  let nowMonoMs = 0
  const see = (offeredA: number, measuredA: number | undefined, afterS: number) => {
    nowMonoMs += afterS * 1000
    state = reclaim(state, { offeredA, measuredA, minA: 6, maxA: 32, nowMonoMs, ...UNSEEN }, PROFILE.reclaim)
    return state.cap?.limitA
  }
  see(16, 10, 0)
  t.equal(see(16, 10, 59), undefined, 'nothing is taken back before 60 s')
  t.equal(see(16, 10, 1), 12, 'then the car keeps 2 A above what it takes')
  t.equal(see(12, 10, 200), 12)
  t.equal(see(12, 10, 100), 16, 'after 5 min it is asked with 4 A more')
  t.equal(see(16, 10, 1), 16)
  t.equal(see(16, 10, 60), 12, 'and capped again when it does not follow')
  t.equal(see(12, 11, 1), undefined, 'a car that takes what it is given is free at once')
  see(16, 1, 1)
  t.equal(see(16, 1, 60), 6, 'the cap is never below the minimum')
  t.equal(see(6, undefined, 1), undefined, 'without a sample nothing is reclaimed')
  see(32, 29.9, 1)
  t.equal(see(32, 30.5, 90), undefined, 'a cap that reaches the maximum is none')
  see(16, 10, 1)
  see(16, 15.5, 30)
  t.equal(see(16, 10, 31), undefined, 'the 60 s count anew after a moment of full use')
})

t.test(
  'a car that takes 10 A whatever it is offered is asked after 5, 10, 20 and then each 40 min',
  async t => {
    let state: ReclaimState = {}
    let nowMonoMs = 0
    const see = (offeredA: number, measuredA: number): number | undefined => {
      nowMonoMs += 10_000
      state = reclaim(
        state,
        { offeredA, measuredA, minA: 6, maxA: 32, nowMonoMs, ...UNSEEN },
        PROFILE.reclaim,
      )
      return state.cap?.limitA
    }
    const untilCap = (limitA: number, offeredA: number): number => {
      const beganMs = nowMonoMs
      while (see(offeredA, 10) !== limitA && nowMonoMs - beganMs < 3_600_000);
      return (nowMonoMs - beganMs) / 1_000
    }
    untilCap(12, 16)
    for (const minutes of [5, 10, 20, 40, 40]) {
      t.equal(untilCap(16, 12), minutes * 60)
      t.equal(untilCap(12, 16), 60, 'and capped again when it does not follow')
    }
    t.equal(see(12, 11.2), undefined, 'once it takes what its cap leaves it, it is free at once')
    untilCap(12, 16)
    t.equal(untilCap(16, 12), 300, 'and asked as often as at first')
  },
)

t.test(
  'a car that takes ever less at its end is followed by steps of 2 A, and not asked meanwhile',
  async t => {
    let state: ReclaimState = {}
    const caps: number[] = []
    let offeredA = 32
    for (let second = 0; second <= 600; second += 10) {
      const measuredA = Math.max(8, 16 - Math.max(0, second - 120) / 60)
      const input = { offeredA, measuredA, minA: 6, maxA: 32, nowMonoMs: second * 1_000, ...UNSEEN }
      state = reclaim(state, input, PROFILE.reclaim)
      const capA = Math.floor(state.cap?.limitA ?? 32)
      if (capA !== offeredA) caps.push(capA)
      offeredA = capA
    }
    t.same(caps, [18, 16, 14, 12, 10], 'with a sample each 10 s five writes')
  },
)

t.test('a car that draws nothing', async t => {
  let state: ReclaimState = {}
  let nowMonoMs = 0
  const see = (offeredA: number, measuredA: number | undefined, afterS: number) => {
    nowMonoMs += afterS * 1000
    state = reclaim(state, { offeredA, measuredA, minA: 6, maxA: 32, nowMonoMs, ...UNSEEN }, PROFILE.reclaim)
    return [state.fullSinceMonoMs !== undefined, state.cap?.limitA]
  }
  see(16, 0, 0)
  t.same(see(16, 0, 14), [false, undefined])
  t.same(see(16, 0, 1), [false, 6], 'after 15 s it keeps its minimum')
  t.same(see(6, 0, 44), [false, 6])
  t.same(see(6, 0, 1), [true, 6], 'is full after 60 s')
  t.same(see(6, 0, 600), [true, 6], 'and stays so at its minimum')
  t.same(see(0, 0, 10), [true, undefined], 'or paused')
  t.same(see(0, undefined, 820), [true, undefined], 'until it is asked again, 14 min after it was seen to be')
  t.same(see(0, 0, 20), [false, 6], 'with its minimum')
  t.same(see(0, 0, 60), [false, 6], 'however long that takes to come')
  t.same(see(6, 0, 10), [false, 6])
  t.same(see(6, 0, 60), [true, 6], 'full still')
  t.same(see(6, 5.8, 60), [false, undefined], 'a car that takes its minimum is free')
  see(16, 0, 10)
  t.same(see(16, 0, 15), [false, 6])
  t.same(see(6, 5.8, 5), [false, undefined], 'one that has only begun late is free at once')
})

t.test('a full car is asked for as long as it needs to begin', async t => {
  let state: ReclaimState = {}
  let nowMonoMs = 0
  const see = (offeredA: number, afterS: number, seen: Partial<ReclaimInput> = {}) => {
    nowMonoMs += afterS * 1000
    const input = { offeredA, measuredA: 0, minA: 6, maxA: 32, nowMonoMs, ...UNSEEN, ...seen }
    state = reclaim(state, input, PROFILE.reclaim)
    return state.fullSinceMonoMs !== undefined
  }
  /** How long it is asked until it is full again, s; asked in steps of 5 s. */
  const asks = (startsWithinMs: number | undefined): number => {
    see(0, 14 * 60)
    t.not(state.askedSinceMonoMs, undefined, 'is asked')
    t.equal(state.cap?.limitA, 6, 'with its minimum')
    for (let s = 5; s <= 90; s += 5) if (see(6, 5, { untouchedForMs: s * 1000, startsWithinMs })) return s
    return Number.NaN
  }
  see(16, 0)
  see(16, 60)
  t.equal(asks(undefined), 60, 'a minute, where it was never seen to begin')
  t.equal(asks(8_000), 20, '20 s at least')
  t.equal(asks(24_000), 40, 'half as long again as it once took')
  t.equal(asks(8_000), 60, 'each fourth time a minute: it may sleep')
  t.equal(asks(50_000), 60, 'and never longer')
  see(0, 14 * 60)
  t.notOk(mustBeAsked(state, nowMonoMs), 'at first with what others can spare')
  see(0, 60)
  t.ok(mustBeAsked(state, nowMonoMs), 'after a minute whoever must make room')
  see(6, 5, { measuredA: 5.8, startsWithinMs: 8_000 })
  t.same(state, {}, 'one that takes its minimum is a car like any other')
  see(16, 5)
  see(16, 60)
  see(0, 14 * 60)
  see(6, 10, { untouchedForMs: undefined })
  t.notOk(see(6, 30), 'one that began and has ended again is not full at once')
  t.ok(see(6, 30), 'but after the minute of a first time')
})
