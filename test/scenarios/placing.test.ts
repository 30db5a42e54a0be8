/**
 * Stations that come and go, through the whole gateway: unknown ones that are let in to be known (control rules 7, 9), and
 * one that an operator releases. Over = really above the rating.
 */
import t from 'tap'
import { MINUTE, SECOND, Yard, type YardCircuit, type YardStation } from './fixtures/yard.js'

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
