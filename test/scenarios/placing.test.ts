/**
 * Stations that come and go, through the whole gateway: unknown ones that are let in to be known (control rules 7, 9), and
 * one that an operator releases. Over = really above the rating.
 */
import t from 'tap'
import type { SiteConfig } from '../../src/core/config/site.js'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import { isFields } from '../../src/core/fields.js'
import { proveSite } from '../../src/core/site/promise.js'
import { singleFaults } from '../../src/core/site/single-faults.js'
import { createCar } from '../../src/sim/car.js'
import { catalogue, MINUTE, SECOND, Yard, type YardCircuit, type YardStation } from './fixtures/yard.js'

const circuits: readonly YardCircuit[] = [
  { id: 'main', ratedCurrentA: 101, marginA: 1, worstCaseOtherLoadA: 0 },
  { id: 'feeder', parent: 'main', ratedCurrentA: 64, marginA: 1, worstCaseOtherLoadA: 0 },
]
const station = (id: string, more: Partial<YardStation> = {}): YardStation => ({
  id,
  circuit: 'feeder',
  ...more,
})
const LEARN = 'learn' as const

/** CP-2 is not in the configuration, and hangs on the feeder all the same. */
async function strangers(more: Partial<YardStation> = {}, unknownStations: 'refuse' | 'learn' = LEARN) {
  const yard = new Yard({ circuits, stations: [station('CP-1'), station('CP-2', more)], mqtt: true })
  yard.unconfigured.add('CP-2')
  yard.onConfig = config => {
    config.ocpp.unknownStations = unknownStations
  }
  await yard.open()
  return yard
}

t.test('unknownStations "learn": an unknown station is listed, booked everywhere and given 0 A', async t => {
  const yard = await strangers({ realConnectors: 2 })
  yard.sendAs('CP-2', 'StatusNotification', { connectorId: 2, status: 'Available', errorCode: 'NoError' })
  await yard.world.runFor(SECOND)
  const { learning, alarms, circuits: seen, refusedStations } = yard.view()
  t.same(refusedStations, [])
  t.match(learning.stations, [
    {
      id: 'CP-2',
      connected: true,
      boot: { vendor: String, model: String, serialNumber: String, firmware: String },
      connectors: [
        { id: 1, status: 'unknown' },
        { id: 2, status: 'Available' },
      ],
      heldConnectorIds: [1, 2],
      bookedA: 64,
    },
  ])
  t.ok(learning.until !== undefined, 'and until when more may come')
  const idleA = yard.connectorView('CP-1').bookedA
  for (const { id, bookedA } of seen) t.equal(bookedA[0], 64 + idleA, `booked once on ${id}`)
  const alarm = alarms.find(({ code }) => code === 'station-not-placed')
  t.match(alarm?.text, /CP-2 .* 64 A are booked.* does not fit on feeder/)
  t.notMatch(alarm?.text, /fit on main/)
  const written = yard.received.filter(({ stationId, action }) => {
    return stationId === 'CP-2' && action === 'SetChargingProfile'
  })
  t.same(
    written.map(({ payload }) => [
      payload.connectorId,
      payload.csChargingProfiles.chargingProfilePurpose,
      payload.csChargingProfiles.stackLevel,
      payload.csChargingProfiles.chargingSchedule.chargingSchedulePeriod,
    ]),
    [
      [1, 'TxDefaultProfile', 0, [{ startPeriod: 0, limit: 0 }]],
      [2, 'TxDefaultProfile', 0, [{ startPeriod: 0, limit: 0 }]],
    ],
    'once per connector, however often it boots into Pending',
  )
  t.ok([...yard.world.broker.retained('busbar/yard/learning').values()].some(text => text.includes('CP-2')))
  await yard.close()
})

t.test('an unknown station runs no session and the CSMS never hears of it', async t => {
  const yard = await strangers()
  yard.plugIn('CP-2')
  yard.sendAs('CP-2', 'Authorize', { idTag: 'TAG' })
  yard.sendAs('CP-2', 'StartTransaction', {
    connectorId: 1,
    idTag: 'TAG',
    meterStart: 0,
    timestamp: new Date(yard.station('CP-2').wallMs()).toISOString(),
  })
  await yard.world.runFor(2 * MINUTE)
  t.same(yard.flowA('CP-2'), [0, 0, 0])
  t.same(yard.csms.connected(), ['CP-1'])
  t.equal((await yard.get('status')).body.csms.waitingMessages, 0)
  await yard.close()
})

