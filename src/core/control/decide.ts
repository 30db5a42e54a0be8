/**
 * One decision: weigh the circuits, allocate, lower at once, raise only into what is free (control rules, "The
 * promise", 4, 9-15). Bookings change only through what is written here and what stations answer.
 */
import { newestWrite } from '../allocation/booking.js'
import type { Allocation, Demand } from '../allocation/demand.js'
import { sumsBelow } from '../allocation/headroom.js'
import { ramp } from '../allocation/ramp.js'
import { allocate } from '../allocation/share.js'
import { stepTurn } from '../allocation/turn.js'
import { type PerPhase, PHASE_INDEXES, spread, subtract } from '../site/phases.js'
import { bookedA, type ConnectorControl, isKnown, pauseA } from './connector.js'
import { settleChains } from './sample.js'
import { type ControlState, csmsStepsOf, type Now } from './state.js'
import { clockOf, type StationControl } from './station.js'
import { type LeafState, weigh } from './weigh.js'
import { writeIdle, writeLive } from './write.js'

/** An unanswered write older than this makes the others pay (control rule 13). */
const BUSY_MS = 1_000
/** Refresh when this share of the lease has gone (control rule 4). */
const REFRESH_AT = 0.6
/**
 * A raise shows at the meter before the station reports it, and counts as other load until then. On a metered
 * circuit a raise therefore takes at most half of the room, so that it does not make its neighbours give way.
 */
const METERED_RAISE_SHARE = 0.5

export function decide(state: ControlState, now: Now, elapsedMs: number): void {
  for (const connector of state.connectors) settleChains(connector, now.monoMs)
  const leaves = weigh(state, now.monoMs)
  const steered = leaves.filter(leaf => isSteered(state, leaf.connector, now.monoMs))
  const allocations = share(state, leaves, steered, now)
  steered.forEach((leaf, index) => {
    const allocation = allocations[index]
    if (allocation !== undefined) note(leaf.connector, allocation, now, elapsedMs)
  })
  for (const leaf of steered) lower(state, leaf.connector, now)
  lowerSilent(state, leaves, new Set(steered), now)
  raiseAll(state, steered, now)
  for (const station of state.stations.values()) refresh(state, station, now)
}

/** Whether the connector's offer can be set now; otherwise its booking is taken as given. */
export function isSteered(state: ControlState, connector: ConnectorControl, nowMs: number): boolean {
  const station = state.stations.get(connector.stationId)
  if (station === undefined || !station.connected || station.withoutSmartCharging) return false
  if (connector.transaction === undefined || !connector.verified || connector.disobeys) return false
  if (connector.refusedUntilMs !== undefined && connector.refusedUntilMs > nowMs) return false
  const newest = newestWrite(connector.live)
  return newest === undefined || newest.acceptedMs !== undefined || nowMs - newest.sentMs <= BUSY_MS
}

function share(
  state: ControlState,
  leaves: readonly LeafState[],
  steered: readonly LeafState[],
  now: Now,
): readonly Allocation[] {
  const steeredKeys = new Set(steered.map(leaf => leaf.connector.key))
  const fixed = sumsBelow(state.tree.parents, leaves, leaf =>
    steeredKeys.has(leaf.connector.key)
      ? spread(pauseA(leaf.connector), leaf.connector.phases)
      : leaf.bookedA,
  )
  const availableA = state.limitsA.map((limitA, node) => {
    const otherA = state.loads[node]?.otherA ?? [limitA, limitA, limitA]
    const fixedA: PerPhase = fixed[node] ?? [0, 0, 0]
    return subtract(subtract([limitA, limitA, limitA], otherA), fixedA)
  })
  const { profile } = state.site
  return allocate({
    tree: state.tree,
    availableA,
    demands: steered.map(leaf => demandOf(state, leaf.connector, now)),
    nowMonoMs: now.monoMs,
    minOnMs: profile.minOnMs,
    minOffMs: profile.minOffMs,
    quantumMs: profile.quantumMs,
  })
}

