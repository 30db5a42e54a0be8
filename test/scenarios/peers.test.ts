/**
 * Careless and hostile peers at the whole gateway, whatever they say: each message is answered, what it makes Busbar write grows with
 * its size alone, nothing is read anew for it, and what is kept of a peer is bounded (I7, I9; proxy rule 14). Counted, not timed.
 */
import fc from 'fast-check'
import t from 'tap'
import { tagKey } from '../../src/core/control/claim.js'
import type { WireOutcome } from '../../src/sim/framing.js'
import { Door, idIn, type Mouth } from './fixtures/mouth.js'
import { HOUR } from './fixtures/uplink.js'
import { MINUTE, SECOND } from './fixtures/yard.js'

type Said = readonly [action: string, payload: object]

const RUNS = { numRuns: 12, seed: 20_261 }
const at = fc
  .integer({ min: 0, max: 600 })
  .map(minute => new Date(Date.UTC(2026, 0, 14, 6, minute)).toISOString())
/** Short mostly; some as long as a frame takes. */
const text = fc
  .oneof(
    { weight: 4, arbitrary: fc.nat(30) },
    { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 40_000 }) },
  )
  .chain(length =>
    fc.constantFrom('x', 'é', '"', '\\', '\ud83d\ude00', '\ud800').map(one => one.repeat(length)),
  )
const connectorId = fc.constantFrom(0, 1, 1, 2, 77)
const meterValue = fc.array(
  fc.record({
    timestamp: at,
    sampledValue: fc.array(
      fc.record({
        value: fc.oneof(fc.nat(1e6).map(String), text),
        measurand: fc.constantFrom('Energy.Active.Import.Register', 'Current.Import', 'SoC'),
        format: fc.constantFrom('Raw', 'SignedData'),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  }),
  { minLength: 1, maxLength: 20 },
)
const transactionId = fc.constantFrom(1, 2, 1_500_000_000, -1, 4_711)

const fromStation: fc.Arbitrary<Said> = fc.oneof(
  fc.tuple(fc.constant('Authorize'), fc.record({ idTag: text })),
  fc.tuple(fc.constant('BootNotification'), fc.record({ chargePointVendor: text, chargePointModel: text })),
  fc.tuple(fc.constant('DataTransfer'), fc.record({ vendorId: text, messageId: text, data: text })),
  fc.tuple(fc.constant('DiagnosticsStatusNotification'), fc.record({ status: text })),
  fc.tuple(fc.constant('Heartbeat'), fc.record({ more: text })),
  fc.tuple(fc.constant('MeterValues'), fc.record({ connectorId, transactionId, meterValue })),
  fc.tuple(
    fc.constant('SecurityEventNotification'),
    fc.record({ type: text, timestamp: at, techInfo: text }),
  ),
  fc.tuple(
    fc.constant('StartTransaction'),
    fc.record({ connectorId, idTag: text, meterStart: fc.nat(1e6), timestamp: at }),
  ),
  fc.tuple(
    fc.constant('StatusNotification'),
    fc.record({
      connectorId,
      status: fc.constantFrom('Available', 'Preparing', 'Charging', 'Faulted'),
      errorCode: fc.constantFrom('NoError', 'OtherError'),
      info: text,
      timestamp: at,
    }),
  ),
  fc.tuple(
    fc.constant('StopTransaction'),
    fc.record({
      transactionId,
      meterStop: fc.nat(1e6),
      timestamp: at,
      idTag: text,
      transactionData: meterValue,
    }),
  ),
  fc.tuple(
    text.map(name => `No${name.slice(0, 200)}`),
    fc.record({ more: text }),
  ),
)

const isOfTransaction = (action: string): boolean => /^(Start|Stop)Transaction$|^MeterValues$/.test(action)

/** What a message may write beside itself: bookings, states, alarms. */
const MOST_BESIDE = 12_000
/** And how often it may be written itself: as it waits, its facts, its answer. */
const MOST_TIMES = 6

async function costOf(door: Door, mouth: Mouth, [action, payload]: Said) {
  door.take()
  const outcome = await mouth.say(action, payload)
  const { writtenChars, readChars } = door.take()
  const chars = JSON.stringify(payload).length
  return { action, outcome, chars, writtenChars, readChars }
}

t.test('whatever a station says is answered and costs by its size, with the CSMS there', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(fromStation, { minLength: 10, maxLength: 40 }), async said => {
      const door = await Door.open(1, ['CP-1'])
      const mouth = await door.mouth('CP-1')
      const before = await door.storedChars()
      for (const one of said) {
        const { action, outcome, chars, writtenChars, readChars } = await costOf(door, mouth, one)
        if (outcome.kind === 'timeout' || outcome.kind === 'closed')
          throw new Error(`${action}: ${outcome.kind}`)
        if (isOfTransaction(action) && outcome.kind === 'error') throw new Error(`${action}: ${outcome.code}`)
        if (writtenChars > MOST_TIMES * chars + MOST_BESIDE)
          throw new Error(`${action} of ${chars}: ${writtenChars} written`)
        if (readChars > 0) throw new Error(`${action}: ${readChars} read`)
      }
      const kept = (await door.storedChars()) - before
      // nothing waits: what is kept is state, and does not hold what was said at length
      if (kept > said.length * 2_500 + 20_000) throw new Error(`${kept} kept of ${said.length} messages`)
      await door.close()
    }),
    RUNS,
  )
  t.pass()
})

