/**
 * What Busbar does for a depot whose CSMS is away, and which session is meant whatever ids the two sides use: through the whole
 * gateway in simulated time. Proxy rules 7, 11, 12, 15; control rule 12.
 */
import t from 'tap'
import type { SiteConfig } from '../../src/core/config/site.js'
import { createCar } from '../../src/sim/car.js'
import { MINUTE, SECOND, Yard } from './fixtures/yard.js'

const HOUR = 60 * MINUTE
const FIRST_LOCAL_ID = 1_500_000_000

async function depot(offline: Partial<SiteConfig['offline']>, count = 2): Promise<Yard> {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 200, worstCaseOtherLoadA: 0 }],
    stations: Array.from({ length: count }, (_, index) => ({ id: `CP-${index + 1}`, circuit: 'main' })),
  })
  yard.onConfig = config => {
    Object.assign(config.offline, offline)
  }
  await yard.open()
  return yard
}

const FREE_VEND = { AlwaysAllowOfflineTransactions: true, AlwaysAllowIdTag: 'DEPOT' }

/** A car, and nobody with a card. */
function plug(yard: Yard, id: string): void {
  yard.station(id).connectors[0]?.plugIn(createCar({ phases: 3, maxA: 32, wantsWh: 1e9, reactionMs: 5_000 }))
}

function unplug(yard: Yard, id: string): void {
  yard.station(id).connectors[0]?.unplug()
}

const startsAt = (yard: Yard, id: string) =>
  yard.received.filter(({ stationId, action }) => stationId === id && action === 'RemoteStartTransaction')

const sent = (yard: Yard, id: string, action: string) =>
  yard.csms.seen
    .filter(call => call.stationId === id && call.action === action)
    .map(({ payload }) => Object(payload))

t.test('free-vend: a car without a card charges after 60 s without the CSMS, once per plug-in', async t => {
  const yard = await depot(FREE_VEND)
  plug(yard, 'CP-2')
  await yard.world.runFor(5 * MINUTE)
  t.same(startsAt(yard, 'CP-2'), [], 'never while the CSMS is there')
  await yard.world.until(yard.csms.setOnline(false))
  await yard.world.runFor(50 * SECOND)
  plug(yard, 'CP-1')
  await yard.world.runFor(9 * SECOND)
  t.same([...startsAt(yard, 'CP-1'), ...startsAt(yard, 'CP-2')], [], 'nor in the first minute')
  await yard.world.runFor(4 * SECOND)
  t.match(
    startsAt(yard, 'CP-2'),
    [{ payload: { connectorId: 1, idTag: 'DEPOT' } }],
    'it had waited long enough',
  )
  t.same(startsAt(yard, 'CP-1'), [], '13 s: somebody may still show a card')
  await yard.world.runFor(30 * SECOND)
  t.equal(startsAt(yard, 'CP-1').length, 1)
  t.ok((yard.connectorView('CP-1').transaction?.id ?? 0) >= FIRST_LOCAL_ID)
  await yard.world.runFor(2 * MINUTE)
  t.ok(yard.pilotA('CP-1') >= 6, `${yard.pilotA('CP-1')} A`)

  yard.station('CP-1').connectors[0]?.presentTag('ANY-CARD')
  await yard.world.runFor(5 * MINUTE)
  t.equal(yard.connectorView('CP-1').transaction, undefined, 'any card stops it')
  t.equal(startsAt(yard, 'CP-1').length, 1, 'and it is not started again while the car stays')
  unplug(yard, 'CP-1')
  await yard.world.runFor(MINUTE)
  plug(yard, 'CP-1')
  await yard.world.runFor(MINUTE)
  t.equal(startsAt(yard, 'CP-1').length, 2, 'the next car is')

  unplug(yard, 'CP-2')
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(2 * MINUTE)
  plug(yard, 'CP-2')
  await yard.world.runFor(5 * MINUTE)
  t.equal(startsAt(yard, 'CP-2').length, 1, 'none once the link is back')
  t.same(
    sent(yard, 'CP-1', 'StartTransaction').map(({ idTag }) => idTag),
    ['DEPOT', 'DEPOT'],
    'the CSMS gets the sessions',
  )
  await yard.close()
})

