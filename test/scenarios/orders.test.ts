/**
 * Orders from outside through the whole gateway in simulated time: what they do to whom, that they end by themselves, and that
 * neither a restart nor a clock lifts them.
 */
import t from 'tap'
import { WEEKDAYS } from '../../src/core/config/limit-sources.js'
import type { SiteConfig } from '../../src/core/config/site.js'
import type { KeptOrderEntry } from '../../src/core/limits/trail.js'
import type { BusServing } from '../../src/ports-bus.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { openOrderStore } from '../../src/store/order-store.js'
import { MINUTE, SECOND, Yard } from './fixtures/yard.js'

const IDS = ['CP-1', 'CP-2', 'CP-3'] as const
/** From an order to the last car: the promise without a poll, and its checks. */
const FOLLOWED_MS = 15 * SECOND

async function threeCars(change?: (config: SiteConfig, yard: Yard) => void, mqtt = false): Promise<Yard> {
  const yard = new Yard({
    mqtt,
    circuits: [{ id: 'main', ratedCurrentA: 64, marginA: 2, worstCaseOtherLoadA: 0 }],
    stations: IDS.map(id => ({ id, circuit: 'main', maxCurrentA: 16, failSafeCurrentA: 0 })),
  })
  if (change !== undefined) yard.onConfig = config => change(config, yard)
  await yard.open()
  for (const id of IDS) yard.plugIn(id)
  await yard.world.runFor(6 * MINUTE)
  return yard
}

async function metered(change?: (config: SiteConfig) => void): Promise<Yard> {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 100, marginA: 2, worstCaseOtherLoadA: 20, metered: true }],
    stations: IDS.map(id => ({ id, circuit: 'main', maxCurrentA: 16, failSafeCurrentA: 0 })),
  })
  if (change !== undefined) yard.onConfig = change
  await yard.open()
  for (const id of IDS) {
    yard.plugIn(id)
    await yard.world.runFor(30 * SECOND)
  }
  await yard.world.runFor(5 * MINUTE)
  return yard
}

const GRID = { id: 'dso', perPointW: 4_200, onSilence: 'reduce' } as const

const drawnA = (yard: Yard): number => Math.round(Math.max(...yard.actualA('main')))

t.test(
  'control rule 17: an order holds at once, says to whom, and ends by itself by the ordinary ramp',
  async t => {
    const yard = await threeCars()
    t.equal(drawnA(yard), 48)
    const order = { id: 'grid', limitA: 30, durationS: 120, reason: 'peak' }
    const tried = await yard.post('limits', { ...order, dryRun: true })
    t.equal(tried.status, 200)
    await yard.world.runFor(20 * SECOND)
    t.equal(drawnA(yard), 48, 'a dry run changes nothing')
    const { body } = await yard.post('limits', order)
    t.same(body.circuits, [{ circuitId: 'main', fromA: 62, toA: 30 }])
    t.same(
      body.cars,
      IDS.map(stationId => ({ stationId, connectorId: 1, fromA: 16, toA: 10 })),
    )
    t.same(tried.body.cars, body.cars, 'as the dry run said')
    t.match(body.text, /^main 30 A until .*; CP-1\/1 from 16 A to 10 A/)
    await yard.world.runFor(FOLLOWED_MS)
    t.equal(drawnA(yard), 30)
    // By then samples have shown that they follow.
    await yard.world.runFor(30 * SECOND)
    t.match(yard.view().limits, [
      { source: 'api', id: 'grid', target: 'site', limitA: 30, binds: true, reason: 'peak' },
    ])
    t.match(
      yard.connectorView('CP-1').why.text,
      /main is full on L1: 10 A for this car; 3 cars share it equally/,
    )
    t.match(yard.view().circuits[0]?.why.text, /as order grid \(admin\) says/)
    await yard.world.runFor(120 * SECOND)
    t.same(yard.view().limits, [])
    await yard.world.runFor(4 * MINUTE)
    t.equal(drawnA(yard), 48)
    await yard.close()
  },
)

