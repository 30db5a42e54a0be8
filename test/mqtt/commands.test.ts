/** Orders over real brokers: what is obeyed, what is refused with which words, and who is told. */
import { connect, type MqttClient } from 'mqtt'
import t from 'tap'
import { createBroker } from '../../src/adapters/broker.js'
import { createClock } from '../../src/adapters/clock.js'
import { startMqttServer } from '../../src/adapters/mqtt-server.js'
import { createRandom } from '../../src/adapters/random.js'
import type { SiteConfig } from '../../src/core/config/site.js'
import type { OrderDesk, OrderOutcome } from '../../src/core/control/order-desk.js'
import { Commands } from '../../src/mqtt/commands.js'
import { startMqtt } from '../../src/mqtt/publisher.js'
import { handClock } from '../ocpp/hand-clock.js'
import { mosquittoFor, siteView, skip } from './fixtures/site.js'

const PREFIX = 'busbar/depot'
const LOG = { write: () => undefined }
const ALL = { limits: true, enabling: true, departures: true }

interface Given {
  readonly kind: string
  readonly order: object
}

function deskOf(given: Given[]): OrderDesk {
  const take =
    (kind: string) =>
    async (_: unknown, order: object): Promise<OrderOutcome> => {
      given.push({ kind, order })
      return { kind: 'done', done: { dryRun: false, text: 'main 30 A', parts: [], isDurable: true } }
    }
  return {
    limit: take('limit'),
    grid: take('grid'),
    enable: take('enable'),
    clear: take('clear'),
    departure: take('departure'),
  }
}

function commandsOf(commands: NonNullable<SiteConfig['mqtt']>['commands'], given: Given[]) {
  const hand = handClock()
  const homeAssistant = { prefix: 'homeassistant', orderDurationS: 60 }
  const config = { url: 'mqtt://x', prefix: PREFIX, protocolVersion: 4 as const, commands, homeAssistant }
  const it = new Commands({ ports: { clock: hand, log: LOG }, config, desk: deskOf(given) })
  const order = async (path: string, payload: unknown, retained = false) => {
    const answers: { topic: string; text: string }[] = []
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    await it.take(
      { topic: `${PREFIX}/set/${path}`, payload: text, retained, answerTo: undefined },
      (to, text) => answers.push({ topic: to.topic, text }),
    )
    return answers.map(({ topic, text }) => ({ topic, ...JSON.parse(text) }))
  }
  return { it, hand, order }
}

t.test(
  'every order is by its schema, and what does not fit is told with place, found and expected',
  async t => {
    const given: Given[] = []
    const { order, hand } = commandsOf(ALL, given)
    const limit = { id: 'grid', limitA: 30, durationS: 60 }
    t.match(await order('limit', limit), [
      { topic: `${PREFIX}/result/grid`, id: 'grid', done: true, text: 'main 30 A' },
    ])
    await order('enable', { id: 'door', station: 'CP-1', enabled: false, durationS: 60 })
    await order('departure', { id: 'bus', station: 'CP-1', connector: 1, energyWh: 20_000 })
    await order('grid', { id: 'dso', reduced: true, limitW: 21_210, durationS: 120 })
    await order('clear', { id: 'grid' })
    t.same(
      given.map(({ kind }) => kind),
      ['limit', 'enable', 'departure', 'grid', 'clear'],
    )
    t.match(given[0]?.order, { target: 'site', onSilence: 'release', dryRun: false })
    given.length = 0
    hand.advance(1_000)
    for (const [path, payload, expected] of [
      ['limit', { id: 'grid', limitA: 30 }, { found: /durationS/ }],
      ['limit', { ...limit, durationS: 0 }, { found: 'durationS: 0' }],
      ['limit', { ...limit, limitA: -1 }, { found: 'limitA: -1' }],
      ['limit', '{"id":"grid","limitA":1e308,"durationS":60}', { found: /^limitA/ }],
      ['limit', '{"id":"grid","limitA":NaN,"durationS":60}', { error: 'does not fit' }],
      ['limit', '{"id":"grid","limitA":30,"limitA":300,"durationS":60}', { found: /limitA/ }],
      ['limit', { ...limit, limitW: 5 }, { expected: 'one of limitA and limitW' }],
      ['limit', { ...limit, onlyStations: true, target: { station: 'CP-1' } }, { found: /^onlyStations/ }],
      ['grid', { id: 'dso', reduced: 'yes', durationS: 60 }, { found: 'reduced: "yes"' }],
      ['grid', { id: 'dso', reduced: false, limitW: 5, durationS: 60 }, { expected: /reduced/ }],
      ['grid', { id: 'dso', reduced: true, limitW: -1, durationS: 60 }, { found: 'limitW: -1' }],
      ['limit', { ...limit, foo: 1 }, { found: /foo/ }],
      ['limit', { ...limit, target: { circuit: '#' } }, { error: 'does not fit' }],
      ['limit', { ...limit, id: 'a/+/b' }, { topic: `${PREFIX}/result/unknown` }],
      ['limit', '{', { error: 'does not fit' }],
      ['limit', `"${'x'.repeat(5_000)}"`, { error: 'too long' }],
      ['burn', limit, { error: 'unknown order', expected: /limit, grid, enable/ }],
      ['limit/more', limit, { error: 'unknown order' }],
    ] as const)
      t.match(
        await order(path, payload),
        [{ done: false, ...expected }],
        `${path} ${JSON.stringify(payload)}`.slice(0, 90),
      )
    t.same(given, [])
  },
)

