import fc from 'fast-check'
import t, { type Test } from 'tap'
import { FROM_CSMS } from '../../src/core/policy/from-csms.js'
import { FROM_STATION } from '../../src/core/policy/from-station.js'
import { cutKey } from '../../src/ocpp/wire/edits.js'
import { KNOWN_ACTIONS } from '../../src/ocpp/wire/schemas.js'
import { locate, replaceAt, setKey } from '../../src/ocpp/wire/splice.js'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  meter,
  type Running,
  siteOf,
  start,
  startEdge,
  status,
  stop,
} from './both-sides.js'

async function depot(t: Test, stations: readonly string[] = ['CP-1']) {
  const csms = await Csms.listen()
  csms.onCall = friendly()
  const journal = new MemoryJournal()
  const running: Running = await startEdge(siteOf({ stations, csmsPort: csms.port }), journal)
  t.teardown(async () => {
    await running.edge.stop()
    await csms.stop()
  })
  return { csms, journal, ...running }
}

t.test('a lower that is due goes out beside a CALL of the CSMS, whose late answer still goes up', async t => {
  const { csms, edge } = await depot(t)
  const station = await connectStation(edge.port, 'CP-1')
  station.onCall = ({ action }) => (action === 'SetChargingProfile' ? '{"status":"Accepted"}' : undefined)
  const upstream = await csms.station('CP-1')
  const asked = upstream.call('GetDiagnostics', '{"location":"ftp://csms.example/logs"}')
  const open = await station.next('GetDiagnostics')
  const sentMs = performance.now()
  const lower = { action: 'SetChargingProfile', payload: {}, timeoutMs: 5_000, urgency: 'urgent' } as const
  const outcome = await new Promise(done => edge.call('CP-1', lower, done))
  t.match(outcome, { kind: 'result', payloadText: '{"status":"Accepted"}' })
  t.ok(performance.now() - sentMs < 3_000, 'after 1.5 s, not after 30 s')
  station.answer(open.id, '{"fileName":"late.log"}')
  t.equal(await asked, '{"fileName":"late.log"}')
})

t.test('payloads', async t => {
  t.test('pass upstream byte for byte, spacing, long numbers and vendor fields included (ST12)', async t => {
    const { csms, edge } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    const odd =
      '{ "vendorId" :"V", "data": "\\u00e9\\/é", "x-number" : 1.10,\t"big":9007199254740993 , "e":1E+2, "deep":[ {"a" : null } ] }'
    t.equal(await station.call('DataTransfer', odd), '{"status":"Accepted"}')
    t.equal((await upstream.next('DataTransfer')).text, odd)
  })

  t.test('answers of the CSMS pass back byte for byte', async t => {
    const { csms, edge } = await depot(t)
    csms.onCall = () => '{ "status":"Accepted" ,"data":"1.10", "n" : 9007199254740993 }'
    const station = await connectStation(edge.port, 'CP-1')
    t.equal(
      await station.call('DataTransfer', '{"vendorId":"V"}'),
      '{ "status":"Accepted" ,"data":"1.10", "n" : 9007199254740993 }',
    )
  })

  t.test('a CALLERROR of the CSMS reaches the station, also for a transaction', async t => {
    const { csms, edge } = await depot(t)
    csms.onCall = () => undefined
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    const answer = station.call('StartTransaction', start())
    upstream.refuse((await upstream.next('StartTransaction')).id, 'InternalError')
    t.equal(await answer, '"InternalError","",{}')
  })

  t.test('only currentTime of a conf is replaced, and only when it is off by more than 2 s', async t => {
    const { csms, edge } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    csms.onCall = () => '{ "vendor":1.10, "currentTime" : "2001-01-01T00:00:00Z" ,"b":2}'
    const wrong = await station.call('Heartbeat', '{}')
    const match = /^\{ "vendor":1\.10, "currentTime" : "([^"]+)" ,"b":2\}$/.exec(wrong)
    t.ok(match, wrong)
    t.ok(Math.abs(Date.parse(match?.[1] ?? '') - Date.now()) < 60_000, 'it is our time')
    const right = `{"currentTime":"${new Date().toISOString().replace('Z', '0+00:00')}"}`
    csms.onCall = () => right
    t.equal(await station.call('Heartbeat', '{}'), right)
  })

  t.test('what breaks the schema is counted and still forwarded', async t => {
    const { csms, edge } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    const broken = '{"connectorId":"one","errorCode":"Error","status":"Charging"}'
    t.equal(await station.call('StatusNotification', broken), '{}')
    t.equal((await upstream.next('StatusNotification')).text, broken)
    t.equal(edge.counters.schemaViolations, 1)
  })
})

