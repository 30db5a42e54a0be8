/**
 * Who gets what does not suffice for all, through the whole gateway in simulated time: what the site profile, a station's
 * entry, a vehicle's tag and the API say of it, and that it outlives a restart.
 */
import t from 'tap'
import { type LimitWindowConfig, WEEKDAYS } from '../../src/core/config/limit-sources.js'
import type { SiteConfig } from '../../src/core/config/site.js'
import { expected, habitOf, MAX_VISITS, visitOf, withVisit } from '../../src/core/control/habits.js'
import { localMoment, nextLocalTime } from '../../src/core/site/local-time.js'
import { replayLines, replayQuestion } from '../../src/gateway/replay-report.js'
import { openDecisionStore } from '../../src/store/decision-store.js'
import { MINUTE, SECOND, Yard } from './fixtures/yard.js'

/** Two or more on one unmetered circuit; 2 A of margin. */
function yardOf(roomA: number, count: number, change?: (config: SiteConfig) => void): Yard {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: roomA + 2, marginA: 2, worstCaseOtherLoadA: 0 }],
    stations: Array.from({ length: count }, (_, n) => ({
      id: `CP-${n + 1}`,
      circuit: 'main',
      maxCurrentA: 16,
      failSafeCurrentA: 0,
    })),
  })
  if (change !== undefined) yard.onConfig = change
  return yard
}

async function charging(yard: Yard): Promise<void> {
  await yard.open()
  for (const { id } of yard.options.stations) {
    yard.plugIn(id)
    await yard.world.runFor(5 * SECOND)
  }
  await yard.world.runFor(6 * MINUTE)
}

const session = (yard: Yard, id: string, wish: object) =>
  yard.post(`stations/${id}/connectors/1/session`, wish)