t.test(
  'free-vend: not without the policy, not on a reserved connector, not after a restart of Busbar',
  async t => {
    const closed = await depot({ AllowOfflineTxForUnknownId: true })
    await closed.world.until(closed.csms.setOnline(false))
    plug(closed, 'CP-1')
    await closed.world.runFor(10 * MINUTE)
    t.same(startsAt(closed, 'CP-1'), [])
    await closed.close()

    const yard = await depot(FREE_VEND)
    const expiryDate = new Date(yard.world.ports.clock.wallMs() + 60 * MINUTE).toISOString()
    const request = { connectorId: 1, expiryDate, idTag: 'GUEST', reservationId: 3 }
    t.match(await yard.world.until(yard.csms.call('CP-1', 'ReserveNow', request)), {
      payload: { status: 'Accepted' },
    })
    await yard.world.until(yard.csms.setOnline(false))
    plug(yard, 'CP-1')
    plug(yard, 'CP-2')
    await yard.world.runFor(30 * SECOND)
    yard.sendAs('CP-1', 'StatusNotification', { connectorId: 1, status: 'Preparing', errorCode: 'NoError' })
    yard.kill()
    await yard.startGateway()
    await yard.world.runFor(5 * MINUTE)
    t.same(startsAt(yard, 'CP-1'), [], 'kept for somebody')
    t.same(startsAt(yard, 'CP-2'), [], 'of who is plugged in nobody knows whether it has charged')
    await yard.close()
  },
)

t.test(
  'a session cut by the supply goes on without the CSMS, at a station that cannot by itself',
  async t => {
    const yard = await depot({ AllowChargeAfterBrownOut: true, AuthorizationCacheEnabled: true })
    for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
    await yard.world.runFor(2 * MINUTE)
    await yard.world.until(yard.csms.setOnline(false))
    for (const id of ['CP-1', 'CP-2']) yard.station(id).powerOff()
    await yard.world.runFor(MINUTE)
    const backMs = yard.nowMs
    for (const id of ['CP-1', 'CP-2']) yard.station(id).powerOn()
    await yard.world.runFor(10 * SECOND)
    const preparing = { connectorId: 1, status: 'Preparing', errorCode: 'NoError' }
    for (const id of ['CP-1', 'CP-2']) yard.sendAs(id, 'StatusNotification', preparing)
    await yard.world.runFor(25 * SECOND)
    t.same([...startsAt(yard, 'CP-1'), ...startsAt(yard, 'CP-2')], [], 'its own resumption comes first')
    await yard.world.runFor(70 * SECOND)
    const starts = [...startsAt(yard, 'CP-1'), ...startsAt(yard, 'CP-2')]
    t.same(
      starts.map(({ payload }) => payload),
      [
        { connectorId: 1, idTag: 'TAG-CP-1' },
        { connectorId: 1, idTag: 'TAG-CP-2' },
      ],
      'with the tag it had',
    )
    const [firstS, secondS] = starts.map(({ atMs }) => Math.round((atMs - backMs) / SECOND))
    t.not(firstS, secondS, `spread: ${firstS} s and ${secondS} s after the supply was back`)
    await yard.world.runFor(5 * MINUTE)
    t.equal(startsAt(yard, 'CP-1').length, 1, 'once')
    t.ok((yard.connectorView('CP-1').transaction?.id ?? 0) >= FIRST_LOCAL_ID)
    await yard.world.until(yard.csms.setOnline(true))
    await yard.world.runFor(3 * MINUTE)
    t.equal(sent(yard, 'CP-1', 'StopTransaction')[0]?.reason, 'PowerLoss')
    t.equal(sent(yard, 'CP-1', 'StartTransaction').length, 2)
    await yard.close()
  },
)

const UNKNOWN = { AllowOfflineTxForUnknownId: true }