t.test('all 39 actions pass in their direction, unknown ones too', async t => {
  t.same(
    new Set([...FROM_STATION.keys(), ...FROM_CSMS.keys()]),
    new Set(KNOWN_ACTIONS.keys()),
    'the policy tables know exactly the actions of the schemas',
  )
  const { csms, edge, desk } = await depot(t)
  const station = await connectStation(edge.port, 'CP-1')
  const upstream = await csms.station('CP-1')
  const sent = [
    'BootNotification',
    ...[...FROM_STATION.keys()].filter(a => a !== 'BootNotification'),
    'X-Vendor',
  ]
  for (const action of sent) {
    await station.call(action, '{"x" : 1.10}')
    t.equal((await upstream.next(action)).text, '{"x" : 1.10}', `${action} goes up`)
  }
  station.onCall = () => '{"status" : "Accepted"}'
  const routes = [...FROM_CSMS].filter(([, row]) => row.route === 'forward').map(([action]) => action)
  for (const action of [...routes, 'RemoteStartTransaction', 'X-Vendor']) {
    t.equal(await upstream.call(action, '{"x" : 1.10}'), '{"status" : "Accepted"}', `${action} is answered`)
    t.equal((await station.next(action)).text, '{"x" : 1.10}', `${action} goes down`)
  }
  t.same(desk.asked, [])
})

t.test('rule 8: charging profiles of the CSMS', async t => {
  t.test('never reach a station: Set, Clear and GetComposite are answered by the desk', async t => {
    const { csms, edge, desk } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    for (const action of ['SetChargingProfile', 'ClearChargingProfile', 'GetCompositeSchedule'])
      t.equal(await upstream.call(action, '{"connectorId":1}'), '{"status":"Accepted"}')
    t.same(
      desk.asked.map(a => a.what),
      ['set', 'clear', 'composite'],
    )
    t.same(station.calls, [])
  })

  t.test('are cut out of RemoteStartTransaction, the rest stays byte for byte', async t => {
    const { csms, edge, desk } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    station.onCall = () => '{"status":"Accepted"}'
    const profile = '{"chargingProfileId":1,"chargingProfile":"inner }"}'
    await upstream.call(
      'RemoteStartTransaction',
      `{ "idTag":"T", "chargingProfile" : ${profile}, "connectorId": 1 }`,
    )
    t.equal((await station.next('RemoteStartTransaction')).text, '{ "idTag":"T", "connectorId": 1 }')
    t.same(desk.asked, [{ what: 'offer', stationId: 'CP-1', payload: JSON.parse(profile) }])
  })

  t.test('a refused RemoteStart drops the profile; a refused profile never reaches the station', async t => {
    const { csms, edge, desk } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    station.onCall = () => '{"status":"Rejected"}'
    const request = '{"idTag":"T","chargingProfile":{}}'
    t.equal(await upstream.call('RemoteStartTransaction', request), '{"status":"Rejected"}')
    t.equal(desk.asked.at(-1)?.what, 'drop')
    desk.refusal = { kind: 'result', payloadText: '{"status":"Rejected" }' }
    t.equal(await upstream.call('RemoteStartTransaction', request), '{"status":"Rejected" }')
    t.equal(station.calls.length, 1)
  })
})

