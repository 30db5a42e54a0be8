/**
 * What Busbar writes to stations, how often, and to which stations it takes some care to write at all, through the whole
 * gateway: refreshes, reconnects, stations that cannot be read, that are slow, that were charging before (control rules
 * 4, 5, 7, 12). Over = really above the rating.
 */
import t from 'tap'
import { MINUTE, SECOND, Yard, type YardCircuit, type YardStation } from './fixtures/yard.js'

/** 78 A of limit and 40 A of other load are outside 1.45 x 80 A, a car or two beside it are not: their lease is 300 s. */
const STEEP: YardCircuit = {
  id: 'main',
  ratedCurrentA: 80,
  marginA: 2,
  worstCaseOtherLoadA: 40,
  metered: true,
}
const LONG_LEASE: YardCircuit = { ...STEEP, worstCaseOtherLoadA: 20 }
const WIDE: YardCircuit = { ...STEEP, ratedCurrentA: 400, worstCaseOtherLoadA: 20 }
const REFRESH_S = 180

const station = (id: string, more: Partial<YardStation> = {}): YardStation => ({
  id,
  circuit: 'main',
  ...more,
})

async function opened(circuit: YardCircuit, stations: readonly YardStation[]): Promise<Yard> {
  const yard = new Yard({ circuits: [circuit], stations })
  await yard.open()
  return yard
}

const writesTo = (yard: Yard, id: string, sinceMs: number): number =>
  yard.writesSince(sinceMs).filter(({ stationId }) => stationId === id).length

const callsTo = (yard: Yard, id: string, sinceMs: number): readonly string[] =>
  yard.received
    .filter(({ stationId, atMs }) => stationId === id && atMs >= sinceMs)
    .map(({ action }) => action)
    .filter(action => /ChargingProfile|CompositeSchedule/.test(action))

/** Seconds from now until the station offers its car at least so much, at most `mostS`. */
async function untilOffered(yard: Yard, id: string, leastA: number, mostS: number): Promise<number> {
  const startMs = yard.nowMs
  while (yard.pilotA(id) < leastA && yard.nowMs - startMs < mostS * SECOND) await yard.world.runFor(SECOND)
  return (yard.nowMs - startMs) / SECOND
}

t.test('rule 4: what holds by itself is not written again', async t => {
  const yard = await opened(STEEP, [
    station('CP-1'),
    station('CP-2', { device: 'generic' }),
    station('CP-3'),
    station('CP-4'),
  ])
  yard.plugIn('CP-3')
  yard.plugIn('CP-4', { maxA: 6 })
  await yard.world.runFor(10 * MINUTE)
  const sinceMs = yard.nowMs
  await yard.world.runFor(60 * MINUTE)
  t.ok(
    writesTo(yard, 'CP-1', sinceMs) <= 7,
    `a pause of 0 A without a car: ${writesTo(yard, 'CP-1', sinceMs)}`,
  )
  t.equal(writesTo(yard, 'CP-2', sinceMs), 0, 'its fail-safe without a car')
  const live = writesTo(yard, 'CP-3', sinceMs)
  const most = 3600 / REFRESH_S + 4
  t.ok(live >= 15 && live <= most, `a car above its fail-safe: ${live} writes, at most ${most}`)
  t.equal(yard.overMs('main'), 0)
  // Without Busbar everything comes to its fail-safe, and a pause ends too.
  yard.kill()
  await yard.world.runFor(322 * SECOND)
  t.equal(yard.pilotA('CP-3'), 6)
  await yard.world.runFor(16 * MINUTE)
  const wallMs = yard.station('CP-1').wallMs()
  const next = yard.station('CP-1').profiles.transactionLimit(1, wallMs, wallMs)
  t.match(next, { limit: 6 }, 'the next car finds the fail-safe')
  await yard.close()
})

t.test('rule 4: a change of the CSMS is written only where it changes what lies on the station', async t => {
  const yard = await opened(LONG_LEASE, [station('CP-1'), station('CP-2')])
  yard.plugIn('CP-1')
  await yard.world.runFor(5 * MINUTE)
  const set = (limit: number): Promise<unknown> =>
    yard.world.until(
      yard.csms.call('CP-1', 'SetChargingProfile', {
        connectorId: 1,
        csChargingProfiles: {
          chargingProfileId: 7,
          stackLevel: 1,
          chargingProfilePurpose: 'TxDefaultProfile',
          chargingProfileKind: 'Absolute',
          chargingSchedule: {
            startSchedule: '2026-01-14T00:00:00Z',
            chargingRateUnit: 'A',
            chargingSchedulePeriod: [{ startPeriod: 0, limit }],
          },
        },
      }),
    )
  const sinceMs = yard.nowMs
  for (const limit of [40, 63, 50]) await set(limit)
  await yard.world.runFor(5 * SECOND)
  t.equal(writesTo(yard, 'CP-1', sinceMs), 0, 'limits above what is offered')
  await set(10)
  await yard.world.runFor(30 * SECOND)
  t.ok(yard.pilotA('CP-1') <= 10, `${yard.pilotA('CP-1')} A of 10`)
  await yard.close()
})

