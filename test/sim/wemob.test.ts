/** The WEMOB's own features (seed 001, 4.3-4.4) in the simulated station, under virtual time. */
import t from 'tap'
import type { HealthReport } from '../../src/sim/station/vendor-terms.js'
import { bench, car, charging, MINUTE, S, WEMOB } from './station-bench.js'

const DAY_AT = (hour: number) => hour * 3_600

t.test('WEMOB: silent mode by key and schedule, whoever wants it silent wins (table 4.7)', async t => {
  const b = await bench({ model: WEMOB })
  const { vendor, configuration } = b.station
  for (const [key, enable, isSilent] of [
    ['false', undefined, false],
    ['false', 0, false],
    ['false', 1, true],
    ['true', undefined, true],
    ['true', 0, true],
    ['true', 1, true],
  ] as const) {
    configuration.change('SilentMode', key)
    vendor.schedule(enable === undefined ? [] : [{ startPeriod: 0, enable }])
    t.equal(vendor.isSilent(), isSilent, `key ${key}, schedule ${enable ?? 'none'}`)
  }
})

t.test(
  'WEMOB: a daily schedule by DataTransfer, from the period before midnight on, and its removal',
  async t => {
    const b = await bench({ model: WEMOB })
    const transfer = (data?: object) =>
      b.call('DataTransfer', { vendorId: 'X', messageId: 'SilentModeSchedule', ...(data && { data }) })
    const day = [
      { startPeriod: DAY_AT(18), enable: 1 },
      { startPeriod: DAY_AT(8), enable: 0 },
    ]
    t.match(await transfer(day), { payload: { status: 'Accepted' } })
    t.equal(b.station.vendor.isSilent(), true, '06:00: the evening of before')
    await b.world.runFor(3 * 60 * MINUTE)
    t.equal(b.station.vendor.isSilent(), false, '09:00')
    await b.world.runFor(10 * 60 * MINUTE)
    t.equal(b.station.vendor.isSilent(), true, '19:00')
    t.match(await transfer([{ startPeriod: 86_401, enable: 1 }]), { payload: { status: 'Rejected' } })
    t.equal(b.station.vendor.isSilent(), true, 'what is refused changes nothing')
    t.match(await transfer(), { payload: { status: 'Accepted' } })
    t.equal(b.station.vendor.isSilent(), false, 'removed')
  },
)

t.test('WEMOB: a change of silent mode waits for the end of a session', async t => {
  const b = await bench({ model: WEMOB })
  b.connector.plugIn(car())
  b.connector.presentTag('TAG-1')
  await b.world.runFor(MINUTE)
  t.match(await b.call('ChangeConfiguration', { key: 'SilentMode', value: 'true' }), {
    payload: { status: 'Accepted' },
  })
  t.equal(b.station.vendor.isSilent(), false)
  b.connector.presentTag('TAG-1')
  await b.world.runFor(MINUTE)
  t.equal(b.station.vendor.isSilent(), true)
})

t.test('WEMOB: display, screen saver and system health follow their keys', async t => {
  const b = await bench({ model: WEMOB })
  const { vendor, configuration } = b.station
  t.equal(vendor.setSilentAtDisplay(true), true)
  t.equal(configuration.text('SilentMode'), 'true')
  configuration.change('EnableHmiConfiguration', 'false')
  t.equal(vendor.setSilentAtDisplay(false), false)
  t.equal(configuration.text('SilentMode'), 'true', 'not at the display any more')
  await b.world.runFor(5 * MINUTE - S)
  t.equal(vendor.isDimmed(), false)
  await b.world.runFor(S)
  t.equal(vendor.isDimmed(), true, 'after the 5 minutes of its default')
  vendor.touched()
  t.equal(vendor.isDimmed(), false)
  configuration.change('ScreenSaverTime', '0')
  await b.world.runFor(60 * MINUTE)
  t.equal(vendor.isDimmed(), false, '0 = never')
  t.equal(vendor.reportsHealth(), false)
  configuration.change('EnableSystemHealth', 'true')
  t.equal(vendor.reportsHealth(), true)
})