t.test('with the CSMS away too, and a start reads no more of it than a page for each station', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(fromStation, { minLength: 10, maxLength: 40 }), async said => {
      const door = await Door.open(2, ['CP-1'])
      const mouth = await door.mouth('CP-1')
      await door.yard.world.until(door.yard.csms.setOnline(false))
      let saidChars = 0
      for (const one of said) {
        const { action, outcome, chars, writtenChars } = await costOf(door, mouth, one)
        saidChars += chars
        if (isOfTransaction(action) && outcome.kind !== 'result')
          throw new Error(`${action}: ${outcome.kind}`)
        if (outcome.kind === 'timeout' || outcome.kind === 'closed')
          throw new Error(`${action}: ${outcome.kind}`)
        if (writtenChars > MOST_TIMES * chars + MOST_BESIDE)
          throw new Error(`${action} of ${chars}: ${writtenChars} written`)
      }
      await door.yard.world.runFor(2 * SECOND)
      const stored = await door.storedChars()
      if (stored > 2 * saidChars + said.length * 2_500 + 60_000)
        throw new Error(`${stored} stored of ${saidChars}`)
      mouth.down()
      door.yard.kill()
      door.take()
      await door.start()
      const { readChars } = door.take()
      if (readChars > 900_000) throw new Error(`a start reads ${readChars} of ${stored}`)
      await door.close()
    }),
    RUNS,
  )
  t.pass()
})

const periods = fc.array(fc.record({ startPeriod: fc.nat(80_000), limit: fc.nat(64) }), {
  minLength: 1,
  maxLength: 500,
})
const fromCsms: fc.Arbitrary<Said> = fc.oneof(
  fc.tuple(
    fc.constant('ChangeConfiguration'),
    fc.record({ key: fc.oneof(fc.constant('MeterValuesSampledData'), text), value: text }),
  ),
  fc.tuple(fc.constant('DataTransfer'), fc.record({ vendorId: text, data: text })),
  fc.tuple(fc.constant('GetConfiguration'), fc.record({ key: fc.array(text, { maxLength: 50 }) })),
  fc.tuple(
    fc.constant('SendLocalList'),
    fc.record({
      listVersion: fc.nat(9),
      updateType: fc.constantFrom('Full', 'Differential'),
      localAuthorizationList: fc.array(
        fc.record({
          idTag: fc.string({ maxLength: 20 }),
          idTagInfo: fc.record({ status: fc.constant('Accepted') }),
        }),
        { maxLength: 200 },
      ),
    }),
  ),
  fc.tuple(
    fc.constant('ReserveNow'),
    fc.record({ connectorId, expiryDate: at, idTag: text, reservationId: fc.integer() }),
  ),
  fc.tuple(fc.constant('CancelReservation'), fc.record({ reservationId: fc.integer() })),
  fc.tuple(fc.constant('RemoteStartTransaction'), fc.record({ idTag: text, connectorId })),
  fc.tuple(fc.constant('RemoteStopTransaction'), fc.record({ transactionId })),
  fc.tuple(
    fc.constant('SetChargingProfile'),
    fc.record({
      connectorId,
      csChargingProfiles: fc.record({
        chargingProfileId: fc.integer(),
        stackLevel: fc.nat(20),
        chargingProfilePurpose: fc.constantFrom('TxDefaultProfile', 'ChargePointMaxProfile', 'TxProfile'),
        chargingProfileKind: fc.constantFrom('Absolute', 'Relative'),
        chargingSchedule: fc.record({
          startSchedule: at,
          chargingRateUnit: fc.constantFrom('A', 'W'),
          chargingSchedulePeriod: periods,
        }),
      }),
    }),
  ),
  fc.tuple(fc.constant('ClearChargingProfile'), fc.record({ id: fc.integer() })),
  fc.tuple(
    fc.constant('GetCompositeSchedule'),
    fc.record({ connectorId, duration: fc.constantFrom(0, 60, 86_400, 2_147_483_647) }),
  ),
  fc.tuple(fc.constant('TriggerMessage'), fc.record({ requestedMessage: text })),
  fc.tuple(
    text.map(name => `No${name.slice(0, 200)}`),
    fc.record({ more: text }),
  ),
)