t.test(
  'control rule 17: a limit written over Modbus only lowers, ends by itself, and then its silence holds',
  async t => {
    let served: BusServing | undefined
    const yard = new Yard({
      circuits: [{ id: 'main', ratedCurrentA: 64, marginA: 2, worstCaseOtherLoadA: 0 }],
      stations: IDS.map(id => ({ id, circuit: 'main', maxCurrentA: 16, failSafeCurrentA: 0 })),
    })
    yard.onConfig = config => {
      config.limits.sources = [{ id: 'ems', door: 'modbus', circuit: 'main', fallbackLimitA: 42 }]
      config.modbusServer = {
        host: '127.0.0.1',
        port: 5020,
        unitId: 1,
        limit: { source: 'ems', validForS: 60 },
      }
    }
    const serve = async (options: BusServing) => {
      served = options
      return { port: 5020, stop: async () => undefined }
    }
    Object.assign(yard.world.ports.bus, { serve })
    await yard.open()
    for (const id of IDS) yard.plugIn(id)
    await yard.world.runFor(6 * MINUTE)
    t.equal(drawnA(yard), 42, 'silent from the start on')
    const write = (value: number, address = 40_082) =>
      yard.world.until(served?.write?.(address, value) ?? Promise.reject(new Error('nothing can be written')))
    const shown = () => [40_080, 40_082, 40_083].map(address => served?.read(3, address))
    t.same(shown(), [64_904, 0xffff, 0])
    t.equal(await write(300, 40_083), 2, 'no other register')
    t.equal(await write(64_000), 3, 'no 6,400 A')
    t.equal(await write(300), undefined)
    t.match(shown(), [64_904, 300])
    t.ok((shown()[2] ?? 0) >= 60, 'for a minute at least')
    await yard.world.runFor(FOLLOWED_MS)
    t.equal(drawnA(yard), 30)
    t.match(yard.view().limits, [{ source: 'modbus', id: 'ems', target: 'main', limitA: 30, binds: true }])
    await yard.post('limits', { id: 'grid', limitA: 36, durationS: 600 })
    t.equal(await write(500), undefined)
    await yard.world.runFor(2 * MINUTE)
    t.ok(drawnA(yard) <= 36, 'another order is not lifted')
    // Renewed each second, it lasts from the last write on.
    for (let second = 0; second < 70; second++) {
      t.equal(await write(330), undefined)
      await yard.world.runFor(SECOND)
    }
    t.equal(drawnA(yard), 33)
    await yard.world.runFor(54 * SECOND)
    t.equal(shown()[1], 330, 'not yet over')
    await yard.world.runFor(14 * SECOND)
    t.equal(shown()[1], 0xffff, 'over by itself')
    t.match(
      yard.view().limits.map(({ source, limitA }) => [source, limitA]),
      [
        ['api', 36],
        ['silence', 42],
      ],
    )
    t.equal(await write(200), undefined)
    t.equal(await write(0xffff), 6, 'not up again within a second')
    await yard.world.runFor(2 * SECOND)
    t.equal(await write(0xffff), undefined, 'its end, by who gave it')
    t.same(
      yard.view().limits.map(({ source }) => source),
      ['api', 'silence'],
    )
    await yard.close()
  },
)

t.test('control rule 4: where an order binds no offer holds for longer than 81 s without Busbar', async t => {
  const yard = await threeCars()
  // All but what the cars take anyway: nobody is lowered for it.
  await yard.post('limits', { id: 'grid', limitA: 50, durationS: 1_200 })
  await yard.world.runFor(40 * SECOND)
  const sinceMs = yard.nowMs - 40 * SECOND
  const written = new Set(yard.writesSince(sinceMs).map(({ stationId }) => stationId))
  t.equal(written.size, 3, 'what was offered with a long lease is offered anew with a short one')
  yard.kill()
  await yard.world.runFor(82 * SECOND)
  t.equal(drawnA(yard), 0, 'all are at their fail-safe')
  await yard.close()
})

