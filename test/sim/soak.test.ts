/** The soak: its depots, its judge, its yardstick for energy, and a short run of the whole thing. */
import t from 'tap'
import { readDataFiles } from '../../src/adapters/data-files.js'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import { proveSite } from '../../src/core/site/promise.js'
import { SINGLE_FAULTS, type SingleFault, type SingleFaultKind } from '../../src/core/site/single-faults.js'
import { buildCatalogue, type DeviceCatalogue } from '../../src/gateway/catalogue.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { confirmationLines } from '../../src/sim/soak/confirm.js'
import { limitOf, rollDepot } from '../../src/sim/soak/depot.js'

import { isLowerDue } from '../../src/sim/soak/due.js'
import { FAULTS } from '../../src/sim/soak/faults.js'
import { type ActiveFault, Judge, OWN_DECISION } from '../../src/sim/soak/judge.js'
import { plugInLines } from '../../src/sim/soak/plug-in-times.js'
import { possibleA } from '../../src/sim/soak/possible.js'
import { Reach } from '../../src/sim/soak/reach.js'
import { ANSWER_MS, Reactions, reactionLine } from '../../src/sim/soak/reaction.js'
import { soakReport } from '../../src/sim/soak/report.js'
import { runSeed } from '../../src/sim/soak/run.js'
import type { SeedResult } from '../../src/sim/soak/seed-log.js'
import { SoakSite, withWattsOnly } from '../../src/sim/soak/site.js'
import { type Amps3, siteDocument, Wiring } from '../../src/sim/wiring.js'

const catalogue: DeviceCatalogue = (() => {
  const built = buildCatalogue(readDataFiles(process.cwd()))
  if (!built.ok) throw new Error(JSON.stringify(built.faults))
  return withWattsOnly(built.value)
})()

/** With four seeds what `npm test` can afford, and enough for each row of the table. */
const SHORT_HOURS = 0.4

t.test('every rolled depot is one that Busbar accepts: its fail-safes fit all of its circuits', async t => {
  const devices = new Set<string>()
  let levels = 0
  for (let seed = 1; seed <= 200; seed++) {
    const { circuits, stations } = rollDepot(createWorld({ seed }).random)
    const lines = { meterDevice: 'eastron-sdm630-v2', meterHost: 'm', meterPort: 502, csmsUrl: 'ws://c/ocpp' }
    const parsed = parseSiteConfig(siteDocument(circuits, stations, lines), catalogue)
    const profile = catalogue.siteProfiles.get('workplace')
    if (!parsed.ok || profile === undefined) throw new Error(`seed ${seed}`)
    t.same(proveSite(parsed.value, catalogue.stationModels, profile).faults, [], `seed ${seed}`)
    t.ok(stations.length >= 4 && stations.length <= 16)
    for (const { device } of stations) devices.add(device)
    const wiring = new Wiring(circuits, stations)
    levels = Math.max(levels, ...stations.map((_, at) => wiring.pathOf(at).length))
  }
  t.same([...devices].sort(), ['ecs-wkt-ec13', 'generic', 'watts-only', 'weg-wemob'])
  t.equal(levels, 3)
})

/** One circuit of 100 A; amps by the second, the same on all phases. */
function judged(
  seconds: readonly {
    readonly cars: number
    readonly base: number
    readonly stuck?: number
    readonly back?: number
    readonly told?: number
  }[],
  faults: readonly ActiveFault[] = [],
  table: readonly SingleFault[] = [],
  aliveMs = 13_700,
): Judge {
  const judge = new Judge([{ id: 'main', ratedCurrentA: 100, metered: true }], aliveMs, table)
  const three = (amps: number): Amps3 => [amps, amps, amps]
  seconds.forEach(({ cars, base, stuck, back, told }, second) => {
    for (let quarter = 1; quarter <= 4; quarter++) {
      const stuckA = three(stuck ?? base)
      const look = {
        totalA: three(cars + base),
        baseA: three(base),
        stuckA,
        backA: three(back ?? stuck ?? base),
        ...(told !== undefined && { toldA: three(told) }),
      }
      judge.look(second * 1000 + quarter * 250, [look], faults)
    }
  })
  return judge
}

