/** The MQTT edge against real brokers: what a building management system finds there, whatever happens to the link. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Aedes } from 'aedes'
import { connect, type MqttClient } from 'mqtt'
import t from 'tap'
import { createBroker } from '../../src/adapters/broker.js'
import { createClock } from '../../src/adapters/clock.js'
import { startMqttServer } from '../../src/adapters/mqtt-server.js'
import { createRandom } from '../../src/adapters/random.js'
import { brokerFaults } from '../../src/core/config/broker-faults.js'
import type { SiteView } from '../../src/core/view/document.js'
import { refusal } from '../../src/core/words/refused.js'
import { deliveryOf, eventDelivery } from '../../src/mqtt/delivery.js'
import { EventQueue } from '../../src/mqtt/event-queue.js'
import { type MqttOptions, type MqttPublisher, startMqtt } from '../../src/mqtt/publisher.js'
import { Retained } from '../../src/mqtt/retained.js'
import { encoded, TOPIC_TABLE, topicsOf } from '../../src/mqtt/topics.js'
import type { Broker, BrokerHandlers, BrokerLink, ClientTls, Log } from '../../src/ports.js'
import { ca, identity } from '../adapters/fixtures/pki.js'
import { handClock } from '../ocpp/hand-clock.js'
import { cableTo, mosquittoFor, siteView, skip, station } from './fixtures/site.js'

const PREFIX = 'busbar/depot'
const REPEATED = () => ({ qos: 1, retain: true, isRepeated: true }) as const
const SILENT: Log = { write: () => undefined }

interface Site {
  view: SiteView
  readonly publisher: MqttPublisher
}

function configured(more: { readonly url: string }): MqttOptions['config'] {
  return { ...more, prefix: PREFIX, protocolVersion: 4, commands: false }
}

/** The edge on a fast clock, so that its seconds are short here. `view` may be replaced. */
function siteAt(
  url: string,
  view: SiteView,
  broker: Broker = createBroker(),
  {
    protocolVersion = 4,
    speed = 20,
    topics,
    ...more
  }: { protocolVersion?: 4 | 5; speed?: number } & Pick<MqttOptions, 'events' | 'schemas'> & {
      topics?: NonNullable<MqttOptions['config']['topics']>
    } = {},
): Site {
  const site: { view: SiteView } = { view }
  const publisher = startMqtt({
    ports: { clock: createClock({ speed }), random: createRandom(1), broker, log: SILENT },
    config: { url, prefix: PREFIX, protocolVersion, commands: false, ...(topics && { topics }) },
    siteId: 'depot',
    view: () => site.view,
    stations: ids => site.view.stations.filter(({ id }) => ids.includes(id)),
    ...more,
  })
  return Object.assign(site, { publisher })
}

/** A source of events, told by hand. */
function eventSource() {
  let told: (name: string, event: object) => void = () => undefined
  return {
    onEvent(tell: typeof told) {
      told = tell
      return { stop: async () => undefined }
    },
    tell: (name: string, event: object) => told(name, event),
  }
}

/** Follows the whole tree; `until` settles as soon as the picture of it is as asked. */
class Watcher {
  readonly tree = new Map<string, string>()
  readonly #client: MqttClient
  readonly #waiting = new Set<() => void>()

  constructor(url: string) {
    this.#client = connect(url, { reconnectPeriod: 50 })
    this.#client.on('connect', () => this.#client.subscribe(`${PREFIX}/#`))
    this.#client.on('error', () => undefined)
    this.#client.on('message', (topic, payload) => {
      if (payload.length === 0) this.tree.delete(topic)
      else this.tree.set(topic, payload.toString())
      for (const check of [...this.#waiting]) check()
    })
  }

