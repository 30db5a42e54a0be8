/**
 * What happens at the edges, in words every part understands: the controller decides by these events, MQTT and the
 * page show what follows from them. Times ending in `monoMs` are on the monotonic clock, `wallMs` on the wall clock.
 */
import type { PerPhase } from './site/phases.js'

export type ConnectorStatus =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEVSE'
  | 'SuspendedEV'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted'

export interface BootInfo {
  readonly vendor: string
  readonly model: string
  readonly serialNumber?: string
  readonly firmware?: string
}

/** A station's own measurement of one connector. Amps are in the connector's own phase order (own L1, L2, L3). */
export interface StationSample {
  readonly ownPhasesA?: PerPhase
  /** Amps without a phase: the same on every phase the car uses. */
  readonly currentA?: number
  readonly powerW?: number
  /** Energy.Active.Import.Register. */
  readonly energyWh?: number
  readonly voltageV?: number
}

/** What is known of a station's configuration keys; what follows from them is decided in station/configuration.ts. */
export interface StationConfiguration {
  /** Of the last whole reading. */
  readonly readWallMs?: number
  readonly keys: Readonly<Record<string, KnownKey>>
  readonly virtual: Readonly<Record<string, VirtualKey>>
  /** Set, and in force only after a reboot. */
  readonly rebootRequired: readonly string[]
  /** Values this station refused: not tried again before its firmware is another. */
  readonly refused: Readonly<Record<string, readonly string[]>>
  readonly firmware?: string
  /** What the CSMS (or an operator) has set since, by key: Busbar does not overrule it. */
  readonly chosen: Readonly<Record<string, string>>
}

export interface KnownKey {
  /** Absent: the station did not say (write-only). */
  readonly value?: string
  readonly readonly: boolean
}

/** A value of Busbar's in the place of the CSMS's. */
export interface VirtualKey {
  readonly set: string
  /** What the CSMS reads. */
  readonly csms: string
  /** In force; else only after the station's next reboot. */
  readonly active: boolean
}

export type StationEvent =
  | { readonly kind: 'connected'; readonly stationId: string }
  | { readonly kind: 'gone'; readonly stationId: string }
  /** The station restarted and was told Accepted (by the CSMS or by Busbar). */
  | { readonly kind: 'booted'; readonly stationId: string; readonly info: BootInfo }
  | {
      readonly kind: 'status'
      readonly stationId: string
      /** 0 = the station as a whole. */
      readonly connectorId: number
      readonly status: ConnectorStatus
      readonly errorCode: string
    }
  /** `transactionId` is the id the station knows. */
  | {
      readonly kind: 'transaction-started'
      readonly stationId: string
      readonly connectorId: number
      readonly transactionId: number
      readonly idTag: string
      readonly meterStartWh: number
      readonly startedWallMs: number
    }
  | {
      readonly kind: 'transaction-stopped'
      readonly stationId: string
      readonly connectorId: number
      readonly transactionId: number
    }
  /** The CSMS refused the tag of a running session, which goes on without energy beyond the allowance. */
  | {
      readonly kind: 'tag-refused'
      readonly stationId: string
      readonly connectorId: number
      readonly transactionId: number
      readonly allowanceWh: number
    }
  | {
      readonly kind: 'measured'
      readonly stationId: string
      readonly connectorId: number
      readonly sample: StationSample
    }
  /** A timestamp taken from a message the station has just sent: what its clock said then. */
  | { readonly kind: 'clock-seen'; readonly stationId: string; readonly stationWallMs: number }
  /** Smart-charging contract of the CSMS for this station changed (Set, Clear, RemoteStart, transaction end). */
  | { readonly kind: 'csms-profiles-changed'; readonly stationId: string }
  /** The station's configuration was read or changed, or is remembered from before. */
  | {
      readonly kind: 'configured'
      readonly stationId: string
      readonly configuration: StationConfiguration
    }
  | { readonly kind: 'upstream'; readonly stationId: string; readonly state: UpstreamState }

/** `none` = no csms configured. */
export type UpstreamState = 'open' | 'away' | 'none'

export type MeterQuality = 'fresh' | 'stale' | 'absent'

/** One poll of a site meter, or the news that it has none. */
export interface MeterReading {
  readonly meterId: string
  /** When the words were read. */
  readonly monoMs: number
  /** Signed: import positive. Undefined when the poll failed or a needed value was missing or implausible. */
  readonly currentA?: PerPhase
  readonly powerW?: PerPhase
  readonly voltageV?: PerPhase
  readonly totalPowerW?: number
  readonly frequencyHz?: number
  readonly importWh?: number
  readonly exportWh?: number
  /** Why there is no current: "timeout", "exception 2", "not plausible: 9000 A". */
  readonly fault?: string
}
