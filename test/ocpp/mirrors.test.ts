import fc from 'fast-check'
import t, { type Test } from 'tap'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import type { MirrorStatus } from '../../src/core/events.js'
import { mirrorConditions, mirrorView } from '../../src/core/view/mirror-view.js'
import {
  MAX_MESSAGES,
  MAX_MIRROR_CHARS,
  MAX_STATION_CHARS,
  type MirrorBudget,
  MirrorQueue,
} from '../../src/ocpp/mirrors/mirror-queue.js'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  meter,
  type Seen,
  siteOf,
  start,
  startEdge,
  status,
  stop,
} from './both-sides.js'

/** Two hundred meter values, answered one after the other: so long as the CSMS is not slowed, a second or two. */
const MANY = 200

async function depot(t: Test, onMirrorCall: (call: Seen) => string | undefined, speed = 1) {
  const csms = await Csms.listen()
  csms.onCall = friendly(700)
  const mirror = await Csms.listen()
  mirror.onCall = onMirrorCall
  const config = siteOf({ stations: ['CP-1'], csmsPort: csms.port, mirrorPorts: [mirror.port] })
  const running = await startEdge(config, new MemoryJournal(), speed, {
    mirrorPasswordOf: id => (id === 'mirror-0' ? 'fleet' : undefined),
  })
  t.teardown(async () => {
    await running.edge.stop()
    await csms.stop()
    await mirror.stop()
  })
  const state = (): MirrorStatus => running.edge.mirrors()[0]!
  return { csms, mirror, state, ...running }
}

async function until(holds: () => boolean, ask: () => Promise<unknown>): Promise<void> {
  while (!holds()) await ask()
}

const sample = (n: number) => meter(700, String(n), '2026-01-01T10:01:00Z')

t.test('a mirror is told byte for byte what the station says; what it answers changes nothing', async t => {
  const wrong = ({ action }: Seen): string =>
    action === 'StartTransaction'
      ? '{"transactionId":5,"idTagInfo":{"status":"Invalid"}}'
      : '{"status":"Rejected"}'
  const { csms, mirror, state, edge } = await depot(t, wrong)
  const station = await connectStation(edge.port, 'CP-1', 'its own')
  const [up, aside] = await Promise.all([csms.station('CP-1'), mirror.station('CP-1')])
  t.match(await station.call('BootNotification', BOOT), '"Accepted"')
  t.match(await station.call('StatusNotification', status(1, 'Preparing')), '{}')
  t.equal(
    await station.call('StartTransaction', start()),
    '{"transactionId":700,"idTagInfo":{"status":"Accepted"}}',
  )
  t.equal(
    await station.call('StartTransaction', start()),
    '{"transactionId":700,"idTagInfo":{"status":"Accepted"}}',
  )
  t.equal(await station.call('MeterValues', sample(1)), '{}')
  t.equal(await station.call('StopTransaction', stop(700)), '{}')
  await aside.next('StopTransaction')
  t.same(
    aside.calls.map(({ action, text }) => [action, text]),
    up.calls.map(({ action, text }) => [action, text]),
    'a Start that is repeated once too',
  )
  await until(
    () => state().totals.answered === 5,
    () => station.call('Heartbeat', '{}'),
  )
  t.match(
    mirror.headers[0],
    `Basic ${Buffer.from('CP-1:fleet').toString('base64')}`,
    'never the station’s password',
  )
  t.equal(csms.headers[0], `Basic ${Buffer.from('CP-1:its own').toString('base64')}`)
})

t.test(
  'orders of a mirror reach no station: each is a SecurityError, and a flood of them ends its link',
  async t => {
    const { csms, mirror, state, edge } = await depot(t, friendly())
    const station = await connectStation(edge.port, 'CP-1')
    await csms.station('CP-1')
    const aside = await mirror.station('CP-1')
    t.match(await aside.call('RemoteStartTransaction', '{"idTag":"X"}'), /^"SecurityError"/)
    t.match(await aside.call('SetChargingProfile', '{}'), /^"SecurityError"/)
    t.match(await aside.call('NoSuchThing', '{}'), /^"SecurityError"/)
    t.same(
      station.calls.filter(({ action }) => action !== 'GetConfiguration'),
      [],
    )
    for (let n = 0; n < 1_000; n++) aside.send(`[2,"f${n}","Reset",{"type":"Hard"}]`)
    t.equal(await aside.closed, 1008)
    t.match(state(), { totals: { ordersRefused: 61 }, links: [{ state: 'waiting', detail: /without end/ }] })
    t.match(await station.call('Heartbeat', '{}'), 'currentTime', 'who is there for the CSMS is so still')
    t.same(
      station.calls.filter(({ action }) => action === 'Reset'),
      [],
    )
    t.equal(mirror.paths.length, 1, 'it is not dialled again for 10 minutes')
  },
)