t.test('A9: a station known from before is read back, a new one laid by few CALLs', async t => {
  const yard = new Yard({ circuits: [WIDE], stations: [station('CP-1'), station('CP-2')] })
  for (const id of ['CP-1', 'CP-2']) yard.lateMs.set(id, 300)
  await yard.open()
  const all = callsTo(yard, 'CP-1', 0)
  const first = all.slice(0, all.indexOf('GetCompositeSchedule') + 1)
  t.ok(first.length >= 3 && first.length <= 6, `a new one is read back after ${first.join(', ')}`)
  yard.plugIn('CP-1')
  const newS = await untilOffered(yard, 'CP-1', 32, 120)
  t.ok(newS <= 90, `at its share ${newS} s after plug-in`)
  for (const how of ['line', 'restart'] as const) {
    const sinceMs = yard.nowMs
    if (how === 'line') for (const id of ['CP-1', 'CP-2']) yard.station(id).cutLine()
    else {
      yard.kill()
      await yard.startGateway()
    }
    await yard.world.runFor(20 * SECOND)
    const idle = callsTo(yard, 'CP-2', sinceMs).slice(0, 4)
    t.equal(idle[0], 'GetCompositeSchedule', `${how}: ${idle.join(', ')}`)
    t.ok(idle.length <= 2, `${how}: without a car ${idle.join(', ')}`)
    const busy = callsTo(yard, 'CP-1', sinceMs).slice(0, 5)
    t.notOk(busy.includes('ClearChargingProfile'), `${how}: with a car ${busy.join(', ')}`)
    t.ok(yard.pilotA('CP-1') >= 6, `${how}: never below its fail-safe`)
    await yard.world.runFor(2 * MINUTE)
  }
  t.equal(yard.pilotA('CP-1'), 32)
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test('A9: profiles that were put on a known station while it was away are found and go', async t => {
  const yard = await opened(WIDE, [station('CP-1')])
  const { profiles } = yard.station('CP-1')
  yard.station('CP-1').setReachable(false)
  const chargingSchedule = {
    startSchedule: '2026-01-01T00:00:00Z',
    chargingRateUnit: 'A' as const,
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 32 }],
  }
  profiles.clear({})
  profiles.set(
    {
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 5,
        stackLevel: 3,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule,
      },
    },
    { nowMs: yard.nowMs, connectorCount: 1, transaction: undefined },
  )
  await yard.world.runFor(MINUTE)
  yard.station('CP-1').setReachable(true)
  await yard.world.runFor(MINUTE)
  t.notOk(profiles.installed().some(({ profile }) => profile.chargingProfileId === 5))
  t.equal(yard.connectorView('CP-1').bookedA, 0)
  await yard.close()
})

t.test('A6: profiles are counted against all connectors of a station', async t => {
  const twin = station('CP-1', { device: 'generic', realConnectors: 2, configuredConnectors: 2 })
  const yard = await opened(WIDE, [twin])
  yard.plugIn('CP-1')
  const seconds = await untilOffered(yard, 'CP-1', 32, 120)
  t.ok(seconds <= 90, `a twin with room for four profiles charges at its share after ${seconds} s`)
  t.ok(yard.station('CP-1').profiles.installed().length <= 4)
  await yard.close()
})

