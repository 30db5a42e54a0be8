/** What Busbar makes of a station's configuration: wishes, virtual keys, own limits, words for the operator. */
import fc from 'fast-check'
import t from 'tap'
import { topLevel } from '../../../src/core/control/station.js'
import type { StationConfiguration } from '../../../src/core/events.js'
import {
  changedByOthers,
  changedByUs,
  csmsReads,
  isHeavy,
  NO_CONFIGURATION,
  nextWish,
  readAll,
  readSome,
  sampleIntervalFor,
  samplingOf,
} from '../../../src/core/station/configuration.js'
import { configurationNotices } from '../../../src/core/station/configuration-notices.js'
import { configurationTable, withReportedLimits } from '../../../src/core/station/reported-limits.js'
import { isDue, periodicSampleMs } from '../../../src/core/station/virtual-meter-values.js'
import { catalogue } from '../../scenarios/fixtures/yard.js'

const NEEDED = 'Current.Import,Power.Active.Import,Energy.Active.Import.Register'

function read(
  keys: Readonly<Record<string, string>>,
  options: {
    readonly before?: StationConfiguration
    readonly readonly?: readonly string[]
    readonly firmware?: string
  } = {},
): StationConfiguration {
  const configurationKey = Object.entries(keys).map(([key, value]) => ({
    key,
    value,
    readonly: options.readonly?.includes(key) === true,
  }))
  const { before = NO_CONFIGURATION, firmware = '1' } = options
  return readAll(before, { configurationKey }, { wallMs: 1, firmware })
}

t.test('what is wished of a station', async t => {
  const rows: readonly (readonly [title: string, keys: Record<string, string>, wish: object | undefined])[] =
    [
      [
        'all measurands control reads, after those the CSMS has chosen',
        { MeterValuesSampledData: 'Energy.Active.Import.Register,Voltage.L1' },
        {
          key: 'MeterValuesSampledData',
          value: 'Energy.Active.Import.Register,Voltage.L1,Current.Import,Power.Active.Import',
        },
      ],
      [
        'an empty list is filled',
        { MeterValuesSampledData: '' },
        { key: 'MeterValuesSampledData', value: NEEDED },
      ],
      [
        'a measurand with its phase counts',
        { MeterValuesSampledData: `${NEEDED},Current.Import.L1` },
        undefined,
      ],
      [
        'no more measurands than the station takes',
        { MeterValuesSampledData: 'Energy.Active.Import.Register', MeterValuesSampledDataMaxLength: '2' },
        { key: 'MeterValuesSampledData', value: 'Energy.Active.Import.Register,Current.Import' },
      ],
      [
        'none at all where nothing fits any more',
        { MeterValuesSampledData: 'Voltage', MeterValuesSampledDataMaxLength: '1' },
        undefined,
      ],
      [
        'samples each 10 s',
        { MeterValueSampleInterval: '60' },
        { key: 'MeterValueSampleInterval', value: '10' },
      ],
      [
        'also where the CSMS wants none',
        { MeterValueSampleInterval: '0' },
        { key: 'MeterValueSampleInterval', value: '10' },
      ],
      ['a shorter interval stays', { MeterValueSampleInterval: '7' }, undefined],
      ['a bad interval is left alone', { MeterValueSampleInterval: 'often' }, undefined],
      [
        'a station that never pings is made to',
        { WebSocketPingInterval: '0' },
        { key: 'WebSocketPingInterval', value: '30' },
      ],
      ['one that pings often enough is not touched', { WebSocketPingInterval: '20' }, undefined],
      ['keys the station does not have are not set', { HeartbeatInterval: '300' }, undefined],
    ]
  for (const [title, keys, wish] of rows) t.same(nextWish(read(keys)), wish, title)
  const readonly = ['MeterValuesSampledData', 'MeterValueSampleInterval', 'WebSocketPingInterval']
  const values = { MeterValuesSampledData: '', MeterValueSampleInterval: '60', WebSocketPingInterval: '0' }
  t.equal(nextWish(read(values, { readonly })), undefined, 'nor those it only shows')
})

