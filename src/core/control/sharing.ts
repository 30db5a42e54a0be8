/**
 * What the sharing rule needs to know of each car that can be steered, from what is known of its session: its claim in
 * relative terms, its class and weight, its account. Changes nothing but that account.
 */
import { equalShares, owed } from '../allocation/accounts.js'
import type { AllocationInput, Demand, Turn } from '../allocation/demand.js'
import { mustBeAsked } from '../allocation/reclaim.js'
import { ranked, type Sharer } from '../allocation/sharing.js'
import { firstTurn } from '../allocation/turn.js'
import { ORDINARY_CLASS } from '../config/site.js'
import type { ConnectorControl } from './connector.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'

/** A station's word on when a session began is taken for what it is up to this long ago. */
const OLDEST_ARRIVAL_MS = 7 * 86_400_000
const AS_PER_AH = 3_600

export interface Steered {
  readonly connector: ConnectorControl
  readonly station: StationControl
}

/** The input with every demand in its rank; `steered` in the order of the demands. */
export function shared(
  state: ControlState,
  input: AllocationInput,
  steered: readonly Steered[],
  now: Now,
): AllocationInput {
  const { sharing, quantumMs } = state.site.profile
  const sharers = steered.flatMap(({ connector, station }, index) => {
    const demand = input.demands[index]
    return demand === undefined ? [] : [sharerOf(state, { connector, station, demand }, now)]
  })
  if (sharing !== 'least-laxity') return { ...input, demands: ranked(sharing, sharers, quantumMs) }
  keepAccounts(input, steered, sharers)
  const current = sharers.map((sharer, index) => withTurn(sharer, steered[index]?.connector))
  return { ...input, demands: ranked(sharing, current, quantumMs) }
}

/** The turn of a car that has just come: level with the least served of its class. */
export function arrivalTurn(
  state: ControlState,
  connector: ConnectorControl,
  station: StationControl,
  now: Now,
): Turn {
  const present = state.connectors.flatMap(other => {
    const at = state.stations.get(other.stationId)
    const isThere = other.transaction !== undefined && other !== connector && at !== undefined
    return isThere ? [{ turn: other.turn, weight: weightIn(state, other, at) }] : []
  })
  const { minOffMs, quantumMs } = state.site.profile
  const waitsForMs = Math.max(minOffMs, quantumMs)
  const arrival = { nowMonoMs: now.monoMs, waitsForMs, weight: weightIn(state, connector, station) }
  return firstTurn(arrival, priorityClassOf(state.hourClasses, connector, station), present)
}

/** Weights act only where the profile shares by weight. */
function weightIn(state: ControlState, connector: ConnectorControl, station: StationControl): number {
  return state.site.profile.sharing === 'weighted' ? weightOf(connector, station) : 1
}

function weightOf({ claim }: ConnectorControl, { config }: StationControl): number {
  return claim?.weight ?? config.weight ?? 1
}

/** Somebody's word for the session or its tag, else the hours of the configuration, else the station's entry. */
export function priorityClassOf(
  hours: ControlState['hourClasses'],
  { claim, node }: ConnectorControl,
  { config }: StationControl,
): number {
  return claim?.priorityClass ?? hours[node] ?? config.priorityClass ?? ORDINARY_CLASS
}

/** May set the class of the connector's turn. */
export function sharerOf(
  state: ControlState,
  { connector, station, demand }: Steered & { readonly demand: Demand },
  now: Now,
): Sharer {
  const { claim, transaction, turn } = connector
  const priorityClass = priorityClassOf(state.hourClasses, connector, station)
  if (turn.priorityClass !== priorityClass) connector.turn = { ...turn, priorityClass }
  const stayMs = (claim?.departureWallMs ?? 0) - now.wallMs
  const needAs = neededAs(state, connector, demand)
  const startedMs = transaction?.startedWallMs ?? now.wallMs
  return {
    demand: { ...demand, weight: weightOf(connector, station), turn: connector.turn },
    arrivedMs: Math.min(now.wallMs, Math.max(now.wallMs - OLDEST_ARRIVAL_MS, startedMs)),
    // A departure that has passed says nothing any more, nor does one without anything left to be charged.
    ...(stayMs > 0 && needAs !== 0 && { stayMs }),
    ...(needAs !== undefined && needAs > 0 && { needAs }),
    ...(claim?.learned !== undefined && { isGuess: true }),
    ...fullness(connector, now),
  }
}

function fullness({ reclaim }: ConnectorControl, now: Now): Pick<Sharer, 'isFull' | 'isAsked'> {
  if (reclaim.askedSinceMonoMs === undefined) return { isFull: reclaim.fullSinceMonoMs !== undefined }
  return mustBeAsked(reclaim, now.monoMs) ? { isFull: false } : { isFull: true, isAsked: true }
}

/** Ampere-seconds per phase that are missing of what was asked for; undefined when nothing was. */
function neededAs(
  state: ControlState,
  { claim, transaction }: ConnectorControl,
  demand: Demand,
): number | undefined {
  if (claim?.energyWh === undefined || transaction === undefined) return undefined
  const phases = demand.phases.filter(Boolean).length || 3
  const leftWh = Math.max(0, claim.energyWh - transaction.energy.leastWh)
  return (leftWh / (state.site.config.site.nominalVoltageV * phases)) * AS_PER_AH
}

/** The rate at which each account grows until the next decision, and who is owed by now. */
function keepAccounts(input: AllocationInput, steered: readonly Steered[], sharers: readonly Sharer[]): void {
  const equalA = equalShares(input, sharers)
  const isOwed = owed(input, sharers, equalA)
  steered.forEach(({ connector }, index) => {
    connector.equalA = equalA[index] ?? 0
    connector.turn = { ...connector.turn, owed: isOwed[index] === true }
  })
}

function withTurn(sharer: Sharer, connector: ConnectorControl | undefined): Sharer {
  return connector === undefined ? sharer : { ...sharer, demand: { ...sharer.demand, turn: connector.turn } }
}