t.test('a class given over the API takes the place at once, and outlives a kill', async t => {
  const yard = yardOf(7, 2)
  await charging(yard)
  t.same(yard.offersA(), [7, 0], 'one minimum fits')
  const { status, body } = await session(yard, 'CP-2', { priorityClass: 1, energyWh: 20_000 })
  t.equal(status, 200)
  t.same(body, { priorityClass: 1, energyWh: 20_000, source: 'api' })
  await yard.world.runFor(3 * MINUTE)
  t.same(yard.offersA(), [0, 7], 'class 1 charges, the other waits')
  yard.kill()
  await yard.world.runFor(5 * SECOND)
  await yard.startGateway()
  await yard.world.runFor(10 * MINUTE)
  t.same(yard.connectorView('CP-2').transaction?.claim, { priorityClass: 1, energyWh: 20_000, source: 'api' })
  t.same(yard.offersA(), [0, 7])
  yard.station('CP-2').connectors[0]?.unplug()
  await yard.world.runFor(4 * MINUTE)
  t.equal(yard.offersA()[0], 7, 'the place is free when its session is over')
  yard.plugIn('CP-2')
  await yard.world.runFor(MINUTE)
  t.equal(yard.connectorView('CP-2').transaction?.claim, undefined, 'and the next session begins without it')
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test('what the API refuses of a session', async t => {
  const yard = yardOf(20, 1)
  await yard.open()
  t.equal((await session(yard, 'CP-1', { weight: 2 })).status, 409, 'no session runs')
  t.equal((await session(yard, 'CP-9', { weight: 2 })).status, 404)
  t.equal((await yard.post('stations/CP-1/connectors/2/session', { weight: 2 })).status, 404)
  yard.plugIn('CP-1')
  await yard.world.runFor(MINUTE)
  const wrong: readonly object[] = [
    { weight: -1 },
    { weight: 1e9 },
    { priorityClass: 0 },
    { priorityClass: 1.5 },
    { energyWh: 1e9 },
    { departureAt: 'soon' },
    { limitA: 80 },
  ]
  for (const wish of wrong) t.equal((await session(yard, 'CP-1', wish)).status, 400, JSON.stringify(wish))
  const past = await session(yard, 'CP-1', { departureAt: '2001-01-01T00:00:00+02:00' })
  t.equal(past.body.departureAt, '2000-12-31T22:00:00.000Z', 'a departure in the past is kept as it is')
  await yard.close()
})

t.test('weights of stations act where the profile shares by weight', async t => {
  for (const [profile, expected] of [
    ['workplace', [10, 10]],
    ['residential-garage', [12, 8]],
  ] as const) {
    const yard = yardOf(20, 2, config => {
      config.site.profile = profile
      const [first] = config.stations
      if (first !== undefined) first.weight = 3
    })
    await charging(yard)
    t.same(yard.offersA(), expected, profile)
    await yard.close()
  }
})

t.test('fail-safe-only never offers more than the fail-safe', async t => {
  const yard = yardOf(40, 2, config => {
    config.site.profile = 'fail-safe-only'
    for (const station of config.stations)
      for (const connector of station.connectors) connector.failSafeCurrentA = 8
  })
  let mostA = 0
  yard.onLook = () => {
    mostA = Math.max(mostA, yard.pilotA('CP-1'), yard.pilotA('CP-2'))
  }
  await charging(yard)
  t.same(yard.offersA(), [8, 8])
  t.ok(mostA <= 8, `never above 8 A (${mostA} A)`)
  await yard.close()
})

t.test('a vehicle that leaves soon comes first, by its tag', async t => {
  const yard = yardOf(16, 2, config => {
    config.site.profile = 'fleet-by-departure'
    config.vehicles = [
      { idTag: 'tag-cp-1', departsAt: '23:59', energyWh: 10_000 },
      { idTag: 'TAG-CP-2', departsAt: inTwoHours(yard), energyWh: 20_000 },
    ]
  })
  await charging(yard)
  t.equal(yard.connectorView('CP-2').transaction?.claim?.source, 'tag')
  t.same(yard.offersA(), [6, 10], 'who was there first keeps its minimum for the least time on')
  await yard.world.runFor(11 * MINUTE)
  t.same(yard.offersA(), [0, 16])
  await yard.close()
})

t.test('who claims to leave within the hour, all day long, takes nobody his equal share', async t => {
  const yard = yardOf(16, 2, config => {
    config.site.profile = 'fleet-by-departure'
  })
  await charging(yard)
  const offers = { switches: 0, last: yard.offersA()[0] ?? 0, as1: 0, as2: 0 }
  yard.onLook = () => {
    const [first = 0, second = 0] = yard.offersA()
    offers.as1 += first / 4
    offers.as2 += second / 4
    if (first > 0 !== offers.last > 0) offers.switches++
    offers.last = first
  }
  for (let half = 0; half < 4; half++) {
    const departureAt = new Date(yard.world.ports.clock.wallMs() + 50 * MINUTE).toISOString()
    t.equal((await session(yard, 'CP-2', { departureAt, energyWh: 1_000_000 })).status, 200)
    await yard.world.runFor(30 * MINUTE)
  }
  const share = offers.as1 / (offers.as1 + offers.as2)
  t.ok(share > 0.45, `the silent one was given ${(100 * share).toFixed(1)} %`)
  t.ok(offers.switches <= 8, `at most four switches an hour (${offers.switches} in two)`)
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

function inTwoHours(yard: Yard): string {
  const at = new Date(yard.world.ports.clock.wallMs() + 2 * 60 * MINUTE)
  return at.toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' })
}

t.test('the journal of decisions says why a car had 9 A, also after a restart', async t => {
  const yard = yardOf(18, 2)
  await charging(yard)
  yard.kill()
  await yard.world.runFor(2 * SECOND)
  await yard.startGateway()
  await yard.world.runFor(2 * MINUTE)
  const { status, body } = await yard.get('decisions?connector=CP-2%2F1')
  t.equal(status, 200)
  const nine = body.decisions.findLast(
    // biome-ignore lint/suspicious/noExplicitAny: JSON of the API
    ({ connectors: [one] }: any) => one?.allocationA === 9 && one.offerA === 9 && one.why.code === 'circuit',
  )
  t.match(nine.connectors, [{ connector: 'CP-2/1', bound: 'circuit', circuitId: 'main', maxA: 16 }])
  t.equal(nine.connectors[0].why.text, 'main is full on L1: 9 A for this car; 2 cars share it equally.')
  t.match(nine.connectors[0].why.chain, [
    { code: 'connector', valueA: 16, lift: 'configuration' },
    { code: 'share', valueA: 9, lift: 'room', since: String, circuitId: 'main', phase: 'L1' },
  ])
  t.match(nine.circuits, [{ id: 'main', limitA: 18, availableA: [18, 18, 18] }])
  t.match(
    nine.circuits[0].why.text,
    /^Of 18 A on L1, nothing is set aside for other load, 2 cars share 18 A, nothing is left/,
  )
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the API
  const held = body.decisions.flatMap(({ others }: any) => others)
  t.match(held[0], { connector: 'CP-2/1', why: { code: 'unverified' } }, 'not steered, and why')
  t.ok(body.decisions.length < 40, `${body.decisions.length} entries in ten minutes`)
  const none = await yard.get('decisions?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z')
  t.same(none.body, { decisions: [], isCut: false })
  const table = async (query: string): Promise<readonly string[]> => {
    const answer = await yard.ask(`/api/v1/decisions.csv${query}`)
    t.match(answer.headers.get('content-type'), 'text/csv')
    return (await yard.world.until(answer.text())).split('\r\n')
  }
  const rows = await table('')
  const told = (await yard.get('decisions')).body.decisions.flatMap(
    // biome-ignore lint/suspicious/noExplicitAny: JSON of the API
    ({ at, connectors, others, circuits }: any) =>
      [...connectors, ...others, ...circuits].map(({ connector, id }) => `${at},${connector ?? id}`),
  )
  const cells = rows.slice(1, -1).map(row => row.split(','))
  t.same(
    cells.map(([at, , id]) => `${at},${id}`),
    told,
    'as a table all of it',
  )
  t.match(
    rows.find(row => row.startsWith(`${nine.at},connector,CP-2/1,`)),
    /,CP-2\/1,9,[\d.]+,6,16,.*,circuit,main,L1,,,,,main is full on L1: 9 A for this car; 2 cars share it equally\.$/,
  )
  t.match(
    rows.find(row => row.startsWith(`${nine.at},circuit,main,`)),
    /,main(,){12}18,18,18,18,"Of 18 A on L1, nothing/,
  )
  const ofOne = await table('?connector=CP-2/1')
  t.ok(ofOne.length > 3 && ofOne.slice(1, -1).every(row => row.includes(',connector,CP-2/1,')))
  t.equal((await table('?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z')).length, 2, 'the head alone')
  t.equal((await yard.get('decisions.csv?from=yesterday')).status, 400)
  t.equal((await yard.get('decisions?from=yesterday')).status, 400)
  const { journal, log } = yard.world.ports
  const store = await yard.world.until(openDecisionStore(journal, log))
  const asked = async (...whatIf: string[]): Promise<string> => {
    const question = replayQuestion({ from: '2001-01-01T00:00:00Z', to: undefined, whatIf })
    if (typeof question === 'string') return question
    return (await yard.world.until(replayLines(store, question))).join('\n')
  }
  const less = await asked('circuits.main.ratedCurrentA=14')
  t.match(less, /circuit +was Ah +would Ah +more Ah\nmain +2\.0 +1\.3 +-0\.7/)
  t.match(less, /CP-1\/1 +1\.0 +0\.7 +-0\.3\nCP-2\/1 +1\.0 +0\.7 +-0\.3/)
  t.match(
    less,
    /CP-2\/1\n {2}was +Connector 16 A > main, L1 9 A .*\n {2}would +Connector 16 A > main, L1 6 A /,
  )
  t.match(await asked(), /main +2\.0\s/, 'and by itself what was given')
  await yard.close()
})

t.test('the composite that a CSMS reads', async t => {
  for (const shows of [false, true]) {
    const yard = yardOf(12, 1, config => {
      if (config.csms !== undefined) config.csms.compositeShowsLocalLimit = shows
    })
    await charging(yard)
    const read = async (): Promise<number | undefined> => {
      const request = { connectorId: 1, duration: 600, chargingRateUnit: 'A' }
      const outcome = await yard.world.until(yard.csms.call('CP-1', 'GetCompositeSchedule', request))
      return JSON.parse(JSON.stringify(outcome)).payload?.chargingSchedule.chargingSchedulePeriod[0].limit
    }
    t.equal(await read(), shows ? 12 : 16, shows ? 'is the minimum with ours' : 'is its own')
    await yard.world.until(
      yard.csms.call('CP-1', 'SetChargingProfile', {
        connectorId: 1,
        csChargingProfiles: {
          chargingProfileId: 1,
          stackLevel: 0,
          chargingProfilePurpose: 'TxDefaultProfile',
          chargingProfileKind: 'Relative',
          chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 9 }] },
        },
      }),
    )
    t.equal(await read(), 9, 'its own limit shows where it is the lower')
    await yard.close()
  }
})

t.test('the next time of day', async t => {
  const at = (text: string) => Date.parse(text)
  const table: readonly (readonly [string, string, string])[] = [
    ['06:30', '2026-01-10T04:00:00Z', '2026-01-10T05:30:00Z'],
    ['06:30', '2026-01-10T05:30:00Z', '2026-01-11T05:30:00Z'],
    ['06:30', '2026-03-28T22:00:00Z', '2026-03-29T04:30:00Z'],
    ['06:30', '2026-10-24T22:00:00Z', '2026-10-25T05:30:00Z'],
    ['02:30', '2026-03-28T22:00:00Z', '2026-03-29T01:30:00Z'],
    ['02:30', '2026-10-24T22:00:00Z', '2026-10-25T00:30:00Z'],
  ]
  for (const [time, now, expected] of table)
    t.equal(
      new Date(nextLocalTime(time, 'Europe/Berlin', at(now))).toISOString(),
      new Date(at(expected)).toISOString(),
      `${time} after ${now}`,
    )
})

const DAY_MS = 24 * 60 * MINUTE
/** A Monday, 18:00 in Berlin. */
const MONDAY_MS = Date.parse('2026-01-12T17:00:00Z')

t.test('when a car leaves is learned once enough of its sessions agree', async t => {
  const came = (day: number) => localMoment(MONDAY_MS + day * DAY_MS, 'Europe/Berlin')
  /** On this day, left the next morning at 06:00 and so many minutes. */
  const visit = (day: number, lateMin: number, energyWh = 20_000) => {
    const stayMs = (12 * 60 + lateMin) * MINUTE
    const left = localMoment(MONDAY_MS + day * DAY_MS + stayMs, 'Europe/Berlin')
    const found = visitOf(came(day), left, { stayMs, energyWh })
    if (found === undefined) throw new Error('no visit')
    return found
  }
  const days = (lates: readonly number[]) => lates.map((late, day) => visit(day, late))
  t.same(came(0), { weekday: 1, minute: 18 * 60 })
  t.equal(expected(days([10, 12, 9, 14]), came(4)), undefined, 'four are too few')
  const five = { leavesMin: 6 * 60 + 9, times: 5, of: 5, energyWh: 20_000 }
  t.same(expected(days([10, 12, 9, 14, 20]), came(7)), five, 'the earliest of those that agree')
  t.equal(expected(days([10, 12, 9, 14, 20]), came(5)), undefined, 'of a Saturday nothing is known')
  t.equal(expected(days([10, 12, 9, 14, 20]), { weekday: 1, minute: 9 * 60 }), undefined, 'nor of a morning')
  t.equal(expected(days([0, 60, 120, 180, 240]), came(7)), undefined, 'they do not agree')
  const mondays = [0, 7, 14, 21, 28, 35, 42, 49].map(day => visit(day, day === 14 ? 300 : 10))
  const others = [1, 2, 3, 4].map(day => visit(day, 200))
  t.same(expected([...others, ...mondays], came(56)), {
    ...{ leavesMin: 6 * 60 + 10, times: 7, of: 8, energyWh: 20_000 },
  })
  const odd = [5_000, 40_000, 10_000, 60_000, 20_000].map((wh, day) => visit(day, 10, wh))
  t.notOk('energyWh' in (expected(odd, came(7)) ?? {}), 'energies that differ say nothing')
  t.equal(
    visitOf(came(0), came(0), { stayMs: 9 * MINUTE, energyWh: 1 }),
    undefined,
    'nine minutes are no visit',
  )
  let habit = habitOf(JSON.parse(JSON.stringify([...mondays, { weekday: 9 }, null, 'x']))) ?? []
  t.same(habit, mondays, 'read back; what is no visit is left out')
  for (let day = 0; day < 100; day++) habit = withVisit(habit, visit(day, 10))
  t.equal(habit.length, MAX_VISITS, 'bounded')
  t.equal(habitOf({}), undefined)
})

t.test('a departure that was learned is shown as a guess, and gives way to what is said', async t => {
  const yard = yardOf(16, 2, config => {
    config.site.profile = 'fleet-by-departure'
    config.vehicles = [{ idTag: 'tag-cp-2', departsAt: '23:59' }]
  })
  const { clock, journal } = yard.world.ports
  const now = localMoment(clock.wallMs(), 'Europe/Berlin')
  const visits = Array.from({ length: 5 }, () => ({
    ...{ weekday: now.weekday, cameMin: now.minute, leftMin: (now.minute + 125) % 1440 },
    ...{ stayMin: 125, energyWh: 20_000 },
  }))
  for (const key of ['at/CP-1/1', 'tag/tag-cp-2'])
    await yard.world.until(
      journal.commit([{ kind: 'put', key: `habit/${key}`, value: JSON.stringify(visits) }], true),
    )
  await charging(yard)
  const claim = yard.connectorView('CP-1').transaction?.claim
  t.match(claim, { source: 'learned', learned: { times: 5, of: 5 }, energyWh: 20_000 })
  const aheadMin = (Date.parse(claim?.departureAt ?? '') - clock.wallMs()) / MINUTE
  t.ok(aheadMin > 100 && aheadMin <= 126, `leaves in ${aheadMin} min`)
  t.match(yard.connectorView('CP-2').transaction?.claim, { source: 'tag', learned: undefined })
  const departureAt = new Date(clock.wallMs() + 60 * MINUTE).toISOString()
  await session(yard, 'CP-1', { departureAt })
  await yard.world.runFor(5 * MINUTE)
  const told = yard.connectorView('CP-1').transaction?.claim
  t.match(told, { source: 'api', departureAt, learned: undefined })
  yard.station('CP-1').connectors[0]?.unplug()
  await yard.world.runFor(MINUTE)
  const [kept] = await yard.world.until(journal.scan('habit/at/', 'habit/at0', 10))
  t.equal(habitOf(JSON.parse(kept?.value ?? '[]'))?.length, 6, 'this session is learned from')
  await yard.close()
})

/** The offers of all over some minutes: how often anybody was paused or let on, and how often an offer turned round. */
async function watched(
  yard: Yard,
  minutes: number,
): Promise<{ switches: number; turns: number; as: number[] }> {
  const seen = { switches: 0, turns: 0, as: yard.offersA().map(() => 0) }
  let before = [...yard.offersA()]
  const way = before.map(() => 0)
  for (let s = 0; s < minutes * 60; s++) {
    await yard.world.runFor(SECOND)
    const now = yard.offersA()
    now.forEach((amps, at) => {
      const moved = Math.sign(amps - (before[at] ?? 0))
      if (amps > 0 !== (before[at] ?? 0) > 0) seen.switches++
      if (moved !== 0 && moved === -(way[at] ?? 0)) seen.turns++
      if (moved !== 0) way[at] = moved
      seen.as[at] = (seen.as[at] ?? 0) + amps
    })
    before = [...now]
  }
  return seen
}

t.test('bad input: claims that everybody makes, or that cannot be, leave the shares equal', async t => {
  const rows: readonly [string, (yard: Yard, n: number) => object | undefined][] = [
    ['departures in the past', (_, n) => (n === 0 ? { departureAt: '2001-01-01T00:00:00Z' } : undefined)],
    ['everybody claims priority', () => ({ priorityClass: 1 })],
    [
      'everybody leaves at once, with all the energy that can be said',
      yard => ({
        departureAt: new Date(yard.world.ports.clock.wallMs() + 10 * MINUTE).toISOString(),
        energyWh: 1_000_000,
      }),
    ],
  ]
  for (const [title, wish] of rows) {
    const yard = yardOf(24, 3, config => {
      config.site.profile = 'fleet-by-departure'
    })
    await charging(yard)
    for (const [n, { id }] of yard.options.stations.entries()) {
      const body = wish(yard, n)
      if (body !== undefined) t.equal((await session(yard, id, body)).status, 200, title)
    }
    const { switches, as } = await watched(yard, 20)
    const shares = as.map(served => served / as.reduce((sum, one) => sum + one, 0))
    t.ok(Math.min(...shares) > 0.28, `${title}: shares ${shares.map(share => share.toFixed(2))}`)
    t.ok(switches <= 4, `${title}: ${switches} switches of three cars in 20 min`)
    t.equal(yard.overMs('main'), 0, title)
    await yard.close()
  }
})

t.test(
  'bad input: stations that tell too much or nothing, registers of 1 kWh, a meter with 10 s values: never over, and named (ST14)',
  async t => {
    const told = (yard: Yard, id: string, tells: (value: number, measurand: string) => number) =>
      yard.retold.set(id, tells)
    const rows: readonly {
      readonly title: string
      readonly device?: string
      readonly spoil: (yard: Yard) => void
      /** What each draws at least. */
      readonly leastA: readonly number[]
      readonly why?: RegExp
      readonly isSteady?: false
    }[] = [
      {
        title: 'CP-1 tells three times what it draws: it is counted at its most, whoever else waits',
        spoil: yard => told(yard, 'CP-1', (value, of) => (of === 'Voltage' ? value : 3 * value)),
        leastA: [6, 0, 0],
        why: /draws more than it was told|but it draws/,
      },
      {
        title: 'CP-1 tells that it draws nothing: it takes from nobody',
        spoil: yard => told(yard, 'CP-1', (value, of) => (/Current|Power/.test(of) ? 0 : value)),
        leastA: [0, 12, 12],
        why: /^Car took nothing/,
        isSteady: false,
      },
      {
        title: 'registers of 1 kWh',
        device: 'weg-wemob',
        spoil: yard => {
          for (const { id } of yard.options.stations)
            told(yard, id, value => Math.floor(value / 1_000) * 1_000)
        },
        leastA: [6, 6, 6],
      },
      {
        title: 'values each 10 s',
        spoil: yard => {
          yard.meterOf('main').wrong = { kind: 'slow', everyMs: 10_000 }
        },
        leastA: [12, 12, 12],
      },
    ]
    for (const { title, device = 'ecs-wkt-ec13', spoil, leastA, why, isSteady } of rows) {
      const stations = ['CP-1', 'CP-2', 'CP-3'].map(id => ({ id, circuit: 'main', device }))
      const circuit = { id: 'main', ratedCurrentA: 52, marginA: 2, worstCaseOtherLoadA: 22, metered: true }
      const yard = new Yard({ circuits: [circuit], stations })
      yard.baseA.set('main', [14, 14, 14])
      spoil(yard)
      await yard.open()
      for (const { id } of stations) yard.plugIn(id)
      await yard.world.runFor(6 * MINUTE)
      if (why !== undefined) t.match(yard.connectorView('CP-1').why.text, why, title)
      const { switches, turns } = await watched(yard, 6)
      const drawnA = stations.map(({ id }) => Math.round(yard.flowA(id)[0]))
      t.ok(
        drawnA.every((amps, at) => amps >= (leastA[at] ?? 0)),
        `${title}: ${drawnA} A`,
      )
      if (isSteady !== false) t.same([switches, turns], [0, 0], `${title}: nothing moves`)
      t.equal(yard.overMs('main'), 0, title)
      yard.baseA.set('main', [30, 30, 30])
      await yard.world.runFor(MINUTE)
      // A meter that is 9 s late is a poll of 10 s.
      const mostMs = title === 'values each 10 s' ? 22_700 : 13_700
      t.ok(yard.overMs('main') <= mostMs, `${title}: a jump is met, over for ${yard.overMs('main')} ms`)
      await yard.close()
    }
  },
)

const departure = (yard: Yard, order: object) => yard.post('departures', { id: 'bus', ...order })
const wallIn = (yard: Yard, ms: number): string =>
  new Date(yard.world.ports.clock.wallMs() + ms).toISOString()

t.test(
  'a departure that is promised is kept; one that cannot be is refused with the kWh that are missing',
  async t => {
    const yard = yardOf(16, 2, config => {
      config.site.profile = 'fleet-by-departure'
      for (const [at, station] of config.stations.entries()) station.bay = `bay ${at + 1}`
    })
    await charging(yard)
    const departureAt = wallIn(yard, 60 * MINUTE)
    const leaving = { bay: 'bay 2', departureAt }
    const much = await departure(yard, { ...leaving, energyWh: 40_000 })
    t.equal(much.status, 409)
    t.match(much.body, {
      error: 'not possible',
      found: /^40 kWh until/,
      expected: /^at most .* are missing$/,
    })
    t.equal(yard.connectorView('CP-2').transaction?.claim, undefined, 'nothing was taken')
    const possibleWh = 40_000 - much.body.shortWh
    t.ok(possibleWh > 4_000 && possibleWh < 11_500, `${possibleWh} Wh: a good half of 16 A for an hour`)
    const tried = await departure(yard, { ...leaving, energyWh: 40_000, orLess: true, dryRun: true })
    t.match(tried.body, { dryRun: true, promised: false, shortWh: much.body.shortWh })
    const { status, body } = await departure(yard, { ...leaving, energyWh: possibleWh })
    t.equal(status, 200)
    t.match(body, { promised: true, possibleWh, shortWh: 0, text: /^CP-2\/1: leaves at .*are possible$/ })
    const other = await departure(yard, { id: 'van', station: 'CP-1', departureAt, energyWh: 20_000 })
    t.equal(other.status, 409)
    await yard.world.runFor(2_000)
    const sinceMs = yard.nowMs
    const question = { id: 'bus', ...leaving, orLess: true, dryRun: true }
    const crowd = await yard.postAtOnce(70, 'departures', question)
    const refused = crowd.filter(one => one.body.error === 'too frequent').length
    t.equal(refused, 6, 'four at once, 60 wait their turn, and more are told')
    const tookMs = yard.nowMs - sinceMs
    t.ok(tookMs >= 30_000, 'two a second: who asks does not keep control from deciding')
    await yard.world.runFor(59 * MINUTE - 2_000 - tookMs)
    const energyWh = yard.connectorView('CP-2').transaction?.energyWh ?? 0
    t.ok(energyWh >= possibleWh - 150, `${energyWh} of ${possibleWh} Wh a minute before it leaves`)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test(
  'what is said of a vehicle that has not come waits for it, over a kill, and no longer than it would stay',
  async t => {
    const yard = yardOf(16, 2, config => {
      config.vehicles = [{ idTag: 'TAG-cp-1', name: 'bus 7' }, { idTag: 'tag-cp-2' }]
    })
    await yard.open()
    const departureAt = wallIn(yard, 8 * 60 * MINUTE)
    const told = await departure(yard, { vehicle: 'bus 7', departureAt, energyWh: 30_000, priorityClass: 2 })
    t.match(told.body, { promised: false, text: /^bus 7: .*waits for its session/ })
    t.equal((await departure(yard, { station: 'CP-2', departureAt: wallIn(yard, MINUTE) })).status, 200)
    t.match((await departure(yard, { vehicle: 'bus 8', departureAt })).body, { error: 'no such vehicle' })
    t.match((await departure(yard, { bay: 'x', departureAt })).body, { error: 'no such bay' })
    t.match((await departure(yard, { vehicle: 'bus 7', departureAt: '2001-01-01T00:00:00Z' })).body, {
      error: 'over',
    })
    t.match((await departure(yard, { vehicle: 'bus 7', departureAt: '2101-01-01T00:00:00Z' })).body, {
      error: 'too far ahead',
    })
    t.equal((await departure(yard, { station: 'CP-1', vehicle: 'bus 7', departureAt })).status, 400)
    yard.kill()
    await yard.world.runFor(5 * SECOND)
    await yard.startGateway()
    await yard.world.runFor(2 * MINUTE)
    yard.plugIn('CP-1')
    yard.plugIn('CP-2')
    await yard.world.runFor(3 * MINUTE)
    const claim = { departureAt, energyWh: 30_000, priorityClass: 2, source: 'api' }
    t.same(yard.connectorView('CP-1').transaction?.claim, claim)
    t.same(yard.connectorView('CP-2').transaction?.claim, { source: 'tag' }, 'its time was over')
    t.match((await departure(yard, { vehicle: 'bus 7', withdraw: true })).body, {
      text: /nothing is said of it/,
    })
    await yard.world.runFor(2 * SECOND)
    t.same(yard.connectorView('CP-1').transaction?.claim, { source: 'api' })
    t.match((await departure(yard, { vehicle: 'TAG-CP-2', withdraw: true })).body, {
      text: /^the vehicle at CP-2/,
    })
    await yard.close()
  },
)

/** One minimum for two cars, each on a circuit of its own; `hours` of the day, UTC, 06:00 being the start. */
function twoCircuits(
  hours: readonly Partial<LimitWindowConfig>[],
  change?: (config: SiteConfig) => void,
): Yard {
  const station = (id: string, circuit: string) => ({ id, circuit, maxCurrentA: 16, failSafeCurrentA: 0 })
  const yard = new Yard({
    circuits: [
      { id: 'main', ratedCurrentA: 9, marginA: 2, worstCaseOtherLoadA: 0 },
      { id: 'east', parent: 'main', ratedCurrentA: 32, worstCaseOtherLoadA: 0 },
      { id: 'west', parent: 'main', ratedCurrentA: 32, worstCaseOtherLoadA: 0 },
    ],
    stations: [station('CP-1', 'east'), station('CP-2', 'west')],
  })
  yard.onConfig = config => {
    config.site.timeZone = 'UTC'
    config.limits.windows = hours.map((window, at) => ({
      ...{ id: `w${at}`, days: [...WEEKDAYS], from: '06:30', to: '07:00' },
      ...window,
    }))
    change?.(config)
  }
  return yard
}

t.test(
  'hours of the day give the cars of a circuit their class, below what is said for a session',
  async t => {
    const yard = twoCircuits([{ circuit: 'west', priorityClass: 1 }], ({ stations }) => {
      for (const station of stations) if (station.id === 'CP-1') station.priorityClass = 3
    })
    const at = async (time: string) => {
      const wallMs = Date.parse(`2026-01-14T${time}:00Z`)
      await yard.world.runFor(wallMs - yard.world.ports.clock.wallMs())
    }
    await charging(yard)
    await at('06:28')
    t.same(yard.offersA(), [7, 0], 'by the entry of its station')
    await at('06:33')
    t.same(yard.offersA(), [0, 7], 'by the hours')
    yard.kill()
    await yard.startGateway()
    await at('06:43')
    t.same(yard.offersA(), [0, 7], 'also after a restart within them')
    t.equal((await session(yard, 'CP-1', { priorityClass: 1 })).status, 200)
    t.equal((await session(yard, 'CP-2', { priorityClass: 8 })).status, 200)
    await at('06:49')
    t.same(yard.offersA(), [7, 0], 'somebody has said otherwise')
    t.equal((await session(yard, 'CP-1', { priorityClass: 8 })).status, 200)
    t.equal((await session(yard, 'CP-2', { priorityClass: 1 })).status, 200)
    await at('07:10')
    t.same(yard.offersA(), [0, 7], 'which outlasts them')
    t.same(yard.view().limits, [], 'no limit')
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test(
  'the class ends with its hours: in one class again both take turns, until other hours come',
  async t => {
    const yard = twoCircuits([
      { circuit: 'west', priorityClass: 1 },
      { circuit: 'east', from: '08:00', to: '09:00', priorityClass: 2 },
    ])
    await charging(yard)
    await yard.world.runFor(Date.parse('2026-01-14T06:40:00Z') - yard.world.ports.clock.wallMs())
    t.same(yard.offersA(), [0, 7])
    // both in one class again: in turns
    await yard.world.runFor(Date.parse('2026-01-14T07:00:00Z') - yard.world.ports.clock.wallMs())
    const { as, switches } = await watched(yard, 50)
    t.ok((as[0] ?? 0) > 0.4 * as.reduce((sum, one) => sum + one, 0), `shares ${as}`)
    t.ok(switches <= 8, `${switches} switches`)
    await yard.world.runFor(20 * MINUTE)
    t.same(yard.offersA(), [7, 0], 'the hours of the other one')
    yard.world.jumpWall(Date.parse('2026-01-14T06:31:00Z') - yard.world.ports.clock.wallMs())
    await yard.world.runFor(20 * MINUTE)
    t.same(yard.offersA(), [0, 7], 'a clock that was put right has the hours that are')
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test('what is promised until a departure reckons with the hours that come', async t => {
  const promised = async (hours: readonly Partial<LimitWindowConfig>[]) => {
    const yard = twoCircuits(hours)
    await charging(yard)
    const wish = { station: 'CP-1', departureAt: '2026-01-14T07:00:00Z', energyWh: 40_000 }
    const { body } = await departure(yard, { ...wish, orLess: true })
    const possibleWh = 40_000 - body.shortWh
    await yard.world.runFor(Date.parse('2026-01-14T06:59:30Z') - yard.world.ports.clock.wallMs())
    const energyWh = yard.connectorView('CP-1').transaction?.energyWh ?? 0
    t.ok(energyWh >= possibleWh - 150, `${energyWh} of ${possibleWh} Wh`)
    await yard.close()
    return possibleWh
  }
  const [first, none, last] = [
    await promised([{ circuit: 'east', priorityClass: 1 }]),
    await promised([]),
    await promised([{ circuit: 'west', priorityClass: 1 }]),
  ]
  t.ok(first > none && none > last, `${first} > ${none} > ${last} Wh`)
})