const seconds = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const fault = (cause: string, allowedMs: number, more: Partial<ActiveFault> = {}): ActiveFault => ({
  cause,
  row: 'meter lost',
  sinceMs: 0,
  untilMs: undefined,
  allowedMs: () => allowedMs,
  ...more,
})

t.test('a base jump excuses 13.7 s over a rating and not one more', async t => {
  const judge = judged([...seconds(20, { cars: 60, base: 30 }), ...seconds(20, { cars: 60, base: 60 })])
  const jump = judge.totals.get('base jump')
  t.ok(jump !== undefined && jump.withinS >= 13.5 && jump.withinS <= 14, `${jump?.withinS} s`)
  t.equal(jump?.beyondS, 0)
  t.ok(Math.abs((judge.totals.get(OWN_DECISION)?.beyondS ?? 0) - 6.25) <= 0.5)
})

t.test('an excess that nothing explains is an own decision, from its first quarter second', async t => {
  const judge = judged([...seconds(20, { cars: 60, base: 30 }), ...seconds(1, { cars: 75, base: 30 })])
  t.equal(judge.totals.get(OWN_DECISION)?.beyondS, 1)
  t.match(judge.totals.get(OWN_DECISION)?.first, /main 105\.0 A of 100 A at 00:00:20\.250/)
})

t.test('a fault excuses what the promise names for it, 25 s for a lost meter', async t => {
  const judge = judged(seconds(30, { cars: 90, base: 30 }), [fault('meter lost', 25_000)])
  t.equal(judge.totals.get('meter lost')?.withinS, 25)
  t.equal(judge.totals.get('meter lost')?.beyondS, 5)
})

t.test('without Busbar the leases may run out, inside 1.45 x rated only', async t => {
  const lost = [fault('Busbar killed', 0, { lostUntilMs: 321_000 })]
  t.equal(judged(seconds(100, { cars: 100, base: 40 }), lost).totals.get('Busbar killed')?.beyondS, 0)
  t.equal(judged(seconds(100, { cars: 100, base: 50 }), lost).totals.get('Busbar killed')?.beyondS, 100)
})

t.test('what no car could have avoided is told apart', async t => {
  const judge = judged(seconds(10, { cars: 80, base: 30, stuck: 101 }))
  t.same([...judge.totals.keys()], ['no car could have avoided it'])
})

t.test('who was out of reach has the time of an answer anew, the others have not', async t => {
  const offline = [fault('station offline', 0)]
  const beyondS = (looks: Parameters<typeof judged>[0]): number | undefined =>
    judged(looks, offline).totals.get('station offline')?.beyondS
  const stuck = seconds(20, { cars: 80, base: 30, stuck: 101 })
  const again = { cars: 80, base: 30 }
  const back = seconds(13, { ...again, back: 101 })
  t.equal(beyondS([...stuck, ...back]), 0)
  t.equal(beyondS([...stuck, ...back, ...seconds(2, again)]), 1.5, 'its time is over')
  const before = seconds(10, again)
  t.equal(beyondS([...before, ...stuck, ...seconds(10, again)]), 6.5, 'who could give way all along')
  const reach = new Reach(13_700)
  const isBack = (atMs: number, isReached: boolean): boolean => {
    reach.look(0, isReached, atMs)
    return reach.isBack(0, atMs)
  }
  t.notOk([isBack(0, true), isBack(1_000, false), isBack(5_000, true)].includes(true), 'away for a moment')
  t.same([isBack(10_000, false), isBack(30_000, true), isBack(43_500, true)], [false, true, true])
  t.notOk(isBack(43_700, true))
})

