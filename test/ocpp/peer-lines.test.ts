/**
 * Careless and hostile peers by their class, over real sockets, as properties: lines that are slow, frames that say nothing, boots in
 * bursts, ids and names that are nobody's, and what comes to the port and is no station. Counted, never timed (I5, I7, I9).
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import WS from 'ws'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  meter,
  siteOf,
  start,
  startEdge,
  stop,
} from './both-sides.js'
import { WorkCounter } from './fixtures/work.js'

const counter = await WorkCounter.start()
t.teardown(() => counter.stop())

const RUNS = { seed: 1_711, numRuns: 12 }

async function depot(stations: readonly string[] = ['CP-1'], speed = 1) {
  const csms = await Csms.listen()
  csms.onCall = friendly()
  const journal = new MemoryJournal()
  const config = siteOf({ stations, csmsPort: csms.port, offline: { AllowOfflineTxForUnknownId: true } })
  const running = await startEdge(config, journal, speed)
  const end = async (): Promise<void> => {
    await running.edge.stop()
    await csms.stop()
  }
  return { csms, journal, config, end, ...running }
}

const openOf = (edge: Awaited<ReturnType<typeof depot>>['edge']): number =>
  edge.backlog().reduce((sum, { openTransactions }) => sum + openTransactions, 0)

/** A client's text frame (RFC 6455 §5.2), masked with zeros. */
function frameOf(text: string): Buffer {
  const octets = Buffer.from(text)
  const head = Buffer.alloc(14)
  head.writeUInt8(0x81, 0)
  head.writeUInt8(0x80 | 127, 1)
  head.writeBigUInt64BE(BigInt(octets.length), 2)
  return Buffer.concat([head, octets])
}