t.test('what an unknown station may draw is taken from the others before it draws it', async t => {
  const yard = await strangers({}, 'refuse')
  yard.plugIn('CP-1')
  await yard.world.runFor(5 * MINUTE)
  t.equal(yard.pilotA('CP-1'), 32, 'nobody else: all it wants')
  t.same(await yard.post('learn', { open: true }), { status: 200, body: { open: true } })
  // A second one, which obeys nothing and draws all it can as soon as it is in.
  yard.ignoring.add('CP-2')
  await yard.world.runFor(3 * MINUTE)
  t.match(yard.view().learning.stations, [{ id: 'CP-2' }])
  t.ok(yard.pilotA('CP-1') <= 63 - 32, `${yard.pilotA('CP-1')} A beside 32 A that it may draw on 63 A`)
  await yard.close()
})

t.test('the window ends after 15 min: who has no place is sent away, and refused from then on', async t => {
  const yard = await strangers()
  yard.world.jumpWall(-60 * MINUTE)
  await yard.world.runFor(13 * MINUTE + 10 * SECOND)
  t.equal(yard.view().learning.stations.length, 0, 'gone, and booked no more')
  t.equal(yard.view().learning.until, undefined)
  t.match(yard.view().refusedStations, [{ stationId: 'CP-2', reason: 'unknown-station' }])
  t.notOk(yard.alarms().includes('station-not-placed CP-2'))
  await yard.post('learn', { open: true })
  await yard.world.runFor(2 * MINUTE)
  t.match(yard.view().learning.stations, [{ id: 'CP-2' }], 'opened again by an operator')
  await yard.post('learn', { open: false })
  await yard.world.runFor(10 * SECOND)
  t.equal(yard.view().learning.stations.length, 0, 'and ended by one')
  await yard.close()
})

t.test(
  'a restart with the station configured gives it a place; without "learn" the window is shut',
  async t => {
    const yard = await strangers({}, 'refuse')
    await yard.post('learn', { open: true })
    await yard.world.runFor(2 * MINUTE)
    t.match(yard.view().learning.stations, [{ id: 'CP-2' }])
    yard.kill()
    await yard.startGateway()
    await yard.world.runFor(MINUTE)
    t.match(
      yard.view().learning,
      { until: undefined, stations: [] },
      'the window has not outlived the restart',
    )
    yard.kill()
    yard.unconfigured.delete('CP-2')
    await yard.startGateway()
    await yard.world.runFor(3 * MINUTE)
    yard.plugIn('CP-2')
    await yard.world.runFor(3 * MINUTE)
    t.ok(yard.pilotA('CP-2') >= 6, 'its 0 A profile has given way to the fail-safe and a session runs')
    t.match(yard.csms.connected(), ['CP-1', 'CP-2'])
    await yard.close()
  },
)

t.test(
  'a station taken out of the configuration while it charges is brought to 0 A as soon as it is let in again',
  async t => {
    const yard = new Yard({ circuits, stations: [station('CP-1'), station('CP-2')], mqtt: true })
    await yard.open()
    yard.plugIn('CP-2')
    await yard.world.runFor(5 * MINUTE)
    t.equal(yard.pilotA('CP-2'), 32)
    yard.kill()
    yard.unconfigured.add('CP-2')
    yard.onConfig = config => {
      config.ocpp.unknownStations = LEARN
    }
    await yard.startGateway()
    const before = yard.received.length
    await yard.world.runFor(30 * SECOND)
    t.match(yard.view().learning.stations, [{ id: 'CP-2', connected: true }])
    t.equal(yard.pilotA('CP-2'), 0, 'the session that runs, not only the next one')
    const written = yard.received
      .slice(before)
      .filter(({ stationId, action }) => stationId === 'CP-2' && action === 'SetChargingProfile')
    t.match(
      written.map(({ payload }) => payload.csChargingProfiles),
      [
        { chargingProfilePurpose: 'TxProfile', transactionId: Number },
        { chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 0 },
      ],
      'who charges comes first',
    )
    await yard.world.runFor(MINUTE)
    t.same(yard.flowA('CP-2'), [0, 0, 0])
    await yard.close()
  },
)

