/**
 * Limits from outside at work: what each decision keeps to (control rule 17), and what an order would change, told before and
 * when it is given.
 */
import { allocate } from '../allocation/share.js'
import { type OrderBook, stepped } from '../limits/book.js'
import { silentSources, windowClasses, windowLimits } from '../limits/declared.js'
import { connectorBinding, type Effective, effectiveLimits } from '../limits/effective.js'
import { silentControls } from '../limits/grid-control.js'
import { isDoor, type LimitInForce, limitKey } from '../limits/limit.js'
import { add, type PerPhase, subtract } from '../site/phases.js'
import { type ConnectorControl, drawsBeyond, isVerified } from './connector.js'
import { bookedA } from './evidence.js'
import { heldLimits, stepHeldLimits } from './held-limits.js'
import type { Now } from './now.js'
import { roomUnder, stationRoomA } from './room.js'
import { type ControlState, note } from './state.js'
import { highestV } from './watts.js'

const DUST_A = 0.05

/** Before every decision: ends what has run out, and sets what holds now. */
export function stepOrders(state: ControlState, now: Now): void {
  state.orders = stepped(state.orders, now)
  stepHeldLimits(state, now)
  stepHourClasses(state, now)
  const inForce = limitsInForce(state, { book: state.orders, heard: state.gridHeard }, now)
  if (inForce.length === 0 && state.limits.length === 0) return
  const before = new Map(state.limits.map(limit => [limitKey(limit), limit]))
  state.limits = inForce.map(limit => sinceBegun(before.get(limitKey(limit)), limit))
  tellChanges(state, before)
  const { limitsA, bindings, stationBindings } = effectiveAt(state, state.limits, now)
  state.limitsA = limitsA
  state.limitBindings = bindings
  state.stationBindings = stationBindings
  for (const connector of state.connectors)
    connector.ordered = connectorBinding(state.limits, wired(connector), highestV(state, now))
}

/** By the clock on the site's wall at each decision: whatever was slept through or jumped over, what holds is what holds now. */
function stepHourClasses(state: ControlState, now: Now): void {
  const before = state.hourClasses
  state.hourClasses = hourClasses(state, now)
  for (const [node, { id }] of state.tree.nodes.entries()) {
    const priorityClass = state.hourClasses[node]
    if (priorityClass !== before[node])
      note(state, 'info', 'priority by the hours', { circuit: id, class: priorityClass ?? 'none' })
  }
}

export function hourClasses({ site, tree }: ControlState, { wallMs }: Now): readonly (number | undefined)[] {
  return windowClasses(tree, site.config.limits.windows, site.config.site.timeZone, wallMs)
}

/** What was ordered, and until when each grid control counts as heard. */
export interface Said {
  readonly book: OrderBook
  readonly heard: ReadonlyMap<string, number>
}

export function limitsInForce(state: ControlState, said: Said, now: Now): readonly LimitInForce[] {
  const { book } = said
  const { limits, site } = state.site.config
  return [
    ...book.values(),
    ...windowLimits(limits.windows, site.timeZone, now.wallMs),
    ...silentSources(limits.sources, book, now.wallMs),
    ...silentControls(state.site.config, said, now),
    ...heldLimits(state, now),
  ]
}

/** What follows from the configuration has begun when it was first seen. */
function sinceBegun(before: LimitInForce | undefined, limit: LimitInForce): LimitInForce {
  return isDoor(limit.source) || before === undefined ? limit : { ...limit, sinceWallMs: before.sinceWallMs }
}

function tellChanges(state: ControlState, before: ReadonlyMap<string, LimitInForce>): void {
  const after = new Map(state.limits.map(limit => [limitKey(limit), limit]))
  for (const [key, limit] of after)
    if (before.get(key)?.state !== limit.state || isAnother(before.get(key), limit))
      note(state, 'info', 'limit in force', {
        limit: key,
        value: valueText(limit),
        state: limit.state,
        by: limit.by,
      })
  for (const [key, { by }] of before)
    if (!after.has(key)) note(state, 'info', 'limit over', { limit: key, by })
}

/** What a mean leaves moves all the time. */
function isAnother(before: LimitInForce | undefined, limit: LimitInForce): boolean {
  return limit.source !== 'mean' && valueText(before) !== valueText(limit)
}

function valueText(limit: LimitInForce | undefined): string {
  if (limit === undefined) return ''
  return limit.value.unit === 'A' ? `${limit.value.perPhase} A` : `${limit.value.total} W`
}

export function effectiveAt(state: ControlState, limits: readonly LimitInForce[], now: Now): Effective {
  return effectiveLimits(state.tree, state.carriesA, limits, highestV(state, now))
}

/** On every phase it is wired to: which ones a car uses may change. */
function wired({ stationId, id, wired: phases }: ConnectorControl) {
  return { stationId, id, phases }
}

