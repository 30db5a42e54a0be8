/**
 * The MQTT tree: which topic carries what, as a pure function of the site view. One retained JSON object per topic, the
 * keys of `core/view/document.ts` with their units at the end; `...A` lists are site phases L1, L2, L3. No idTags. Must not know
 * the broker.
 */
import type { SiteView, StationView } from '../core/view/document.js'

/** Every topic below the configured prefix; ids have % + # / percent-encoded. All retained, QoS 1. */
export const TOPIC_TABLE = [
  ['status', '"online" when all below is current, "offline" (last will) when Busbar is gone; plain text'],
  ['site', 'mode, number of alarms, CSMS link, number of stations connected'],
  [
    'alarms',
    'every degraded mode that holds: code, about, text, since, who took note; the first 50, and how many',
  ],
  [
    'retired',
    'stations that are no longer configured and still booked: circuits, connectors, booked A per phase',
  ],
  [
    'learning',
    'until when unknown stations may connect, and those let in: boot data, connectors, address, since, booked A',
  ],
  [
    'limits',
    'limits from outside that are in force: source, id, target, A or W, since, until, reason, whether it binds',
  ],
  ['refused', 'stations that were not let in: identity or path, reason, count, last time and address'],
  [
    'circuits/<id>',
    'rating, limit, measured, other load, booked and headroom in A per phase, W, lifetime Wh, and what the limit is made up of',
  ],
  [
    'meters/<id>',
    'quality (fresh, stale, absent), when these values were read first, A and V per phase, W, Wh, unit and address, fault, frozen',
  ],
  [
    'stations/<id>',
    'model, circuit, connected or gone since when, W, lifetime Wh, CSMS link (state, why, since, next try), boot data, what its configuration lacks',
  ],
  [
    'stations/<id>/connectors/<n>',
    'status, transaction with its Wh, allocation, booked and measured A, W, lifetime Wh, and why: the chain of reasons',
  ],
] as const

/** What happens, below `event/`; never retained. */
export const EVENT_TABLE = [
  ['session', 'a session has started or ended: where, when, Wh, duration, who ended it'],
  ['alarm', 'an alarm has begun, was taken note of, or is over'],
  ['security', 'each entry of the security record'],
] as const

/** The folders below the prefix whose topics come and go with the configuration. */
export const TOPIC_FOLDERS = ['circuits', 'meters', 'stations'] as const

/** A site in trouble can have an alarm per station; the first tell enough, `count` has the number. */
const MAX_ALARMS = 50

/** Topic of the last will and of "online". */
export function statusTopic(prefix: string): string {
  return `${prefix}/status`
}

/** All topics but `status`, with the JSON text each must have now. */
export function topicsOf(prefix: string, view: SiteView): ReadonlyMap<string, string> {
  const topics = new Map<string, string>()
  const put = (path: readonly (string | number)[], value: object) =>
    topics.set([prefix, ...path].join('/'), jsonOf(value))
  put(['site'], siteOf(view))
  put(['alarms'], { count: view.alarms.length, alarms: view.alarms.slice(0, MAX_ALARMS) })
  put(['retired'], { stations: view.retiredStations })
  put(['learning'], view.learning)
  put(['limits'], { limits: view.limits })
  put(['refused'], { stations: view.refusedStations })
  for (const circuit of view.circuits) put(['circuits', encoded(circuit.id)], circuit)
  for (const meter of view.meters) put(['meters', encoded(meter.id)], meter)
  for (const [topic, text] of stationTopics(prefix, view.stations)) topics.set(topic, text)
  return topics
}

/** Those of some stations. */
export function stationTopics(prefix: string, stations: readonly StationView[]): ReadonlyMap<string, string> {
  const topics = new Map<string, string>()
  for (const station of stations) {
    const path = `${prefix}/stations/${encoded(station.id)}`
    topics.set(path, jsonOf(stationOf(station)))
    for (const connector of station.connectors)
      topics.set(`${path}/connectors/${connector.id}`, jsonOf(connector))
  }
  return topics
}

/** An id as one topic level that no wildcard or level separator can hide in. */
export function encoded(id: string): string {
  return id.replaceAll(/[%+#/]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function siteOf({ siteId, mode, alarms, csms, stations }: SiteView) {
  return {
    id: siteId,
    mode,
    alarmCount: alarms.length,
    csms: { state: csms.state, openLinks: csms.openLinks, waitingMessages: csms.waitingMessages },
    stationCount: stations.length,
    connectedStationCount: stations.filter(station => station.connected).length,
  }
}

function stationOf({ connectors, ...station }: StationView) {
  return { ...station, connectorIds: connectors.map(connector => connector.id) }
}

/** Hundredths are finer than any meter is; the rest is noise that would be sent each second. */
function jsonOf(value: object): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'number' ? Math.round(inner * 100) / 100 : inner,
  )
}
