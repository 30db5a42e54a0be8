/**
 * The uplink that goes for days, and the one that comes and goes, in simulated time: what the CSMS holds in the end, and
 * how soon. BUSBAR_OUTAGE=long plays the long form: 50 stations, a value each minute, an hour of flapping.
 */
import t from 'tap'
import { OwnClock, shiftAfter, unsetTimes } from '../../src/core/offline/unset-times.js'
import { type Books, HOUR, keepBooks, MINUTE, SECOND, Uplink } from './fixtures/uplink.js'

const isLong = process.env.BUSBAR_OUTAGE === 'long'

t.test(
  'an uplink that is up for 5 s and down for 5 s drains what waits, and is never far behind',
  async t => {
    const stations = isLong ? 50 : 12
    const uplink = new Uplink(stations, 3)
    uplink.world.network.setQuality({ toListenerMs: 75, toDialerMs: 75, jitterMs: 20 }, 'csms:9100')
    await uplink.open()
    const books = keepBooks(uplink.csms)
    for (const talker of uplink.talkers) talker.begin()
    const clock = uplink.world.portsFor('observer').clock
    clock.every(10 * SECOND, () => {
      for (const talker of uplink.talkers) if (talker.isCharging) talker.sample(30)
    })
    await uplink.online(false)
    await uplink.world.runFor(20 * MINUTE)
    const before = uplink.waiting
    const marks: number[] = []
    const windows = isLong ? 360 : 72
    for (let n = 0; n < windows; n++) {
      await uplink.online(true)
      await uplink.world.runFor(5 * SECOND)
      await uplink.online(false)
      await uplink.world.runFor(5 * SECOND)
      if (n % 6 === 5) marks.push(uplink.waiting)
    }
    const inMinutes = marks.findIndex(waiting => waiting < before / 20) + 1
    t.comment(`${stations} stations, ${before} wait at first; each minute ${marks.join(' ')}`)
    t.ok(before >= stations * 100)
    t.ok(inMinutes > 0 && inMinutes <= 8, `down to a twentieth after ${inMinutes} min`)
    const late = Math.max(...marks.slice(9))
    t.ok(late <= stations * 12, `afterwards at most ${late} wait: two minutes of what is new`)
    await uplink.online(true)
    for (const talker of uplink.talkers) talker.end()
    const wholeMs = await uplink.untilSo(() => uplink.waiting === 0 && books.open === 0, 5 * MINUTE)
    t.ok(wholeMs !== undefined, `all of it is there ${wholeMs} ms after it stays up`)
    const values = uplink.talkers.reduce((sum, talker) => sum + talker.values, 0)
    t.match(books, { misordered: 0, values })
    t.comment(`${values} values, ${books.repeated} messages twice because their answer was cut off`)
    await uplink.close()
  },
)

t.test('after 5 minutes without a CSMS 50 stations are linked within 30 s', async t => {
  const spans: number[] = []
  for (let seed = 1; seed <= (isLong ? 20 : 2); seed++) {
    const uplink = new Uplink(50, seed)
    await uplink.open()
    t.equal(uplink.linked, 50)
    await uplink.online(false)
    await uplink.world.runFor(5 * MINUTE + seed * 1_700)
    await uplink.online(true)
    spans.push(
      (await uplink.untilSo(() => uplink.linked === 50, 2 * MINUTE, 250)) ?? Number.POSITIVE_INFINITY,
    )
    await uplink.close()
  }
  t.comment(`all linked after ${spans.join(', ')} ms`)
  t.ok(Math.max(...spans) <= 30_000)
})

