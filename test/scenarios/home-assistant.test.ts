/** The depot of the demo as Home Assistant sees it: every announcement of the real gateway and every state it then reads, by its own rules. */
import t from 'tap'
import type { SiteConfig } from '../../src/core/config/site.js'
import { startGateway } from '../../src/gateway.js'
import { createDepot } from '../../src/sim/depot.js'
import { FEEDER_UNIT } from '../../src/sim/depot-meters.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { fitMeter } from '../../src/sim/wiring.js'
import {
  announcementFaults,
  renderings,
  skipTemplates,
  stateFault,
  type Told,
} from '../mqtt/fixtures/home-assistant-rules.js'
import { catalogue, MINUTE, SECOND } from './fixtures/yard.js'

const PREFIX = 'busbar/demo-depot/'
const METER = 'eastron-sdm630-v2'
const FEEDER = 'abb-b23-b24'
type Commands = NonNullable<SiteConfig['mqtt']>['commands']

async function demoDepot(commands: Commands) {
  const world = createWorld({ seed: 7 })
  const models = Object.fromEntries(catalogue.stationModels)
  const depot = createDepot({
    ...{ ports: world.portsFor('depot'), portsFor: name => world.portsFor(name), models },
    ...{ stations: 12, csmsHost: 'csms', csmsPort: 9100 },
  })
  await world.until(depot.start())
  const meterOf = (id: string) => {
    const device = catalogue.meters.get(id)
    if (device === undefined) throw new Error(id)
    return device
  }
  fitMeter(world.bus, { key: 'meter:502', unitId: 1 }, meterOf(METER), () => depot.meterValues())
  fitMeter(world.bus, { key: 'feeder:502', unitId: FEEDER_UNIT }, meterOf(FEEDER), () =>
    depot.feederMeter.values(),
  )
  const config = depot.siteConfig({
    ...{ ocppHost: '0.0.0.0', ocppPort: 9000, webHost: '127.0.0.1', webPort: 8080, mqttUrl: 'mqtt://broker' },
    meter: { device: METER, host: 'meter', port: 502 },
    feederMeter: { device: FEEDER, host: 'feeder', port: 502, unitId: FEEDER_UNIT },
  })
  const { mqtt } = config
  if (mqtt === undefined) throw new Error('the demo has a broker')
  const homeAssistant = { prefix: 'homeassistant', orderDurationS: 600 }
  const gateway = await world.until(
    startGateway(world.ports, {
      config: { ...config, mqtt: { ...mqtt, commands, homeAssistant } },
      ...{ catalogue, users: { find: async () => undefined }, passwordOf: () => undefined },
    }),
  )
  depot.open('ws://busbar:9000/ocpp')
  /** Every text there ever was, by topic. */
  const heard = new Map<string, string[]>()
  const link = world.portsFor('home-assistant').broker.connect(
    {
      ...{ url: 'mqtt://broker', clientId: 'ha', protocolVersion: 4, connectTimeoutMs: 1_000 },
      will: { topic: 'ha', payload: 'gone', retain: false },
    },
    {
      open: () => {
        link.subscribe('homeassistant/#')
        link.subscribe(`${PREFIX}#`)
      },
      message: (topic, payload) => heard.set(topic, [...(heard.get(topic) ?? []), payload]),
      closed: () => undefined,
    },
  )
  await world.runFor(3 * MINUTE)
  const announced = () =>
    [...heard]
      .filter(([topic]) => topic.startsWith('homeassistant/'))
      .map(([topic, texts]) => [topic, JSON.parse(texts.at(-1) ?? '') as Told] as const)
  const close = async () => {
    await world.until(depot.stop())
    await world.until(gateway.stop())
  }
  return { world, depot, heard, announced, close }
}

type Demo = Awaited<ReturnType<typeof demoDepot>>

