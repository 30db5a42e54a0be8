/** What a changed configuration key does at once to a running station (OCPP 1.6 §9). Must not know who changed it. */
import type { Configuration } from './configuration.js'

export interface KeyHost {
  readonly configuration: Configuration
  readonly registration: { restartHeartbeats(): void }
  readonly link: { restartPings(): void }
  readonly aligned: { restart(): void }
  readonly connectors: readonly { restartSampling(): void }[]
  readonly vendor: { restartHealth(): void }
  /** One character per octet. */
  passwordSet(password: string): void
}

export function takeEffect(key: string, host: KeyHost): void {
  switch (key) {
    case 'HeartbeatInterval':
      host.registration.restartHeartbeats()
      return
    case 'WebSocketPingInterval':
      host.link.restartPings()
      return
    case 'ClockAlignedDataInterval':
      host.aligned.restart()
      return
    case 'MeterValueSampleInterval':
      for (const connector of host.connectors) connector.restartSampling()
      return
    case 'EnableSystemHealth':
      host.vendor.restartHealth()
      return
    case 'AuthorizationKey':
      host.passwordSet(octetsOf(host.configuration.text('AuthorizationKey') ?? ''))
  }
}

function octetsOf(hex: string): string {
  const bytes = hex.match(/[0-9A-Fa-f]{2}/g) ?? []
  return String.fromCharCode(...bytes.map(pair => Number.parseInt(pair, 16)))
}
