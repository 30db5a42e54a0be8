/**
 * The controller's whole memory, and what it asks the gateway to do. Built from a proven configuration and the
 * booking records of the last run. Everything here is plain data.
 */

import type { Decision } from '../allocation/demand.js'
import type { Hold, OtherLoad } from '../allocation/headroom.js'
import { type Lasting, lastingFrom } from '../allocation/lasting.js'
import type { CallOutcome } from '../answer.js'
import { marginA, type SiteConfig } from '../config/site.js'
import type { SiteProfile } from '../config/site-profile.js'
import type { StationModel } from '../config/station-model.js'
import type { MeterReading } from '../events.js'
import type { OrderBook } from '../limits/book.js'
import type { Binding } from '../limits/effective.js'
import type { Excursions } from '../limits/excursions.js'
import type { LimitInForce } from '../limits/limit.js'
import type { QuarterBudget } from '../limits/quarter-budget.js'
import type { EndedOrder, OrderTrail } from '../limits/trail.js'
import type { LikelyOther } from '../measuring/likely-other-load.js'
import type { MeterState } from '../measuring/meter-quality.js'
import type { Unexplained } from '../measuring/sudden-load.js'
import type { WiringWatch } from '../measuring/wiring-seen.js'
import type { LimitStep } from '../schedule/composite.js'
import type { ClearChargingProfileRequest } from '../schedule/profile-requests.js'
import { ALL_PHASES, type PerPhase, type PhaseIndex, spread, ZERO } from '../site/phases.js'

import { curveRooms } from '../site/promise.js'
import { buildSiteTree, isBelow, type SiteTree } from '../site/tree.js'
import { NO_CONFIGURATION } from '../station/configuration.js'
import { withReportedLimits } from '../station/reported-limits.js'
import { type ConnectorControl, type Leaving, newConnector } from './connector.js'
import { type Learners, restoreLearner } from './learner.js'
import type { Now } from './now.js'
import { type BookingRecord, restore } from './record.js'
import { type Retired, retiredOf } from './retired.js'
import { newSiteClock, type SiteClock } from './site-clock.js'
import { ANSWER_MS, leaveToCsms, type StationControl } from './station.js'

export interface ControlSite {
  readonly config: SiteConfig
  readonly models: ReadonlyMap<string, StationModel>
  readonly profile: SiteProfile
  /** Lease per station, s (`proveSite`). */
  readonly leaseS: ReadonlyMap<string, number>
  csmsSteps(
    stationId: string,
    connectorId: number,
    fromWallMs: number,
    toWallMs: number,
  ): readonly LimitStep[]
}

export type Effect =
  /** Send this to the station and tell `answered`. With `record`: only after it is durable, and only if still wanted. */
  | {
      readonly kind: 'call'
      readonly tag: string
      readonly stationId: string
      readonly action:
        | 'SetChargingProfile'
        | 'ClearChargingProfile'
        | 'GetCompositeSchedule'
        | 'TriggerMessage'
      readonly payload: object
      /** Unanswered after this. */
      readonly timeoutMs: number
      readonly urgency: 'urgent' | 'first' | 'normal'
      readonly coalesce?: string
      readonly record?: BookingRecord
    }
  /** `durable`: new doubt, which must not be lost in a power cut. */
  | { readonly kind: 'record'; readonly record: BookingRecord; readonly durable: boolean }
  /** Nothing is to be remembered of it any more. */
  | {
      readonly kind: 'forget'
      readonly stationId: string
      readonly connectorId: number
      /** What was kept of it while it had no place. */
      readonly unplaced?: true
    }
  /** What became of an order that holds no more. */
  | { readonly kind: 'order-ended'; readonly order: EndedOrder }
  /** Somebody else's profiles were on the station and are gone. */
  | { readonly kind: 'cleared'; readonly stationId: string; readonly filter: ClearChargingProfileRequest }
  | {
      readonly kind: 'log'
      readonly level: 'debug' | 'info' | 'warn'
      readonly event: string
      readonly fields: Readonly<Record<string, string | number | boolean>>
    }