/** What the connector asks for above the pause it holds anyway. */
function demandOf(state: ControlState, connector: ConnectorControl, now: Now): Demand {
  const { minCurrentA, stepA } = connector.model.smartCharging
  const heldA = pauseA(connector)
  connector.csmsLimitA = csmsStepsOf(state, connector, now.wallMs, now.wallMs + 1000)[0]?.limitA
  const clockUnknown = clockOf(state.stations.get(connector.stationId)?.clockOffsetsMs ?? []) === undefined
  const capA = Math.min(
    clockUnknown ? connector.config.failSafeCurrentA : connector.config.maxCurrentA,
    connector.csmsLimitA ?? Number.MAX_VALUE,
    connector.reclaim.cap?.limitA ?? Number.MAX_VALUE,
  )
  return {
    key: connector.key,
    node: connector.node,
    phases: connector.phases,
    minA: Math.max(0, minCurrentA - heldA),
    maxA: Math.max(0, capA - heldA),
    weight: 1,
    stepA,
    turn: connector.turn,
  }
}

function note(connector: ConnectorControl, allocation: Allocation, now: Now, elapsedMs: number): void {
  const heldA = pauseA(connector)
  connector.allocationA = heldA + allocation.allocationA
  connector.bound = allocation.bound
  const on = connector.offerA > heldA
  connector.turn = stepTurn(connector.turn, {
    on,
    currentA: connector.offerA,
    elapsedMs,
    nowMonoMs: now.monoMs,
  })
  const room = connector.allocationA > connector.offerA
  connector.roomSinceMs = room ? (connector.roomSinceMs ?? now.monoMs) : undefined
}

function lower(state: ControlState, connector: ConnectorControl, now: Now): void {
  const station = state.stations.get(connector.stationId)
  if (station === undefined || connector.allocationA >= connector.offerA) return
  writeLive(state, station, connector, { offerA: connector.allocationA, now, setup: false })
}

/**
 * A station that has not answered its last write is booked at its worst, and the others give way. What it must come to
 * beside them is queued all the same: newest wins when it answers again (control rule 13).
 */
function lowerSilent(
  state: ControlState,
  leaves: readonly LeafState[],
  steered: ReadonlySet<LeafState>,
  now: Now,
): void {
  const silent = leaves.filter(leaf => leaf.connected && !steered.has(leaf) && isSilent(leaf.connector))
  if (silent.length === 0) return
  const planned = sumsBelow(state.tree.parents, leaves, leaf => {
    if (steered.has(leaf)) return spread(leaf.connector.allocationA, leaf.connector.phases)
    return isSilent(leaf.connector) ? spread(leaf.connector.offerA, leaf.connector.phases) : leaf.bookedA
  })
  for (const { connector } of silent) {
    const station = state.stations.get(connector.stationId)
    const overA = overshoot(state, connector, planned)
    if (station === undefined || overA <= 0) continue
    const { minCurrentA, stepA } = connector.model.smartCharging
    const roomA = Math.floor((connector.offerA - overA + 1e-9) / stepA) * stepA
    const offerA = roomA >= minCurrentA ? Math.round(roomA * 10) / 10 : pauseA(connector)
    if (offerA < connector.offerA) writeLive(state, station, connector, { offerA, now, setup: false })
  }
}

/** Steerable but for the answer it owes. */
function isSilent(connector: ConnectorControl): boolean {
  const newest = newestWrite(connector.live)
  return (
    connector.transaction !== undefined &&
    connector.verified &&
    newest !== undefined &&
    newest.acceptedMs === undefined
  )
}

/** By how much the plan exceeds a limit on the connector's path and phases, at the worst place. */
function overshoot(state: ControlState, connector: ConnectorControl, planned: readonly PerPhase[]): number {
  let overA = 0
  for (const node of state.tree.pathOf(connector.node)) {
    const limitA = state.limitsA[node] ?? 0
    for (const phase of PHASE_INDEXES) {
      if (!connector.phases[phase]) continue
      const otherA = state.loads[node]?.otherA[phase] ?? limitA
      overA = Math.max(overA, otherA + (planned[node]?.[phase] ?? 0) - limitA)
    }
  }
  return overA
}