const promisedFor = (kind: SingleFaultKind, worstA: number, overS: number | undefined): SingleFault => ({
  kind,
  fault: SINGLE_FAULTS[kind],
  circuitId: 'main',
  ratedCurrentA: 100,
  worstA,
  overS,
  isBounded: true,
})

t.test('a single fault is held against its row of the table: amps and seconds', async t => {
  const over = seconds(20, { cars: 90, base: 30 })
  const lost = [fault('meter lost', 25_000)]
  const fits = judged(over, lost, [promisedFor('meter lost', 120, 25)])
  t.match(fits.seen.get('meter lost'), {
    overS: 20,
    longest: { seen: 20, promised: 25 },
    worst: { seen: 1.2, promised: 1.2 },
    worseS: 0,
  })
  const [row] = confirmationLines([fits.seen]).slice(1)
  t.match(row, /a meter is lost +20\.0 s +20\.00 of 25\.0 s +120 % of 120 %$/)
  const tooLong = judged(over, lost, [promisedFor('meter lost', 120, 15)])
  t.equal(tooLong.seen.get('meter lost')?.worseS, 4.75, 'one look and the 0.2 s of a station more')
  const tooMuch = judged(over, lost, [promisedFor('meter lost', 119, undefined)])
  t.equal(tooMuch.seen.get('meter lost')?.worseS, 20)
  t.match(confirmationLines([fits.seen, tooMuch.seen])[1], /WORSE for 20\.00 s, first main 120\.0 A of 100 A/)
})

t.test('what nothing tells of may last in the row of its fault, and not an amp more', async t => {
  const deaf = [fault('station ignores limits', 0, { row: 'disobeys' })]
  const untold = { worstA: 110, afterS: 15 }
  const table = [{ ...promisedFor('disobeys', 130, undefined), untold }]
  const calm = seconds(20, { cars: 60, base: 30 })
  const worseS = (cars: number): number | undefined =>
    judged([...calm, ...seconds(20, { cars, base: 30 })], deaf, table).seen.get('disobeys')?.worseS
  t.equal(worseS(80), 0, '110 A')
  t.equal(worseS(85), 5, '115 A, from 15 s on')
})

t.test('a jump of other load beside a station that does not obey is told by its own row', async t => {
  const deaf = [fault('station ignores limits', 0, { row: 'disobeys' })]
  const table = [promisedFor('disobeys', 110, undefined), promisedFor('other load', 130, 13.5)]
  const calm = seconds(20, { cars: 60, base: 30 })
  const jumped = judged([...calm, ...seconds(10, { cars: 60, base: 70 })], deaf, table)
  t.same([...jumped.seen.keys()], ['other load'])
  t.equal(jumped.seen.get('other load')?.worseS, 0)
  const both = judged([...calm, ...seconds(10, { cars: 80, base: 60 })], deaf, table)
  t.match(both.seen.get('disobeys'), { worst: { seen: 1.1 }, worseS: 0 }, '140 A less the 30 A that jumped')
})

t.test(
  'a jump beside a station that does not obey is told for its own time, what lasts longer is the station',
  async t => {
    const deaf = [fault('station ignores limits', 0, { row: 'disobeys' })]
    const table = [promisedFor('disobeys', 130, undefined), promisedFor('other load', 130, 13.5)]
    const calm = seconds(20, { cars: 90, base: 5 })
    const told = (then: readonly { cars: number; base: number }[]) =>
      judged([...calm, ...then], deaf, table, 13_950).seen
    const stays = told(seconds(40, { cars: 90, base: 20 }))
    t.match(
      stays.get('other load'),
      { longest: { seen: 13.75 }, worseS: 0 },
      'a jump, for as long as it may last',
    )
    t.match(stays.get('disobeys'), { longest: { seen: 26.25 } }, 'nobody gives way: the station')
    const later = told([...seconds(10, { cars: 105, base: 5 }), ...seconds(13, { cars: 95, base: 15 })])
    t.match(later.get('disobeys'), { longest: { seen: 10 } })
    t.match(
      later.get('other load'),
      { longest: { seen: 13 }, worseS: 0 },
      'not for what was above the rating before',
    )
    const wavers = told(
      Array.from({ length: 60 }, (_, s) => (s % 3 < 2 ? { cars: 95, base: 15 } : { cars: 101, base: 5 })),
    )
    t.ok(
      (wavers.get('other load')?.worseS ?? 0) > 0,
      'and a jump that comes and goes in one excess counts on',
    )
  },
)