t.test('an unknown station that leaves while in use stays booked until it is declared isolated', async t => {
  const yard = await strangers()
  yard.sendAs('CP-2', 'StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
  await yard.world.runFor(SECOND)
  yard.station('CP-2').powerOff()
  await yard.world.runFor(MINUTE)
  t.match(yard.view().learning.stations, [{ id: 'CP-2', connected: false, bookedA: 32 }])
  t.equal((await yard.post('stations/CP-2/isolation', { isolated: true })).status, 200)
  t.same(yard.view().learning.stations, [])
  await yard.close()
})

t.test(
  'an unknown station that charges while Busbar restarts stays booked at its most on every circuit, unplaced',
  async t => {
    const yard = await strangers({ realConnectors: 2 }, 'refuse')
    await yard.post('learn', { open: true })
    await yard.world.runFor(2 * MINUTE)
    const status = (connectorId: number, state: string): void =>
      yard.sendAs('CP-2', 'StatusNotification', { connectorId, status: state, errorCode: 'NoError' })
    status(2, 'Charging')
    await yard.world.runFor(SECOND)
    yard.powerCut()
    await yard.startGateway()
    t.match(yard.view().learning, {
      until: undefined,
      stations: [{ id: 'CP-2', connected: false, connectors: [{ id: 1 }, { id: 2 }], bookedA: 64 }],
    })
    await yard.world.runFor(2 * MINUTE)
    const idleA = yard.connectorView('CP-1').bookedA
    for (const { id, bookedA } of yard.view().circuits)
      t.equal(bookedA[0], 64 + idleA, `booked once on ${id}`)
    t.ok(yard.alarms().includes('station-not-placed CP-2'))
    await yard.post('learn', { open: true })
    await yard.world.runFor(2 * MINUTE)
    t.match(yard.view().learning.stations, [{ connected: true, bookedA: 64 }], 'heard again')
    status(1, 'Available')
    status(2, 'Available')
    await yard.world.runFor(SECOND)
    yard.powerCut()
    await yard.startGateway()
    t.same(yard.view().learning.stations, [], 'nothing is remembered of one that is idle')
    await yard.close()
  },
)

t.test(
  'an unknown station that is placed while Busbar runs comes back as what it is, within 60 s',
  async t => {
    const yard = await strangers({}, 'refuse')
    await yard.post('learn', { open: true })
    await yard.world.runFor(2 * MINUTE)
    t.match(yard.view().learning.stations, [{ id: 'CP-2', connected: true }])
    yard.unconfigured.delete('CP-2')
    const parsed = parseSiteConfig(yard.config(), catalogue)
    if (!parsed.ok) throw new Error('the configuration has faults')
    await yard.world.until(yard.gateway?.apply(parsed.value) ?? Promise.reject(new Error('no gateway')))
    await yard.world.runFor(MINUTE)
    t.same(yard.view().learning.stations, [])
    t.match(yard.view().stations[1], { id: 'CP-2', connected: true, boot: { vendor: /./ } })
    t.equal(yard.connectorView('CP-2').installedFailSafeA, 6)
    await yard.close()
  },
)

t.test(
  'an unknown station in use that is placed is booked at its circuit alone, also after a restart',
  async t => {
    const yard = await strangers({}, 'refuse')
    await yard.post('learn', { open: true })
    await yard.world.runFor(2 * MINUTE)
    yard.sendAs('CP-2', 'StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
    await yard.world.runFor(SECOND)
    yard.powerCut()
    yard.unconfigured.delete('CP-2')
    for (let starts = 0; starts < 2; starts++) {
      await yard.startGateway()
      t.same(yard.view().learning.stations, [])
      await yard.world.runFor(SECOND)
      t.equal(yard.connectorView('CP-2').bookedA, 32, 'nothing is known of it yet')
      yard.powerCut()
    }
    await yard.startGateway()
    await yard.close()
  },
)

t.test(
  'what is on the disk of a station nobody configures and cannot be read is booked on every circuit',
  async t => {
    const yard = await strangers({}, 'refuse')
    const written = yard.world.ports.journal.commit(
      [
        { kind: 'put', key: 'booking/CP-9/2', value: '{"stationId":"CP-9","conn' },
        { kind: 'put', key: 'booking/CP-8/1', value: '{"version":7,"station":{"id":"CP-8"},"worstA":"6 A"}' },
        { kind: 'put', key: 'booking/CP-1/1', value: 'damaged' },
        { kind: 'put', key: 'booking/', value: '' },
        { kind: 'put', key: 'unplaced/CP-7/1', value: '[]' },
      ],
      true,
    )
    await yard.world.until(written)
    yard.kill()
    await yard.startGateway()
    t.same(
      yard.view().learning.stations.map(({ id, bookedA }) => [id, bookedA]),
      [
        ['CP-8', 32],
        ['CP-9', 64],
        ['CP-7', 32],
      ],
      'a record of a later version says no more than a damaged one',
    )
    await yard.world.runFor(SECOND)
    t.equal(yard.connectorView('CP-1').bookedA, 32, 'and of one that is configured nothing is known')
    t.equal((await yard.post('stations/CP-9/isolation', { isolated: true })).status, 200)
    yard.kill()
    await yard.startGateway()
    t.same(
      yard.view().learning.stations.map(({ id }) => id),
      ['CP-8', 'CP-7'],
      'declared isolated, also after a restart',
    )
    await yard.close()
  },
)

/** 64 A for two cars of 32 A: CP-1 takes what is left of CP-2's fail-safe. */
async function leaving(ratedCurrentA: number, other = { worstCaseOtherLoadA: 0, metered: false }) {
  const site = [{ ...circuits[0], id: 'main', ratedCurrentA, marginA: 1, ...other }]
  const yard = new Yard({
    circuits: site,
    stations: [station('CP-1', { circuit: 'main' }), station('CP-2', { circuit: 'main' })],
  })
  await yard.open()
  yard.plugIn('CP-1')
  yard.plugIn('CP-2')
  await yard.world.runFor(6 * MINUTE)
  yard.resetWatches()
  return yard
}

const OWN_LEVELS = [
  ['TxProfile', 1],
  ['TxDefaultProfile', 1],
  ['TxDefaultProfile', 0],
]

t.test(
  'release: the others make room first, then the profiles are cleared and the keys set back',
  async t => {
    const yard = await leaving(51)
    const before = yard.offersA()
    t.ok(before.every(offerA => offerA >= 6))
    t.equal((await yard.post('stations/CP-2/release', { released: true, confirm: 'CP-1' })).status, 409)
    const atMs = yard.nowMs
    const answer = await yard.post('stations/CP-2/release', { released: true, confirm: 'CP-2' })
    t.equal(answer.status, 200)
    t.match(answer.body, {
      released: true,
      keys: [{ key: 'MeterValuesSampledData', status: 'Accepted' }],
      clearedProfiles: [],
    })
    await yard.world.runFor(2 * MINUTE)
    const clears = yard.received.filter(({ action, stationId, atMs: when }) => {
      return action === 'ClearChargingProfile' && stationId === 'CP-2' && when >= atMs
    })
    const levels = new Set(clears.map(({ payload }) => payload.stackLevel))
    t.same(
      clears.map(({ payload: { connectorId, chargingProfilePurpose } }) => [
        connectorId,
        chargingProfilePurpose,
      ]),
      OWN_LEVELS.map(([purpose]) => [1, purpose]),
      'by purpose, level and connector',
    )
    t.equal(levels.size, 2)
    const lowered = yard.writesSince(atMs).filter(({ stationId }) => stationId === 'CP-1')
    t.ok((lowered[0]?.atMs ?? Infinity) < (clears[0]?.atMs ?? 0), 'CP-1 was lowered first')
    t.equal(yard.pilotA('CP-2'), 32, 'nothing holds it now')
    t.equal(yard.overMs('main'), 0, 'and never was more drawn than the circuit carries')
    t.equal(yard.connectorView('CP-2').bookedA, 32)
    t.match(yard.view().stations[1], { release: 'done' })
    t.ok(yard.alarms().includes('station-released CP-2'))
    t.notOk(yard.alarms().includes('station-disobeys CP-2'))
    const keys = yard.station('CP-2').configuration.read(['MeterValuesSampledData'])
    t.equal(keys.configurationKey[0]?.value, answer.body.keys[0].value, 'as it was found')
    await yard.close()
  },
)

t.test('release: nothing is written afterwards, over reconnects too, until it is taken back', async t => {
  const yard = await leaving(51)
  await yard.post('stations/CP-2/release', { released: true, confirm: 'CP-2' })
  await yard.world.runFor(MINUTE)
  const atMs = yard.nowMs
  const written = () =>
    yard.received.filter(({ stationId, action, atMs: when }) => {
      return stationId === 'CP-2' && when > atMs && !['GetConfiguration', 'TriggerMessage'].includes(action)
    })
  yard.station('CP-2').powerOff()
  await yard.world.runFor(MINUTE)
  t.equal(yard.connectorView('CP-2').bookedA, 32, 'booked while it is away')
  yard.station('CP-2').powerOn()
  await yard.world.runFor(10 * MINUTE)
  t.same(
    written().map(({ action }) => action),
    [],
  )
  t.equal((await yard.post('stations/CP-2/release', { released: false, confirm: 'CP-2' })).status, 200)
  await yard.world.runFor(3 * MINUTE)
  t.ok(written().some(({ action }) => action === 'SetChargingProfile'))
  t.match(yard.view().stations[1], { release: undefined })
  t.notOk(yard.alarms().includes('station-released CP-2'))
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test('release: without room for it at its maximum it is controlled as ever, and that is said', async t => {
  const yard = await leaving(31)
  await yard.post('stations/CP-2/release', { released: true, confirm: 'CP-2' })
  await yard.world.runFor(12 * MINUTE)
  t.match(yard.view().stations[1], { release: 'waits' })
  t.ok(yard.pilotA('CP-2') > 6, `${yard.pilotA('CP-2')} A: its share`)
  t.equal(yard.overMs('main'), 0)
  const text = yard.view().alarms.find(({ code }) => code === 'station-released')?.text
  t.match(text, /is controlled as ever: .* "main" would carry 38 of 30 A/)
  await yard.close()
})

t.test(
  'release: what comes later finds nobody there to give way, so other load counts at its worst',
  async t => {
    const yard = await leaving(61, { worstCaseOtherLoadA: 30, metered: true })
    await yard.post('stations/CP-2/release', { released: true, confirm: 'CP-2' })
    await yard.world.runFor(5 * MINUTE)
    t.match(yard.view().stations[1], { release: 'waits' })
    yard.baseA.set('main', [30, 30, 30])
    await yard.world.runFor(10 * MINUTE)
    t.ok(yard.overMs('main') <= 13_700, `over for ${yard.overMs('main')} ms`)
    t.ok(yard.pilotA('CP-2') <= 24, `${yard.pilotA('CP-2')} A: it gives way like the others`)
    const text = yard.view().alarms.find(({ code }) => code === 'station-released')?.text
    t.match(text, /"main" would carry 68 of 60 A/)
    await yard.close()
  },
)

t.test(
  'rule 10: a smaller fuse is refused beside a released station that was taken out, until it is isolated, over a restart too',
  async t => {
    const site = [{ ...circuits[0], id: 'main', ratedCurrentA: 80, marginA: 0, worstCaseOtherLoadA: 20 }]
    const planned = ['CP-1', 'CP-2'].map(id => station(id, { circuit: 'main' }))
    const yard = new Yard({ circuits: site, stations: planned })
    await yard.open()
    yard.plugIn('CP-2')
    await yard.world.runFor(2 * MINUTE)
    await yard.post('stations/CP-2/release', { released: true, confirm: 'CP-2' })
    await yard.world.runFor(2 * MINUTE)
    const withFuse = (ratedCurrentA: number, without: string): SiteConfig => {
      const document = yard.config() as { stations: { id: string }[]; circuits: object[] }
      const stations = document.stations.filter(({ id }) => id !== without)
      const fuses = document.circuits.map(circuit => ({ ...circuit, ratedCurrentA }))
      const parsed = parseSiteConfig({ ...document, stations, circuits: fuses }, catalogue)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
      return parsed.value
    }
    const found = (ratedCurrentA: number) => yard.running?.faults(withFuse(ratedCurrentA, 'CP-2'))
    t.match(found(57), [{ path: 'circuits[0]', code: 'retired-promise' }], 'in one step')
    t.same(found(58), [], '6 + 32 + 20 A')
    const apply = yard.running?.apply(withFuse(80, 'CP-2')) ?? Promise.reject(new Error('not there'))
    await yard.world.until(apply)
    t.match(found(57), [{ params: { heldA: 38, sumA: 58, limitA: 57, released: 'CP-2' } }], 'in two')
    yard.kill()
    yard.unconfigured.add('CP-2')
    await yard.startGateway()
    await yard.world.runFor(MINUTE)
    t.equal(found(57)?.length, 1, 'after a restart')
    t.equal((await yard.post('stations/CP-2/isolation', { isolated: true })).status, 200)
    t.same(found(57), [], 'declared isolated')
    await yard.close()
  },
)

t.test(
  'foreign profiles that set-up clears are remembered over a restart, and listed at the release',
  async t => {
    const site = [{ ...circuits[0], id: 'main', ratedCurrentA: 101, marginA: 1, worstCaseOtherLoadA: 0 }]
    const planned = station('CP-2', { circuit: 'main' })
    const yard = new Yard({ circuits: site, stations: [planned] })
    await yard.world.until(yard.csms.start())
    await yard.startGateway()
    yard.addStation(planned)
    const there = yard.station('CP-2')
    const foreign = {
      chargingProfileId: 7,
      stackLevel: 3,
      chargingProfilePurpose: 'TxDefaultProfile' as const,
      chargingProfileKind: 'Absolute' as const,
      chargingSchedule: {
        chargingRateUnit: 'A' as const,
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 20 }],
      },
    }
    const context = { nowMs: yard.nowMs, connectorCount: 1, transaction: undefined }
    t.equal(there.profiles.set({ connectorId: 1, csChargingProfiles: foreign }, context), 'Accepted')
    await yard.world.runFor(3 * MINUTE)
    yard.kill()
    await yard.startGateway()
    await yard.world.runFor(3 * MINUTE)
    const { body } = await yard.post('stations/CP-2/release', { released: true, confirm: 'CP-2' })
    t.match(body.clearedProfiles, [
      { connectorId: 1, purpose: 'TxDefaultProfile', stackLevel: 3, at: String },
    ])
    await yard.close()
  },
)

// ---------------------------------------------------------------- loadControl: "csms" (proxy rule 19)

/** CP-2 is driven by its CSMS; main is rated for both at 6 A more than CP-2's maximum. */
async function driven(ratedCurrentA = 49) {
  const site = [{ id: 'main', ratedCurrentA, marginA: 1, worstCaseOtherLoadA: 0 }]
  const planned = ['CP-1', 'CP-2'].map(id => ({ id, circuit: 'main' }))
  const yard = new Yard({ circuits: site, stations: planned })
  yard.onConfig = driveByCsms
  await yard.open()
  return yard
}

function driveByCsms(config: SiteConfig): void {
  config.offline.AllowOfflineTxForUnknownId = true
  for (const one of config.stations) if (one.id === 'CP-2') one.loadControl = 'csms'
}

const limitOf = (limit: number, transactionId?: number) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 9,
    ...(transactionId !== undefined && { transactionId }),
    stackLevel: 1,
    chargingProfilePurpose: transactionId === undefined ? 'TxDefaultProfile' : 'TxProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  },
})