t.test('transactions online', async t => {
  t.test('keep the id of the CSMS where it is free, and are known to the controller', async t => {
    const { csms, edge, events } = await depot(t)
    csms.onCall = friendly(77)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    t.equal(
      await station.call('StartTransaction', start()),
      '{"transactionId":77,"idTagInfo":{"status":"Accepted"}}',
    )
    const fresh = meter(77, '150', new Date().toISOString())
    await station.call('MeterValues', fresh)
    t.equal((await upstream.next('MeterValues')).text, fresh)
    await station.call('StopTransaction', stop(77))
    t.equal((await upstream.next('StopTransaction')).text, stop(77))
    const told = events.filter(e => e.kind.startsWith('transaction') || e.kind === 'measured')
    t.match(told, [
      { kind: 'transaction-started', transactionId: 77, connectorId: 1, idTag: 'TAG1', meterStartWh: 100 },
      { kind: 'measured', connectorId: 1, sample: { energyWh: 150 } },
      { kind: 'transaction-stopped', transactionId: 77, connectorId: 1 },
    ])
  })

  t.test('an id that another station uses, or that is not positive, is mapped both ways', async t => {
    const { csms, edge } = await depot(t, ['CP-1', 'CP-2', 'CP-3'])
    csms.onCall = call =>
      call.action === 'StartTransaction'
        ? `{"idTagInfo":{"status":"Accepted"},  "transactionId" : ${call.text.includes('ZERO') ? 0 : 5}}`
        : friendly()(call)
    const first = await connectStation(edge.port, 'CP-1')
    const second = await connectStation(edge.port, 'CP-2')
    const third = await connectStation(edge.port, 'CP-3')
    t.match(await first.call('StartTransaction', start()), /"transactionId" : 5\}/)
    t.equal(
      await second.call('StartTransaction', start()),
      '{"idTagInfo":{"status":"Accepted"},  "transactionId" : 1500000000}',
    )
    t.match(await third.call('StartTransaction', start('ZERO')), /"transactionId" : 1500000001\}/)
    await second.call('MeterValues', meter(1500000000, '7.10'))
    const upstream = await csms.station('CP-2')
    t.equal((await upstream.next('MeterValues')).text, meter(5, '7.10'))
    second.onCall = () => '{"status":"Accepted"}'
    await upstream.call('RemoteStopTransaction', '{ "transactionId": 5 }')
    t.equal((await second.next('RemoteStopTransaction')).text, '{ "transactionId": 1500000000 }')
    await third.call('StopTransaction', stop(1500000001))
    t.equal((await (await csms.station('CP-3')).next('StopTransaction')).text, stop(0))
  })

  t.test('a station cannot end or feed the transaction of another (ST11)', async t => {
    const { csms, edge, events } = await depot(t, ['CP-1', 'CP-2'])
    csms.onCall = friendly(77)
    const [own, other] = [await connectStation(edge.port, 'CP-1'), await connectStation(edge.port, 'CP-2')]
    await own.call('StartTransaction', start())
    await other.call('MeterValues', meter(77, '900000', new Date().toISOString()))
    await other.call('StopTransaction', stop(77))
    const upstream = await csms.station('CP-1')
    t.notOk(
      events.some(event => event.kind === 'transaction-stopped' && event.stationId === 'CP-1'),
      'it goes on',
    )
    t.notOk(upstream.calls.some(({ action }) => action === 'StopTransaction'))
    const fresh = meter(77, '150', new Date().toISOString())
    await own.call('MeterValues', fresh)
    t.equal((await upstream.next('MeterValues')).text, fresh)
    await own.call('StopTransaction', stop(77))
    t.equal((await upstream.next('StopTransaction')).text, stop(77))
    const told = events.filter(event => 'stationId' in event && event.stationId === 'CP-1')
    t.match(
      told.filter(event => event.kind === 'measured').map(event => event.sample.energyWh),
      [150],
      'nothing of the other has counted',
    )
  })

  t.test('a remote stop of an unknown or finished transaction is refused here', async t => {
    const { csms, edge, desk } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    await station.call('StartTransaction', start())
    await station.call('StopTransaction', stop(1))
    t.equal(await upstream.call('RemoteStopTransaction', '{"transactionId":1}'), '{"status":"Rejected"}')
    t.equal(await upstream.call('RemoteStopTransaction', '{"transactionId":99}'), '{"status":"Rejected"}')
    const profile = '{"connectorId":1,"csChargingProfiles":{"transactionId":99}}'
    t.equal(await upstream.call('SetChargingProfile', profile), '{"status":"Rejected"}')
    t.same([station.calls, desk.asked], [[], []])
  })

  t.test('the same Start sent again by the station gets the same id and goes up once', async t => {
    const { csms, edge } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    const first = await station.call('StartTransaction', start())
    t.equal(await station.call('StartTransaction', start()), first)
    t.equal(upstream.calls.filter(c => c.action === 'StartTransaction').length, 1)
  })
})