t.test(
  'control rule 17: nothing is obeyed that the broker retained, or that is not allowed (MQ1)',
  async t => {
    const given: Given[] = []
    const { order, it } = commandsOf({ limits: true, enabling: false, departures: false }, given)
    t.match(await order('limit', { id: 'grid', limitA: 0, durationS: 60 }, true), [
      { done: false, error: 'retained' },
    ])
    t.match(await order('enable', { id: 'x', station: 'CP-1', enabled: true, durationS: 9 }), [
      { error: 'not allowed' },
    ])
    t.match(await order('departure', { id: 'x', station: 'CP-1', connector: 1 }), [{ error: 'not allowed' }])
    t.same(given, [])
    t.equal(it.filter(), `${PREFIX}/set/#`)
    t.equal(commandsOf(false, given).it.filter(), undefined, 'nothing is even listened for')
  },
)

t.test(
  'an answer goes where the sender waits, and never to a topic on which what stands is said',
  async t => {
    const given: Given[] = []
    const { it } = commandsOf(ALL, given)
    const answersFor = async (topic: string) => {
      const told: string[] = []
      const payload = JSON.stringify({ id: 'a', limitA: 30, durationS: 60 })
      await it.take({ topic: `${PREFIX}/set/limit`, payload, retained: false, answerTo: { topic } }, to =>
        told.push(to.topic),
      )
      return told
    }
    t.same(await answersFor('plc/7'), [`${PREFIX}/result/a`, 'plc/7'])
    for (const topic of [
      ...[`${PREFIX}/status`, `${PREFIX}/circuits/main`, `${PREFIX}/set/limit`, PREFIX],
      ...['homeassistant/device/x/y/config', 'spBv1.0/depots/NCMD/north', '$CONTROL/dynamic-security/v1'],
    ])
      t.same(await answersFor(topic), [`${PREFIX}/result/a`], topic)
    t.equal(given.length, 8, 'the order itself is taken')
    const told: string[] = []
    await it.take({ topic: `${PREFIX}/set/limit`, payload: '', retained: false, answerTo: undefined }, to =>
      told.push(to.topic),
    )
    t.same(told, [], 'an empty message only takes back what was retained')
  },
)

t.test(
  'of 1,000 orders within a second 20 are taken, one refusal is told, and the rest costs nothing',
  async t => {
    const given: Given[] = []
    const { order, hand } = commandsOf(ALL, given)
    let told = 0
    for (let n = 0; n < 1_000; n++)
      told += (await order('limit', { id: `o${n}`, limitA: 30, durationS: 60 })).length
    t.equal(given.length, 20)
    t.equal(told, 21)
    hand.advance(1_000)
    t.match(await order('limit', { id: 'grid', limitA: 30, durationS: 60 }), [{ done: true }])
  },
)

/** Publishes until there is an answer on `topic`: Busbar may not be connected yet. */
function asked(
  client: MqttClient,
  topic: string,
  publish: () => void,
): Promise<{ text: string; correlation: string }> {
  return new Promise(resolve => {
    let again: NodeJS.Timeout
    client.on('message', (at, payload, packet) => {
      if (at !== topic) return
      clearInterval(again)
      const correlation = packet.properties?.correlationData?.toString() ?? ''
      resolve({ text: payload.toString(), correlation })
    })
    client.subscribe(topic, () => {
      publish()
      again = setInterval(publish, 200)
    })
  })
}

function edgeAt(url: string, protocolVersion: 4 | 5, given: Given[]) {
  return startMqtt({
    ports: { clock: createClock({ speed: 20 }), random: createRandom(1), broker: createBroker(), log: LOG },
    config: { url, prefix: PREFIX, protocolVersion, commands: ALL },
    siteId: 'depot',
    view: () => siteView([]),
    stations: () => [],
    orders: deskOf(given),
  })
}

t.test('MQTT 3.1.1: the answer is on the result topic', async t => {
  const server = await startMqttServer({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.stop())
  const url = `mqtt://127.0.0.1:${server.port}`
  const given: Given[] = []
  const edge = edgeAt(url, 4, given)
  const client = connect(url)
  t.teardown(() => client.endAsync(true))
  const order = JSON.stringify({ id: 'grid', limitA: 30, durationS: 60 })
  const { text } = await asked(client, `${PREFIX}/result/grid`, () =>
    client.publish(`${PREFIX}/set/limit`, order),
  )
  t.match(JSON.parse(text), { id: 'grid', done: true })
  t.ok(given.length >= 1)
  await edge.stop()
})

t.test(
  'MQTT 5: the answer goes where the sender waits, and a retained order is refused',
  { skip },
  async t => {
    const { url } = await mosquittoFor(t)
    const given: Given[] = []
    const edge = edgeAt(url, 5, given)
    const client = connect(url, { protocolVersion: 5, reconnectPeriod: 50 })
    client.on('error', () => undefined)
    t.teardown(() => client.endAsync(true))
    const order = JSON.stringify({ id: 'grid', limitA: 30, durationS: 60 })
    const properties = { responseTopic: 'plc/answers', correlationData: Buffer.from('no. 7') }
    const answer = await asked(client, 'plc/answers', () =>
      client.publish(`${PREFIX}/set/limit`, order, { qos: 1, properties }),
    )
    t.equal(answer.correlation, 'no. 7')
    t.match(JSON.parse(answer.text), { id: 'grid', done: true })
    const later = JSON.stringify({ id: 'kept', limitA: 30, durationS: 60 })
    const kept = await asked(client, `${PREFIX}/result/kept`, () =>
      client.publish(`${PREFIX}/set/limit`, later, { qos: 1, retain: true }),
    )
    t.match(JSON.parse(kept.text), { done: false, error: 'retained' }, 'also while it is new')
    t.notOk(given.some(({ order }) => 'id' in order && order.id === 'kept'))
    await edge.stop()
  },
)