t.test(
  'two days without a CSMS are replayed whole: stations, ledger and CSMS hold the same energy',
  async t => {
    const stations = isLong ? 50 : 5
    const everyMs = isLong ? MINUTE : 15 * MINUTE
    // 12 kW: more than a station can give is counted by nobody
    const mostWh = (12_000 * everyMs) / HOUR
    const uplink = new Uplink(stations, 11)
    await uplink.open()
    const books = keepBooks(uplink.csms)
    await uplink.online(false)
    const { world, talkers } = uplink
    const random = world.random.fork('drivers')
    const drive = (): void => {
      for (const talker of talkers) {
        if (talker.isCharging && random.next() < 0.15) talker.end()
        else if (!talker.isCharging && random.next() < 0.3) talker.begin()
      }
    }
    const clock = world.portsFor('drivers').clock
    const timers = [
      clock.every(15 * MINUTE, drive),
      clock.every(everyMs, () => {
        for (const talker of talkers) if (talker.isCharging) talker.sample(Math.floor(random.next() * mostWh))
      }),
    ]
    await world.runFor(30 * HOUR)
    world.kill()
    await world.runFor(2 * MINUTE)
    await uplink.start()
    await world.runFor(18 * HOUR)
    for (const timer of timers) timer.cancel()
    for (const talker of talkers) if (talker.isCharging) talker.end()
    await world.runFor(MINUTE)
    const waited = uplink.waiting
    const totalWh = talkers.reduce((sum, talker) => sum + talker.totalWh, 0)
    t.equal(uplink.energy().offlineWh, totalWh, 'the ledger holds what the stations have given')
    t.same(
      talkers.map(talker => talker.waiting),
      talkers.map(() => 0),
      'every message was answered',
    )
    await uplink.online(true)
    const replayMs = await uplink.untilSo(() => uplink.waiting === 0, 30 * MINUTE)
    const count = (of: 'sessions' | 'values'): number => talkers.reduce((sum, talker) => sum + talker[of], 0)
    t.comment(
      `${stations} stations, ${count('sessions')} sessions, ${waited} messages, ${totalWh} Wh, replayed in ${replayMs} ms`,
    )
    t.ok(replayMs !== undefined)
    t.equal(books.sessions.size, count('sessions'))
    t.match(books, { misordered: 0, repeated: 0, open: 0, values: count('values'), totalWh })
    t.same(uplink.energy(), { offlineWh: totalWh, acceptedWh: totalWh })
    await uplink.close()
  },
)

t.test(
  'a CSMS that answers late, twice or in reverse order gets each message once, and no station waits',
  async t => {
    const manners: readonly (readonly [string, (uplink: Uplink) => Uplink['answering']])[] = [
      [
        '60 s late',
        ({ world }) =>
          send =>
            void world.portsFor('csms').clock.after(MINUTE, send),
      ],
      [
        'twice',
        () => send => {
          send()
          send()
        },
      ],
      [
        'twice, those of 50 s in reverse order',
        ({ world }) => {
          const held: (() => void)[] = []
          world.portsFor('csms').clock.every(50 * SECOND, () => {
            for (const send of held.splice(0).reverse()) {
              send()
              send()
            }
          })
          return send => void held.push(send)
        },
      ],
    ]
    for (const [manner, answeringOf] of manners) {
      const uplink = new Uplink(3, 7)
      await uplink.open()
      const books = keepBooks(uplink.csms)
      uplink.answering = answeringOf(uplink)
      const { world, talkers } = uplink
      const longestMs = talkers.map(() => 0)
      for (let minute = 0; minute < 40; minute++) {
        for (const talker of talkers) {
          if (minute % 8 === 0) talker.begin()
          else if (minute % 8 === 6) talker.end()
          else if (talker.isCharging) talker.sample(500)
          else talker.say('Heartbeat', {})
        }
        // never more than what is asked in one answer's time
        for (let atS = 0; atS < 60; atS++) {
          await world.runFor(SECOND)
          for (const [n, { waiting }] of talkers.entries())
            longestMs[n] = waiting === 0 ? 0 : (longestMs[n] ?? 0) + SECOND
          if (Math.max(...longestMs) > 25 * SECOND) t.fail(`${manner}: a station waits for ${longestMs} ms`)
        }
      }
      const wholeMs = await uplink.untilSo(() => uplink.waiting === 0, 3 * HOUR)
      const count = (of: 'sessions' | 'values'): number =>
        talkers.reduce((sum, talker) => sum + talker[of], 0)
      const totalWh = talkers.reduce((sum, talker) => sum + talker.totalWh, 0)
      t.ok(
        wholeMs !== undefined,
        `${manner}: all has gone up, ${books.sessions.size} sessions, after ${wholeMs} ms`,
      )
      t.equal(books.sessions.size, count('sessions'), manner)
      t.match(books, { misordered: 0, repeated: 0, open: 0, values: count('values'), totalWh }, manner)
      await uplink.close()
    }
  },
)

