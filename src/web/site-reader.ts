/**
 * What the page and its API need to know of Busbar, and nothing more: a reader of the site, the page's users and,
 * in the demo only, the levers that unplug things. The gateway implements these; this edge never sees how.
 */
import type { CallOutcome } from '../core/answer.js'
import type { PageWish, Role } from '../core/config/secrets.js'
import type { SessionClaim } from '../core/control/claim.js'
import type { DecisionRecord } from '../core/control/decision.js'
import type { OrderDesk } from '../core/control/order-desk.js'
import type { KeptOrderEntry } from '../core/limits/trail.js'
import type { DeadLetter, LedgerEntry } from '../core/offline/records.js'
import type { OperatorTag } from '../core/offline/site-tags.js'
import type { SingleFault } from '../core/site/single-faults.js'
import type { TracedMessage } from '../core/station/message-trace.js'
import type { ConfigurationRow } from '../core/station/reported-limits.js'
import type { HistoryView, SiteView } from '../core/view/document.js'
import type { EnergyDayView, PastAlarmView, ReadyByView, SessionView } from '../core/view/record-document.js'
import type { StationDetail } from '../core/view/station-detail.js'
import type { PhraseCode } from '../core/words/english.js'
import type { SaidParams, Worded } from '../core/words/said.js'

/** Read-only access to the running site. Every call is cheap: the page never costs the control loop its time. */
export interface SiteReader {
  /** The site now. */
  view(): SiteView
  /** The `seconds` of one circuit before `untilS` (default: now); undefined for a circuit that does not exist. */
  history(circuitId: string, seconds: number, untilS?: number): Promise<HistoryView | undefined>
  /** The same of one station; its limit is what is kept free for it. Absent in set-up mode. */
  stationHistory?(stationId: string, seconds: number, untilS?: number): Promise<HistoryView | undefined>
  /** The station's configuration against its model file; empty before the first reading, undefined for no station. */
  configuration(stationId: string): readonly ConfigurationRow[] | undefined
  /** Sessions kept where no CSMS is configured, oldest first. */
  ledger(): Promise<readonly LedgerEntry[]>
  /** Decisions that changed something, oldest first, from `fromWallMs` to before `toWallMs`, at most `limit`. */
  decisions(fromWallMs: number, toWallMs: number, limit: number): Promise<readonly DecisionRecord[]>
  /** Orders from outside that hold no more, with what became of each, oldest first. */
  orders(): Promise<readonly KeptOrderEntry[]>
  /** Of the site's calendar. */
  timeZone(): string
  /** The operator's own list, in the order of the tags. */
  tags(): readonly OperatorTag[]
  /** What waits for the CSMS, and what is wrong with the journal. */
  journal(): JournalView
  /** What the CSMS would not take. Rejects when the disk fails. */
  deadLetters(): Promise<readonly DeadLetter[]>
  /** What was proven at load time; undefined in set-up mode. */
  proof(): SiteProof | undefined
  /** Why this Busbar does not do its work; empty = it does. Shown to strangers: no names and no paths. */
  health(): readonly HealthReason[]
  /** Prometheus text, exposition format 0.0.4. */
  metrics(): Promise<string>
  /** What is looked up later; absent in set-up mode. */
  readonly records?: SiteRecords
  /** A station's schedule and what was noticed of it; undefined for no station. Absent in set-up mode. */
  stationDetail?(stationId: string): StationDetail | undefined
  /** What was said between it and Busbar lately, oldest first, without secrets; undefined for no station. */
  messages?(stationId: string, showsTags: boolean): readonly TracedMessage[] | undefined
  /** Calls `listener` after each change of the view, as often as it likes; the answer ends that. */
  onChange(listener: () => void): () => void
}

/** What was, kept on disk within bounds. Spans are in ms since 1970; the end is not included. */
export interface SiteRecords {
  /** Begun within the span, oldest first; where there are more than `most`, the latest of them. */
  sessions(query: {
    readonly fromMs: number
    readonly toMs: number
    readonly most: number
    readonly stationId?: string | undefined
  }): Promise<Cut<SessionView>>
  /** Days of the site's calendar, both included; oldest first. */
  energy(from: string, to: string): Promise<readonly EnergyDayView[]>
  /** Begun within the span, oldest first. */
  alarms(query: {
    readonly fromMs: number
    readonly toMs: number
    readonly most: number
  }): Promise<Cut<PastAlarmView>>
  /** The last decision that was kept before or at that moment. */
  decisionAt(wallMs: number): Promise<DecisionRecord | undefined>
  /** All that were kept of the span, oldest first, some at a time. */
  decisionPages(fromWallMs: number, toWallMs: number): AsyncIterable<readonly DecisionRecord[]>
  /** Sessions with a known departure, the first to leave first. */
  readyBy(): readonly ReadyByView[]
}

export interface Cut<T> {
  readonly found: readonly T[]
  readonly isCut: boolean
}