t.test('a sample falls on each time the CSMS wants one, wherever the interval can be divided', async t => {
  const rows = [
    [0, 10],
    [1, 1],
    [10, 10],
    [15, 5],
    [17, 10],
    [25, 5],
    [27, 9],
    [60, 10],
    [900, 10],
  ] as const
  for (const [csmsS, stationS] of rows) t.equal(sampleIntervalFor(csmsS), stationS, `${csmsS} s`)
})

t.test('what a station refuses', async t => {
  const first = read({ MeterValuesSampledData: 'Voltage' })
  const wish = nextWish(first)!
  const second = changedByUs(first, wish, 'Rejected')
  t.same(
    nextWish(second),
    { key: 'MeterValuesSampledData', value: 'Voltage,Current.Import' },
    'less is tried',
  )
  const third = changedByUs(second, nextWish(second)!, 'Rejected')
  t.equal(nextWish(third), undefined, 'and then nothing more')
  t.equal(csmsReads(third).size, 0)
  const keys = { MeterValuesSampledData: 'Voltage' }
  t.equal(nextWish(read(keys, { before: third })), undefined, 'not after the next boot either')
  t.same(nextWish(read(keys, { before: third, firmware: '2' })), wish, 'but with another firmware')
})

t.test('virtual keys', async t => {
  const keys = { MeterValueSampleInterval: '60', MeterValuesSampledData: NEEDED }
  const set = changedByUs(read(keys), { key: 'MeterValueSampleInterval', value: '10' }, 'Accepted')
  t.same([...csmsReads(set)], [['MeterValueSampleInterval', '60']], 'the CSMS reads its own')
  t.same(samplingOf(set), { stationIntervalS: 10, csmsIntervalS: 60 })
  t.equal(nextWish(set), undefined)

  const rebooted = read({ ...keys, MeterValueSampleInterval: '10' }, { before: set })
  t.same([...csmsReads(rebooted)], [['MeterValueSampleInterval', '60']], 'kept over a boot')
  const lost = read({ ...keys, MeterValueSampleInterval: '30' }, { before: set })
  t.same([...csmsReads(lost)], [], 'a station that lost it shows the value of somebody else')
  t.same(nextWish(lost), { key: 'MeterValueSampleInterval', value: '10' })

  const byCsms = changedByOthers(set, { key: 'MeterValueSampleInterval', value: '300' }, 'Accepted', false)
  t.same([...csmsReads(byCsms)], [], 'what the CSMS sets is in force')
  const again = changedByUs(byCsms, nextWish(byCsms)!, 'Accepted')
  t.same([...csmsReads(again)], [['MeterValueSampleInterval', '300']], 'until ours is again below it')
  t.equal(changedByOthers(set, { key: 'MeterValueSampleInterval', value: 'x' }, 'Rejected', false), set)

  const later = changedByUs(read(keys), { key: 'MeterValueSampleInterval', value: '10' }, 'RebootRequired')
  t.same(later.rebootRequired, ['MeterValueSampleInterval'])
  t.equal(samplingOf(later), undefined, 'nothing is held back before it is in force')
  t.equal(nextWish(later), undefined, 'and it is not asked for again')
  const after = read({ ...keys, MeterValueSampleInterval: '10' }, { before: later })
  t.same(after.rebootRequired, [])
  t.same(samplingOf(after), { stationIntervalS: 10, csmsIntervalS: 60 })
})

t.test('what others have set is not overruled', async t => {
  const pings = changedByUs(
    read({ WebSocketPingInterval: '0' }),
    { key: 'WebSocketPingInterval', value: '30' },
    'Accepted',
  )
  t.equal(csmsReads(pings).size, 0, 'the ping interval is not virtual')
  const off = changedByOthers(pings, { key: 'WebSocketPingInterval', value: '0' }, 'Accepted', false)
  t.equal(nextWish(off), undefined)
  t.equal(nextWish(read({ WebSocketPingInterval: '0' }, { before: off })), undefined, 'nor after a boot')
  const notices = configurationNotices(off, { id: 'A', connectorCount: 1, affectsLimits: [] })
  t.match(notices, [{ text: /WebSocketPingInterval was set to 0/ }])
})

