import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { digestOf } from '../../src/ocpp/transactions/answered.js'
import { openStationStore } from '../../src/store/station-store.js'
import { ledgerCsv } from '../../src/web/ledger-csv.js'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  meter,
  quietLog,
  type Running,
  type Seen,
  siteOf,
  start,
  startEdge,
  status,
  stop,
} from './both-sides.js'

const LOCAL = 1_500_000_000
/** Ten times real time: the 1 s between two dials becomes 0.1 s. */
const SPEED = 10

/** A port nobody listens on until the test opens it. */
async function freePort(): Promise<number> {
  const probe = await Csms.listen()
  const { port } = probe
  await probe.stop()
  return port
}

async function awayDepot(t: Test, offline: object = {}, speed = SPEED) {
  const csmsPort = await freePort()
  const journal = new MemoryJournal()
  const config = siteOf({ stations: ['CP-1'], csmsPort, offline })
  const running: Running = await startEdge(config, journal, speed)
  t.teardown(() => running.edge.stop())
  const comeBack = async (onCall: (call: Seen) => string | undefined = friendly()): Promise<Csms> => {
    const csms = await Csms.listen(csmsPort)
    csms.onCall = onCall
    t.teardown(() => csms.stop())
    return csms
  }
  return { journal, config, comeBack, csmsPort, ...running }
}

/** Marks the station as accepted before, as an earlier boot would have. */
function acceptedBefore(journal: MemoryJournal, id = 'CP-1'): void {
  journal.entries.set(
    `station/${id}`,
    JSON.stringify({ stationId: id, accepted: true, bootDue: false, kept: {} }),
  )
}