t.test('an unknown tag takes its energy once, over a restart, until the CSMS has spoken', async t => {
  const yard = await depot({ ...UNKNOWN, unknownIdMaxEnergyWh: 4_000 }, 1)
  await yard.world.until(yard.csms.setOnline(false))
  yard.plugIn('CP-1')
  await yard.world.runFor(8 * MINUTE)
  t.ok(yard.connectorView('CP-1').transaction, 'it charges')
  yard.kill()
  await yard.startGateway()
  await yard.world.runFor(20 * MINUTE)
  t.equal(yard.connectorView('CP-1').transaction, undefined, 'it was stopped')

  unplug(yard, 'CP-1')
  yard.kill()
  await yard.startGateway()
  await yard.world.runFor(5 * MINUTE)
  yard.plugIn('CP-1')
  await yard.world.runFor(5 * MINUTE)
  t.equal(yard.connectorView('CP-1').transaction, undefined, 'nor does it begin another')
  unplug(yard, 'CP-1')
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(5 * MINUTE)
  yard.plugIn('CP-1')
  await yard.world.runFor(20 * MINUTE)
  t.ok(yard.connectorView('CP-1').transaction, 'the CSMS knows it')
  const [{ meterStart = 0 } = {}] = sent(yard, 'CP-1', 'StartTransaction')
  const [{ meterStop = 0 } = {}] = sent(yard, 'CP-1', 'StopTransaction')
  const takenWh = meterStop - meterStart
  t.ok(takenWh > 3_000 && takenWh <= 4_100, `${takenWh} Wh`)
  await yard.close()
})

t.test('an unknown tag has its time; without a stop it goes on when the CSMS accepts it', async t => {
  const yard = await depot({ ...UNKNOWN, unknownIdMaxTimeMin: 10, StopTransactionOnInvalidId: false }, 1)
  await yard.world.until(yard.csms.setOnline(false))
  yard.plugIn('CP-1')
  await yard.world.runFor(6 * MINUTE)
  yard.kill()
  await yard.startGateway()
  await yard.world.runFor(3 * MINUTE)
  t.ok(yard.pilotA('CP-1') >= 6, `${yard.pilotA('CP-1')} A after 9 minutes`)
  await yard.world.runFor(2 * MINUTE)
  t.equal(yard.pilotA('CP-1'), 0, 'after 11 minutes')
  yard.kill()
  await yard.startGateway()
  await yard.world.runFor(10 * MINUTE)
  t.equal(yard.pilotA('CP-1'), 0, 'and after the next restart')
  t.ok(yard.connectorView('CP-1').transaction, 'it was not stopped')
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(5 * MINUTE)
  t.ok(yard.pilotA('CP-1') >= 6, 'accepted')
  await yard.close()
})

t.test(
  'where Busbar writes no limits a session that may take no more is stopped, whatever the policy',
  async t => {
    const yard = await depot({ ...UNKNOWN, unknownIdMaxTimeMin: 5, StopTransactionOnInvalidId: false })
    const { onConfig } = yard
    yard.onConfig = config => {
      onConfig?.(config)
      for (const one of config.stations) if (one.id === 'CP-1') one.loadControl = 'csms'
    }
    yard.kill()
    await yard.startGateway()
    await yard.world.runFor(MINUTE)
    await yard.world.until(yard.csms.setOnline(false))
    for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
    await yard.world.runFor(7 * MINUTE)
    t.equal(yard.connectorView('CP-1').transaction, undefined, 'its CSMS drives it: it would charge on')
    t.ok(yard.connectorView('CP-2').transaction)
    t.equal(yard.pilotA('CP-2'), 0, 'the other goes on without energy')
    await yard.close()
  },
)

// ---------------------------------------------------------------- which session is meant

/** The CSMS gives these ids, one after the other, then the last one for ever. */
function giving(yard: Yard, ...ids: readonly number[]): void {
  let next = 0
  yard.csms.answerWith('StartTransaction', () => {
    const transactionId = ids[Math.min(next++, ids.length - 1)]
    return { kind: 'result', payload: { transactionId, idTagInfo: { status: 'Accepted' } } }
  })
}

