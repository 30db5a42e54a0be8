/** What the gateway knows of its links beside the sockets: the broker it has begun, the words of a mirror, what a disk refused. */
import type { SiteConfig } from '../core/config/site.js'
import type { Links } from '../core/view/link-view.js'
import { sessionEvent } from '../core/view/site-events.js'
import { type EventSource, type MqttPublisher, startMqtt } from '../mqtt/publisher.js'
import { withEdgeNode } from '../mqtt/sparkplug/beside.js'
import type { Ports } from '../ports.js'
import { mqttSchemas } from '../web/mqtt-schemas.js'
import type { AlarmRecords } from './alarm-records.js'
import type { StateKeeper } from './kept-state.js'
import type { SiteOrders } from './orders.js'
import type { SecurityRecord } from './security-record.js'
import type { SessionRecords } from './session-records.js'
import type { SiteWindow } from './site-window.js'
import type { SiteSecurity } from './station-security.js'

/** Where passwords come from, and whose record tells of them. */
interface Passwords {
  readonly mqttPassword?: string
  secretNamed?(name: string): string | undefined
  readonly record?: SecurityRecord
}

export function brokerPassword(
  { mqttPassword, secretNamed }: Passwords,
  { mqtt }: SiteConfig,
): string | undefined {
  const name = mqtt?.passwordSecret
  return name === undefined ? undefined : (secretNamed?.(name) ?? mqttPassword)
}

/** Undefined where none is configured. */
export function startBroker(
  passwords: Passwords,
  site: {
    readonly ports: Ports
    readonly config: SiteConfig
    readonly window: SiteWindow
    readonly orders: SiteOrders
    readonly sessions: SessionRecords
    readonly alarms: AlarmRecords
    readonly security: Pick<SiteSecurity, 'brokerTls'>
  },
): MqttPublisher | undefined {
  const { alarms, config, orders, ports, security, sessions, window } = site
  if (config.mqtt === undefined) return undefined
  const password = brokerPassword(passwords, config)
  const link = {
    ...{ ports, config: config.mqtt, siteId: config.site.id },
    tls: () => security.brokerTls(),
    view: () => window.view(),
    ...(password !== undefined && { password }),
  }
  const publisher = startMqtt({
    ...{ ...link, orders },
    stations: ids => window.stations(ids),
    events: eventSources(sessions, alarms, passwords.record),
    schemas: () => new Map([...mqttSchemas()].map(([name, schema]) => [name, JSON.stringify(schema)])),
  })
  return withEdgeNode(publisher, link)
}

function eventSources(
  sessions: SessionRecords,
  alarms: AlarmRecords,
  record: SecurityRecord | undefined,
): readonly EventSource[] {
  return [
    { onEvent: told => sessions.news.listen(entry => told('session', sessionEvent(entry))) },
    { onEvent: told => alarms.news.listen(event => told('alarm', event)) },
    ...(record === undefined
      ? []
      : [{ onEvent: (told: Told) => record.onEntry(entry => told('security', entry)) }]),
  ]
}

type Told = Parameters<EventSource['onEvent']>[0]

export function mirrorPassword(
  { secretNamed }: Passwords,
  { csms }: SiteConfig,
  mirrorId: string,
): string | undefined {
  const name = csms?.mirrors.find(({ id }) => id === mirrorId)?.passwordSecret
  return name === undefined ? undefined : secretNamed?.(name)
}

export function keptFaults(
  keeper: StateKeeper,
  secretsLost: string | undefined,
): Pick<Links, 'stateLost' | 'stateFault' | 'secretsLost'> {
  const fault = keeper.saveFault()
  return {
    ...(secretsLost !== undefined && { secretsLost }),
    ...(keeper.lost !== undefined && { stateLost: keeper.lost }),
    ...(fault !== undefined && { stateFault: fault }),
  }
}
