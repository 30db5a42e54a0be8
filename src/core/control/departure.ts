/**
 * What can be promised of a departure: the energy a car will have by then at the share it gets when it is served by its wish, with
 * the limits that are in force and the hours of the configuration, and whom that would take from what was said before. Pure: it
 * changes nothing, and decides nothing.
 */
import { givenAhead } from '../allocation/forecast.js'
import { type OrderBook, stepped } from '../limits/book.js'
import { limitKey } from '../limits/limit.js'
import type { SessionClaim } from './claim.js'
import { type ConnectorControl, freshReading } from './connector.js'
import type { Now } from './now.js'
import { availableUnder, effectiveAt, hourClasses, limitsInForce } from './orders.js'
import { priorityClassOf, sharerOf } from './sharing.js'
import type { ControlState } from './state.js'
import { lowestVoltageV } from './watts.js'

/** Ramps, turns and starts take their part. */
const PROMISED_SHARE = 0.95
const AS_PER_AH = 3_600
/** Nobody's night is longer. */
const MOST_AHEAD_MS = 48 * 3_600_000
/** Of another's word: less is no loss. */
const DUST_WH = 100

export interface Wish {
  readonly key: string
  readonly claim: Pick<SessionClaim, 'departureWallMs' | 'energyWh' | 'weight' | 'priorityClass'>
}

export interface DepartureForecast {
  /** From the start of the session until its departure. */
  readonly possibleWh: number
  /** Of what is wanted; 0 = it can be promised. */
  readonly shortWh: number
  /** Who had said what it wants, would have had it, and would not any more. */
  readonly takenFrom: readonly {
    readonly stationId: string
    readonly connectorId: number
    readonly shortWh: number
  }[]
}

/** Undefined where nothing is to be promised, or the connector cannot be steered now: then nobody knows. */
export function departureForecast(state: ControlState, wish: Wish, now: Now): DepartureForecast | undefined {
  const { departureWallMs, energyWh } = wish.claim
  const connector = state.connectors.find(({ key }) => key === wish.key)
  const isSteered = state.decision?.input.demands.some(({ key }) => key === wish.key) === true
  if (connector === undefined || !isSteered || departureWallMs === undefined) return undefined
  const after = energiesAhead(state, wish, now)
  const possibleWh = Math.floor(after.get(wish.key) ?? 0)
  const shortWh = Math.max(0, (energyWh ?? 0) - possibleWh)
  return { possibleWh, shortWh, takenFrom: takenFrom(state, wish, { after, now }) }
}

function takenFrom(
  state: ControlState,
  wish: Wish,
  { after, now }: { readonly after: ReadonlyMap<string, number>; readonly now: Now },
): DepartureForecast['takenFrom'] {
  const late = state.connectors.filter(
    ({ key, claim }) => key !== wish.key && isWord(claim) && (after.get(key) ?? 0) < (claim?.energyWh ?? 0),
  )
  if (late.length === 0) return []
  const before = energiesAhead(state, undefined, now)
  return late.flatMap(({ key, claim, stationId, id }) => {
    const wantedWh = claim?.energyWh ?? 0
    const lostWh = Math.min(wantedWh, before.get(key) ?? 0) - (after.get(key) ?? 0)
    return lostWh < DUST_WH ? [] : [{ stationId, connectorId: id, shortWh: Math.round(lostWh) }]
  })
}

/** Somebody's, not what was learned. */
const isWord = (claim: SessionClaim | undefined): boolean =>
  claim?.energyWh !== undefined && claim.departureWallMs !== undefined && claim.learned === undefined

/** Wh from the start of its session by the departure of each that has one, by connector. */
function energiesAhead(state: ControlState, wish: Wish | undefined, now: Now): ReadonlyMap<string, number> {
  const { decision, site } = state
  const byKey = new Map(state.connectors.map(connector => [connector.key, connector]))
  const present = (decision?.input.demands ?? []).flatMap(demand => {
    const found = byKey.get(demand.key)
    const station = found && state.stations.get(found.stationId)
    if (found === undefined || station === undefined) return []
    const claim = demand.key === wish?.key ? said(wish, found) : found.claim
    // Its own, so that nothing of the site is touched.
    const connector: ConnectorControl = { ...found, claim }
    return [{ connector, station, sharer: sharerOf(state, { connector, station, demand }, now) }]
  })
  if (decision === undefined) return new Map()
  const untilMs = present.map(({ connector: { claim } }) =>
    Math.min(MOST_AHEAD_MS, Math.max(0, (claim?.departureWallMs ?? 0) - now.wallMs)),
  )
  const givenAs = givenAhead({
    rule: site.profile.sharing,
    input: decision.input,
    sharers: present.map(({ sharer }) => sharer),
    floorsA: present.map(({ connector }) => connector.floorA),
    untilMs,
    availableAt: availableAhead(state, now),
    classesAt: aheadMs => {
      const hours = hourClasses(state, { monoMs: now.monoMs + aheadMs, wallMs: now.wallMs + aheadMs })
      return present.map(({ connector, station }) => priorityClassOf(hours, connector, station))
    },
  })
  return new Map(
    present.map(({ connector }, at) => {
      const wh = ((givenAs[at] ?? 0) * wattsPerA(state, connector, now)) / AS_PER_AH
      return [connector.key, (connector.transaction?.energy.leastWh ?? 0) + wh * PROMISED_SHARE]
    }),
  )
}

function said({ claim }: Wish, { claim: before }: ConnectorControl): SessionClaim {
  const { learned: _, ...known } = before ?? {}
  return { ...known, ...claim, source: 'api' }
}

/** Sources that are declared go on saying what they say; other orders end when they said so, windows by the clock on the wall. */
function availableAhead(
  state: ControlState,
  now: Now,
): (aheadMs: number) => ReturnType<typeof availableUnder> {
  const decidedA = state.decision?.input.availableA ?? []
  const { sources } = state.site.config.limits
  const declared = new Set(sources.map(({ door, id }) => limitKey({ source: door, id })))
  const book: OrderBook = new Map(
    [...state.orders].map(([key, order]) => {
      const lasts = declared.has(key) || order.source === 'grid'
      return [key, lasts ? { ...order, untilMonoMs: Number.POSITIVE_INFINITY } : order]
    }),
  )
  const heard = new Map([...state.gridHeard].map(([id]) => [id, Number.POSITIVE_INFINITY]))
  return aheadMs => {
    const at: Now = { monoMs: now.monoMs + aheadMs, wallMs: now.wallMs + aheadMs }
    const limits = limitsInForce(state, { book: stepped(book, at), heard }, at)
    return availableUnder(state, decidedA, effectiveAt(state, limits, now))
  }
}

/** By the phases it is seen to use, else all that it counts on, at the lowest voltage there may be. */
function wattsPerA(state: ControlState, connector: ConnectorControl, now: Now): number {
  const used = freshReading(connector, now.monoMs)?.used.filter(phase => phase === true).length ?? 0
  const phases = used > 0 ? used : connector.phases.filter(Boolean).length
  return phases * lowestVoltageV(state, now)
}
