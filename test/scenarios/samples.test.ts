/**
 * What stations report of themselves, through the whole gateway: phases left out, one meterValue per phase, cars that
 * switch phases (control rules 9 and 16). Over = really above the rating.
 */
import t from 'tap'
import { MINUTE, SECOND, Yard, type YardStation } from './fixtures/yard.js'

const ALIVE_MS = 13_700
const ROTATIONS = ['RST', 'STR', 'TRS'] as const

/** Six stations on one feeder, own L1 of two on each site phase. */
async function feeder(options: {
  metered: boolean
  phases: 1 | 3
  phaseReports?: NonNullable<YardStation['phaseReports']>
}): Promise<Yard> {
  const { phaseReports } = options
  const stations = Array.from({ length: 6 }, (_, index) => ({
    id: `CP-${index + 1}`,
    circuit: 'main',
    rotation: ROTATIONS[index % 3] ?? 'RST',
    ...(phaseReports !== undefined && { phaseReports }),
  }))
  const yard = new Yard({
    circuits: [
      {
        id: 'main',
        ratedCurrentA: 63,
        marginA: 1,
        worstCaseOtherLoadA: options.metered ? 20 : 0,
        metered: options.metered,
      },
    ],
    stations,
  })
  await yard.open()
  for (const { id } of stations) yard.plugIn(id, { phases: options.phases })
  await yard.world.runFor(6 * MINUTE)
  return yard
}

const offeredA = (yard: Yard): number => yard.offersA().reduce((sum, offerA) => sum + offerA, 0)

t.test('A1: phases a station leaves out stay booked on an unmetered feeder', async t => {
  const yard = await feeder({ metered: false, phases: 3, phaseReports: 'own L1' })
  t.equal(yard.overMs('main'), 0, `63 A carried ${yard.watches.get('main')?.worstA} A`)
  t.same(yard.connectorView('CP-1').phases, [true, true, true])
  t.ok(offeredA(yard) >= 56, `and what may flow does: ${yard.offersA().join(' ')} A`)
  await yard.close()
})

t.test('A1: one meterValue for each phase is read as one sample of all three', async t => {
  const yard = await feeder({ metered: true, phases: 3, phaseReports: 'one meterValue each' })
  t.equal(yard.overMs('main'), 0, `63 A carried ${yard.watches.get('main')?.worstA} A`)
  const measuredA = yard.connectorView('CP-1').measuredA ?? [0, 0, 0]
  t.same(
    measuredA.map(amps => Math.round(amps)),
    yard.flowA('CP-1').map(amps => Math.round(amps)),
  )
  await yard.close()
})

t.test('A7: cars that go from one to three phases never put an unmetered feeder over', async t => {
  const yard = await feeder({ metered: false, phases: 1 })
  t.same(yard.connectorView('CP-1').phases, [true, true, true], 'a phase nothing else watches is never freed')
  for (const station of yard.stations.values()) station.connectors[0]?.switchPhases(3)
  await yard.world.runFor(2 * MINUTE)
  t.equal(yard.overMs('main'), 0, `63 A carried ${yard.watches.get('main')?.worstA} A`)
  await yard.close()
})

t.test('rule 16, A7: under a meter phases are freed, and booked again after a switch either way', async t => {
  const yard = await feeder({ metered: true, phases: 1 })
  t.ok(offeredA(yard) > 63, `one-phase cars use all three phases: ${yard.offersA().join(' ')} A`)
  t.same(yard.connectorView('CP-1').phases, [true, false, false])
  for (const station of yard.stations.values()) station.connectors[0]?.switchPhases(3)
  await yard.world.runFor(MINUTE)
  t.ok(yard.overMs('main') <= ALIVE_MS, `over for ${yard.overMs('main')} ms`)
  t.same(yard.connectorView('CP-1').phases, [true, true, true])
  for (const station of yard.stations.values()) station.connectors[0]?.switchPhases(1)
  await yard.world.runFor(20 * SECOND)
  t.same(yard.connectorView('CP-1').phases, [true, true, true], 'not freed before 30 s of samples')
  await yard.world.runFor(20 * SECOND)
  t.same(yard.connectorView('CP-1').phases, [true, false, false])
  await yard.close()
})

