/** What the gateway knows of its links beside the sockets: the broker it has begun, the words of a mirror, what a disk refused. */
import type { SiteConfig } from '../core/config/site.js'
import type { Links } from '../core/view/link-view.js'
import { type MqttPublisher, startMqtt } from '../mqtt/publisher.js'
import type { ClientTls, Ports } from '../ports.js'
import type { StateKeeper } from './kept-state.js'
import type { SiteOrders } from './orders.js'
import type { SecurityRecord } from './security-record.js'
import type { SiteWindow } from './site-window.js'

/** Where passwords come from, and whose record tells of them. */
interface Passwords {
  readonly mqttPassword?: string
  secretNamed?(name: string): string | undefined
  readonly record?: SecurityRecord
}

/** Undefined where none is configured. */
export function startBroker(
  { mqttPassword, record, secretNamed }: Passwords,
  site: {
    readonly ports: Ports
    readonly config: SiteConfig
    readonly window: SiteWindow
    readonly orders: SiteOrders
    readonly tls: () => ClientTls | undefined
  },
): MqttPublisher | undefined {
  const { config, orders, ports, tls, window } = site
  if (config.mqtt === undefined) return undefined
  const { passwordSecret } = config.mqtt
  const password = passwordSecret === undefined ? undefined : (secretNamed?.(passwordSecret) ?? mqttPassword)
  return startMqtt({
    ...{ ports, config: config.mqtt, siteId: config.site.id, orders, tls },
    view: () => window.view(),
    ...(record !== undefined && { record }),
    ...(password !== undefined && { password }),
  })
}

export function mirrorPassword(
  { secretNamed }: Passwords,
  { csms }: SiteConfig,
  mirrorId: string,
): string | undefined {
  const name = csms?.mirrors.find(({ id }) => id === mirrorId)?.passwordSecret
  return name === undefined ? undefined : secretNamed?.(name)
}

export function keptFaults(keeper: StateKeeper): Pick<Links, 'stateLost' | 'stateFault'> {
  const fault = keeper.saveFault()
  return {
    ...(keeper.lost !== undefined && { stateLost: keeper.lost }),
    ...(fault !== undefined && { stateFault: fault }),
  }
}