t.test('legs', async t => {
  t.test('one CALL is in flight upstream, in the order the station sent them', async t => {
    const { csms, edge } = await depot(t)
    csms.onCall = () => undefined
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    const answers = ['1', '2', '3'].map(n => station.call('DataTransfer', `{"vendorId":"${n}"}`))
    for (const n of ['1', '2', '3']) {
      const call = await upstream.next('DataTransfer')
      t.equal(call.text, `{"vendorId":"${n}"}`)
      t.equal(upstream.calls.length, Number(n), 'the next waits for its answer')
      upstream.answer(call.id, `{"status":"Accepted","data":"${n}"}`)
    }
    t.same(
      (await Promise.all(answers)).map(text => /"data":"(\d)"/.exec(text)?.[1]),
      ['1', '2', '3'],
    )
  })

  t.test('answers never cross stations, whatever the message ids and their order (CS6)', async t => {
    const { csms, edge } = await depot(t, ['CP-1', 'CP-2'])
    csms.onCall = () => undefined
    const one = await connectStation(edge.port, 'CP-1')
    const two = await connectStation(edge.port, 'CP-2')
    const [upOne, upTwo] = [await csms.station('CP-1'), await csms.station('CP-2')]
    const first = one.call('Authorize', '{"idTag":"A"}', 'same')
    const second = two.call('Authorize', '{"idTag":"B"}', 'same')
    const [a, b] = [await upOne.next('Authorize'), await upTwo.next('Authorize')]
    upTwo.answer(a.id, '{"crossed":1}')
    upTwo.answer(b.id, '{"for":"B"}')
    upOne.answer(a.id, '{"for":"A"}')
    upOne.answer(a.id, '{"twice":1}')
    t.same(await Promise.all([first, second]), ['{"for":"A"}', '{"for":"B"}'])
    const next = one.call('Authorize', '{"idTag":"C"}')
    upOne.answer((await upOne.next('Authorize')).id, '{"for":"C"}')
    t.equal(await next, '{"for":"C"}', 'the doubled answer met nothing')
  })

  t.test('identities are percent-encoded on both legs', async t => {
    const { csms, edge } = await depot(t, ['RDAM|123'])
    const station = await connectStation(edge.port, 'RDAM|123')
    await station.call('Heartbeat', '{}')
    t.same(csms.paths, ['/ocpp/RDAM%7C123'])
  })

  t.test('credentials pass upstream as they came', async t => {
    const { csms, edge } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1', 'secret')
    await station.call('Heartbeat', '{}')
    t.same(csms.headers, [`Basic ${btoa('CP-1:secret')}`])
  })

  t.test('a station that is gone is gone for the CSMS', async t => {
    const { csms, edge, event } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    const gone = event('gone')
    station.socket.terminate()
    await Promise.all([gone, upstream.closed])
    t.equal(edge.station('CP-1')?.connected, false)
  })

  t.test('a station that does not answer is a GenericError for the CSMS when it leaves', async t => {
    const { csms, edge } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const other = await csms.station('CP-1')
    const answer = other.call('Reset', '{"type":"Soft"}')
    await station.next('Reset')
    const own = new Promise(resolve =>
      edge.call('CP-1', { action: 'Reset', payload: {}, timeoutMs: 5000 }, resolve),
    )
    station.socket.terminate()
    t.same(await own, { kind: 'closed' })
    await Promise.race([answer, other.closed])
  })

  t.test("Busbar's own CALL shares the leg and its answer stays here", async t => {
    const { csms, edge } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    station.onCall = () => '{"status":"Accepted"}'
    const outcome = await new Promise(resolve =>
      edge.call(
        'CP-1',
        { action: 'SetChargingProfile', payload: { connectorId: 1 }, timeoutMs: 5000 },
        resolve,
      ),
    )
    t.same(outcome, { kind: 'result', payloadText: '{"status":"Accepted"}' })
    t.equal((await station.next('SetChargingProfile')).text, '{"connectorId":1}')
    t.same(upstream.calls, [])
  })

  t.test('what only Busbar asked for stays here, news and what the CSMS asked for goes up', async t => {
    const { edge, csms } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    station.onCall = ({ action }) => (action === 'TriggerMessage' ? '{"status":"Accepted"}' : undefined)
    const ask = (requestedMessage: string) =>
      new Promise<unknown>(done => {
        const payload = { requestedMessage, connectorId: 1 }
        edge.call('CP-1', { action: 'TriggerMessage', payload, timeoutMs: 5_000 }, done)
      })
    const seen = (action: string) => upstream.calls.filter(call => call.action === action).length
    const sample = (context: string) =>
      `{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T10:00:00Z","sampledValue":[{"value":"1","context":"${context}"}]}]}`
    await station.call('StatusNotification', status(1, 'Available'))
    t.equal(seen('StatusNotification'), 1)
    await ask('StatusNotification')
    t.equal(await station.call('StatusNotification', status(1, 'Available')), '{}')
    t.equal(seen('StatusNotification'), 1, 'a status the CSMS has is not told twice')
    await station.call('StatusNotification', status(1, 'Available'))
    t.equal(seen('StatusNotification'), 2, 'but what the station says by itself is')
    await ask('StatusNotification')
    await station.call('StatusNotification', status(1, 'Charging'))
    t.equal(seen('StatusNotification'), 3, 'news')
    await upstream.call('TriggerMessage', '{"requestedMessage":"StatusNotification"}')
    await station.call('StatusNotification', status(1, 'Charging'))
    t.equal(seen('StatusNotification'), 4, 'the CSMS asked too')
    await ask('MeterValues')
    await station.call('MeterValues', sample('Sample.Periodic'))
    await station.call('MeterValues', sample('Trigger'))
    t.equal(seen('MeterValues'), 1, 'the sample that was asked for stays here')
    await station.call('MeterValues', sample('Trigger'))
    t.equal(seen('MeterValues'), 2)
  })

  t.test('the first boot waits for the upstream socket and is not lost', async t => {
    const { csms, edge, event } = await depot(t)
    const station = await connectStation(edge.port, 'CP-1')
    const booted = event('booted')
    t.match(await station.call('BootNotification', BOOT), /"status":"Accepted"/)
    t.equal((await (await csms.station('CP-1')).next('BootNotification')).text, BOOT)
    t.match(await booted, { kind: 'booted', info: { vendor: 'V', model: 'M' } })
    t.equal(await station.call('StatusNotification', status(1, 'Available')), '{}')
  })
})

