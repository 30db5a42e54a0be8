/**
 * The electrical promise in simulated time, through the whole gateway: base steps, meters lost, stations and gateway
 * lost, CSMS profiles (control rules, "The promise"). Over = really above the rating, whatever any meter says.
 */
import t from 'tap'
import { MINUTE, SECOND, Yard, type YardOptions } from './fixtures/yard.js'

/** The promise with a 1 s meter and the 11 s of station and car. */
const ALIVE_MS = 13_700
/** Lease 300 s (offers up to 85 A + 60 A are inside 1.45 x 100 A), clock bound 10 s, station and car 11 s. */
const LOST_MS = 321_000
/** The same where more is offered: those leases are 60 s. */
const LOST_SHORT_MS = 81_000

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `CP-${index + 1}`)

const FUSE_100: YardOptions = {
  circuits: [{ id: 'main', ratedCurrentA: 100, marginA: 2, worstCaseOtherLoadA: 60, metered: true }],
  stations: ids(6).map(id => ({ id, circuit: 'main' })),
}

async function charging(
  options: YardOptions,
  baseA: number,
  at: { settleMs?: number; rebooted?: readonly string[] } = {},
): Promise<Yard> {
  const { settleMs = 6 * MINUTE, rebooted = [] } = at
  const yard = new Yard(options)
  yard.baseA.set('main', [baseA, baseA, baseA])
  await yard.open()
  if (rebooted.length > 0) await yard.world.runFor(MINUTE)
  for (const id of rebooted) void yard.gateway?.command(id, 'Reset', { type: 'Hard' })
  if (rebooted.length > 0) await yard.world.runFor(2 * MINUTE)
  for (const { id } of options.stations) yard.plugIn(id, { maxA: 32 })
  await yard.world.runFor(settleMs)
  return yard
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

t.test('a circuit over its rating for a single reading is an alarm, whenever that comes', async t => {
  const yard = new Yard({ ...FUSE_100, stations: [] })
  await yard.open()
  await yard.world.runFor(20 * SECOND)
  for (const restS of [10, 11, 10, 12]) {
    yard.baseA.set('main', [130, 10, 10])
    await yard.world.runFor(SECOND)
    yard.baseA.set('main', [10, 10, 10])
    await yard.world.runFor(restS * SECOND)
  }
  t.equal(yard.world.log().events('alarm: circuit-over-limit').length, 4)
  await yard.close()
})

t.test(
  'rows 2, 3 and 5: six cars share 58 A, give way to a base step in time, and come back slowly',
  async t => {
    const yard = await charging(FUSE_100, 40)
    t.equal(yard.overMs('main'), 0, 'no car start ever put the fuse over')
    t.ok(sum(yard.offersA()) >= 54 && sum(yard.offersA()) <= 58, `${yard.offersA().join(' ')} A`)
    const stepMs = yard.nowMs
    yard.baseA.set('main', [70, 70, 70])
    await yard.world.runFor(MINUTE)
    const lowered = yard.writesSince(stepMs).filter(({ atMs }) => atMs <= stepMs + 2_500)
    t.ok(lowered.length >= 6, `${lowered.length} lowers on the wire within poll + 1.5 s`)
    t.ok(yard.overMs('main') <= ALIVE_MS, `over for ${yard.overMs('main')} ms`)
    t.ok(Math.max(...yard.actualA('main')) <= 98)
    const fallMs = yard.nowMs
    yard.baseA.set('main', [40, 40, 40])
    yard.resetWatches()
    const before = sum(yard.offersA())
    await yard.world.runFor(29 * SECOND)
    t.ok(sum(yard.offersA()) <= before, 'nothing is raised before room has lasted 30 s')
    await yard.world.runFor(5 * MINUTE)
    t.equal(yard.overMs('main'), 0, `no overshoot in the ${(yard.nowMs - fallMs) / SECOND} s after`)
    await yard.close()
  },
)

t.test('rule 13, A5: CSMS CALLs that no station answers delay no lower by more than 1.5 s', async t => {
  const yard = await charging(FUSE_100, 40)
  yard.lostActions.add('GetDiagnostics')
  const answers = ids(6).map(id =>
    yard.csms.call(id, 'GetDiagnostics', { location: 'ftp://csms.example/logs' }),
  )
  await yard.world.runFor(200)
  const stepMs = yard.nowMs
  yard.baseA.set('main', [85, 85, 85])
  await yard.world.runFor(20 * SECOND)
  t.ok((yard.watches.get('main')?.worstA ?? 0) > 130, 'the step really put the fuse over')
  t.ok(yard.overMs('main') <= ALIVE_MS, `over for ${yard.overMs('main')} ms`)
  const lowered = yard.writesSince(stepMs)
  t.ok((lowered[0]?.atMs ?? Number.POSITIVE_INFINITY) - stepMs <= 2_500, 'on the wire within poll + 1.5 s')
  await yard.world.runFor(15 * SECOND)
  for (const answer of answers) t.match(await yard.world.until(answer), { kind: 'timeout' })
  await yard.close()
})

t.test('rule 13: what a station that hangs does not give is taken from the others at once', async t => {
  const yard = await charging(FUSE_100, 40)
  const offerA = yard.offersA()[0] ?? 0
  yard.lateMs.set('CP-1', 30 * SECOND)
  const stepMs = yard.nowMs
  yard.baseA.set('main', [52, 52, 52])
  await yard.world.runFor(4 * SECOND)
  const others = yard.offersA().slice(1)
  t.ok(
    sum(others) + offerA <= 98 - 52 + 0.01,
    `${others.join(' ')} A beside ${offerA} A that it may still draw`,
  )
  t.ok(yard.overMs('main') <= ALIVE_MS, `over for ${yard.overMs('main')} ms`)
  const toIt = () => yard.writesSince(stepMs).filter(({ stationId }) => stationId === 'CP-1')
  t.equal(toIt().length, 1, 'it is told once')
  const toldMs = toIt()[0]?.atMs ?? 0
  await yard.world.runFor(toldMs + 5 * SECOND - yard.nowMs - 1)
  t.equal(toIt().length, 1, 'its answer is waited for 5 s')
  await yard.world.runFor(4 * SECOND)
  t.equal(toIt().length, 2, 'then it counts as unanswered, and is told again')
  await yard.close()
})

t.test('row 4: a base above the fuse alone turns every car off in time and raises an alarm', async t => {
  const yard = await charging(FUSE_100, 40)
  const stepMs = yard.nowMs
  yard.baseA.set('main', [160, 160, 160])
  await yard.world.runFor(13 * SECOND)
  t.ok(
    yard.view().alarms.some(({ code }) => code === 'circuit-over-limit'),
    'alarm',
  )
  t.same(
    yard.options.stations.map(({ id }) => yard.pilotA(id)),
    [0, 0, 0, 0, 0, 0],
  )
  t.ok(yard.nowMs - stepMs <= ALIVE_MS)
  t.same(yard.actualA('main'), [160, 160, 160])
  await yard.close()
})

t.test('rows 6, 7 and 8: phases are counted where the cars are', async t => {
  const oneCircuit = (ratedCurrentA: number): YardOptions['circuits'] => [
    { id: 'main', ratedCurrentA, marginA: 0, worstCaseOtherLoadA: 0, metered: true },
  ]
  const onL1 = await charging(
    {
      circuits: oneCircuit(63),
      stations: ids(8).map(id => ({ id, circuit: 'main', phases: 'L1' as const })),
    },
    0,
    { settleMs: 10 * MINUTE },
  )
  t.equal(onL1.overMs('main'), 0)
  t.ok(sum(onL1.offersA()) >= 56 && sum(onL1.offersA()) <= 63, `all on L1: ${onL1.offersA().join(' ')} A`)
  await onL1.close()
  const phases = ['L1', 'L2', 'L3'] as const
  const rotated = await charging(
    {
      circuits: oneCircuit(63),
      stations: ids(8).map((id, index) => ({ id, circuit: 'main', phases: phases[index % 3] ?? 'L1' })),
    },
    0,
    { settleMs: 10 * MINUTE },
  )
  t.equal(rotated.overMs('main'), 0)
  t.ok(sum(rotated.offersA()) >= 170, `3/3/2: ${rotated.offersA().join(' ')} A`)
  await rotated.close()
  const uneven = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 25, marginA: 1, worstCaseOtherLoadA: 16, metered: true }],
    stations: [{ id: 'CP-1', circuit: 'main', phases: 'L1', maxCurrentA: 16 }],
  })
  uneven.baseA.set('main', [1, 16, 16])
  await uneven.open()
  uneven.plugIn('CP-1', { phases: 1, maxA: 16 })
  await uneven.world.runFor(3 * MINUTE)
  t.same(uneven.offersA(), [16], 'full phases L2 and L3 do not throttle a car on L1')
  await uneven.close()
})