t.test('readings are bounded and take what makes sense', async t => {
  for (const key of ['constructor', '__proto__', 'toString']) {
    const odd = changedByOthers(read({}), { key, value: 'x' }, 'Accepted', true)
    t.match(JSON.parse(JSON.stringify(odd)), {
      keys: key === '__proto__' ? {} : { [key]: { readonly: false } },
    })
    t.equal(nextWish(odd), undefined, key)
  }
  const many = Array.from({ length: 1000 }, (_, i) => ({
    key: `k${i}`,
    readonly: false,
    value: 'v'.repeat(5000),
  }))
  const configuration = readSome(NO_CONFIGURATION, { configurationKey: [...many, 7, { key: '__proto__' }] })
  t.equal(Object.keys(configuration.keys).length, 300)
  t.equal(configuration.keys.k0?.value?.length, 2000)
  fc.assert(
    fc.property(fc.jsonValue(), conf => {
      const made = readAll(NO_CONFIGURATION, conf, { wallMs: 0, firmware: undefined })
      return nextWish(made) === undefined || Object.keys(made.keys).length > 0
    }),
    { numRuns: 300 },
  )
})

t.test(
  'many samples of one session are not sent again in one StopTransaction that nobody could take',
  async t => {
    const configuration = read({ StopTxnSampledData: 'Energy.Active.Import.Register' })
    t.equal(isHeavy(configuration, 1_000), false)
    t.equal(isHeavy(configuration, 1_200), true)
    t.equal(
      isHeavy(read({ StopTxnSampledData: '' }), 1e6),
      false,
      'a station that repeats none may sample on',
    )
    t.equal(
      isHeavy(read({ StopTxnSampledData: 'Voltage', StopTransactionMaxMeterValues: '100' }), 1e6),
      false,
      'as may one that bounds them',
    )
    const sampling = changedByUs(
      read({ MeterValueSampleInterval: '900' }),
      { key: 'MeterValueSampleInterval', value: '10' },
      'Accepted',
    )
    const sparing = nextWish(sampling, true)
    t.same(sparing, { key: 'MeterValueSampleInterval', value: '900' })
    const back = changedByUs(sampling, sparing!, 'Accepted')
    t.equal(csmsReads(back).size, 0)
    t.same(nextWish(back), { key: 'MeterValueSampleInterval', value: '10' }, 'until the session is over')
  },
)

t.test('MeterValues for the CSMS', async t => {
  const value = (timestamp: string, context?: string) => ({
    timestamp,
    sampledValue: [{ value: '1', ...(context !== undefined && { context }) }],
  })
  const at = '2026-01-01T00:00:10Z'
  const rows: readonly (readonly [title: string, meterValue: unknown, expected: number | undefined])[] = [
    ['no context is a periodic sample', [value(at)], Date.parse(at)],
    ['periodic', [value(at, 'Sample.Periodic')], Date.parse(at)],
    ['clock-aligned values always pass', [value(at, 'Sample.Clock')], undefined],
    ['so does a mixture', [value(at), value(at, 'Trigger')], undefined],
    ['and what has no time', [{ sampledValue: [{ value: '1' }] }], undefined],
    ['or no sample', [{ timestamp: at, sampledValue: [] }], undefined],
  ]
  for (const [title, meterValue, expected] of rows)
    t.equal(periodicSampleMs({ connectorId: 1, meterValue }), expected, title)

  t.test('exactly one of them for each interval of the CSMS, jitter and losses or not', async () => {
    fc.assert(
      fc.property(
        fc.constantFrom(15, 25, 60, 300),
        fc.array(
          fc.record({ lost: fc.integer({ min: 0, max: 9 }), jitterMs: fc.integer({ min: -900, max: 900 }) }),
          {
            minLength: 100,
            maxLength: 200,
          },
        ),
        (csmsIntervalS, samples) => {
          const stationIntervalS = sampleIntervalFor(csmsIntervalS)
          const anchorMs = 1_000_000
          let previousMs: number | undefined
          const due = new Map<number, number>()
          samples.forEach(({ lost, jitterMs }, index) => {
            if (lost === 0) return
            const sampleMs = anchorMs + (index + 1) * stationIntervalS * 1000 + jitterMs
            if (isDue({ sampleMs, previousMs, anchorMs }, { stationIntervalS, csmsIntervalS })) {
              const turn = Math.floor((sampleMs - anchorMs + stationIntervalS * 500) / (csmsIntervalS * 1000))
              due.set(turn, (due.get(turn) ?? 0) + 1)
            }
            previousMs = sampleMs
          })
          const seen = previousMs === undefined ? 0 : previousMs - anchorMs + stationIntervalS * 500
          const expected = Math.floor(seen / (csmsIntervalS * 1000))
          const each = [...due.values()].every(count => count === 1)
          // a gap longer than the interval costs the samples that were never taken
          return (
            each && due.size <= expected && due.size >= expected - samples.filter(s => s.lost === 0).length
          )
        },
      ),
      { numRuns: 200 },
    )
  })

  t.equal(
    isDue(
      { sampleMs: 60_000, previousMs: undefined, anchorMs: 0 },
      { stationIntervalS: 10, csmsIntervalS: 0 },
    ),
    false,
    'a CSMS that wants none gets none',
  )
})

