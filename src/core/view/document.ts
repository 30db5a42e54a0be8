/**
 * The site as it is shown: one JSON document behind the page, MQTT and /api/v1/status. Units at the end of each
 * name; per-phase values in site order L1, L2, L3. Built by the gateway from core state, read-only for the edges.
 */

import type { Fault } from '../config/faults.js'
import type { OtherLoadDoubt } from '../control/reason.js'
import type {
  BootInfo,
  BrokerFault,
  ConnectorStatus,
  CsmsLinkReason,
  CsmsLinkStatus,
  MeterQuality,
  MeterTraffic,
  StationRefusal,
  UpstreamState,
} from '../events.js'
import type { LimitSource } from '../limits/limit.js'
import type { RegisterDoubt } from '../measuring/energy-count.js'
import type { PerPhase } from '../site/phases.js'
import type { PhraseCode } from '../words/english.js'
import type { Said, SaidParams } from '../words/said.js'
import type { CircuitWhyView, WhyView } from './why-document.js'

export interface SiteView {
  readonly siteId: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly mode: 'normal' | 'degraded'
  /** Every degraded mode in words, worst first; empty when normal. */
  readonly alarms: readonly AlarmView[]
  readonly csms: CsmsView
  readonly mqtt: MqttView
  readonly circuits: readonly CircuitView[]
  readonly meters: readonly MeterView[]
  readonly stations: readonly StationView[]
  /** No longer configured and not seen gone: what they may draw stays booked until they are declared isolated. */
  readonly retiredStations: readonly RetiredStationView[]
  /** Stations that are not configured and were let in to be known. */
  readonly learning: LearningView
  /** Limits from outside that are in force. */
  readonly limits: readonly LimitView[]
  /** Connections that were not let in since the start, the latest first; bounded. */
  readonly refusedStations: readonly RefusedStationView[]
  /** Only in set-up mode: why the configuration was not taken. */
  readonly configurationFaults?: readonly Fault[]
}

export interface LimitView {
  readonly source: LimitSource
  /** Unique within its source. */
  readonly id: string
  /** "site", the id of a circuit or station, or "station/connector". */
  readonly target: string
  /** Of what its stations draw together, whatever else it carries. */
  readonly onlyStations?: true
  /** Per phase. */
  readonly limitA?: number
  /** Of all phases together. */
  readonly limitW?: number
  /** `fallback`: whoever gave it is silent. */
  readonly state: 'ordered' | 'fallback'
  readonly since: string
  /** Absent: as long as what it follows from lasts. */
  readonly until?: string
  readonly reason?: string
  readonly by: string
  /** It is the lowest somewhere. */
  readonly binds: boolean
}

export interface AlarmView {
  /** Stable, e.g. "meter-stale", "csms-away", "station-gone", "profile-refused", "circuit-over-limit". */
  readonly code: string
  /** Id of the meter, station or circuit it is about; absent for the site. */
  readonly about?: string
  readonly text: string
  /** The text by its code and what it holds; absent where the text has none. */
  readonly phrase?: PhraseCode
  readonly params?: SaidParams
  readonly since: string
  /** Somebody has taken note of it; it still holds. */
  readonly acknowledged?: { readonly at: string; readonly by: string }
}

export interface CsmsView {
  readonly state: 'connected' | 'partly' | 'away' | 'none'
  readonly url?: string
  /** Stations whose upstream socket is open / stations that are connected here. */
  readonly openLinks: number
  readonly connectedStations: number
  /** Transaction messages kept for the CSMS. */
  readonly waitingMessages: number
  /** Further systems that are only told what stations say; absent without any. */
  readonly mirrors?: readonly MirrorView[]
}

export interface MirrorView {
  readonly id: string
  readonly url: string
  readonly state: 'connected' | 'partly' | 'away' | 'idle'
  /** Stations whose link is open and answered / for which one is wanted. */
  readonly openLinks: number
  readonly wantedLinks: number
  /** In words; absent where none is known. */
  readonly reason?: string
  /** Messages in memory that it has not had. */
  readonly waitingMessages: number
  /** Since the start: given up, because too much waited. */
  readonly droppedMessages: number
  /** Its own CALLs, all of them refused. */
  readonly refusedOrders: number
}

export interface MqttView {
  readonly state: 'connected' | 'away' | 'none'
  readonly url?: string
  /** Why it is away; "refused" = the broker answered and said no. */
  readonly reason?: BrokerFault
  /** In words, e.g. "not authorized". */
  readonly detail?: string
  /** ISO 8601: connected or away since; tries in between do not count. Absent with `none`. */
  readonly since?: string
  /** ISO 8601; absent while connected or trying. */
  readonly nextTryAt?: string
}

