/**
 * What the OCPP edge needs from the gateway and offers to it. The edge owns sockets, queues, transaction mapping and
 * the store-and-forward journal; it never decides about amps.
 */
import type { Answer, CallOutcome, ErrorCode } from '../core/answer.js'
import type { SiteConfig } from '../core/config/site.js'
import type { VendorMessage } from '../core/config/station-model.js'
import type {
  BootInfo,
  CsmsLinkStatus,
  MirrorStatus,
  RefusedStation,
  StationEvent,
  StationRefusal,
  TryOutcome,
  UpstreamState,
} from '../core/events.js'
import type { Bounds } from '../core/offline/budget.js'
import type { DeadLetter, EnergyTally, ShedRecord, StationStore } from '../core/offline/records.js'
import type { OperatorTag } from '../core/offline/site-tags.js'
import type { GuardedKeys } from '../core/policy/guarded-keys.js'
import type { ExpectedName } from '../core/security/certificate-identity.js'
import type { SecurityProfile } from '../core/security/security-profile.js'
import type { VirtualKey } from '../core/security/uplift-keys.js'
import type { TracedFrame } from '../core/station/message-trace.js'
import type { CertificateHashes, ClientTls, Ports, ServerTls, Stoppable } from '../ports.js'

export interface OcppDeps {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'secrets' | 'network' | 'log'>
  readonly config: SiteConfig
  /** What must outlive a restart; `openStationStore(ports.journal, ports.log)` of store/. */
  readonly store: StationStore
  /** Password of a station as raw bytes, when one is set (secrets.json). */
  passwordOf(stationId: string): Uint8Array | undefined
  /** What `passwordOf` would say could not be read. */
  arePasswordsLost?(): boolean
  /** What the stations' connections to this mirror show as their password; nothing where absent. */
  mirrorPasswordOf?(mirrorId: string): string | undefined
  /** DataTransfers of this station that may be kept while the CSMS is away. */
  offlineDataTransferOf(stationId: string): readonly VendorMessage[]
  /** What the station's model says about keys that touch limits or the connection. */
  guardedKeysOf(stationId: string): GuardedKeys
  readonly desk: SmartChargingDesk
  /** How much may wait for the CSMS; what `core/offline/budget` says where absent. */
  readonly bounds?: Bounds
  /** Characters of unanswered CALLs over all peers; what wire/incoming-room says where absent. */
  readonly maxIncomingChars?: number
  /** Why what lies in the journal may not go up; undefined when it may (proxy rule 17). */
  replayHold?(): string | undefined
  /** False: it runs without what lies on the disk; absent = all of it was read. */
  readonly hasJournal?: boolean
  /** Busbar's own time is right as far as it can know; absent = it is (control rule 6). */
  isClockTrusted?(): boolean
  on(event: StationEvent): void
  /** Absent: passwords of stations do not change. */
  readonly passwords?: StationPasswords
  /** Absent: nothing is encrypted and nothing demanded beyond the profile of the port. */
  readonly security?: StationSecurity
  /** What a station says that is let in to be known and is not configured. */
  onLearner(event: StationEvent): void
}

/** Passwords of stations that are kept here, as octets, also while they change. */
export interface StationPasswords {
  current(stationId: string): Uint8Array | undefined
  /** Told to the station, and not used by it yet. */
  next(stationId: string): Uint8Array | undefined
  /** For the link to the CSMS; undefined = none is shown. */
  upstream(stationId: string): Uint8Array | undefined
  /** Before the station is told; false when it is not on the disk, and then nothing must be told. */
  propose(stationId: string, next: Uint8Array): Promise<boolean>
  /** Of the link to the CSMS alone; the station is told nothing. False when it is not on the disk. */
  keepUpstream(stationId: string, next: Uint8Array): Promise<boolean>
  /** What the station said to it, and whose order it was; settles before that one is answered. */
  decided(stationId: string, outcome: 'taken' | 'refused' | 'unknown', by: 'csms' | 'operator'): Promise<void>
  /** The station has shown the next one, written like this. */
  cameBack(stationId: string, sent: Uint8Array): void
}

