/**
 * What the booking must assume, through the whole gateway: draws nobody offered, profiles that are gone, leases that have
 * ended, clocks that jump, stations and connectors that nobody configured (control rules 6, 7, 9-12). Over = really above
 * the rating.
 */
import t, { type Test } from 'tap'
import type { StationEvent } from '../../src/core/events.js'
import { SmartChargingContract } from '../../src/core/schedule/contract.js'
import { MINUTE, SECOND, Yard, type YardCircuit, type YardStation } from './fixtures/yard.js'

/** A jump of other load, or a draw nobody offered: poll + 1.5 s + station + car (control rules, "The promise"). */
const ALIVE_MS = 13_700

const unmetered = (ratedCurrentA: number): YardCircuit => ({
  id: 'main',
  ratedCurrentA,
  marginA: 1,
  worstCaseOtherLoadA: 0,
})
const metered = (ratedCurrentA: number, worstCaseOtherLoadA = 10): YardCircuit => ({
  ...unmetered(ratedCurrentA),
  worstCaseOtherLoadA,
  metered: true,
})
const station = (id: string, more: Partial<YardStation> = {}): YardStation => ({
  id,
  circuit: 'main',
  ...more,
})

/** Opened, and cars at the first `cars` stations for four minutes. */
async function open(circuit: YardCircuit, stations: readonly YardStation[], cars: number): Promise<Yard> {
  const yard = new Yard({ circuits: [circuit], stations })
  await yard.open()
  for (const { id } of stations.slice(0, cars)) yard.plugIn(id)
  await yard.world.runFor(4 * MINUTE)
  return yard
}

/** A draw of 32 A per phase that no transaction explains: it flows, and the station says so every 10 s. */
function drawFreely(yard: Yard, id: string, connectorId: number): void {
  let nextMs = 0
  yard.baseA.set('main', [32, 32, 32])
  yard.onLook = () => {
    if (yard.nowMs < nextMs) return
    nextMs = yard.nowMs + 10 * SECOND
    const sampledValue = ['L1', 'L2', 'L3'].map(phase => ({
      value: '32',
      measurand: 'Current.Import',
      phase,
      unit: 'A',
    }))
    const timestamp = new Date(yard.station(id).wallMs()).toISOString()
    yard.sendAs(id, 'MeterValues', { connectorId, meterValue: [{ timestamp, sampledValue }] })
  }
}

