/** The simulated station against the simulated CSMS, under virtual time: does it behave as OCPP 1.6 says? */
import t from 'tap'
import { Csms, type SeenCall } from '../../src/sim/csms.js'
import type { WireOutcome } from '../../src/sim/framing.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { Station } from '../../src/sim/station/station.js'
import {
  bench,
  benches,
  CURRENTS,
  car,
  charging,
  firstOf,
  iso,
  MINUTE,
  model,
  record,
  records,
  S,
  START_MS,
  schemaFault,
  statusOf,
  WEMOB,
  WKT,
} from './station-bench.js'

function actions(calls: readonly SeenCall[]): readonly string[] {
  return calls.map(call => call.action)
}

interface ProfileSpec {
  readonly id?: number
  readonly purpose?: string
  readonly level?: number
  readonly periods: readonly (readonly [start: number, limit: number])[]
  readonly duration?: number
  readonly unit?: 'A' | 'W'
  readonly kind?: string
  readonly transactionId?: number
  readonly startMs?: number
}

function profile(spec: ProfileSpec): object {
  return {
    chargingProfileId: spec.id ?? 1,
    stackLevel: spec.level ?? 0,
    chargingProfilePurpose: spec.purpose ?? 'TxDefaultProfile',
    chargingProfileKind: spec.kind ?? 'Absolute',
    ...(spec.transactionId === undefined ? {} : { transactionId: spec.transactionId }),
    chargingSchedule: {
      ...(spec.duration === undefined ? {} : { duration: spec.duration }),
      ...(spec.startMs === undefined ? {} : { startSchedule: iso(spec.startMs) }),
      chargingRateUnit: spec.unit ?? 'A',
      chargingSchedulePeriod: spec.periods.map(([startPeriod, limit]) => ({ startPeriod, limit })),
    },
  }
}

/** Composite as "start:limit" words. */
function compositeText(outcome: WireOutcome): string {
  if (outcome.kind !== 'result') return outcome.kind
  const schedule = record(record(outcome.payload).chargingSchedule)
  const periods = Array.isArray(schedule.chargingSchedulePeriod) ? schedule.chargingSchedulePeriod : []
  return periods.map(period => `${record(period).startPeriod}:${record(period).limit}`).join(' ')
}

t.test('device files of the three models fit the schema and keep every key of their source', async t => {
  t.equal(WEMOB.configuration.length, 36, '31 keys of tables 4.1-4.5, 3 only described, 2 only tested')
  t.equal(WKT.configuration.length, 45)
  t.equal(model('generic').smartCharging.obeysUnseen, false)
  for (const { configuration, id } of [WEMOB, WKT, model('generic')])
    t.equal(new Set(configuration.map(({ key }) => key)).size, configuration.length, `${id}: no key twice`)
})

t.test(
  'boots first, then tells connector 0 and every connector, then keeps the heartbeat interval',
  async t => {
    const b = await bench(
      {
        connectors: [
          { wiredPhases: 3, ratedA: 32 },
          { wiredPhases: 1, ratedA: 16 },
        ],
      },
      { heartbeatS: 60 },
    )
    t.strictSame(actions(b.csms.seen), [
      'BootNotification',
      'StatusNotification',
      'StatusNotification',
      'StatusNotification',
    ])
    t.strictSame(
      b.payloads('StatusNotification').map(({ connectorId }) => connectorId),
      [0, 1, 2],
    )
    await b.world.runFor(3 * MINUTE)
    t.equal(b.payloads('Heartbeat').length, 3)
  },
)

