/**
 * What happens at the edges, in words every part understands: the controller decides by these events, MQTT and the
 * page show what follows from them. Times ending in `monoMs` are on the monotonic clock, `wallMs` on the wall clock.
 */
import { TLS_FAULTS } from './security/tls-fault.js'
import type { KnownPerPhase, PerPhase } from './site/phases.js'

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
  /** A phase that was not reported is unknown. */
  readonly ownPhasesA?: KnownPerPhase
  /** Amps without a phase: the same on every phase the car uses. */
  readonly currentA?: number
  /** All phases together. */
  readonly powerW?: number
  readonly ownPhasesW?: KnownPerPhase
  /** Energy.Active.Import.Register. */
  readonly energyWh?: number
  readonly voltageV?: number
  /** The station's own time of it: how far two samples are apart, also when one of them waited on its way. */
  readonly stationWallMs?: number
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
  /** Of keys Busbar has changed that are not virtual: the value it found. */
  readonly found?: Readonly<Record<string, string>>
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
  /** `remote`: address, told of a station that is not configured. */
  | { readonly kind: 'connected'; readonly stationId: string; readonly remote?: string }
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
      /** Undefined where it says nothing that can be. */
      readonly meterStartWh: number | undefined
      readonly startedWallMs: number
      /** Its Start was never seen: known by a sample that names it. `meterStartWh` says nothing then. */
      readonly adopted?: true
    }
  | {
      readonly kind: 'transaction-stopped'
      readonly stationId: string
      readonly connectorId: number
      readonly transactionId: number
      /** What its StopTransaction said; absent where none has come. */
      readonly stopped?: TransactionEnd
    }
  /** The CSMS refused the tag of a running session, which goes on without energy beyond the allowance. */
  | {
      readonly kind: 'tag-refused'
      readonly stationId: string
      readonly connectorId: number
      readonly transactionId: number
      readonly allowanceWh: number
    }
  /** The CSMS has accepted the tag of a session that had gone on without energy. */
  | {
      readonly kind: 'tag-accepted'
      readonly stationId: string
      readonly connectorId: number
      readonly transactionId: number
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

export interface TransactionEnd {
  /** OCPP 1.6 §7.36; absent = Local. */
  readonly reason?: string
  readonly wallMs?: number
  /** From its register; absent where that says nothing. */
  readonly energyWh?: number
  /** Busbar had asked for it: the CSMS has refused the tag. */
  readonly byBusbar?: true
}

/** `none` = no csms configured. */
export type UpstreamState = 'open' | 'away' | 'none'

/** What stood in the way of the link to the CSMS: the layer that failed, or what was answered. */
export const CSMS_LINK_REASONS = [
  'dns',
  'tcp',
  'tls',
  'timeout',
  'handshake',
  'unauthorized',
  'forbidden',
  'not-found',
  'status',
  'sub-protocol',
  'closed',
  'silent',
  ...TLS_FAULTS.map(fault => `tls-${fault}` as const),
] as const
export type CsmsLinkReason = (typeof CSMS_LINK_REASONS)[number]

/** One station's link to the CSMS, for people. `since` counts from when it last came up or went down, not from the last try. */
export interface CsmsLinkStatus {
  /** `silent`: the socket is open and nobody answers. `idle`: not wanted, the station is not here. */
  readonly state: 'open' | 'silent' | 'connecting' | 'waiting' | 'idle' | 'none'
  readonly reason?: CsmsLinkReason
  /** "connect ECONNREFUSED 10.0.0.5:443", "certificate has expired", "503". */
  readonly detail?: string
  readonly sinceWallMs: number
  readonly nextTryWallMs?: number
}

/** Monotonic totals of one mirror. */
export interface MirrorTotals {
  readonly sent: number
  /** CALLRESULTs, counted and dropped. */
  readonly answered: number
  /** CALLERRORs, likewise. */
  readonly refused: number
  readonly unanswered: number
  /** Messages given up because too much waited. */
  readonly dropped: number
  /** CALLs of the mirror, all of them refused. */
  readonly ordersRefused: number
  readonly badFrames: number
}

/** A further CSMS that is only told what stations say. */
export interface MirrorStatus {
  readonly id: string
  readonly url: string
  readonly waiting: number
  readonly waitingChars: number
  /** Of the stations for which one is wanted. */
  readonly links: readonly CsmsLinkStatus[]
  readonly totals: MirrorTotals
}

/** What "try now" came to: `idle` = no link is wanted, the station is not here. */
export type TryOutcome = 'trying' | 'open' | 'idle' | 'none'

/** `refused`: the broker answered and said no. */
export const BROKER_FAULTS = ['refused', 'dns', 'tcp', 'tls', 'timeout', 'closed', 'other'] as const
export type BrokerFault = (typeof BROKER_FAULTS)[number]

export interface BrokerStatus {
  readonly state: 'connected' | 'away'
  readonly reason?: BrokerFault
  /** "not authorized", "connect ECONNREFUSED 10.0.0.5:1883". */
  readonly detail?: string
  readonly sinceWallMs: number
  readonly nextTryWallMs?: number
}

/** Why a connection of a station was not let in. */
export const STATION_REFUSALS = [
  'wrong-path',
  'unknown-station',
  'too-many-unknown',
  'no-password',
  'password-unknown',
  'wrong-password',
  'too-many-tries',
  'sub-protocol',
  'second-connection',
  'repeated-header',
  'leads-back',
  'csms-refused',
  'downgrade',
  'no-certificate',
  'certificate-of-another',
  ...TLS_FAULTS.map(fault => `tls-${fault}` as const),
] as const
export type StationRefusal = (typeof STATION_REFUSALS)[number]

export interface RefusedStation {
  /** Absent where the path names none. */
  readonly stationId?: string
  /** As it came, cut. */
  readonly path: string
  readonly reason: StationRefusal
  readonly count: number
  readonly lastWallMs: number
  /** Address of the last one, without port. */
  readonly remote: string
}

export type MeterQuality = 'fresh' | 'stale' | 'absent'

/** One poll of a site meter, or the news that it has none. */
/** How the line to one meter does, since the start. */
export interface MeterTraffic {
  readonly requests: number
  readonly timeouts: number
  /** By Modbus exception code. */
  readonly exceptions: Readonly<Record<string, number>>
  /** Answers whose checksum did not fit. */
  readonly crcErrors: number
  /** Answers, or bytes of one, that nobody had asked for: late, doubled, of another master. */
  readonly staleReplies: number
  /** Broken connections and answers that are no Modbus. */
  readonly failures: number
  /** From request to answer, over the last hundred or so. */
  readonly latencyMs?: { readonly mean: number; readonly max: number }
}

export interface MeterReading {
  readonly meterId: string
  /** When the words were read. */
  readonly monoMs: number
  /** Signed: import positive. Undefined when the poll failed or a needed value was missing or implausible. */
  readonly currentA?: PerPhase
  /** Of a meter made of others, whose parts were read at different moments: not less than this, at most `currentA`. */
  readonly lowerA?: PerPhase
  readonly powerW?: PerPhase
  readonly voltageV?: PerPhase
  /** -1..1, with the sign of the active power; undefined where the meter says none. */
  readonly powerFactor?: KnownPerPhase
  readonly totalPowerW?: number
  readonly frequencyHz?: number
  readonly importWh?: number
  readonly exportWh?: number
  /** The meter's own clock, or a counter of its running time, s: of any beginning. */
  readonly clockS?: number
  /** Why there is no current: "timeout", "exception 2", "not plausible: 9000 A". */
  readonly fault?: string
}
