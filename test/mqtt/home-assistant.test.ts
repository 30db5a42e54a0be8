/** What Home Assistant is told, held against the rules of its MQTT integration (fixtures/home-assistant-rules.ts has their sources). */
import { connect } from 'mqtt'
import t from 'tap'
import { createBroker } from '../../src/adapters/broker.js'
import { createClock } from '../../src/adapters/clock.js'
import { createRandom } from '../../src/adapters/random.js'
import {
  enableOrderSchema,
  limitOrderSchema,
  MAX_ORDER_S,
  pauseId,
} from '../../src/core/config/limit-order.js'
import { mqtt as mqttSchema } from '../../src/core/config/link-keys.js'
import type { ConnectorView, SiteView, StationView } from '../../src/core/view/document.js'
import { HomeAssistant } from '../../src/mqtt/home-assistant.js'
import { startMqtt } from '../../src/mqtt/publisher.js'
import { topicsOf } from '../../src/mqtt/topics.js'
import { announcementFaults, renderings, skipTemplates, type Told } from './fixtures/home-assistant-rules.js'
import { mosquittoFor, siteView, skip, station } from './fixtures/site.js'

const PREFIX = 'busbar/depot'
const ALL = { limits: true, enabling: true, departures: true }
const NOTHING = { limits: false, enabling: false, departures: false }

function configured(commands: false | typeof ALL, more: object = {}) {
  return mqttSchema.parse({ url: 'mqtt://b', prefix: PREFIX, commands, homeAssistant: {}, ...more })
}

/** Of one announcement; `topics`: what Busbar publishes, for the templates to find what they read. */
function faultsOf(topic: string, told: Told, topics: ReadonlyMap<string, string>): readonly string[] {
  const faults = [...announcementFaults(topic, told)]
  const reads = Object.entries<Told>(told.components).map(([key, one]): Told => ({ key, ...one }))
  const all = [...told.availability, ...reads.flatMap(one => one.availability ?? []), ...reads]
  for (const { key, topic: available, state_topic, value_template } of all) {
    const read = available ?? state_topic
    const text = topics.get(read)
    if (text === undefined) faults.push(`${topic}: nobody publishes ${read}`)
    for (const [, path = ''] of String(value_template ?? '').matchAll(/value_json\.(\w+)/g))
      if (JSON.parse(text ?? '{}')[path] === undefined) faults.push(`${key} reads ${path} of ${read}`)
  }
  return faults
}

/** One that says everything it can say. */
function busy(id: string): StationView {
  const idle = station(id, 'Charging')
  const transaction = { id: 7, since: '2026-11-21T12:00:00.000Z', energyWh: 4_200 }
  const connectors = idle.connectors.map(one => ({
    ...{ ...one, transaction, powerW: 11_040, importWh: 812_345, allocationA: 16 },
  }))
  return {
    ...idle,
    connectors,
    name: 'Bay "7" {{ x }}',
    boot: { vendor: 'ACME', model: 'X', firmware: '1.0' },
  }
}

function metered(stations: readonly StationView[]): SiteView {
  const view = siteView(stations)
  const shown = { measuredA: [1, 2, 3] as const, powerW: 1_380, importWh: 5_000_000, meterId: 'main' }
  return { ...view, circuits: view.circuits.map(circuit => ({ ...circuit, ...shown })) }
}

function announced(view: SiteView, config = configured(ALL)) {
  const texts = [...new HomeAssistant(config).topics(view)]
  return texts.map(([topic, text]) => [topic, JSON.parse(text) as Told] as const)
}

t.test('the rules see what Home Assistant would not take', async t => {
  const [, told] = announced(metered([busy('CP-1')]))
  const [topic, good] = told ?? ['', {} as Told]
  t.same(announcementFaults(topic, good), [])
  const { components } = good
  const withPart = (key: string, change: Told) => ({
    components: { [key]: { ...components[key], ...change } },
  })
  const faulty: readonly (readonly [string, Told])[] = [
    ['no origin', { origin: {} }],
    ['nothing to know it by', { device: { name: 'CP-1' } }],
    ['a key of nobody', withPart('connected', { foo: 1 })],
    ['no unique id', withPart('connected', { unique_id: undefined })],
    ['energy as a measurement', withPart('connector_1_energy', { state_class: 'measurement' })],
    ['power in A', withPart('connector_1_power', { unit_of_measurement: 'A' })],
    ['an enum of nothing', withPart('connector_1_status', { options: [] })],
    ['a wildcard', withPart('connector_1_power', { state_topic: 'a/+/b' })],
    ['no way to order', withPart('enabled', { command_topic: undefined })],
    ['an order that stays', withPart('enabled', { retain: true })],
    ['from 0 to 0', withPart('order', { max: 0 })],
  ]
  for (const [what, change] of faulty)
    t.equal(announcementFaults(topic, { ...good, ...change }).length, 1, what)
  t.equal(announcementFaults('homeassistant/device/a b/c/config', good).length, 1)
})