/** What the station was sent that changes it, in order. */
const ordersTo = (yard: Yard, id: string, sinceMs = 0) =>
  yard.received.filter(({ stationId, action, atMs }) => {
    const isOrder = !['GetConfiguration', 'TriggerMessage'].includes(action)
    return stationId === id && atMs >= sinceMs && isOrder
  })

t.test('loadControl "csms": profiles pass as they came, Busbar writes none, 32 A stay booked', async t => {
  const yard = await driven()
  t.same(ordersTo(yard, 'CP-2'), [], 'nothing was laid on it, no key was set')
  const set = await yard.world.until(yard.csms.call('CP-2', 'SetChargingProfile', limitOf(16)))
  t.match(set, { kind: 'result', payload: { status: 'Accepted' } })
  yard.plugIn('CP-1')
  yard.plugIn('CP-2', { phases: 1 })
  await yard.world.runFor(6 * MINUTE)
  t.equal(yard.pilotA('CP-2'), 16, 'as its CSMS wants it')
  t.equal(yard.connectorView('CP-2').bookedA, 32)
  t.same(yard.view().circuits[0]?.bookedA.map(Math.round), [48, 48, 48], 'its maximum on every phase')
  t.equal(Math.round(yard.pilotA('CP-1')), 16, 'CP-1 has what is left of 48 A')
  const transactionId = yard.connectorView('CP-2').transaction?.id ?? 0
  await yard.world.until(yard.csms.call('CP-2', 'SetChargingProfile', limitOf(10, transactionId)))
  const query = { connectorId: 1, duration: 60 }
  const asked = await yard.world.until(yard.csms.call('CP-2', 'GetCompositeSchedule', query))
  t.match(asked, {
    payload: { chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] } },
  })
  t.match(await yard.world.until(yard.csms.call('CP-2', 'ClearChargingProfile', { id: 9 })), {
    payload: { status: 'Accepted' },
  })
  t.same(
    ordersTo(yard, 'CP-2').map(({ action, payload }) => [action, payload]),
    [
      ['SetChargingProfile', limitOf(16)],
      ['SetChargingProfile', limitOf(10, transactionId)],
      ['GetCompositeSchedule', query],
      ['ClearChargingProfile', { id: 9 }],
    ],
  )
  const view = yard.view().stations[1]
  t.match(view, { loadControl: 'csms', release: undefined, profileWrites: 0 })
  t.equal(view?.connectors[0]?.allocationA, undefined, 'what it is told is not decided here')
  t.match(view?.connectors[0]?.why.text, /Driven by its CSMS.*32 A are kept free/)
  t.same(yard.alarms(), [], 'it is meant so')
  t.equal((await yard.post('stations/CP-2/release', { released: true, confirm: 'CP-2' })).status, 409)
  t.equal((await yard.post('stations/CP-2/release', { released: false, confirm: 'CP-2' })).status, 409)
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test(
  'loadControl "csms": remote starts and stops pass with their ids, but never hit another session',
  async t => {
    const yard = await driven()
    const profile = { ...limitOf(8).csChargingProfiles, chargingProfilePurpose: 'TxProfile' }
    const start = { idTag: 'TAG-CP-2', connectorId: 1, chargingProfile: profile }
    await yard.world.until(yard.csms.setOnline(false))
    yard.plugIn('CP-2')
    await yard.world.runFor(MINUTE)
    await yard.world.until(yard.csms.setOnline(true))
    await yard.world.runFor(2 * MINUTE)
    const localId = yard.connectorView('CP-2').transaction?.id ?? 0
    t.ok(localId >= 1_500_000_000, `a session begun without the CSMS, ${localId} here`)
    const stop = async (transactionId: number): Promise<unknown> =>
      await yard.world.until(yard.csms.call('CP-2', 'RemoteStopTransaction', { transactionId }))
    const atMs = yard.nowMs
    t.match(await stop(localId), { payload: { status: 'Rejected' } }, 'the CSMS knows it by another number')
    t.match(await yard.world.until(yard.csms.call('CP-2', 'SetChargingProfile', limitOf(8, localId))), {
      payload: { status: 'Rejected' },
    })
    t.same(ordersTo(yard, 'CP-2', atMs), [], 'and neither reached the station')
    t.match(
      await stop(4_711),
      { payload: { status: 'Rejected' } },
      'by the station: it knows no such session',
    )
    t.same(ordersTo(yard, 'CP-2', atMs).at(-1)?.payload, { transactionId: 4_711 })
    // the first id that CSMS has given
    const known = 1001
    await yard.world.until(yard.csms.call('CP-2', 'SetChargingProfile', limitOf(8, known)))
    t.same(ordersTo(yard, 'CP-2', atMs).at(-1)?.payload, limitOf(8, localId), 'with the id of the station')
    t.match(await stop(known), { payload: { status: 'Accepted' } })
    await yard.world.runFor(MINUTE)
    const connector = yard.station('CP-2').connectors[0]
    connector?.unplug()
    await yard.world.runFor(MINUTE)
    connector?.plugIn(createCar({ phases: 3, maxA: 32, wantsWh: 1e6, reactionMs: 5_000 }))
    await yard.world.until(yard.csms.call('CP-2', 'RemoteStartTransaction', start))
    t.same(ordersTo(yard, 'CP-2', atMs).at(-1)?.payload, start, "the profile is the station's to judge")
    await yard.world.runFor(MINUTE)
    t.equal(yard.pilotA('CP-2'), 8)
    await yard.close()
  },
)

