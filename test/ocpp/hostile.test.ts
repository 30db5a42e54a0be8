import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import WS, { WebSocketServer } from 'ws'
import { Damper } from '../../src/ocpp/wire/damper.js'
import { applyEdits, cutKey, replaceKeyValues } from '../../src/ocpp/wire/edits.js'
import { keepAlive } from '../../src/ocpp/wire/keep-alive.js'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  meter,
  Peer,
  type Seen,
  siteOf,
  start,
  startEdge,
  status,
  stop,
} from './both-sides.js'
import { FROM_CSMS, FROM_STATION } from './fixtures/long-messages.js'
import { WorkCounter } from './fixtures/work.js'
import { handClock } from './hand-clock.js'

const counter = await WorkCounter.start()
t.teardown(() => counter.stop())

const accepted = (): string => '{"status":"Accepted"}'

async function depot(t: Test, stations: readonly string[] = ['CP-1'], speed = 1) {
  const csms = await Csms.listen()
  csms.onCall = friendly()
  const journal = new MemoryJournal()
  const running = await startEdge(siteOf({ stations, csmsPort: csms.port }), journal, speed)
  t.teardown(() => Promise.all([running.edge.stop(), csms.stop()]))
  return { csms, journal, ...running }
}

/** CPU of the fastest of three runs, ms: for what a step copies, which no count of steps shows; a busy machine is no cost. */
function tookMs(work: () => void): number {
  const runs = [0, 0, 0].map(() => {
    const before = process.cpuUsage()
    work()
    return process.cpuUsage(before).user / 1_000
  })
  return Math.min(...runs)
}

t.test('the cost of one message grows with its size and no faster', async t => {
  const doubled = (count: number): string =>
    `{${Array.from({ length: count }, () => '"p":1').join(',')},"a":1}`
  const keys = (count: number): string =>
    `{"configurationKey":[${Array.from({ length: count }, () => '{"key":"K","readonly":false,"value":"1"}').join(',')}]}`
  const values = (count: number): string => `[${Array.from({ length: count }, () => '{"u":"a"}').join(',')}]`
  const edits = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      path: [at, 'u'],
      edit: { kind: 'replace', valueText: '"b"' } as const,
    }))
  const works: readonly (readonly [name: string, work: (count: number) => void])[] = [
    ['a doubled key is cut', count => void cutKey(doubled(count), 'p')],
    ['a value is replaced', count => void replaceKeyValues(keys(count), new Map([['K', '22']]))],
    ['a CALL is repaired', count => void applyEdits(values(count), edits(count))],
  ]
  for (const [name, work] of works) {
    work(200)
    const [smallMs, largeMs] = [tookMs(() => work(3_000)), tookMs(() => work(24_000))]
    t.ok(largeMs < 40 * Math.max(smallMs, 1), `${name}: ${smallMs} ms, eight times as much ${largeMs} ms`)
    const [small, large] = [await counter.of(() => work(3_000)), await counter.of(() => work(24_000))]
    t.ok(large < 10 * small, `${name}: ${small} steps, eight times as much ${large} steps`)
  }
  t.equal(cutKey(doubled(3), 'p'), '{"a":1}')
  t.equal(applyEdits(values(2), edits(2)), '[{"u":"b"},{"u":"b"}]')
  t.equal(
    replaceKeyValues(keys(2), new Map([['K', '22']])),
    keys(2).replaceAll('"value":"1"', '"value":"22"'),
  )
})

t.test('every message of either side is answered, and costs by its size whatever it is', async t => {
  const { csms, edge } = await depot(t)
  const station = await connectStation(edge.port, 'CP-1')
  const conf = '{"status":"Accepted","configurationKey":[]}'
  station.onCall = () => conf
  await station.call('BootNotification', BOOT)
  const upstream = await csms.station('CP-1')
  for (const [sender, messages] of [
    [station, FROM_STATION],
    [upstream, FROM_CSMS],
  ] as const)
    for (const [action, payload] of messages) {
      const ask = (n: number) => () => sender.call(action, payload(n)).catch(() => undefined)
      await ask(600)()
      // never the same again: what is repeated is known, and costs less
      const [small, large] = [await counter.of(ask(601)), await counter.of(ask(4_808))]
      t.ok(
        large < 12 * Math.max(small, 4_000),
        `${action}: ${small} steps, eight times as much ${large} steps`,
      )
    }
  t.match(await station.call('Heartbeat', '{}'), /currentTime/, 'and the next one')
})