/** One station under a metered fuse, charging. */
async function one(): Promise<Yard> {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 40, marginA: 1, worstCaseOtherLoadA: 20, metered: true }],
    stations: [{ id: 'CP-1', circuit: 'main' }],
  })
  await yard.open()
  yard.plugIn('CP-1')
  await yard.world.runFor(3 * MINUTE)
  return yard
}

t.test('A19: a Stop with an unknown id ends no booking and goes up as it is', async t => {
  const yard = await one()
  const { transaction, bookedA } = yard.connectorView('CP-1')
  t.ok(bookedA >= 16, `${bookedA} A booked`)
  for (const transactionId of [4711, -1, 0]) {
    const stop = { transactionId, meterStop: 5, timestamp: '2026-01-14T00:05:00Z' }
    yard.sendAs('CP-1', 'StopTransaction', stop)
    await yard.world.runFor(20 * SECOND)
    t.same(
      yard.connectorView('CP-1').transaction?.id,
      transaction?.id,
      `${transactionId}: the session runs on`,
    )
    t.ok(yard.connectorView('CP-1').bookedA >= 16, `${yard.connectorView('CP-1').bookedA} A booked`)
    const seen = yard.csms.calls({ stationId: 'CP-1', action: 'StopTransaction' }).at(-1)
    t.match(seen?.payload, { transactionId }, 'the CSMS sees what the station said')
  }
  await yard.close()
})

