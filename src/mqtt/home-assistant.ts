/**
 * Announces the site and each station to Home Assistant as a device (its MQTT discovery, "device discovery payload":
 * `<prefix>/device/<node>/<object>/config`, retained). Pure but for a memory of what was built. Must not know the broker.
 */
import type { SiteConfig } from '../core/config/site.js'
import type { SiteView, StationView } from '../core/view/document.js'
import { type Entities, type Surroundings, siteEntities, stationEntities } from './home-assistant-entities.js'
import { encoded } from './topics.js'

type MqttConfig = NonNullable<SiteConfig['mqtt']>

/** Where Home Assistant looks unless it was told otherwise. */
const USUAL_PREFIX = 'homeassistant'
/** An id may have these signs only, and stays short. */
const NOT_ALLOWED = /[^A-Za-z0-9_-]/g
const MAX_KEY = 32

/** All that was ever announced for this site lies below it. */
export function discoveryFilter({ homeAssistant }: MqttConfig, siteId: string): string {
  return `${homeAssistant?.prefix ?? USUAL_PREFIX}/device/${nodeOf(siteId)}/#`
}

/** An announcement, and what it was made of. */
interface Built {
  readonly of: string
  readonly text: string
}

export class HomeAssistant {
  readonly #config: MqttConfig
  readonly #around: Surroundings
  /** By topic: what it was built of. */
  #built: ReadonlyMap<string, Built> = new Map()

  constructor(config: MqttConfig) {
    this.#config = config
    const topic = (...levels: readonly (string | number)[]): string =>
      [config.prefix, ...levels.map(level => encoded(String(level)))].join('/')
    this.#around = { config, topic, key: keyOf }
  }

  /** Topics with their texts; none where it is not configured. */
  topics(view: SiteView): ReadonlyMap<string, string> {
    const { homeAssistant } = this.#config
    if (homeAssistant === undefined) return new Map()
    const node = nodeOf(view.siteId)
    const built = new Map<string, Built>()
    const put = (object: string, of: unknown, make: () => object): void => {
      const topic = `${homeAssistant.prefix}/device/${node}/${object}/config`
      const key = JSON.stringify(of)
      const known = this.#built.get(topic)
      built.set(topic, known?.of === key ? known : { of: key, text: JSON.stringify(make()) })
    }
    const circuits = view.circuits.map(({ id, meterId, ratedCurrentA }) => [id, meterId, ratedCurrentA])
    put('site', circuits, () => this.#site(view))
    for (const station of view.stations)
      put(`station_${keyOf(station.id)}`, shapeOf(station), () => this.#station(view.siteId, station))
    this.#built = built
    return new Map([...built].map(([topic, { text }]) => [topic, text]))
  }

  #site({ circuits, siteId }: SiteView): object {
    const device = {
      identifiers: [nodeOf(siteId)],
      name: siteId,
      manufacturer: 'Busbar',
      model: 'Local Controller',
    }
    const availability = [{ topic: this.#around.topic('status') }]
    return this.#announced(device, availability, siteEntities(circuits, this.#around))
  }

  #station(siteId: string, station: StationView): object {
    const { bay, boot, device: model, id, name } = station
    const device = {
      identifiers: [`${nodeOf(siteId)}_${keyOf(id)}`],
      name: name ?? id,
      manufacturer: boot?.vendor ?? 'unknown',
      model: boot?.model ?? model,
      ...(boot?.serialNumber !== undefined && { serial_number: boot.serialNumber }),
      ...(boot?.firmware !== undefined && { sw_version: boot.firmware }),
      ...(bay !== undefined && { suggested_area: bay }),
      via_device: nodeOf(siteId),
    }
    const availability = [
      { topic: this.#around.topic('status') },
      {
        topic: this.#around.topic('stations', id),
        value_template: "{{ 'online' if value_json.connected else 'offline' }}",
      },
    ]
    return this.#announced(device, availability, stationEntities(station, this.#around))
  }

  #announced(
    device: { readonly identifiers: readonly string[] },
    availability: readonly object[],
    entities: Entities,
  ): object {
    const [owner = ''] = device.identifiers
    const components = Object.entries(entities).map(([key, entity]) => [
      key,
      { ...entity, unique_id: `${owner}_${key}` },
    ])
    return {
      device,
      origin: { name: 'Busbar' },
      availability,
      availability_mode: 'all',
      components: Object.fromEntries(components),
    }
  }
}

/** What of a station its announcement is made of. */
function shapeOf({ bay, boot, connectors, device, id, name }: StationView): unknown {
  return [id, name, bay, boot, device, connectors.map(connector => [connector.id, connector.maxCurrentA])]
}

function nodeOf(siteId: string): string {
  return `busbar_${keyOf(siteId)}`
}

/** The id where it may stand as it is; else what is left of it and a sum of all of it, so that no two are the same. */
function keyOf(id: string): string {
  const plain = id.replaceAll(NOT_ALLOWED, '_')
  if (plain === id && id.length <= MAX_KEY) return id
  let sum = 0x811c9dc5
  for (const sign of id) sum = Math.imul(sum ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return `${plain.slice(0, MAX_KEY - 9)}_${sum.toString(16).padStart(8, '0')}`
}