t.test(
  'a half-open uplink is found by its pings within 25 s, and nothing said meanwhile is lost',
  async t => {
    for (const direction of ['both', 'to-listener', 'to-dialer'] as const) {
      const uplink = new Uplink(4, 13)
      await uplink.open()
      const books = keepBooks(uplink.csms)
      const { edge, talkers, world } = uplink
      const [idle, begins, charges, ends] = talkers
      for (const talker of [charges, ends]) talker?.begin()
      await world.runFor(MINUTE)
      const dials = { host: 'csms', port: 9100 }
      t.equal(world.network.halfOpen({ to: 'csms:9100' }, direction), 4)
      world.network.block(dials.host, dials.port)
      const openMs = new Map(talkers.map(({ id }) => [id, 0]))
      begins?.begin()
      charges?.sample(500)
      ends?.end()
      for (let second = 0; second < 60; second++) {
        await world.runFor(SECOND)
        for (const { id } of talkers)
          if (edge?.station(id)?.upstream === 'open') openMs.set(id, (openMs.get(id) ?? 0) + SECOND)
      }
      t.ok(
        Math.max(...openMs.values()) <= 25 * SECOND,
        `${direction}: taken for open for ${[...openMs.values()]} ms`,
      )
      t.ok(openMs.get(idle?.id ?? '')! > 0, 'also by the one that says nothing')
      t.same(
        talkers.map(({ waiting }) => waiting),
        [0, 0, 0, 0],
        `${direction}: each was answered here`,
      )
      world.network.unblock(dials.host, dials.port)
      const wholeMs = await uplink.untilSo(() => uplink.waiting === 0 && uplink.linked === 4, 5 * MINUTE)
      t.ok(wholeMs !== undefined, `${direction}: all of it went up`)
      for (const talker of [begins, charges]) talker?.end()
      await world.runFor(MINUTE)
      t.equal(books.sessions.size, 3, direction)
      t.match(books, { misordered: 0, open: 0, values: 1, totalWh: 500 }, direction)
      // what it had got, and whose answer was lost on the way, is said again in the same words
      t.ok(direction === 'to-dialer' || books.repeated === 0, `${direction}: ${books.repeated} twice`)
      await uplink.close()
    }
  },
)

/** What a CSMS and the way to it may be like for a minute or two, one after the other. */
const MOODS: Readonly<Record<string, (uplink: Uplink, books: Books) => Promise<void> | void>> = {
  'is well': () => undefined,
  'is gone': uplink => uplink.online(false),
  'closes after the upgrade': uplink => {
    uplink.turningAway = 'closes'
    uplink.world.network.cut({ to: 'csms:9100' })
  },
  'answers 503': uplink => {
    uplink.turningAway = 503
    uplink.world.network.cut({ to: 'csms:9100' })
  },
  'answers 401': uplink => {
    uplink.turningAway = 401
    uplink.world.network.cut({ to: 'csms:9100' })
  },
  'answers after 60 s': uplink => {
    uplink.answering = send => void uplink.world.portsFor('csms').clock.after(MINUTE, send)
  },
  'answers twice': uplink => {
    uplink.answering = send => {
      send()
      send()
    }
  },
  'never answers': uplink => {
    uplink.answering = () => undefined
  },
  'refuses each Start': (_uplink, books) => {
    books.refusesStarts = true
  },
  'is half-open': uplink => void uplink.world.network.halfOpen({ to: 'csms:9100' }),
  'hears and is not heard': uplink => void uplink.world.network.halfOpen({ to: 'csms:9100' }, 'to-dialer'),
}