t.test(
  'a station that never stops what it starts pays no more for the last message, and fills no journal',
  async t => {
    const journal = new MemoryJournal()
    const bounds = { stationBytes: 60_000, siteBytes: 1_000_000 }
    const config = siteOf({ stations: ['CP-1'], csmsPort: 1, offline: { AllowOfflineTxForUnknownId: true } })
    const { edge } = await startEdge(config, journal, 1, { bounds })
    t.teardown(() => edge.stop())
    const station = await connectStation(edge.port, 'CP-1')
    const round = (from: number) => async (): Promise<void> => {
      for (let n = from; n < from + 100; n++) {
        const id = /"transactionId":(\d+)/.exec(
          (await Promise.race([
            station.call('StartTransaction', start(`TAG${n}`, 1 + (n % 4), n)),
            left(),
          ])) ?? '',
        )?.[1]
        if (id !== undefined)
          await Promise.race([station.call('MeterValues', meter(Number(id), String(n))), left()])
      }
    }
    const left = (): Promise<undefined> => new Promise(done => setTimeout(() => done(undefined), 20))
    const first = await counter.of(round(0))
    const bytes: number[] = []
    let last = 0
    for (let n = 1; n < 4; n++) {
      last = await counter.of(round(n * 100))
      bytes.push([...journal.entries].reduce((sum, [key, value]) => sum + key.length + value.length, 0))
    }
    t.ok(last < 2 * first, `${first} steps for the first 200 messages, ${last} steps for the last`)
    t.ok(Math.max(...bytes) < 400_000, `${bytes} bytes in the journal`)
    t.ok(edge.backlog()[0]?.isExhausted, 'and it is told')
  },
)

t.test('a local list of 18,000 tags costs nine times one of 2,000', async t => {
  const { csms, edge } = await depot(t)
  const station = await connectStation(edge.port, 'CP-1')
  station.onCall = accepted
  const upstream = await csms.station('CP-1')
  const list = (count: number) => {
    const items = Array.from(
      { length: count },
      (_, at) => `{"idTag":"T${at}","idTagInfo":{"status":"Accepted"}}`,
    )
    return `{"listVersion":1,"updateType":"Full","localAuthorizationList":[${items.join(',')}]}`
  }
  const send = (count: number) => async () =>
    t.equal(await upstream.call('SendLocalList', list(count)), '{"status":"Accepted"}')
  const [small, large] = [await counter.of(send(2_000)), await counter.of(send(18_000))]
  t.ok(large < 14 * small, `${small} steps, nine times as many tags ${large} steps`)
})

t.test(
  'a CSMS that turns away, closes at once, answers twice or says no to all is away, and then has all once',
  async t => {
    let mood: 'says 503' | 'closes' | 'refuses starts' | 'well' = 'says 503'
    let next = 40
    const got: Seen[] = []
    const csms = await moodyCsms(
      () => (mood === 'says 503' ? 503 : undefined),
      peer => {
        if (mood === 'closes') peer.socket.close()
        const answer = friendly()
        peer.onCall = call => {
          if (!/Transaction|MeterValues/.test(call.action)) return answer(call)
          if (mood === 'refuses starts') {
            peer.refuse(call.id, 'InternalError')
            return undefined
          }
          got.push(call)
          const conf =
            call.action === 'StartTransaction'
              ? `{"transactionId":${next++},"idTagInfo":{"status":"Accepted"}}`
              : '{}'
          peer.send(`[3,"${call.id}",${conf}]`)
          return conf
        }
      },
    )
    const config = siteOf({
      stations: ['CP-1'],
      csmsPort: csms.port,
      offline: { AllowOfflineTxForUnknownId: true },
    })
    const { edge } = await startEdge(config, new MemoryJournal(), 100)
    t.teardown(() => Promise.all([edge.stop(), csms.stop()]))
    const station = await connectStation(edge.port, 'CP-1')
    for (const [n, now] of (['says 503', 'closes', 'refuses starts'] as const).entries()) {
      mood = now
      const conf = await station.call('StartTransaction', start('TAG1', 1, n, `2026-01-01T1${n}:00:00Z`))
      const id = Number(/"transactionId":(\d+)/.exec(conf)?.[1])
      t.equal(await station.call('MeterValues', meter(id, String(n), `2026-01-01T1${n}:01:00Z`)), '{}', now)
      t.equal(await station.call('StopTransaction', stop(id, 900, `2026-01-01T1${n}:30:00Z`)), '{}', now)
    }
    mood = 'well'
    while (edge.waitingMessages() > 0) await Promise.race([station.call('Heartbeat', '{}'), station.closed])
    const names = got.map(({ action, text }) => `${action} ${/2026-01-01T1\d/.exec(text)?.[0]}`)
    t.same(
      names,
      [...new Set(names)].sort((a, b) => names.indexOf(a) - names.indexOf(b)),
      'each once',
    )
    t.same(
      got
        .filter(({ action }) => action === 'StopTransaction')
        .map(({ text }) => /"transactionId":(\d+)/.exec(text)?.[1]),
      ['40', '41', '42'],
    )
    t.ok(
      edge.counters.doubledAnswers + edge.counters.unknownAnswers >= got.length,
      'the second answers are counted',
    )
  },
)