t.test('rule 15, rows 15 and 16: a silent and a frozen meter lead to the worst case', async t => {
  for (const kind of ['silent', 'frozen'] as const) {
    const yard = await charging(FUSE_100, 20)
    yard.setMeterFault('main', { kind })
    if (kind === 'frozen') for (const id of ['CP-1', 'CP-2']) yard.station(id).connectors[0]?.unplug()
    const lostMs = yard.nowMs
    const offeredA = sum(yard.offersA())
    await yard.world.runFor(kind === 'silent' ? 10 * SECOND : 30 * SECOND)
    t.ok(sum(yard.offersA()) <= 38, `${kind}: ${offeredA} A became ${sum(yard.offersA())} A`)
    t.ok(yard.nowMs - lostMs <= 30 * SECOND)
    await yard.world.runFor(15 * SECOND)
    t.ok(
      yard.view().alarms.some(({ code }) => ['meter-stale', 'meter-lost', 'meter-wrong'].includes(code)),
      `${kind} is an alarm`,
    )
    yard.baseA.set('main', [60, 60, 60])
    await yard.world.runFor(MINUTE)
    t.equal(yard.overMs('main'), 0, `${kind}: the worst case is really covered`)
    await yard.close()
  }
})

t.test('rows 17 and 18: the gateway is killed with half of the stations paused', async t => {
  const options: YardOptions = {
    circuits: [{ id: 'main', ratedCurrentA: 100, marginA: 2, worstCaseOtherLoadA: 60, metered: true }],
    stations: ids(6).map(id => ({ id, circuit: 'main' })),
  }
  const yard = await charging(options, 76)
  const pausedIds = ids(6).filter(id => yard.pilotA(id) < 6)
  t.ok(pausedIds.length >= 2, `${pausedIds.length} paused`)
  yard.kill()
  yard.baseA.set('main', [60, 60, 60])
  yard.resetWatches()
  await yard.world.runFor(LOST_MS)
  for (const id of ids(6)) t.ok(Math.max(...yard.flowA(id)) <= 6, `${id} is at most at its fail-safe`)
  t.ok(yard.overMs('main') <= LOST_MS)
  yard.resetWatches()
  await yard.world.runFor(20 * MINUTE)
  t.equal(yard.overMs('main'), 0, 'inside the limit afterwards')
  for (const id of ids(6)) t.equal(yard.pilotA(id), 6, `${id} charges at its fail-safe, paused or not`)
  await yard.close()
})