export type OpenCall =
  | {
      readonly kind: 'live' | 'idle'
      readonly stationId: string
      readonly connectorId: number
      readonly offerA: number
      readonly setup: boolean
    }
  | { readonly kind: 'setup'; readonly stationId: string }
  /** 0 A for a station that is not configured. */
  | {
      readonly kind: 'learner'
      readonly stationId: string
      readonly connectorId: number
      /** The session that is to take it; absent = for whatever begins. */
      readonly transactionId?: number
    }
  /** What runs there? Its answer comes as messages. */
  | { readonly kind: 'ask'; readonly stationId: string }
  /** Is the profile that was accepted the one in force? */
  | {
      readonly kind: 'check'
      readonly stationId: string
      readonly connectorId: number
      /** Of the session that ran when it was asked. */
      readonly transactionId: number | undefined
    }

export interface AboveWorst {
  readonly otherA: number
  readonly worstA: number
  readonly phase: PhaseIndex
  readonly sinceMs: number
}

/** Steps provoked under one meter (`probe.ts`). */
export interface Probe {
  readonly nextMs: number
  readonly waitMs: number
  /** Down: what each had; up: given back, and the step has to be seen. */
  readonly step?: {
    readonly kind: 'down' | 'up'
    readonly sinceMs: number
    readonly hadA: ReadonlyMap<string, number>
    /** They were paused, not lowered to their minimum. */
    readonly pauses: boolean
  }
}

export interface ControlState {
  readonly site: ControlSite
  readonly tree: SiteTree
  readonly stations: ReadonlyMap<string, StationControl>
  /** All connectors, in the order of the configuration. */
  readonly connectors: readonly ConnectorControl[]
  /** Per node: those on its circuit and on all below it. */
  readonly connectorsBelow: readonly (readonly ConnectorControl[])[]
  readonly longestLeaseMs: number
  /** No longer configured and not seen gone. */
  retired: readonly Retired[]
  /** Let in to be known, not configured. */
  readonly learners: Learners
  clock: SiteClock
  /** Just after a jump of our clock was told to stations: until then only a station that follows is believed. */
  clockStrictUntilMs: number
  readonly meters: Map<string, MeterState>
  /** The last good reading of each meter, for the view. */
  readonly readings: Map<string, MeterReading>
  /** Per node of the tree: rating less margin. */
  readonly carriesA: readonly number[]
  /** Per node: what is planned against, `carriesA` or what an order leaves of it. */
  limitsA: readonly number[]
  /** Limits that were ordered, until they have run out. */
  orders: OrderBook
  /** Until when what each grid control said last counts, monotonic ms; silent after that. */
  gridHeard: ReadonlyMap<string, number>
  /** By id of the mean and import limits of the configuration: what each has come to. */
  budgets: ReadonlyMap<string, QuarterBudget>
  excursions: ReadonlyMap<string, Excursions>
  /** All limits from outside that are in force, and per node the one that binds. */
  limits: readonly LimitInForce[]
  /** Per node: the class the hours of the configuration give its cars now. */
  hourClasses: readonly (number | undefined)[]
  limitBindings: readonly (Binding | undefined)[]
  /** Per node: the order that binds what its stations draw together, whatever else it carries. */
  stationBindings: readonly (Binding | undefined)[]
  /** What has become of each so far. */
  trails: ReadonlyMap<string, OrderTrail>
  /** By connector: on which phases the meters saw its cars (`watch-wiring.ts`). */
  readonly wiring: Map<string, WiringWatch>
  /** By meter: what it showed above all bookings, with what is freed by meters counted too: `freedA` per node, or empty. */
  readonly unexplained: Map<string, Unexplained>
  freedA: readonly PerPhase[]
  holds: readonly Hold[]
  /** Per node with a meter: cars that left a moment ago. */
  readonly leaving: Map<number, Leaving>
  /** Of the meter less what stations surely draw, what raises of ours explain. */
  explainedA: readonly PerPhase[]
  /** What was taken for the draw of connectors that raises explain, as far as their samples still tell it. */
  ownShownA: readonly PerPhase[]
  /** Per node: what lowers of ours on their way may have taken from what stations surely drew. */
  fallingA: readonly PerPhase[]
  loads: readonly OtherLoad[]
  /** Per node: the most other load within the time that room has to last before a raise goes into it. */
  lasting: readonly Lasting[]
  /** Per node with a fresh meter: other load as it most likely is, for people. */
  readonly likely: (LikelyOther | undefined)[]
  bookedA: readonly PerPhase[]
  /** Per node, for the lease of the next write; undefined = to be summed anew. */
  unledA: readonly PerPhase[] | undefined
  /** Per node: what offers may sum to for longer than a minute, A (`curveRooms`). */
  readonly curveA: readonly (number | undefined)[]
  /** Per node: other load that is above its configured worst case, and since when. */
  aboveWorst: readonly (AboveWorst | undefined)[]
  /** Per node: since our start all that a meter has shown there was inside its limit, or its margin; undefined = nothing yet. */
  isSeenInside: readonly (boolean | undefined)[]
  /** Per node: its meter, believed or not, shows more than all that is accounted for there. */
  unaccounted: readonly boolean[]
  /** Nodes whose stations may hang elsewhere (`elsewhere.ts`), each with the node on which they may be. */
  elsewhere: ReadonlyMap<number, number>
  /** Per node: nothing there may be raised, because a meter on its path is not fresh. */
  raiseBlocked: readonly boolean[]
  /** Per node: when a paused car there was last let on again. */
  readonly restartedMs: Map<number, number>
  /** Per node with a meter: steps provoked to prove it. */
  readonly probes: Map<number, Probe>
  readonly openCalls: Map<string, OpenCall & { readonly sentMs: number }>
  /** Unanswered so far; an answer may come yet. */
  readonly lateCalls: Map<string, OpenCall & { readonly sentMs: number }>
  /** The last run of the allocator, to be kept. */
  decision: Decision | undefined
  effects: Effect[]
  tags: number
}