t.test(
  'what a station out of reach draws untold is its own fault, whatever other load does meanwhile',
  async t => {
    const lost = [fault('station lost its profiles, not reached', 0, { row: 'profiles lost' })]
    const table = [promisedFor('profiles lost', 130, undefined), promisedFor('other load', 98, 0)]
    const calm = seconds(20, { cars: 70, base: 20 })
    const jumped = { cars: 70, base: 40, stuck: 110 }
    const own = judged([...calm, ...seconds(10, { ...jumped, told: 49 })], lost, table)
    t.match([...own.seen.keys()], ['profiles lost'])
    t.match(
      own.seen.get('profiles lost'),
      { worst: { seen: 1.1 }, worseS: 0 },
      'all that flows, no jump taken off',
    )
    t.same([...own.totals.keys()], ['no car could have avoided it'])
    const allowed = judged([...calm, ...seconds(10, { ...jumped, told: 110 })], lost, table)
    t.equal(allowed.seen.get('other load')?.worseS, 10, 'told too much, it is the decision that is wrong')
    const avoidable = judged([...calm, ...seconds(10, { ...jumped, stuck: 90, told: 49 })], lost, table)
    t.equal(avoidable.seen.get('other load')?.worseS, 10, 'others could have given way')
  },
)

t.test('two faults at once are held against no row', async t => {
  const two = [fault('meter lost', 25_000), fault('station offline', 0)]
  const judge = judged(seconds(5, { cars: 90, base: 30 }), two, [promisedFor('meter lost', 100, 0)])
  t.same([...judge.seen], [])
  t.equal(judge.severalS, 5)
})

t.test(
  'reaction: from the reading that shows too much to the first lower on the wire, where a lower is due',
  async t => {
    const reactions = new Reactions()
    let due = true
    const look = (nowMs: number, calm = true): void => reactions.look(nowMs, () => due, calm)
    look(0)
    reactions.read(500, 'main', false)
    reactions.read(1_500, 'main', true)
    look(1_750)
    reactions.read(2_500, 'main', true)
    reactions.lowered(2_750, ['panel', 'main'])
    reactions.lowered(3_750, ['main'])
    t.same(reactions.tookMs, [1_250], 'the first reading and the first lower count')
    reactions.read(4_500, 'main', true)
    due = false
    look(5_000)
    reactions.lowered(424_000, ['main'])
    t.same(
      reactions.tookMs,
      [1_250],
      'what has gone within its time asks for nothing, however late a lower comes',
    )
    due = true
    reactions.read(430_000, 'main', true)
    look(440_000)
    due = false
    look(440_250)
    t.same(reactions.tookMs, [1_250, 10_250], 'a lower that was due and never came counts')
    look(450_000, false)
    reactions.read(450_500, 'main', true)
    reactions.lowered(460_000, ['main'])
    t.equal(reactions.tookMs.length, 2, 'faults that slow an answer are not counted')
    t.match(reactionLine([1_250, 4, 900]), /3 times, p50 0\.900 s, p99 1\.250 s, .*\(1\.5 s promised\)/)
  },
)

