/**
 * What the journeys of one station share: its memory, its legs, the site's transaction book. Wiring only; each
 * journey (journeys/, transactions/) holds its own rules.
 */
import type { Answer } from '../core/answer.js'
import type { VendorMessage } from '../core/config/station-model.js'
import type { StationEvent } from '../core/events.js'
import type { Budget } from '../core/offline/budget.js'
import type { CsmsHealth } from '../core/offline/delivery.js'
import type { LedgerEntry, StationStore, StoreChange } from '../core/offline/records.js'
import type { TransactionBook } from '../core/offline/transactions.js'
import type { OwnClock } from '../core/offline/unset-times.js'
import type { GuardedKeys } from '../core/policy/guarded-keys.js'
import type { Ports } from '../ports.js'
import type { Upstream } from './csms/upstream.js'
import type { OcppCounters, SmartChargingDesk, StationPasswords, StationSecurity } from './edge.js'
import type { RememberedStation } from './station/remembered-station.js'
import type { FrameKind } from './wire/call-leg.js'
import type { IncomingRoom } from './wire/incoming-room.js'
import type { Leg } from './wire/leg.js'

export type Counters = { -readonly [K in keyof OcppCounters]: OcppCounters[K] }

/** A frame that came to nothing, on either leg. */
export function countFrame(counters: Counters, kind: FrameKind): void {
  if (kind === 'unknown-answer') counters.unknownAnswers++
  else if (kind !== 'call' && kind !== 'result' && kind !== 'error') counters.droppedFrames++
}

export interface SessionParts {
  readonly stationId: string
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>
  readonly desk: SmartChargingDesk
  readonly remembered: RememberedStation
  readonly book: TransactionBook
  readonly ledger: Ledger
  readonly store: StationStore
  readonly upstream: Upstream
  readonly configuration: ConfigurationKeeper
  /** What Busbar itself has asked the station to send. */
  readonly provoked: ProvokedMessages
  readonly counters: Counters
  /** Of all legs of the site. */
  readonly room: IncomingRoom
  /** Who else is told what it says (proxy rule 18). */
  readonly mirrors: StationMirrors | undefined
  /** Of the whole site. */
  readonly budget: Budget
  readonly health: CsmsHealth
  /** Who may send of what lies on the disk (transactions/turns.ts). */
  readonly turns: { join(run: () => void): void }
  /** Whether this machine's clock is set. */
  readonly ownClock: OwnClock
  /** Why nothing of the journal may go up (proxy rule 17); undefined when it may. */
  replayHold(): string | undefined
  /** What waits for the CSMS is known; without it a session may have begun that the CSMS has not heard of. */
  readonly hasJournal: boolean
  /** See OcppDeps. */
  isClockTrusted(): boolean
  on(event: StationEvent): void
  /** It may be answered from here: it is known to be who it says (proxy rule 8). */
  isProven(): boolean
  /** The station's password is kept here, not by the CSMS. */
  holdsPassword(): boolean
  /** What `holdsPassword` would say could not be read. */
  arePasswordsLost(): boolean
  /** The station has shown a password or a certificate that was judged here. */
  isAuthenticated(): boolean
  /** Absent: passwords kept here do not change. */
  readonly passwords: StationPasswords | undefined
  readonly security: Pick<StationSecurity, 'leastProfileOf' | 'signsHere' | 'sign' | 'upliftOf'>
  /** Security profiles of the ports there are. */
  readonly doors: ReadonlySet<number>
  readonly certificate: CertificateKeeper
  readonly guardedKeys: GuardedKeys
  /** Its CSMS drives it: profiles pass, and no key is set here (proxy rule 19). */
  readonly isDrivenByCsms: boolean
  /** DataTransfers that may be kept while the CSMS is away. */
  readonly offlineDataTransfer: readonly VendorMessage[]
  /** What a connector can give, W. */
  ratedW(connectorId: number): number
  /** The leg to the station while it is connected. */
  down(): Leg | undefined
}

/** The lines of one station to the mirrors (mirrors/mirrors.ts). */
export interface StationMirrors {
  /** It is there and let in; `through`: the Busbars it has come through. */
  here(through: string | undefined): void
  gone(): void
  /** After whoever it is for has been told. */
  saw(action: string, payloadText: string): void
}

/** The book of sessions where no CSMS is configured (transactions/ledger.ts). */
export interface Ledger {
  /** It began where no CSMS was: it is none of one that was added since. */
  has(transactionId: number): boolean
  /** The changes that write this session, begun or ended, and push out the oldest. */
  entered(entry: LedgerEntry): readonly StoreChange[]
}

/** Messages that only Busbar has asked for (journeys/provoked.ts). */
export interface ProvokedMessages {
  ours(request: unknown): void
  others(request: unknown): void
  takes(action: string, payload: unknown, isNews: boolean): boolean
  stationGone(): void
}

/** What the other journeys tell the one that has certificates signed here (journeys/station-certificate.ts). */
export interface CertificateKeeper {
  /** A SignCertificate of the station, to be answered here. */
  asked(payload: unknown, reply: Reply): void
  /** An operator has told the station to ask for one: then it need not have proven itself. */
  ordered(): void
}

/** What the other journeys tell the one that keeps the station's configuration (journeys/configuration.ts). */
export interface ConfigurationKeeper {
  /** An operator has given the station back: Busbar writes nothing there. */
  readonly isReleased: boolean
  /** The station was told Accepted, or is here and was never read. */
  begin(): void
  /** The station is there again: what is known of it still holds, unless it boots. */
  reconnected(): void
  stationGone(): void
  /** A GetConfiguration that passed: its answer as the CSMS is to read it. */
  readByOthers(confText: string): string
  /** A ChangeConfiguration that passed, and what the station said to it. */
  changedByOthers(request: unknown, conf: unknown): void
  /** The CSMS has asked for MeterValues (TriggerMessage). */
  askedForMeterValues(): void
  /** False for MeterValues the CSMS would not have had at its own interval. */
  isForCsms(payload: unknown): boolean
  /** A StopTransaction has come. */
  transactionEnded(payload: unknown): void
}

/** Answers the CALL it was made for; `undefined` leaves it unanswered. Without effect when that connection is gone. */
export type Reply = (answer: Answer | undefined) => void