t.test('WEMOB: a car is its own tag with AutoChargeEnabled; refused, a card is asked for', async t => {
  const b = await bench(
    { model: WEMOB },
    { tag: idTag => ({ status: idTag === 'VID:BAD' ? 'Invalid' : 'Accepted' }) },
  )
  b.connector.plugIn(car({ evccId: 'A1B2' }))
  await b.world.runFor(MINUTE)
  t.same(b.payloads('Authorize'), [], 'off by default')
  b.connector.unplug()
  b.station.configuration.change('AutoChargeEnabled', 'true')
  b.connector.plugIn(car({ evccId: 'A1B2' }))
  await b.world.runFor(MINUTE)
  t.match(b.payloads('StartTransaction'), [{ idTag: 'VID:A1B2' }])
  b.connector.unplug()
  await b.world.runFor(MINUTE)
  b.connector.plugIn(car({ evccId: 'BAD' }))
  await b.world.runFor(MINUTE)
  t.equal(b.payloads('StartTransaction').length, 1)
  b.connector.presentTag('TAG-1')
  await b.world.runFor(MINUTE)
  t.match(b.payloads('StartTransaction')[1], { idTag: 'TAG-1' })
})

t.test('WEMOB: neither key, schedule nor the hour changes silent mode while a car charges', async t => {
  const b = await bench({ model: WEMOB })
  const { configuration, vendor } = b.station
  const transfer = (data: object) =>
    b.call('DataTransfer', { vendorId: 'X', messageId: 'SilentModeSchedule', data })
  await transfer([
    { startPeriod: 0, enable: 0 },
    { startPeriod: DAY_AT(7), enable: 1 },
  ])
  await charging(b)
  await b.world.runFor(90 * MINUTE)
  t.equal(vendor.isSilent(), false, '07:30, the period began meanwhile')
  await transfer([{ startPeriod: 0, enable: 1 }])
  t.equal(vendor.isSilent(), false, 'another schedule')
  t.equal(vendor.setSilentAtDisplay(true), true)
  t.equal(vendor.isSilent(), false, 'set at the display')
  b.connector.presentTag('TAG-1')
  await b.world.runFor(S)
  t.equal(vendor.isSilent(), true, 'it ended')
  b.connector.unplug()
  await charging(b)
  configuration.change('SilentMode', 'false')
  await transfer([{ startPeriod: 0, enable: 0 }])
  t.equal(vendor.isSilent(), true, 'and the other way round')
})

t.test('WEMOB: a second car that comes meanwhile does not change silent mode for the first', async t => {
  const connectors = [
    { wiredPhases: 3, ratedA: 32 },
    { wiredPhases: 3, ratedA: 32 },
  ] as const
  const b = await bench({ model: WEMOB, connectors })
  await charging(b)
  b.station.configuration.change('SilentMode', 'true')
  const second = b.station.connectors[1]!
  second.plugIn(car())
  second.presentTag('TAG-2')
  await b.world.runFor(MINUTE)
  t.equal(b.station.vendor.isSilent(), false)
  b.connector.presentTag('TAG-1')
  second.presentTag('TAG-2')
  await b.world.runFor(S)
  t.equal(b.station.vendor.isSilent(), true, 'when both have ended')
})

t.test('WEMOB: the schedule outlives a reboot, and is alike every day', async t => {
  const b = await bench({ model: WEMOB })
  const data = [
    { startPeriod: DAY_AT(8), enable: 0 },
    { startPeriod: DAY_AT(18), enable: 1 },
  ]
  await b.call('DataTransfer', { vendorId: 'X', messageId: 'SilentModeSchedule', data })
  await b.call('Reset', { type: 'Hard' })
  await b.world.runFor(3 * 60 * MINUTE)
  t.equal(b.station.vendor.isSilent(), false, '09:00')
  await b.world.runFor(10 * 60 * MINUTE)
  t.equal(b.station.vendor.isSilent(), true, '19:00')
  await b.world.runFor(24 * 60 * MINUTE)
  t.equal(b.station.vendor.isSilent(), true, '19:00 on the next day')
})