export interface OrderEffect {
  readonly circuits: readonly {
    readonly circuitId: string
    /** It is what its stations may draw together. */
    readonly onlyStations?: true
    readonly fromA: number
    readonly toA: number
  }[]
  /** What is decided for a car. */
  readonly cars: readonly {
    readonly stationId: string
    readonly connectorId: number
    readonly fromA: number
    readonly toA: number
  }[]
  /** Under an order, new or not, and not to be lowered now: it stays booked, and the order has no effect there yet. */
  readonly kept: readonly {
    readonly stationId: string
    readonly connectorId: number
    readonly bookedA: number
    readonly because: 'not connected' | 'not read back yet' | 'does not follow'
  }[]
}

/** What the last decision would have been with this book, and what it cannot reach. Changes nothing. */
export function orderEffect(state: ControlState, said: Said, now: Now): OrderEffect {
  const limits = limitsInForce(state, said, now)
  const would = effectiveAt(state, limits, now)
  const circuits = state.tree.nodes.flatMap(({ id }, node) => {
    const [fromA, toA] = [state.limitsA[node] ?? 0, would.limitsA[node] ?? 0]
    const mostA = state.carriesA[node] ?? 0
    const stationsFromA = state.stationBindings[node]?.limitA ?? mostA
    const stationsToA = would.stationBindings[node]?.limitA ?? mostA
    return [
      ...(fromA === toA ? [] : [{ circuitId: id, node, fromA, toA }]),
      ...(stationsFromA === stationsToA
        ? []
        : [{ circuitId: id, node, onlyStations: true as const, fromA: stationsFromA, toA: stationsToA }]),
    ]
  })
  const caps = new Map(
    state.connectors.map(connector => [
      connector.key,
      connectorBinding(limits, wired(connector), highestV(state, now))?.limitA,
    ]),
  )
  return {
    circuits: circuits.map(({ node: _, fromA, toA, ...circuit }) => ({
      ...circuit,
      fromA: hundredths(fromA),
      toA: hundredths(toA),
    })),
    cars: carChanges(state, would, caps),
    kept: keptUnder(state, { would, caps }, now),
  }
}

/** As it is told: finer than any station is. */
const hundredths = (amps: number): number => Math.round(amps * 100) / 100

type Caps = ReadonlyMap<string, number | undefined>

function carChanges(state: ControlState, would: Effective, caps: Caps): OrderEffect['cars'] {
  const { decision } = state
  if (decision === undefined) return []
  const { input, result } = decision
  const floors = new Map(state.connectors.map(connector => [connector.key, connector]))
  const asked = {
    ...input,
    availableA: availableUnder(state, input.availableA, would),
    demands: input.demands.map(demand => {
      const capA = caps.get(demand.key)
      const heldA = floors.get(demand.key)?.floorA ?? 0
      return capA === undefined
        ? demand
        : { ...demand, maxA: Math.min(demand.maxA, Math.max(0, capA - heldA)) }
    }),
  }
  const given = allocate(asked)
  return input.demands.flatMap((demand, at) => {
    const connector = floors.get(demand.key)
    if (connector === undefined) return []
    const fromA = connector.floorA + (result[at]?.allocationA ?? 0)
    const toA = connector.floorA + (given[at]?.allocationA ?? 0)
    if (Math.abs(fromA - toA) < DUST_A) return []
    const { stationId, id: connectorId } = connector
    return [{ stationId, connectorId, fromA: hundredths(fromA), toA: hundredths(toA) }]
  })
}

/** What would be available under other limits, everything else as it was decided. */
export function availableUnder(
  state: ControlState,
  decidedA: readonly PerPhase[],
  would: Effective,
): readonly PerPhase[] {
  return decidedA.map((availableA, node) => {
    const limitA = would.limitsA[node] ?? 0
    const otherA = state.loads[node]?.otherA
    const roomA = roomUnder(limitA, would.stationBindings[node]?.limitA, otherA)
    return add(availableA, subtract(roomA, stationRoomA(state, node)))
  })
}

function keptUnder(
  state: ControlState,
  { would, caps }: { readonly would: Effective; readonly caps: Caps },
  now: Now,
): OrderEffect['kept'] {
  const isBound = (node: number): boolean =>
    would.bindings[node] !== undefined || would.stationBindings[node] !== undefined
  return state.connectors.flatMap(connector => {
    const station = state.stations.get(connector.stationId)
    if (station === undefined) return []
    const because = whyKept(connector, station.connected)
    const keptA = bookedA(connector, station, now.monoMs)
    const isOver = keptA > (caps.get(connector.key) ?? Number.POSITIVE_INFINITY) + DUST_A
    const isUnder = isOver || state.tree.pathOf(connector.node).some(isBound)
    if (because === undefined || !isUnder || keptA < DUST_A) return []
    return [{ stationId: station.id, connectorId: connector.id, bookedA: hundredths(keptA), because }]
  })
}

function whyKept(
  connector: ConnectorControl,
  isConnected: boolean,
): OrderEffect['kept'][number]['because'] | undefined {
  if (!isConnected) return 'not connected'
  if (!isVerified(connector)) return 'not read back yet'
  return connector.disobeys || drawsBeyond(connector) ? 'does not follow' : undefined
}