t.test('a station handed over to its CSMS loses what Busbar laid there, once', async t => {
  const yard = await driven(65)
  yard.kill()
  yard.onConfig = undefined
  await yard.startGateway()
  await yard.world.runFor(3 * MINUTE)
  t.ok(
    ordersTo(yard, 'CP-2').some(({ action }) => action === 'SetChargingProfile'),
    "Busbar's for a while",
  )
  yard.kill()
  yard.onConfig = driveByCsms
  const atMs = yard.nowMs
  await yard.startGateway()
  await yard.world.runFor(3 * MINUTE)
  const after = ordersTo(yard, 'CP-2', atMs)
  const cleared = after.filter(({ action }) => action === 'ClearChargingProfile')
  t.same(
    cleared.map(({ payload }) => [payload.connectorId, payload.chargingProfilePurpose]),
    OWN_LEVELS.map(([purpose]) => [1, purpose]),
  )
  t.notOk(after.some(({ action }) => action === 'SetChargingProfile'))
  const keys = yard.station('CP-2').configuration.read(['MeterValueSampleInterval'])
  t.equal(keys.configurationKey[0]?.value, '0', 'as it was found')
  t.equal(yard.connectorView('CP-2').bookedA, 32)
  yard.kill()
  const againMs = yard.nowMs
  await yard.startGateway()
  await yard.world.runFor(3 * MINUTE)
  t.same(ordersTo(yard, 'CP-2', againMs), [])
  t.equal(yard.connectorView('CP-2').bookedA, 32)
  await yard.close()
})