t.test('WEMOB: silent, it offers less as it warms, never more than it was told; loud, all of it', async t => {
  const big = { wantsWh: 200_000 }
  const loud = await bench({ model: WEMOB })
  await charging(loud, big)
  await loud.world.runFor(60 * MINUTE)
  t.equal(loud.connector.pilotA(), 32)

  const quiet = await bench({ model: WEMOB, settings: { SilentMode: 'true' } })
  await charging(quiet, big)
  t.equal(quiet.connector.pilotA(), 32, 'cold')
  const offered = [32]
  for (let tenMinutes = 0; tenMinutes < 9; tenMinutes++) {
    await quiet.world.runFor(10 * MINUTE)
    offered.push(quiet.connector.pilotA())
  }
  t.same(
    offered.filter((offerA, index) => offerA > (offered[index - 1] ?? 32)),
    [],
    `${offered} A`,
  )
  t.ok(offered.at(-1)! < 26 && offered.at(-1)! >= 0.6 * 32, `${offered} A`)

  const told = profile16()
  await quiet.call('SetChargingProfile', { connectorId: 1, csChargingProfiles: told })
  await quiet.world.runFor(60 * MINUTE)
  t.equal(quiet.connector.pilotA(), 16, 'warm or not, no more than it was told')
})

const profile16 = () => ({
  chargingProfileId: 1,
  stackLevel: 0,
  chargingProfilePurpose: 'TxDefaultProfile',
  chargingProfileKind: 'Relative',
  chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] },
})

t.test(
  'WEMOB: without EnableHmiConfiguration nobody changes silent mode or language at the display',
  async t => {
    const b = await bench({ model: WEMOB })
    const { configuration, vendor } = b.station
    t.equal(vendor.setLanguageAtDisplay('en'), true)
    t.equal(vendor.language(), 'en')
    await b.call('ChangeConfiguration', { key: 'EnableHmiConfiguration', value: 'false' })
    t.equal(vendor.setLanguageAtDisplay('es'), false)
    t.equal(vendor.setSilentAtDisplay(true), false)
    t.same([vendor.language(), configuration.text('SilentMode')], ['en', 'false'])
    await b.call('ChangeConfiguration', { key: 'SilentMode', value: 'true' })
    t.equal(configuration.text('SilentMode'), 'true', 'the CSMS still does')
  },
)

t.test('WEMOB: who plugs in, shows a tag or unplugs wakes the display', async t => {
  const b = await bench({ model: WEMOB, settings: { ScreenSaverTime: '10' } })
  const { vendor } = b.station
  for (const [what, touch] of [
    ['plugs in', () => b.connector.plugIn(car())],
    ['shows a tag', () => b.connector.presentTag('TAG-1')],
    ['unplugs', () => b.connector.unplug()],
  ] as const) {
    await b.world.runFor(10 * MINUTE)
    t.equal(vendor.isDimmed(), true, `before somebody ${what}`)
    touch()
    t.equal(vendor.isDimmed(), false, what)
    await b.world.runFor(10 * MINUTE - S)
    t.equal(vendor.isDimmed(), false, '9 min 59 s later')
  }
})

