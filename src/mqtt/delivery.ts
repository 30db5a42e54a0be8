/**
 * How each group of topics goes to the broker: QoS and retain as configured, and whether it is said again each minute.
 * Must not know what the topics carry.
 */
import type { SiteConfig } from '../core/config/site.js'
import type { Delivery } from '../ports.js'

type MqttConfig = NonNullable<SiteConfig['mqtt']>
type Topics = NonNullable<MqttConfig['topics']>

/** `isRepeated`: sent again within a minute although nothing is new. */
export interface TopicDelivery extends Delivery {
  readonly isRepeated: boolean
}

const KEPT: Delivery = { qos: 1, retain: true }

/** What follows the site; the rest of the tree is about Busbar itself. */
const GROUPS: Readonly<Record<string, keyof Omit<Topics, 'events'>>> = {
  circuits: 'circuits',
  meters: 'meters',
  stations: 'stations',
  ...{ site: 'site', alarms: 'site', limits: 'site', retired: 'site', learning: 'site', refused: 'site' },
}

/** Of one topic of the state. What describes (schemas, discovery) is said once; `status` has to work with the last will. */
export function deliveryOf({ prefix, topics }: MqttConfig, topic: string): TopicDelivery {
  const first = topic.startsWith(`${prefix}/`) ? topic.slice(prefix.length + 1).split('/', 1)[0] : undefined
  if (first === 'status') return { ...KEPT, isRepeated: true }
  const group = first === undefined ? undefined : GROUPS[first]
  if (group === undefined) return { ...KEPT, isRepeated: false }
  return { ...KEPT, ...topics?.[group], isRepeated: true }
}

/** An event is told once, to who listens. */
export function eventDelivery({ topics }: MqttConfig): Delivery {
  return { qos: topics?.events?.qos ?? 1, retain: false }
}