t.test('what breaks here costs no station its answer', async t => {
  const { csms, edge } = await depot(t)
  const station = await connectStation(edge.port, 'CP-1')
  // legal JSON, no legal Unicode: cannot be a key of the journal
  const half = '{"idTag":"\\ud800"}'
  t.equal(await station.call('Authorize', half), '{"idTagInfo":{"status":"Accepted"}}')
  t.equal((await (await csms.station('CP-1')).next('Authorize')).text, half)
  t.match(await station.call('StartTransaction', start('\\udfff')), /"transactionId":1,/)
  t.equal(await station.call('StopTransaction', stop(1)), '{}')
  t.match(await station.call('Authorize', `{"idTag":"${'X'.repeat(900)}"}`), /Accepted/)
  t.match(await station.call('Heartbeat', '{}'), /currentTime/)
})

t.test('names that every object has are data like others', async t => {
  const { csms, edge } = await depot(t, ['constructor', '__proto__'])
  for (const id of ['constructor', '__proto__']) {
    const station = await connectStation(edge.port, id)
    t.match(await station.call('BootNotification', BOOT), /Accepted/)
    await csms.station(id)
    t.match(await station.call('Authorize', '{"idTag":"__proto__"}'), /Accepted/)
    t.equal(edge.station(id)?.connected, true)
  }
  t.equal(edge.station('hasOwnProperty'), undefined)
})

t.test('what a station says at length is passed on and not kept', async t => {
  const { csms, edge, journal } = await depot(t)
  const station = await connectStation(edge.port, 'CP-1')
  await station.call('BootNotification', BOOT)
  const upstream = await csms.station('CP-1')
  const long = 'x'.repeat(200_000)
  const texts = Array.from({ length: 8 }, (_, connector) =>
    status(connector, 'Available').replace('"errorCode"', `"info":"${long}","errorCode"`),
  )
  for (const text of texts) await station.call('StatusNotification', text)
  const boot = `{"chargePointVendor":"${long}","chargePointModel":"M"}`
  await station.call('BootNotification', boot)
  const sent = upstream.calls.filter(call => call.text.length > 100_000)
  t.same(
    sent.map(call => call.text),
    [...texts, boot],
    'byte for byte',
  )
  const kept = [...journal.entries.values()].reduce((sum, value) => sum + value.length, 0)
  t.ok(kept < 20_000, `${kept} characters in the journal`)
})

t.test('frames that say nothing are tolerated 600 times a minute', async t => {
  const { edge } = await depot(t)
  for (const frame of ['[9,"x",{}]', '[3,"nobody-asked",{}]']) {
    const station = await connectStation(edge.port, 'CP-1')
    for (let n = 0; n < 700; n++) station.send(frame)
    t.equal(await station.closed, 1008, frame)
  }
})

t.test('a burst of boots is passed on at once, and what follows every few seconds', async t => {
  const clock = handClock()
  const damper = new Damper(clock, { burst: 3, everyMs: 10_000 })
  const passes = () => [0, 0, 0, 0, 0].filter(() => damper.pass()).length
  t.equal(passes(), 3)
  clock.advance(9_999)
  t.same([passes(), damper.waitMs()], [0, 1])
  clock.advance(1)
  t.equal(passes(), 1)
  clock.advance(3_600_000)
  t.equal(passes(), 3, 'the burst is there again, and no more')

  const { csms, edge } = await depot(t, ['CP-1'], 20)
  const station = await connectStation(edge.port, 'CP-1')
  for (let n = 0; n < 23; n++) t.match(await station.call('BootNotification', BOOT), /Accepted/)
  const boots = (await csms.station('CP-1')).calls.filter(call => call.action === 'BootNotification')
  t.equal(boots.length, 23, 'none is lost')
  t.ok(edge.counters.damped >= 1, 'the last were slowed')
})