t.test(
  'an order outlives a kill with the time it had left, and jumps of the clock change nothing',
  async t => {
    const yard = await threeCars()
    await yard.post('limits', { id: 'grid', limitA: 30, durationS: 1_200 })
    await yard.world.runFor(5 * MINUTE)
    yard.kill()
    await yard.world.runFor(30 * SECOND)
    await yard.startGateway()
    await yard.world.runFor(3 * MINUTE)
    t.match(yard.view().limits, [{ id: 'grid', limitA: 30 }])
    t.ok(drawnA(yard) <= 30)
    yard.world.jumpWall(10 * MINUTE)
    await yard.world.runFor(10 * MINUTE)
    t.match(yard.view().limits, [{ id: 'grid' }], '18 minutes of 20 have run')
    t.ok(drawnA(yard) <= 30)
    await yard.world.runFor(4 * MINUTE)
    t.same(yard.view().limits, [])
    await yard.close()
  },
)

t.test('a pause is of one station, and its end is its own', async t => {
  const yard = await threeCars()
  const pause = { id: 'door', station: 'CP-2', enabled: false, durationS: 600 }
  const { body } = await yard.post('pauses', pause)
  t.same(body.cars, [{ stationId: 'CP-2', connectorId: 1, fromA: 16, toA: 0 }])
  await yard.world.runFor(FOLLOWED_MS)
  t.equal(drawnA(yard), 32)
  await yard.world.runFor(30 * SECOND)
  t.match(yard.connectorView('CP-2').why, { code: 'order', text: /^Order door \(admin\) allows 0 A/ })
  t.match(await yard.post('pauses', { ...pause, id: 'other', enabled: true }), { status: 409 })
  t.match(await yard.post('pauses', { ...pause, enabled: true }), { status: 200 })
  await yard.world.runFor(3 * MINUTE)
  t.equal(drawnA(yard), 48)
  await yard.close()
})

t.test(
  'who cannot be lowered is named with what stays booked, and an order that is not kept is an alarm',
  async t => {
    const yard = await threeCars(config => {
      for (const { connectors } of config.stations)
        for (const connector of connectors) connector.failSafeCurrentA = 6
    })
    yard.station('CP-3').setReachable(false)
    await yard.world.runFor(MINUTE)
    const { body } = await yard.post('limits', { id: 'grid', limitA: 5, durationS: 900 })
    t.match(body.kept, [{ stationId: 'CP-3', connectorId: 1, because: 'not connected' }])
    t.match(body.text, /CP-3\/1 keeps \d+ A: not connected/)
    await yard.close()
  },
)

t.test('a silent source holds its fallback without any order', async t => {
  const yard = await threeCars(config => {
    config.limits.sources.push({ id: 'grid', door: 'api', fallbackLimitA: 24 })
  })
  t.equal(drawnA(yard), 24)
  t.match(yard.view().limits, [
    { source: 'silence', id: 'grid', state: 'fallback', reason: 'grid says nothing' },
  ])
  await yard.post('limits', { id: 'grid', limitA: 100, durationS: 300 })
  await yard.world.runFor(4 * MINUTE)
  t.equal(drawnA(yard), 48, 'it says that there is no limit')
  await yard.world.runFor(MINUTE + FOLLOWED_MS)
  t.equal(drawnA(yard), 24, 'and falls silent')
  await yard.close()
})

t.test('hours of the day with a limit hold without any order', async t => {
  const yard = await threeCars(config => {
    config.limits.windows.push({ id: 'day', days: [...WEEKDAYS], from: '00:00', to: '23:59', limitA: 24 })
  })
  t.equal(drawnA(yard), 24)
  t.match(yard.view().limits, [{ source: 'window', id: 'day', limitA: 24, binds: true }])
  await yard.close()
})

t.test('an order that other load alone exceeds pauses the cars, and is an alarm with the amps', async t => {
  const yard = await metered()
  yard.baseA.set('main', [50, 50, 50])
  await yard.post('limits', { id: 'grid', limitA: 30, durationS: 300 })
  await yard.world.runFor(FOLLOWED_MS)
  t.equal(drawnA(yard), 50)
  await yard.world.runFor(30 * SECOND)
  t.ok(yard.alarms().includes('limit-not-held main'), yard.alarms().join(', '))
  const { text } = yard.view().alarms.find(({ code }) => code === 'limit-not-held') ?? {}
  t.equal(text, 'main carries 50 A, and order grid (admin) allows 30 A.')
  await yard.world.runFor(5 * MINUTE)
  t.notOk(yard.alarms().includes('limit-not-held main'), 'it ends with the order')
  await yard.close()
})