t.test(
  'what a CSMS sets on a station that is handed over passes only once the others have made room',
  async t => {
    const yard = await driven()
    yard.kill()
    yard.onConfig = undefined
    await yard.startGateway()
    await yard.world.runFor(MINUTE)
    yard.plugIn('CP-1')
    await yard.world.runFor(3 * MINUTE)
    t.equal(yard.pilotA('CP-1'), 32, 'CP-1 has what nobody else wants')
    yard.kill()
    yard.onConfig = driveByCsms
    const atMs = yard.nowMs
    const away = yard.world
      .portsFor('observer')
      .clock.every(100, () => yard.world.network.cut({ path: '/ocpp/CP-1' }))
    await yard.startGateway()
    await yard.world.runFor(30 * SECOND)
    const status = async (action: string, payload: object): Promise<unknown> => {
      const outcome = await yard.world.until(yard.csms.call('CP-2', action, payload))
      return outcome.kind === 'result' && isFields(outcome.payload) ? outcome.payload.status : outcome
    }
    t.equal(await status('SetChargingProfile', limitOf(32)), 'Rejected')
    t.equal(await status('ClearChargingProfile', {}), 'Unknown')
    const profile = { ...limitOf(32).csChargingProfiles, chargingProfilePurpose: 'TxProfile' }
    const start = { idTag: 'TAG-CP-2', connectorId: 1, chargingProfile: profile }
    t.equal(await status('RemoteStartTransaction', start), 'Rejected')
    const passed = ordersTo(yard, 'CP-2', atMs).filter(({ action }) => action !== 'ChangeConfiguration')
    t.same(passed, [], 'nothing of it reached the station')
    yard.plugIn('CP-2')
    await yard.world.runFor(2 * MINUTE)
    t.equal(yard.overMs('main'), 0, `${yard.flowA('CP-1')} and ${yard.flowA('CP-2')} A`)
    away.cancel()
    await yard.world.runFor(2 * MINUTE)
    t.equal(await status('SetChargingProfile', limitOf(32)), 'Accepted', 'CP-1 is back and has made room')
    await yard.world.runFor(MINUTE)
    t.equal(yard.pilotA('CP-2'), 32)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test('the proof counts a station that its CSMS drives with its maximum', async t => {
  const site = [{ id: 'main', ratedCurrentA: 38, marginA: 1, worstCaseOtherLoadA: 0 }]
  const yard = new Yard({ circuits: site, stations: ['CP-1', 'CP-2'].map(id => ({ id, circuit: 'main' })) })
  const parsed = parseSiteConfig(yard.config(), catalogue)
  if (!parsed.ok) return t.fail(JSON.stringify(parsed.faults))
  const profile = catalogue.siteProfiles.get('workplace')
  if (profile === undefined) return t.fail('no profile')
  const prove = () => proveSite(parsed.value, catalogue.stationModels, profile)
  t.same(prove().circuits[0]?.failSafeA, [12, 12, 12])
  driveByCsms(parsed.value)
  t.same(prove().circuits[0]?.failSafeA, [38, 38, 38])
  t.match(prove().faults[0], {
    path: 'circuits[0]',
    found: /38 A/,
    expected: 'at most 37 A (rating less margin)',
  })
  const row = singleFaults(parsed.value, catalogue.stationModels, prove(), new Map()).find(
    ({ fault }) => fault === 'a station does not obey',
  )
  t.equal(row?.overS, undefined, 'with CP-1 at its worst nobody here can mend it')
})