t.test('orders that make a station boot are passed on at a pace (CS5)', async t => {
  const { csms, edge } = await depot(t)
  const station = await connectStation(edge.port, 'CP-1')
  station.onCall = accepted
  const upstream = await csms.station('CP-1')
  const answers: string[] = []
  for (let n = 0; n < 25; n++) answers.push(await upstream.call('Reset', '{"type":"Soft"}'))
  t.equal(answers.filter(answer => answer === '{"status":"Rejected"}').length, 5)
  t.equal(station.calls.filter(call => call.action === 'Reset').length, 20)
  t.equal(
    await upstream.call('TriggerMessage', '{"requestedMessage":"BootNotification"}'),
    '{"status":"Rejected"}',
  )
  t.equal(await upstream.call('TriggerMessage', '{"requestedMessage":"Heartbeat"}'), '{"status":"Accepted"}')
})

t.test('a large frame on a slow line is life', async t => {
  const clock = handClock()
  let [sent, received, deaths] = [0, 0, 0]
  keepAlive(clock, { ping: () => {}, sentBytes: () => sent, receivedBytes: () => received }, () => {
    deaths++
  })
  // 5 kB/s towards us for three minutes, no frame is whole
  for (let s = 0; s < 180; s++) {
    received += 5_000
    clock.advance(1_000)
  }
  t.equal(deaths, 0)
  // 400 kB away from us: the pong is behind them
  sent += 400_000
  clock.advance(90_000)
  t.equal(deaths, 0)
  clock.advance(60_000)
  t.equal(deaths, 1, 'and nobody waits for ever')
})

/** The status line of a hand-written upgrade. */
async function upgraded(port: number, path: string, headers: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: busbar',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: ocpp1.6',
    ...headers,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [data] = await once(socket, 'data')
  socket.destroy()
  return String(data).split('\r\n', 1)[0] ?? ''
}

t.test('two answers to "who is it?" are none', async t => {
  const { csms, edge } = await depot(t)
  const basic = (password: string) => `Authorization: Basic ${btoa(`CP-1:${password}`)}`
  t.match(await upgraded(edge.port, '/ocpp/CP-1', [basic('one'), basic('two')]), /400/)
  t.match(await upgraded(edge.port, '/ocpp/CP-1', ['Host: another']), /400/)
  t.same(csms.paths, [])
  t.match(await upgraded(edge.port, '/ocpp/CP-1', [basic('one')]), /101/)
  t.equal(edge.refusals().get('repeated-header'), 2)
})

t.test('other protocols on the port are counted and cost nothing', async t => {
  const { edge } = await depot(t)
  await (await fetch(`http://127.0.0.1:${edge.port}/ocpp/CP-1`)).text()
  const tls = connect(edge.port, '127.0.0.1')
  tls.resume()
  tls.write(Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5]))
  await once(tls, 'close')
  t.equal(edge.counters.strangers, 1)
  t.equal(edge.refusals().get('tls-to-plain-port'), 1, 'a station that speaks TLS is named as what it is')
})

t.test('a CSMS address that leads back here throws nobody out and says so', async t => {
  const probe = await Csms.listen()
  const { port } = probe
  await probe.stop()
  const config = siteOf({ stations: ['CP-1'], csmsPort: port })
  const { edge } = await startEdge({ ...config, ocpp: { ...config.ocpp, port } }, new MemoryJournal())
  t.teardown(() => edge.stop())
  const station = await connectStation(edge.port, 'CP-1')
  while (edge.station('CP-1')?.csms.reason === undefined) await new Promise(resolve => setImmediate(resolve))
  t.match(edge.station('CP-1')?.csms, { reason: 'status', detail: /508, the address leads back/ })
  t.equal(edge.refusals().get('leads-back'), 1)
  t.equal(station.socket.readyState, WS.OPEN)
})