t.test('A21: no value a station may send ends the process or lets more flow', async t => {
  const yard = await one()
  const times = ['+275760-09-13T00:00:00.000Z', '-271821-04-20T00:00:00.000Z', '9999-12-31T23:59:59Z', 'x']
  const numbers = ['1e308', '-1e308', '1e9', '-5', 'NaN', 'Infinity', '']
  for (const timestamp of times) {
    const at = { connectorId: 1, timestamp }
    yard.sendAs('CP-1', 'StatusNotification', { ...at, status: 'Charging', errorCode: 'NoError' })
    for (const value of numbers) {
      const sampledValue = [
        'Current.Import',
        'Power.Active.Import',
        'Energy.Active.Import.Register',
        'Voltage',
      ].map(measurand => ({ value, measurand }))
      yard.sendAs('CP-1', 'MeterValues', { connectorId: 1, meterValue: [{ timestamp, sampledValue }] })
      yard.sendAs('CP-1', 'MeterValues', {
        connectorId: 9e15,
        transactionId: 9e15,
        meterValue: [{ timestamp, sampledValue }],
      })
    }
    yard.sendAs('CP-1', 'StartTransaction', { ...at, idTag: 'TAG', meterStart: -1e308 })
    await yard.world.runFor(15 * SECOND)
  }
  await yard.world.runFor(MINUTE)
  t.match(yard.view().siteId, 'yard', 'it still decides')
  yard.kill()
  await yard.world.runFor(20 * SECOND)
  await yard.startGateway()
  await yard.world.runFor(2 * MINUTE)
  t.match(yard.view().siteId, 'yard', 'and again after a restart from what was kept')
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test('A17: a register that jumps, goes back or has no unit is 11,000 A nowhere', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 0 }],
    stations: [{ id: 'CP-1', circuit: 'main' }],
    mqtt: true,
  })
  await yard.open()
  yard.plugIn('CP-1')
  await yard.world.runFor(3 * MINUTE)
  const transactionId = yard.connectorView('CP-1').transaction?.id
  t.equal(yard.connectorView('CP-1').transaction?.energyDoubt, undefined, 'nothing is wrong before')
  const wild = [
    { value: '1000000' },
    { value: '0' },
    { value: '1.234' },
    { value: '999999.9', unit: 'kWh' },
    { value: '11000', measurand: 'Current.Import' },
    { value: '11', measurand: 'Power.Active.Import' },
    { value: '900000', measurand: 'Power.Active.Import', unit: 'W' },
  ]
  const shown: string[] = []
  for (const [index, value] of [...wild, ...wild.toReversed()].entries()) {
    const timestamp = new Date(yard.world.ports.clock.wallMs()).toISOString()
    const meterValue = [{ timestamp, sampledValue: [value] }]
    yard.sendAs('CP-1', 'MeterValues', { connectorId: 1, transactionId, meterValue })
    await yard.world.runFor((4 + (index % 3) * 8) * SECOND)
    const { measuredA = [0, 0, 0], transaction } = yard.connectorView('CP-1')
    t.ok(Math.max(...measuredA) < 40, `${JSON.stringify(value)}: ${measuredA} A`)
    t.ok((transaction?.energyWh ?? 0) < 6_000, `${transaction?.energyWh} Wh`)
    const told = [...yard.world.broker.retained('busbar/yard/#')].filter(
      ([topic]) => !topic.includes('/schema/'),
    )
    shown.push(JSON.stringify(told))
    shown.push(await (await yard.ask('/metrics')).text())
    shown.push(await (await yard.ask('/api/v1/history?circuit=main&seconds=600')).text())
  }
  t.match(yard.connectorView('CP-1').transaction?.energyDoubt, /went back|jumped/, 'and it is told')
  t.notMatch(shown.join(), /11000|999999|900000\b|47826|\b1000000\b/)
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test(
  'A17: a register that goes on in kWh without saying so tells no draw, and the car keeps its offer',
  async t => {
    const yard = new Yard({
      circuits: [{ id: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 0 }],
      stations: [{ id: 'CP-1', circuit: 'main' }],
    })
    await yard.open()
    // it has a life behind it, and gives whole numbers of its register alone
    let scale = 1
    yard.retold.set('CP-1', (value, measurand) =>
      measurand === 'Energy.Active.Import.Register' ? Math.floor((value + 5_000_000) / scale) : Number.NaN,
    )
    yard.plugIn('CP-1')
    await yard.world.runFor(3 * MINUTE)
    t.ok(yard.flowA('CP-1')[0] > 25, `${yard.flowA('CP-1')} A flow`)
    scale = 1000
    await yard.world.runFor(10 * MINUTE)
    const { measuredA, transaction } = yard.connectorView('CP-1')
    t.equal(transaction?.energyDoubt, 'went back')
    t.equal(measuredA, undefined, 'unknown, neither 0 nor what it was')
    t.ok(yard.flowA('CP-1')[0] > 25, `${yard.flowA('CP-1')} A still flow`)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test('A14: fail-safe and idle in watts are one-phase sums, whatever car charges', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 40, marginA: 1, worstCaseOtherLoadA: 20, metered: true }],
    stations: [{ id: 'CP-1', circuit: 'main', takesWattsOnly: true, failSafeCurrentA: 7 }],
  })
  await yard.open()
  yard.plugIn('CP-1')
  await yard.world.runFor(6 * MINUTE)
  t.ok(Math.min(...yard.flowA('CP-1')) >= 12, `three phases at ${yard.flowA('CP-1').join(' ')} A`)
  // Nothing is known of it any more: all is laid again, while three phases are in use.
  yard.kill()
  const disk = yard.world.disk()
  disk.burn([...disk.durableEntries().keys()].map(key => ({ kind: 'delete', key })))
  await yard.startGateway()
  await yard.world.runFor(2 * MINUTE)
  const written = yard.writesSince(0).map(({ payload }) => payload.csChargingProfiles)
  const inWatts = written.filter(({ chargingSchedule }) => chargingSchedule.chargingRateUnit === 'W')
  const byDefault = inWatts.filter(profile => profile.chargingProfilePurpose === 'TxDefaultProfile')
  t.ok(byDefault.length >= 4, `${byDefault.length} written, some of them while three phases are in use`)
  for (const { chargingSchedule } of byDefault)
    for (const { limit, numberPhases } of chargingSchedule.chargingSchedulePeriod)
      t.ok(limit <= 7 * 230 && numberPhases === 1, `${limit} W for ${numberPhases} phase`)
  const live = inWatts.filter(profile => profile.chargingProfilePurpose === 'TxProfile').at(-1)
  t.ok(
    live?.chargingSchedule.chargingSchedulePeriod[0].limit >= 3 * 12 * 200,
    'the car that charges has its phases',
  )
  t.equal(yard.overMs('main'), 0)
  // The next car takes all of it on one phase, and nobody is there to give it less.
  yard.station('CP-1').connectors[0]?.unplug()
  await yard.world.runFor(MINUTE)
  yard.kill()
  await yard.world.runFor(MINUTE)
  yard.station('CP-1').configuration.write('AllowOfflineTxForUnknownId', 'true')
  yard.plugIn('CP-1', { phases: 1 })
  let mostA = 0
  yard.onLook = () => {
    mostA = Math.max(mostA, ...yard.flowA('CP-1'))
  }
  await yard.world.runFor(30 * MINUTE)
  t.ok(mostA >= 6 && mostA <= 7, `a one-phase car: ${mostA} A of a proven 7 A`)
  await yard.close()
})