t.test('sends nothing but BootNotification until it is accepted, and obeys Pending and Rejected', async t => {
  const world = createWorld({ seed: 1, startWallMs: START_MS })
  const csms = new Csms({ ports: world.portsFor('csms'), host: 'csms', port: 9100 })
  await world.until(csms.start())
  csms.setBoot('Pending')
  const station = new Station({
    ports: world.portsFor('CP-1'),
    id: 'CP-1',
    url: csms.url,
    model: WKT,
    connectors: [{ wiredPhases: 3, ratedA: 32 }],
  })
  station.start()
  await world.runFor(2 * S)
  const remote = { idTag: 'TAG-1', connectorId: 1 }
  t.equal(statusOf(await world.until(csms.call('CP-1', 'RemoteStartTransaction', remote))), 'Rejected')
  const key = { key: 'HeartbeatInterval', value: '77' }
  t.equal(statusOf(await world.until(csms.call('CP-1', 'ChangeConfiguration', key))), 'Accepted')
  csms.setBoot('Rejected')
  await world.runFor(10 * S)
  const silent = csms.call('CP-1', 'GetConfiguration', {})
  csms.setBoot('Accepted')
  await world.runFor(15 * S)
  t.strictSame(actions(csms.seen), [
    'BootNotification',
    'BootNotification',
    'BootNotification',
    'StatusNotification',
    'StatusNotification',
  ])
  t.same(await world.until(silent), { kind: 'timeout' })
  await station.stop()
})

t.test(
  'a session: Preparing, Start, Charging, samples in order, full car suspends, Stop, Finishing',
  async t => {
    const b = await bench({ settings: { MeterValueSampleInterval: '10', MeterValuesSampledData: CURRENTS } })
    await charging(b, { wantsWh: 1_000, maxA: 16 })
    t.strictSame(b.connector.flowA(), [16, 16, 16])
    await b.world.runFor(15 * MINUTE)
    t.equal(b.connector.status(), 'SuspendedEV')
    b.connector.presentTag('TAG-1')
    await b.world.runFor(S)
    b.connector.unplug()
    await b.world.runFor(S)
    t.strictSame(b.statuses(1), [
      'Available',
      'Preparing',
      'Charging',
      'SuspendedEV',
      'Finishing',
      'Available',
    ])
    const stop = b.payloads('StopTransaction')[0]!
    const start = b.payloads('StartTransaction')[0]!
    t.match(stop, { transactionId: 1001, reason: 'Local', idTag: 'TAG-1' })
    t.ok(Number(stop.meterStop) - Number(start.meterStart) >= 1_000)
    const first = record(b.payloads('MeterValues')[0])
    t.equal(first.transactionId, 1001)
    const sampled = records(record(firstOf(first.meterValue)).sampledValue)
    t.strictSame(
      sampled.map(({ measurand, phase, value, unit }) => [measurand, phase, value, unit]),
      [
        ['Current.Import', 'L1', '16.0', 'A'],
        ['Current.Import', 'L2', '16.0', 'A'],
        ['Current.Import', 'L3', '16.0', 'A'],
        ['Power.Active.Import', undefined, '11040', 'W'],
        ['Energy.Active.Import.Register', undefined, '15', 'Wh'],
      ],
    )
  },
)

t.test('WEMOB with its read-only empty measurand list reports the energy register alone', async t => {
  const b = await bench({ model: WEMOB, settings: { MeterValueSampleInterval: '10' } })
  await charging(b)
  await b.world.runFor(10 * S)
  const values = record(firstOf(b.payloads('MeterValues')[0]!.meterValue)).sampledValue
  t.match(values, [{ measurand: 'Energy.Active.Import.Register', unit: 'Wh' }])
  const change = { key: 'MeterValuesSampledData', value: 'Current.Import' }
  t.equal(statusOf(await b.call('ChangeConfiguration', change)), 'Rejected')
})

t.test('a lower limit is drawn within 11 s, and 0 A pauses and resumes', async t => {
  const b = await bench()
  await charging(b)
  const set = (limit: number) =>
    b.call('SetChargingProfile', {
      connectorId: 1,
      csChargingProfiles: profile({
        purpose: 'TxProfile',
        transactionId: 1001,
        startMs: START_MS,
        periods: [[0, limit]],
      }),
    })
  t.equal(statusOf(await set(16)), 'Accepted')
  await b.world.runFor(S)
  t.equal(statusOf(await set(9.3)), 'Accepted')
  await b.world.runFor(10.5 * S)
  t.strictSame(b.connector.flowA(), [9.3, 9.3, 9.3])
  await set(0)
  await b.world.runFor(11 * S)
  t.strictSame(b.connector.flowA(), [0, 0, 0])
  t.equal(b.connector.status(), 'SuspendedEVSE')
  await set(10)
  await b.world.runFor(11 * S)
  t.strictSame(b.connector.flowA(), [10, 10, 10])
  t.strictSame(b.statuses(1).slice(-3), ['Charging', 'SuspendedEVSE', 'Charging'])
  await set(5.9)
  await b.world.runFor(11 * S)
  t.strictSame(b.connector.flowA(), [0, 0, 0], 'below 6 A there is no charging (IEC 61851-1)')
})

