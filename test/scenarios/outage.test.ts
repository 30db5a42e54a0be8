/**
 * The uplink that goes for days, and the one that comes and goes, in simulated time: what the CSMS holds in the end, and
 * how soon. BUSBAR_OUTAGE=long plays the long form: 50 stations, a value each minute, an hour of flapping.
 */
import t from 'tap'
import { HOUR, keepBooks, MINUTE, SECOND, Uplink } from './fixtures/uplink.js'

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
    t.ok(inMinutes > 0 && inMinutes <= 6, `down to a twentieth after ${inMinutes} min`)
    const late = Math.max(...marks.slice(8))
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
        for (const talker of talkers) if (talker.isCharging) talker.sample(Math.floor(random.next() * 3_000))
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