t.test(
  'a lower is due for what cars will draw above a limit, not for base alone or a lower on its way',
  async t => {
    const car = (flow: number, offeredA: number, pauseA?: number) => ({
      flowA: [flow, 0, 0] as Amps3,
      offeredA,
      pauseA,
    })
    t.ok(isLowerDue(50, [40, 0, 0], [car(16, 16, 0)]))
    t.notOk(isLowerDue(50, [60, 0, 0], [car(0, 0, 0)]), 'base alone, every car is paused')
    t.notOk(isLowerDue(50, [60, 0, 0], [car(6, 6, 6)]), 'what a paused car keeps')
    t.notOk(isLowerDue(50, [40, 0, 0], [car(16, 10, 0)]), 'the car is still to follow')
    t.notOk(isLowerDue(50, [40, 60, 60], [car(16, 16, undefined)]), 'no command reaches it')
    t.notOk(isLowerDue(50, [0, 60, 0], [car(16, 16, 0)]), 'a phase that it does not draw on')
  },
)

t.test('possible energy: equal shares, a full phase stops only its own', async t => {
  const wiring = new Wiring(
    [
      { id: 'main', ratedCurrentA: 40, worstCaseOtherLoadA: 0 },
      { id: 'f', parent: 'main', ratedCurrentA: 20, worstCaseOtherLoadA: 0 },
    ],
    ['f', 'f', 'main'].map((circuit, index) => ({ id: `CP-${index}`, circuit })),
  )
  const rooms = [
    [40, 40, 40],
    [20, 20, 20],
  ]
  const three = [0, 1, 2]
  const wants = [0, 1, 2].map(at => ({ at, wantsA: 32, phases: three }))
  t.same(possibleA(wiring, wants, rooms), [10, 10, 20])
  const single = [
    { at: 0, wantsA: 32, phases: [0] },
    { at: 1, wantsA: 6, phases: [0] },
    { at: 2, wantsA: 32, phases: [1] },
  ]
  t.same(possibleA(wiring, single, rooms), [14, 6, 32])
})

