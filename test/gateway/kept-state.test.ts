/** What outlives a restart, and that whatever is lost of it never lets more current flow. */
import t from 'tap'
import { keptStateSchema } from '../../src/core/config/kept-state.js'
import { History, worstOf } from '../../src/core/view/history.js'
import { HistoryKeeper } from '../../src/gateway/history-keeper.js'
import { startHousekeeping } from '../../src/gateway/housekeeping.js'
import { JournalCare } from '../../src/gateway/journal-care.js'
import { StateKeeper } from '../../src/gateway/kept-state.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { openHistoryStore } from '../../src/store/history-store.js'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const GONE = { code: 'station-gone', about: 'CP-1' }

t.test('an isolation and an acknowledged alarm outlive a restart, and end when they are over', async t => {
  const world = createWorld({ seed: 1 })
  const open = () => world.until(StateKeeper.open(world.ports))
  const first = await open()
  first.isolate('CP-1', true, 'admin')
  first.isolate('CP-2', true, 'admin')
  first.acknowledge(GONE, true, 'admin')
  await world.runFor(1000)
  const second = await open()
  t.match(second.isolated(), [{ stationId: 'CP-1' }, { stationId: 'CP-2' }])
  t.match(second.acknowledged(), [{ ...GONE, by: 'admin' }])
  t.equal(second.lost, undefined)
  second.connected('CP-1')
  second.over(GONE)
  await world.runFor(1000)
  const third = await open()
  t.match(third.isolated(), [{ stationId: 'CP-2' }])
  t.same(third.acknowledged(), [])
})

t.test(
  'a document that is damaged, of another version or of another shape counts as empty, and is said',
  async t => {
    const whole = {
      version: 1,
      isolated: [{ stationId: 'CP-1', at: '2026-11-26T00:00:00.000Z', by: 'admin' }],
      acknowledged: [],
      page: {},
      leastSecurityProfiles: { 'CP-1': 2 },
    }
    t.ok(keptStateSchema.safeParse(whole).success)
    for (const document of [
      { ...whole, version: 2 },
      { ...whole, isolated: ['CP-1'] },
      { ...whole, more: 1 },
      [],
      7,
    ]) {
      const world = createWorld({ seed: 1 })
      await world.until(world.ports.files.save('state', document))
      const keeper = await world.until(StateKeeper.open(world.ports))
      t.same(keeper.isolated(), [], JSON.stringify(document))
      t.type(keeper.lost, 'string')
      t.equal(world.log().events('kept state not readable').length, 1)
    }
  },
)

t.test(
  'an alarm acknowledged before the restart that does not come again is forgotten after 10 min',
  async t => {
    const world = createWorld({ seed: 1 })
    const keeper = await world.until(StateKeeper.open(world.ports))
    keeper.acknowledge(GONE, true, 'admin')
    const history = new HistoryKeeper(world.ports, new History(), openHistoryStore(world.ports.journal))
    const housekeeping = startHousekeeping(world.ports, {
      keeper,
      histories: [history],
      orders: { tick: () => undefined },
      sessions: { tick: async () => undefined },
      alarms: () => [],
    })
    await world.runFor(9 * MINUTE)
    t.equal(keeper.acknowledged().length, 1)
    await world.runFor(3 * MINUTE)
    t.equal(keeper.acknowledged().length, 0)
    await world.until(housekeeping.stop())
  },
)

t.test('a journal knows its site: that of another one is held until an operator says so', async t => {
  const world = createWorld({ seed: 2 })
  const whole = { rolledBack: false }
  const open = (site: string, found: Parameters<typeof JournalCare.open>[2] = whole) =>
    world.until(JournalCare.open(world.ports, site, found))
  t.equal((await open('depot-north')).hold, undefined, 'the first start writes whose it is')
  t.equal((await open('depot-north')).hold, undefined)
  t.match((await open('depot-south')).hold?.text, /that of site "depot-north", this is "depot-south"/)
  const care = await open('depot-south')
  t.match(care.hold?.text, /depot-north/, 'a restart does not forget')
  t.match(care.hold, {
    phrase: 'journal-of-another-site',
    params: { found: 'depot-north', site: 'depot-south' },
  })
  await world.until(care.release('admin'))
  t.equal(care.hold, undefined)
  t.equal((await open('depot-south')).hold, undefined)
  t.match(
    (await open('depot-south', { rolledBack: true })).hold?.text,
    /older than what was already delivered/,
  )
})