/** A sample of what really flows, in the name of a station that reports less often. */
function reportAmps(yard: Yard, id: string): void {
  const [connector] = yard.station(id).connectors
  const sampledValue = (['L1', 'L2', 'L3'] as const).map((phase, at) => ({
    value: String(yard.flowA(id)[at]),
    measurand: 'Current.Import',
    phase,
    unit: 'A',
  }))
  const timestamp = new Date(yard.station(id).wallMs()).toISOString()
  const transactionId = connector?.transaction()?.id
  yard.sendAs(id, 'MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp, sampledValue }] })
}

/** The station loses its supply and boots; heard since it was written to, so that what is found there tells of the reboot. */
async function reboot(yard: Yard, id: string, keepsProfiles: boolean): Promise<void> {
  const status = { connectorId: 1, status: 'Available', errorCode: 'NoError' }
  // Not in the second of a refresh.
  await yard.world.runFor(10 * SECOND)
  yard.sendAs(id, 'StatusNotification', status)
  await yard.world.runFor(SECOND)
  yard.station(id).powerOff()
  if (!keepsProfiles) yard.station(id).profiles.clear({})
  yard.station(id).powerOn()
  await yard.world.runFor(2 * MINUTE)
}

/** Where nothing is over, or not for longer than the promise allows. */
function within(t: Test, yard: Yard, mostMs: number): void {
  const { worstA } = yard.watches.get('main') ?? { worstA: 0 }
  t.ok(yard.overMs('main') <= mostMs, `over for ${yard.overMs('main')} ms, at most ${mostMs}: ${worstA} A`)
}

t.test('A2: 32 A drawn without a transaction are booked at once, and the others give way (ST16)', async t => {
  const yard = await open(unmetered(46), [station('CP-1'), station('CP-2')], 0)
  yard.plugIn('CP-2')
  await yard.world.runFor(4 * MINUTE)
  t.ok(Math.max(...yard.flowA('CP-2')) >= 24, `CP-2 draws ${yard.flowA('CP-2').join(' ')} A`)
  drawFreely(yard, 'CP-1', 1)
  await yard.world.runFor(2 * SECOND)
  t.equal(yard.connectorView('CP-1').bookedA, 32)
  t.ok(yard.alarms().includes('station-disobeys CP-1'), yard.alarms().join(', '))
  await yard.world.runFor(2 * MINUTE)
  within(t, yard, ALIVE_MS)
  t.ok(Math.max(...yard.flowA('CP-2')) <= 13, `CP-2 draws ${yard.flowA('CP-2').join(' ')} A`)
  await yard.close()
})

t.test(
  'rule 4: an offer is written again at 60 % of its lease, one write each time, and counted',
  async t => {
    const yard = await open(unmetered(80), [station('CP-1')], 1)
    await yard.world.runFor(10 * MINUTE)
    const live = yard.writesSince(yard.nowMs - 10 * MINUTE).filter(({ payload }) => {
      return payload.csChargingProfiles.chargingProfilePurpose === 'TxProfile'
    })
    const apartS = live.slice(1).map(({ atMs }, at) => Math.round((atMs - (live[at]?.atMs ?? 0)) / 1000))
    t.ok(apartS.length >= 2)
    for (const s of apartS) t.ok(s >= 180 && s <= 181, `${s} s of a lease of 300 s`)
    const written = yard.writesSince(0).length
    t.equal(yard.view().stations[0]?.profileWrites, written, `${written} writes, as the page says`)
    await yard.close()
  },
)

/** Two samples of a minute apart, and the others pay: as `check` says of a station that does not obey. */
const UNSEEN_MS = 150 * SECOND

t.test(
  'rule 9: power alone that does not go down is no proof of a lower: a one-phase car that ignores it is paid by others',
  async t => {
    const wemob = (id: string) => station(id, { device: 'weg-wemob' })
    const yard = new Yard({ circuits: [unmetered(46)], stations: [wemob('CP-1'), wemob('CP-2')] })
    await yard.open()
    yard.plugIn('CP-1', { phases: 1 })
    await yard.world.runFor(6 * MINUTE)
    t.ok(yard.flowA('CP-1')[0] >= 30, `CP-1 draws ${yard.flowA('CP-1').join(' ')} A`)
    yard.ignoring.add('CP-1')
    yard.forgetProfiles('CP-1')
    yard.plugIn('CP-2')
    await yard.world.runFor(10 * MINUTE)
    t.equal(yard.flowA('CP-1')[0], 32, 'it goes on')
    t.ok(yard.connectorView('CP-1').bookedA >= 32, `${yard.connectorView('CP-1').bookedA} A booked`)
    t.ok(Math.max(...yard.flowA('CP-2')) <= 14, `CP-2 draws ${yard.flowA('CP-2').join(' ')} A`)
    t.ok(yard.alarms().includes('station-disobeys CP-1'), yard.alarms().join(', '))
    within(t, yard, UNSEEN_MS)
    await yard.close()
  },
)

t.test(
  'rule 9: an obedient car on three phases with a limit of its own is asked once, and then believed',
  async t => {
    const wemob = (id: string) => station(id, { device: 'weg-wemob' })
    const yard = new Yard({ circuits: [unmetered(46)], stations: [wemob('CP-1'), wemob('CP-2')] })
    await yard.open()
    yard.plugIn('CP-1', { maxA: 16 })
    await yard.world.runFor(6 * MINUTE)
    yard.plugIn('CP-2')
    await yard.world.runFor(20 * MINUTE)
    t.ok(yard.flowA('CP-1')[0] >= 15, `CP-1 draws ${yard.flowA('CP-1').join(' ')} A`)
    t.ok(yard.flowA('CP-2')[0] >= 21, `CP-2 draws ${yard.flowA('CP-2').join(' ')} A`)
    t.notOk(yard.alarms().includes('station-disobeys CP-1'), yard.alarms().join(', '))
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test('A4: a station that may have lost its profiles while away is booked at its most', async t => {
  const yard = await open(unmetered(46), [station('CP-1'), station('CP-2')], 2)
  yard.station('CP-1').setReachable(false)
  yard.forgetProfiles('CP-1')
  await yard.world.runFor(30 * SECOND)
  t.equal(yard.connectorView('CP-1').bookedA, 32, `it draws ${yard.flowA('CP-1').join(' ')} A`)
  await yard.world.runFor(10 * MINUTE)
  t.equal(yard.flowA('CP-1')[0], 32)
  within(t, yard, ALIVE_MS)
  await yard.close()
})

t.test('A4: a fail-safe that a reboot took away is an alarm, one that it kept is not', async t => {
  const yard = await open(unmetered(46), [station('CP-1'), station('CP-2')], 0)
  await reboot(yard, 'CP-1', false)
  await reboot(yard, 'CP-2', true)
  t.equal(yard.connectorView('CP-1').survivedReboot, 'no')
  t.equal(yard.connectorView('CP-2').survivedReboot, 'yes')
  t.same(
    yard.alarms().filter(alarm => alarm.startsWith('fail-safe-lost')),
    ['fail-safe-lost CP-1'],
  )
  for (const id of ['CP-1', 'CP-2']) yard.station(id).setReachable(false)
  await yard.world.runFor(MINUTE)
  t.equal(yard.connectorView('CP-1').bookedA, 32)
  t.equal(yard.connectorView('CP-2').bookedA, 6)
  await yard.close()
})

// Lease over: no offer any more. Lease running: an offer, for which there may be no room now.
for (const awayMs of [8 * MINUTE, 10 * SECOND])
  t.test(
    `A6: ${awayMs / SECOND} s after a kill nothing above the fail-safe is written before there is room`,
    async t => {
      const stations = [station('CP-1'), station('CP-2'), station('CP-3')]
      const yard = await open(metered(63, 40), stations, 3)
      for (const { id } of stations) t.ok(yard.pilotA(id) >= 16, `${id}: ${yard.pilotA(id)} A before`)
      yard.kill()
      await yard.world.runFor(awayMs)
      yard.baseA.set('main', [38, 38, 38])
      yard.resetWatches()
      const startedMs = yard.nowMs
      await yard.startGateway()
      await yard.world.runFor(3 * MINUTE)
      // What is in force at the start is Busbar lost, until it has connected, been read back and lowered.
      within(t, yard, awayMs > MINUTE ? 0 : 40 * SECOND)
      const live = yard
        .writesSince(startedMs)
        .filter(({ payload }) => payload.csChargingProfiles.chargingProfilePurpose === 'TxProfile')
      const firstOf = new Map(live.toReversed().map(write => [write.stationId, write]))
      t.equal(firstOf.size, 3, 'every running session is written')
      for (const { stationId, payload } of firstOf.values()) {
        const [period] = payload.csChargingProfiles.chargingSchedule.chargingSchedulePeriod
        t.ok(period.limit <= 6, `${stationId}: ${period.limit} A first`)
      }
      await yard.close()
    },
  )

for (const jumpMs of [10 * MINUTE, -10 * MINUTE, -60 * MINUTE]) {
  t.test(`A8: Busbar's clock jumps by ${jumpMs / MINUTE} min, and no car rises unbooked`, async t => {
    const stations = [station('CP-1'), station('CP-2'), station('CP-3')]
    const yard = await open(unmetered(19), stations, 3)
    let unbooked = ''
    yard.onLook = () => {
      for (const { id } of stations) {
        const { bookedA } = yard.connectorView(id)
        const flowA = Math.max(...yard.flowA(id))
        if (flowA > bookedA + 0.1) unbooked = `${id} draws ${flowA} A, booked ${bookedA} A`
      }
    }
    yard.world.jumpWall(jumpMs)
    await yard.world.runFor(10 * SECOND)
    t.ok(yard.alarms().includes('clock-jumped'), yard.alarms().join(', '))
    await yard.world.runFor(25 * MINUTE)
    t.equal(unbooked, '')
    within(t, yard, 0)
    t.notOk(yard.alarms().includes('clock-jumped'), 'the new time has been taken over')
    for (const { id } of stations) {
      const aheadMs = yard.station(id).wallMs() - yard.world.ports.clock.wallMs()
      t.ok(Math.abs(aheadMs) < 5 * SECOND, `${id} is ${aheadMs} ms off`)
    }
    t.ok(Math.max(...yard.offersA()) >= 6, `and cars charge: ${yard.offersA().join(' ')} A`)
    await yard.close()
  })
}

t.test('A9: a station taken out of the configuration stays booked and shown until isolated', async t => {
  const yard = await open(unmetered(46), [station('CP-1'), station('CP-2')], 2)
  t.ok(Math.max(...yard.flowA('CP-1')) >= 16, `CP-1 draws ${yard.flowA('CP-1').join(' ')} A`)
  yard.kill()
  yard.unconfigured.add('CP-1')
  await yard.startGateway()
  await yard.world.runFor(20 * MINUTE)
  within(t, yard, 0)
  t.match(yard.view().retiredStations, [
    { id: 'CP-1', connectorIds: [1], circuitIds: ['main'], bookedA: [32, 32, 32] },
  ])
  t.ok(yard.alarms().includes('station-retired CP-1'), yard.alarms().join(', '))
  const [offerA] = yard.offersA()
  t.ok((offerA ?? 0) <= 13, `CP-2 is offered ${offerA} A`)
  yard.kill()
  await yard.startGateway()
  await yard.world.runFor(MINUTE)
  t.equal(yard.view().retiredStations.length, 1, 'after another restart too')
  yard.station('CP-1').powerOff()
  t.same(await yard.post('stations/CP-1/isolation', { isolated: true }), {
    status: 200,
    body: { isolated: true },
  })
  await yard.world.runFor(6 * MINUTE)
  t.same(yard.view().retiredStations, [])
  t.equal(yard.offersA()[0], 32, 'the other has its amps')
  t.equal(
    (await yard.post('stations/CP-1/isolation', { isolated: true })).status,
    409,
    'nothing left to free',
  )
  yard.kill()
  await yard.startGateway()
  await yard.world.runFor(MINUTE)
  t.same(yard.view().retiredStations, [], 'and it stays forgotten')
  await yard.close()
})

t.test(
  'A17: the isolation of a retired station outlives a kill 0.1 s later, not its next namesake',
  async t => {
    const yard = await open(unmetered(46), [station('CP-1'), station('CP-2')], 2)
    yard.unconfigured.add('CP-1')
    yard.kill()
    yard.station('CP-1').powerOff()
    await yard.startGateway()
    t.match(yard.view().retiredStations, [{ id: 'CP-1' }])
    t.equal((await yard.post('stations/CP-1/isolation', { isolated: true })).status, 200)
    await yard.world.runFor(100)
    yard.kill()
    await yard.startGateway()
    t.same(yard.view().retiredStations, [], 'what an operator has said still holds')
    await yard.world.runFor(MINUTE)
    yard.kill()
    yard.unconfigured.delete('CP-1')
    await yard.startGateway()
    await yard.world.runFor(SECOND)
    t.match(yard.view().stations[0], { isolated: false }, 'configured again, it is not taken for cut off')
    await yard.close()
  },
)

t.test(
  'A11: a paused car that its last period lets on finds others gone, by a clock 9 s ahead too',
  async t => {
    const yard = new Yard({ circuits: [unmetered(33)], stations: [station('CP-1'), station('CP-2')] })
    await yard.open()
    yard.plugIn('CP-1', { reactionMs: 10_000 })
    yard.plugIn('CP-2', { reactionMs: 250 })
    await yard.world.runFor(4 * MINUTE)
    const pause = { id: 'door', station: 'CP-2', enabled: false, durationS: 7_200 }
    t.match(await yard.post('pauses', pause), { status: 200 })
    await yard.world.runFor(3 * MINUTE)
    t.same([yard.flowA('CP-1')[0], yard.flowA('CP-2')[0]], [32, 0], 'it has left its share to the other')
    const writtenMs = (purpose: string): number =>
      yard.writesSince(0).findLast(({ stationId, payload }) => {
        const { chargingProfilePurpose } = payload.csChargingProfiles
        return stationId === 'CP-2' && chargingProfilePurpose === purpose
      })?.atMs ?? 0
    // From when on it is its TxProfile that ends first.
    for (let s = 0; s < 1_200 && writtenMs('TxDefaultProfile') < writtenMs('TxProfile'); s++)
      await yard.world.runFor(SECOND)
    await yard.world.runFor(12 * SECOND)
    // Nothing reaches it any more; it stays connected, and its messages do not tell of its clock.
    yard.lateMs.set('CP-2', 7_200 * SECOND)
    yard.shownAheadMs.set('CP-2', -9 * SECOND)
    let nextMs = 0
    yard.onLook = () => {
      yard.station('CP-2').setClockOffset(9 * SECOND)
      if (yard.nowMs < nextMs) return
      nextMs = yard.nowMs + 10 * SECOND
      reportAmps(yard, 'CP-2')
    }
    for (let s = 0; s < 2_400 && yard.flowA('CP-2')[0] === 0; s++) await yard.world.runFor(SECOND)
    t.equal(yard.flowA('CP-2')[0], 6, 'its last period is its fail-safe')
    await yard.world.runFor(MINUTE)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test('A11: a last period in force is paid for until the pause that ends it has had its time', async t => {
  const yard = new Yard({
    circuits: [unmetered(33)],
    stations: [station('CP-1'), station('CP-2', { device: 'weg-wemob' })],
  })
  await yard.open()
  yard.plugIn('CP-1', { reactionMs: 250 })
  yard.plugIn('CP-2', { reactionMs: 10_000 })
  await yard.world.runFor(4 * MINUTE)
  const pause = { id: 'door', station: 'CP-2', enabled: false, durationS: 7_200 }
  t.match(await yard.post('pauses', pause), { status: 200 })
  await yard.world.runFor(3 * MINUTE)
  t.equal(yard.flowA('CP-2')[0], 0)
  yard.lateMs.set('CP-2', 7_200 * SECOND)
  for (let s = 0; s < 2_400 && yard.flowA('CP-2')[0] === 0; s++) await yard.world.runFor(SECOND)
  await yard.world.runFor(MINUTE)
  t.same([yard.flowA('CP-1')[0], yard.flowA('CP-2')[0]], [26, 6], 'its last period is its fail-safe')
  yard.lateMs.delete('CP-2')
  let leastA = 32
  for (let s = 0; s < 180; s++) {
    await yard.world.runFor(SECOND)
    leastA = Math.min(leastA, yard.flowA('CP-1')[0])
  }
  t.equal(leastA, 26, 'it is no disobedience to draw what the last period allows')
  t.same(
    [yard.flowA('CP-1')[0], yard.flowA('CP-2')[0]],
    [32, 0],
    'it is paused again, and the other has its share',
  )
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test('A12: others pay 11 s after an acceptance that nothing confirms', async t => {
  const yard = await open(metered(63, 28), [station('CP-1'), station('CP-2')], 2)
  yard.ignoring.add('CP-1')
  const keptA = yard.flowA('CP-1')[0]
  t.ok(keptA >= 16, `CP-1 draws ${keptA} A`)
  yard.baseA.set('main', [22, 22, 22])
  const acceptedMs: number[] = []
  const loweredMs: number[] = []
  let offeredA = yard.pilotA('CP-2')
  const offers = () => yard.view().stations.map(({ connectors }) => connectors[0]?.allocationA ?? 0)
  let before = offers()
  yard.onLook = () => {
    const after = offers()
    if ((after[0] ?? 0) < (before[0] ?? 0)) acceptedMs.push(yard.nowMs)
    if ((after[1] ?? 0) < offeredA) loweredMs.push(yard.nowMs)
    offeredA = after[1] ?? 0
    before = after
  }
  await yard.world.runFor(90 * SECOND)
  t.ok(yard.flowA('CP-1')[0] >= keptA, `CP-1 goes on at ${yard.flowA('CP-1')[0]} A`)
  // A decision every half second, and 0.25 s of this yard's own.
  within(t, yard, ALIVE_MS + 11 * SECOND + 750)
  const [firstMs = 0] = acceptedMs
  const paid = loweredMs.map(atMs => atMs - firstMs).filter(afterMs => afterMs >= 10 * SECOND)
  t.ok((paid[0] ?? Number.POSITIVE_INFINITY) <= 13 * SECOND, `CP-2 pays ${paid[0]} ms after the acceptance`)
  await yard.close()
})

const foreign = (limit: number) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 4711,
    stackLevel: 25,
    chargingProfilePurpose: 'TxDefaultProfile' as const,
    chargingProfileKind: 'Relative' as const,
    chargingSchedule: {
      chargingRateUnit: 'A' as const,
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  },
})

for (const how of ['restart', 'restart, of a station that tells no levels,', 'cut of the line'] as const)
  t.test(
    `A13: what a TxProfile hides at level 25 is booked after a ${how} and the session until swept`,
    async t => {
      const hidesStackLevel = how.includes('no levels')
      const first = station('CP-1', { realMaxStackLevel: 30, hidesStackLevel })
      const yard = await open(unmetered(46), [first, station('CP-2')], 2)
      const { profiles } = yard.station('CP-1')
      const context = { nowMs: yard.station('CP-1').wallMs(), connectorCount: 1, transaction: undefined }
      t.equal(profiles.set(foreign(32), context), 'Accepted')
      // Laid again, and read back under the TxProfile only.
      if (how.startsWith('restart')) {
        yard.kill()
        await yard.startGateway()
      } else yard.station('CP-1').cutLine()
      await yard.world.runFor(2 * MINUTE)
      let unbooked = ''
      yard.onLook = () => {
        const { bookedA } = yard.connectorView('CP-1')
        const flowA = Math.max(...yard.flowA('CP-1'))
        if (flowA > bookedA + 0.1) unbooked = `draws ${flowA} A, booked ${bookedA} A`
      }
      yard.station('CP-1').connectors[0]?.unplug()
      await yard.world.runFor(SECOND)
      t.equal(yard.connectorView('CP-1').bookedA, 32, 'nobody has seen what lies below')
      await yard.world.runFor(2 * MINUTE)
      t.notOk(
        profiles.installed().some(({ profile }) => profile.stackLevel === 25),
        'it was found and swept',
      )
      t.ok(yard.connectorView('CP-1').bookedA <= 6, `${yard.connectorView('CP-1').bookedA} A booked`)
      yard.plugIn('CP-1')
      await yard.world.runFor(3 * MINUTE)
      t.equal(unbooked, '')
      within(t, yard, 0)
      await yard.close()
    },
  )

t.test('A18: a station whose messages are ahead of its schedules is never above its booking', async t => {
  const yard = await open(unmetered(46), [station('CP-1'), station('CP-2')], 0)
  // A reboot shows that it keeps its fail-safe: away it is not booked at its most.
  await reboot(yard, 'CP-1', true)
  t.equal(yard.connectorView('CP-1').survivedReboot, 'yes')
  yard.shownAheadMs.set('CP-1', 4 * MINUTE)
  for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
  let unbooked = ''
  yard.onLook = () => {
    const { bookedA } = yard.connectorView('CP-1')
    const flowA = Math.max(...yard.flowA('CP-1'))
    if (flowA > bookedA + 0.1) unbooked = `draws ${flowA} A, booked ${bookedA} A at ${yard.nowMs} ms`
  }
  await yard.world.runFor(5 * MINUTE)
  t.ok(yard.alarms().includes('station-clock CP-1'), yard.alarms().join(', '))
  yard.station('CP-1').setReachable(false)
  await yard.world.runFor(10 * MINUTE)
  t.equal(unbooked, '')
  within(t, yard, 0)
  await yard.close()
})

t.test('rule 6: a clock that jumps where no session tells the time is booked for within 80 s', async t => {
  const stations = ['CP-1', 'CP-2', 'CP-3'].map(id => station(id, { device: 'weg-wemob' }))
  const yard = await open(unmetered(46), stations, 1)
  const bookedA = (id: string): number => yard.connectorView(id).bookedA
  const limitA = (id: string): number => {
    const { profiles } = yard.station(id)
    return profiles.transactionLimit(1, yard.station(id).wallMs(), 0)?.limit ?? 32
  }
  t.strictSame([bookedA('CP-2'), bookedA('CP-3')], [0, 0], 'read back: 0 A for whoever comes next')
  // Beyond the end of its idle profile, and before its beginning: the fail-safe is in force in both.
  yard.station('CP-2').setClockOffset(20 * MINUTE)
  yard.station('CP-3').setClockOffset(-60 * MINUTE)
  let unbookedMs = 0
  const worst = new Set<number>()
  yard.onLook = () => {
    for (const id of ['CP-2', 'CP-3']) {
      worst.add(bookedA(id))
      if (limitA(id) > bookedA(id)) unbookedMs = yard.nowMs - jumpedMs
    }
  }
  const jumpedMs = yard.nowMs
  await yard.world.runFor(3 * MINUTE)
  t.ok(unbookedMs > 0 && unbookedMs <= 80 * SECOND, `6 A in force and not booked until ${unbookedMs} ms`)
  t.ok(worst.has(6), 'booked at the fail-safe meanwhile')
  t.strictSame([bookedA('CP-2'), bookedA('CP-3')], [0, 0], 'asked for the time, and laid by the new one')
  t.strictSame([limitA('CP-2'), limitA('CP-3')], [0, 0])
  within(t, yard, 0)
  await yard.close()
})

t.test(
  'rule 7: what a station lost below a running session while it was away is laid anew when it is back',
  async t => {
    const stations = ['CP-1', 'CP-2'].map(id => station(id, { device: 'weg-wemob' }))
    const yard = await open(unmetered(40), stations, 2)
    const { profiles } = yard.station('CP-1')
    yard.station('CP-1').setReachable(false)
    await yard.world.runFor(10 * SECOND)
    profiles.clear({})
    yard.station('CP-1').setReachable(true)
    await yard.world.runFor(2 * MINUTE)
    const purposes = profiles.installed().map(({ profile }) => profile.chargingProfilePurpose)
    t.ok(purposes.includes('TxDefaultProfile'), 'its fail-safe, which no question shows below the TxProfile')
    t.ok(purposes.includes('TxProfile'))
    // Its session's profile has not begun by its clock now.
    yard.resetWatches()
    yard.station('CP-1').setClockOffset(-60 * MINUTE)
    await yard.world.runFor(MINUTE)
    within(t, yard, 0)
    await yard.close()
  },
)

t.test('A20: a connector nobody configured is booked and named as soon as it is used', async t => {
  const yard = await open(unmetered(46), [station('CP-1', { realConnectors: 2 }), station('CP-2')], 0)
  yard.plugIn('CP-2')
  await yard.world.runFor(4 * MINUTE)
  yard.sendAs('CP-1', 'StatusNotification', { connectorId: 2, status: 'Charging', errorCode: 'NoError' })
  drawFreely(yard, 'CP-1', 2)
  await yard.world.runFor(2 * MINUTE)
  within(t, yard, ALIVE_MS)
  t.same(yard.view().stations[0]?.notConfigured, [{ connectorId: 2, bookedA: 32 }])
  const alarm = yard.view().alarms.find(({ text }) => text.includes('CP-1 connector 2'))
  t.match(alarm, { code: 'connectors-not-configured', text: /32 A are booked/ })
  await yard.close()
})

t.test('A17: a connector that is not there blocks no other, and the alarm names it', async t => {
  const yard = new Yard({
    circuits: [unmetered(80)],
    stations: [station('CP-1', { configuredConnectors: 2 })],
  })
  await yard.open()
  yard.plugIn('CP-1')
  await yard.world.runFor(4 * MINUTE)
  t.equal(yard.flowA('CP-1')[0], 32, 'connector 1 charges at all it may')
  t.same(
    yard.view().alarms.map(({ text }) => text),
    ['CP-1 connector 2 is configured, the station says it has 1: it is booked at 32 A.'],
  )
  await yard.close()
})

t.test('A17: one connector too many blocks no other where the station does not count them', async t => {
  const yard = new Yard({
    circuits: [unmetered(80)],
    stations: [station('CP-1', { configuredConnectors: 2, hidesConnectorCount: true })],
  })
  await yard.open()
  yard.plugIn('CP-1')
  await yard.world.runFor(20 * MINUTE)
  t.equal(yard.flowA('CP-1')[0], 32, 'connector 1 charges at all it may, over many leases')
  const [first, second] = yard.view().stations[0]?.connectors ?? []
  t.match([first?.installedFailSafeA, second?.installedFailSafeA], [6, undefined])
  t.equal(second?.bookedA, 32)
  t.match(
    yard.view().alarms.map(({ code, text }) => `${code} ${text}`),
    ['station-unverified CP-1 connector 2: profiles could not be read back.'],
  )
  const writes = yard.writesSince(yard.nowMs - 10 * MINUTE).filter(({ payload }) => payload.connectorId === 1)
  t.ok(
    writes.length <= 10,
    `${writes.length} writes to connector 1 in 10 min: it is not laid again with the other`,
  )
  await yard.close()
})

t.test('the single-fault table can be had by the API', async t => {
  const yard = await open(metered(63, 40), [station('CP-1')], 0)
  const { status, body } = await yard.get('proof')
  t.equal(status, 200)
  t.match(body, { lostOverLimitS: 321, singleFaults: [{ circuitId: 'main', ratedCurrentA: 63 }] })
  await yard.close()
})

t.test('A21: a fault of our own in planning one station leaves the others controlled', async t => {
  const yard = new Yard({ circuits: [metered(63, 40)], stations: [station('CP-1'), station('CP-2')] })
  let isBroken = false
  yard.onConfig = ({ stations }) => {
    const [connector] = stations[0]?.connectors ?? []
    Object.defineProperty(connector, 'phaseRotation', {
      get: () => {
        if (isBroken) throw new RangeError('planted')
        return 'RST'
      },
    })
  }
  await yard.open()
  for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
  await yard.world.runFor(4 * MINUTE)
  isBroken = true
  // Nothing is written to it any more: what it was offered last ends with its lease.
  await yard.world.runFor(6 * MINUTE)
  t.match(
    yard.view().alarms.find(({ code }) => code === 'planning-failed'),
    { about: 'CP-1', text: /planted/ },
  )
  yard.baseA.set('main', [38, 38, 38])
  await yard.world.runFor(10 * MINUTE)
  within(t, yard, ALIVE_MS + 11 * SECOND)
  t.ok(Math.max(...yard.flowA('CP-1')) <= 6, `CP-1 is at its fail-safe: ${yard.flowA('CP-1').join(' ')} A`)
  yard.baseA.set('main', [0, 0, 0])
  await yard.world.runFor(5 * MINUTE)
  t.equal(yard.flowA('CP-2')[0], 32, 'CP-2 is controlled as ever')
  await yard.close()
})

/** What breaks as soon as it is to be shown, while the fault is there. */
function planted(part: 'meters' | 'site', isThere: boolean) {
  const yard = new Yard({ circuits: [metered(63, 40)], stations: [station('CP-1')], mqtt: true })
  const fault = { isThere }
  yard.onConfig = config => {
    const at = part === 'site' ? config.site : config.meters[0]
    const key = part === 'site' ? 'id' : 'connection'
    const value = Reflect.get(at ?? {}, key)
    Object.defineProperty(at, key, {
      get: () => {
        if (fault.isThere && /core.view/.test(new Error().stack ?? '')) throw new RangeError('planted')
        return value
      },
    })
  }
  return { what: part === 'site' ? 'the whole view' : 'what is watched', yard, fault }
}

t.test(
  'A21: a fault of our own in what is shown ends no control, and is an alarm until it is over',
  async t => {
    for (const part of ['meters', 'site'] as const) {
      const { what, yard, fault } = planted(part, false)
      await yard.open()
      yard.plugIn('CP-1')
      await yard.world.runFor(4 * MINUTE)
      fault.isThere = true
      yard.baseA.set('main', [38, 38, 38])
      await yard.world.runFor(2 * MINUTE)
      within(t, yard, ALIVE_MS)
      t.ok(yard.flowA('CP-1')[0] <= 25, `${what}: ${yard.flowA('CP-1')[0]} A beside 38 A on 63 A`)
      t.equal(yard.world.log().events('alarm: view-failed').length, 1, `${what}: told once`)
      const { body } = await yard.get('history?circuit=main&seconds=60')
      const known = body.l1A.filter((amps: number | null) => amps !== null)
      t.ok(known.length > 20, `${what}: ${known.length} moments of the last minute`)
      t.ok(Math.min(...known) > 38, `${what}: no moment is from before, when there was no other load`)
      fault.isThere = false
      await yard.world.runFor(MINUTE)
      t.equal(yard.world.log().events('alarm over: view-failed').length, 1, `${what}: and that it is over`)
      await yard.close()
    }
  },
)

t.test(
  'A21: what cannot be shown even once at the start ends nothing: control runs, page and MQTT say so',
  async t => {
    for (const part of ['meters', 'site'] as const) {
      const { what, yard, fault } = planted(part, true)
      await yard.open()
      yard.plugIn('CP-1')
      await yard.world.runFor(4 * MINUTE)
      yard.baseA.set('main', [38, 38, 38])
      yard.resetWatches()
      await yard.world.runFor(2 * MINUTE)
      within(t, yard, ALIVE_MS)
      t.ok(yard.flowA('CP-1')[0] >= 6 && yard.flowA('CP-1')[0] <= 25, `${what}: ${yard.flowA('CP-1')[0]} A`)
      const { status, body } = await yard.get('status')
      t.equal(status, 200, `${what}: the page is answered`)
      t.match(body, { mode: 'degraded', circuits: [], alarms: [{ code: 'view-failed', text: /planted/ }] })
      t.equal((await yard.ask('/metrics')).status, 200)
      const told = yard.world.broker.retained()
      t.match(told.get('busbar/yard/alarms') ?? '', /view-failed/, `${what}: MQTT says so too`)
      fault.isThere = false
      await yard.world.runFor(MINUTE)
      t.equal((await yard.get('status')).body.circuits.length, 1, `${what}: it is shown once it can be`)
      t.equal(yard.world.log().events('alarm over: view-failed').length, 1, `${what}: and that it is over`)
      await yard.close()
    }
  },
)

t.test(
  'A21: a fault of our own before control hears of an event keeps no event from it, and is an alarm',
  async t => {
    const yard = await open(metered(63, 40), [station('CP-1'), station('CP-2')], 1)
    const { onStation } = SmartChargingContract.prototype
    t.teardown(() => Object.assign(SmartChargingContract.prototype, { onStation }))
    Object.assign(SmartChargingContract.prototype, {
      onStation: (event: StationEvent) => {
        if (event.kind === 'transaction-started') throw new RangeError('planted')
      },
    })
    yard.plugIn('CP-2')
    await yard.world.runFor(4 * MINUTE)
    t.ok(yard.connectorView('CP-2').transaction !== undefined, 'control knows of the session')
    t.match(
      yard.view().alarms.find(({ code }) => code === 'planning-failed'),
      { about: 'CP-2', text: /planted/ },
    )
    t.ok(
      Math.max(...yard.flowA('CP-2')) <= 6,
      `CP-2 has no more than its fail-safe: ${yard.flowA('CP-2').join(' ')} A`,
    )
    t.equal(yard.flowA('CP-1')[0], 32, 'CP-1 is controlled as ever')
    await yard.close()
  },
)
