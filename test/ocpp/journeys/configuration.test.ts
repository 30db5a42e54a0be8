/** The station's configuration on the wire: read after the boot, set where control needs it, invisible to the CSMS. */
import t, { type Test } from 'tap'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  type Peer,
  siteOf,
  start,
  startEdge,
} from '../both-sides.js'

/** A station with three keys, answering as one does. */
function answering(station: Peer, keys: Map<string, string>, changed = 'Accepted'): void {
  station.configuration = undefined
  station.onCall = call => {
    if (call.action === 'GetConfiguration') return confOf(keys)
    if (call.action !== 'ChangeConfiguration') return '{"status":"Accepted"}'
    const { key, value } = JSON.parse(call.text) as { key: string; value: string }
    if (changed === 'Accepted') keys.set(key, value)
    return `{"status":"${changed}"}`
  }
}

const confOf = (keys: ReadonlyMap<string, string>): string =>
  `{ "configurationKey": [${[...keys].map(([key, value]) => `{"readonly":false, "key":"${key}", "value":"${value}"}`).join(', ')}] , "unknownKey":[] }`

async function depot(t: Test, options: { readonly journal?: MemoryJournal; readonly changed?: string } = {}) {
  const csms = await Csms.listen()
  csms.onCall = friendly(7_000)
  const { journal = new MemoryJournal() } = options
  const running = await startEdge(siteOf({ stations: ['CP-1'], csmsPort: csms.port }), journal)
  t.teardown(async () => {
    await running.edge.stop()
    await csms.stop()
  })
  const keys = new Map([
    ['MeterValueSampleInterval', '60'],
    ['MeterValuesSampledData', 'Energy.Active.Import.Register'],
    ['WebSocketPingInterval', '20'],
  ])
  const station = await connectStation(running.edge.port, 'CP-1')
  answering(station, keys, options.changed)
  const upstream = await csms.station('CP-1')
  return { ...running, csms, station, upstream, keys, journal }
}

const sample = (atS: number, context = 'Sample.Periodic'): string =>
  `{"connectorId":1,"transactionId":7000,"meterValue":[{"timestamp":"${new Date(Date.parse('2026-01-01T10:00:00Z') + atS * 1000).toISOString()}","sampledValue":[{"value":"1","context":"${context}"}]}]}`