t.test(
  'rule 4: Busbar is lost with 93 A offered beside 60 A: within 81 s back inside 1.45 x 100 A, and at 6 A in 321 s',
  async t => {
    const yard = await charging({ ...FUSE_100, stations: ids(3).map(id => ({ id, circuit: 'main' })) }, 4)
    t.ok(sum(yard.offersA()) >= 90, `${yard.offersA().join(' ')} A offered: more than 85 A`)
    const minutes = new Set(yard.writesSince(yard.nowMs - 2 * MINUTE).map(({ stationId }) => stationId))
    t.ok(minutes.size > 0, 'whoever was raised beyond 85 A is written to each minute')
    t.ok(minutes.size < 3, 'the others are not')
    yard.kill()
    yard.baseA.set('main', [60, 60, 60])
    await yard.world.runFor(LOST_SHORT_MS)
    const curveA = Math.max(...yard.actualA('main'))
    t.ok(curveA > 100, `${curveA} A: the other load has come while the leases ran`)
    t.ok(curveA <= 145, `${curveA} A are inside the curve of a fuse`)
    await yard.world.runFor(LOST_MS - LOST_SHORT_MS)
    for (const id of ids(3)) t.ok(Math.max(...yard.flowA(id)) <= 6, `${id} is at its fail-safe`)
    await yard.close()
  },
)