const order = (yard: Yard, id: string, action: string, payload: object) =>
  yard.world.until(yard.csms.call(id, action, payload))

const ACCEPTED = { payload: { status: 'Accepted' } }

for (const id of [-1, 0, 2_147_483_647])
  t.test(`a CSMS that calls a transaction ${id} can limit and stop it by that id`, async t => {
    const yard = await depot({}, 1)
    giving(yard, id)
    yard.plugIn('CP-1')
    await yard.world.runFor(2 * MINUTE)
    const known = yard.connectorView('CP-1').transaction?.id ?? 0
    t.ok(known > 0, `${known} at the station`)
    t.match(await order(yard, 'CP-1', 'SetChargingProfile', txProfile(id, 9)), ACCEPTED)
    await yard.world.runFor(2 * MINUTE)
    t.ok(yard.pilotA('CP-1') <= 9, `${yard.pilotA('CP-1')} A`)
    t.match(await order(yard, 'CP-1', 'RemoteStopTransaction', { transactionId: id }), ACCEPTED)
    await yard.world.runFor(MINUTE)
    t.match(sent(yard, 'CP-1', 'StopTransaction'), [{ transactionId: id }])
    for (const { transactionId } of sent(yard, 'CP-1', 'MeterValues')) t.equal(transactionId, id)
    await yard.close()
  })

const txProfile = (transactionId: number, limit: number) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 1,
    transactionId,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  },
})

t.test('one id for two stations, and again for the next session: each order reaches its own', async t => {
  const yard = await depot({})
  giving(yard, 7)
  for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
  await yard.world.runFor(2 * MINUTE)
  const ids = ['CP-1', 'CP-2'].map(id => yard.connectorView(id).transaction?.id)
  t.not(ids[0], ids[1], `${ids} at the stations`)
  t.match(await order(yard, 'CP-2', 'RemoteStopTransaction', { transactionId: 7 }), ACCEPTED)
  await yard.world.runFor(MINUTE)
  t.equal(yard.connectorView('CP-2').transaction, undefined)
  t.equal(yard.connectorView('CP-1').transaction?.id, ids[0], 'the other goes on')
  unplug(yard, 'CP-2')
  await yard.world.runFor(MINUTE)
  yard.plugIn('CP-2')
  await yard.world.runFor(2 * MINUTE)
  t.match(await order(yard, 'CP-2', 'RemoteStopTransaction', { transactionId: 7 }), ACCEPTED, 'the id again')
  await yard.world.runFor(MINUTE)
  t.match(sent(yard, 'CP-2', 'StopTransaction'), [{ transactionId: 7 }, { transactionId: 7 }])
  t.same(sent(yard, 'CP-1', 'StopTransaction'), [])
  await yard.close()
})

t.test('a Stop of a session nobody knows, and MeterValues without an id, pass and touch nothing', async t => {
  const yard = await depot({}, 1)
  yard.plugIn('CP-1')
  await yard.world.runFor(2 * MINUTE)
  const id = yard.connectorView('CP-1').transaction?.id
  const timestamp = new Date(yard.world.ports.clock.wallMs()).toISOString()
  const stop = { transactionId: 4_711, meterStop: 5, timestamp }
  const sampledValue = [{ value: '3', measurand: 'Temperature', context: 'Trigger' }]
  const values = { connectorId: 1, meterValue: [{ timestamp, sampledValue }] }
  yard.sendAs('CP-1', 'StopTransaction', stop)
  await yard.world.runFor(10 * SECOND)
  yard.sendAs('CP-1', 'MeterValues', values)
  await yard.world.runFor(MINUTE)
  t.same(sent(yard, 'CP-1', 'StopTransaction'), [stop], 'as it came')
  t.match(
    sent(yard, 'CP-1', 'MeterValues').filter(({ transactionId }) => transactionId === undefined),
    [values],
  )
  t.equal(yard.connectorView('CP-1').transaction?.id, id, 'the session goes on')
  await yard.close()
})