t.test('an order for the stations alone caps what they draw, whatever else the circuit carries', async t => {
  const yard = await metered()
  yard.baseA.set('main', [12, 12, 12])
  await yard.world.runFor(MINUTE)
  const { body } = await yard.post('limits', { id: 'dso', limitA: 30, onlyStations: true, durationS: 300 })
  t.match(body.circuits, [{ circuitId: 'main', onlyStations: true, toA: 30 }])
  t.match(body.text, /^stations of main 30 A until/)
  await yard.world.runFor(FOLLOWED_MS)
  t.equal(drawnA(yard), 42, '30 A of three cars beside 12 A of other load')
  await yard.world.runFor(30 * SECOND)
  t.match(yard.view().limits, [{ id: 'dso', onlyStations: true, binds: true }])
  t.match(
    yard.connectorView('CP-1').why.text,
    /^The stations of main may take no more on L1, as order dso \(admin\) says: 10 A for this car/,
  )
  const [main] = yard.view().circuits
  t.match(
    main?.why.text,
    /^Of 30 A for the stations alone on L1, as order dso \(admin\) says, 3 cars share 30 A/,
  )
  t.equal(main?.limitA, 98, 'the circuit itself is not lowered')
  yard.baseA.set('main', [85, 85, 85])
  await yard.world.runFor(FOLLOWED_MS)
  t.ok(drawnA(yard) <= 100, 'and the circuit keeps its own')
  yard.baseA.set('main', [12, 12, 12])
  yard.kill()
  await yard.startGateway()
  await yard.world.runFor(3 * MINUTE)
  t.match(yard.view().limits, [{ id: 'dso', onlyStations: true }], 'also after a restart')
  t.ok(drawnA(yard) <= 43, `${drawnA(yard)} A`)
  await yard.close()
})

t.test('§ 14a EnWG: an order reduces the stations to what the formula leaves, with its evidence', async t => {
  const yard = await metered(config => {
    config.limits.gridControls.push({ ...GRID, door: 'api', points: 3 })
  })
  t.match(yard.view().limits, [{ source: 'silence', id: 'dso', onlyStations: true, limitW: 10_500 }])
  t.ok(drawnA(yard) <= 16, 'reduced from the start on, as nothing was heard yet')
  const say = (order: object) => yard.post('grid-orders', { id: 'dso', durationS: 900, ...order })
  t.match(await yard.post('grid-orders', { id: 'other', reduced: true, durationS: 60 }), { status: 409 })
  await say({ reduced: false })
  await yard.world.runFor(3 * MINUTE)
  t.equal(drawnA(yard), 48, 'nothing is ordered')
  const { body } = await say({ reduced: true })
  t.match(body.text, /^stations of main 15\.\d A until/)
  await yard.world.runFor(3 * MINUTE)
  t.ok(drawnA(yard) <= 16 && drawnA(yard) >= 12, `${drawnA(yard)} A`)
  t.match(yard.view().limits, [
    {
      source: 'grid',
      id: 'dso',
      limitW: 10_500,
      reason: '§ 14a EnWG, 3 points: 4200 W + 2 x 0.75 x 4200 W = 10500 W',
    },
  ])
  await say({ reduced: false })
  await yard.world.runFor(3 * MINUTE)
  t.equal(drawnA(yard), 48, 'over, by the ordinary ramp')
  const orders: KeptOrderEntry[] = (await yard.get('orders')).body.orders
  const order = orders.find(({ source }) => source === 'grid')
  t.match(order, { value: '10500 W', onlyStations: true, by: 'admin', isIntact: true })
  for (const { meanW = 0, knownPercent } of order?.quarters ?? []) {
    t.ok(meanW > 4_000 && meanW <= 13_000, `a mean of ${meanW} W, the way down included`)
    t.ok(knownPercent > 80, `${knownPercent} % measured`)
  }
  const report = await (await yard.ask(`/api/v1/orders/${order?.seq}/report.html`)).text()
  t.match(report, /<td>the stations of site, together<\/td>/)
  t.match(report, /Measured at or below since<\/th><td>[^<]* \(after \d+\.\d s\)/)
  t.match(report, /<td>\d+\.\d\d kW<\/td>/)
  const quarters = await (await yard.ask(`/api/v1/orders/${order?.seq}/quarters.csv`)).text()
  t.match(quarters, /^from,meanW,knownPercent,lastedS\r\n2/)
  t.equal((await yard.ask('/api/v1/orders/999/report.html')).status, 404)
  await yard.close()
})