t.test(
  'A5: where others need the room, what cannot be read keeps its fail-safe and is proven by its draw',
  async t => {
    const circuit = { ...WIDE, ratedCurrentA: 63, worstCaseOtherLoadA: 5 }
    const yard = new Yard({
      circuits: [circuit],
      stations: [station('CP-1', { device: 'generic' }), station('CP-2'), station('CP-3')],
    })
    yard.oddComposites.set('CP-1', 'error')
    await yard.open()
    for (const id of ['CP-2', 'CP-3', 'CP-1']) yard.plugIn(id)
    await yard.world.runFor(20 * SECOND)
    let leastA = 99
    yard.onLook = () => {
      leastA = Math.min(leastA, yard.pilotA('CP-1'))
    }
    await yard.world.runFor(5 * MINUTE)
    t.ok(leastA >= 6, `never below ${leastA} A`)
    t.ok(yard.pilotA('CP-1') >= 16, `${yard.pilotA('CP-1')} A of a third`)
    t.ok(yard.connectorView('CP-1').bookedA <= yard.pilotA('CP-1') + 6)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test('A5: a station that cannot be read and does not obey stays booked at its most', async t => {
  const yard = new Yard({ circuits: [WIDE], stations: [station('CP-1', { device: 'generic' })] })
  yard.oddComposites.set('CP-1', 'empty')
  yard.ignoring.add('CP-1')
  await yard.open()
  yard.plugIn('CP-1')
  await yard.world.runFor(10 * MINUTE)
  t.equal(yard.connectorView('CP-1').bookedA, 32)
  t.ok(writesTo(yard, 'CP-1', yard.nowMs - 5 * MINUTE) <= 10)
  await yard.close()
})

t.test('A4: cars that charge before Busbar is there are adopted and charge at their share', async t => {
  for (const how of ['put in', 'lost journal'] as const) {
    const yard = new Yard({ circuits: [WIDE], stations: [station('CP-1')] })
    await yard.open()
    yard.plugIn('CP-1')
    await yard.world.runFor(3 * MINUTE)
    yard.kill()
    const disk = yard.world.disk()
    disk.burn([...disk.durableEntries().keys()].map(key => ({ kind: 'delete', key })))
    if (how === 'put in') {
      // Another controller was there: its profiles lie on the station.
      yard.forgetProfiles('CP-1')
    }
    await yard.startGateway()
    await yard.world.runFor(2 * MINUTE)
    t.ok(yard.connectorView('CP-1').transaction !== undefined, `${how}: its transaction is known`)
    t.equal(yard.connectorView('CP-1').status, 'Charging', `${how}: not called free`)
    t.equal(yard.pilotA('CP-1'), 32, how)
    const overruled = yard.world.log().events('profile overruled').length
    t.ok(overruled <= 1, `${how}: overruled ${overruled} times`)
    yard.station('CP-1').connectors[0]?.unplug()
    await yard.world.runFor(MINUTE)
    t.equal(yard.connectorView('CP-1').transaction, undefined, `${how}: it ends with its Stop`)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  }
})

t.test('A7: a modest car on a station that takes watts keeps its offer', async t => {
  const yard = new Yard({
    circuits: [WIDE],
    stations: [station('CP-1', { device: 'generic', takesWattsOnly: true })],
  })
  await yard.open()
  const units = yard
    .writesSince(0)
    .map(({ payload }) => payload.csChargingProfiles.chargingSchedule.chargingRateUnit)
  t.ok(units.length > 0 && units.every(unit => unit === 'W'), `first profiles in ${units.join(' ')}`)
  yard.plugIn('CP-1', { phases: 3, maxA: 31 })
  await yard.world.runFor(8 * MINUTE)
  const sinceMs = yard.nowMs
  const pilotA = yard.pilotA('CP-1')
  t.ok(pilotA >= 30, `${pilotA} A of 32`)
  await yard.world.runFor(30 * MINUTE)
  t.equal(yard.pilotA('CP-1'), pilotA, 'it does not walk down')
  t.ok(writesTo(yard, 'CP-1', sinceMs) <= 12, `${writesTo(yard, 'CP-1', sinceMs)} writes in half an hour`)
  await yard.close()
})

t.test('A7: a station that takes watts is never offered less than makes a car run', async t => {
  const circuit = { ...WIDE, ratedCurrentA: 20, worstCaseOtherLoadA: 2 }
  const yard = new Yard({
    circuits: [circuit],
    stations: ['CP-1', 'CP-2'].map(id => station(id, { device: 'generic', takesWattsOnly: true })),
  })
  await yard.open()
  for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
  await yard.world.runFor(5 * MINUTE)
  for (const { payload, atMs } of yard.writesSince(0)) {
    const { chargingProfilePurpose, chargingSchedule } = payload.csChargingProfiles
    const [first] = chargingSchedule.chargingSchedulePeriod
    const amps = first.limit / (230 * (first.numberPhases ?? 3))
    if (chargingProfilePurpose !== 'TxProfile' || amps < 5.45) continue
    t.ok(amps >= 6, `${amps} A at ${atMs} ms`)
  }
  t.ok(Math.max(...yard.flowA('CP-1'), ...yard.flowA('CP-2')) >= 6, 'one of them charges')
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test('A8: samples that a station queued while its link was lost are not its clock', async t => {
  const yard = await opened(WIDE, [station('CP-1')])
  yard.plugIn('CP-1')
  await yard.world.runFor(5 * MINUTE)
  t.equal(yard.pilotA('CP-1'), 32)
  for (const awayS of [30, 60, 90]) {
    yard.station('CP-1').setReachable(false)
    await yard.world.runFor(awayS * SECOND)
    yard.station('CP-1').setReachable(true)
    let leastA = 99
    yard.onLook = () => {
      leastA = Math.min(leastA, yard.pilotA('CP-1'))
    }
    await yard.world.runFor(3 * MINUTE)
    t.equal(leastA, 32, `after ${awayS} s`)
    yard.onLook = undefined
  }
  await yard.close()
})