export interface JournalView {
  readonly fault?: string
  readonly slowS?: number
  readonly damage?: string
  readonly hold?: string
  /** The same with their codes, where they have one. */
  readonly damageSaid?: Worded
  readonly holdSaid?: Worded
  readonly stations: readonly {
    readonly stationId: string
    readonly isConfigured: boolean
    readonly waiting: number
    readonly bytes: number
    readonly oldestAt?: string
    readonly deadLetters: number
    readonly openTransactions: number
    readonly mappedTransactions: number
    readonly shed?: { readonly count: number; readonly from: string; readonly to: string }
    /** Energy of sessions that ended while the CSMS was away, and how much of it the CSMS has taken. */
    readonly offlineWh: number
    readonly acceptedWh: number
  }[]
}

export interface SiteProof {
  /** Absent where no circuit has a meter. */
  readonly aliveOverLimitS?: number
  readonly lostOverLimitS: number
  readonly singleFaults: readonly (Omit<SingleFault, 'overS'> & { readonly overS?: number })[]
}

export interface HealthReason {
  readonly code: 'not-set-up' | 'control-stalled' | 'journal-failed'
  readonly text: string
}

/** The page's users. */
export interface UserStore {
  /** `passwordHash` is text for `Secrets.verify`; for a missing role see `roleOf`. Undefined when there is no such user. */
  find(name: string): Promise<
    | {
        readonly name: string
        readonly passwordHash: string
        readonly role?: Role | undefined
        readonly page?: PageWish | undefined
      }
    | undefined
  >
}

/** OCPP commands of an operator. */
export interface CommandDesk {
  /** Limits from outside. */
  readonly orders: OrderDesk
  /** Why a command would not be sent; undefined when it would. */
  fault(
    stationId: string,
    action: string,
    payload: unknown,
  ):
    | { readonly kind: 'unknown-station' }
    | {
        readonly kind: 'unfit'
        readonly code: string
        readonly path: string
        readonly found: string
        readonly expected: string
      }
    | undefined
  /** `closed` = the station is not connected. */
  send(stationId: string, action: string, payload: unknown): Promise<CallOutcome>
  /** Dials the CSMS for the station now; `idle` = it is not connected, `none` = no CSMS; undefined = no such station. */
  tryCsms(stationId: string): 'trying' | 'open' | 'idle' | 'none' | undefined
  /** For every station without a link, spread over seconds; how many. */
  tryCsmsForAll(): number
  /** Dials the MQTT broker now; `none` = none is configured. */
  tryMqtt(): 'trying' | 'open' | 'none'
  /** Asks a meter that does not answer now; false = no such meter, or one made of others. */
  tryMeter(meterId: string): boolean
  /** Sends the session of a dead letter again; how many messages, undefined = no such letter. Rejects when the disk fails. */
  resend(stationId: string, seq: number, how: 'whole' | 'without-start'): Promise<number | undefined>
  /** The CSMS will never have the session of a dead letter; how many messages, undefined = no such letter. Rejects like `resend`. */
  giveUp(stationId: string, seq: number, by: string): Promise<number | undefined>
  /** What waits in a journal that is held is sent after all; false when it is not held. Rejects when the disk fails. */
  releaseJournal(by: string): Promise<boolean>
  /** The station's supply is cut, or no longer; false when the station is connected. */
  isolate(stationId: string, isolated: boolean, by: string): boolean
  /**
   * The station leaves Busbar: booked at its maximum at once, its profiles cleared when there is room, the keys Busbar changed
   * set back. Undefined = no such station, or not connected.
   */
  release(stationId: string): Promise<Released | undefined>
  /** It is controlled again; false = no such station. */
  takeBack(stationId: string): boolean
  /** Opens the 15 minutes in which unknown stations may connect, or ends them. */
  learn(open: boolean): void
  /**
   * What somebody says of the session that runs on a connector; `none` = no session runs, undefined = no such connector.
   * Rejects when the disk does not take it.
   */
  session(
    stationId: string,
    connectorId: number,
    wish: Omit<SessionClaim, 'source'>,
  ): Promise<SessionClaim | 'none' | undefined>
  /** The operator's list from now on; false when it could not be kept. */
  setTags(entries: readonly OperatorTag[]): Promise<boolean>
  /** Somebody has taken note of an alarm, or no longer; false when there is no such alarm now. */
  acknowledge(
    alarm: { readonly code: string; readonly about?: string | undefined },
    acknowledged: boolean,
    by: string,
  ): boolean
}

/** What became of a station's own settings. */
export interface Released {
  /** Each key that Busbar had changed, with the value found and what the station said to it. */
  readonly keys: readonly { readonly key: string; readonly value: string; readonly status: string }[]
  /** Profiles of somebody else that were found and cleared: Busbar cannot put them back. */
  readonly clearedProfiles: readonly {
    readonly connectorId: number
    readonly purpose: string
    readonly stackLevel?: number | undefined
    readonly at: string
  }[]
}

/** What can be unplugged or made wrong in the demo: `on` = it is. */
export interface DemoLevers {
  list(): readonly {
    readonly id: string
    readonly label: string
    readonly phrase?: PhraseCode
    readonly params?: SaidParams
    readonly kind: 'unplugged' | 'wrong'
    readonly on: boolean
  }[]
  /** False when there is no such lever. */
  set(id: string, on: boolean): Promise<boolean>
}