/** The link of one station to the CSMS. */
export interface CsmsLinkView {
  /** `silent`: open, and nobody answers. `idle`: not wanted, the station is not here. `none`: no csms is configured. */
  readonly state: CsmsLinkStatus['state']
  /** Why it is not open, of the last try. */
  readonly reason?: CsmsLinkReason
  /** In words, e.g. "certificate has expired". */
  readonly detail?: string
  /** ISO 8601: up or down since; tries in between do not count. Absent with `none`. */
  readonly since?: string
  /** ISO 8601; only while `waiting`. */
  readonly nextTryAt?: string
}

export interface RefusedStationView {
  /** Absent where the path names none. */
  readonly stationId?: string
  /** As it came, cut. */
  readonly path: string
  readonly reason: StationRefusal
  readonly count: number
  /** ISO 8601. */
  readonly last: string
  /** Address of the last one. */
  readonly remote: string
}

export interface RetiredStationView {
  readonly id: string
  readonly connectorIds: readonly number[]
  /** Where it hung; every top circuit where that one is gone too. */
  readonly circuitIds: readonly string[]
  /** On each of these circuits. */
  readonly bookedA: PerPhase
}

export interface LearningView {
  /** ISO 8601: unknown stations may connect until then; absent while they may not. */
  readonly until?: string
  readonly stations: readonly LearnerView[]
}

/** It runs no session, nothing of it goes to the CSMS, and it is booked on every circuit until it has gone or has a place. */
export interface LearnerView {
  readonly id: string
  /** Address it came from. */
  readonly remote: string
  /** ISO 8601: let in. */
  readonly since: string
  readonly connected: boolean
  /** Absent until it has booted. */
  readonly boot?: BootInfo
  /** As it has named them, by their status; `unknown` where it has not said. */
  readonly connectors: readonly { readonly id: number; readonly status: ConnectorStatus | 'unknown' }[]
  /** Connectors that have accepted 0 A. */
  readonly heldConnectorIds: readonly number[]
  /** On every circuit and phase. */
  readonly bookedA: number
}

/** Of a circuit without a meter, and of a station, the sum of what hangs there; absent where a part is not known. */
export interface Power {
  readonly powerW?: number
  /** Lifetime register: of a connector Energy.Active.Import.Register as last told. */
  readonly importWh?: number
}

export interface CircuitView extends Power {
  readonly id: string
  readonly parentId?: string
  readonly ratedCurrentA: number
  /** What is planned against: rating less margin, or a lower limit told from outside. */
  readonly limitA: number
  readonly meterId?: string
  /** By its meter, else the sum of what the stations below draw; absent when nothing is known. */
  readonly measuredA?: PerPhase
  /** `estimate`: the stations do not report all of it in amps per phase, or not all of them report. */
  readonly measuredSource?: 'meter' | 'stations' | 'estimate'
  /**
   * Load that is no station here: the best estimate by its meter, or the configured worst case. Where it is measured and there is
   * an `otherLoadDoubt`, decisions go by the worst case: what that is above it stands in `reserveA`.
   */
  readonly otherLoadA: PerPhase
  readonly otherLoadSource: 'measured' | 'worst case'
  /** Why the worst case stands although a meter is there, e.g. "meter main gives nothing". */
  readonly otherLoadWhy?: string
  /** That as a code, about the circuit's meter. */
  readonly otherLoadDoubt?: OtherLoadDoubt
  /** Kept beyond the other load, because it cannot be proven that this is the stations' own current. */
  readonly reserveA: PerPhase
  /** What the stations below with a session are told, together, on the phase with the most. */
  readonly offeredA: number
  /** What the connectors below may draw at most. */
  readonly bookedA: PerPhase
  /** limit - other load - reserve - booked; negative: more is set aside than there is, which says nothing of what flows. */
  readonly headroomA: PerPhase
  readonly why: CircuitWhyView
}

export interface MeterView {
  readonly id: string
  readonly device: string
  readonly quality: MeterQuality
  /** ISO 8601, of the last good reading; absent when there never was one. Alone it is no change (`unchanged.ts`). */
  readonly readAt?: string
  readonly currentA?: PerPhase
  readonly voltageV?: PerPhase
  readonly totalPowerW?: number
  readonly importWh?: number
  readonly unitId: number
  /** "10.0.0.5:502", the serial path, or the meters it is made of. */
  readonly address: string
  /** Why there is no current now, e.g. "timeout", "exception 2"; "frozen" where the currents stand still. */
  readonly fault?: string
  /** The same to be put into another language, where it is no word of the meter's own. */
  readonly faultSaid?: Said
  /** As of the last whole minute or so; alone it makes no news. Absent where nothing was asked yet. */
  readonly traffic?: MeterTraffic
  /** The currents stood still while the stations moved; also said beside another fault. */
  readonly frozen: boolean
  /** Why it is not believed although it answers: expected, seen, likely cause. */
  readonly verdict?: string
}