t.test('with the CSMS away', async t => {
  t.test('a station the CSMS keeps Pending is served by nobody once the CSMS is gone', async t => {
    const csms = await Csms.listen()
    const { edge } = await startEdge(
      siteOf({ stations: ['CP-1'], csmsPort: csms.port }),
      new MemoryJournal(),
      2,
    )
    t.teardown(() => Promise.all([edge.stop(), csms.stop()]))
    const pending = `{"status":"Pending","currentTime":"${new Date().toISOString()}","interval":60}`
    csms.onCall = call => (call.action === 'BootNotification' ? pending : '{}')
    const station = await connectStation(edge.port, 'CP-1')
    t.match(await station.call('BootNotification', BOOT), /"Pending"/)
    t.equal(
      await station.call('StatusNotification', status(1, 'Available')),
      '{}',
      'the CSMS may still be asked',
    )
    await csms.stop()
    t.match(await station.call('Heartbeat', '{}'), /^"SecurityError"/)
  })

  t.test('a station it never accepted is kept Pending and gets SecurityError for the rest', async t => {
    const { edge } = await awayDepot(t)
    const station = await connectStation(edge.port, 'CP-1')
    t.match(await station.call('BootNotification', BOOT), /^\{"status":"Pending",.*"interval":10\}$/)
    t.match(await station.call('Heartbeat', '{}'), /^"SecurityError"/)
  })

  t.test('one it accepted before is served: boot, clock, status, vendor data, certificates', async t => {
    const journal = new MemoryJournal()
    acceptedBefore(journal)
    const { edge, events } = await startEdge(
      siteOf({ stations: ['CP-1'], csmsPort: await freePort() }),
      journal,
      SPEED,
    )
    t.teardown(() => edge.stop())
    const station = await connectStation(edge.port, 'CP-1')
    t.match(await station.call('BootNotification', BOOT), /^\{"status":"Accepted","currentTime":"20/)
    t.match(await station.call('Heartbeat', '{}'), /^\{"currentTime":"20/)
    t.equal(await station.call('StatusNotification', status(1, 'Available')), '{}')
    t.equal(await station.call('DataTransfer', '{"vendorId":"V"}'), '{"status":"Rejected"}')
    t.equal(await station.call('SignCertificate', '{"csr":"x"}'), '{"status":"Rejected"}')
    t.equal(await station.call('FirmwareStatusNotification', '{"status":"Idle"}'), '{}')
    t.match(await station.call('X-Vendor', '{}'), /^"NotImplemented"/)
    t.match(
      events.find(e => e.kind === 'booted'),
      { info: { model: 'M' } },
    )
  })

  t.test(
    'with commissionOffline it is taken in, by the tags that are known, and boots first at the CSMS',
    async t => {
      const { edge, comeBack } = await awayDepot(t, { commissionOffline: true })
      const station = await connectStation(edge.port, 'CP-1')
      t.match(await station.call('BootNotification', BOOT), /"Accepted"/)
      t.equal(await station.call('Authorize', '{"idTag":"X"}'), '{"idTagInfo":{"status":"Invalid"}}')
      t.equal(await edge.setOperatorTags([{ idTag: 'OWN', status: 'Accepted' }]), true)
      t.match(await station.call('StartTransaction', start('OWN')), /"Accepted"/)
      await station.call('StopTransaction', stop(LOCAL))
      const upstream = await (await comeBack(friendly(7))).station('CP-1')
      await upstream.next('StopTransaction')
      t.same(
        upstream.calls.map(call => call.action).filter(action => action !== 'Heartbeat'),
        ['BootNotification', 'StartTransaction', 'StopTransaction'],
      )
    },
  )

  t.test('a word of the CSMS that is older than acceptedWithinDays lets nobody in', async t => {
    const journal = new MemoryJournal()
    acceptedBefore(journal)
    const DAY = 86_400_000
    for (const [tag, days] of [
      ['NEW', 6.9],
      ['OLD', 7.1],
      ['AHEAD', -8],
    ] as const)
      journal.entries.set(
        `tag/${tag}`,
        JSON.stringify({ status: 'Accepted', seenWallMs: Date.now() - days * DAY }),
      )
    const offline = { acceptedWithinDays: 7 }
    const config = siteOf({ stations: ['CP-1'], csmsPort: await freePort(), offline })
    const { edge } = await startEdge(config, journal, 1)
    t.teardown(() => edge.stop())
    const station = await connectStation(edge.port, 'CP-1')
    for (const [tag, status] of [
      ['NEW', 'Accepted'],
      ['OLD', 'Invalid'],
      ['AHEAD', 'Invalid'],
    ] as const)
      t.match(await station.call('Authorize', `{"idTag":"${tag}"}`), `"${status}"`, tag)
  })

  t.test('unknown tags are refused by default and accepted with AllowOfflineTxForUnknownId', async t => {
    const strict = await awayDepot(t)
    const one = await connectStation(strict.edge.port, 'CP-1')
    t.equal(await one.call('Authorize', '{"idTag":"X"}'), '{"idTagInfo":{"status":"Invalid"}}')
    const lenient = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const two = await connectStation(lenient.edge.port, 'CP-1')
    t.equal(await two.call('Authorize', '{"idTag":"X"}'), '{"idTagInfo":{"status":"Accepted"}}')
    const open = await awayDepot(t, { AlwaysAllowOfflineTransactions: true, AlwaysAllowIdTag: 'DEPOT' })
    const three = await connectStation(open.edge.port, 'CP-1')
    t.equal(
      await three.call('Authorize', '{"idTag":"X"}'),
      '{"idTagInfo":{"status":"Accepted","parentIdTag":"DEPOT"}}',
    )
  })

  t.test('a disk that fails leaves the station unanswered: nothing is acknowledged', async t => {
    const { edge, journal, event } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('Authorize', '{"idTag":"X"}')
    journal.isBroken = true
    let isAnswered = false
    void station.call('StartTransaction', start()).then(() => {
      isAnswered = true
    })
    // the leg gave the message up, so the next one is served
    t.match(await station.call('Heartbeat', '{}'), /currentTime/)
    t.equal(isAnswered, false)
    journal.isBroken = false
    const started = event('transaction-started')
    t.match(await station.call('StartTransaction', start()), /"transactionId":15000000\d\d/)
    await started
    t.equal(edge.waitingMessages(), 1)
  })
})

t.test('store and forward', async t => {
  t.test(
    'Start, MeterValues and Stop are answered here and go up in order with the id of the CSMS',
    async t => {
      const { edge, comeBack, journal, event } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
      const station = await connectStation(edge.port, 'CP-1')
      t.equal(
        await station.call('StartTransaction', start()),
        `{"transactionId":${LOCAL},"idTagInfo":{"status":"Accepted"}}`,
      )
      t.equal(await station.call('MeterValues', meter(LOCAL, '1.10')), '{}')
      t.equal(await station.call('MeterValues', meter(LOCAL, '2', '2026-01-01T10:02:00Z')), '{}')
      t.equal(await station.call('StopTransaction', stop(LOCAL)), '{}')
      t.equal(edge.waitingMessages(), 4)
      t.equal([...journal.entries.keys()].filter(key => key.startsWith('log/')).length, 4)
      const open = event('upstream')
      const csms = await comeBack(friendly(42))
      const upstream = await csms.station('CP-1')
      t.match(await open, { state: 'open' })
      t.equal((await upstream.next('StopTransaction')).text, stop(42))
      t.same(
        upstream.calls.map(c => c.text),
        [start(), meter(42, '1.10'), meter(42, '2', '2026-01-01T10:02:00Z'), stop(42)],
      )
      await station.call('Heartbeat', '{}')
      t.equal(edge.waitingMessages(), 0)
      t.equal(edge.counters.replayed, 4)
      t.equal([...journal.entries.keys()].filter(key => key.startsWith('log/')).length, 0)
    },
  )

  t.test('a session begun offline goes on online under both ids, and can be stopped by the CSMS', async t => {
    const { edge, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    const csms = await comeBack(friendly(42))
    const upstream = await csms.station('CP-1')
    await upstream.next('StartTransaction')
    await station.call('MeterValues', meter(LOCAL, '3'))
    t.equal((await upstream.next('MeterValues')).text, meter(42, '3'))
    station.onCall = () => '{"status":"Accepted"}'
    await upstream.call('RemoteStopTransaction', '{"transactionId":42}')
    t.equal((await station.next('RemoteStopTransaction')).text, `{"transactionId":${LOCAL}}`)
    await station.call('MeterValues', meter(-1, '4', '2026-01-01T10:05:00Z'))
    t.equal(
      (await upstream.next('MeterValues')).text,
      meter(42, '4', '2026-01-01T10:05:00Z'),
      '-1 means the one on this connector',
    )
  })

  t.test('the boot goes first, then statuses that differ and missed faults, then the backlog', async t => {
    const { edge, comeBack, journal } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    await edge.stop()
    acceptedBefore(journal)
    const port = await freePort()
    const again = await startEdge(siteOf({ stations: ['CP-1'], csmsPort: port, offline: {} }), journal, SPEED)
    t.teardown(() => again.edge.stop())
    const station = await connectStation(again.edge.port, 'CP-1')
    await station.call('BootNotification', BOOT)
    await station.call('StatusNotification', status(1, 'Available'))
    await station.call('StatusNotification', status(1, 'Faulted', 'GroundFailure'))
    await station.call('StatusNotification', status(1, 'Preparing'))
    await station.call('StatusNotification', status(0, 'Available'))
    await station.call('FirmwareStatusNotification', '{"status":"Idle"}')
    await station.call('StartTransaction', start())
    const csms = await Csms.listen(port)
    csms.onCall = friendly()
    t.teardown(() => csms.stop())
    const upstream = await csms.station('CP-1')
    await upstream.next('StartTransaction')
    t.same(
      upstream.calls.map(c => c.text),
      [
        BOOT,
        status(0, 'Available'),
        status(1, 'Faulted', 'GroundFailure'),
        status(1, 'Preparing'),
        '{"status":"Idle"}',
        start(),
      ],
    )
    t.ok(comeBack)
  })

  t.test('vendor data is kept where the model file says so, twice if it came twice', async t => {
    const csmsPort = await freePort()
    const journal = new MemoryJournal()
    acceptedBefore(journal)
    const { edge } = await startEdge(siteOf({ stations: ['CP-1'], csmsPort }), journal, SPEED)
    t.teardown(() => edge.stop())
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('BootNotification', BOOT)
    const note = '{"vendorId":"org.example","messageId":"Note","data":"{ }"}'
    const other = '{"vendorId":"org.example","messageId":"Ask"}'
    t.equal(await station.call('DataTransfer', note), '{"status":"Accepted"}')
    t.equal(await station.call('DataTransfer', note), '{"status":"Accepted"}')
    t.equal(await station.call('DataTransfer', other), '{"status":"Rejected"}')
    t.equal(await station.call('DataTransfer', '{"vendorId":"org.other"}'), '{"status":"Rejected"}')
    t.equal(edge.waitingMessages(), 2)
    const csms = await Csms.listen(csmsPort)
    csms.onCall = friendly()
    t.teardown(() => csms.stop())
    const up = await csms.station('CP-1')
    t.equal((await up.next('DataTransfer')).text, note)
    t.equal((await up.next('DataTransfer')).text, note)
  })

  t.test('a state the CSMS knows already is not told again after an outage', async t => {
    const { edge, comeBack, event } = await awayDepot(t)
    const first = await comeBack()
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StatusNotification', status(1, 'Available'))
    await station.call('StatusNotification', status(2, 'Available'))
    const away = event('upstream')
    await first.stop()
    t.match(await away, { state: 'away' })
    await station.call('StatusNotification', status(1, 'Preparing'))
    await station.call('StatusNotification', status(1, 'Available', 'NoError', '2026-01-01T12:00:00Z'))
    await station.call('StatusNotification', status(2, 'Preparing'))
    const second = await comeBack()
    const upstream = await second.station('CP-1')
    await upstream.next('StatusNotification')
    await station.call('Heartbeat', '{}')
    t.same(
      upstream.calls.filter(c => c.action === 'StatusNotification').map(c => c.text),
      [status(2, 'Preparing')],
    )
  })

  t.test('a repeated message is answered again and goes up once', async t => {
    const { edge, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const station = await connectStation(edge.port, 'CP-1')
    const first = await station.call('StartTransaction', start())
    t.equal(await station.call('StartTransaction', start()), first)
    await station.call('MeterValues', meter(LOCAL, '1'))
    await station.call('MeterValues', meter(LOCAL, '1'))
    await station.call('StopTransaction', stop(LOCAL))
    await station.call('StopTransaction', stop(LOCAL))
    t.equal(edge.waitingMessages(), 3)
    const upstream = await (await comeBack()).station('CP-1')
    await upstream.next('StopTransaction')
    await station.call('Heartbeat', '{}')
    t.equal(upstream.calls.length, 4)
  })

  t.test('what the station was told while the CSMS was slow is completed by its late answer', async t => {
    const { edge, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true, csmsTimeoutMs: 5000 })
    const csms = await comeBack(() => undefined)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    const answer = station.call('StartTransaction', start())
    const late = await upstream.next('StartTransaction')
    t.equal(await answer, `{"transactionId":${LOCAL},"idTagInfo":{"status":"Accepted"}}`)
    t.equal(edge.waitingMessages(), 1)
    upstream.answer(late.id, '{"transactionId":9,"idTagInfo":{"status":"Accepted"}}')
    const next = station.call('MeterValues', meter(LOCAL, '5'))
    const passed = await upstream.next('MeterValues')
    t.equal(passed.text, meter(9, '5'))
    upstream.answer(passed.id, '{}')
    await next
    t.equal(upstream.calls.length, 2, 'the Start was not repeated')
  })

  t.test('a tag refused on replay stops the session, and its Stop goes up as DeAuthorized', async t => {
    const { edge, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start('BAD'))
    station.onCall = () => '{"status":"Accepted"}'
    const csms = await comeBack(call =>
      call.action === 'StartTransaction'
        ? '{"transactionId":3,"idTagInfo":{"status":"Blocked"}}'
        : friendly()(call),
    )
    t.equal((await station.next('RemoteStopTransaction')).text, `{"transactionId":${LOCAL}}`)
    await station.call('StopTransaction', stop(LOCAL).replace('{', '{"reason":"Remote",'))
    const upstream = await csms.station('CP-1')
    t.equal((await upstream.next('StopTransaction')).text, stop(3).replace('{', '{"reason":"DeAuthorized",'))
    t.ok(edge)
  })

  t.test('a refused stop is asked for again, and who unplugs first keeps the reason', async t => {
    const { edge, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true }, 60)
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start('BAD'))
    station.onCall = () => '{"status":"Rejected"}'
    const csms = await comeBack(call =>
      call.action === 'StartTransaction'
        ? '{"transactionId":3,"idTagInfo":{"status":"Blocked"}}'
        : friendly()(call),
    )
    for (let n = 0; n < 3; n++)
      t.equal((await station.next('RemoteStopTransaction')).text, `{"transactionId":${LOCAL}}`)
    const unplugged = (id: number) => stop(id).replace('{', '{"reason":"EVDisconnected",')
    await station.call('StopTransaction', unplugged(LOCAL))
    t.equal((await (await csms.station('CP-1')).next('StopTransaction')).text, unplugged(3))
  })

  t.test('MaxEnergyOnInvalidId comes before the stop', async t => {
    const offline = { AllowOfflineTxForUnknownId: true, MaxEnergyOnInvalidId: 500 }
    const { edge, comeBack, event } = await awayDepot(t, offline)
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start('BAD'))
    station.onCall = () => '{"status":"Accepted"}'
    const refused = event('tag-refused')
    await comeBack(call =>
      call.action === 'StartTransaction'
        ? '{"transactionId":3,"idTagInfo":{"status":"Blocked"}}'
        : friendly()(call),
    )
    t.match(await refused, { allowanceWh: 500 })
    await station.call('MeterValues', meter(LOCAL, '1000'))
    await station.call('MeterValues', meter(LOCAL, '1250', '2026-01-01T10:02:00Z'))
    t.same(station.calls, [])
    await station.call('MeterValues', meter(LOCAL, '1500', '2026-01-01T10:03:00Z'))
    t.equal((await station.next('RemoteStopTransaction')).text, `{"transactionId":${LOCAL}}`)
  })

  t.test(
    'what no register shows counts as the most a connector gives: an unknown tag is stopped in time',
    async t => {
      const offline = { AllowOfflineTxForUnknownId: true, unknownIdMaxEnergyWh: 200 }
      const { edge } = await awayDepot(t, offline, 30)
      const station = await connectStation(edge.port, 'CP-1')
      station.onCall = () => '{"status":"Accepted"}'
      await station.call('StartTransaction', start('GUEST'))
      t.equal((await station.next('RemoteStopTransaction')).text, `{"transactionId":${LOCAL}}`)
      await station.call('StopTransaction', stop(LOCAL))
      t.equal(await station.call('Authorize', '{"idTag":"guest"}'), '{"idTagInfo":{"status":"Blocked"}}')
      t.equal(await station.call('Authorize', '{"idTag":"OTHER"}'), '{"idTagInfo":{"status":"Accepted"}}')
    },
  )

  t.test('a backlog of more than a page goes up whole and in order', async t => {
    const { edge, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    const values = Array.from({ length: 70 }, (_, i) => String(i))
    for (const value of values) await station.call('MeterValues', meter(LOCAL, value))
    await station.call('StopTransaction', stop(LOCAL))
    const upstream = await (await comeBack(friendly(42))).station('CP-1')
    await upstream.next('StopTransaction')
    t.same(
      upstream.calls.map(c => c.text),
      [start(), ...values.map(value => meter(42, value)), stop(42)],
    )
  })

  t.test('a message whose answer was lost with the socket is repeated with the same payload', async t => {
    const { edge, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    await station.call('StopTransaction', stop(LOCAL))
    const first = await comeBack(() => undefined)
    const cut = await first.station('CP-1')
    const lost = await cut.next('StartTransaction')
    await first.stop()
    const upstream = await (await comeBack(friendly(42))).station('CP-1')
    const again = await upstream.next('StartTransaction')
    t.equal(again.text, lost.text)
    t.not(again.id, lost.id)
    t.equal((await upstream.next('StopTransaction')).text, stop(42))
  })

  t.test('a Start refused for its content holds its session until somebody decides', async t => {
    const { edge, comeBack, journal } = await awayDepot(t, { AllowOfflineTxForUnknownId: true }, 100)
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    await station.call('MeterValues', meter(LOCAL, '1'))
    await station.call('StopTransaction', stop(LOCAL))
    await station.call('StartTransaction', start('TAG2', 2))
    const csms = await comeBack(call => (call.text === start() ? undefined : friendly(7)(call)))
    const refuse = async (): Promise<void> => {
      for (;;) {
        const upstream = await csms.station('CP-1')
        upstream.refuse((await upstream.next('StartTransaction')).id, 'FormationViolation')
      }
    }
    void refuse()
    const upstream = await csms.station('CP-1')
    const later = await station.call('MeterValues', meter(LOCAL + 1, '2'))
    t.equal(later, '{}')
    while (edge.waitingMessages() > 0) await station.call('Heartbeat', '{}')
    t.equal(upstream.calls.filter(c => c.text === start()).length, 5)
    t.ok(
      upstream.calls.some(c => c.text === meter(7, '2')),
      'the next session goes on',
    )
    t.notOk(upstream.calls.some(c => c.action === 'StopTransaction'))
    t.match(await edge.deadLetters(), [
      { action: 'StartTransaction', reason: /^FormationViolation/ },
      { action: 'MeterValues', reason: /StartTransaction was refused/ },
      { action: 'StopTransaction' },
    ])
    t.equal([...journal.entries.keys()].filter(key => key.startsWith('dead/')).length, 3)
    const [dead] = await edge.deadLetters()
    t.equal(await edge.resend('CP-1', dead?.seq ?? 0, 'without-start'), 2)
    t.equal((await upstream.next('StopTransaction')).text, stop(-1))
    t.ok(upstream.calls.some(c => c.text === meter(-1, '1')))
    t.equal((await edge.deadLetters()).length, 1, 'the Start itself stays to be looked at')
  })

  t.test('a session that the CSMS would not take can be given up: nothing of it is left to wait', async t => {
    const { edge, comeBack, journal } = await awayDepot(t, { AllowOfflineTxForUnknownId: true }, 100)
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    await station.call('MeterValues', meter(LOCAL, '1'))
    await station.call('StopTransaction', stop(LOCAL))
    const csms = await comeBack(call => (call.text === start() ? undefined : friendly(7)(call)))
    const refuse = async (): Promise<void> => {
      for (;;) {
        const upstream = await csms.station('CP-1')
        upstream.refuse((await upstream.next('StartTransaction')).id, 'FormationViolation')
      }
    }
    void refuse()
    while (edge.waitingMessages() > 0) await station.call('Heartbeat', '{}')
    const kept = (prefix: string) => [...journal.entries.keys()].filter(key => key.startsWith(prefix)).length
    const [dead] = await edge.deadLetters()
    t.equal(await edge.giveUp('CP-1', 999, 'ada'), undefined)
    t.equal(kept('dead/'), 3, 'another one is no reason')
    t.equal(await edge.giveUp('CP-1', dead?.seq ?? 0, 'ada'), 3)
    t.same([await edge.deadLetters(), kept('dead/')], [[], 0])
    t.match(edge.backlog(), [{ deadLetters: 0, openTransactions: 0, energy: { acceptedWh: 0 } }])
    t.ok((edge.backlog()[0]?.energy.offlineWh ?? 0) > 0, 'its energy stays among what the CSMS never took')
    const records = [...journal.entries].filter(([, text]) => text.includes('"state":"finished"'))
    t.equal(records.length, 1, 'the session is over on the disk too')
    t.equal(await edge.giveUp('CP-1', dead?.seq ?? 0, 'ada'), undefined, 'once')
    t.equal(await edge.resend('CP-1', dead?.seq ?? 0, 'whole'), undefined)
  })

  t.test('errors that are not about the content are tried again for hours, and nothing is lost', async t => {
    const { edge, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true }, 100)
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    await station.call('StopTransaction', stop(LOCAL))
    const csms = await comeBack(call => (call.action === 'StartTransaction' ? undefined : friendly()(call)))
    const upstream = await csms.station('CP-1')
    for (let attempt = 0; attempt < 6; attempt++)
      upstream.refuse((await upstream.next('StartTransaction')).id, 'InternalError')
    upstream.answer(
      (await upstream.next('StartTransaction')).id,
      '{"transactionId":4,"idTagInfo":{"status":"Accepted"}}',
    )
    t.equal((await upstream.next('StopTransaction')).text, stop(4))
    t.equal(edge.counters.deadLetters, 0)
  })

  t.test(
    'a session that begins during the replay is answered here at once and queued behind; a tag nobody vouched for waits',
    async t => {
      // no answer here can come of a time-out
      const { edge, comeBack } = await awayDepot(t, {
        AlwaysAllowOfflineTransactions: true,
        AlwaysAllowIdTag: 'HOUSE',
        csmsTimeoutMs: 60_000,
      })
      const station = await connectStation(edge.port, 'CP-1')
      await station.call('StartTransaction', start())
      const csms = await comeBack(({ action }) =>
        action === 'Authorize' ? '{"idTagInfo":{"status":"Accepted"}}' : undefined,
      )
      const upstream = await csms.station('CP-1')
      const old = await upstream.next('StartTransaction')
      station.onCall = () => '{"status":"Accepted"}'
      const order = '{"idTag":"KNOWN","connectorId":2}'
      t.equal(await upstream.call('RemoteStartTransaction', order), '{"status":"Accepted"}', 'overtakes')
      await station.next('RemoteStartTransaction')
      await station.call('Authorize', '{"idTag":"KNOWN"}')
      t.equal((await upstream.next('Authorize')).text, '{"idTag":"KNOWN"}', 'overtakes what is replayed too')
      t.match(
        await station.call('StartTransaction', start('KNOWN', 2)),
        new RegExp(`"transactionId":${LOCAL + 1},"idTagInfo":{"status":"Accepted"`),
      )
      t.equal(await station.call('MeterValues', meter(LOCAL + 1, '1', '2026-01-01T10:01:00Z', 2)), '{}')
      t.equal(await station.call('StopTransaction', stop(LOCAL + 1)), '{}')
      t.equal(edge.waitingMessages(), 4)
      let isToldEarly = false
      const unknown = station.call('StartTransaction', start('NOBODY', 2))
      void unknown.then(() => {
        isToldEarly = true
      })
      upstream.answer(old.id, '{"transactionId":1,"idTagInfo":{"status":"Accepted"}}')
      const behind = await upstream.next('StartTransaction')
      t.equal(behind.text, start('KNOWN', 2))
      upstream.answer(behind.id, '{"transactionId":2,"idTagInfo":{"status":"Accepted"}}')
      const sample = await upstream.next('MeterValues')
      t.equal(sample.text, meter(2, '1', '2026-01-01T10:01:00Z', 2))
      upstream.answer(sample.id, '{}')
      const end = await upstream.next('StopTransaction')
      t.equal(end.text, stop(2))
      upstream.answer(end.id, '{}')
      const last = await upstream.next('StartTransaction')
      t.equal(last.text, start('NOBODY', 2))
      t.notOk(isToldEarly, 'neither a policy for a CSMS that is away nor a refusal is its answer')
      upstream.answer(last.id, '{"transactionId":3,"idTagInfo":{"status":"ConcurrentTx"}}')
      t.equal(await unknown, `{"transactionId":${LOCAL + 2},"idTagInfo":{"status":"ConcurrentTx"}}`)
    },
  )

  t.test('nothing but the boot goes up until the CSMS accepts it, and it may not start sessions', async t => {
    const journal = new MemoryJournal()
    acceptedBefore(journal)
    const csmsPort = await freePort()
    const { edge } = await startEdge(siteOf({ stations: ['CP-1'], csmsPort }), journal, SPEED)
    t.teardown(() => edge.stop())
    const station = await connectStation(edge.port, 'CP-1')
    station.onCall = () => '{"status":"Accepted"}'
    await station.call('BootNotification', BOOT)
    await station.call('StatusNotification', status(1, 'Available'))
    const csms = await Csms.listen(csmsPort)
    csms.onCall = call => (call.action === 'BootNotification' ? undefined : friendly()(call))
    t.teardown(() => csms.stop())
    const upstream = await csms.station('CP-1')
    const first = await upstream.next('BootNotification')
    upstream.answer(first.id, '{"status":"Pending","currentTime":"2026-01-01T00:00:00Z","interval":1}')
    t.equal(await upstream.call('RemoteStartTransaction', '{"idTag":"T"}'), '{"status":"Rejected"}')
    t.equal(
      await upstream.call('GetConfiguration', '{"key":[]}'),
      '{"status":"Accepted"}',
      'other commands are served',
    )
    t.match(await station.call('Heartbeat', '{}'), /currentTime/)
    const second = await upstream.next('BootNotification')
    upstream.answer(second.id, '{"status":"Rejected","currentTime":"2026-01-01T00:00:00Z","interval":1}')
    t.match(await station.call('Heartbeat', '{}'), /currentTime/)
    const third = await upstream.next('BootNotification')
    t.same(
      upstream.calls.map(c => c.action),
      ['BootNotification', 'BootNotification', 'BootNotification'],
    )
    upstream.answer(third.id, friendly()(third))
    t.equal((await upstream.next('StatusNotification')).text, status(1, 'Available'))
  })

  t.test('with the station gone the link is opened to drain only, and commands are refused', async t => {
    const { edge, comeBack, event } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    const gone = event('gone')
    station.socket.terminate()
    await gone
    const csms = await comeBack(() => undefined)
    const upstream = await csms.station('CP-1')
    const waiting = await upstream.next('StartTransaction')
    t.equal(await upstream.call('RemoteStopTransaction', '{"transactionId":1}'), '{"status":"Rejected"}')
    t.match(await upstream.call('GetConfiguration', '{}'), /^"GenericError"/)
    upstream.answer(waiting.id, '{"transactionId":1,"idTagInfo":{"status":"Accepted"}}')
    await upstream.closed
    t.equal(edge.waitingMessages(), 0)
  })
})

t.test('memory', async t => {
  t.test('keys and lists the station accepted, and answers of the CSMS, decide while it is away', async t => {
    const { edge, comeBack, event } = await awayDepot(t)
    const csms = await comeBack(call => {
      if (/STRANGER|LOST/.test(call.text)) return '{"idTagInfo":{"status":"Blocked"}}'
      return call.text.includes('ENDS') ? '{"idTagInfo":{"status":"Accepted"}}' : friendly()(call)
    })
    const station = await connectStation(edge.port, 'CP-1')
    station.onCall = () => '{"status":"Accepted"}'
    const upstream = await csms.station('CP-1')
    await station.call('Authorize', '{"idTag":"known"}')
    await station.call('Authorize', '{"idTag":"STRANGER"}')
    // the cards that ended a session, as the answer to its Stop judges them
    const ended = (idTag: string): string => stop(7).replace('{', `{"idTag":"${idTag}",`)
    await station.call('StopTransaction', ended('ENDS'))
    await station.call('StopTransaction', ended('LOST'))
    const list =
      '{"listVersion":1,"updateType":"Full","localAuthorizationList":[{"idTag":"LISTED","idTagInfo":{"status":"Accepted"}}]}'
    await upstream.call('SendLocalList', list)
    const away = event('upstream')
    await csms.stop()
    await away
    const ask = async (idTag: string) =>
      /"status":"(\w+)"/.exec(await station.call('Authorize', `{"idTag":"${idTag}"}`))?.[1]
    t.equal(await ask('KNOWN'), 'Accepted', 'from the cache, whatever the case')
    t.equal(await ask('stranger'), 'Blocked')
    t.equal(await ask('ends'), 'Accepted')
    t.equal(await ask('LOST'), 'Blocked')
    t.equal(await ask('listed'), 'Accepted')
    t.equal(await ask('NEVER-SEEN'), 'Invalid')
    const back = await comeBack()
    const again = await back.station('CP-1')
    await again.call('ChangeConfiguration', '{"key":"LocalAuthorizeOffline","value":"false"}')
    const awayAgain = event('upstream')
    await back.stop()
    await awayAgain
    t.equal(await ask('KNOWN'), 'Invalid', 'as the CSMS set the key of the station')
  })

  t.test('the list of the CSMS is kept here for a station that has no local list', async t => {
    const { edge, comeBack, event, journal, config } = await awayDepot(t)
    const csms = await comeBack()
    const station = await connectStation(edge.port, 'CP-1')
    station.configuration =
      '{"configurationKey":[{"key":"SupportedFeatureProfiles","readonly":true,"value":"Core,SmartCharging"}]}'
    const read = event('configured')
    await station.call('BootNotification', BOOT)
    await read
    const upstream = await csms.station('CP-1')
    const send = (version: number, type: string, tag: string, status: string) =>
      upstream.call(
        'SendLocalList',
        `{"listVersion":${version},"updateType":"${type}","localAuthorizationList":[{"idTag":"${tag}","idTagInfo":{"status":"${status}"}}]}`,
      )
    t.equal(await upstream.call('GetLocalListVersion', '{}'), '{"listVersion":0}')
    t.equal(await send(3, 'Full', 'LISTED', 'Accepted'), '{"status":"Accepted"}')
    t.equal(await send(3, 'Differential', 'BAD', 'Blocked'), '{"status":"VersionMismatch"}')
    t.equal(await send(4, 'Differential', 'BAD', 'Blocked'), '{"status":"Accepted"}')
    t.equal(await send(0, 'Full', 'OTHER', 'Accepted'), '{"status":"Failed"}')
    t.equal(await upstream.call('GetLocalListVersion', '{}'), '{"listVersion":4}')
    t.same(
      station.calls.filter(({ action }) => action.includes('List')),
      [],
      'the station never hears of it',
    )
    const away = event('upstream')
    await csms.stop()
    await away
    t.match(await station.call('Authorize', '{"idTag":"listed"}'), /"Accepted"/)
    t.match(await station.call('Authorize', '{"idTag":"BAD"}'), /"Blocked"/)
    await edge.stop()
    const again = await startEdge(config, journal, SPEED)
    t.teardown(() => again.edge.stop())
    const same = await connectStation(again.edge.port, 'CP-1')
    t.match(await same.call('Authorize', '{"idTag":"LISTED"}'), /"Accepted"/, 'over a restart')
  })

  t.test('a reserved connector is given to nobody else while the CSMS is away', async t => {
    const { edge, comeBack, event } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const csms = await comeBack()
    const station = await connectStation(edge.port, 'CP-1')
    station.onCall = () => '{"status":"Accepted"}'
    await station.call('BootNotification', BOOT)
    const upstream = await csms.station('CP-1')
    const reserve = (id: number, connectorId: number, expiryDate: string) =>
      upstream.call(
        'ReserveNow',
        `{"connectorId":${connectorId},"expiryDate":"${expiryDate}","idTag":"GUEST","reservationId":${id}}`,
      )
    await reserve(1, 1, '2999-01-01T00:00:00Z')
    await reserve(2, 2, '2020-01-01T00:00:00Z')
    const goes = async (): Promise<void> => {
      const away = event('upstream')
      await csms.stop()
      await away
    }
    await goes()
    const begins = async (idTag: string, connectorId: number, at: number) =>
      /"status":"(\w+)"/.exec(await station.call('StartTransaction', start(idTag, connectorId, at)))?.[1]
    t.equal(await begins('OTHER', 1, 1), 'Invalid', 'kept for GUEST')
    t.equal(await begins('OTHER', 2, 2), 'Accepted', 'what has expired is free')
    t.equal(await begins('guest', 1, 3), 'Accepted')
    const back = await comeBack()
    const again = await back.station('CP-1')
    await again.call('CancelReservation', '{"reservationId":1}')
    const awayAgain = event('upstream')
    await back.stop()
    await awayAgain
    t.equal(await begins('OTHER', 1, 4), 'Accepted', 'cancelled')
  })

  t.test('a card and a list of the operator count at every station, a ClearCache at its own', async t => {
    const journal = new MemoryJournal()
    const csms = await Csms.listen()
    csms.onCall = call =>
      call.text.includes('BAD') ? '{"idTagInfo":{"status":"Blocked"}}' : friendly()(call)
    const config = siteOf({ stations: ['CP-1', 'CP-2'], csmsPort: csms.port })
    const running = await startEdge(config, journal, SPEED)
    t.teardown(() => Promise.all([running.edge.stop(), csms.stop()]))
    const [one, two] = [
      await connectStation(running.edge.port, 'CP-1'),
      await connectStation(running.edge.port, 'CP-2'),
    ]
    one.onCall = () => '{"status":"Accepted"}'
    for (const idTag of ['CARD', 'OTHER', 'BAD']) await one.call('Authorize', `{"idTag":"${idTag}"}`)
    await two.call('Heartbeat', '{}')
    t.equal(await running.edge.setOperatorTags([{ idTag: 'other', status: 'Blocked' }]), true)
    journal.isBroken = true
    t.equal(await running.edge.setOperatorTags([]), false, 'a list that is not durable does not hold')
    journal.isBroken = false
    await (await csms.station('CP-1')).call('ClearCache', '{}')
    const away = running.event('upstream')
    await csms.stop()
    await away
    const asked = async (station: typeof one) => {
      const answers: (string | undefined)[] = []
      for (const idTag of ['card', 'OTHER', 'bad'])
        answers.push(/"status":"(\w+)"/.exec(await station.call('Authorize', `{"idTag":"${idTag}"}`))?.[1])
      return answers
    }
    t.same(await asked(two), ['Accepted', 'Blocked', 'Blocked'], 'shown at the other station only')
    t.same(await asked(one), ['Invalid', 'Blocked', 'Blocked'], 'told to forget')
    await running.edge.stop()
    const again = await startEdge(config, journal, SPEED)
    t.teardown(() => again.edge.stop())
    t.same(again.edge.operatorTags(), [{ idTag: 'other', status: 'Blocked' }])
    t.same(await asked(await connectStation(again.edge.port, 'CP-2')), ['Accepted', 'Blocked', 'Blocked'])
  })

  t.test('after a restart sessions, ids and waiting messages are all there', async t => {
    const { edge, config, journal, comeBack } = await awayDepot(t, { AllowOfflineTxForUnknownId: true })
    const station = await connectStation(edge.port, 'CP-1')
    const told = await station.call('StartTransaction', start())
    await edge.stop()
    const again = await startEdge(config, journal, SPEED)
    t.teardown(() => again.edge.stop())
    t.equal(again.edge.waitingMessages(), 1)
    const back = await connectStation(again.edge.port, 'CP-1')
    t.equal(await back.call('StartTransaction', start()), told, 'the retry of the station')
    await back.call('StopTransaction', stop(LOCAL))
    t.match(
      again.events.find(e => e.kind === 'transaction-started'),
      { transactionId: LOCAL },
    )
    const upstream = await (await comeBack(friendly(8))).station('CP-1')
    await upstream.next('StopTransaction')
    t.same(
      upstream.calls.map(c => c.text),
      [start(), stop(8)],
    )
  })

  t.test('without a csms Busbar is the Central System and keeps a ledger, over a restart too', async t => {
    const journal = new MemoryJournal()
    const { edge: first } = await startEdge(siteOf({ stations: ['CP-1'] }), journal)
    const early = await connectStation(first.port, 'CP-1')
    t.match(await early.call('BootNotification', BOOT), /"status":"Accepted"/)
    t.equal(await early.call('Authorize', '{"idTag":"X"}'), '{"idTagInfo":{"status":"Accepted"}}')
    await early.call('StartTransaction', start())
    await early.call('MeterValues', meter(LOCAL, '1'))
    await first.stop()
    const { edge } = await startEdge(siteOf({ stations: ['CP-1'] }), journal)
    t.teardown(() => edge.stop())
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StopTransaction', stop(LOCAL))
    t.equal(edge.waitingMessages(), 0)
    const session = { transactionId: LOCAL, connectorId: 1, meterStartWh: 100, meterStopWh: 900 }
    t.match(await openStationStore(journal, quietLog).ledger(), [session])
  })

  t.test(
    'A15: without a csms the list of the site judges, at every station and in any case of letters',
    async t => {
      const { edge } = await startEdge(siteOf({ stations: ['CP-1', 'CP-2'] }), new MemoryJournal())
      t.teardown(() => edge.stop())
      const stations = await Promise.all(['CP-1', 'CP-2'].map(id => connectStation(edge.port, id)))
      const said = (idTag: string) =>
        Promise.all(
          stations.map(async station => {
            const text = await station.call('Authorize', JSON.stringify({ idTag }))
            return /"status":"(\w+)"/.exec(text)?.[1]
          }),
        )
      await Promise.all(stations.map(station => station.call('BootNotification', BOOT)))
      t.same(await said('LOST-CARD'), ['Accepted', 'Accepted'], 'nobody has said anything of it')
      t.equal(await edge.setOperatorTags([{ idTag: 'Lost-Card', status: 'Blocked' }]), true)
      t.same(await said('LOST-CARD'), ['Blocked', 'Blocked'])
      const started = await stations[1]?.call('StartTransaction', start('lost-card'))
      t.match(started, /"status":"Blocked"/)
      t.equal(await edge.setOperatorTags([]), true)
      t.same(await said('LOST-CARD'), ['Invalid', 'Invalid'], 'a list that became empty opens no house')
    },
  )

  t.test(
    'a CSMS added later hears nothing of sessions that began without it, and the ledger has their end',
    async t => {
      const journal = new MemoryJournal()
      const { edge: first } = await startEdge(siteOf({ stations: ['CP-1'] }), journal)
      const early = await connectStation(first.port, 'CP-1')
      await early.call('BootNotification', BOOT)
      await early.call('StartTransaction', start())
      await first.stop()
      const csms = await Csms.listen()
      csms.onCall = friendly(5)
      const { edge } = await startEdge(siteOf({ stations: ['CP-1'], csmsPort: csms.port }), journal)
      t.teardown(() => Promise.all([edge.stop(), csms.stop()]))
      const station = await connectStation(edge.port, 'CP-1')
      const upstream = await csms.station('CP-1')
      await station.call('MeterValues', meter(LOCAL, '200'))
      t.equal(await station.call('StopTransaction', stop(LOCAL)), '{}')
      t.match(await station.call('StartTransaction', start('TAG2')), /"transactionId":5,/)
      t.equal((await upstream.next('StartTransaction')).text, start('TAG2'))
      t.same(
        upstream.calls.filter(({ text }) => /-1|15000000/.test(text)),
        [],
      )
      t.match(await openStationStore(journal, quietLog).ledger(), [
        { transactionId: LOCAL, meterStopWh: 900 },
      ])
    },
  )

  t.test('a session whose registers cannot be has no energy in the ledger', async t => {
    const journal = new MemoryJournal()
    const { edge } = await startEdge(siteOf({ stations: ['CP-1'] }), journal)
    t.teardown(() => edge.stop())
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('BootNotification', BOOT)
    const ends = [900, 1_000_900, 50, -1]
    for (const [n, meterStop] of ends.entries()) {
      await station.call('StartTransaction', start('TAG1', 1, 100, `2026-01-01T1${n}:00:00Z`))
      await station.call('StopTransaction', stop(LOCAL + n, meterStop, `2026-01-01T1${n}:50:00Z`))
    }
    await station.call('StartTransaction', '{"connectorId":1,"idTag":"T","timestamp":"2026-01-01T15:00:00Z"}')
    await station.call('StopTransaction', stop(LOCAL + ends.length, 900, '2026-01-01T15:50:00Z'))
    const rows = ledgerCsv(await openStationStore(journal, quietLog).ledger())
      .trim()
      .split('\r\n')
      .slice(1)
    t.same(
      rows.map(row => row.split(',')[8]),
      ['800', '', '', '', ''],
    )
  })
})

t.test('killed without warning between two acknowledgements', async t => {
  const dataDir = t.testdir()
  const csmsPort = await freePort()
  const program = fileURLToPath(new URL('fixtures/edge-process.js', import.meta.url))
  let child: ChildProcess | undefined
  const run = async (): Promise<number> => {
    const started = spawn(process.execPath, [program, dataDir, String(csmsPort)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child = started
    const [line] = await once(started.stdout, 'data')
    return Number(String(line))
  }
  const kill = async (): Promise<void> => {
    const running = child
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }
  t.teardown(kill)

  let station = await connectStation(await run(), 'CP-1')
  const told = await station.call('StartTransaction', start())
  const id = Number(/"transactionId":(\d+)/.exec(told)?.[1])
  t.equal(await station.call('MeterValues', meter(id, '1')), '{}')
  // sent, and killed before anybody knows whether it was acknowledged
  void station.call('MeterValues', meter(id, '2', '2026-01-01T10:02:00Z'))
  await kill()

  station = await connectStation(await run(), 'CP-1')
  t.equal(
    await station.call('MeterValues', meter(id, '2', '2026-01-01T10:02:00Z')),
    '{}',
    'the station repeats it',
  )
  t.equal(await station.call('StartTransaction', start('TAG2', 2)), told.replace(String(id), String(id + 1)))
  await kill()

  station = await connectStation(await run(), 'CP-1')
  t.equal(await station.call('StopTransaction', stop(id)), '{}')
  await kill()

  const csms = await Csms.listen(csmsPort)
  csms.onCall = friendly(70)
  t.teardown(() => csms.stop())
  await run()
  const upstream = await csms.station('CP-1')
  t.equal((await upstream.next('StopTransaction')).text, stop(70))
  await upstream.closed
  t.same(
    upstream.calls.map(c => c.text),
    [start(), meter(70, '1'), meter(70, '2', '2026-01-01T10:02:00Z'), start('TAG2', 2), stop(70)],
    'nothing acknowledged is lost, nothing goes up twice',
  )
})

t.test('a message answered by an earlier version is known again by its digest on the disk', t => {
  t.equal(digestOf('StopTransaction', '{"transactionId":7}'), 'z-114wyyg-d3l7w1-1cmal2u-5j5ha')
  t.end()
})