t.test('every announcement keeps the rules Home Assistant publishes', async t => {
  const view = metered([busy('CP-1'), busy('a#b'), busy('a+b'), busy(`${'x'.repeat(47)}1`)])
  const topics = new Map([...topicsOf(PREFIX, view), [`${PREFIX}/status`, '"online"']])
  const told = announced(view)
  t.equal(told.length, 5, 'a device for the site, one for each station')
  t.same(
    told.flatMap(([topic, one]) => faultsOf(topic, one, topics)),
    [],
  )
  const ids = told.flatMap(([, one]) => Object.values<Told>(one.components).map(({ unique_id }) => unique_id))
  t.equal(new Set(ids).size, ids.length, 'no two entities have the same id')
  t.equal(new Set(told.map(([topic]) => topic)).size, 5, 'nor two stations whose ids differ in one sign')
  const [, site] = told[0] ?? []
  t.equal(told[1]?.[1].device.via_device, site?.device.identifiers[0])
  const energy = Object.values<Told>(site?.components).filter(({ device_class }) => device_class === 'energy')
  t.match(energy, [{ state_class: 'total_increasing', unit_of_measurement: 'Wh' }])
  const unmetered = announced(siteView([]))[0]?.[1]
  t.notOk(
    Object.keys(unmetered?.components).some(key => key.includes('energy')),
    'a sum of stations jumps when one comes: it is not counted',
  )
})

/** Each template as Home Assistant's own engine renders it, by the name of its entity. */
function rendered(view: SiteView): Record<string, string> {
  const topics = topicsOf(PREFIX, view)
  const components = announced(view).flatMap(([, one]) => Object.entries<Told>(one.components))
  const texts = renderings(
    components.map(([, { state_topic, value_template }]) => ({
      template: value_template,
      variables: { value_json: JSON.parse(topics.get(state_topic) ?? 'null') },
    })),
  )
  return Object.fromEntries(components.map(([key], at) => [key, texts[at] ?? '']))
}

t.test(
  'its template engine shows what is there, and what is absent as not known',
  { skip: skipTemplates },
  async t => {
    const limit = { state: 'ordered', since: '', by: 'mqtt', binds: true, source: 'mqtt' } as const
    const limits = [
      { ...limit, id: 'ha-c-main', target: 'main', limitA: 63 },
      { ...limit, id: pauseId('ha-p-CP-1'), target: 'CP-1', limitA: 0 },
      { ...limit, id: 'other', target: 'CP-1', limitA: 6 },
    ]
    t.match(rendered({ ...metered([busy('CP-1')]), limits }), {
      ...{ circuit_main_order: '63', enabled: 'OFF', order: 'None', circuit_main_l3: '3', mode: 'normal' },
      ...{ connector_1_energy: '812345', connector_1_session: '4200', connector_1_current: '16' },
      ...{ connected: 'ON', problem: 'OFF', csms: 'connected', connector_1_status: 'Charging' },
    })
    const { measuredA: _, ...silent } = station('CP-1').connectors[0] ?? { why: undefined }
    const nothing = siteView([
      { ...station('CP-1'), connected: false, connectors: [silent as ConnectorView] },
    ])
    t.match(rendered(nothing), {
      ...{ circuit_main_order: 'None', enabled: 'ON', circuit_main_l3: 'None', circuit_main_power: 'None' },
      ...{ connector_1_energy: 'None', connector_1_session: 'None', connector_1_current: 'None' },
      ...{ connector_1_offer: 'None', connected: 'OFF' },
    })
  },
)

