/**
 * What Home Assistant shows of a site and of a station: entities with units, device classes and state classes as its MQTT
 * integration wants them, reading the topics that are there anyway. A value that is absent is unknown there too. Entities
 * that order exist only where orders are obeyed. Must not know topics' prefixes nor how devices are announced.
 */
import { pauseId } from '../core/config/limit-order.js'
import type { SiteConfig } from '../core/config/site.js'
import { PHASE_INDEXES, PHASE_NAMES } from '../core/site/phases.js'
import { CONNECTOR_STATUSES } from '../core/station/wire-enums.js'
import type { CircuitView, ConnectorView, StationView } from '../core/view/document.js'

type MqttConfig = NonNullable<SiteConfig['mqtt']>

/** One entity as discovery announces it; keys are Home Assistant's. */
export type Entity = Readonly<Record<string, unknown>> & {
  readonly platform: 'sensor' | 'binary_sensor' | 'switch' | 'number'
}

/** By a name that stays the same, unique within the device. */
export type Entities = Readonly<Record<string, Entity>>

/** What entities refer to. */
export interface Surroundings {
  readonly config: MqttConfig
  /** The topic below the prefix. */
  topic(...levels: readonly (string | number)[]): string
  /** A part of an id that every rule for ids allows. */
  key(id: string): string
}

/** Home Assistant's word for "not known". */
const UNKNOWN = 'None'
const A = { device_class: 'current', state_class: 'measurement', unit_of_measurement: 'A' } as const
const W = { device_class: 'power', state_class: 'measurement', unit_of_measurement: 'W' } as const
/** A register that may begin anew; the energy dashboard takes it. */
const WH = { device_class: 'energy', state_class: 'total_increasing', unit_of_measurement: 'Wh' } as const
const COUNT = { state_class: 'measurement' } as const
const ON_OFF = { payload_on: 'ON', payload_off: 'OFF' } as const

/** A part of what may be absent: a template that reads on into nothing is a fault there. */
function value(path: string): string {
  const [first = '', inner] = path.split('.')
  const read = inner === undefined ? `value_json.${first}` : `(value_json.${first} | default({})).${inner}`
  return `{{ ${read} | default('${UNKNOWN}') }}`
}
const ofPhase = (name: string, index: number): string =>
  `{{ (value_json.${name} | default(['${UNKNOWN}', '${UNKNOWN}', '${UNKNOWN}']))[${index}] }}`
const onOff = (condition: string): string => `{{ 'ON' if ${condition} else 'OFF' }}`

function sensor(name: string, topic: string, path: string, kind: object): Entity {
  return { platform: 'sensor', name, state_topic: topic, value_template: value(path), ...kind }
}

const oneOf = (options: readonly string[]) => ({ device_class: 'enum', options })

/** Of the device of the site. */
export function siteEntities(circuits: readonly CircuitView[], around: Surroundings): Entities {
  const site = around.topic('site')
  const entities: Record<string, Entity> = {
    mode: sensor('Mode', site, 'mode', oneOf(['normal', 'degraded'])),
    problem: {
      platform: 'binary_sensor',
      ...{ name: 'Problem', device_class: 'problem', state_topic: site, ...ON_OFF },
      value_template: onOff("value_json.mode != 'normal'"),
    },
    alarms: sensor('Alarms', site, 'alarmCount', COUNT),
    stations: sensor('Stations connected', site, 'connectedStationCount', COUNT),
    csms: sensor('CSMS', site, 'csms.state', oneOf(['connected', 'partly', 'away', 'none'])),
    waiting: sensor('Messages for the CSMS', site, 'csms.waitingMessages', COUNT),
  }
  for (const circuit of circuits) Object.assign(entities, circuitEntities(circuit, around))
  return entities
}

function circuitEntities({ id, meterId, ratedCurrentA }: CircuitView, around: Surroundings): Entities {
  const key = `circuit_${around.key(id)}`
  const topic = around.topic('circuits', id)
  const entities: Record<string, Entity> = {
    [`${key}_power`]: sensor(`${id} power`, topic, 'powerW', W),
    [`${key}_limit`]: sensor(`${id} limit`, topic, 'limitA', A),
    [`${key}_offered`]: sensor(`${id} offered to cars`, topic, 'offeredA', A),
  }
  for (const index of PHASE_INDEXES) {
    const phase = PHASE_NAMES[index]
    entities[`${key}_${phase.toLowerCase()}`] = {
      ...sensor(`${id} ${phase}`, topic, 'measuredA', A),
      value_template: ofPhase('measuredA', index),
    }
  }
  // The sum of the stations' registers jumps when one comes or goes.
  if (meterId !== undefined) entities[`${key}_energy`] = sensor(`${id} energy`, topic, 'importWh', WH)
  if (mayLimit(around))
    entities[`${key}_order`] = limitNumber(`${id} ordered limit`, around, {
      ...{ orderId: `ha-c-${around.key(id)}`, target: { circuit: id }, maxA: ratedCurrentA },
    })
  return entities
}