t.test('a Start whose answer never came is one session under two ids, and is stopped once', async t => {
  const yard = await depot({ AllowOfflineTxForUnknownId: true, csmsTimeoutMs: 2_000 }, 1)
  yard.csms.answerWith('StartTransaction', () => ({ kind: 'none' }))
  yard.plugIn('CP-1')
  await yard.world.runFor(MINUTE)
  const id = yard.connectorView('CP-1').transaction?.id ?? 0
  t.ok(id >= FIRST_LOCAL_ID, `answered here: ${id}`)
  giving(yard, 12)
  await yard.world.runFor(6 * MINUTE)
  const starts = sent(yard, 'CP-1', 'StartTransaction')
  t.ok(starts.length >= 2, `sent ${starts.length} times`)
  for (const start of starts) t.same(start, starts[0], 'always the same')
  t.match(await order(yard, 'CP-1', 'RemoteStopTransaction', { transactionId: 12 }), ACCEPTED)
  await yard.world.runFor(MINUTE)
  t.match(sent(yard, 'CP-1', 'StopTransaction'), [{ transactionId: 12 }])
  await yard.close()
})

t.test('a session that began before Busbar was there is shown, limited and stopped like any', async t => {
  const yard = await depot({}, 1)
  yard.plugIn('CP-1')
  await yard.world.runFor(MINUTE)
  yard.kill()
  const disk = yard.world.disk()
  disk.burn([...disk.durableEntries().keys()].map(key => ({ kind: 'delete', key })))
  await yard.startGateway()
  await yard.world.runFor(4 * MINUTE)
  const id = yard.connectorView('CP-1').transaction?.id ?? 0
  t.ok(id > 0, `the page shows ${id}`)
  t.match(await order(yard, 'CP-1', 'SetChargingProfile', txProfile(id, 8)), ACCEPTED)
  await yard.world.runFor(2 * MINUTE)
  t.ok(yard.pilotA('CP-1') <= 8, `${yard.pilotA('CP-1')} A`)
  t.match(await order(yard, 'CP-1', 'RemoteStopTransaction', { transactionId: id }), ACCEPTED)
  await yard.world.runFor(MINUTE)
  t.match(sent(yard, 'CP-1', 'StopTransaction'), [{ transactionId: id }])
  await yard.close()
})

async function health(yard: Yard): Promise<readonly unknown[]> {
  const answer = await yard.ask('/healthz')
  const { reasons } = (await answer.json()) as { readonly reasons: readonly { readonly code: string }[] }
  return [answer.status, ...reasons.map(({ code }) => code)]
}