t.test('WEMOB: EnableSystemHealth reports to the vendor, who then may operate it', async t => {
  const reports: HealthReport[] = []
  const b = await bench({ model: WEMOB, vendorService: report => reports.push(report) })
  const { configuration, vendor } = b.station
  const silent = { kind: 'change', key: 'SilentMode', value: 'true' } as const
  await b.world.runFor(20 * MINUTE)
  t.same(reports, [], 'off by default')
  t.equal(vendor.operate(silent), false)
  t.equal(vendor.operate({ kind: 'reset' }), false)
  t.equal(configuration.text('SilentMode'), 'false')
  await b.call('ChangeConfiguration', { key: 'EnableSystemHealth', value: 'true' })
  await charging(b)
  await b.world.runFor(10 * MINUTE)
  t.match(reports, [
    { stationId: 'CP-1', isSilent: false, loadShare: 1 },
    { stationId: 'CP-1', isSilent: false, loadShare: 1 },
  ])
  t.equal(vendor.operate(silent), true)
  t.equal(configuration.text('SilentMode'), 'true')
  t.equal(vendor.operate({ ...silent, key: 'NumberOfConnectors', value: '2' }), false, 'what nobody may set')
  t.equal(vendor.operate({ kind: 'reset' }), true)
  await b.world.runFor(MINUTE)
  t.equal(b.payloads('BootNotification').length, 2)
  t.match(b.payloads('StopTransaction'), [{ reason: 'SoftReset' }])
  await b.call('ChangeConfiguration', { key: 'EnableSystemHealth', value: 'false' })
  const told = reports.length
  await b.world.runFor(20 * MINUTE)
  t.equal(reports.length, told)
})

const AUTO_CHARGE = { AutoChargeEnabled: 'true', LocalPreAuthorize: 'false' }
const isAway = async (b: Awaited<ReturnType<typeof bench>>): Promise<void> => {
  await b.world.until(b.csms.setOnline(false))
  await b.world.runFor(S)
}

t.test('WEMOB: the tag of a car goes the way of all tags, by each key of 4.4.2', async t => {
  const LISTED = { LocalAuthListEnabled: 'true', AuthorizationCacheEnabled: 'false' }
  const CACHED = { AuthorizationCacheEnabled: 'true' }
  const UNKNOWN = { AllowOfflineTxForUnknownId: 'true', AuthorizationCacheEnabled: 'false' }
  for (const [what, settings, isOnline, asks, starts] of [
    ['online, not listed', {}, true, 1, true],
    ['online, listed', LISTED, true, 1, true],
    ['online, listed, LocalPreAuthorize', { ...LISTED, LocalPreAuthorize: 'true' }, true, 0, true],
    ['online, cached, LocalPreAuthorize', { ...CACHED, LocalPreAuthorize: 'true' }, true, 0, true],
    ['away, listed', LISTED, false, 0, true],
    ['away, cached', CACHED, false, 0, true],
    [
      'away, cached, not LocalAuthorizeOffline',
      { ...CACHED, LocalAuthorizeOffline: 'false' },
      false,
      0,
      false,
    ],
    ['away, unknown', { AuthorizationCacheEnabled: 'false' }, false, 0, false],
    ['away, unknown, AllowOfflineTxForUnknownId', UNKNOWN, false, 0, true],
    ['away, unknown, none offline', { ...UNKNOWN, LocalAuthorizeOffline: 'false' }, false, 0, false],
  ] as const) {
    const b = await bench({ model: WEMOB, settings: { ...AUTO_CHARGE, ...settings } })
    if ('LocalAuthListEnabled' in settings)
      await b.call('SendLocalList', {
        listVersion: 1,
        updateType: 'Full',
        localAuthorizationList: [{ idTag: 'VID:A1B2', idTagInfo: { status: 'Accepted' } }],
      })
    else {
      b.connector.plugIn(car({ evccId: 'A1B2' }))
      await b.world.runFor(MINUTE)
      b.connector.unplug()
      await b.world.runFor(MINUTE)
    }
    const asked = b.payloads('Authorize').length
    if (!isOnline) await isAway(b)
    b.connector.plugIn(car({ evccId: 'A1B2' }))
    await b.world.runFor(MINUTE)
    t.equal(b.connector.transaction() !== undefined, starts, `${what}: starts`)
    t.equal(b.payloads('Authorize').length - asked, asks, `${what}: asks`)
    await b.station.stop()
  }
})