t.test('whatever mood a CSMS is in, minute by minute, it has each session whole in the end', async t => {
  for (let seed = 1; seed <= (isLong ? 40 : 2); seed++) {
    const uplink = new Uplink(3, seed)
    await uplink.open()
    const books = keepBooks(uplink.csms)
    const { talkers, world } = uplink
    const random = world.random.fork('moods')
    const had: string[] = []
    for (let minute = 0; minute < 60; minute++) {
      if (random.next() < 0.7) {
        uplink.turningAway = undefined
        uplink.answering = undefined
        books.refusesStarts = false
        await uplink.online(true)
        const names = Object.keys(MOODS)
        const name = names[Math.floor(random.next() * names.length)] ?? 'is well'
        had.push(`${minute} ${name}`)
        await MOODS[name]?.(uplink, books)
      }
      for (const talker of talkers) {
        if (!talker.isCharging) talker.begin()
        else if (random.next() < 0.25) talker.end()
        else talker.sample(Math.floor(random.next() * 1_000))
      }
      await world.runFor(MINUTE)
    }
    uplink.turningAway = undefined
    uplink.answering = undefined
    books.refusesStarts = false
    await uplink.online(true)
    for (const talker of talkers) if (talker.isCharging) talker.end()
    const isOver = (): boolean => uplink.waiting === 0 && talkers.every(({ waiting }) => waiting === 0)
    const wholeMs = await uplink.untilSo(isOver, 3 * HOUR)
    const count = (of: 'sessions' | 'values'): number => talkers.reduce((sum, talker) => sum + talker[of], 0)
    const totalWh = talkers.reduce((sum, talker) => sum + talker.totalWh, 0)
    const how = `seed ${seed}: ${had.join(', ')}`
    t.ok(wholeMs !== undefined, `all has gone up, ${how}`)
    t.equal(books.sessions.size, count('sessions'), how)
    t.match(books, { misordered: 0, open: 0, values: count('values'), totalWh }, how)
    await uplink.close()
  }
})

const timesIn = (payload: unknown): readonly string[] =>
  JSON.stringify(payload).match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? []