t.test('after an accepted boot', async t => {
  t.test(
    'the configuration is read and set, once the boot is answered, and the CSMS sees none of it',
    async t => {
      const { station, upstream, keys, events } = await depot(t)
      const frames: string[] = []
      station.socket.on('message', data => frames.push(String(data)))
      await station.call('BootNotification', BOOT)
      await station.next('GetConfiguration')
      t.match(frames[0], /^\[3,/, 'nothing is sent to a station before the answer to its boot')
      const first = await station.next('ChangeConfiguration')
      t.same(JSON.parse(first.text), {
        key: 'MeterValuesSampledData',
        value: 'Energy.Active.Import.Register,Current.Import,Power.Active.Import',
      })
      await station.next('ChangeConfiguration')
      const conf = await upstream.call('GetConfiguration', '{"key":[]}')
      t.equal(keys.get('MeterValueSampleInterval'), '10')
      t.equal(
        conf,
        confOf(
          new Map([
            ['MeterValueSampleInterval', '60'],
            ['MeterValuesSampledData', 'Energy.Active.Import.Register'],
            ['WebSocketPingInterval', '20'],
          ]),
        ),
        'the CSMS reads its own values, byte for byte',
      )
      t.same([...new Set(upstream.calls.map(call => call.action))], ['BootNotification'])
      t.equal(events.findLast(event => event.kind === 'configured')?.stationId, 'CP-1')
      t.notOk(
        station.calls.some(call => call.text.includes('WebSocketPingInterval')),
        'what fits is left alone',
      )
    },
  )

  t.test('a change of the CSMS gets the answer of the station, and ours goes below it again', async t => {
    const { station, upstream, keys } = await depot(t)
    await station.call('BootNotification', BOOT)
    await station.next('ChangeConfiguration')
    await station.next('ChangeConfiguration')
    t.equal(
      await upstream.call('ChangeConfiguration', '{"key":"MeterValueSampleInterval", "value":"300"}'),
      '{"status":"Accepted"}',
    )
    t.equal(
      (await station.next('ChangeConfiguration')).text,
      '{"key":"MeterValueSampleInterval", "value":"300"}',
    )
    t.same(JSON.parse((await station.next('ChangeConfiguration')).text), {
      key: 'MeterValueSampleInterval',
      value: '10',
    })
    t.match(
      await upstream.call('GetConfiguration', '{"key":[]}'),
      /"MeterValueSampleInterval", "value":"300"/,
    )
    t.equal(keys.get('MeterValueSampleInterval'), '10')
  })

  t.test('a station that needs a reboot is not rebooted', async t => {
    const { station, upstream, event } = await depot(t, { changed: 'RebootRequired' })
    await station.call('BootNotification', BOOT)
    await station.next('ChangeConfiguration')
    await station.next('ChangeConfiguration')
    await event('configured')
    t.notOk(station.calls.some(call => call.action === 'Reset'))
    t.match(await upstream.call('GetConfiguration', '{"key":[]}'), /"MeterValueSampleInterval", "value":"60"/)
  })

  t.test('it is read again after each boot, and what is virtual is known after a restart', async t => {
    const { station, edge, journal, keys } = await depot(t)
    await station.call('BootNotification', BOOT)
    await station.next('ChangeConfiguration')
    await station.next('ChangeConfiguration')
    await station.call('BootNotification', BOOT)
    await station.next('GetConfiguration')
    await station.next('GetConfiguration')
    await edge.stop()
    const after = await depot(t, { journal })
    answering(after.station, keys)
    t.match(
      await after.upstream.call('GetConfiguration', '{"key":[]}'),
      /"MeterValueSampleInterval", "value":"60"/,
    )
  })
})

t.test('MeterValues', async t => {
  t.test(
    'reach the CSMS unchanged when they are due at its interval, all others are answered here',
    async t => {
      const { edge, station, upstream } = await depot(t)
      await station.call('BootNotification', BOOT)
      await station.next('ChangeConfiguration')
      await station.next('ChangeConfiguration')
      await station.call('StartTransaction', start())
      for (let atS = 10; atS <= 180; atS += 10) t.equal(await station.call('MeterValues', sample(atS)), '{}')
      await station.call('MeterValues', sample(185, 'Trigger'))
      const seen = upstream.calls.filter(call => call.action === 'MeterValues').map(call => call.text)
      t.same(seen, [sample(60), sample(120), sample(180), sample(185, 'Trigger')])
      t.equal(edge.counters.ownSamples, 15)
    },
  )

  t.test(
    'a station that sends all samples again at the end samples sparingly before they are too many',
    async t => {
      const { keys, station, upstream } = await depot(t)
      keys.set('StopTxnSampledData', 'Energy.Active.Import.Register')
      await station.call('BootNotification', BOOT)
      await station.next('ChangeConfiguration')
      await station.next('ChangeConfiguration')
      await station.call('StartTransaction', start())
      for (let n = 1; n <= 1_170; n++) await station.call('MeterValues', sample(n * 10))
      const interval = async () => JSON.parse((await station.next('ChangeConfiguration')).text)
      t.same(await interval(), { key: 'MeterValueSampleInterval', value: '60' }, 'as the CSMS has it')
      await station.call(
        'StopTransaction',
        '{"transactionId":7000,"meterStop":9,"timestamp":"2026-01-01T14:00:00Z"}',
      )
      t.same(await interval(), { key: 'MeterValueSampleInterval', value: '10' }, 'until the session is over')
      t.match(
        await upstream.call('GetConfiguration', '{"key":[]}'),
        /"MeterValueSampleInterval", "value":"60"/,
      )
    },
  )

  t.test('that the CSMS asked for pass, whether the station says so in them or not', async t => {
    const { station, upstream } = await depot(t)
    await station.call('BootNotification', BOOT)
    await station.next('ChangeConfiguration')
    await station.next('ChangeConfiguration')
    await station.call('StartTransaction', start())
    await upstream.call('TriggerMessage', '{"requestedMessage":"MeterValues"}')
    await station.call('MeterValues', sample(10))
    await station.call('MeterValues', sample(20))
    const seen = upstream.calls.filter(call => call.action === 'MeterValues').map(call => call.text)
    t.same(seen, [sample(10)])
  })
})