t.test('a quarter-hour mean is held by looking ahead, not by a cut', async t => {
  const meanLimitW = 25_000
  const yard = await metered(config => {
    config.limits.meanLimits.push({ id: 'tariff', meanLimitW })
  })
  yard.baseA.set('main', [4, 4, 4])
  const quarterMs = 15 * MINUTE
  const wall = () => yard.world.ports.clock.wallMs()
  await yard.world.runFor(quarterMs - (wall() % quarterMs))
  let sumAs = 0
  let leastA = Number.MAX_VALUE
  yard.onLook = () => {
    const [l1, l2, l3] = yard.actualA('main')
    sumAs += (l1 + l2 + l3) / 4
    leastA = Math.min(leastA, l1)
  }
  // The meter has to be proven first.
  await yard.world.runFor(3 * MINUTE)
  leastA = Number.MAX_VALUE
  await yard.world.runFor(4 * MINUTE)
  yard.baseA.set('main', [12, 12, 12])
  await yard.world.runFor(quarterMs - 7 * MINUTE)
  const meanW = (sumAs * 230) / 900
  t.ok(meanW <= meanLimitW, `a mean of ${Math.round(meanW)} W`)
  t.ok(meanW > 0.85 * meanLimitW, `and most of it used: ${Math.round(meanW)} W`)
  t.ok(leastA >= 32, `nothing is cut off: never less than ${leastA} A`)
  t.match(yard.view().limits, [{ source: 'mean', id: 'tariff', onlyStations: true }])
  t.same((await yard.get('orders')).body.orders, [], 'nobody ordered it')
  await yard.close()
})

t.test(
  'UK G100: other load above the import limit for a minute locks the stations out, over a kill too',
  async t => {
    const yard = await metered(config => {
      config.limits.importLimits.push({ id: 'g100', limitA: 60, lockedStationsA: 0 })
    })
    t.equal(drawnA(yard), 48)
    yard.baseA.set('main', [30, 30, 30])
    await yard.world.runFor(FOLLOWED_MS)
    t.ok(drawnA(yard) <= 60, 'answered within 15 s, which is no excursion that counts')
    yard.baseA.set('main', [65, 65, 65])
    await yard.world.runFor(70 * SECOND)
    yard.baseA.set('main', [0, 0, 0])
    await yard.world.runFor(5 * MINUTE)
    t.equal(drawnA(yard), 0, 'locked out')
    t.match(yard.view().limits.at(-1), { source: 'g100', id: 'g100:locked', limitA: 0, onlyStations: true })
    yard.kill()
    await yard.startGateway()
    await yard.world.runFor(3 * MINUTE)
    t.equal(drawnA(yard), 0, 'still')
    await yard.close()
  },
)