t.test('limits in W are spread over the phases; a station for A only refuses them', async t => {
  const watts = (limit: number) => ({
    connectorId: 1,
    csChargingProfiles: profile({ unit: 'W', startMs: START_MS, periods: [[0, limit]] }),
  })
  const wemob = await bench({ model: WEMOB })
  await charging(wemob)
  t.equal(statusOf(await wemob.call('SetChargingProfile', watts(6900))), 'Accepted')
  await wemob.world.runFor(11 * S)
  t.strictSame(wemob.connector.flowA(), [10, 10, 10])
  const single = await bench({ model: WEMOB, connectors: [{ wiredPhases: 1, ratedA: 32 }] })
  await charging(single)
  await single.call('SetChargingProfile', watts(2300))
  await single.world.runFor(11 * S)
  t.strictSame(single.connector.flowA(), [10, 0, 0])
  const wkt = await bench()
  t.match(await wkt.call('SetChargingProfile', watts(6900)), {
    kind: 'error',
    code: 'PropertyConstraintViolation',
  })
})

t.test('composite schedules follow the vectors 066 and 072, 1 s after installation', async t => {
  const b = await bench()
  await charging(b)
  const nowMs = Math.floor(b.station.wallMs() / S) * S
  const install = async (connectorId: number, spec: ProfileSpec) =>
    t.equal(
      statusOf(
        await b.call('SetChargingProfile', {
          connectorId,
          csChargingProfiles: profile({ startMs: nowMs, ...spec }),
        }),
      ),
      'Accepted',
    )
  await install(0, { id: 1, purpose: 'ChargePointMaxProfile', duration: 86_400, periods: [[0, 10]] })
  await install(1, {
    id: 2,
    duration: 300,
    periods: [
      [0, 6],
      [60, 10],
      [120, 8],
      [180, 15],
      [260, 8],
    ],
  })
  await install(1, {
    id: 3,
    purpose: 'TxProfile',
    transactionId: 1001,
    duration: 260,
    periods: [
      [0, 8],
      [50, 11],
      [140, 16],
      [200, 6],
      [240, 12],
    ],
  })
  const compose = async (durationS: number) => {
    await b.world.runUntil(b.world.time.nowMs + nowMs + S - b.station.wallMs())
    return compositeText(
      await b.call('GetCompositeSchedule', { connectorId: 1, duration: durationS, chargingRateUnit: 'A' }),
    )
  }
  t.equal(
    await compose(400),
    '0:8 49:10 199:6 239:10 259:8 299:10',
    '066: TxDefault and Max apply again after the TxProfile',
  )
  t.equal(statusOf(await b.call('ClearChargingProfile', {})), 'Accepted')
  t.equal(statusOf(await b.call('ClearChargingProfile', {})), 'Unknown')

  await install(1, {
    id: 4,
    duration: 400,
    periods: [
      [0, 6],
      [100, 8],
      [200, 10],
    ],
  })
  await install(1, {
    id: 5,
    level: 1,
    duration: 150,
    periods: [
      [0, 7],
      [100, 9],
    ],
  })
  t.equal(await compose(350), '0:7 99:9 149:8 199:10', '072: the lower level shows when the upper one ends')
})

t.test('refuses profiles the standard or its own limits forbid', async t => {
  const b = await bench()
  const verdict = async (connectorId: number, spec: ProfileSpec) =>
    statusOf(
      await b.call('SetChargingProfile', {
        connectorId,
        csChargingProfiles: profile({ startMs: START_MS, ...spec }),
      }),
    )
  t.equal(
    await verdict(1, { purpose: 'TxProfile', periods: [[0, 10]] }),
    'Rejected',
    'no transaction (058_1)',
  )
  t.equal(
    await verdict(1, { level: 11, periods: [[0, 10]] }),
    'Rejected',
    'level above ChargeProfileMaxStackLevel',
  )
  t.equal(await verdict(1, { periods: [[5, 10]] }), 'Rejected', 'first period must start at 0')
  t.equal(
    await verdict(1, { periods: Array.from({ length: 9 }, (_, i) => [i, 10] as const) }),
    'Rejected',
    '9 periods on a station for 8',
  )
  t.equal(
    await verdict(1, { purpose: 'ChargePointMaxProfile', periods: [[0, 10]] }),
    'Rejected',
    'Max only on connector 0',
  )
  await charging(b)
  t.equal(
    await verdict(1, { purpose: 'TxProfile', transactionId: 4711, periods: [[0, 10]] }),
    'Rejected',
    'wrong transaction (058_2)',
  )
})

