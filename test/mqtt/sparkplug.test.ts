/**
 * Busbar as a Sparkplug B edge node, read by Eclipse Tahu's own decoder: what a host sees of births, data and deaths, over mosquitto
 * and by a clock moved by hand.
 */
import { connect, type MqttClient } from 'mqtt'
import sparkplug from 'sparkplug-payload'
import t from 'tap'
import { createBroker } from '../../src/adapters/broker.js'
import { createClock } from '../../src/adapters/clock.js'
import { startMqttServer } from '../../src/adapters/mqtt-server.js'
import { createRandom } from '../../src/adapters/random.js'
import { mqtt as mqttSchema } from '../../src/core/config/link-keys.js'
import type { SiteView, StationView } from '../../src/core/view/document.js'
import { type EdgeNode, startEdgeNode } from '../../src/mqtt/sparkplug/edge-node.js'
import { asksRebirth, type Metric, payloadOf } from '../../src/mqtt/sparkplug/payload.js'
import { hostStateAfter, hostStateOf } from '../../src/mqtt/sparkplug/primary-host.js'
import type { Broker, BrokerHandlers, BrokerOptions, Log } from '../../src/ports.js'
import { handClock } from '../ocpp/hand-clock.js'
import { mosquittoFor, siteView, skip, station } from './fixtures/site.js'

const NAMES = { groupId: 'depots', edgeNodeId: 'north' }
const SILENT: Log = { write: () => undefined }
const oracle = sparkplug.get('spBv1.0')
const REBIRTH = command('Node Control/Rebirth')

interface Told {
  readonly kind: string
  readonly device: string | undefined
  readonly seq: number | undefined
  readonly values: ReadonlyMap<string, unknown>
  readonly units: ReadonlyMap<string, unknown>
  readonly types: ReadonlyMap<string, unknown>
}

function decoded(topic: string, octets: Uint8Array): Told {
  const [, , kind = '', , device] = topic.split('/')
  const payload = oracle?.decodePayload(octets)
  const metrics = payload?.metrics ?? []
  const ofEach = <T>(value: (metric: (typeof metrics)[number]) => T) =>
    new Map(metrics.map(metric => [metric.name ?? '', value(metric)]))
  return {
    ...{ kind, device, seq: plain(payload?.seq) },
    values: ofEach(metric => (typeof metric.value === 'object' ? plain(metric.value) : metric.value)),
    units: ofEach(metric => metric.properties?.engUnit?.value),
    types: ofEach(({ type }) => type),
  }
}

/** Of a long number too; undefined for nothing. */
function plain(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value)
}

function command(name: string, value: unknown = true): Uint8Array {
  const metric = { name, type: 'Boolean' as const, value: value === true, timestamp: 1 }
  return oracle?.encodePayload({ timestamp: 1, metrics: [metric] }) ?? new Uint8Array()
}

function optionsFor(url: string, names: { primaryHost?: string } = {}) {
  const config = mqttSchema.parse({ url, prefix: 'busbar/depot', sparkplug: { ...NAMES, ...names } })
  return { config, names: { ...NAMES, ...names }, siteId: 'depot' }
}

const stateOf = (online: unknown, timestamp: unknown): Uint8Array =>
  Buffer.from(JSON.stringify({ online, timestamp }))

/** The node at a broker that is played by hand. */
function byHand(view: SiteView, names: { primaryHost?: string } = {}) {
  const clock = handClock()
  const site = { view }
  const said: Told[] = []
  const connects: BrokerOptions[] = []
  const peer: { handlers?: BrokerHandlers; takes: boolean; answers: boolean; ended: number } = {
    ...{ takes: true, answers: true, ended: 0 },
  }
  const broker: Broker = {
    connect: (options, handlers) => {
      connects.push(options)
      peer.handlers = handlers
      return {
        publish: (topic, octets, _how, done) => {
          if (typeof octets !== 'string' && peer.takes) said.push(decoded(topic, octets))
          if (peer.answers) done?.(peer.takes)
        },
        subscribe: filter => said.push(decoded(filter, new Uint8Array())),
        unsubscribe: () => undefined,
        answer: () => undefined,
        end: () => {
          peer.ended++
          handlers.closed('closed', 'ended')
        },
      }
    },
  }
  const ports = { clock, random: { next: () => 0.5 }, broker, log: SILENT }
  const node = startEdgeNode({ ...optionsFor('mqtt://b', names), ports, view: () => site.view })
  return { clock, site, said, connects, peer, node, ask: () => peer.handlers?.octets?.('', REBIRTH, false) }
}