/** What the gateway knows of profiles and certificates. Asked at each handshake and each dial. */
export interface StationSecurity {
  /** What a port of this profile shows; only for profiles with TLS. */
  serverTls(profile: SecurityProfile): ServerTls | undefined
  /** For the link of this station to the CSMS; undefined = the system's roots, no client certificate. */
  clientTls(stationId: string): ClientTls | undefined
  /** The station is not let in with less. */
  leastProfileOf(stationId: string): SecurityProfile
  expectedNameOf(stationId: string): ExpectedName
  isRevoked(sha256: string): boolean
  /** The clock cannot be trusted, and this station was known before. */
  mayBeOutOfTime(stationId: string): boolean
  /** The station has proven itself on a port of this profile. */
  proven(stationId: string, profile: SecurityProfile): void
  /** Whether a station's request is signed here: there is no CSMS, it has to do with the cabinet alone, or the configuration says so. */
  signsHere(stationId: string): boolean
  /** A station's certificate request, signed; undefined when it is not, which is in the log. */
  sign(stationId: string, requestPem: string): Promise<string | undefined>
  /** Told when `serverTls` has become another. */
  onRenewed(told: () => void): void
  /** What the CSMS manages of its link to this station; undefined = the station has it for itself. */
  upliftOf?(stationId: string): StationUplift | undefined
}

/** The link of a lifted station to the CSMS, as the CSMS manages it. What is answered is on the disk. */
export interface StationUplift {
  keys(): readonly VirtualKey[]
  /** Undefined = the key is the station's; false = refused. */
  change(key: string, value: string): Promise<boolean> | undefined
  /** A certificate request for a new key, PEM; undefined when the key could not be kept. */
  request(): Promise<string | undefined>
  /** The same where the certificate ends within 30 days and none was asked for within one; else undefined. */
  renewal(): Promise<string | undefined>
  /** Why the certificate is not taken; undefined when it is, and shown from the next dial on. */
  certificateSigned(chainPem: string): Promise<string | undefined>
  installRoot(pem: string): Promise<'Accepted' | 'Rejected' | 'Failed'>
  deleteRoot(hashes: CertificateHashes): Promise<'Accepted' | 'Failed' | 'NotFound'>
  roots(): Promise<readonly CertificateHashes[]>
}

/**
 * The smart-charging contract, answered here as a spec-true station would (control rule 8). Transaction ids in the
 * payloads are already the station's. Answers after what they changed is durable.
 */
export interface SmartChargingDesk {
  setChargingProfile(stationId: string, payload: unknown): Promise<Answer>
  clearChargingProfile(stationId: string, payload: unknown): Promise<Answer>
  getCompositeSchedule(stationId: string, payload: unknown): Promise<Answer>
  /** Judges a RemoteStart's chargingProfile: `undefined` = accepted and kept pending, else the refusal to answer. */
  offerRemoteStartProfile(
    stationId: string,
    idTag: string,
    connectorId: number | undefined,
    profile: unknown,
  ): Promise<Answer | undefined>
  /** The station refused the RemoteStart, or did not answer it. */
  dropRemoteStartProfile(stationId: string, idTag: string): void
  /** Of a station that its CSMS drives: nothing of Busbar's lies there any more, and its circuits carry it at its maximum. */
  isHandedOver(stationId: string): boolean
}

export interface OcppEdge extends Stoppable {
  /** Of the first listener. */
  readonly port: number
  /** Of all listeners, in the order of the configuration. */
  readonly ports: readonly number[]
  /**
   * Stations of this configuration from now on, and its CSMS; those that are as they were keep their connection. Rejects when
   * the store cannot be read: then some stations have no session.
   */
  reconfigure(next: SiteConfig): Promise<void>
  /** Ends the connections that were opened with this certificate; how many those were. */
  revoked(sha256: string): number
  /** Sends Busbar's own CALL to a station; `closed` at once when it is not connected. Counts as unanswered after `timeoutMs`. */
  call(stationId: string, call: OwnCall, done: (outcome: CallOutcome) => void): void
  /**
   * An operator's command, by the same table as a CSMS's; transaction ids are the station's. What would not fit is
   * answered as an error and not sent; `closed` = unknown or not connected.
   */
  command(stationId: string, action: string, payload: unknown): Promise<CallOutcome>
  /** Why a command would not be sent; undefined when it would. */
  commandFault(stationId: string, action: string, payload: unknown): CommandFault | undefined
  station(stationId: string): StationLinkState | undefined
  /** The last frames between it and Busbar, oldest first. */
  frames(stationId: string): readonly TracedFrame[]
  /** Dials the CSMS for this station now, whatever the wait; undefined = no such station. */
  tryCsms(stationId: string): TryOutcome | undefined
  /** The same for all that are not linked, spread over seconds; how many those are. */
  tryCsmsForAll(): number
  /** Sets back every key that Busbar has changed, and changes none any more; [] where no station of that name is. */
  release(stationId: string): Promise<readonly KeyRestored[]>
  /** Keys are set as control needs them again. */
  takeBack(stationId: string): void
  /** Opens the 15 minutes in which stations that are not configured may connect, or ends them. */
  learn(open: boolean): void
  /** How long they still last; undefined = they may not. */
  learningForMs(): number | undefined
  /** Who was not let in since the start, the latest first; bounded. */
  refused(): readonly RefusedStation[]
  /** Attempts that were not let in, since the start. */
  refusals(): ReadonlyMap<StationRefusal, number>
  /** The operator's own list of tags, for the whole site, in the order of the tags. */
  operatorTags(): readonly OperatorTag[]
  /** Puts another in its place, which holds once it is durable; false when the disk failed. */
  setOperatorTags(entries: readonly OperatorTag[]): Promise<boolean>
  /** Transaction messages kept for the CSMS, over all stations. */
  /** Transaction messages kept for the CSMS, over all stations, also those no longer configured. */
  waitingMessages(): number
  /** What waits, per station; stations no longer configured last. */
  backlog(): readonly StationBacklog[]
  /** Looks at what waits again, for every station. */
  drain(): void
  /** What the CSMS would not take, oldest first per station. Rejects when the disk fails. */
  deadLetters(): Promise<readonly DeadLetter[]>
  /**
   * Sends the session of this dead letter again, whole or without its Start (transactionId -1); how many messages; undefined =
   * no such station or letter. Rejects when the disk fails: then nothing has changed.
   */
  resend(stationId: string, seq: number, how: 'whole' | 'without-start'): Promise<number | undefined>
  /** The CSMS will never have the session of this dead letter; answers like `resend`. */
  giveUp(stationId: string, seq: number, by: string): Promise<number | undefined>
  readonly counters: OcppCounters
  /** Unanswered CALLs of all peers together, and whether that was too much within the last minute. */
  incoming(): { readonly chars: number; readonly isOverfull: boolean }
  /** As configured; empty without any. */
  mirrors(): readonly MirrorStatus[]
}