/** Of the device of a station. */
export function stationEntities(station: StationView, around: Surroundings): Entities {
  const { id, connectors } = station
  const topic = around.topic('stations', id)
  const entities: Record<string, Entity> = {
    connected: {
      platform: 'binary_sensor',
      ...{ name: 'Connection', device_class: 'connectivity', entity_category: 'diagnostic' },
      ...{ state_topic: topic, value_template: onOff('value_json.connected'), ...ON_OFF },
      // it has something to say just when the station has not
      availability: [{ topic: around.topic('status') }],
    },
  }
  for (const connector of connectors) Object.assign(entities, connectorEntities(station, connector, around))
  const { commands } = around.config
  if (mayLimit(around))
    entities.order = limitNumber('Ordered limit', around, {
      ...{ orderId: `ha-s-${around.key(id)}`, target: { station: id } },
      maxA: Math.max(...connectors.map(({ maxCurrentA }) => maxCurrentA)),
    })
  if (commands !== false && commands.enabling) entities.enabled = enabledSwitch(id, around)
  return entities
}

function connectorEntities(station: StationView, { id }: ConnectorView, around: Surroundings): Entities {
  const topic = around.topic('stations', station.id, 'connectors', id)
  const called = station.connectors.length === 1 ? '' : `Connector ${id} `
  const named = (name: string): string =>
    called === '' ? `${name[0]?.toUpperCase()}${name.slice(1)}` : called + name
  const key = `connector_${id}`
  return {
    [`${key}_status`]: sensor(named('status'), topic, 'status', oneOf([...CONNECTOR_STATUSES, 'unknown'])),
    [`${key}_power`]: sensor(named('power'), topic, 'powerW', W),
    [`${key}_energy`]: sensor(named('energy'), topic, 'importWh', WH),
    [`${key}_session`]: sensor(named('session energy'), topic, 'transaction.energyWh', WH),
    [`${key}_offer`]: sensor(named('offer'), topic, 'allocationA', A),
    [`${key}_current`]: {
      ...sensor(named('current'), topic, 'measuredA', A),
      value_template: `{{ (value_json.measuredA | max) if value_json.measuredA is defined else '${UNKNOWN}' }}`,
    },
    [`${key}_why`]: { ...sensor(named('why'), topic, 'why.text', {}), value_template: WHY },
  }
}

/** A state holds 255 characters. */
const WHY = '{{ value_json.why.text[:255] }}'

function mayLimit({ config: { commands } }: Surroundings): boolean {
  return commands !== false && commands.limits
}

/** An order with an end; what is shown is what is in force of it, and nothing where that is over. */
function limitNumber(
  name: string,
  { config, topic }: Surroundings,
  order: { readonly orderId: string; readonly target: object; readonly maxA: number },
): Entity {
  const { orderId, target, maxA } = order
  const durationS = config.homeAssistant?.orderDurationS
  const text = JSON.stringify({ id: orderId, target, durationS, reason: 'Home Assistant', limitA: '#' })
  return {
    platform: 'number',
    ...{ name, device_class: 'current', unit_of_measurement: 'A', min: 0, max: maxA, step: 1, mode: 'box' },
    ...{ command_topic: topic('set', 'limit'), command_template: text.replace('"#"', '{{ value }}') },
    ...{ retain: false, qos: 1, state_topic: topic('limits') },
    value_template: `{{ (${inForce(orderId)} | map(attribute='limitA') | list + ['${UNKNOWN}']) | first }}`,
  }
}

function enabledSwitch(stationId: string, { config, topic, key }: Surroundings): Entity {
  const orderId = `ha-p-${key(stationId)}`
  const durationS = config.homeAssistant?.orderDurationS
  const order = { id: orderId, station: stationId, durationS, reason: 'Home Assistant' }
  return {
    platform: 'switch',
    ...{ name: 'Charging allowed', command_topic: topic('set', 'enable'), retain: false, qos: 1 },
    payload_on: JSON.stringify({ ...order, enabled: true }),
    payload_off: JSON.stringify({ ...order, enabled: false }),
    ...{ state_topic: topic('limits'), state_on: 'ON', state_off: 'OFF' },
    value_template: onOff(`${inForce(pauseId(orderId))} | list | count == 0`),
  }
}

const inForce = (orderId: string): string => `value_json.limits | selectattr('id', 'eq', '${orderId}')`
