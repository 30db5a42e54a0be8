/**
 * Lines to meters over TLS (MODBUS/TCP Security): the configuration names files, the door to the bus wants what stands in them.
 * What was not read when the configuration came into force is not there: then the line stays closed.
 */
import type { MeterTrust } from '../core/config/security-keys.js'
import type { Bus, ClientTls } from '../ports.js'

export function securedLines(bus: Bus, tlsOf: (trust: MeterTrust) => ClientTls | undefined): Bus {
  return {
    ...(bus.identify !== undefined && { identify: bus.identify.bind(bus) }),
    connect: (connection, timeoutMs) =>
      connection.kind === 'rtu' || connection.tls === undefined
        ? bus.connect(connection, timeoutMs)
        : bus.connect(connection, timeoutMs, tlsOf(connection.tls)),
  }
}