t.test('a TxProfile ends with its transaction; a TxDefaultProfile survives a hard reset', async t => {
  const b = await bench()
  await charging(b)
  const limit = (id: number, purpose: string, amps: number) =>
    b.call('SetChargingProfile', {
      connectorId: 1,
      csChargingProfiles: profile({ id, purpose, startMs: START_MS, periods: [[0, amps]] }),
    })
  await limit(1, 'TxDefaultProfile', 8)
  await limit(2, 'TxProfile', 20)
  t.equal(b.station.profiles.installed().length, 2)
  t.equal(statusOf(await b.call('Reset', { type: 'Hard' })), 'Accepted')
  await b.world.runFor(20 * S)
  t.match(b.payloads('StopTransaction'), [{ reason: 'HardReset' }])
  t.equal(b.payloads('BootNotification').length, 2)
  t.equal(b.statuses(1).at(-1), 'Finishing')
  t.strictSame(
    b.station.profiles.installed().map(({ profile }) => profile.chargingProfileId),
    [1],
  )
  b.connector.presentTag('TAG-2')
  await b.world.runFor(8 * S)
  t.strictSame(b.connector.flowA(), [8, 8, 8])
})

t.test('a soft reset delivers StopTransaction before it restarts', async t => {
  const b = await bench()
  await charging(b)
  await b.call('Reset', { type: 'Soft' })
  await b.world.runFor(20 * S)
  const seen = actions(b.csms.seen)
  t.ok(seen.indexOf('StopTransaction') < seen.lastIndexOf('BootNotification'))
  t.match(b.payloads('StopTransaction'), [{ reason: 'SoftReset', transactionId: 1001 }])
})

t.test(
  'offline samples and the stop are delivered in order after the line is back, without a second boot',
  async t => {
    const b = await bench({ settings: { MeterValueSampleInterval: '10' } })
    await charging(b)
    await b.world.runFor(20 * S)
    await b.world.until(b.csms.setOnline(false))
    await b.world.runFor(35 * S)
    b.connector.presentTag('TAG-1')
    const offlineMs = b.station.wallMs()
    await b.world.runFor(5 * S)
    await b.world.until(b.csms.setOnline(true))
    await b.world.runFor(2 * MINUTE)
    t.equal(b.payloads('BootNotification').length, 1)
    const transactional = b.csms.seen.filter(({ action }) => /Transaction$|MeterValues/.test(action))
    t.strictSame(actions(transactional), [
      'StartTransaction',
      ...Array(6).fill('MeterValues'),
      'StopTransaction',
    ])
    t.match(b.payloads('StopTransaction'), [{ transactionId: 1001, timestamp: iso(offlineMs) }])
    t.equal(b.station.waitingMessages(), 0)
    t.equal(b.statuses(1).at(-1), 'Finishing', 'only the status of now, no history')
  },
)

t.test('a whole offline transaction gets its id at delivery', async t => {
  const b = await bench({
    model: WEMOB,
    settings: { AlwaysAllowOfflineTransactions: 'true', MeterValueSampleInterval: '10' },
  })
  await b.world.until(b.csms.setOnline(false))
  await b.world.runFor(S)
  await charging(b)
  t.strictSame(b.connector.flowA(), [32, 32, 32])
  await b.world.runFor(20 * S)
  b.connector.unplug()
  await b.world.until(b.csms.setOnline(true))
  await b.world.runFor(2 * MINUTE)
  t.match(b.payloads('MeterValues'), [{ transactionId: 1001 }, { transactionId: 1001 }])
  t.match(b.payloads('StopTransaction'), [{ transactionId: 1001, reason: 'EVDisconnected' }])
})