t.test('damage is named by station and time and outlives restarts until somebody has taken note', async t => {
  const world = createWorld({ seed: 3 })
  const damage = {
    lost: 3,
    keys: ['log/CP-1/01768370400000', 'log/CP-1/01768370460000', 'tx/CP-1/1500000000'],
    ranges: [{ after: 'log/CP-2/01768370400000', before: '' }],
    missingBatches: 2,
    copy: 'journal.damaged-0001',
  }
  const open = (found: Parameters<typeof JournalCare.open>[2]) =>
    world.until(JournalCare.open(world.ports, 'depot', found))
  let told = 0
  const tell = async () => void told++
  const { commit } = world.ports.journal
  t.intercept(world.ports.journal, 'commit', { value: () => Promise.reject(new Error('EIO')) })
  await open({ rolledBack: false, damage, told: tell })
  t.equal(told, 0, 'not on the disk: it has to be said again')
  t.intercept(world.ports.journal, 'commit', { value: commit.bind(world.ports.journal) })
  const first = await open({ rolledBack: false, damage, told: tell })
  t.equal(told, 1)
  t.equal((await open({ rolledBack: false, damage, told: tell })).damage?.text, first.damage?.text)
  t.equal(told, 2, 'killed before it was taken as told, it is said once all the same')
  const care = await open({ rolledBack: false })
  for (const words of [
    'CP-1: 2 waiting messages of 2026-01-14T06:00:00.000Z to 2026-01-14T06:01:00.000Z',
    '1 other record',
    'what lay between CP-2 of 2026-01-14T06:00:00.000Z and one end of the journal may be lost',
    '2 writes are missing',
    'journal.damaged-0001',
  ])
    t.match(care.damage?.text, words)
  t.match(care.damage, {
    phrase: 'journal-damaged-kept',
    params: {
      copy: 'journal.damaged-0001',
      what: {
        phrase: 'lost-list',
        params: { first: { phrase: 'lost-waiting-span', params: { station: 'CP-1', count: 2 } } },
      },
    },
  })
  care.acknowledgeDamage()
  await world.runFor(1_000)
  t.equal((await open({ rolledBack: false })).damage, undefined)
})

t.test('what is found damaged while all runs is told at the next look, once, and is on the disk', async t => {
  const world = createWorld({ seed: 5 })
  const whole = { rolledBack: false }
  const care = await world.until(JournalCare.open(world.ports, 'depot', whole))
  let told = 0
  const damage = { lost: 1, keys: ['log/CP-1/01768370400000'], ranges: [], missingBatches: 0 }
  const found = { rolledBack: false, damage, told: async () => void told++ }
  for (let second = 0; second < 3; second++) {
    care.look(second === 0 ? whole : found)
    await world.runFor(1_000)
  }
  t.match(care.damage?.text, 'CP-1: 1 waiting message of 2026-01-14T06:00:00.000Z')
  t.equal(care.hold, undefined)
  t.equal(told, 1)
  const next = await world.until(JournalCare.open(world.ports, 'depot', whole))
  t.equal(next.damage?.text, care.damage?.text)
  care.look({ rolledBack: true })
  t.match(care.hold?.text, /older than what was already delivered/)
})

t.test('of a span the highest of each phase and the lowest limit is kept', async t => {
  t.equal(worstOf([]), undefined)
  t.same(
    worstOf([
      [1, 20, null, 100, 6],
      [3, 10, null, 80, 32],
    ]),
    [3, 20, null, 80, 32],
    'and of the offers the highest',
  )
  t.same(worstOf([[null, null, null, null, null]]), [null, null, null, null, null])
  t.same(
    worstOf([
      [-3, 0, -1, 0, 0],
      [null, -2, -5, null, null],
    ]),
    [-3, 0, -1, 0, 0],
  )
})

/** A run of Busbar as far as its history goes: a second is a point of `ampsAt`. */
function historyRun(world: ReturnType<typeof createWorld>, ampsAt: (atS: number) => number) {
  const { clock } = world.ports
  const seconds = new History()
  const history = new HistoryKeeper(world.ports, seconds, openHistoryStore(world.ports.journal))
  const add = (): void => {
    const atS = Math.floor(clock.wallMs() / 1000)
    const amps = ampsAt(atS)
    seconds.add('main', atS, { measuredA: [amps, amps, 0], limitA: 100, offeredA: amps })
  }
  add()
  const each = clock.every(SECOND, add)
  const tick = clock.eachMinute(() => void history.tick())
  const read = (secondsBack: number, untilS?: number) =>
    world.until(history.read('main', secondsBack, untilS))
  return { history, read, stop: () => [each, tick].forEach(timer => void timer.cancel()) }
}