t.test('what orders is there only where orders are obeyed, and orders what may be ordered', async t => {
  const view = metered([busy('CP-1')])
  const platforms = (config: ReturnType<typeof configured>) =>
    announced(view, config).flatMap(([, one]) =>
      Object.values<Told>(one.components).flatMap(({ platform }) =>
        platform === 'number' || platform === 'switch' ? [platform] : [],
      ),
    )
  t.same(platforms(configured(false)), [])
  t.same(platforms(configured(NOTHING)), [])
  t.same(platforms(configured({ ...NOTHING, limits: true })), ['number', 'number'])
  t.same(platforms(configured({ ...NOTHING, enabling: true })), ['switch'])
  const [, site] = announced(view)[0] ?? []
  const limit = site?.components.circuit_main_order
  t.equal(limit.command_topic, `${PREFIX}/set/limit`)
  t.match(limitOrderSchema.parse(JSON.parse(limit.command_template.replace('{{ value }}', '63'))), {
    ...{ target: { circuit: 'main' }, limitA: 63, durationS: 86_400, onSilence: 'release' },
  })
  t.equal(limit.max, 250, 'no more than the circuit is rated for')
  const cp = announced(view)[1]?.[1].components
  t.match(enableOrderSchema.parse(JSON.parse(cp.enabled.payload_off)), { station: 'CP-1', enabled: false })
  t.match(enableOrderSchema.parse(JSON.parse(cp.enabled.payload_on)), { station: 'CP-1', enabled: true })
  t.match(limitOrderSchema.parse(JSON.parse(cp.order.command_template.replace('{{ value }}', '10'))), {
    target: { station: 'CP-1' },
  })
  const long = { homeAssistant: { orderDurationS: MAX_ORDER_S } }
  t.doesNotThrow(() => configured(ALL, long))
  t.throws(() => configured(ALL, { homeAssistant: { orderDurationS: MAX_ORDER_S + 1 } }))
  t.same(
    announced(view, mqttSchema.parse({ url: 'mqtt://b', prefix: PREFIX })),
    [],
    'nothing unless asked for',
  )
})

for (const protocolVersion of [4, 5] as const)
  t.test(
    `mosquitto with MQTT ${protocolVersion}: a removed station is taken back, also one of before a restart`,
    { skip },
    async t => {
      const { url } = await mosquittoFor(t)
      const tree = new Map<string, string>()
      const waiting = new Set<() => void>()
      const client = connect(url, { reconnectPeriod: 20 })
      client.on('error', () => undefined)
      client.on('connect', () => client.subscribe(['homeassistant/#', `${PREFIX}/status`]))
      client.on('message', (topic, payload) => {
        if (payload.length === 0) tree.delete(topic)
        else tree.set(topic, payload.toString())
        for (const look of [...waiting]) look()
      })
      const until = (isSo: () => boolean): Promise<void> =>
        new Promise(resolve => {
          const look = (): void => {
            if (!isSo()) return
            waiting.delete(look)
            resolve()
          }
          waiting.add(look)
          look()
        })
      const started = (view: SiteView, homeAssistant: object | undefined) => {
        const state = { view }
        const publisher = startMqtt({
          ports: {
            ...{ clock: createClock({ speed: 4 }), random: createRandom(1), broker: createBroker() },
            log: { write: () => undefined },
          },
          config: { ...configured(false), url, protocolVersion, homeAssistant: undefined, ...homeAssistant },
          siteId: 'depot',
          view: () => state.view,
          stations: () => [],
        })
        return { state, publisher }
      }
      t.teardown(() => client.endAsync(true))
      const on = { homeAssistant: configured(false).homeAssistant }
      const first = started(metered([busy('CP-1'), busy('CP-2'), busy('CP-3')]), on)
      const device = (name: string): string => `homeassistant/device/busbar_depot/${name}/config`
      const devices = (): readonly string[] => [...tree.keys()].filter(topic => topic.endsWith('/config'))
      await until(() => devices().length === 4 && tree.get(`${PREFIX}/status`) === 'online')
      first.state.view = metered([busy('CP-1'), busy('CP-2')])
      first.publisher.refresh()
      await until(() => !tree.has(device('station_CP-3')))
      await first.publisher.stop()
      const second = started(metered([busy('CP-1')]), on)
      await until(() => !tree.has(device('station_CP-2')))
      t.same(devices(), [device('site'), device('station_CP-1')])
      await second.publisher.stop()
      const third = started(metered([busy('CP-1')]), undefined)
      t.teardown(() => third.publisher.stop())
      await until(() => devices().length === 0)
    },
  )