const kinds = (said: readonly Told[]): readonly string[] =>
  said.map(({ kind, device, seq }) => [kind, device, seq].filter(part => part !== undefined).join(' '))

t.test('every kind of value, and none, is read by the decoder of Eclipse Tahu as it was meant', async t => {
  const metrics: readonly Metric[] = [
    { name: 'amps', type: 'Double', value: -15.91, unit: 'A' },
    { name: 'nothing', type: 'Double', value: undefined, unit: 'A' },
    { name: 'zero', type: 'Double', value: 0 },
    { name: 'count', type: 'Int64', value: 300 },
    { name: 'large', type: 'Int64', value: 2 ** 52 + 1 },
    { name: 'when', type: 'DateTime', value: 1_763_726_400_123 },
    { name: 'no', type: 'Boolean', value: false },
    { name: 'wörter', type: 'String', value: 'voll, 16 A: ⚡ '.repeat(40) },
    { name: 'empty', type: 'String', value: '' },
  ]
  for (const telling of ['birth', 'data'] as const) {
    const told = decoded('spBv1.0/g/NBIRTH/n', payloadOf(1_763_726_400_000, metrics, 255, telling))
    t.equal(told.seq, 255)
    for (const { name, type, value } of metrics) {
      t.equal(told.values.get(name) ?? undefined, value, `${name} in ${telling}`)
      t.equal(told.types.get(name), type)
    }
    t.equal(told.units.get('amps'), telling === 'birth' ? 'A' : undefined)
  }
})

t.test('only a true "Node Control/Rebirth" asks for a rebirth, and no octets make it fail', async t => {
  t.ok(asksRebirth(REBIRTH))
  t.notOk(asksRebirth(command('Node Control/Rebirth', false)))
  t.notOk(asksRebirth(command('Node Control/Reboot')))
  t.notOk(asksRebirth(new Uint8Array(5_000).fill(0xff)))
  const random = createRandom(7)
  let asked = 0
  for (let round = 0; round < 3_000; round++) {
    const octets = round % 2 === 0 ? Uint8Array.from(REBIRTH) : new Uint8Array(40)
    for (let turn = 0; turn < 5; turn++)
      octets[Math.floor(random.next() * octets.length)] = Math.floor(random.next() * 256)
    if (asksRebirth(octets.subarray(0, Math.floor(random.next() * octets.length)))) asked++
  }
  t.ok(asked < 100, `${asked} of 3,000`)
})