t.test('one value is changed and every other byte stays', async t => {
  const text = '{ "a" : {"b":[1, {"id": 1}], "id" : 1.10 } ,"id"\n:\t9007199254740993,"s":"\\"id\\":3 }" }'
  t.equal(replaceAt(text, ['id'], '7'), text.replace('9007199254740993', '7'))
  t.equal(replaceAt(text, ['a', 'id'], '7'), text.replace('1.10', '7'))
  t.equal(replaceAt(text, ['nope'], '7'), text)
  t.equal(setKey('{ }', 'id', '7'), '{"id":7 }')
  t.equal(setKey('{"a":1}', 'id', '7'), '{"id":7,"a":1}')
  t.equal(cutKey('{"p":{"x":"}"},"a":1,"p":2}', 'p'), '{"a":1}', 'a doubled key is cut twice')
  t.equal(cutKey('{"a":1 , "\\u0070" : [1] }', 'p'), '{"a":1 }', 'an escaped key is the same key')
  t.equal(cutKey('{ "p":1 }', 'p'), '{  }')
})

t.test('splicing agrees with JSON.parse, whatever the text', async t => {
  const spacing = fc.constantFrom<number | string | undefined>(undefined, 1, '\t', '\n')
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()),
      spacing,
      fc.string(),
      (object, space, key) => {
        const whole: Record<string, unknown> = JSON.parse(JSON.stringify({ ...object, [key]: 'old' }))
        const text = JSON.stringify(whole, null, space)
        const span = locate(text, [key])
        if (span === undefined || text.slice(span.start, span.end) !== '"old"') return false
        const { [key]: _, ...rest } = whole
        t.same(JSON.parse(replaceAt(text, [key], '42')), { ...whole, [key]: 42 })
        t.same(JSON.parse(cutKey(text, key)), rest)
        return true
      },
    ),
    { numRuns: 200, seed: 2 },
  )
})
