/** The links a site has to others: its CSMS, the mirrors beside it, the MQTT broker. Part of `site.ts`. */
import { z } from 'zod'
import { expecting } from './faults.js'
import { id } from './ids.js'
import { inWords, said } from './labels.js'
import { serverTrust } from './security-keys.js'

const mirror = z.strictObject({
  id: id.meta(said('Mirror', 'Its name on the page and in metrics.')),
  url: z
    .string()
    .refine(isWebSocketUrl, expecting('web-socket-url'))
    .meta(said('Mirror URL', 'ws:// or wss:// URL; the station identity is added to it.')),
  passwordSecret: id
    .optional()
    .meta(
      said(
        'Password',
        'The name of the entry in secrets.json that every station shows it; never a station\u2019s own password.',
      ),
    ),
})
/** Each is a socket per station. */
const MAX_MIRRORS = 4

export const csms = z.strictObject({
  url: z
    .string()
    .refine(isWebSocketUrl, expecting('web-socket-url'))
    .meta(said('CSMS', 'ws:// or wss:// URL; the station identity is added to it.')),
  compositeShowsLocalLimit: z
    .boolean()
    .default(false)
    .meta(said('Composite with our limit', 'What GetCompositeSchedule answers holds our limit too.')),
  mirrors: z
    .array(mirror)
    .max(MAX_MIRRORS)
    .default([])
    .meta(said('Mirrors', 'Further systems that are told what stations say, and may order nothing.')),
  tls: serverTrust.optional().meta({ title: 'TLS' }),
})

const mqttCommands = z
  .union([
    z.literal(false),
    z.strictObject({
      limits: z.boolean().default(false).meta(said('Limits', 'set/limit and set/clear are obeyed.')),
      enabling: z.boolean().default(false).meta(said('Pauses', 'set/enable is obeyed.')),
      departures: z.boolean().default(false).meta(said('Departures', 'set/departure is obeyed.')),
    }),
  ])
  .default(false)
  .meta(
    said('Commands', 'What may be ordered over this broker. Whoever can publish there can then order it.'),
  )

const qos = z
  .union([z.literal(0), z.literal(1), z.literal(2)])
  .default(1)
  .meta({
    ...said('QoS', '0 = at most once, 1 = at least once, 2 = exactly once.'),
    ...inWords({ 0: '0: at most once', 1: '1: at least once', 2: '2: exactly once' }),
  })
const retain = z
  .boolean()
  .default(true)
  .meta(said('Retain', 'The broker keeps the last one for who comes later.'))
const delivery = z.strictObject({ qos, retain }).optional()

/** How each group of topics goes to the broker; what is not named goes with QoS 1, retained. */
const mqttTopics = z.strictObject({
  site: delivery.meta({ title: 'Site, alarms, limits and who was not let in' }),
  circuits: delivery.meta({ title: 'Circuits' }),
  meters: delivery.meta({ title: 'Meters' }),
  stations: delivery.meta({ title: 'Stations and connectors' }),
  events: z.strictObject({ qos }).optional().meta({ title: 'Events, never retained' }),
})

/** As long as an order may last (`limit-order.ts`). */
const MOST_ORDER_S = 31 * 86_400
const homeAssistant = z.strictObject({
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, expecting('discovery-prefix'))
    .max(64)
    .default('homeassistant')
    .meta(said('Discovery prefix', 'As Home Assistant\u2019s MQTT integration has it.')),
  orderDurationS: z
    .number()
    .int()
    .min(60)
    .max(MOST_ORDER_S)
    .default(86_400)
    .meta(said('Orders hold for', 'What is set there ends by itself after so long.', 's')),
})

/** Names that are one level of a topic each. */
const sparkplug = z.strictObject({
  groupId: id.meta(said('Group', 'group_id of the topics below spBv1.0.')),
  edgeNodeId: id.meta(said('Edge node', 'edge_node_id, unique within the group.')),
  primaryHost: id
    .optional()
    .meta(said('Primary host', 'host_id of the application without which nothing is published there.')),
})

const port = z.number().int().min(1).max(65_535)
/** For a site that has none. It speaks MQTT 3.1.1 and keeps nothing over a restart. */
const innerBroker = z.strictObject({
  port: port.default(1883).meta(said('Port', 'On 127.0.0.1, for this machine alone.')),
  outside: z
    .strictObject({
      host: z.string().default('0.0.0.0').meta(said('Address', 'To listen on.')),
      port: port.default(8883).meta(said('Port', 'With TLS, by the certificate of the page.')),
    })
    .optional()
    .meta({ title: 'From other machines, with TLS and the password above' }),
})

export const mqtt = z.strictObject({
  url: z
    .string()
    .refine(isMqttUrl, expecting('mqtt-url'))
    .meta(said('MQTT broker', 'mqtt:// or mqtts:// URL.')),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_./-]{1,120}$/, expecting('topic-prefix'))
    .meta(said('Topic prefix', 'Of every topic Busbar writes.')),
  protocolVersion: z
    .union([z.literal(4), z.literal(5)])
    .default(4)
    .meta({
      ...said('Protocol', '4 = MQTT 3.1.1, 5 = MQTT 5.'),
      ...inWords({ 4: 'MQTT 3.1.1', 5: 'MQTT 5' }),
    }),
  tls: serverTrust.optional().meta({ title: 'TLS' }),
  commands: mqttCommands,
  broker: innerBroker.optional().meta({ title: 'Broker inside' }),
  homeAssistant: homeAssistant.optional().meta({ title: 'Home Assistant' }),
  sparkplug: sparkplug.optional().meta({ title: 'Sparkplug B' }),
  topics: mqttTopics.optional().meta({ title: 'QoS and retain by topic' }),
  username: z.string().optional().meta(said('User', 'At the broker.')),
  passwordSecret: id
    .optional()
    .meta(
      said('Password', 'The name of the entry in secrets.json that holds it; never the password itself.'),
    ),
})

function isWebSocketUrl(text: string): boolean {
  return isUrl(text, ['ws:', 'wss:'])
}

function isMqttUrl(text: string): boolean {
  return isUrl(text, ['mqtt:', 'mqtts:'])
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return protocols.includes(url.protocol) && url.username === '' && url.search === '' && url.hash === ''
}