/** A hand-written upgrade; gives its status line. */
async function upgrade(port: number, path: string, headers: readonly string[]) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`${[`GET ${path} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`)
  const [data] = await once(socket, 'data')
  return { socket, statusLine: String(data).split('\r\n', 1)[0] ?? '' }
}

const HEADERS = [
  'Host: busbar',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: ocpp1.6',
  `Authorization: Basic ${btoa('CP-1:one')}`,
]

t.test('a frame of any size is whole at the end of a line that brings 5 kB in a second', async t => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 101, max: 250 }), async kB => {
      // a second of the line is 10 ms here
      const { csms, edge, end } = await depot(['CP-1'], 100)
      const boot = await connectStation(edge.port, 'CP-1')
      await boot.call('BootNotification', BOOT)
      boot.socket.terminate()
      await boot.closed
      const { socket } = await upgrade(edge.port, '/ocpp/CP-1', HEADERS)
      const frame = frameOf(`[2,"1","DataTransfer",{"vendorId":"V","data":"${'x'.repeat(kB * 1_000)}"}]`)
      const upstream = await csms.station('CP-1')
      const passed = upstream.next('DataTransfer').then(() => 'passed')
      const cut = once(socket, 'close').then(() => 'cut')
      for (let sent = 0; sent < frame.length; sent += 5_000) {
        socket.write(frame.subarray(sent, sent + 5_000))
        await new Promise(done => setTimeout(done, 10))
      }
      const outcome = await Promise.race([passed, cut])
      socket.destroy()
      await end()
      if (outcome !== 'passed') throw new Error(`${kB} kB are ${outcome}`)
    }),
    { ...RUNS, numRuns: 3 },
  )
  t.pass()
})

t.test(
  'frames that say nothing, mixed as one likes, end after 600, and none costs more than the first',
  async t => {
    const nothing = fc.constantFrom(
      '[9,"x",{}]',
      '[3,"nobody-asked",{}]',
      '[4,"nobody-asked","GenericError","",{}]',
      '[0]',
      '[5,"1",{},{}]',
    )
    const mixed = fc.array(nothing, { minLength: 1_000, maxLength: 1_000, size: 'max' })
    await fc.assert(
      fc.asyncProperty(mixed, async frames => {
        const { csms, edge, journal, end } = await depot()
        const station = await connectStation(edge.port, 'CP-1')
        await station.call('BootNotification', BOOT)
        const before = journal.entries.size
        const upstream = await csms.station('CP-1')
        const steps: number[] = []
        for (let from = 0; from < 500; from += 100) {
          steps.push(
            await counter.of(async () => {
              for (const frame of frames.slice(from, from + 100)) station.send(frame)
              if (station.socket.readyState === WS.OPEN)
                await Promise.race([station.call('Heartbeat', '{}'), station.closed])
            }),
          )
        }
        for (const frame of frames) station.send(frame)
        const code = await station.closed
        const told = edge.counters.droppedFrames + edge.counters.unknownAnswers
        const others = upstream.calls.filter(({ action }) => !/Boot|Heartbeat/.test(action))
        await end()
        if (code !== 1008) throw new Error(`${code}`)
        if (told < 600) throw new Error(`${told} were counted`)
        if (others.length > 0 || journal.entries.size > before + 5) throw new Error('it left something')
        const [first = 0] = steps
        if (Math.max(...steps) > 1.5 * first + 5_000) throw new Error(`${steps} steps`)
      }),
      { ...RUNS, numRuns: 4 },
    )
    t.pass()
  },
)

t.test('however a station boots, it is set up anew no more often than at the pace of boots', async t => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 25, max: 60 }), fc.boolean(), async (boots, isReconnecting) => {
      const { edge, end } = await depot(['CP-1'], 100)
      let setUps = 0
      const startMs = performance.now()
      const open = async () => {
        const station = await connectStation(edge.port, 'CP-1')
        station.configuration = undefined
        station.onCall = ({ action }) => {
          if (action === 'GetConfiguration') setUps++
          return '{"configurationKey":[],"status":"Accepted"}'
        }
        return station
      }
      let station = await open()
      for (let n = 0; n < boots; n++) {
        await station.call('BootNotification', BOOT)
        if (!isReconnecting) continue
        station.socket.terminate()
        await station.closed
        station = await open()
      }
      // 20 at once, one more after each 10 s at most, on a clock that runs a hundredfold
      const most = 22 + ((performance.now() - startMs) * 100) / 10_000
      const damped = edge.counters.damped
      await end()
      if (!isReconnecting && damped === 0) throw new Error(`${boots} boots, none damped`)
      if (!isReconnecting && setUps > 2 * most) throw new Error(`${setUps} set-ups of ${boots} boots`)
    }),
    { ...RUNS, numRuns: 4 },
  )
  t.pass()
})

t.test("a Stop with an id that is nobody's ends no session, and what follows begins none", async t => {
  const ids = fc.oneof(fc.constantFrom(0, -1, 2_147_483_647, 1_500_000_000), fc.integer({ min: -9, max: 60 }))
  await fc.assert(
    fc.asyncProperty(fc.array(ids, { minLength: 1, maxLength: 6 }), async ids => {
      const { csms, edge, events, journal, config, end } = await depot(['CP-1', 'CP-2'])
      const [one, two] = [await connectStation(edge.port, 'CP-1'), await connectStation(edge.port, 'CP-2')]
      const runs = new Set<number>()
      for (const [peer, connector] of [
        [one, 1],
        [one, 2],
        [two, 1],
      ] as const) {
        const conf = await peer.call('StartTransaction', start(`T${connector}`, connector))
        runs.add(Number(/"transactionId":(\d+)/.exec(conf)?.[1]))
      }
      const theirs = ids.filter(id => !runs.has(id))
      for (const id of theirs) await one.call('StopTransaction', stop(id, 9, '2026-01-01T10:30:00Z'))
      const stops = (await csms.station('CP-1')).calls.filter(({ action }) => action === 'StopTransaction')
      // a connector where nothing runs: there one that began earlier would be adopted
      for (const id of theirs) await one.call('MeterValues', meter(id, '9', undefined, 3))
      const open = openOf(edge)
      const ended = events.filter(({ kind }) => kind === 'transaction-stopped')
      await end()
      await edge.stop()
      const again = await startEdge(config, journal, 1)
      const back = await connectStation(again.edge.port, 'CP-1')
      for (const id of theirs) await back.call('MeterValues', meter(id, '9', undefined, 3))
      const openAgain = openOf(again.edge)
      await again.edge.stop()
      const sent = stops.map(({ text }) => Number(/"transactionId":(-?\d+)/.exec(text)?.[1]))
      if (sent.some(id => runs.has(id))) throw new Error(`${ids}: ${sent} went up`)
      if (open !== 3) throw new Error(`${ids}: ${open} of 3 are open`)
      if (openAgain !== 3) throw new Error(`${ids}: ${openAgain} of 3 are open after a restart`)
      if (ended.length > 0) throw new Error(`${ids}: ended ${JSON.stringify(ended)}`)
    }),
    RUNS,
  )
  t.pass()
})

t.test('a tag is another one unless the case of ASCII letters alone differs', async t => {
  const text = fc.oneof(
    fc.constantFrom(
      'k',
      'K',
      '\u212a',
      'ß',
      'ss',
      'SS',
      'ı',
      'i',
      'I',
      'İ',
      'ﬀ',
      'ff',
      'é',
      'e\u0301',
      '\ud800',
      '\udfff',
    ),
    fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
  )
  const ascii = (tag: string): string => tag.replace(/[A-Z]/g, letter => letter.toLowerCase())
  const { csms, edge, end } = await depot()
  csms.onCall = ({ action, text }) =>
    action === 'Authorize'
      ? `{"idTagInfo":{"status":"${text.includes('known') ? 'Blocked' : 'Accepted'}"}}`
      : friendly()({ id: '', action, text })
  const station = await connectStation(edge.port, 'CP-1')
  const asked: string[] = []
  await fc.assert(
    fc.asyncProperty(text, async one => {
      const tag = `known${one}`
      asked.push(tag)
      const conf = await station.call('Authorize', JSON.stringify({ idTag: tag }))
      if (!/Blocked/.test(conf)) throw new Error(`${tag}: ${conf}`)
    }),
    { ...RUNS, numRuns: 60 },
  )
  await csms.stop()
  const known = new Set(asked.map(ascii))
  await fc.assert(
    fc.asyncProperty(text, async one => {
      const tag = `KNOWN${one}`
      const conf = await station.call('Authorize', JSON.stringify({ idTag: tag }))
      // unknown tags are let in at this site: only one that was refused before is not, nor what nobody can write down
      if (/Accepted/.test(conf) === (known.has(ascii(tag)) || /\p{Cs}/u.test(tag)))
        throw new Error(`${JSON.stringify(tag)}: ${conf}`)
    }),
    { ...RUNS, seed: 99, numRuns: 120 },
  )
  await end()
  t.pass()
})

t.test('a header that says who or where, said twice, is refused whatever it says', async t => {
  const { csms, edge, end } = await depot()
  const words = fc.constantFrom(
    'busbar',
    'CP-1',
    `Basic ${btoa('CP-1:one')}`,
    `Basic ${btoa('CP-1:two')}`,
    'ocpp1.6',
    '13',
  )
  const twice = fc.constantFrom('Host', 'Authorization')
  const spelt = fc.constantFrom(
    (name: string) => name,
    (name: string) => name.toUpperCase(),
    (name: string) => name.toLowerCase(),
  )
  await fc.assert(
    fc.asyncProperty(twice, words, spelt, fc.boolean(), async (name, word, spell, isFirst) => {
      const more = `${spell(name)}: ${word}`
      const headers = isFirst ? [more, ...HEADERS] : [...HEADERS, more]
      const { socket, statusLine } = await upgrade(edge.port, '/ocpp/CP-1', headers)
      socket.destroy()
      if (!statusLine.includes(' 400 ')) throw new Error(`${more}: ${statusLine}`)
    }),
    { ...RUNS, numRuns: 25 },
  )
  t.same(csms.paths, [], 'nobody was passed on')
  await end()
})

t.test('an identity is data: what the language keeps for itself is a name like others', async t => {
  const names = Object.getOwnPropertyNames(Object.prototype)
  const { csms, edge, end } = await depot(names)
  for (const id of names) {
    const station = await connectStation(edge.port, id)
    t.match(await station.call('BootNotification', BOOT), /Accepted/)
    const conf = await station.call('StartTransaction', start(id))
    t.match(conf, /"transactionId":\d+/, id)
    const ended = await station.call('StopTransaction', stop(Number(/\d+/.exec(conf)?.[0])))
    t.equal(ended, '{}')
    await csms.station(id)
    t.equal(edge.station(id)?.connected, true)
  }
  t.equal(edge.backlog().length, names.length)
  t.equal(edge.station('nobody'), undefined)
  await end()
})

t.test('whatever comes to the port and is no station is counted, and keeps nobody away', async t => {
  const { edge, end } = await depot()
  const station = await connectStation(edge.port, 'CP-1')
  const first = fc.oneof(
    fc.constantFrom(
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      '\x16\x03\x01\x00\x05hello',
      'SSH-2.0-x\r\n',
      '\x10\x10\x00\x04MQTT',
    ),
    fc.string({ minLength: 1, maxLength: 300, unit: 'binary' }).map(text => `${text}\r\n\r\n`),
  )
  let came = 0
  await fc.assert(
    fc.asyncProperty(first, async octets => {
      const socket = connect(edge.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.write(octets)
      await once(socket, 'close')
      came++
      const seen =
        edge.counters.strangers + [...edge.refusals().values()].reduce((sum, count) => sum + count, 0)
      if (seen < came) throw new Error(`${seen} of ${came} were counted: ${JSON.stringify(octets)}`)
    }),
    { ...RUNS, numRuns: 40 },
  )
  t.match(await station.call('Heartbeat', '{}'), /currentTime/)
  await end()
})