t.test('whatever the CSMS orders is answered, and what is kept of its orders is bounded', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(fromCsms, { minLength: 20, maxLength: 60 }), async orders => {
      const door = await Door.open(3, ['CP-1'])
      const { yard } = door
      await door.mouth('CP-1')
      const before = await door.storedChars()
      for (const [action, payload] of orders) {
        const outcome: WireOutcome = await yard.world.until(yard.csms.call('CP-1', action, payload))
        if (outcome.kind === 'timeout' || outcome.kind === 'closed')
          throw new Error(`${action}: ${outcome.kind}`)
      }
      await yard.world.runFor(2 * SECOND)
      const kept = (await door.storedChars()) - before
      const said = orders.reduce((sum, [, payload]) => sum + JSON.stringify(payload).length, 0)
      if (kept > 2 * said + 60_000) throw new Error(`${kept} kept of ${said}`)
      await door.close()
    }),
    RUNS,
  )
  t.pass()
})

// ---------------------------------------------------------------- single attacks

const start = (
  idTag: string,
  minute: number,
  timestamp = new Date(Date.UTC(2026, 0, 14, 6, minute)).toISOString(),
) => ({
  connectorId: 1,
  idTag,
  meterStart: 1_000 * minute,
  timestamp,
})
const stop = (id: number, minute: number) => ({
  transactionId: id,
  meterStop: 1_000 * minute + 500,
  timestamp: new Date(Date.UTC(2026, 0, 14, 6, minute)).toISOString(),
})

const seen = (door: Door, action: string) =>
  door.yard.csms.calls({ action }).map(({ payload }) => Object(payload))

t.test(
  'half a character in a tag begins and ends a session, with the CSMS away too, over a kill',
  async t => {
    const door = await Door.open(4, ['CP-1'])
    const mouth = await door.mouth('CP-1')
    await door.yard.world.until(door.yard.csms.setOnline(false))
    const tag = 'A\ud800\udbff'
    const id = idIn(await mouth.say('StartTransaction', start(tag, 1)))
    t.ok(id > 0, `${id}`)
    mouth.down()
    door.yard.kill()
    await door.start()
    mouth.up()
    await door.yard.world.runFor(2 * MINUTE)
    t.equal((await mouth.say('StopTransaction', stop(id, 2))).kind, 'result')
    await door.yard.world.until(door.yard.csms.setOnline(true))
    await door.yard.world.runFor(5 * MINUTE)
    t.equal(seen(door, 'StartTransaction').length, 1)
    t.equal(seen(door, 'StartTransaction')[0].idTag, tag, 'as it was said')
    t.equal(seen(door, 'StopTransaction').length, 1)
    await door.close()
  },
)

t.test('what a vehicle is called: ASCII letters have a case, nothing else is equal', async t => {
  t.equal(tagKey('ABCk'), tagKey('abcK'))
  const tags = ['k', '\u212a', 'ß', 'ss', 'SS\ufeff', '\ud800', '\udfff', '\ufffd', '%ud800', '/', 'ı', 'i']
  t.equal(new Set(tags.map(tagKey)).size, tags.length)
})