t.test('without AllowOfflineTxForUnknownId an unknown tag starts nothing offline', async t => {
  const b = await bench()
  await b.world.until(b.csms.setOnline(false))
  await b.world.runFor(S)
  await charging(b)
  t.equal(b.connector.status(), 'Preparing')
  t.strictSame(b.connector.flowA(), [0, 0, 0])
})

t.test(
  'transaction messages are tried TransactionMessageAttempts times, waiting longer each time',
  async t => {
    const b = await bench({
      settings: { TransactionMessageAttempts: '3', TransactionMessageRetryInterval: '10' },
    })
    b.csms.answerWith('StartTransaction', () => ({ kind: 'error', code: 'InternalError', description: '' }))
    await charging(b)
    await b.world.runFor(MINUTE)
    b.connector.presentTag('TAG-1')
    await b.world.runFor(S)
    const times = b.csms.calls({ action: 'StartTransaction' }).map(({ wallMs }) => wallMs)
    t.equal(times.length, 3)
    t.ok(times[1]! - times[0]! >= 10 * S && times[2]! - times[1]! >= 20 * S)
    t.match(
      b.payloads('StopTransaction'),
      [{ transactionId: -1 }],
      'errata 3.18: the id of a start nobody took',
    )
  },
)

t.test('an id refused in StartTransaction.conf ends the transaction, or only its energy', async t => {
  const tag = () => ({ status: 'Invalid' as const })
  for (const [stops, expected] of [
    ['true', 'Finishing'],
    ['false', 'SuspendedEVSE'],
  ] as const) {
    const b = await bench(
      { settings: { AuthorizeRemoteTxRequests: 'false', StopTransactionOnInvalidId: stops } },
      { tag },
    )
    b.connector.plugIn(car())
    t.equal(statusOf(await b.call('RemoteStartTransaction', { idTag: 'TAG-1', connectorId: 1 })), 'Accepted')
    await b.world.runFor(15 * S)
    t.equal(b.connector.status(), expected)
    t.strictSame(b.connector.flowA(), [0, 0, 0])
    t.equal(b.payloads('StopTransaction')[0]?.reason, stops === 'true' ? 'DeAuthorized' : undefined)
  }
})

t.test('ConnectionTimeOut takes a grant back when no car comes', async t => {
  const b = await bench({ settings: { ConnectionTimeOut: '20' } })
  b.connector.presentTag('TAG-1')
  await b.world.runFor(25 * S)
  t.strictSame(b.statuses(1), ['Available', 'Preparing', 'Available'])
  t.equal(b.payloads('StartTransaction').length, 0)
})

t.test('a remote start carries its TxProfile into the transaction, and a remote stop ends it', async t => {
  const b = await bench()
  b.connector.plugIn(car())
  const chargingProfile = profile({ purpose: 'TxProfile', kind: 'Relative', periods: [[0, 7]] })
  await b.call('RemoteStartTransaction', { idTag: 'TAG-1', connectorId: 1, chargingProfile })
  await b.world.runFor(8 * S)
  t.strictSame(b.connector.flowA(), [7, 7, 7])
  t.equal(statusOf(await b.call('RemoteStartTransaction', { idTag: 'TAG-2', connectorId: 1 })), 'Rejected')
  t.equal(statusOf(await b.call('RemoteStopTransaction', { transactionId: 9 })), 'Rejected')
  t.equal(statusOf(await b.call('RemoteStopTransaction', { transactionId: 1001 })), 'Accepted')
  await b.world.runFor(S)
  t.match(b.payloads('StopTransaction'), [{ reason: 'Remote' }])
  t.equal(b.station.profiles.installed().length, 0)
})

t.test(
  'power loss ends the transaction after the boot; AllowChargeAfterBrownOut starts a new one',
  async t => {
    const b = await bench({ model: WEMOB, settings: { AllowChargeAfterBrownOut: 'true' } })
    await charging(b)
    b.station.powerOff()
    t.strictSame(b.connector.flowA(), [0, 0, 0])
    await b.world.runFor(30 * S)
    b.station.powerOn()
    await b.world.runFor(30 * S)
    t.match(b.payloads('StopTransaction'), [{ reason: 'PowerLoss' }])
    t.equal(b.payloads('StartTransaction').length, 2)
    t.strictSame(b.connector.flowA(), [32, 32, 32])
  },
)