t.test('a contact at a Modbus input reduces at once, and so does a device that falls silent', async t => {
  let word = 0b100
  let answers = true
  const yard = await threeCars((config, { world }) => {
    const input = { host: 'io', port: 502, unitId: 1, registers: 'input' as const, address: 7, bit: 2 }
    world.bus.fit('io:502', 1, ({ address, functionCode }) =>
      answers && address === 7 && functionCode === 4
        ? { kind: 'words', words: [word] }
        : { kind: 'exception', code: 4 },
    )
    config.limits.gridControls.push({
      ...{ ...GRID, door: 'input', perPointW: 8_000, points: 2 },
      input: { ...input, reducedWhen: 'clear', pollMs: 1_000, releaseAfterS: 3, silentAfterS: 10 },
    })
  })
  t.equal(drawnA(yard), 48)
  word = 0b011
  await yard.world.runFor(FOLLOWED_MS + SECOND)
  t.equal(drawnA(yard), 18, 'the wire is cut')
  t.match(yard.view().limits, [{ source: 'grid', by: 'input', limitW: 14_400 }])
  for (let half = 0; half < 20; half++) {
    word ^= 0b100
    await yard.world.runFor(SECOND)
    t.match(yard.view().limits, [{ source: 'grid' }], 'a contact that bounces releases nothing')
  }
  word = 0b100
  await yard.world.runFor(3 * SECOND)
  t.match(yard.view().limits, [{ source: 'grid' }], 'at rest for less than 3 s')
  await yard.world.runFor(2 * SECOND)
  t.same(yard.view().limits, [])
  await yard.world.runFor(4 * MINUTE)
  t.equal(drawnA(yard), 48)
  word = 0b011
  await yard.world.runFor(SECOND)
  word = 0b100
  await yard.world.runFor(SECOND)
  t.match(yard.view().limits, [{ source: 'grid', limitW: 14_400 }], 'it reduces at the first read')
  await yard.world.runFor(4 * MINUTE)
  answers = false
  await yard.world.runFor(10 * SECOND + FOLLOWED_MS + SECOND)
  t.equal(drawnA(yard), 18, 'the device is silent')
  t.match(yard.view().limits, [{ source: 'silence', id: 'dso' }])
  await yard.close()
})

t.test('an order by MQTT through the whole gateway; one that the broker retained is not obeyed', async t => {
  const yard = await threeCars(config => {
    if (config.mqtt !== undefined) config.mqtt.commands = { limits: true, enabling: false, departures: false }
  }, true)
  const told: string[] = []
  const link = yard.world.portsFor('plc').broker.connect(
    {
      ...{ url: 'mqtt://broker', clientId: 'plc', protocolVersion: 4, connectTimeoutMs: 1_000 },
      will: { topic: 'plc', payload: 'gone', retain: false },
    },
    {
      open: () => link.subscribe('busbar/yard/result/#'),
      message: (topic, payload) => told.push(`${topic} ${payload}`),
      closed: () => undefined,
    },
  )
  await yard.world.runFor(SECOND)
  const order = JSON.stringify({ id: 'peak', target: { circuit: 'main' }, limitA: 30, durationS: 600 })
  yard.world.broker.publish('busbar/yard/set/limit', order)
  await yard.world.runFor(FOLLOWED_MS)
  t.equal(drawnA(yard), 30)
  t.match(told, [/^busbar\/yard\/result\/peak .*"done":true.*CP-1\/1 from 16 A to 10 A/])
  yard.world.broker.publish('busbar/yard/set/clear', JSON.stringify({ id: 'peak' }))
  await yard.world.runFor(SECOND)
  t.same(yard.view().limits, [])
  yard.kill()
  const old = JSON.stringify({ id: 'old', limitA: 0, durationS: 600 })
  yard.world.broker.publish('busbar/yard/set/limit', old, true)
  await yard.startGateway()
  await yard.world.runFor(5 * MINUTE)
  t.match(told.at(-1), /result\/old .*"error":"retained"/)
  t.notOk(
    yard.view().limits.some(({ id }) => id === 'peak'),
    'cleared',
  )
  await yard.close()
})