t.test('an address that leads back through another Busbar is known by the one it comes back to', async t => {
  const probes = [await Csms.listen(), await Csms.listen()] as const
  const [here, there] = [probes[0].port, probes[1].port]
  for (const probe of probes) await probe.stop()
  const at = async (port: number, csmsPort: number) => {
    const config = siteOf({ stations: ['CP-1'], csmsPort })
    const { edge } = await startEdge({ ...config, ocpp: { ...config.ocpp, port } }, new MemoryJournal())
    t.teardown(() => edge.stop())
    return edge
  }
  const [one, other] = [await at(here, there), await at(there, here)]
  const station = await connectStation(here, 'CP-1')
  while (other.station('CP-1')?.csms.reason === undefined) await new Promise(resolve => setImmediate(resolve))
  t.match(other.station('CP-1')?.csms, { reason: 'status', detail: /508/ })
  t.equal(one.refusals().get('leads-back'), 1)
  t.equal(station.socket.readyState, WS.OPEN, 'and the station stays')
})

t.test('ids that are text where a number belongs are understood and told as numbers', async t => {
  const { csms, edge } = await depot(t)
  csms.onCall = call =>
    call.action === 'StartTransaction'
      ? '{"transactionId":"12","idTagInfo":{"status":"Accepted"}}'
      : friendly()(call)
  const station = await connectStation(edge.port, 'CP-1')
  station.onCall = accepted
  t.equal(
    await station.call('StartTransaction', start()),
    '{"transactionId":12,"idTagInfo":{"status":"Accepted"}}',
  )
  const upstream = await csms.station('CP-1')
  await upstream.call('RemoteStopTransaction', '{"transactionId":"12"}')
  t.equal((await station.next('RemoteStopTransaction')).text, '{"transactionId":12}')
})

t.test('two stations with one identity and one password do not take turns for ever', async t => {
  const csms = await Csms.listen()
  csms.onCall = friendly()
  const password = Buffer.from('a password of twenty')
  const { edge } = await startEdge(
    siteOf({ stations: ['CP-1'], csmsPort: csms.port }),
    new MemoryJournal(),
    1,
    {
      passwordOf: () => password,
    },
  )
  t.teardown(() => Promise.all([edge.stop(), csms.stop()]))
  const knock = (): Promise<number> => {
    const socket = new WS(`ws://127.0.0.1:${edge.port}/ocpp/CP-1`, ['ocpp1.6'], { auth: `CP-1:${password}` })
    t.teardown(() => socket.terminate())
    socket.on('error', () => {})
    return new Promise(resolve => {
      socket.once('open', () => resolve(101))
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    })
  }
  const first = await connectStation(edge.port, 'CP-1', String(password))
  const statuses: number[] = []
  for (let n = 0; n < 8; n++) statuses.push(await knock())
  t.equal(await first.closed, 1001)
  t.same(statuses, [101, 101, 101, 101, 101, 409, 409, 409], 'then the one who is there stays')
  t.match(edge.refused(), [{ stationId: 'CP-1', reason: 'second-connection', count: 3 }])
})