t.test('a replay is one station that was away: boot, status, security events, then sessions', async t => {
  const uplink = new Uplink(1, 5)
  await uplink.open()
  const [talker] = uplink.talkers
  await uplink.online(false)
  const { world, csms } = uplink
  const event = (n: number) => ({ type: `Event${n}`, timestamp: '2026-01-14T07:00:00Z' })
  talker?.down()
  talker?.boots()
  talker?.up()
  await world.runFor(MINUTE)
  talker?.begin()
  talker?.say('SecurityEventNotification', event(1))
  talker?.sample(10)
  talker?.say('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
  for (let n = 0; n < 60; n++) talker?.sample(10)
  talker?.say('SecurityEventNotification', event(2))
  talker?.end()
  await world.runFor(MINUTE)
  world.kill()
  await world.runFor(MINUTE)
  await uplink.start()
  await world.runFor(MINUTE)
  talker?.say('SecurityEventNotification', event(3))
  await world.runFor(10 * SECOND)
  const before = csms.seen.length
  await uplink.online(true)
  await uplink.untilSo(() => uplink.waiting === 0, 5 * MINUTE)
  const told = csms.seen
    .slice(before)
    .map(({ action, payload }) => Reflect.get(Object(payload), 'type') ?? action)
  t.same(told.slice(0, 6), [
    'BootNotification',
    'StatusNotification',
    'Event1',
    'Event2',
    'Event3',
    'StartTransaction',
  ])
  t.equal(told.length, 6 + 61 + 1)
  t.equal(told.at(-1), 'StopTransaction')
  await uplink.close()
})

t.test(
  'what was written before this machine had the time goes up with the true one, and not sooner',
  async t => {
    const uplink = new Uplink(2, 6, 5 * MINUTE)
    await uplink.open()
    const { world, csms, talkers } = uplink
    await uplink.online(false)
    const begunMs = world.time.nowMs
    for (const talker of talkers) talker.begin()
    for (let n = 0; n < 4; n++) {
      await world.runFor(15 * MINUTE)
      for (const talker of talkers) talker.sample(500)
    }
    const before = csms.seen.length
    await uplink.online(true)
    await world.runFor(5 * MINUTE)
    t.same(
      csms.seen.slice(before).filter(({ action }) => action.endsWith('Transaction')),
      [],
      'held while nobody knows the time',
    )
    const toSetMs = Date.UTC(2026, 10, 26) - 5 * MINUTE
    for (const name of ['busbar', 'csms', 'CP-1', 'CP-2']) world.jumpWall(toSetMs, name)
    t.ok((await uplink.untilSo(() => uplink.waiting === 0, 5 * MINUTE)) !== undefined)
    const stamps = csms.seen.slice(before).flatMap(({ payload }) => timesIn(payload))
    t.equal(stamps.length, 10)
    t.ok(stamps.every(stamp => stamp >= '2026'))
    const start = csms.calls({ stationId: 'CP-1', action: 'StartTransaction' })[0]
    const startMs = Date.parse(timesIn(start?.payload)[0] ?? '')
    t.ok(Math.abs(startMs - Date.UTC(2026, 10, 26) - begunMs) < SECOND)
    await uplink.close()
  },
)

t.test('what a station wrote before it had the time goes up with the true one', async t => {
  const uplink = new Uplink(1, 8)
  await uplink.open()
  const { world, csms, talkers } = uplink
  const [talker] = talkers
  await uplink.online(false)
  talker?.down()
  talker?.boots()
  const trueMs = (): number => world.portsFor('busbar').clock.wallMs()
  world.jumpWall(10 * SECOND - trueMs(), 'CP-1')
  const begunMs = trueMs()
  talker?.begin()
  await world.runFor(HOUR)
  talker?.sample(800)
  await world.runFor(HOUR)
  talker?.end()
  const timestamp = new Date(world.portsFor('CP-1').clock.wallMs()).toISOString()
  talker?.sayFirst('StatusNotification', {
    connectorId: 1,
    status: 'Available',
    errorCode: 'NoError',
    timestamp,
  })
  t.match(timestamp, /^1970/)
  talker?.up()
  await world.runFor(2 * MINUTE)
  t.equal(uplink.waiting, 3)
  const before = csms.seen.length
  await uplink.online(true)
  await uplink.untilSo(() => uplink.waiting === 0, 5 * MINUTE)
  const seen = csms.seen.slice(before)
  const stamps = seen
    .filter(({ action }) => action !== 'StatusNotification')
    .flatMap(call => timesIn(call.payload))
  for (const [index, expectedMs] of [begunMs, begunMs + HOUR, begunMs + 2 * HOUR].entries())
    t.ok(Math.abs(Date.parse(stamps[index] ?? '') - expectedMs) < 2_000, `${stamps[index]}`)
  t.notMatch(JSON.stringify(seen), '1970')
  await uplink.close()
})

t.test(
  'times of an unset clock: the least delay seen is nearest, and an earlier run was not later than this one',
  async t => {
    const values = {
      meterValue: [{ timestamp: '1970-01-01T00:00:40Z' }, { timestamp: '2026-01-01T00:00:00Z' }],
    }
    t.same(unsetTimes(values), [{ path: ['meterValue', 0, 'timestamp'], wallMs: 40_000 }])
    t.same(unsetTimes({ transactionData: { timestamp: '1970-01-01T00:00:01Z' } }), [
      { path: ['transactionData', 'timestamp'], wallMs: 1_000 },
    ])
    t.same(unsetTimes('nothing'), [])
    const first = shiftAfter(undefined, unsetTimes(values), 1_000_000)
    t.equal(first, 960_000)
    t.equal(shiftAfter(first, [{ path: [], wallMs: 200_000 }], 1_000_000), 800_000)
    t.equal(shiftAfter(first, [], 5), first)
    const setMs = Date.UTC(2026, 0)
    const clock = new OwnClock({ wallMs: 50_000, monoMs: 1_000 })
    t.notOk(clock.look({ wallMs: 60_000, monoMs: 11_000 }))
    t.ok(clock.look({ wallMs: setMs, monoMs: 21_000 }))
    const now = { wallMs: setMs + 9_000, monoMs: 30_000 }
    t.equal(clock.correctionMs(60_000, now) + 60_000, setMs - 10_000, '10 s before it was set')
    t.equal(clock.correctionMs(40_000, now) + 40_000, setMs - 20_000, 'an earlier run: when this one began')
    t.equal(clock.correctionMs(setMs, now), 0)
  },
)