t.test('sessions of tags that are as long as a frame leave no more behind than others', async t => {
  const door = await Door.open(10, ['CP-1'])
  const mouth = await door.mouth('CP-1')
  const left: number[] = []
  for (let minute = 1; minute <= 12; minute++) {
    const tag = `${minute}`.padEnd(minute <= 6 ? 19 : 30_000, 'x')
    const now = (): string => new Date(door.yard.world.portsFor('mouth-CP-1').clock.wallMs()).toISOString()
    const id = idIn(
      await mouth.say('StartTransaction', { ...start(tag, minute, now()), meterStart: minute * 9_000 }),
    )
    for (let sample = 1; sample <= 8; sample++) {
      await door.yard.world.runFor(5 * MINUTE)
      const sampledValue = [{ value: `${minute * 9_000 + sample * 1_000}` }]
      const meterValue = [{ timestamp: now(), sampledValue }]
      await mouth.say('MeterValues', { connectorId: 1, transactionId: id, meterValue })
    }
    await mouth.say('StopTransaction', {
      ...stop(id, minute),
      meterStop: minute * 9_000 + 8_000,
      timestamp: now(),
    })
    await door.yard.world.runFor(2 * MINUTE)
    left.push(await door.storedChars())
  }
  const [sixth = 0, last = 0, first = 0] = [left[5], left[11], left[0]]
  t.ok(last - sixth < 2 * (sixth - first) + 20_000, `${left}`)
  await door.close()
})

t.test('a CSMS that gives out ids that Busbar gives out later mixes no two sessions', async t => {
  const door = await Door.open(5, ['CP-1', 'CP-2'])
  const { yard } = door
  const [one, two] = [await door.mouth('CP-1'), await door.mouth('CP-2')]
  let given = 1_500_000_000
  yard.csms.answerWith('StartTransaction', () => ({
    kind: 'result',
    payload: { transactionId: given++, idTagInfo: { status: 'Accepted' } },
  }))
  const first = idIn(await one.say('StartTransaction', start('T1', 1)))
  await yard.world.until(yard.csms.setOnline(false))
  const second = idIn(await two.say('StartTransaction', start('T2', 2)))
  t.ok(first > 0 && second > 0)
  t.not(first, second, 'two stations, two ids')
  await one.say('StopTransaction', stop(first, 3))
  const third = idIn(await one.say('StartTransaction', start('T3', 4)))
  t.notOk([first, second].includes(third), `${third}`)
  await two.say('StopTransaction', stop(second, 5))
  await one.say('StopTransaction', stop(third, 6))
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(10 * MINUTE)
  const ids = new Map<string, number>()
  // what the CSMS has answered, in the order it was asked
  for (const [at, payload] of seen(door, 'StartTransaction').entries())
    ids.set(payload.idTag, 1_500_000_000 + at)
  t.same([...ids.keys()].sort(), ['T1', 'T2', 'T3'], 'each once')
  t.equal(seen(door, 'StartTransaction').length, 3)
  const stops = seen(door, 'StopTransaction').map(({ transactionId, meterStop }) => [
    transactionId,
    meterStop,
  ])
  t.same(
    stops.sort(([, a], [, b]) => a - b),
    [
      [ids.get('T1'), 3_500],
      [ids.get('T2'), 5_500],
      [ids.get('T3'), 6_500],
    ],
  )
  await door.close()
})