t.test('a clock set wrong is corrected by currentTime, and schedules follow the station clock', async t => {
  const b = await bench({}, { heartbeatS: 60 })
  await charging(b)
  const startMs = b.station.wallMs() + 30 * S
  await b.call('SetChargingProfile', {
    connectorId: 1,
    csChargingProfiles: profile({ startMs: START_MS, periods: [[0, 20]] }),
  })
  await b.call('SetChargingProfile', {
    connectorId: 1,
    csChargingProfiles: profile({ id: 2, level: 1, startMs, periods: [[0, 10]] }),
  })
  await b.world.runFor(11 * S)
  t.strictSame(b.connector.flowA(), [20, 20, 20])
  b.station.setClockOffset(30 * S)
  await b.world.runFor(11 * S)
  t.strictSame(b.connector.flowA(), [10, 10, 10], 'its own clock says the schedule has begun')
  await b.world.runFor(MINUTE)
  t.ok(
    Math.abs(b.station.wallMs() - b.world.portsFor('csms').clock.wallMs()) < S,
    'within the way of one message',
  )
})

t.test(
  'configuration, local list, reservation, trigger and vendor messages answer as the standard says',
  async t => {
    const b = await bench({ model: WEMOB, settings: { LocalAuthListEnabled: 'true' } })
    const change = async (key: string, value: string) =>
      statusOf(await b.call('ChangeConfiguration', { key, value }))
    t.equal(await change('ClockAlignedDataInterval', '899'), 'Rejected', 'only 0 or 900-86400 s')
    t.equal(await change('ClockAlignedDataInterval', '900'), 'Accepted')
    t.equal(await change('WebSocketPingInterval', '-1'), 'Rejected')
    t.equal(await change('NumberOfConnectors', '2'), 'Rejected')
    t.equal(await change('Testing', 'true'), 'NotSupported')
    t.match(await b.call('GetConfiguration', { key: ['NumberOfConnectors', 'AuthorizationKey'] }), {
      payload: {
        configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '1' }],
        unknownKey: ['AuthorizationKey'],
      },
    })
    const list = (listVersion: number, updateType: string) =>
      b.call('SendLocalList', {
        listVersion,
        updateType,
        localAuthorizationList: [{ idTag: 'L-1', idTagInfo: { status: 'Accepted' } }],
      })
    t.equal(statusOf(await list(2, 'Full')), 'Accepted')
    t.equal(statusOf(await list(2, 'Differential')), 'VersionMismatch')
    t.match(await b.call('GetLocalListVersion', {}), { payload: { listVersion: 2 } })

    const reservation = {
      connectorId: 1,
      expiryDate: iso(START_MS + 10 * MINUTE),
      idTag: 'TAG-9',
      reservationId: 5,
    }
    t.equal(statusOf(await b.call('ReserveNow', reservation)), 'Accepted')
    t.equal(b.connector.status(), 'Reserved')
    b.connector.presentTag('TAG-1')
    await b.world.runFor(S)
    t.equal(b.connector.status(), 'Reserved')
    t.equal(statusOf(await b.call('CancelReservation', { reservationId: 6 })), 'Rejected')
    t.equal(statusOf(await b.call('CancelReservation', { reservationId: 5 })), 'Accepted')

    t.equal(
      statusOf(await b.call('TriggerMessage', { requestedMessage: 'MeterValues', connectorId: 2 })),
      'Rejected',
    )
    t.equal(
      statusOf(await b.call('TriggerMessage', { requestedMessage: 'MeterValues', connectorId: 1 })),
      'Accepted',
    )
    await b.world.runFor(S)
    t.equal(b.payloads('MeterValues').length, 1)

    const silent = { vendorId: 'x', messageId: 'SilentModeSchedule' }
    t.equal(
      statusOf(await b.call('DataTransfer', { ...silent, data: [{ startPeriod: 28800, enable: 0 }] })),
      'Accepted',
    )
    t.equal(
      statusOf(await b.call('DataTransfer', { ...silent, data: [{ startPeriod: 1, enable: 2 }] })),
      'Rejected',
    )
    t.equal(statusOf(await (await bench()).call('DataTransfer', { vendorId: 'x' })), 'UnknownVendorId')
    t.equal(statusOf(await b.call('UnlockConnector', { connectorId: 1 })), 'NotSupported', 'fixed cable')

    await b.world.runFor(15 * MINUTE)
    const aligned = b.payloads('MeterValues').at(-1)!
    t.match(record(firstOf(aligned.meterValue)), { sampledValue: [{ context: 'Sample.Clock' }] })
  },
)