t.test(
  'with a full, read-only or failing disk cars go on charging, what was acknowledged is there, and all of it heals',
  async t => {
    const yard = await depot({ AllowOfflineTxForUnknownId: true }, 3)
    const disk = yard.world.disk()
    const failed = (): boolean => yard.alarms().includes('journal-failed')
    for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
    await yard.world.runFor(MINUTE)
    let [ends, begins] = ['CP-2', 'CP-3']
    for (const fault of ['full', 'read-only', 'error'] as const) {
      await yard.world.until(yard.csms.setOnline(false))
      await yard.world.runFor(MINUTE)
      t.ok(yard.flowA('CP-1')[0] > 25 && !failed(), `${fault}: charging at ${yard.flowA('CP-1')} A`)
      const count = (id: string, action: string) => sent(yard, id, action).length
      const stops = count(ends, 'StopTransaction')
      const starts = count(begins, 'StartTransaction')
      disk.fault = fault
      yard.plugIn(begins)
      unplug(yard, ends)
      await yard.world.runFor(10 * SECOND)
      t.ok(failed(), `${fault}: an alarm after 10 s`)
      t.same(await health(yard), [503, 'journal-failed'], 'and who supervises Busbar is told')
      let leastA = Number.POSITIVE_INFINITY
      yard.onLook = () => {
        leastA = Math.min(leastA, yard.flowA('CP-1')[0])
      }
      await yard.world.runFor(2 * MINUTE)
      yard.onLook = undefined
      t.ok(leastA > 25, `${fault}: the car went on at ${leastA} A`)
      t.equal(yard.flowA(begins)[0], 0, `${fault}: no session begins that could not be kept`)
      if (fault === 'full') {
        // what was acknowledged and is not there would be missed below
        yard.kill()
        disk.fault = 'none'
        await yard.startGateway()
      }
      disk.fault = 'none'
      await yard.world.runFor(3 * MINUTE)
      t.notOk(failed(), `${fault}: over by itself`)
      await yard.world.until(yard.csms.setOnline(true))
      await yard.world.runFor(2 * MINUTE)
      t.equal(count(ends, 'StopTransaction'), stops + 1, `${fault}: the session that ended has, once`)
      t.equal(count(begins, 'StartTransaction'), starts + 1, `${fault}: the one that waited has begun, once`)
      t.ok(yard.flowA(begins)[0] > 0, `${fault}: its car charges`)
      ;[ends, begins] = [begins, ends]
    }
    t.equal(sent(yard, 'CP-1', 'StartTransaction').length, 1)
    t.same(sent(yard, 'CP-1', 'StopTransaction'), [])
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test(
  'with a clock that stands before its last notes Busbar says so, and stations keep the time of the CSMS',
  async t => {
    const yard = await depot({}, 1)
    yard.plugIn('CP-1')
    await yard.world.runFor(3 * MINUTE)
    yard.kill()
    const monthMs = 30 * 24 * 60 * MINUTE
    yard.world.jumpWall(-monthMs)
    await yard.startGateway()
    await yard.world.runFor(12 * MINUTE)
    t.match(
      yard.view().alarms.find(({ code }) => code === 'clock-not-trusted')?.text,
      /before what was written down last/,
    )
    const aheadMs = (): number => yard.station('CP-1').wallMs() - yard.world.portsFor('csms').clock.wallMs()
    t.ok(Math.abs(aheadMs()) < 5 * SECOND, `the station is ${aheadMs()} ms off the CSMS`)
    yard.world.jumpWall(monthMs)
    await yard.world.runFor(30 * MINUTE)
    t.notOk(yard.alarms().includes('clock-not-trusted'))
    t.ok(Math.abs(aheadMs()) < 5 * SECOND)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test('what waits, runs, died and went up can be reconciled by station: API, metrics and CSV', async t => {
  const yard = await depot({ AllowOfflineTxForUnknownId: true }, 3)
  const metricsOf = async (id: string) => {
    const text = await (await yard.ask('/metrics')).text()
    const found = text.matchAll(new RegExp(`^busbar_station_(\\w+)\\{station="${id}"\\} (\\S+)$`, 'gm'))
    return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)]))
  }
  const rowOf = async (id: string) => {
    const text = await (await yard.ask('/api/v1/journal.csv')).text()
    return text.split('\r\n').find(line => line.startsWith(`${id},`))
  }
  const apiOf = async (id: string) =>
    (await yard.get('journal')).body.stations.find(({ stationId }: { stationId: string }) => stationId === id)

  await yard.world.until(yard.csms.setOnline(false))
  const beganMs = yard.world.ports.clock.wallMs()
  const iso = (wallMs: number) => new Date(wallMs).toISOString()
  // CP-1: one session that is over; CP-2: one the CSMS will not take; CP-3: one that goes on
  for (const [n, id] of ['CP-1', 'CP-2', 'CP-3'].entries()) {
    const start = { connectorId: 1, idTag: `TAG-${n}`, meterStart: 1_000, timestamp: iso(beganMs) }
    yard.sendAs(id, 'StartTransaction', start)
    await yard.world.runFor(10 * SECOND)
  }
  const localIds = ['CP-1', 'CP-2', 'CP-3'].map(id => yard.connectorView(id).transaction?.id)
  await yard.world.runFor(HOUR)
  for (const [n, id] of ['CP-1', 'CP-2'].entries()) {
    const timestamp = iso(yard.world.ports.clock.wallMs())
    yard.sendAs(id, 'StopTransaction', { transactionId: localIds[n], meterStop: 8_500, timestamp })
  }
  await yard.world.runFor(10 * SECOND)
  for (const [id, waiting, open] of [
    ['CP-1', 2, 0],
    ['CP-3', 1, 1],
  ] as const) {
    const api = await apiOf(id)
    t.match(api, { waiting, openTransactions: open, mappedTransactions: 1, deadLetters: 0 }, id)
    t.ok(Math.abs(Date.parse(api.oldestAt) - beganMs) < MINUTE, `${id}: since ${api.oldestAt}`)
    const { waiting_messages, waiting_age_seconds, ...rest } = await metricsOf(id)
    t.equal(waiting_messages, waiting)
    t.ok(waiting_age_seconds >= 3_600 && waiting_age_seconds < 3_700, `${waiting_age_seconds} s`)
    t.match(rest, { open_transactions: open, mapped_transactions: 1, dead_letters: 0 })
    t.match(await rowOf(id), new RegExp(`^${id},yes,${waiting},`))
  }
  t.match(await apiOf('CP-1'), { offlineWh: 7_500, acceptedWh: 0 })

  yard.csms.answerWith('StartTransaction', ({ stationId }) =>
    stationId === 'CP-2'
      ? { kind: 'error', code: 'FormationViolation', description: 'no' }
      : { kind: 'result', payload: { transactionId: 77, idTagInfo: { status: 'Accepted' } } },
  )
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(20 * MINUTE)
  t.match(await apiOf('CP-1'), { waiting: 0, mappedTransactions: 0, offlineWh: 7_500, acceptedWh: 7_500 })
  t.match(await metricsOf('CP-1'), {
    waiting_messages: 0,
    waiting_age_seconds: 0,
    offline_energy_watthours: 7_500,
    accepted_energy_watthours: 7_500,
  })
  t.ok((await apiOf('CP-2')).deadLetters > 0, 'its session is a dead letter')
  t.match(await metricsOf('CP-2'), { offline_energy_watthours: 7_500, accepted_energy_watthours: 0 })
  t.ok(((await metricsOf('CP-2')).dead_letters ?? 0) > 0)
  t.match(await apiOf('CP-3'), { waiting: 0, openTransactions: 1, mappedTransactions: 1 }, 'under two ids')
  const letters = await (await yard.ask('/api/v1/dead-letters.csv')).text()
  t.match(letters, /CP-2,.*StartTransaction/)
  t.match(letters, 'FormationViolation')
  await yard.close()
})