/** Raises in a fixed order: who has nothing yet first, then who has least. */
function raiseAll(state: ControlState, steered: readonly LeafState[], now: Now): void {
  const free = state.limitsA.map((limitA, node): [number, number, number] => {
    const load = state.loads[node]?.otherA ?? [limitA, limitA, limitA]
    const booked = state.bookedA[node] ?? [0, 0, 0]
    return [limitA - load[0] - booked[0], limitA - load[1] - booked[1], limitA - load[2] - booked[2]]
  })
  const order = steered
    .filter(
      leaf => leaf.connector.allocationA > leaf.connector.offerA && state.raiseBlocked[leaf.node] !== true,
    )
    .sort((a, b) => a.connector.offerA - b.connector.offerA || (a.connector.key < b.connector.key ? -1 : 1))
  for (const leaf of order) raise(state, leaf, free, now)
}

function raise(state: ControlState, leaf: LeafState, free: [number, number, number][], now: Now): void {
  const { connector } = leaf
  const station = state.stations.get(connector.stationId)
  if (station === undefined) return
  const { minCurrentA, stepA } = connector.model.smartCharging
  const starts = connector.offerA < minCurrentA
  const wantedA = ramp(
    {
      offeredA: connector.offerA,
      wantedA: connector.allocationA,
      minA: minCurrentA,
      roomSinceMonoMs: connector.roomSinceMs,
      raisedMonoMs: connector.raisedMs,
      firstOffer: !connector.everOffered,
      nowMonoMs: now.monoMs,
    },
    state.site.profile,
  )
  if (wantedA <= connector.offerA) return
  const bookedNowA = bookedA(connector, leaf.connected, now.monoMs)
  const roomA = roomFor(state, leaf, free, starts)
  const offerA = Math.floor((Math.min(wantedA, bookedNowA + Math.max(0, roomA)) + 1e-9) / stepA) * stepA
  const enough =
    offerA >=
    Math.max(
      minCurrentA,
      connector.offerA + Math.min(state.site.profile.deadBandA, wantedA - connector.offerA),
    )
  if (!enough || offerA <= connector.offerA) return
  writeLive(state, station, connector, { offerA: Math.round(offerA * 10) / 10, now, setup: false })
  take(state, leaf, free, Math.max(0, bookedA(connector, leaf.connected, now.monoMs) - bookedNowA))
}

/** What the connector may be raised by, by the tightest circuit and phase on its path. */
function roomFor(
  state: ControlState,
  leaf: LeafState,
  free: readonly (readonly [number, number, number])[],
  starts: boolean,
): number {
  let roomA = Number.MAX_VALUE
  for (const node of state.tree.pathOf(leaf.node)) {
    const metered = state.tree.nodes[node]?.circuit.meter !== undefined
    const share = metered && !starts ? METERED_RAISE_SHARE : 1
    for (const phase of PHASE_INDEXES) {
      if (leaf.connector.phases[phase]) roomA = Math.min(roomA, (free[node]?.[phase] ?? 0) * share)
    }
  }
  return roomA
}

function take(state: ControlState, leaf: LeafState, free: [number, number, number][], gainA: number): void {
  for (const node of state.tree.pathOf(leaf.node)) {
    const metered = state.tree.nodes[node]?.circuit.meter !== undefined
    const at = free[node]
    if (at === undefined) continue
    for (const phase of PHASE_INDEXES)
      if (leaf.connector.phases[phase]) at[phase] -= metered ? gainA / METERED_RAISE_SHARE : gainA
  }
}

/** Rewrites what has used up most of its lease, and what nobody answered. */
function refresh(state: ControlState, station: StationControl, now: Now): void {
  if (!station.connected || station.withoutSmartCharging || station.setup !== undefined) return
  for (const connector of station.connectors) {
    if (!isKnown(connector)) continue
    if (
      connector.transaction !== undefined &&
      connector.live.length > 0 &&
      isDue(connector, 'live', station, now)
    ) {
      writeLive(state, station, connector, { offerA: connector.offerA, now, setup: false })
    }
    if (connector.idle.length > 0 && isDue(connector, 'idle', station, now))
      writeIdle(state, station, connector, { now, setup: false })
  }
}

function isDue(
  connector: ConnectorControl,
  kind: 'live' | 'idle',
  station: StationControl,
  now: Now,
): boolean {
  const newest = newestWrite(connector[kind])
  const again = connector.rewriteAtMs[kind]
  const due =
    again !== undefined
      ? now.monoMs >= again
      : newest?.acceptedMs !== undefined && now.monoMs - newest.sentMs >= station.leaseMs * REFRESH_AT
  if (due) connector.rewriteAtMs[kind] = undefined
  return due
}