t.test("a station's own limits hold instead of its model file's", async t => {
  const model = catalogue.stationModels.get('generic')!
  const own = withReportedLimits(
    model,
    read({
      ChargeProfileMaxStackLevel: '7',
      ChargingScheduleAllowedChargingRateUnit: 'W, Current',
      ChargingScheduleMaxPeriods: '0',
      MaxChargingProfilesInstalled: 'many',
    }),
  )
  t.same(
    own.smartCharging,
    { ...model.smartCharging, maxStackLevel: 7, rateUnits: ['A', 'W'] },
    'nonsense is left',
  )

  const boastful = withReportedLimits(
    model,
    read({
      ChargeProfileMaxStackLevel: '999999',
      ChargingScheduleMaxPeriods: '999999',
      MaxChargingProfilesInstalled: '999999',
    }),
  )
  t.match(boastful.smartCharging, { maxStackLevel: 999_999, maxPeriods: 1024, maxProfiles: 300 })
  t.equal(topLevel(boastful), 20, 'and Busbar clears no million levels')

  const table = configurationTable(
    model,
    changedByUs(
      read(
        { MeterValueSampleInterval: '60', HeartbeatInterval: '77', Vendor: 'x', NumberOfConnectors: '1' },
        {
          readonly: ['HeartbeatInterval', 'NumberOfConnectors'],
        },
      ),
      { key: 'MeterValueSampleInterval', value: '10' },
      'Accepted',
    ),
  )
  const row = (key: string) => table.find(entry => entry.key === key)
  t.match(row('MeterValueSampleInterval'), { value: '10', csmsReads: '60', difference: 'none' })
  t.match(row('HeartbeatInterval'), { difference: 'access' })
  t.match(row('Vendor'), { difference: 'not in the model file' })
  t.match(row('NumberOfConnectors'), { difference: 'none' })
  t.match(row('ConnectionTimeOut'), { difference: 'not on the station' })
  t.same(configurationTable(model, NO_CONFIGURATION), [], 'nothing before it was read')
})

t.test('what the operator is told', async t => {
  const told = (configuration: StationConfiguration) =>
    configurationNotices(configuration, { id: 'A', connectorCount: 1, affectsLimits: ['SilentMode'] })
  t.match(told(read({ NumberOfConnectors: '2' })), [{ alarm: 'connectors-not-configured' }])
  t.same(told(read({ NumberOfConnectors: '1' })), [])
  const silent = changedByOthers(read({}), { key: 'SilentMode', value: 'true' }, 'Accepted', true)
  t.match(told(silent), [{ alarm: 'key-against-control' }])
  const reboot = changedByUs(
    read({ WebSocketPingInterval: '0' }),
    { key: 'WebSocketPingInterval', value: '30' },
    'RebootRequired',
  )
  t.match(told(reboot), [{ alarm: 'reboot-required', text: /WebSocketPingInterval/ }])
  t.match(told(read({ MeterValuesSampledData: 'Voltage' }, { readonly: ['MeterValuesSampledData'] })), [
    { text: /read-only/ },
  ])
  t.match(told(read({ MeterValueSampleInterval: '0' })), [{ text: /never/ }])
  t.same(told(NO_CONFIGURATION), [])
})