t.test(
  'the same seed soaks the same way, and a seed that breaks the promise is named with its command',
  async t => {
    const run = () => runSeed({ seed: 5, hours: 0.15, catalogue, stations: 4 })
    const [first, again] = [await run(), await run()]
    t.equal(again.hash, first.hash)
    const broken: SeedResult = {
      ...first,
      causes: new Map([
        [OWN_DECISION, { withinS: 0, beyondS: 2, worstShare: 1.2, longestS: 2, first: 'main 12 A of 10 A' }],
      ]),
    }
    const { lines, beyondS } = soakReport([broken], { hours: 6, cpuS: 1 })
    t.equal(beyondS, 2)
    t.match(lines.join('\n'), /npm run soak -- --seeds 1 --hours 6 --seed 5 /)
    const table = [promisedFor('other load', 120, 13.5)]
    const worse = judged(seconds(1, { cars: 100, base: 30 }), [], table).seen
    const told = soakReport([{ ...first, seen: worse }], { hours: 6, cpuS: 1 })
    t.equal(told.worseS, 1)
    t.match(told.lines.join('\n'), /--hours 0\.15 --seed 5 +# 1\.00 s worse than the table/)
  },
)

t.test(
  'a roomy depot carries all its cars at once: a session has its share within 45 s on a known station, 90 s on a new one',
  async t => {
    const { circuits, stations } = rollDepot(createWorld({ seed: 30 }).random, 12, { roomy: true })
    const wiring = new Wiring(circuits, stations)
    const mostA = wiring.sums(
      at => Array.from({ length: 3 }, () => stations[at]?.maxCurrentA ?? 0) as Amps3,
      id => {
        const baseA = circuits.find(circuit => circuit.id === id)?.worstCaseOtherLoadA ?? 0
        return [baseA, baseA, baseA]
      },
    )
    for (const [node, { id, ratedCurrentA }] of circuits.entries())
      t.ok((mostA[node]?.[0] ?? 0) <= limitOf(ratedCurrentA), id)
    const calm = { hours: 0.1, catalogue, faults: false, roomy: true }
    const { plugInMs } = await runSeed({ seed: 31, stations: 8, ...calm })
    t.ok(plugInMs.new.free.length >= 8, `${plugInMs.new.free.length} cars came to a new station`)
    t.same([...plugInMs.new.shared, ...plugInMs.known.shared], [], 'no circuit bound any of them')
    t.ok(Math.max(...plugInMs.new.free) <= 90_000 && Math.max(0, ...plugInMs.known.free) <= 45_000)
    t.match(plugInLines([{ plugInMs }]).join(), /new station, free circuit: \d+, p50 \d+ s, .*0 later/)
  },
)

t.test('the energy that was possible and not taken is told by cause, and the causes add up', async t => {
  const { losses, possibleKWh, usedKWh } = await runSeed({
    seed: 5,
    hours: 0.3,
    catalogue,
    stations: 4,
    faults: false,
  })
  const counted = losses.get('more than an equal share (counts against)') ?? 0
  const lostKWh = [...losses.values()].reduce((total, kWh) => total + kWh, 0) - 2 * counted
  t.ok(possibleKWh > 1, `${possibleKWh} kWh were possible`)
  t.ok(
    Math.abs(possibleKWh - usedKWh - lostKWh) <= 0.02 * possibleKWh,
    `${lostKWh} kWh lost of ${possibleKWh} less ${usedKWh}`,
  )
})

t.test(
  'every fault of the soak is begun and mended in one depot, and control is there after each',
  async t => {
    const site = new SoakSite(5, catalogue, { stations: 6 })
    await site.open()
    await site.world.runFor(180_000)
    const grip = site.grip()
    const played: string[] = []
    for (const kind of FAULTS) {
      if (kind.fits?.(grip) === false) continue
      const mend = kind.begin(grip)
      await site.world.runFor(30_000)
      mend()
      await site.world.runFor(45_000)
      t.ok(site.gateway?.view().siteId, kind.cause)
      played.push(kind.cause)
    }
    t.same(
      played,
      FAULTS.map(({ cause }) => cause),
      'nothing was left out',
    )
    for (const named of [
      /^meter lost/,
      /^meter frozen/,
      /^meter (x|replayed|phase reversed)/,
      /offline/,
      /rebooted, profiles kept/,
      /rebooted, profiles lost/,
      /factory-reset/,
      /ignores limits/,
      /slow to answer/,
      /clock skewed/,
      /^CSMS storm/,
      /^links cut/,
      /half of the stations paused/,
      /clock jump/,
      /^base step/,
    ])
      t.ok(
        played.some(cause => named.test(cause)),
        String(named),
      )
  },
)

t.test(
  'four brisk depots: not a second beyond the promise, nothing worse than the table, each of its rows tried',
  async t => {
    t.setTimeout(600_000)
    const tried = new Set<SingleFaultKind>()
    for (const seed of [1, 2, 3, 4]) {
      const result = await runSeed({ seed, hours: SHORT_HOURS, catalogue, brisk: true })
      for (const [cause, total] of result.causes)
        t.equal(total.beyondS, 0, `seed ${seed}: ${cause}, first ${total.first ?? 'never'}`)
      for (const [kind, { worseS, first }] of result.seen)
        t.equal(worseS, 0, `seed ${seed}: ${kind}, first ${first ?? ''}`)
      for (const row of result.tried) tried.add(row)
      t.pass(`seed ${seed} soaked`)
    }
    t.same([...tried].sort(), Object.keys(SINGLE_FAULTS).sort())
    const reactionsMs: number[] = []
    // Depots in which a load comes while nothing else is wrong.
    for (const seed of [12, 14])
      reactionsMs.push(...(await runSeed({ seed, hours: SHORT_HOURS, catalogue })).reactionsMs)
    t.ok(reactionsMs.length > 0 && Math.max(...reactionsMs) <= ANSWER_MS, reactionLine(reactionsMs))
  },
)