t.test(
  'rule 12, row 18: after a restart no station is above its offer from before, and control is back',
  async t => {
    const yard = await charging(FUSE_100, 40)
    const before = new Map(ids(6).map(id => [id, yard.pilotA(id)]))
    yard.kill()
    await yard.world.runFor(20 * SECOND)
    await yard.startGateway()
    yard.onLook = () => {
      for (const id of ids(6)) {
        if (yard.pilotA(id) > (before.get(id) ?? 0)) t.fail(`${id} at ${yard.pilotA(id)} A`)
      }
    }
    // All are read back after some 10 s; room must have lasted 30 s before anything is raised.
    await yard.world.runFor(30 * SECOND)
    yard.onLook = undefined
    await yard.world.runFor(40 * SECOND)
    yard.baseA.set('main', [70, 70, 70])
    await yard.world.runFor(MINUTE)
    t.ok(yard.overMs('main') <= ALIVE_MS, `control is back: over for ${yard.overMs('main')} ms`)
    t.ok(Math.max(...yard.actualA('main')) <= 98)
    await yard.close()
  },
)

t.test(
  'rule 11: a smaller fuse by a clean restart is kept within 40 s, a larger one raises nobody before all are read back',
  async t => {
    const yard = await charging(FUSE_100, 0)
    const restartWith = async (change: object) => {
      yard.onConfig = config => Object.assign(config.circuits[0] ?? {}, change)
      if (yard.gateway !== undefined) await yard.world.until(yard.gateway.stop())
      await yard.startGateway()
    }
    t.ok(Math.max(...yard.actualA('main')) > 90, 'the cars take what there is')
    let worstA = 0
    yard.onLook = () => {
      worstA = Math.max(worstA, ...yard.actualA('main'))
    }
    await restartWith({ ratedCurrentA: 60, worstCaseOtherLoadA: 20 })
    await yard.world.runFor(40 * SECOND)
    t.ok(worstA <= 98, `never more than was offered before, ${worstA} A`)
    worstA = 0
    await yard.world.runFor(3 * MINUTE)
    t.ok(worstA <= 58, `within the smaller fuse, ${worstA} A`)
    const before = new Map(ids(6).map(id => [id, yard.pilotA(id)]))
    yard.onLook = () => {
      for (const id of ids(6))
        if (yard.pilotA(id) > (before.get(id) ?? 0)) t.fail(`${id} at ${yard.pilotA(id)} A`)
    }
    await restartWith({})
    await yard.world.runFor(30 * SECOND)
    yard.onLook = undefined
    await yard.world.runFor(5 * MINUTE)
    t.ok(Math.max(...yard.actualA('main')) > 90, 'and then gives it to the cars')
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test(
  'row 19: a station that was unreachable keeps its booking, and comes back without pushing the others over',
  async t => {
    const yard = await charging(FUSE_100, 40, { rebooted: ['CP-1'] })
    const offeredA = yard.connectorView('CP-1').allocationA ?? 0
    yard.station('CP-1').setReachable(false)
    await yard.world.runFor(20 * SECOND)
    t.ok(yard.connectorView('CP-1').bookedA >= offeredA, 'its offer stays booked for the lease')
    t.equal(yard.overMs('main'), 0)
    await yard.world.runFor(8 * MINUTE)
    t.equal(yard.connectorView('CP-1').bookedA, 6, 'then its fail-safe')
    t.equal(yard.pilotA('CP-1'), 6)
    const backMs = yard.nowMs
    yard.station('CP-1').setReachable(true)
    await yard.world.runFor(11 * SECOND)
    const first = yard
      .writesSince(backMs)
      .filter(
        ({ stationId, payload }) =>
          stationId === 'CP-1' && payload.csChargingProfiles.transactionId !== undefined,
      )
      .map(({ payload }) => payload.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit)
    t.ok(
      first.length > 0 && first.every(limit => limit <= 6),
      `what it gave away is not taken before the others have proven their lowers: ${first} A`,
    )
    await yard.world.runFor(5 * MINUTE)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)

t.test(
  'rows 20 and 21: CSMS profiles are merged as the minimum, shown as installed, and reach no station',
  async t => {
    const yard = new Yard({
      circuits: [{ id: 'main', ratedCurrentA: 16, marginA: 1, worstCaseOtherLoadA: 0, metered: true }],
      stations: [{ id: 'CP-1', circuit: 'main' }],
    })
    await yard.open()
    yard.plugIn('CP-1')
    await yard.world.runFor(2 * MINUTE)
    const profile = (limit: number) => ({
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 7,
        stackLevel: 3,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: {
          startSchedule: '2026-01-14T00:00:00Z',
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [{ startPeriod: 0, limit }],
        },
      },
    })
    t.ok(yard.pilotA('CP-1') >= 14, `${yard.pilotA('CP-1')} A without the CSMS`)
    const set = await yard.world.until(yard.csms.call('CP-1', 'SetChargingProfile', profile(10)))
    t.match(set, { kind: 'result', payload: { status: 'Accepted' } })
    await yard.world.runFor(15 * SECOND)
    t.equal(yard.pilotA('CP-1'), 10)
    const composite = await yard.world.until(
      yard.csms.call('CP-1', 'GetCompositeSchedule', {
        connectorId: 1,
        duration: 600,
        chargingRateUnit: 'A',
      }),
    )
    t.match(composite, {
      payload: { chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] } },
    })
    yard.baseA.set('main', [7, 7, 7])
    await yard.world.runFor(30 * SECOND)
    t.equal(yard.pilotA('CP-1'), 8, 'the lower holds')
    await yard.world.until(yard.csms.call('CP-1', 'ClearChargingProfile', {}))
    yard.onLook = () => {
      if (yard.pilotA('CP-1') > 8) t.fail('an instant without the local limit')
    }
    await yard.world.runFor(2 * MINUTE)
    const foreign = yard
      .writesSince(0)
      .filter(({ payload }) => payload.csChargingProfiles.chargingProfileId < 900_000)
    t.equal(foreign.length, 0, 'no CSMS profile ever reached the station')
    t.notOk(
      yard.received.some(
        ({ action, payload }) => action === 'ClearChargingProfile' && Object.keys(payload).length === 0,
      ),
    )
    await yard.close()
  },
)