t.test('one message id for every CALL: each gets its own answer, none is lost or told twice', async t => {
  const door = await Door.open(6, ['CP-1'])
  const mouth = await door.mouth('CP-1')
  const frames = await mouth.raw()
  await door.yard.world.until(door.yard.csms.setOnline(false))
  await door.yard.world.runFor(MINUTE)
  const said: string[] = []
  for (let minute = 1; minute <= 6; minute++) {
    const answer = await frames.say(
      `[2,"1","StartTransaction",${JSON.stringify(start(`T${minute}`, minute))}]`,
    )
    const id = Number(/"transactionId":(\d+)/.exec(answer ?? '')?.[1])
    t.ok(id > 0, `${answer}`)
    said.push(`T${minute}`)
    const again = await frames.say(`[2,"1","StopTransaction",${JSON.stringify(stop(id, minute))}]`)
    t.match(again, /^\[3,"1"/)
  }
  frames.close()
  await door.yard.world.until(door.yard.csms.setOnline(true))
  await door.yard.world.runFor(10 * MINUTE)
  t.same(
    seen(door, 'StartTransaction').map(({ idTag }) => idTag),
    said,
  )
  t.same(
    seen(door, 'StopTransaction').map(({ meterStop }) => meterStop),
    said.map((_, at) => 1_000 * (at + 1) + 500),
  )
  await door.close()
})

t.test('a clock that goes back a day in an outage, and a kill, change no order', async t => {
  const door = await Door.open(7, ['CP-1'])
  const { yard } = door
  const mouth = await door.mouth('CP-1')
  await yard.world.until(yard.csms.setOnline(false))
  const said: string[] = []
  for (let minute = 1; minute <= 6; minute++) {
    const id = idIn(await mouth.say('StartTransaction', start(`T${minute}`, minute)))
    t.ok(id > 0, `${id}`)
    t.equal((await mouth.say('StopTransaction', stop(id, minute))).kind, 'result')
    said.push(`T${minute}`)
    if (minute % 2 === 1) yard.world.jumpWall(-24 * HOUR)
    else {
      yard.kill()
      await door.start()
      await yard.world.runFor(3 * MINUTE)
    }
  }
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(15 * MINUTE)
  t.same(
    yard.csms
      .calls({ stationId: 'CP-1' })
      .filter(({ action }) => /Transaction/.test(action))
      .map(({ action, payload }) => `${action} ${Object(payload).idTag ?? Object(payload).meterStop}`),
    said.flatMap((tag, at) => [`StartTransaction ${tag}`, `StopTransaction ${1_000 * (at + 1) + 500}`]),
  )
  await door.close()
})

t.test('a session that says it began in 9999 or in 1970 is shown as running, and ends as any', async t => {
  const door = await Door.open(8, ['CP-1'])
  const { yard } = door
  const mouth = await door.mouth('CP-1')
  for (const timestamp of ['9999-12-31T23:59:59Z', '1970-01-01T00:00:00Z']) {
    const id = idIn(await mouth.say('StartTransaction', start('T', 1, timestamp)))
    await yard.world.runFor(MINUTE)
    t.equal(yard.connectorView('CP-1').transaction?.id, id, timestamp)
    const { body } = await yard.get('sessions')
    t.equal(JSON.stringify(body).includes('NaN'), false)
    t.equal((await mouth.say('StopTransaction', stop(id, 3))).kind, 'result')
    await yard.world.runFor(MINUTE)
    t.equal(yard.connectorView('CP-1').transaction, undefined, timestamp)
  }
  t.equal((await yard.get('status')).status, 200)
  await door.close()
})

t.test('two of one identity take turns in an outage: what each was answered goes up once, whole', async t => {
  const door = await Door.open(9, ['CP-1'])
  const { yard } = door
  const twins = [await door.mouth('CP-1'), await door.mouth('CP-1')]
  await yard.world.until(yard.csms.setOnline(false))
  await yard.world.runFor(MINUTE)
  const answered: string[] = []
  for (let minute = 1; minute <= 6; minute++) {
    const [twin, other] = minute % 2 === 1 ? twins : twins.toReversed()
    if (twin === undefined) continue
    other?.down()
    twin.up()
    await yard.world.runFor(MINUTE)
    const id = idIn(await twin.say('StartTransaction', start(`T${minute}`, minute)))
    if (id > 0) answered.push(`T${minute}`)
    const end = await twin.say('StopTransaction', stop(id, minute))
    if (end.kind === 'result') answered.push(`${1_000 * minute + 500}`)
    other?.up()
    await yard.world.runFor(MINUTE)
  }
  t.equal(answered.length, 12, `${answered}`)
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(15 * MINUTE)
  const had = yard.csms
    .calls({ stationId: 'CP-1' })
    .filter(({ action }) => /Transaction/.test(action))
    .map(({ payload }) => `${Object(payload).idTag ?? Object(payload).meterStop}`)
  t.same(had, [...new Set(had)], 'nothing twice')
  t.same(
    had.filter(name => answered.includes(name)),
    answered,
  )
  await door.close()
})

t.test('two of one identity that both want to stay are an alarm by name, until one gives up', async t => {
  const door = await Door.open(11, ['CP-1', 'CP-2'])
  const { yard } = door
  const twins = [await door.mouth('CP-1'), await door.mouth('CP-1')]
  await door.mouth('CP-2')
  await yard.world.runFor(20 * MINUTE)
  const told = () => yard.view().alarms.filter(({ code }) => code === 'identity-contested')
  t.match(told(), [{ about: 'CP-1', text: /CP-1/ }])
  t.equal(told().length, 1, 'and of nobody else')
  t.ok(yard.view().stations.every(({ connected }) => connected))
  twins[1]?.down()
  await yard.world.runFor(60 * MINUTE)
  t.same(told(), [], 'it is over')
  await door.close()
})