t.test('answers to no CALL without end leave a mirror alone for 10 minutes too', async t => {
  const { csms, mirror, state, edge } = await depot(t, friendly())
  const station = await connectStation(edge.port, 'CP-1')
  await csms.station('CP-1')
  const aside = await mirror.station('CP-1')
  for (let n = 0; n < 1_000; n++) aside.send(`[3,"f${n}",{}]`)
  await aside.closed
  t.match(state(), { totals: { badFrames: 61 }, links: [{ state: 'waiting' }] })
  t.match(await station.call('Heartbeat', '{}'), 'currentTime')
})

t.test('a mirror that takes everything and answers nothing costs the CSMS no message', async t => {
  const { csms, mirror, state, edge } = await depot(t, () => undefined)
  const station = await connectStation(edge.port, 'CP-1')
  const up = await csms.station('CP-1')
  const aside = await mirror.station('CP-1')
  await station.call('StartTransaction', start())
  for (let n = 0; n < MANY + 50; n++) await station.call('MeterValues', sample(n))
  await station.call('StopTransaction', stop(700))
  t.equal(up.calls.length, MANY + 52)
  t.equal(aside.calls.length, 1, 'one CALL at a time, also to somebody who is silent')
  t.match(state(), { waiting: MANY, totals: { sent: 1, answered: 0, dropped: 51 } })
  t.equal(edge.waitingMessages(), 0, 'nothing of it is in the journal')
})

t.test('a mirror that is not there, or closes at once, gets what was kept when it stays', async t => {
  let isOpen = false
  const { csms, mirror, state, edge } = await depot(t, friendly(), 20)
  mirror.server.on('connection', socket => {
    if (!isOpen) socket.close(1011, 'not now')
  })
  const station = await connectStation(edge.port, 'CP-1')
  const up = await csms.station('CP-1')
  await station.call('StartTransaction', start())
  for (let n = 0; n < 20; n++) await station.call('MeterValues', sample(n))
  await station.call('StopTransaction', stop(700))
  t.equal(up.calls.length, 22)
  await until(
    () => mirror.paths.length > 2,
    () => station.call('Heartbeat', '{}'),
  )
  isOpen = true
  const before = mirror.paths.length
  await until(
    () => mirror.paths.length > before,
    () => station.call('Heartbeat', '{}'),
  )
  const aside = await mirror.station('CP-1')
  await aside.next('StopTransaction')
  const told = aside.calls.map(({ text }) => text)
  const kept = up.calls.map(({ text }) => text).filter(text => text !== '{}')
  t.same(
    told.filter(text => text !== '{}'),
    kept.slice(-told.filter(text => text !== '{}').length),
    'in their order',
  )
  t.ok(state().totals.dropped <= 2, 'only what three sockets have ended under')
  station.socket.close()
  t.equal(await aside.closed, 1000, 'it ends as the station does')
})

t.test(
  'with the CSMS away a mirror hears the station all the same, and nothing again at the replay',
  async t => {
    const csms = await Csms.listen()
    csms.onCall = friendly(700)
    const { port } = csms
    const mirror = await Csms.listen()
    mirror.onCall = friendly(9)
    const offline = { AllowOfflineTxForUnknownId: true }
    const config = siteOf({ stations: ['CP-1'], csmsPort: port, mirrorPorts: [mirror.port], offline })
    const { edge } = await startEdge(config, new MemoryJournal(), 20)
    t.teardown(() => Promise.all([edge.stop(), mirror.stop()]))
    const station = await connectStation(edge.port, 'CP-1')
    t.match(await station.call('BootNotification', BOOT), '"Accepted"')
    await csms.stop()
    const started = await station.call('StartTransaction', start())
    const id = Number(/"transactionId":(\d+)/.exec(started)?.[1])
    t.ok(id >= 1_500_000_000, `answered here, ${started}`)
    const said = [start(), meter(id, '5', '2026-01-01T10:01:00Z'), stop(id)]
    t.equal(await station.call('MeterValues', said[1]!), '{}')
    t.equal(await station.call('StopTransaction', said[2]!), '{}')
    const aside = await mirror.station('CP-1')
    const told = (): readonly string[] =>
      aside.calls.filter(({ action }) => /Transaction|MeterValues/.test(action)).map(({ text }) => text)
    await until(
      () => told().length >= 3,
      () => station.call('Heartbeat', '{}'),
    )
    t.same(told(), said, 'with the ids the station has')
    const again = await Csms.listen(port)
    t.teardown(() => again.stop())
    again.onCall = friendly(700)
    await (await again.station('CP-1')).next('StopTransaction')
    await until(
      () => edge.waitingMessages() === 0,
      () => station.call('Heartbeat', '{}'),
    )
    const beats = aside.calls.length
    await until(
      () => aside.calls.length > beats + 1,
      () => station.call('Heartbeat', '{}'),
    )
    t.same(told(), said, 'the CSMS had them again, the mirror once')
  },
)