t.test('births say everything with units, data only what is new, and what is not known is null', async t => {
  const { clock, connects, peer, said, site } = byHand(siteView([station('CP-1'), station('CP+2')]))
  const [first] = connects
  t.equal(first?.will.topic, 'spBv1.0/depots/NDEATH/north')
  t.notOk(first?.will.retain)
  peer.handlers?.open()
  t.strictSame(kinds(said), ['NCMD', 'NBIRTH 0', 'DBIRTH CP-1 1', 'DBIRTH CP%2B2 2'])
  const [, node, device] = said
  t.equal(node?.values.get('bdSeq'), 0)
  t.equal(node?.values.get('Node Control/Rebirth'), false)
  t.equal(node?.values.get('Circuits/main/limitA'), 245)
  t.equal(node?.units.get('Circuits/main/bookedA/L2'), 'A')
  t.equal(node?.values.get('Circuits/main/measuredA/L1'), undefined, 'not known')
  t.equal(device?.values.get('Connectors/1/status'), 'Available')
  t.equal(device?.values.get('Connectors/1/measuredA/L1'), 15.9)
  t.equal(device?.values.get('Connectors/1/isInSession'), false)
  said.splice(0)

  const changed = withConnector(station('CP-1'), { status: 'Charging', measuredA: [15.4, 15.9, 22] })
  site.view = siteView([changed, station('CP+2')])
  clock.advance(6_000)
  t.strictSame(kinds(said), ['DDATA CP-1 3'])
  t.strictSame(
    [...(said[0]?.values ?? [])],
    [
      ['Connectors/1/status', 'Charging'],
      ['Connectors/1/measuredA/L3', 22],
    ],
    'half an amp is within the dead band',
  )
  said.splice(0)
  clock.advance(60_000)
  t.strictSame(
    said.map(({ values }) => [...values]),
    [[['Connectors/1/measuredA/L1', 15.4]]],
    'within a minute',
  )
  said.splice(0)

  site.view = siteView([withConnector(changed, { measuredA: undefined }), station('CP+2')])
  clock.advance(6_000)
  t.strictSame(
    [...(said[0]?.values ?? [])].map(([name, value]) => [name, value ?? undefined]),
    ['L1', 'L2', 'L3'].map(phase => [`Connectors/1/measuredA/${phase}`, undefined]),
    'no longer known is null, never the last value',
  )
})

t.test(
  'a station that is gone is a dead device, and born anew when it is back; a new circuit is told by births',
  async t => {
    const { clock, peer, said, site } = byHand(siteView([station('CP-1'), station('CP-2')]))
    peer.handlers?.open()
    site.view = siteView([station('CP-1'), { ...station('CP-2'), connected: false }])
    clock.advance(6_000)
    site.view = siteView([station('CP-1'), station('CP-2')])
    clock.advance(6_000)
    t.strictSame(kinds(said).slice(4), ['NDATA 3', 'DDEATH CP-2 4', 'NDATA 5', 'DBIRTH CP-2 6'])
    t.strictSame([...(said[4]?.values ?? [])], [['Site/connectedStationCount', 1]])
    said.splice(0)
    const [main] = site.view.circuits
    if (main) site.view = { ...site.view, circuits: [main, { ...main, id: 'hall' }] }
    clock.advance(6_000)
    t.strictSame(kinds(said), ['NBIRTH 0', 'DBIRTH CP-1 1', 'DBIRTH CP-2 2'])
    t.equal(said[0]?.values.get('bdSeq'), 0, 'a rebirth has the bdSeq of its connection')
  },
)

t.test(
  'a host that asks 1,000 times for a rebirth within 10 s gets it three times, and no data in between',
  async t => {
    const { ask, clock, peer, said, site } = byHand(siteView([station('CP-1')]))
    peer.handlers?.open()
    clock.advance(20_000)
    said.splice(0)
    for (let turn = 0; turn < 1_000; turn++) {
      ask()
      site.view = siteView([station('CP-1', turn % 2 === 0 ? 'Charging' : 'Available')])
      clock.advance(10)
    }
    clock.advance(20_000)
    t.ok(said.filter(({ kind }) => kind === 'NBIRTH').length <= 3, kinds(said).join())
    t.strictSame(kinds(said).slice(0, 2), ['NBIRTH 0', 'DBIRTH CP-1 1'])
    t.equal(said.at(-1)?.kind, 'DBIRTH')
  },
)

t.test('what a retained command or a broker that takes nothing does is bounded', async t => {
  const { clock, peer, said } = byHand(siteView([station('CP-1')]))
  peer.handlers?.open()
  clock.advance(20_000)
  said.splice(0)
  peer.handlers?.octets?.('', REBIRTH, true)
  clock.advance(20_000)
  t.strictSame(kinds(said), [], 'a command the broker kept is not obeyed')
  peer.takes = false
  peer.handlers?.octets?.('', REBIRTH, false)
  clock.advance(60_000)
  peer.takes = true
  clock.advance(6_000)
  t.strictSame(kinds(said), ['NBIRTH 0', 'DBIRTH CP-1 1'], 'a number that was lost begins everything anew')
})

