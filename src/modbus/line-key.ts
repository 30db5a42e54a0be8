/** Which meters share one wire. Two modes on one port are one wire too. */
import type { BusConnection } from '../ports.js'

export function lineKey(connection: BusConnection): string {
  return connection.kind === 'rtu' ? connection.path : `${connection.host}:${connection.port}`
}