t.test('WEMOB: a car whose tag is refused late stops as StopTransactionOnInvalidId says', async t => {
  for (const [stops, reasons] of [
    ['true', ['DeAuthorized']],
    ['false', []],
  ] as const) {
    const b = await bench(
      {
        model: WEMOB,
        settings: { ...AUTO_CHARGE, AllowOfflineTxForUnknownId: 'true', StopTransactionOnInvalidId: stops },
      },
      { tag: () => ({ status: 'Blocked' }) },
    )
    await isAway(b)
    b.connector.plugIn(car({ evccId: 'A1B2' }))
    await b.world.runFor(MINUTE)
    t.same(b.connector.flowA(), [32, 32, 32])
    await b.world.until(b.csms.setOnline(true))
    await b.world.runFor(3 * MINUTE)
    t.match(b.payloads('StartTransaction'), [{ idTag: 'VID:A1B2' }])
    t.same(
      b.payloads('StopTransaction').map(({ reason }) => reason),
      reasons,
    )
    t.same(b.connector.flowA(), [0, 0, 0], 'no energy either way')
  }
})

t.test('WEMOB: commissioned modes: nobody is asked, a list here, the CSMS', async t => {
  const plug = async (b: Awaited<ReturnType<typeof bench>>, evccId?: string): Promise<void> => {
    b.connector.plugIn(car(evccId === undefined ? {} : { evccId }))
    await b.world.runFor(MINUTE)
  }
  const free = await bench({ model: WEMOB, commissioned: 'always' })
  await plug(free)
  t.match(free.payloads('StartTransaction'), [{ idTag: 'FREE' }], 'mode 0: at the cable')
  free.connector.unplug()
  free.station.configuration.change('AutoChargeEnabled', 'true')
  await plug(free, 'A1B2')
  t.match(free.payloads('StartTransaction')[1], { idTag: 'VID:A1B2' }, 'mode 0 names the car')
  t.same(free.payloads('Authorize'), [], 'and asks nobody')

  const listed = await bench({
    model: WEMOB,
    commissioned: 'local list',
    settings: { AutoChargeEnabled: 'true', LocalAuthListEnabled: 'true' },
  })
  const localAuthorizationList = ['TAG-1', 'VID:A1B2'].map(idTag => ({
    idTag,
    idTagInfo: { status: 'Accepted' },
  }))
  await listed.call('SendLocalList', { listVersion: 1, updateType: 'Full', localAuthorizationList })
  await plug(listed, 'A1B2')
  t.same(listed.payloads('StartTransaction'), [], 'mode 1 knows no auto-charge')
  listed.connector.presentTag('TAG-2')
  await listed.world.runFor(MINUTE)
  t.same(listed.payloads('StartTransaction'), [], 'nor a tag that is not listed')
  listed.connector.presentTag('TAG-1')
  await listed.world.runFor(MINUTE)
  t.match(listed.payloads('StartTransaction'), [{ idTag: 'TAG-1' }])
  t.same(listed.payloads('Authorize'), [], 'and asks nobody')
})

t.test(
  'WEMOB: AlwaysAllowOfflineTransactions starts at the cable, only without the CSMS (4.4.1)',
  async t => {
    const b = await bench({ model: WEMOB })
    await isAway(b)
    b.connector.plugIn(car())
    await b.world.runFor(MINUTE)
    t.equal(b.connector.transaction(), undefined, 'scenario 1: the key is false')
    b.connector.unplug()
    await b.world.until(b.csms.setOnline(true))
    await b.world.runFor(3 * MINUTE)
    await b.call('ChangeConfiguration', { key: 'AlwaysAllowOfflineTransactions', value: 'true' })
    b.connector.plugIn(car())
    await b.world.runFor(MINUTE)
    t.equal(b.connector.transaction(), undefined, 'the CSMS is there')
    b.connector.unplug()
    await isAway(b)
    b.connector.plugIn(car())
    await b.world.runFor(MINUTE)
    t.same(b.connector.flowA(), [32, 32, 32], 'scenario 2: nobody has shown a tag')
  },
)