/** What a fleet system may do wrong, each alone. */
const MANNERS: readonly (readonly [string, (mirror: Csms) => void])[] = [
  ['refuses with 401', mirror => turnAway(mirror, 401)],
  ['is out of order with 503', mirror => turnAway(mirror, 503)],
  ['closes after the upgrade', mirror => void mirror.server.on('connection', socket => socket.close())],
  ['refuses each CALL', mirror => answersWith(mirror, id => [`[4,"${id}","InternalError","",{}]`])],
  ['answers twice', mirror => answersWith(mirror, id => [`[3,"${id}",{}]`, `[3,"${id}",{}]`])],
  ['answers another CALL', mirror => answersWith(mirror, id => [`[3,"${id}-other",{}]`])],
  ['answers with rubbish', mirror => answersWith(mirror, () => ['{', '[3]', '[9,"x",{}]'])],
  [
    'answers at endless length',
    mirror => answersWith(mirror, id => [`[3,"${id}",{"a":"${'x'.repeat(70_000)}"}]`]),
  ],
  ['never reads', mirror => void mirror.server.on('connection', socket => socket.pause())],
]

function turnAway(mirror: Csms, code: number): void {
  mirror.server.options.verifyClient = (_info: unknown, done: (ok: boolean, code: number) => void) =>
    done(false, code)
}

function answersWith(mirror: Csms, framesOf: (id: string) => readonly string[]): void {
  mirror.server.on('connection', socket =>
    socket.on('message', data => {
      const [, id] = JSON.parse(String(data)) as readonly string[]
      for (const frame of framesOf(id ?? '')) socket.send(frame)
    }),
  )
}

for (const [manner, misbehave] of MANNERS) {
  t.test(`a mirror that ${manner} changes nothing of what station and CSMS say to each other`, async t => {
    const { csms, mirror, edge } = await depot(t, () => undefined)
    misbehave(mirror)
    const station = await connectStation(edge.port, 'CP-1')
    const up = await csms.station('CP-1')
    const answers = [await station.call('StartTransaction', start())]
    for (let n = 0; n < 60; n++) answers.push(await station.call('MeterValues', sample(n)))
    answers.push(await station.call('StopTransaction', stop(700)))
    t.same(answers, [
      '{"transactionId":700,"idTagInfo":{"status":"Accepted"}}',
      ...Array(60).fill('{}'),
      '{}',
    ])
    t.same(
      up.calls.map(({ text }) => text),
      [start(), ...Array.from({ length: 60 }, (_, n) => sample(n)), stop(700)],
    )
    t.equal(edge.counters.doubledAnswers + edge.counters.unknownAnswers, 0, 'its answers are not the CSMS’s')
    t.same(
      station.calls.filter(({ action }) => action !== 'GetConfiguration'),
      [],
      'nothing of it reaches the station',
    )
    t.equal(station.socket.readyState, station.socket.OPEN)
    t.equal(edge.waitingMessages(), 0)
  })
}

t.test('a station that the CSMS refuses is told to nobody', async t => {
  const { csms, mirror, edge } = await depot(t, friendly())
  csms.server.options.verifyClient = () => false
  const station = await connectStation(edge.port, 'CP-1', 'wrong')
  station.send(`[2,"b","BootNotification",${BOOT}]`)
  t.equal(await station.closed, 1008)
  t.same(mirror.paths, [])
})