/** What waits for the CSMS at one station. */
export interface StationBacklog {
  readonly stationId: string
  readonly isConfigured: boolean
  readonly waiting: number
  readonly bytes: number
  readonly oldestWallMs?: number
  readonly deadLetters: number
  readonly openTransactions: number
  /** Of these, known to the CSMS by another id than to the station. */
  readonly mappedTransactions: number
  /** Nothing more can be kept for it. */
  readonly isExhausted: boolean
  /** False while the disk is in doubt: nothing of this station is acknowledged here. */
  readonly isSure: boolean
  readonly shed?: ShedRecord
  readonly energy: EnergyTally
}

export type CommandFault = { readonly kind: 'unknown-station' } | UnfitCommand

/** The action or its payload is not what OCPP 1.6 knows. */
export interface UnfitCommand {
  readonly kind: 'unfit'
  readonly code: ErrorCode
  readonly path: string
  readonly found: string
  readonly expected: string
}

export interface OwnCall {
  readonly action: string
  readonly payload: object
  readonly timeoutMs: number
  readonly urgency?: 'urgent' | 'first' | 'normal'
  readonly coalesce?: string
  /** An answer that comes after it has ended as `timeout`; at most once. */
  readonly late?: (answer: Answer) => void
}

/** A key as it was found and is again, or is not, by what the station said to it. */
export interface KeyRestored {
  readonly key: string
  readonly value: string
  readonly status: 'Accepted' | 'RebootRequired' | 'Rejected' | 'NotSupported' | 'NoAnswer'
}

export interface StationLinkState {
  readonly connected: boolean
  readonly sinceWallMs: number
  readonly upstream: UpstreamState
  readonly csms: CsmsLinkStatus
  /** As it last said itself, whenever that was. */
  readonly boot: BootInfo | undefined
}

/** Monotonic totals for /metrics. */
export interface OcppCounters {
  readonly callsFromStations: number
  readonly callsFromCsms: number
  readonly schemaViolations: number
  readonly droppedFrames: number
  readonly unknownAnswers: number
  readonly answeredHere: number
  /** MeterValues that only Busbar wanted: not forwarded. */
  readonly ownSamples: number
  /** CALLs of stations with leniencies in which something was repaired. */
  readonly repairedCalls: number
  readonly replayed: number
  readonly deadLetters: number
  readonly shedMeterValues: number
  readonly shedSecurityEvents: number
  /** Transaction messages left unanswered because nothing more could be kept. */
  readonly leftUnanswered: number
  /** Answers of the CSMS that came after their slot was given up. */
  readonly lateAnswers: number
  /** Answers of the CSMS to a message that was answered before. */
  readonly doubledAnswers: number
  /** Connections over the bound of the OCPP port. */
  readonly turnedAway: number
  /** What came to the OCPP port and was no WebSocket. */
  readonly strangers: number
  /** Boots held for a while because they came too often, and orders refused for the same reason. */
  readonly damped: number
}