export type Answered = (tag: string, outcome: CallOutcome) => void

export function newControlState(
  site: ControlSite,
  records: readonly BookingRecord[],
  now: Now,
): ControlState {
  const tree = buildSiteTree(site.config.circuits)
  const stations = new Map<string, StationControl>()
  for (const config of site.config.stations) {
    const file = site.models.get(config.device)
    const node = tree.indexById.get(config.circuit)
    if (file === undefined || node === undefined) continue
    const model = withReportedLimits(file, NO_CONFIGURATION)
    const leaseMs = (site.leaseS.get(config.id) ?? model.smartCharging.leaseS) * 1000
    stations.set(config.id, {
      id: config.id,
      config,
      model,
      configuration: NO_CONFIGURATION,
      notices: [],
      leaseMs,
      connectors: config.connectors.map(connector =>
        newConnector({ stationId: config.id, config: connector, model, node }),
      ),
      connected: false,
      changedWallMs: now.wallMs,
      upstream: 'none',
      boot: undefined,
      clockOffsetsMs: [],
      clockProven: false,
      clockShownMs: Number.NEGATIVE_INFINITY,
      clockAskMs: Number.NEGATIVE_INFINITY,
      clockDoubt: undefined,
      doubtUntilMs: Number.NEGATIVE_INFINITY,
      strays: new Map(),
      planFault: undefined,
      isToBeReleased: false,
      release: undefined,
      floorsDue: false,
      setup: undefined,
      again: undefined,
      setupRefusals: 0,
      answerMs: ANSWER_MS,
      asked: undefined,
      heardHere: false,
      wroteBlind: false,
      withoutTrigger: false,
      withoutSmartCharging: false,
      writes: [],
    })
  }
  const retired: Retired[] = []
  const learners: Learners = new Map()
  const effects: Effect[] = []
  for (const record of records) {
    const { stationId, connectorId, unplaced, unreadable } = record
    const station = stations.get(stationId)
    const connector = station?.connectors.find(candidate => candidate.id === connectorId)
    const saysNothing = unplaced === true || unreadable === true
    // A station that has been placed since is one of which nothing is known yet: booked at its maximum.
    if (station !== undefined && unplaced === true)
      effects.push({ kind: 'forget', stationId, connectorId, unplaced: true })
    else if (station === undefined && saysNothing) restoreLearner(learners, record, now)
    else if (station === undefined || connector === undefined)
      retired.push(retiredOf(record, tree, now.monoMs))
    else if (!saysNothing) restore(connector, station, record, now)
  }
  for (const station of stations.values()) leaveToCsms(station)
  const connectors = [...stations.values()].flatMap(station => station.connectors)
  const carriesA = tree.nodes.map(node => node.circuit.ratedCurrentA - marginA(node.circuit))
  return {
    site,
    tree,
    stations,
    connectors,
    connectorsBelow: tree.nodes.map((_, node) => connectors.filter(at => isBelow(tree, node, at.node))),
    longestLeaseMs: Math.max(0, ...[...stations.values()].map(station => station.leaseMs)),
    retired,
    learners,
    clock: newSiteClock(now.wallMs, now.monoMs, lastWallMs(records)),
    clockStrictUntilMs: Number.NEGATIVE_INFINITY,
    meters: new Map(),
    readings: new Map(),
    carriesA,
    limitsA: carriesA,
    orders: new Map(),
    gridHeard: new Map(),
    budgets: new Map(),
    excursions: new Map(),
    limits: [],
    hourClasses: [],
    limitBindings: tree.nodes.map(() => undefined),
    stationBindings: tree.nodes.map(() => undefined),
    trails: new Map(),
    curveA: curveRooms(tree, carriesA),
    unledA: undefined,
    holds: tree.nodes.map(() => []),
    leaving: new Map(),
    explainedA: tree.nodes.map(() => ZERO),
    ownShownA: tree.nodes.map(() => ZERO),
    fallingA: tree.nodes.map(() => ZERO),
    lasting: tree.nodes.map(() => lastingFrom(now.monoMs)),
    likely: tree.nodes.map(() => undefined),
    loads: tree.nodes.map(node => ({
      otherA: spread(node.circuit.worstCaseOtherLoadA, ALL_PHASES),
      source: 'worst case',
    })),
    // Full until it was weighed.
    bookedA: tree.nodes.map(node => spread(node.circuit.ratedCurrentA, ALL_PHASES)),
    aboveWorst: tree.nodes.map(() => undefined),
    isSeenInside: tree.nodes.map(() => undefined),
    unaccounted: tree.nodes.map(() => false),
    elsewhere: new Map(),
    raiseBlocked: tree.nodes.map(() => true),
    decision: undefined,
    restartedMs: new Map(),
    probes: new Map(),
    wiring: new Map(),
    unexplained: new Map(),
    freedA: [],
    openCalls: new Map(),
    lateCalls: new Map(),
    effects,
    tags: 0,
  }
}