/** A CSMS of moods: what it says to an upgrade (undefined = welcome), and what becomes of the socket then. */
async function moodyCsms(
  verdict: (authorization: string | undefined) => number | undefined,
  greet: (peer: Peer) => void = peer => {
    peer.onCall = friendly()
  },
  port = 0,
) {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'ocpp1.6' })
  const asked: (string | undefined)[] = []
  server.on('upgrade', (request, socket, head) => {
    asked.push(request.headers.authorization)
    const refusal = verdict(request.headers.authorization)
    if (refusal !== undefined) socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`)
    else
      sockets.handleUpgrade(request, socket, head, peer => {
        greet(new Peer(peer))
      })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : 0
  const stop = async (): Promise<void> => {
    for (const peer of sockets.clients) peer.terminate()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { port: bound, asked, stop }
}

t.test('whose credentials the CSMS judges', async t => {
  t.test('a station it refuses is not served, and nothing of it is kept', async t => {
    const csms = await moodyCsms(authorization => (authorization === undefined ? undefined : 401))
    const journal = new MemoryJournal()
    const config = siteOf({
      stations: ['CP-1'],
      csmsPort: csms.port,
      offline: { AlwaysAllowOfflineTransactions: true, AlwaysAllowIdTag: 'ALL' },
    })
    const { edge, events } = await startEdge(config, journal, 10)
    t.teardown(() => Promise.all([edge.stop(), csms.stop()]))
    for (let n = 0; n < 2; n++) {
      const station = await connectStation(edge.port, 'CP-1', 'wrong')
      station.send(`[2,"s","StartTransaction",${start()}]`)
      t.equal(await station.closed, 1008)
      t.same(station.calls, [], 'no order of ours reaches it')
    }
    t.same(
      events.filter(event => event.kind !== 'upstream'),
      [],
    )
    t.same(
      [...journal.entries.keys()].filter(key => /^(log|tx)/.test(key)),
      [],
    )
    t.equal(edge.waitingMessages(), 0)
    t.match(edge.refused(), [{ stationId: 'CP-1', reason: 'csms-refused', count: 2 }])
  })

  t.test('while it is away only the last credentials it let in are served', async t => {
    const csms = await moodyCsms(() => undefined)
    const journal = new MemoryJournal()
    const config = siteOf({
      stations: ['CP-1'],
      csmsPort: csms.port,
      offline: { AllowOfflineTxForUnknownId: true },
    })
    const { edge } = await startEdge(config, journal, 20)
    t.teardown(() => edge.stop())
    const station = await connectStation(edge.port, 'CP-1', 'right')
    t.match(await station.call('BootNotification', BOOT), /Accepted/)
    t.notMatch(
      JSON.stringify([...journal.entries]),
      btoa('CP-1:right'),
      'the password itself is kept nowhere',
    )
    await csms.stop()
    station.socket.terminate()
    for (const password of ['wrong', undefined]) {
      const impostor = await connectStation(edge.port, 'CP-1', password)
      impostor.send('[2,"a","Authorize",{"idTag":"X"}]')
      t.equal(await impostor.closed, 1013)
    }
    t.match(
      await (await connectStation(edge.port, 'CP-1', 'right')).call('Authorize', '{"idTag":"X"}'),
      /Accepted/,
    )
    await edge.stop()
    const again = await startEdge(config, journal, 20)
    t.teardown(() => again.edge.stop())
    const back = await connectStation(again.edge.port, 'CP-1', 'right')
    t.match(await back.call('Authorize', '{"idTag":"X"}'), /Accepted/, 'also after a restart')
  })

  t.test('where passwords could not be read nobody is served whom it has not let in', async t => {
    const csms = await moodyCsms(() => undefined)
    const config = siteOf({
      stations: ['CP-1'],
      csmsPort: csms.port,
      offline: { AllowOfflineTxForUnknownId: true },
    })
    const journal = new MemoryJournal()
    for (const [isAway, password] of [
      [false, undefined],
      [true, undefined],
      [true, 'any'],
    ] as const) {
      if (isAway) await csms.stop()
      const { edge } = await startEdge(config, journal, 20, { arePasswordsLost: () => true })
      const station = await connectStation(edge.port, 'CP-1', password)
      if (isAway) {
        station.send('[2,"a","Authorize",{"idTag":"X"}]')
        t.equal(await station.closed, 1013, `${password}`)
      } else t.match(await station.call('BootNotification', BOOT), /Accepted/, 'it judges')
      await edge.stop()
    }
  })
})

t.test(
  'what all peers leave unanswered is bounded together; who sends little is not turned away for the others',
  async t => {
    const csms = await Csms.listen()
    const stations = ['A', 'B', 'C', 'D', 'modest']
    const config = siteOf({ stations, csmsPort: csms.port, offline: { csmsTimeoutMs: 20_000 } })
    const { edge } = await startEdge(config, new MemoryJournal(), 1, { maxIncomingChars: 150_000 })
    t.teardown(async () => {
      await edge.stop()
      await csms.stop()
    })
    const modest = await connectStation(edge.port, 'modest')
    const large = `{"vendorId":"V","data":"${'x'.repeat(40_000)}"}`
    const closed: number[] = []
    const peers = await Promise.all(stations.slice(0, 4).map(id => connectStation(edge.port, id)))
    for (const [index, peer] of peers.entries()) {
      // the CSMS answers nothing: all of it is held
      const up = await csms.station(stations[index] ?? '')
      peer.send(`[2,"1","DataTransfer",${large}]`)
      if (index < 3) await up.next('DataTransfer')
      else closed.push(await peer.closed)
      t.ok(edge.incoming().chars <= 150_000)
    }
    t.same(closed, [1008], 'the one that would have been too much')
    t.equal(edge.incoming().isOverfull, true)
    modest.send('[2,"1","DataTransfer",{"vendorId":"V"}]')
    await (await csms.station('modest')).next('DataTransfer')
    t.equal(modest.socket.readyState, modest.socket.OPEN)
    for (const peer of [...peers, modest]) peer.socket.terminate()
    await Promise.all([...peers, modest].map(({ closed }) => closed))
    while (edge.incoming().chars > 0) await new Promise(done => setImmediate(done))
    t.equal(edge.incoming().chars, 0, 'and all of it is given back')
  },
)
