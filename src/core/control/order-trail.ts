/**
 * What became of an order, as whoever gave it may ask to see: when it came, when the first station was told, when the last one had
 * accepted, since when the meter shows no more than was ordered, when it ended. A trail is closed when the order is another.
 */
import { type Chain, newestWrite } from '../allocation/booking.js'
import { isOfStations, nodesOf } from '../limits/effective.js'
import { ampsOf, type LimitInForce, limitKey } from '../limits/limit.js'
import { stepQuarters } from '../limits/quarter-means.js'
import type { OrderTrail } from '../limits/trail.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { ALL_PHASES } from '../site/phases.js'
import type { ConnectorControl } from './connector.js'
import { drawnBelow } from './drawn.js'
import type { Now } from './now.js'
import { powerThrough } from './power.js'
import type { ControlState } from './state.js'
import { highestV } from './watts.js'

const DUST_A = 0.05
/** An order is decided by at once. */
const SEEN_AT_ONCE_MS = 5_000

/** After each decision. What has ended leaves as an effect. */
export function stepTrails(state: ControlState, now: Now): void {
  if (state.limits.length === 0 && state.trails.size === 0) return
  const trails = new Map<string, OrderTrail>()
  for (const limit of state.limits) {
    // Nobody has ordered it, and it moves all the time.
    if (limit.source === 'mean' || limit.source === 'test') continue
    const key = trailKey(limit)
    trails.set(key, stepped(state, state.trails.get(key) ?? begun(state, limit, now), now))
  }
  for (const [key, trail] of state.trails)
    if (!trails.has(key))
      state.effects.push({ kind: 'order-ended', order: { ...trail, endedWallMs: now.wallMs } })
  state.trails = trails
}

/** Another amount or another place is another order, whatever its name. */
function trailKey(limit: LimitInForce): string {
  return JSON.stringify([limitKey(limit), limit.target, limit.value, limit.state])
}

/** Seen in the decision that already keeps to it: what was offered before is the write before this one's. */
function begun(state: ControlState, limit: LimitInForce, now: Now): OrderTrail {
  const hadA = new Map(state.connectors.map(({ key, live }) => [key, offeredBefore(live, now.monoMs)]))
  const isFromBefore = now.wallMs - limit.sinceWallMs > SEEN_AT_ONCE_MS
  return {
    ...{ limit, receivedMonoMs: now.monoMs, receivedWallMs: limit.sinceWallMs, hadA },
    ...(isFromBefore && { seenFromWallMs: now.wallMs }),
    ...{ quarters: [], lookedMonoMs: now.monoMs },
  }
}

function offeredBefore(live: Chain, monoMs: number): number {
  return live.findLast(({ sentMs }) => sentMs < monoMs)?.offerA ?? 0
}

function stepped(state: ControlState, trail: OrderTrail, now: Now): OrderTrail {
  const { limit, receivedMonoMs } = trail
  const nodes = nodesOf(state.tree, limit.target)
  const under = connectorsOf(state, limit, nodes)
  const connectors = under.filter(({ stationId }) => state.stations.get(stationId)?.connected === true)
  const isWritten = connectors.some(({ key, live }) =>
    live.some(
      ({ sentMs, offerA }) => sentMs >= receivedMonoMs && offerA < (trail.hadA.get(key) ?? 0) - DUST_A,
    ),
  )
  // One that is away goes on by what it was told last.
  const isAccepted = connectors.length === under.length && connectors.every(hasFollowed)
  const { heldWallMs: heldBefore, ...rest } = trail
  const held = isHeld(state, limit, { nodes, now }) ? { heldWallMs: heldBefore ?? now.wallMs } : {}
  const powerW = powerUnder(state, limit, nodes, now)
  return {
    ...rest,
    quarters: stepQuarters(trail.quarters, now.wallMs, now.monoMs - trail.lookedMonoMs, powerW),
    lookedMonoMs: now.monoMs,
    // Whoever is told to draw less after all had followed is told so for another reason.
    ...(rest.firstWriteWallMs === undefined &&
      rest.acceptedWallMs === undefined &&
      isWritten && { firstWriteWallMs: now.wallMs }),
    ...(rest.acceptedWallMs === undefined && isAccepted && { acceptedWallMs: now.wallMs }),
    ...held,
  }
}

function connectorsOf(
  state: ControlState,
  { target }: LimitInForce,
  nodes: readonly number[],
): readonly ConnectorControl[] {
  return state.connectors.filter(connector => {
    if (connector.isolated || connector.transaction === undefined) return false
    if (target.kind !== 'station') return state.tree.pathOf(connector.node).some(node => nodes.includes(node))
    return target.stationId === connector.stationId && (target.connectorId ?? connector.id) === connector.id
  })
}

function hasFollowed({ live, offerA, allocationA }: ConnectorControl): boolean {
  const newest = newestWrite(live)
  return offerA <= allocationA + DUST_A && (newest === undefined || newest.acceptedMs !== undefined)
}

function isHeld(
  state: ControlState,
  limit: LimitInForce,
  { nodes, now }: { readonly nodes: readonly number[]; readonly now: Now },
): boolean {
  const [node] = nodes
  if (isOfStations(limit.target)) return node !== undefined && stationsHold(state, limit, { node, now })
  if (node === undefined) return false
  const meterId = state.tree.nodes[node]?.circuit.meter
  const pollMs = state.site.config.meters.find(({ id }) => id === meterId)?.pollMs
  if (meterId === undefined || pollMs === undefined) return false
  const { quality, currentA } = meterStatus(state.meters.get(meterId), now.monoMs, pollMs)
  if (quality !== 'fresh' || currentA === undefined) return false
  return Math.max(...currentA) <= orderedA(state, limit, now) + DUST_A
}

function powerUnder(
  state: ControlState,
  { target }: LimitInForce,
  [node]: readonly number[],
  now: Now,
): number | undefined {
  return node === undefined
    ? undefined
    : powerThrough(state, { node, onlyStations: isOfStations(target) }, now)
}

/** By what the stations tell: one that is away or tells nothing leaves it open. */
function stationsHold(
  state: ControlState,
  limit: LimitInForce,
  { node, now }: { readonly node: number; readonly now: Now },
): boolean {
  const drawn = drawnBelow(state, node, now)
  if (drawn === undefined || drawn.isEstimate) return false
  return Math.max(...drawn.bestA) <= orderedA(state, limit, now) + DUST_A
}

/** By itself, whichever is the lowest now. */
function orderedA(state: ControlState, { value }: LimitInForce, now: Now): number {
  return ampsOf(value, ALL_PHASES, highestV(state, now))
}