/** The latest time that was written down. */
function lastWallMs(records: readonly BookingRecord[]): number | undefined {
  const latestMs = Math.max(...records.map(({ atWallMs }) => atWallMs ?? Number.NEGATIVE_INFINITY))
  return Number.isFinite(latestMs) ? latestMs : undefined
}

export function connectorOf(
  state: ControlState,
  stationId: string,
  connectorId: number,
): ConnectorControl | undefined {
  return state.stations.get(stationId)?.connectors.find(connector => connector.id === connectorId)
}

export function nextTag(state: ControlState): string {
  state.tags += 1
  return `b${state.tags}`
}

export function note(
  state: ControlState,
  level: 'debug' | 'info' | 'warn',
  event: string,
  fields: Readonly<Record<string, string | number | boolean>>,
): void {
  state.effects.push({ kind: 'log', level, event, fields })
}

/** What the CSMS allows a connector over a window; nothing at all to a session whose tag it refused (seed 001, 4.3.16). */
export function csmsStepsOf(
  state: ControlState,
  connector: ConnectorControl,
  fromWallMs: number,
  toWallMs: number,
): readonly LimitStep[] {
  const { transaction } = connector
  const isSpent =
    transaction?.refusedBeyondWh !== undefined && transaction.energy.mostWh >= transaction.refusedBeyondWh
  if (isSpent) return [{ atMs: fromWallMs, limitA: 0 }]
  return state.site.csmsSteps(connector.stationId, connector.id, fromWallMs, toWallMs)
}