t.test('A15: a read-back that says no limit verifies nothing', async t => {
  const schedule = (periods: unknown) => ({
    status: 'Accepted',
    connectorId: 1,
    scheduleStart: '2026-01-14T00:00:00Z',
    chargingSchedule: { duration: 60, chargingRateUnit: 'A', chargingSchedulePeriod: periods },
  })
  const answers = [schedule([{ startPeriod: 0, limit: -1 }]), { status: 'Accepted' }, schedule([])]
  for (const answer of [undefined, ...answers]) {
    const yard = new Yard({
      circuits: [{ id: 'main', ratedCurrentA: 40, marginA: 1, worstCaseOtherLoadA: 20, metered: true }],
      stations: [{ id: 'CP-1', circuit: 'main' }],
    })
    yard.compositeAnswer = answer
    await yard.open()
    const title = answer === undefined ? 'its own answer' : JSON.stringify(answer)
    t.equal(yard.connectorView('CP-1').bookedA, answer === undefined ? 0 : 32, title)
    await yard.close()
  }
  for (const odd of ['error', 'none'] as const) {
    const yard = new Yard({
      circuits: [{ id: 'main', ratedCurrentA: 40, marginA: 1, worstCaseOtherLoadA: 20, metered: true }],
      stations: [{ id: 'CP-1', circuit: 'main' }],
    })
    yard.oddComposites.set('CP-1', odd)
    await yard.open()
    t.equal(yard.connectorView('CP-1').bookedA, 32, odd)
    await yard.close()
  }
})

t.test('A16: watts of the CSMS for one phase hold on all phases that the car may use', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 63, marginA: 1, worstCaseOtherLoadA: 20, metered: true }],
    stations: [{ id: 'CP-1', circuit: 'main', device: 'weg-wemob' }],
  })
  await yard.open()
  const period = { startPeriod: 0, limit: 4_600, numberPhases: 1 }
  const set = yard.csms.call('CP-1', 'SetChargingProfile', {
    connectorId: 1,
    csChargingProfiles: {
      chargingProfileId: 7,
      stackLevel: 1,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: {
        startSchedule: '2026-01-14T00:00:00Z',
        chargingRateUnit: 'W',
        chargingSchedulePeriod: [period],
      },
    },
  })
  t.match(await yard.world.until(set), { payload: { status: 'Accepted' } })
  yard.plugIn('CP-1')
  let mostW = 0
  yard.onLook = () => {
    mostW = Math.max(
      mostW,
      yard.flowA('CP-1').reduce((sum, amps) => sum + amps * 230, 0),
    )
  }
  await yard.world.runFor(5 * MINUTE)
  t.ok(mostW > 4_000 && mostW <= 4_600, `${mostW} W for 4600 W`)
  await yard.close()
})