t.test(
  'each connection has the next bdSeq, also over 255, and an orderly end says its own death',
  async t => {
    const { clock, connects, node, peer, said } = byHand(siteView([]))
    for (let round = 0; round < 258; round++) {
      peer.handlers?.open()
      if (round < 257) peer.handlers?.closed('closed', 'gone')
      clock.advance(31_000)
    }
    const sequence = connects.map(({ will }) =>
      typeof will.payload === 'string' ? undefined : decoded(will.topic, will.payload),
    )
    t.strictSame(
      sequence.map(death => death?.values.get('bdSeq')),
      Array.from({ length: 258 }, (_, at) => at % 256),
    )
    t.ok(
      sequence.every(death => death?.seq === undefined),
      'a death of the node has no number of its own',
    )
    said.splice(0)
    await node.stop()
    t.strictSame(kinds(said), ['NDEATH'])
    t.equal(said[0]?.values.get('bdSeq'), 1)
    t.equal(peer.ended, 1)
  },
)

t.test('only a state with a truth and a time is one, and of two the younger or the second holds', async t => {
  t.strictSame(hostStateOf(stateOf(true, 7)), { isOnline: true, atMs: 7 })
  t.ok(hostStateOf(Buffer.from('{"online":true,"timestamp":7,"more":[1]}')))
  for (const text of ['ONLINE', '', 'null', '{}', '{"online":true}', '{"online":"true","timestamp":7}'])
    t.equal(hostStateOf(Buffer.from(text)), undefined, text)
  t.equal(hostStateOf(stateOf(true, -1)), undefined)
  t.equal(hostStateOf(stateOf(true, 1.5)), undefined)
  t.equal(hostStateOf(Buffer.from(`{"online":true,"timestamp":7${' '.repeat(5_000)}}`)), undefined)
  const [on, off] = [
    { isOnline: true, atMs: 10 },
    { isOnline: false, atMs: 10 },
  ]
  t.equal(hostStateAfter(undefined, off), off)
  t.equal(hostStateAfter(on, off), off, 'a will has the time of its birth')
  t.equal(hostStateAfter(on, { isOnline: false, atMs: 9 }), on)
})

t.test(
  'with a primary host nothing is said until it is online, and a death once it is not, then it waits anew',
  async t => {
    const { ask, clock, connects, node, peer, said } = byHand(siteView([station('CP-1')]), {
      primaryHost: 'scada',
    })
    const host = (payload: Uint8Array, of = 'scada'): void =>
      peer.handlers?.octets?.(`spBv1.0/STATE/${of}`, payload, true)
    peer.handlers?.open()
    t.strictSame(
      said.splice(0).map(({ kind }) => kind),
      ['NCMD', 'scada'],
    )
    ask()
    node.refresh()
    host(stateOf(false, 5))
    host(stateOf(true, 4))
    host(Buffer.from('ONLINE'))
    host(stateOf(true, 9), 'other')
    clock.advance(60_000)
    t.strictSame(kinds(said), [], 'offline, older, unreadable, another host: nothing')
    t.equal(peer.ended, 0, 'a host that was not there ends nothing')

    host(stateOf(true, 10))
    t.strictSame(kinds(said.splice(0)), ['NBIRTH 0', 'DBIRTH CP-1 1'])
    host(stateOf(true, 11))
    host(stateOf(false, 10))
    host(Buffer.from('OFFLINE'))
    clock.advance(6_000)
    t.strictSame([kinds(said), peer.ended], [[], 0], 'said again, older or unreadable: nothing')

    host(stateOf(false, 11))
    t.strictSame([kinds(said), peer.ended], [['NDEATH'], 1])
    t.equal(said.splice(0)[0]?.values.get('bdSeq'), 0)
    clock.advance(31_000)
    t.equal(connects.length, 2)
    peer.handlers?.open()
    host(stateOf(false, 11))
    clock.advance(60_000)
    t.notOk(kinds(said.splice(0)).some(kind => kind.includes('BIRTH')))
    host(stateOf(true, 12))
    t.equal(said[0]?.values.get('bdSeq'), 1)
    t.strictSame(kinds(said), ['NBIRTH 0', 'DBIRTH CP-1 1'])
  },
)