/** Each state that each entity was ever told, and whether its device was there, as Home Assistant makes them out. */
function readFaults({ heard, announced }: Demo): { faults: readonly string[]; read: number } {
  const asked = announced().flatMap(([, told]) => {
    const parts: (readonly [string, Told])[] = Object.entries<Told>(told.components)
    const doors = [...told.availability, ...parts.flatMap(([, { availability }]) => availability ?? [])]
    const states = parts.map(([key, one]) => ({
      key,
      topic: one.state_topic,
      template: one.value_template,
      one,
    }))
    const there = doors.map(({ topic, value_template }: Told) => ({
      ...{ key: 'availability', topic, template: value_template },
      one: { platform: 'binary_sensor', payload_on: 'online', payload_off: 'offline' },
    }))
    return [...states, ...there].flatMap(({ key, topic, template, one }) =>
      (heard.get(topic) ?? ['']).map(text => ({ key: `${topic} ${key}`, template, one, text })),
    )
  })
  const texts = renderings(
    asked.map(({ template, text }) => ({
      template: template ?? '{{ value }}',
      variables: { value: text, ...(template !== undefined && { value_json: JSON.parse(text) }) },
    })),
  )
  const faults = asked.flatMap(({ key, one }, at) => {
    const fault = stateFault(one, texts[at] ?? '')
    return fault === undefined ? [] : [`${key}: ${fault}`]
  })
  return { faults: [...new Set(faults)], read: asked.length }
}

const ALL = { limits: true, enabling: true, departures: true }
for (const commands of [false, ALL] as const)
  t.test(
    `the demo's depot with commands ${commands === false ? 'off' : 'on'}: every announcement and every state it reads keeps the rules`,
    { skip: skipTemplates },
    async t => {
      const demo = await demoDepot(commands)
      demo.depot.setStationPower('CP-04', false)
      demo.depot.setMeterOnline(false)
      await demo.world.runFor(MINUTE)
      demo.depot.setStationPower('CP-04', true)
      demo.depot.setMeterOnline(true)
      await demo.world.until(demo.depot.setCsmsOnline(false))
      await demo.world.runFor(2 * MINUTE)
      const told = demo.announced()
      t.equal(told.length, 13, 'the site and its stations')
      t.same(
        told.flatMap(([topic, one]) => announcementFaults(topic, one)),
        [],
      )
      const orders = told.flatMap(([, one]) =>
        Object.values<Told>(one.components).filter(({ command_topic }) => command_topic !== undefined),
      )
      t.equal(orders.length, commands === false ? 0 : 4 + 12 + 12, 'what orders')
      const { faults, read } = readFaults(demo)
      t.same(faults, [], `${read} states`)
      t.ok(read > 1_000, `${read} states`)
      await demo.close()
    },
  )

t.test(
  'what Home Assistant orders is taken and shown: a limit, a pause, and its end',
  { skip: skipTemplates },
  async t => {
    const demo = await demoDepot(ALL)
    const { world, heard } = demo
    const parts = new Map<string, Told>(
      demo
        .announced()
        .flatMap(([topic, one]) =>
          Object.entries<Told>(one.components).map(
            ([key, part]) => [`${topic.split('/')[3]} ${key}`, part] as const,
          ),
        ),
    )
    const part = (name: string): Told => parts.get(name) ?? {}
    const shown = (name: string): string =>
      renderings([
        {
          template: part(name).value_template,
          variables: { value_json: JSON.parse(heard.get(part(name).state_topic)?.at(-1) ?? 'null') },
        },
      ])[0] ?? ''
    const answers = () =>
      [...heard].filter(([topic]) => topic.startsWith(`${PREFIX}result/`)).flatMap(([, texts]) => texts)
    const order = async (name: string, payload: string) => {
      world.broker.publish(part(name).command_topic, payload)
      await world.runFor(2 * SECOND)
      return JSON.parse(answers().at(-1) ?? 'null')
    }
    const [limit = ''] = renderings([
      { template: part('site circuit_main_order').command_template, variables: { value: 63 } },
    ])
    t.equal(shown('site circuit_main_order'), 'None')
    t.match(await order('site circuit_main_order', limit), {
      done: true,
      circuits: [{ circuitId: 'main', toA: 63 }],
    })
    t.equal(shown('site circuit_main_order'), '63')
    const { payload_off, payload_on } = part('station_CP-01 enabled')
    t.equal(shown('station_CP-01 enabled'), 'ON')
    t.match(await order('station_CP-01 enabled', payload_off), { done: true })
    t.equal(shown('station_CP-01 enabled'), 'OFF')
    t.match(await order('station_CP-01 enabled', payload_on), { done: true })
    t.equal(shown('station_CP-01 enabled'), 'ON')
    await world.runFor(10 * MINUTE)
    t.equal(shown('site circuit_main_order'), 'None', 'over by itself')
    await demo.close()
  },
)