t.test('rule 6, row 32: a station whose clock is 10 min off, slow or fast, obeys all the same', async t => {
  for (const offsetMs of [-10 * MINUTE, 10 * MINUTE]) {
    const yard = new Yard({
      circuits: [{ id: 'main', ratedCurrentA: 40, marginA: 1, worstCaseOtherLoadA: 20, metered: true }],
      stations: [{ id: 'CP-1', circuit: 'main' }],
    })
    await yard.open()
    yard.station('CP-1').setClockOffset(offsetMs)
    yard.plugIn('CP-1')
    await yard.world.runFor(8 * MINUTE)
    t.ok(yard.pilotA('CP-1') >= 12, `${offsetMs / MINUTE} min: ${yard.pilotA('CP-1')} A`)
    yard.baseA.set('main', [15, 15, 15])
    await yard.world.runFor(15 * SECOND)
    t.ok(Math.max(...yard.actualA('main')) <= 40)
    await yard.close()
  }
})

t.test(
  'what a station reports of itself is shown, and a connector nobody configured is an alarm',
  async t => {
    const yard = new Yard({
      circuits: [{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 10 }],
      stations: [
        { id: 'ONE', circuit: 'main' },
        { id: 'TWO', circuit: 'main', realConnectors: 2 },
      ],
    })
    await yard.open()
    const [one, two] = yard.view().stations
    t.match(one?.configuration, { differences: Number, rebootRequired: [], notices: [] })
    t.match(two?.configuration?.notices, [
      { text: /TWO has 2 connectors, 1 configured/, phrase: 'connectors-beyond' },
    ])
    t.match(
      yard.view().alarms.filter(({ code }) => code === 'connectors-not-configured'),
      [{ about: 'TWO' }],
    )
    const change = { key: 'WebSocketPingInterval', value: '0' }
    await yard.world.until(yard.csms.call('ONE', 'ChangeConfiguration', change))
    await yard.world.runFor(SECOND)
    t.match(yard.view().stations[0]?.configuration?.notices, [
      { text: /WebSocketPingInterval was set to 0 s/ },
    ])
    yard.station('ONE').powerOff()
    yard.station('ONE').powerOn()
    await yard.world.runFor(MINUTE)
    t.equal(yard.station('ONE').configuration.text('WebSocketPingInterval'), '0', 'and stays so over a boot')
    await yard.close()
  },
)