t.test('a history by steps of 10 s has the worst of each, and lies apart from that of circuits', async t => {
  const steps = new History(10, 'highest')
  const add = (atS: number, amps: number | undefined, limitA: number) =>
    steps.add('CP-1', atS, {
      ...(amps !== undefined && { measuredA: [amps, 0, 0] as const }),
      ...{ limitA, offeredA: amps ?? 0 },
    })
  for (const [atS, amps, limitA] of [
    [100, 6, 32],
    [104, 16, 16],
    [109.9, undefined, 20],
    [110, 8, 32],
    [2_000, undefined, 6],
  ] as const)
    add(atS, amps, limitA)
  const known = [
    { atS: 100, point: [16, 0, 0, 32, 16] },
    { atS: 110, point: [8, 0, 0, 32, 8] },
  ]
  t.same(steps.read('CP-1', 95, 130), [...known, { atS: 120, point: undefined }], 'a gap stays a gap')
  t.same(steps.read('CP-1', 95, 121), known, 'a step that has just begun is none')
  t.same(steps.read('CP-1', 2_000, 2_001), [{ atS: 2_000, point: [null, null, null, 6, 0] }])
  t.equal(steps.read('CP-1', 0, 10_000)?.length, 180, 'bounded')
  t.equal(steps.read('CP-2', 0, 1), undefined)
  const world = createWorld({ seed: 1 })
  const stations = openHistoryStore(world.ports.journal, 'station-history')
  await world.until(stations.keep(60, 60, new Map([['main', [1, 2, 3, 4, 5]]])))
  for await (const page of openHistoryStore(world.ports.journal).read(60, 0, 120)) t.same(page, [])
  let read = 0
  for await (const page of stations.read(60, 0, 120)) read += page.length
  t.equal(read, 1)
})

t.test('what an earlier version has kept of amps is read, without offers', async t => {
  const world = createWorld({ seed: 1 })
  const { journal } = world.ports
  const key = 'history/60/000000000060'
  const put = (value: string) => world.until(journal.commit([{ kind: 'put', key, value }], true))
  await put('{"main":[1,2,null,100],"odd":[1,2],"odder":"x"}')
  for await (const page of openHistoryStore(journal).read(60, 0, 120))
    t.same(
      page.map(([atS, record]) => [atS, [...record]]),
      [[60, [['main', [1, 2, null, 100, null]]]]],
    )
})

t.test('the history outlives a restart by the minute, and by the quarter of an hour', async t => {
  const world = createWorld({ seed: 1 })
  const startS = Math.floor(world.ports.clock.wallMs() / 1000)
  // one second of 90 A in ten minutes of 10 A
  const first = historyRun(world, atS => ((atS - startS) % 600 === 300 ? 90 : 10))
  await world.runFor(20 * MINUTE)
  const live = await first.read(900)
  t.equal(live?.atS.length, 900, 'as measured, a point a second')
  t.equal(live?.l1A.filter(amps => amps === 90).length, 1)
  first.stop()
  await world.runFor(5 * MINUTE)
  const second = historyRun(world, () => 20)
  await world.runFor(2 * MINUTE)
  const joined = await second.read(1800)
  t.equal(joined?.l1A.filter(amps => amps === 90).length, 2, 'the minutes with the peaks')
  t.ok(joined?.l1A.includes(null), 'while Busbar was away the line is broken')
  t.ok((joined?.l1A.filter(amps => amps === 20).length ?? 0) >= 120, 'since the start by the second')
  const times = joined?.atS ?? []
  t.same(
    [...times].sort((a, b) => a - b),
    times,
  )
  t.equal(new Set(times).size, times.length)
  await world.runFor(40 * MINUTE)
  const quarters = await second.read(4 * 86_400)
  t.same(
    [...new Set((quarters?.l1A ?? []).filter(amps => amps !== null))].sort(),
    [20, 90],
    'the quarter in which it was restarted has the peak of before',
  )
  t.equal(
    await second.read(60, startS + 300 + 60).then(view => Math.max(...(view?.l1A ?? []).map(Number))),
    90,
  )
  t.equal(await world.until(second.history.read('attic', 60)), undefined)
  second.stop()
})

t.test(
  'what is too old is forgotten, whatever circuit it was of; not by a clock that has jumped',
  async t => {
    const world = createWorld({ seed: 1 })
    const store = openHistoryStore(world.ports.journal)
    const nowS = Math.floor(world.ports.clock.wallMs() / 60_000) * 60
    const age = (span: 60 | 900, days: number) =>
      world.until(store.keep(span, nowS - (days * DAY) / 1000, new Map([['gone', [1, 1, 1, 1, 1] as const]])))
    for (let days = 1; days <= 6; days++) await age(60, days)
    await age(900, 399)
    await age(900, 401)
    const run = historyRun(world, () => 1)
    await world.runFor(30 * MINUTE)
    world.jumpWall(50 * DAY)
    await world.runFor(40 * MINUTE)
    t.equal(await world.until(store.read(60, 0, nowS - (5 * DAY) / 1000 + 1).next()).then(countOf), 2)
    world.jumpWall(-50 * DAY)
    await world.runFor(3 * HOUR)
    run.stop()
    t.equal(await world.until(store.read(60, 0, nowS).next()).then(countOf), 2, 'one and two days old')
    t.equal(
      await world.until(store.read(900, 0, nowS - (300 * DAY) / 1000).next()).then(countOf),
      1,
      '399 days old',
    )
  },
)

function countOf({ value }: IteratorResult<readonly unknown[], void>): number {
  return value?.length ?? 0
}