export interface StationView extends Power {
  readonly id: string
  /** What people call it, and where it stands; absent where nobody has said. */
  readonly name?: string
  readonly bay?: string
  readonly device: string
  readonly circuitId: string
  readonly connected: boolean
  /** ISO 8601: connected or gone since. */
  readonly since: string
  /** Its supply is cut, says an operator: nothing is kept free for it until it connects. */
  readonly isolated: boolean
  readonly upstream: UpstreamState
  readonly csms: CsmsLinkView
  readonly boot?: BootInfo
  /** Absent until it was read for the first time. */
  readonly configuration?: ConfigurationView
  /** SetChargingProfile and ClearChargingProfile CALLs in the last 24 h. */
  readonly profileWrites: number
  readonly connectors: readonly ConnectorView[]
  /** Connectors that nobody configured and on which something happens; absent when there are none. */
  readonly notConfigured?: readonly { readonly connectorId: number; readonly bookedA: number }[]
  /** Its schedules may run by another clock than its messages; or Busbar's own clock has jumped and it is about to follow. */
  readonly clockDoubt?: 'read-back' | 'our-clock'
  /** Released by an operator: it waits for room, its profiles are being cleared, or it is Busbar's no more. */
  readonly release?: 'waits' | 'clears' | 'done'
  /** Its CSMS drives it: Busbar writes no profile and keeps its maximum free. Absent = Busbar controls it. */
  readonly loadControl?: 'csms'
  /** Why it is left to its fail-safe: a fault of Busbar's own in planning it. */
  readonly planFault?: string
}

/** The station's configuration in short; the whole table is at /api/v1/stations/{id}/configuration. */
export interface ConfigurationView {
  readonly readAt: string
  /** Keys that are not as the model file says. */
  readonly differences: number
  /** Keys that take effect only after a reboot. */
  readonly rebootRequired: readonly string[]
  /** What stands in the way of control, in words. */
  readonly notices: readonly Said[]
}

/** What somebody says of the session, and who: never more than a word. */
export interface ClaimView {
  /** ISO 8601. */
  readonly departureAt?: string
  /** From the start of the session. */
  readonly energyWh?: number
  readonly weight?: number
  readonly priorityClass?: number
  /** `learned`: nobody says so, the sessions before it were so. */
  readonly source: 'api' | 'tag' | 'learned'
  /** So many of the last sessions left at `departureAt`, which nobody has said. */
  readonly learned?: { readonly times: number; readonly of: number }
}

export interface ConnectorView extends Power {
  readonly id: number
  readonly status: ConnectorStatus | 'unknown'
  readonly errorCode?: string
  readonly transaction?: {
    readonly id: number
    readonly since: string
    /** Surely taken. */
    readonly energyWh: number
    /** What is wrong with its energy register: then `energyWh` is the least it took. */
    readonly energyDoubt?: RegisterDoubt
    readonly claim?: ClaimView
  }
  /** Decided for now; 0 = paused. Absent without a transaction. */
  readonly allocationA?: number
  /** What is counted against the circuits, on the phases in use. */
  readonly bookedA: number
  /** By the station's own meter, in site phases where the wiring is known. */
  readonly measuredA?: PerPhase
  /** Reckoned from its energy register or power, or its phases are not known. Beside `measuredA`. */
  readonly isEstimate?: boolean
  /** ISO 8601; alone it is no change. */
  readonly measuredAt?: string
  readonly phases: readonly [boolean, boolean, boolean]
  readonly maxCurrentA: number
  /** As configured. */
  readonly failSafeCurrentA: number
  /** As the station has accepted it; absent while nobody knows. */
  readonly installedFailSafeA?: number
  /** Whether it was still there after a reboot; unknown = never looked at. */
  readonly survivedReboot: 'yes' | 'no' | 'unknown'
  readonly why: WhyView
}

export type { CircuitPartView, CircuitWhyView, ReasonView, WhyView } from './why-document.js'

/**
 * Amps per phase of one circuit over time, oldest first; gaps are null. Of the last minutes as measured, a point a
 * second; before that the highest of each minute and its lowest limit, over days of each quarter of an hour.
 */
export interface HistoryView {
  readonly circuitId: string
  /** Unix seconds of each point. */
  readonly atS: readonly number[]
  readonly l1A: readonly (number | null)[]
  readonly l2A: readonly (number | null)[]
  readonly l3A: readonly (number | null)[]
  readonly limitA: readonly (number | null)[]
  /** See CircuitView. */
  readonly offeredA: readonly (number | null)[]
}