t.test('A13: what waits in a journal of another site goes up only when an operator says so', async t => {
  const yard = await depot({ AllowOfflineTxForUnknownId: true }, 1)
  await yard.world.until(yard.csms.setOnline(false))
  yard.plugIn('CP-1')
  await yard.world.runFor(2 * MINUTE)
  t.ok((yard.connectorView('CP-1').transaction?.id ?? 0) >= FIRST_LOCAL_ID)
  yard.kill()
  yard.onConfig = config => {
    Object.assign(config.site, { id: 'elsewhere' })
  }
  await yard.startGateway()
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(10 * MINUTE)
  t.same(sent(yard, 'CP-1', 'StartTransaction'), [], 'nothing of it')
  const held = yard.view().alarms.find(({ code }) => code === 'journal-held')
  t.match(held?.text, 'The journal is that of site "yard", this is "elsewhere"')
  t.match((await yard.get('journal')).body, { hold: String, stations: [{ waiting: Number }] })
  t.ok(yard.pilotA('CP-1') >= 6, 'its car is controlled all the same')

  t.equal((await yard.post('journal/release', { release: true })).status, 200)
  await yard.world.runFor(MINUTE)
  t.equal(sent(yard, 'CP-1', 'StartTransaction').length, 1)
  t.notOk(yard.alarms().includes('journal-held'))
  yard.kill()
  await yard.startGateway()
  t.notOk(yard.alarms().includes('journal-held'), 'nor after the next start')
  await yard.close()
})