t.test('what became of an order is kept with its times, chained, and can be had as a table', async t => {
  const yard = await metered()
  await yard.post('limits', { id: 'grid', limitA: 30, durationS: 120 })
  await yard.world.runFor(MINUTE)
  await yard.post('limits', { id: 'grid', limitA: 24, durationS: 120 })
  await yard.world.runFor(3 * MINUTE)
  const { body } = await yard.get('orders')
  t.match(body.orders, [
    { value: '30 A', isIntact: true },
    { value: '24 A', by: 'admin', target: 'site', isIntact: true },
  ])
  for (const { received, firstWrite, lastAccepted, heldSince, ended } of body.orders) {
    const times = [received, firstWrite, lastAccepted, heldSince, ended].map(text => Date.parse(text))
    t.same(
      times,
      [...times].sort((a, b) => a - b),
      'received, told, accepted, held, ended',
    )
    t.ok((times[1] ?? 0) - (times[0] ?? 0) <= 500, 'told within half a second')
    t.ok((times[3] ?? 0) - (times[0] ?? 0) <= FOLLOWED_MS, 'and held within the promise')
  }
  t.match(await yard.post('limits', { id: 'page-main', limitA: 9, durationS: 60 }), {
    ...{ status: 409, body: { error: 'another name', found: 'page-main' } },
  })
  const first = await (await yard.ask('/api/v1/orders/0/report.html')).text()
  const second = await (await yard.ask('/api/v1/orders/1/report.html')).text()
  t.match(first, /<th>Given<\/th><td>through the API, by admin<\/td>/)
  t.match(first, /<th>SHA-256 of this first record<\/th>/, 'it has none before')
  t.match(second, /<th>SHA-256, with the record before<\/th>/)
  const german = await yard.ask('/api/v1/orders/0/report.html?language=de')
  t.equal(german.headers.get('content-language'), 'de')
  t.match(await german.text(), /<th>Erteilt<\/th><td>über die API, von admin<\/td>/)
  t.equal((await yard.ask('/api/v1/orders/0/report.html?language=tlh')).status, 400)
  const table = await (await yard.ask('/api/v1/orders.csv')).text()
  t.match(table, /^seq,source,id,target,value/)
  t.equal(table.trim().split('\r\n').length, 3)
  await yard.close()
})

t.test(
  'what stations are told later, for another reason, is no part of an order nobody had to follow',
  async t => {
    const yard = await metered()
    await yard.post('limits', { id: 'wide', limitA: 90, durationS: 120 })
    await yard.world.runFor(30 * SECOND)
    await yard.post('limits', { id: 'tight', limitA: 24, durationS: 60 })
    await yard.world.runFor(3 * MINUTE)
    const { body } = await yard.get('orders')
    const [tight, wide] = body.orders
    t.match([tight.id, wide.id], ['tight', 'wide'])
    t.ok(tight.firstWrite, 'that was for the tight one')
    t.notOk(wide.firstWrite, 'and not for the wide one')
    t.equal(
      wide.heldSince,
      wide.received,
      'less than it allows flowed all the time, whatever the other one allows',
    )
    const report = await (await yard.ask(`/api/v1/orders/${wide.seq}/report.html`)).text()
    t.match(report, /<th>First station told<\/th><td>no station had to draw less<\/td>/)
    t.match(report, /<th>Last station had accepted<\/th><td>no station had to draw less<\/td>/)
    await yard.close()
  },
)

t.test('an entry that was changed or taken out breaks the chain, the oldest go first', async t => {
  const world = createWorld({ seed: 1 })
  const { journal, secrets } = world.portsFor('main')
  const store = await world.until(openOrderStore(journal, secrets))
  const order = (id: string) => ({
    limit: {
      ...{ source: 'mqtt' as const, id, target: { kind: 'site' as const }, priority: 5, by: 'mqtt' },
      ...{ value: { unit: 'A' as const, perPhase: 30 }, state: 'ordered' as const, sinceWallMs: 0 },
    },
    ...{ receivedMonoMs: 0, receivedWallMs: 0, hadA: new Map(), endedWallMs: 1_000 },
    ...{ quarters: [], lookedMonoMs: 0 },
  })
  for (const id of ['a', 'b', 'c', 'd']) await world.until(store.append(order(id)))
  const intact = async () => {
    const again = await world.until(openOrderStore(journal, secrets))
    return (await world.until(again.read())).map(entry => entry.isIntact)
  }
  t.same(await intact(), [true, true, true, true])
  const [, second] = await world.until(journal.scan('order/', 'order0', 2))
  await world.until(journal.commit([{ kind: 'delete', key: second?.key ?? '' }], true))
  t.same(await intact(), [true, false, true], 'what follows the gap')
  const [first] = await world.until(journal.scan('order/', 'order0', 1))
  const forged = first?.value.replace('30 A', '90 A') ?? ''
  await world.until(journal.commit([{ kind: 'put', key: first?.key ?? '', value: forged }], true))
  t.same(await intact(), [false, false, true])
})