  until(isSo: (tree: ReadonlyMap<string, string>) => boolean): Promise<void> {
    return new Promise(resolve => {
      const check = () => {
        if (!isSo(this.tree)) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }

  json(path: string): Record<string, unknown> {
    return JSON.parse(this.tree.get(`${PREFIX}/${path}`) ?? 'null')
  }

  end(): Promise<void> {
    return this.#client.endAsync(true)
  }
}

const status = (value: string) => (tree: ReadonlyMap<string, string>) =>
  tree.get(`${PREFIX}/status`) === value

t.test('one topic for each thing, with units in the keys and the times of the readings', async t => {
  const topics = topicsOf(PREFIX, siteView([station('CP-1')]))
  t.same(
    [...topics.keys()],
    [
      'site',
      'alarms',
      'retired',
      'learning',
      'limits',
      'refused',
      'circuits/main',
      'meters/main',
      'stations/CP-1',
      'stations/CP-1/connectors/1',
    ].map(path => `${PREFIX}/${path}`),
  )
  t.match(JSON.parse(topics.get(`${PREFIX}/meters/main`) ?? ''), {
    currentA: [17, 18, 19],
    readAt: '2026-11-21T12:00:10.000Z',
  })
  t.match(JSON.parse(topics.get(`${PREFIX}/stations/CP-1`) ?? ''), { csms: { state: 'open' } })
  const connector = JSON.parse(topics.get(`${PREFIX}/stations/CP-1/connectors/1`) ?? '')
  t.match(connector, { measuredA: [15.9, 15.9, 16], measuredAt: '2026-11-21T12:00:05.000Z', bookedA: 16 })
  t.equal(TOPIC_TABLE.length, 11)
})

t.test('an id cannot leave its topic level (MQ2)', async t => {
  for (const [id, level] of [
    ['CP+1', 'CP%2B1'],
    ['a#', 'a%23'],
    ['../b', '..%2Fb'],
    ['50%', '50%25'],
    ['RDAM|123', 'RDAM|123'],
  ] as const) {
    t.equal(encoded(id), level)
    t.equal(decodeURIComponent(level), id)
  }
})

t.test('a late subscriber finds everything retained, encoded ids included', async t => {
  const server = await startMqttServer()
  t.teardown(() => server.stop())
  const url = `mqtt://127.0.0.1:${server.port}`
  const site = siteAt(url, siteView([station('CP+1'), station('a#b')]))
  t.teardown(() => site.publisher.stop())
  const early = new Watcher(url)
  t.teardown(() => early.end())
  await early.until(status('online'))
  t.equal(site.publisher.state(), 'connected')
  const late = new Watcher(url)
  t.teardown(() => late.end())
  await late.until(tree => tree.size === 13)
  t.match(late.json('stations/CP%2B1'), { id: 'CP+1', connected: true })
  t.match(late.json('stations/a%23b/connectors/1'), { status: 'Available' })
  t.match(late.json('site'), { id: 'depot', mode: 'normal', connectedStationCount: 2 })
  t.ok(status('online')(late.tree))
})

t.test('a change is published, a removed station is cleared, and stop says offline', async t => {
  const server = await startMqttServer()
  t.teardown(() => server.stop())
  const url = `mqtt://127.0.0.1:${server.port}`
  const site = siteAt(url, siteView([station('CP-1'), station('CP-2')]))
  const watcher = new Watcher(url)
  t.teardown(() => watcher.end())
  await watcher.until(tree => tree.size === 13)
  site.view = siteView([station('CP-1', 'Charging')])
  site.publisher.refresh()
  await watcher.until(
    tree => tree.size === 11 && watcher.json('stations/CP-1/connectors/1').status === 'Charging',
  )
  await site.publisher.stop()
  await site.publisher.stop()
  await watcher.until(status('offline'))
  t.equal(site.publisher.state(), 'away')
})

t.test('what an earlier configuration left at the broker is cleared after a start', async t => {
  const server = await startMqttServer()
  t.teardown(() => server.stop())
  const url = `mqtt://127.0.0.1:${server.port}`
  const watcher = new Watcher(url)
  t.teardown(() => watcher.end())
  const before = siteAt(url, siteView([station('OLD'), station('CP-1')]))
  await watcher.until(tree => tree.size === 13)
  await before.publisher.stop()
  // half a second for the broker to show what it has, also on a busy machine
  const after = siteAt(url, siteView([station('CP-1')]), createBroker(), { speed: 4 })
  t.teardown(() => after.publisher.stop())
  await watcher.until(tree => tree.size === 11 && status('online')(tree))
  t.notOk([...watcher.tree.keys()].some(topic => topic.includes('OLD')))
})

t.test('what was found after a start is listened for no longer, over the same connection', async t => {
  const clock = handClock()
  let handlers: BrokerHandlers | undefined
  const heard = new Set<string>()
  const all: string[] = []
  let dialled = 0
  let ended = 0
  const broker: Broker = {
    connect(_options, given) {
      handlers = given
      dialled++
      return {
        publish: (_topic, _payload, _how, done) => done?.(true),
        subscribe(filter) {
          heard.add(filter)
          all.push(filter)
        },
        unsubscribe: filter => void heard.delete(filter),
        answer: () => undefined,
        end: () => void ended++,
      }
    },
  }
  const nothing = async () => ({ kind: 'refused', why: refusal('retained', {}) }) as const
  startMqtt({
    ports: { clock, random: { next: () => 0.5 }, broker, log: SILENT },
    config: {
      ...configured({ url: 'mqtt://one' }),
      commands: { limits: true, enabling: true, departures: true },
    },
    siteId: 'depot',
    view: () => siteView([station('CP-1')]),
    stations: () => [],
    orders: { limit: nothing, grid: nothing, enable: nothing, departure: nothing, clear: nothing },
  })
  handlers?.open()
  t.equal(heard.size, 5, 'orders, three folders and the discovery')
  clock.advance(10_000)
  t.same([...heard], [`${PREFIX}/set/#`], 'orders are heard all the time')
  t.same([dialled, ended], [1, 0])
  handlers?.closed('tcp', 'ECONNRESET')
  clock.advance(60_000)
  handlers?.open()
  t.equal(dialled, 2)
  t.equal(all.length, 6, 'what nobody owns is looked for once')
})

t.test('what is listened for no longer does not come, and the rest does, over a real broker', async t => {
  const server = await startMqttServer()
  t.teardown(() => server.stop())
  const came: string[] = []
  const link = await new Promise<BrokerLink>(resolve => {
    const it: BrokerLink = createBroker().connect(
      {
        ...{ url: `mqtt://127.0.0.1:${server.port}`, clientId: 'one', protocolVersion: 4 },
        ...{ will: { topic: 'gone', payload: '', retain: false }, connectTimeoutMs: 5_000 },
      },
      { open: () => resolve(it), message: topic => came.push(topic), closed: () => undefined },
    )
  })
  t.teardown(() => link.end())
  const sent = (topic: string): Promise<void> =>
    new Promise(resolve => link.publish(topic, 'x', { qos: 1, retain: false }, () => resolve()))
  link.subscribe('echo/#')
  link.subscribe('set/#')
  await sent('echo/1')
  link.unsubscribe('echo/#')
  await sent('echo/2')
  await sent('set/1')
  // answered behind what the broker had for it before
  await sent('echo/3')
  t.same(came, ['echo/1', 'set/1'])
})

t.test('an abrupt end of Busbar shows as offline by the last will', async t => {
  const server = await startMqttServer()
  t.teardown(() => server.stop())
  const cable = await cableTo(server.port)
  const site = siteAt(`mqtt://127.0.0.1:${cable.port}`, siteView([station('CP-1')]))
  t.teardown(() => site.publisher.stop())
  const watcher = new Watcher(`mqtt://127.0.0.1:${server.port}`)
  t.teardown(() => watcher.end())
  await watcher.until(status('online'))
  cable.cut()
  await watcher.until(status('offline'))
})

t.test('a broker that restarts with nothing retained gets everything again', async t => {
  const first = await startMqttServer()
  const url = `mqtt://127.0.0.1:${first.port}`
  const site = siteAt(url, siteView([station('CP-1')]))
  t.teardown(() => site.publisher.stop())
  const before = new Watcher(url)
  await before.until(status('online'))
  await before.end()
  await first.stop()
  const second = await startMqttServer({ port: first.port })
  t.teardown(() => second.stop())
  const after = new Watcher(url)
  t.teardown(() => after.end())
  await after.until(tree => tree.size === 11 && status('online')(tree))
})

t.test('five changes of a topic go at once, more of them once a second, with its latest value', async t => {
  let nowMs = 0
  const sent: string[] = []
  const retained = new Retained(() => nowMs, REPEATED)
  retained.use({
    publish: (_topic, payload, _how, done) => {
      sent.push(`${payload} at ${nowMs}`)
      done?.(true)
    },
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    answer: () => undefined,
    end: () => undefined,
  })
  for (let reading = 0; reading < 25; reading++) {
    const isLeftOver = retained.want(new Map([['meter', String(reading)]]))
    t.equal(isLeftOver, reading > 4 && nowMs % 1000 !== 0)
    nowMs += 100
  }
  t.same(sent, ['0 at 0', '1 at 100', '2 at 200', '3 at 300', '4 at 400', '10 at 1000', '20 at 2000'])
  retained.want(new Map([['meter', '20']]))
  nowMs += 5000
  retained.want(new Map([['meter', '20']]))
  t.equal(sent.length, 7, 'nothing new, nothing sent')
})

t.test('what changes while its topic is on its way follows as soon as that is answered', async t => {
  const sent: string[] = []
  const answers: ((taken: boolean) => void)[] = []
  const retained = new Retained(() => 0, REPEATED)
  retained.use({
    publish: (_topic, payload, _how, done) => {
      sent.push(String(payload))
      if (done) answers.push(done)
    },
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    answer: () => undefined,
    end: () => undefined,
  })
  const answer = (taken: boolean): void => answers.shift()?.(taken)
  retained.want(new Map([['CP-1', '{"status":"Charging"}']]))
  t.ok(retained.hasten(new Map([['CP-1', '{"status":"SuspendedEV"}']])), 'it has to wait')
  t.equal(sent.length, 1)
  answer(true)
  t.same(sent.slice(1), ['{"status":"SuspendedEV"}'], 'not for the next look')
  retained.hasten(new Map([['CP-1', '{"status":"Charging"}']]))
  answer(false)
  t.equal(sent.length, 2, 'what was not taken waits for it, or it would be tried at once and for ever')
  retained.want(new Map([['CP-1', '{"status":"Charging"}']]))
  for (let n = 0; n < 20; n++) {
    retained.hasten(new Map([['CP-1', `{"status":"${n}"}`]]))
    answer(true)
  }
  t.equal(sent.length, 5, 'and the rate of a topic is bounded all the same')
})

t.test('the time of a reading alone is not sent again, and comes along with the next change', async t => {
  let nowMs = 0
  const sent: string[] = []
  const retained = new Retained(() => nowMs, REPEATED)
  retained.use({
    publish: (_topic, payload, _how, done) => {
      sent.push(String(payload))
      done?.(true)
    },
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    answer: () => undefined,
    end: () => undefined,
  })
  const meter = (second: number, amps: number) => `{"readAt":"12:00:0${second}","currentA":[${amps}]}`
  for (const [second, amps] of [
    [0, 17],
    [1, 17],
    [2, 17],
    [3, 18],
  ] as const) {
    retained.want(new Map([['meter', meter(second, amps)]]))
    nowMs += 1000
  }
  t.same(sent, [meter(0, 17), meter(3, 18)])
})

t.test('each topic is sent in full within a minute, spread over seconds; what is cleared is not', async t => {
  let nowMs = 0
  const sent: string[] = []
  const retained = new Retained(() => nowMs, REPEATED)
  retained.use({
    publish: (topic, _payload, _how, done) => {
      sent.push(`${topic} ${nowMs / 1000} s`)
      done?.(true)
    },
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    answer: () => undefined,
    end: () => undefined,
  })
  const state = new Map(['a', 'b', 'c', 'd', 'e'].map(topic => [topic, '{"currentA":[1]}']))
  retained.want(new Map([...state, ['old', '{}']]))
  sent.length = 0
  for (nowMs = 1000; nowMs <= 60_000; nowMs += 1000) retained.want(state)
  t.same(sent, ['old 1 s', 'a 50 s', 'b 51 s', 'c 52 s', 'd 53 s', 'e 54 s'])
})

t.test('a message the broker did not take is sent again', async t => {
  let nowMs = 0
  const answers = [false, true]
  let count = 0
  const retained = new Retained(() => nowMs, REPEATED)
  retained.use({
    publish: (_topic, _payload, _how, done) => done?.(answers[count++] ?? true),
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    answer: () => undefined,
    end: () => undefined,
  })
  for (; nowMs < 5000; nowMs += 1000) retained.want(new Map([['meter', '1']]))
  t.equal(count, 2)
})

t.test('events wait for a broker that is away, in order, and the oldest of too many is given up', async t => {
  const queue = new EventQueue({ qos: 1, retain: false })
  for (let count = 0; count < 1_010; count++) queue.add('event/session', { count })
  t.equal(queue.lost, 10)
  const sent: string[] = []
  const answers: ((taken: boolean) => void)[] = []
  const link = (): BrokerLink => ({
    publish(_topic, payload, how, done) {
      t.same(how, { qos: 1, retain: false })
      sent.push(String(payload))
      if (done) answers.push(done)
    },
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    answer: () => undefined,
    end: () => undefined,
  })
  queue.use(link())
  t.equal(sent.length, 20, 'no more than that is unanswered')
  answers.shift()?.(true)
  t.equal(sent.at(-1), '{"count":30}')
  queue.lose()
  sent.length = 0
  queue.use(link())
  t.equal(sent[0], '{"count":11}', 'what was not answered is told again')
  for (const answered of answers.slice(-20)) answered(true)
  t.equal(sent.length, 40)
  queue.add('event/session', { text: 'x'.repeat(10_000) })
  t.equal(queue.lost, 11, 'a monster is none of ours')
})

t.test(
  'groups of topics go with the QoS and retain they are given; what was retained before is cleared',
  async t => {
    const topics = {
      stations: { qos: 0 as const, retain: false },
      circuits: { qos: 2 as const, retain: true },
      events: { qos: 2 as const },
    }
    const config = { url: '', prefix: PREFIX, protocolVersion: 4 as const, commands: false as const, topics }
    t.same(deliveryOf(config, `${PREFIX}/stations/CP-1/connectors/1`), {
      ...{ qos: 0, retain: false, isRepeated: true },
    })
    t.same(deliveryOf(config, `${PREFIX}/circuits/main`), { qos: 2, retain: true, isRepeated: true })
    t.same(deliveryOf(config, `${PREFIX}/alarms`), { qos: 1, retain: true, isRepeated: true })
    t.same(deliveryOf(config, `${PREFIX}/status`), { qos: 1, retain: true, isRepeated: true })
    t.same(deliveryOf(config, `${PREFIX}/schema/stations`), { qos: 1, retain: true, isRepeated: false })
    t.same(eventDelivery(config), { qos: 2, retain: false })

    const server = await startMqttServer()
    t.teardown(() => server.stop())
    const url = `mqtt://127.0.0.1:${server.port}`
    const before = siteAt(url, siteView([station('CP-1')]))
    const watcher = new Watcher(url)
    t.teardown(() => watcher.end())
    await watcher.until(status('online'))
    await before.publisher.stop()
    const after = siteAt(url, siteView([station('CP-1', 'Charging')]), createBroker(), { topics })
    t.teardown(() => after.publisher.stop())
    await watcher.until(
      tree => status('online')(tree) && watcher.json('stations/CP-1/connectors/1')?.status === 'Charging',
    )
    const late = new Watcher(url)
    t.teardown(() => late.end())
    await late.until(tree => tree.has(`${PREFIX}/circuits/main`) && tree.size === 9)
    t.notOk(
      [...late.tree.keys()].some(topic => topic.includes('stations/')),
      'nothing of before is left there',
    )
  },
)

t.test('a station that changes is told within 0.02 s, a limit within 0.1 s, the rest within 1 s', async t => {
  const clock = handClock()
  let handlers: BrokerHandlers | undefined
  const sent: string[] = []
  const broker: Broker = {
    connect(_options, given) {
      handlers = given
      return {
        publish(topic, _payload, _how, done) {
          sent.push(topic)
          done?.(true)
        },
        subscribe: () => undefined,
        unsubscribe: () => undefined,
        answer: () => undefined,
        end: () => undefined,
      }
    },
  }
  let view = siteView([station('CP-1')])
  let looks = 0
  const publisher = startMqtt({
    ports: { clock, random: { next: () => 0.5 }, broker, log: SILENT },
    config: { url: 'mqtt://quick', prefix: PREFIX, protocolVersion: 4, commands: false },
    siteId: 'depot',
    schemas: () => new Map([['site', '{"type":"object"}']]),
    view: () => {
      looks++
      return view
    },
    stations: ids => view.stations.filter(({ id }) => ids.includes(id)),
  })
  handlers?.open()
  t.equal(sent[0], `${PREFIX}/schema/site`, 'what describes comes first')
  sent.length = 0
  view = siteView([station('CP-1', 'Charging')])
  publisher.hurry({ stationIds: ['CP-1'], isOfSite: false })
  clock.advance(19)
  t.same(sent, [])
  clock.advance(1)
  t.same(sent, [`${PREFIX}/stations/CP-1/connectors/1`])
  t.equal(looks, 1, 'without a look at the whole site')
  view = siteView([station('CP-1')])
  publisher.hurry({ stationIds: [], isOfSite: true })
  clock.advance(79)
  t.equal(sent.length, 1)
  clock.advance(1)
  t.equal(sent.length, 2)
  view = siteView([station('CP-1', 'Charging')])
  publisher.refresh()
  clock.advance(999)
  t.equal(sent.length, 2)
  clock.advance(1)
  t.equal(sent.length, 3)
  view = siteView([station('CP-1'), station('CP-2')])
  publisher.hurry({ stationIds: ['CP-2'], isOfSite: false })
  clock.advance(20)
  t.equal(sent.length, 3, 'one that is new waits for the whole')
  clock.advance(980)
  t.ok(sent.includes(`${PREFIX}/stations/CP-2/connectors/1`))
})

t.test('a broker that refuses is told from one that is not reached, with since and next try', async t => {
  const clock = handClock()
  let handlers: BrokerHandlers | undefined
  let dialled = 0
  const refusing: Broker = {
    connect(_options, given) {
      handlers = given
      dialled++
      return {
        publish: () => undefined,
        subscribe: () => undefined,
        unsubscribe: () => undefined,
        answer: () => undefined,
        end: () => undefined,
      }
    },
  }
  const publisher = startMqtt({
    ports: { clock, random: { next: () => 0.5 }, broker: refusing, log: SILENT },
    config: { url: 'mqtt://strict', prefix: PREFIX, protocolVersion: 4, commands: false },
    siteId: 'depot',
    view: () => siteView([]),
    stations: () => [],
  })
  t.same(publisher.status(), { state: 'away', sinceWallMs: 0 })
  clock.advance(100)
  handlers?.closed('refused', 'not authorized')
  const refused = { state: 'away', reason: 'refused', detail: 'not authorized', sinceWallMs: 0 }
  t.same(publisher.status(), { ...refused, nextTryWallMs: 600 })
  clock.advance(500)
  t.same(publisher.status(), refused, 'it is tried now, and the last answer still stands')
  handlers?.closed('tcp', 'connect ECONNREFUSED')
  t.match(publisher.status(), { reason: 'tcp', sinceWallMs: 0, nextTryWallMs: 1_600 })
  clock.advance(1_000)
  handlers?.open()
  t.same(publisher.status(), { state: 'connected', sinceWallMs: 1_600 })
  t.equal(publisher.tryNow(), 'open')
  t.equal(dialled, 3)
  handlers?.closed('tcp', 'connect ECONNREFUSED')
  t.type(publisher.status().nextTryWallMs, 'number')
  t.equal(publisher.tryNow(), 'trying')
  t.equal(dialled, 4, 'somebody does not want to wait')
  t.equal(publisher.status().nextTryWallMs, undefined)
  t.equal(publisher.tryNow(), 'trying')
  clock.advance(59_000)
  t.equal(dialled, 4, 'one attempt at a time, and none that was due before')
})

t.test('a broker that answers nothing costs a bounded number of messages', async t => {
  let published = 0
  let handlers: BrokerHandlers | undefined
  const deaf: Broker = {
    connect(_options, given) {
      handlers = given
      return {
        publish: () => void published++,
        subscribe: () => undefined,
        unsubscribe: () => undefined,
        answer: () => undefined,
        end: () => given.closed('closed', 'ended'),
      }
    },
  }
  const many = Array.from({ length: 500 }, (_, count) => station(`CP-${count}`))
  const clock = createClock({ speed: 200 })
  const publisher = startMqtt({
    ports: { clock, random: createRandom(1), broker: deaf, log: SILENT },
    config: { url: 'mqtt://deaf', prefix: PREFIX, protocolVersion: 4, commands: false },
    siteId: 'depot',
    view: () => siteView(many),
    stations: () => [],
  })
  t.equal(publisher.state(), 'away')
  handlers?.open()
  t.equal(publisher.state(), 'connected')
  for (let round = 0; round < 5; round++) {
    publisher.refresh()
    await new Promise<void>(resolve => void clock.after(300, resolve))
  }
  t.equal(published, 50)
  await publisher.stop()
})

t.test('a stop before everything was sent still ends with offline', async t => {
  const sent: string[] = []
  const answers: ((taken: boolean) => void)[] = []
  let handlers: BrokerHandlers | undefined
  const slow: Broker = {
    connect(_options, given) {
      handlers = given
      return {
        publish(topic, payload, _how, done) {
          sent.push(`${topic} ${payload}`)
          if (done) answers.push(done)
        },
        subscribe: () => undefined,
        unsubscribe: () => undefined,
        answer: () => undefined,
        end: () => given.closed('closed', 'ended'),
      }
    },
  }
  const site = siteAt('mqtt://slow', siteView(Array.from({ length: 40 }, (_, n) => station(`CP-${n}`))), slow)
  handlers?.open()
  const stopped = site.publisher.stop()
  for (const answered of answers) answered(true)
  await stopped
  t.equal(sent.at(-1), `${PREFIX}/status offline`)
  t.notOk(sent.includes(`${PREFIX}/status online`))
})

t.test(
  'mosquitto over TLS wants our certificate; a strange root, name or client is named',
  { skip },
  async t => {
    const root = await ca()
    const stranger = await ca('Somebody else')
    const folder = mkdtempSync(join(tmpdir(), 'busbar-mqtts-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const put = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const server = await identity(root, { names: ['127.0.0.1'] })
    const lines = (port: number) => [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      `cafile ${put('root.pem', root.certificatePem)}`,
      `certfile ${put('server.pem', server.chainPem)}`,
      `keyfile ${put('server.key', server.keyPem)}`,
      'require_certificate true',
      `user root`,
    ]
    const { port } = await mosquittoFor(t, at => put('mosquitto.conf', `${lines(at).join('\n')}\n`))
    const url = `mqtts://127.0.0.1:${port}`
    const ours = await identity(root, { name: { commonName: 'busbar' }, use: 'client' })
    const trusting = (tls: Partial<ClientTls> = {}, protocolVersion: 4 | 5 = 4) =>
      new Promise<string>(resolve => {
        const broker = createBroker()
        const will = { topic: 'depot/status', payload: 'offline', retain: false }
        const options = {
          url,
          clientId: 'busbar-tls',
          will,
          connectTimeoutMs: 5000,
          protocolVersion,
          tls: { systemRoots: false, roots: [root.certificatePem], pins: [], ...tls },
        }
        const opened = broker.connect(options, {
          open: () =>
            opened.publish('depot/x', 'y', { qos: 1, retain: false }, isTaken => {
              opened.end()
              resolve(`taken ${isTaken}`)
            }),
          message: () => undefined,
          closed: (reason, detail) => resolve(`${reason}: ${detail}`),
        })
      })
    while ((await trusting({ identity: ours })).startsWith('tcp')); // it listens a moment after it was begun
    t.equal(await trusting({ identity: ours }), 'taken true')
    t.equal(await trusting({ identity: ours }, 5), 'taken true')
    t.equal(
      await trusting({ identity: ours, roots: [stranger.certificatePem] }),
      'tls: certificate of the broker is signed by nobody we trust',
    )
    t.equal(
      await trusting({ identity: ours, pins: [`${'A'.repeat(43)}=`] }),
      'tls: key of the broker is none of the pinned ones',
    )
    t.match(await trusting(), /^(tls: broker (wants a client certificate|broke off)|tcp|closed)/)
    const strange = await identity(stranger, { name: { commonName: 'busbar' }, use: 'client' })
    t.match(
      await trusting({ identity: strange }),
      /^(tls: broker (does not trust who signed|broke off)|tcp|closed)/,
    )
  },
)

t.test('mosquitto with MQTT 5 shows the same tree', { skip }, async t => {
  const { url } = await mosquittoFor(t)
  const source = eventSource()
  const site = siteAt(url, siteView([station('CP-1')]), createBroker(), {
    ...{ protocolVersion: 5 as const, events: [source] },
  })
  const watcher = new Watcher(url)
  t.teardown(() => watcher.end())
  await watcher.until(tree => tree.size === 11 && status('online')(tree))
  source.tell('security', { seq: 7, type: 'LoginFailed' })
  await watcher.until(tree => tree.get(`${PREFIX}/event/security`) === '{"seq":7,"type":"LoginFailed"}')
  const late = new Watcher(url)
  t.teardown(() => late.end())
  await late.until(status('online'))
  t.notOk(late.tree.has(`${PREFIX}/event/security`), 'an event is not retained')
  await site.publisher.stop()
  await watcher.until(status('offline'))
})

t.test('a configuration of the broker inside that would not hold is a fault', async t => {
  const inside = { url: 'mqtt://127.0.0.1:1883', broker: {} }
  const paths = (mqtt: object) => brokerFaults({ mqtt }).map(({ path }) => path)
  t.same(paths(inside), [])
  t.same(paths({ url: 'mqtt://10.0.0.30:1883' }), [], 'none is wanted')
  t.same(paths({ ...inside, url: 'mqtt://10.0.0.30:1883' }), ['mqtt.url'])
  t.same(paths({ ...inside, broker: { port: 1884 } }), ['mqtt.url'])
  t.same(paths({ ...inside, protocolVersion: 5 }), ['mqtt.protocolVersion'])
  const open = { ...inside, broker: { outside: {} } }
  t.same(paths(open), ['mqtt.broker.outside'], 'never without a password')
  t.same(paths({ ...open, username: 'depot' }), ['mqtt.broker.outside'])
  t.same(paths({ ...open, username: 'depot', passwordSecret: 'broker' }), [])
})

const PINGREQ = Buffer.from('c000', 'hex')

t.test(
  'the broker inside wants the password, and from outside TLS beside it; who does not read is cut',
  async t => {
    const root = await ca()
    const shown = await identity(root, { names: ['127.0.0.1'] })
    const server = await startMqttServer({
      account: { username: 'depot', password: 'right' },
      outside: { host: '127.0.0.1', port: 0, tls: { identities: [shown] } },
    })
    t.teardown(() => server.stop())
    const outcome = (url: string, more: object = {}) =>
      new Promise<string>(resolve => {
        const link = createBroker().connect(
          {
            ...{ url, clientId: 'somebody', protocolVersion: 4, connectTimeoutMs: 5_000, ...more },
            will: { topic: 'x', payload: 'gone', retain: false },
          },
          {
            open: () => {
              link.end()
              resolve('open')
            },
            message: () => undefined,
            closed: (reason, detail) => resolve(`${reason}: ${detail}`),
          },
        )
      })
    const inside = `mqtt://127.0.0.1:${server.port}`
    const outside = `mqtts://127.0.0.1:${server.outsidePort}`
    const tls = { systemRoots: false, roots: [root.certificatePem], pins: [] }
    const known = { username: 'depot', password: 'right' }
    t.match(await outcome(inside), /^refused/)
    t.match(await outcome(inside, { username: 'depot', password: 'righT' }), /^refused/)
    t.equal(await outcome(inside, known), 'open')
    t.match(await outcome(outside, { tls }), /^refused/)
    t.equal(await outcome(outside, { ...known, tls }), 'open')
    t.not(await outcome(outside.replace('mqtts', 'mqtt'), known), 'open', 'no TLS, nothing')

    const client = connect(inside, { ...known, reconnectPeriod: 0 })
    t.teardown(() => client.endAsync(true))
    await new Promise<void>(resolve => void client.once('connect', () => resolve()))
    const deaf = connectTcp(server.port, '127.0.0.1')
    t.teardown(() => deaf.destroy())
    // CONNECT of "deaf" with user and password, a session that is to be kept, then SUBSCRIBE "#"
    deaf.write(
      Buffer.from(
        '101e00044d51545404c0003c00046465616600056465706f740005726967687482060001000123 00'.replace(' ', ''),
        'hex',
      ),
    )
    await once(deaf, 'data')
    deaf.pause()
    const cut = new Promise<void>(resolve => void deaf.once('close', () => resolve()))
    const payload = 'x'.repeat(60_000)
    for (let count = 0; count < 400; count++) await client.publishAsync('big', payload, { qos: 1 })
    // It goes on talking: by that, and not by reading, it sees that it is cut, long before its keep-alive ends.
    deaf.on('error', () => undefined)
    const talk = setInterval(() => deaf.write(PINGREQ), 20)
    t.teardown(() => clearInterval(talk))
    await cut
    const ended = new Promise<void>(resolve => void client.once('close', () => resolve()))
    client.publish('big', 'x'.repeat(600_000), { qos: 1 })
    await ended
    t.pass('a monster ends its connection')
  },
)

t.test('a broker that reads nothing for an hour costs less than 20 MiB, events and all (MQ3)', async t => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const clock = handClock()
  let handlers: BrokerHandlers | undefined
  let published = 0
  const deaf: Broker = {
    connect(_options, given) {
      handlers = given
      return {
        publish: () => void published++,
        subscribe: () => undefined,
        unsubscribe: () => undefined,
        answer: () => undefined,
        end: () => undefined,
      }
    },
  }
  const source = eventSource()
  let amps = 0
  const stations = Array.from({ length: 3 }, (_, n) => station(`CP-${n}`))
  const view = () => siteView(stations.map(one => ({ ...one, profileWrites: amps })))
  const publisher = startMqtt({
    ports: { clock, random: { next: () => 0.5 }, broker: deaf, log: SILENT },
    config: configured({ url: 'mqtt://deaf' }),
    siteId: 'depot',
    events: [source],
    view,
    stations: () => [],
  })
  collect()
  const before = process.memoryUsage().heapUsed
  handlers?.open()
  for (let minute = 0; minute < 60; minute++) {
    amps++
    publisher.hurry({ stationIds: [], isOfSite: true })
    for (let event = 0; event < 60; event++)
      source.tell('session', { amps, event, text: 'a session with what is told of it'.repeat(10) })
    clock.advance(60_000)
  }
  collect()
  const grownMiB = (process.memoryUsage().heapUsed - before) / 2 ** 20
  t.ok(grownMiB < 20, `${grownMiB.toFixed(1)} MiB more`)
  t.ok(published <= 50 + 20, `${published} messages are unanswered`)
})

t.test(
  'a broker that closes at each PUBLISH is tried with growing pauses, and says why it is away',
  async t => {
    const aedes = await Aedes.createBroker({
      authorizePublish: (_client, _packet, done) => done(new Error('not here')),
    })
    let connections = 0
    const server = createServer(socket => {
      connections++
      socket.on('error', () => undefined)
      aedes.handle(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    // Slow enough that the broker closes before the first look for old topics ends the connection itself.
    const clock = createClock({ speed: 10 })
    let tellAway: (() => void) | undefined
    const log: Log = {
      write: (_level, event) => void (event === 'mqtt-away' && connections >= 4 && tellAway?.()),
    }
    let looks = 0
    const publisher = startMqtt({
      ports: { clock, random: { next: () => 1 }, broker: createBroker(), log },
      config: configured({ url: `mqtt://127.0.0.1:${port}` }),
      siteId: 'depot',
      view: () => {
        looks++
        return siteView([station('CP-1')])
      },
      stations: () => [],
    })
    const fourth = new Promise<void>(resolve => {
      server.on('connection', () => connections === 4 && resolve())
    })
    const away = new Promise<void>(resolve => {
      tellAway = resolve
    })
    await fourth
    t.ok(clock.monoMs() >= 7_000, `the fourth connection came after ${Math.round(clock.monoMs())} ms`)
    t.ok(looks <= 4, `${looks} looks at the site`)
    await away
    t.match(publisher.status(), { reason: 'closed' })
    await publisher.stop()
    await new Promise<void>(resolve => void aedes.close(() => resolve()))
    server.close()
  },
)

for (const protocolVersion of [4, 5] as const)
  t.test(
    `mosquitto with MQTT ${protocolVersion} stopped in the middle has the latest when it goes on`,
    { skip },
    async t => {
      const mosquitto = await mosquittoFor(t)
      const { url } = mosquitto
      const source = eventSource()
      const site = siteAt(url, siteView([station('CP-1')]), createBroker(), {
        ...{ protocolVersion, events: [source] },
      })
      const watcher = new Watcher(url)
      t.teardown(async () => {
        mosquitto.signal('SIGCONT')
        await watcher.end()
        await site.publisher.stop()
      })
      await watcher.until(status('online'))
      mosquitto.signal('SIGSTOP')
      const heapBefore = process.memoryUsage().heapUsed
      for (let round = 0; round <= 300; round++) {
        site.view = siteView([{ ...station('CP-1'), profileWrites: round }])
        site.publisher.hurry({ stationIds: [], isOfSite: true })
        source.tell('session', { round })
        await new Promise<void>(resolve => setImmediate(resolve))
      }
      t.equal(site.publisher.state(), 'connected', 'nothing is known of it yet')
      t.ok(process.memoryUsage().heapUsed - heapBefore < 20 * 2 ** 20)
      mosquitto.signal('SIGCONT')
      await watcher.until(
        () =>
          watcher.json('stations/CP-1')?.profileWrites === 300 &&
          watcher.json('event/session')?.round === 300,
      )
      t.pass('state and events')
    },
  )