t.test('a host that goes while the broker takes no death is left after the grace of a stop', async t => {
  const { clock, connects, node, peer } = byHand(siteView([]), { primaryHost: 'scada' })
  peer.handlers?.open()
  peer.answers = false
  peer.handlers?.octets?.('spBv1.0/STATE/scada', stateOf(true, 1), true)
  peer.handlers?.octets?.('spBv1.0/STATE/scada', stateOf(false, 2), true)
  t.equal(peer.ended, 0)
  clock.advance(40_000)
  t.strictSame([peer.ended, connects.length], [1, 2])
  peer.handlers?.open()
  peer.handlers?.octets?.('spBv1.0/STATE/scada', stateOf(true, 3), true)
  peer.handlers?.octets?.('spBv1.0/STATE/scada', stateOf(false, 4), true)
  const stopped = node.stop()
  clock.advance(10_000)
  await stopped
  t.equal(peer.ended, 2)
  clock.advance(60_000)
  t.equal(connects.length, 2, 'ended for good')
})

t.test(
  'at mosquitto a primary host that comes, breaks off and comes again has births, a death and births',
  { skip },
  async t => {
    const { url } = await mosquittoFor(t)
    const host = await Host.at(url)
    t.teardown(() => host.end())
    const view = siteView([station('CP-1')])
    const clock = createClock({ speed: 20 })
    const ports = { clock, random: createRandom(1), broker: createBroker(), log: SILENT }
    const names = { primaryHost: 'scada' }
    const node = startEdgeNode({ ...optionsFor(url, names), ports, view: () => view })
    const topic = 'spBv1.0/STATE/scada'
    for (const at of [1, 2]) {
      const payload = Buffer.from(stateOf(false, at))
      const will = { topic, payload, qos: 1 as const, retain: true }
      const scada = connect(url, { clientId: `scada-${at}`, reconnectPeriod: 0, will })
      scada.on('error', () => undefined)
      t.teardown(() => scada.end(true))
      await scada.publishAsync(topic, Buffer.from(stateOf(true, at)), { qos: 1, retain: true })
      await host.until(said => said.length >= 2)
      t.strictSame(kinds(host.said), ['NBIRTH 0', 'DBIRTH CP-1 1'])
      const bdSeq = host.said.splice(0)[0]?.values.get('bdSeq')
      scada.stream.destroy()
      await host.until(said => said.length >= 1)
      t.strictSame([kinds(host.said), host.said[0]?.values.get('bdSeq')], [['NDEATH'], bdSeq])
      host.said.splice(0)
    }
    await node.stop()
  },
)