t.test('a mirror whose address leads back here is refused and throws no station out', async t => {
  const csms = await Csms.listen()
  csms.onCall = friendly()
  const spare = await Csms.listen()
  const { port } = spare
  await spare.stop()
  const config = siteOf({ stations: ['CP-1'], csmsPort: csms.port, mirrorPorts: [port] })
  const running = await startEdge({ ...config, ocpp: { ...config.ocpp, port } }, new MemoryJournal())
  t.teardown(async () => {
    await running.edge.stop()
    await csms.stop()
  })
  const station = await connectStation(port, 'CP-1')
  await csms.station('CP-1')
  await until(
    () => running.edge.mirrors()[0]?.links[0]?.detail !== undefined,
    () => station.call('Heartbeat', '{}'),
  )
  t.match(running.edge.mirrors()[0]?.links[0]?.detail, /508/)
  t.equal(station.socket.readyState, station.socket.OPEN)
})

t.test('what waits for mirrors is bounded per station and in all, and the newest are kept', async t => {
  const message = fc.record({
    action: fc.constantFrom('MeterValues', 'StartTransaction', 'DataTransfer'),
    size: fc.oneof(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 2, max: MAX_STATION_CHARS * 2 })),
    station: fc.nat(99),
  })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 400 }), messages => {
      const budget: MirrorBudget = { chars: 0 }
      const queues = Array.from({ length: 100 }, () => new MirrorQueue(budget))
      let given = 0
      let dropped = 0
      for (const { action, size, station } of messages) {
        given++
        dropped += queues[station]!.add({ action, payloadText: ' '.repeat(size), cuts: 0 })
        if (queues[station]!.size > MAX_MESSAGES || queues[station]!.chars > MAX_STATION_CHARS) return false
      }
      const kept = queues.reduce((sum, queue) => sum + queue.size, 0)
      const isCounted = budget.chars === queues.reduce((sum, queue) => sum + queue.chars, 0)
      for (const queue of queues) queue.clear()
      return kept + dropped === given && isCounted && budget.chars === 0
    }),
    { numRuns: 60 },
  )
  const budget = { chars: MAX_MIRROR_CHARS - 1_000 }
  const queue = new MirrorQueue(budget)
  for (const action of ['StartTransaction', 'MeterValues', 'StopTransaction'])
    queue.add({ action, payloadText: ' '.repeat(200), cuts: 0 })
  t.equal(queue.add({ action: 'StatusNotification', payloadText: ' '.repeat(200), cuts: 0 }), 1)
  t.same(
    [queue.take()?.action, queue.take()?.action, queue.take()?.action],
    ['StartTransaction', 'StopTransaction', 'StatusNotification'],
    'meter values give way first',
  )
})

t.test(
  'a mirror that hears not all stations is an alarm after 5 s, with the reason and what was given up',
  async t => {
    const totals = {
      sent: 5,
      answered: 5,
      refused: 0,
      unanswered: 0,
      dropped: 12,
      ordersRefused: 0,
      badFrames: 0,
    }
    const down = {
      state: 'waiting',
      reason: 'tcp',
      detail: 'connect ECONNREFUSED',
      sinceWallMs: 1_000,
    } as const
    const mirror: MirrorStatus = {
      id: 'fleet',
      url: 'wss://fleet.example/ocpp',
      waiting: 3,
      waitingChars: 400,
      links: [down, { state: 'open', sinceWallMs: 0 }],
      totals,
    }
    t.same(mirrorConditions([mirror], 5_000), [])
    t.match(mirrorConditions([mirror], 6_001), [
      {
        code: 'mirror-away',
        about: 'fleet',
        text: 'Mirror fleet hears 1 of 2 stations at fleet.example: connection refused; 1 station; 3 reports wait, 12 were given up so far. Nothing else depends on it.',
      },
    ])
    t.equal(mirrorView({ ...mirror, links: [] }).state, 'idle')
  },
)

t.test('a mirror at the address of the CSMS or of another mirror, or with its name, is a fault', async t => {
  const url = 'wss://csms.example/ocpp'
  const fleet = 'wss://fleet.example/ocpp/'
  const parsed = parseSiteConfig(
    {
      csms: {
        url,
        mirrors: [
          { id: 'a', url: `${url}/` },
          { id: 'b', url: fleet },
          { id: 'b', url: 'wss://FLEET.example/ocpp' },
        ],
      },
    },
    { stationModels: new Map(), siteProfiles: new Map(), meterDevices: new Map() },
  )
  const faults = parsed.ok ? [] : parsed.faults.filter(({ path }) => path.startsWith('csms'))
  t.same(
    faults.map(({ path, found }) => [path, found]),
    [
      ['csms.mirrors[2].id', '"b", already at csms.mirrors[1]'],
      ['csms.mirrors[0].url', `"${url}/", as at csms.url`],
      ['csms.mirrors[2].url', '"wss://FLEET.example/ocpp", as at csms.mirrors[1].url'],
    ],
  )
})