t.test('ChangeAvailability waits for the transaction and survives a reset', async t => {
  const b = await bench()
  await charging(b)
  const inoperative = { connectorId: 1, type: 'Inoperative' }
  t.equal(statusOf(await b.call('ChangeAvailability', inoperative)), 'Scheduled')
  t.equal(b.connector.status(), 'Charging')
  b.connector.presentTag('TAG-1')
  await b.world.runFor(S)
  t.equal(b.connector.status(), 'Unavailable')
  await b.call('Reset', { type: 'Hard' })
  await b.world.runFor(20 * S)
  t.equal(b.statuses(1).at(-1), 'Unavailable')
})

t.test('a half-open line is found by the ping and dialled again', async t => {
  const b = await bench({ settings: { WebSocketPingInterval: '10' } })
  b.world.powerCut('csms')
  await b.world.runFor(40 * S)
  t.equal(b.station.isOnline(), false)
})

t.test('MaxEnergyOnInvalidId lets a refused tag have that much energy before the stop', async t => {
  const b = await bench(
    { model: WEMOB, settings: { MaxEnergyOnInvalidId: '500', AuthorizeRemoteTxRequests: 'false' } },
    { tag: () => ({ status: 'Blocked' }) },
  )
  b.connector.plugIn(car())
  await b.call('RemoteStartTransaction', { idTag: 'TAG-1', connectorId: 1 })
  await b.world.runFor(5 * MINUTE)
  const stop = b.payloads('StopTransaction')[0]
  t.equal(stop?.reason, 'DeAuthorized')
  t.ok(Number(stop?.meterStop) >= 500 && Number(stop?.meterStop) < 520, `${stop?.meterStop} Wh`)
})

t.test(
  'a socket station unlocks and ends the session; a firmware update reboots and reports Installed',
  async t => {
    const b = await bench({ fixedCable: false })
    await charging(b)
    t.equal(statusOf(await b.call('UnlockConnector', { connectorId: 1 })), 'Unlocked')
    await b.world.runFor(S)
    t.match(b.payloads('StopTransaction'), [{ reason: 'UnlockCommand' }])
    await b.call('UpdateFirmware', { location: 'ftp://x/fw', retrieveDate: iso(START_MS) })
    await b.world.runFor(30 * S)
    t.strictSame(
      b.payloads('FirmwareStatusNotification').map(({ status }) => status),
      ['Downloading', 'Downloaded', 'Installing', 'Installed'],
    )
    t.equal(b.payloads('BootNotification').length, 2)
  },
)

t.test('two connectors share a ChargePointMaxProfile', async t => {
  const both = [
    { wiredPhases: 3, ratedA: 32 },
    { wiredPhases: 3, ratedA: 32 },
  ] as const
  const b = await bench({ connectors: both })
  const max = profile({ purpose: 'ChargePointMaxProfile', startMs: START_MS, periods: [[0, 24]] })
  await b.call('SetChargingProfile', { connectorId: 0, csChargingProfiles: max })
  await charging(b)
  t.strictSame(b.connector.flowA(), [24, 24, 24])
  const second = b.station.connectors[1]!
  second.plugIn(car())
  second.presentTag('TAG-2')
  await b.world.runFor(15 * S)
  t.strictSame(b.connector.flowA(), [12, 12, 12])
  t.strictSame(second.flowA(), [12, 12, 12])
})

t.test('every message of all these scenarios fits the official schemas', async t => {
  const calls = benches.flatMap(({ seen }) => seen)
  const faults = calls.map(({ action, payload }) => schemaFault(`${action}.req`, payload)).filter(Boolean)
  t.strictSame(faults, [])
  t.ok(calls.length > 200, `${calls.length} CALLs`)
})