t.test(
  'a host at mosquitto follows births, 260 devices, a killed link and the rebirth it asks for',
  { skip },
  async t => {
    const { url } = await mosquittoFor(t)
    const host = await Host.at(url)
    t.teardown(() => host.end())
    const view = siteView(Array.from({ length: 260 }, (_, at) => station(`CP-${at}`)))
    const ports = {
      clock: createClock({ speed: 20 }),
      random: createRandom(1),
      broker: createBroker(),
      log: SILENT,
    }
    const node: EdgeNode = startEdgeNode({ ...optionsFor(url), ports, view: () => view })
    await host.until(said => said.length >= 261)
    t.strictSame(
      host.said.map(({ seq }) => seq),
      Array.from({ length: 261 }, (_, at) => at % 256),
      'numbers go round behind 255',
    )
    t.strictSame([host.said[0]?.kind, host.said[260]?.kind], ['NBIRTH', 'DBIRTH'])
    host.said.splice(0)

    // Who comes with its name takes its place: to the broker the link broke.
    const thief = connect(url, { clientId: 'busbar-depot-sparkplug', reconnectPeriod: 0 })
    t.teardown(() => thief.end(true))
    await host.until(said => said.some(({ kind }) => kind === 'NDEATH') && said.length >= 262)
    const [death, birth] = host.said
    t.strictSame([death?.kind, death?.values.get('bdSeq')], ['NDEATH', 0])
    t.strictSame([birth?.kind, birth?.values.get('bdSeq'), birth?.seq], ['NBIRTH', 1, 0])
    host.said.splice(0)

    host.publish('spBv1.0/depots/NCMD/north', REBIRTH)
    await host.until(said => said.length >= 261)
    t.strictSame([host.said[0]?.kind, host.said[0]?.values.get('bdSeq')], ['NBIRTH', 1])
    host.said.splice(0)

    await node.stop()
    await host.until(said => said.length >= 1)
    t.strictSame([host.said[0]?.kind, host.said[0]?.values.get('bdSeq')], ['NDEATH', 1])
  },
)

t.test('the birth of a site of 100 circuits and meters passes the broker inside', async t => {
  const server = await startMqttServer()
  t.teardown(() => server.stop())
  const url = `mqtt://127.0.0.1:${server.port}`
  const host = await Host.at(url)
  t.teardown(() => host.end())
  const bare = siteView([])
  const times = <T extends { id: string }>(list: readonly T[]): readonly T[] =>
    Array.from({ length: 100 }, (_, at) =>
      list.map(one => ({ ...one, id: `a-name-of-some-length-${at}` })),
    ).flat()
  const view = { ...bare, circuits: times(bare.circuits), meters: times(bare.meters) }
  const ports = { clock: createClock(), random: createRandom(1), broker: createBroker(), log: SILENT }
  const node = startEdgeNode({ ...optionsFor(url), ports, view: () => view })
  await host.until(said => said.length >= 1)
  t.equal(host.said[0]?.values.get('Circuits/a-name-of-some-length-99/limitA'), 245)
  t.ok((host.said[0]?.values.size ?? 0) > 2_000)
  await node.stop()
})

class Host {
  readonly said: Told[] = []
  readonly #client: MqttClient
  #check: () => void = () => undefined

  private constructor(client: MqttClient) {
    this.#client = client
    client.on('message', (topic, payload) => {
      if (/\/(NCMD|STATE)\//.test(topic)) return
      this.said.push(decoded(topic, payload))
      this.#check()
    })
  }

  static async at(url: string): Promise<Host> {
    const client = connect(url, { reconnectPeriod: 50 })
    client.on('error', () => undefined)
    await new Promise<void>(resolve => void client.once('connect', () => resolve()))
    const host = new Host(client)
    await client.subscribeAsync('spBv1.0/#')
    return host
  }

  until(isSo: (said: readonly Told[]) => boolean): Promise<void> {
    return new Promise(resolve => {
      this.#check = () => {
        if (isSo(this.said)) resolve()
      }
      this.#check()
    })
  }

  publish(topic: string, octets: Uint8Array): void {
    this.#client.publish(topic, Buffer.from(octets))
  }

  end(): Promise<void> {
    return this.#client.endAsync(true)
  }
}

function withConnector(
  it: StationView,
  { measuredA, status }: { status?: 'Charging'; measuredA?: readonly [number, number, number] | undefined },
): StationView {
  const connectors = it.connectors.map(({ measuredA: _, ...one }) => ({
    ...one,
    ...(status !== undefined && { status }),
    ...(measuredA !== undefined && { measuredA }),
  }))
  return { ...it, connectors }
}
