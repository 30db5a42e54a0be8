/**
 * One decision: weigh the circuits, allocate, lower at once, raise only into what is free (control rules, "The
 * promise", 4, 9-15). Bookings change only through what is written here and what stations answer.
 */
import { isUnconfirmed, newestWrite } from '../allocation/booking.js'
import type { Allocation, Demand } from '../allocation/demand.js'
import { sumsBelow } from '../allocation/headroom.js'
import { allocate } from '../allocation/share.js'
import { stepTurn } from '../allocation/turn.js'
import { add, maxOf, minOf, type PerPhase, PHASE_INDEXES, spread, subtract, ZERO } from '../site/phases.js'
import { askWhatRuns } from './ask.js'
import { askForSamples } from './ask-samples.js'
import { lowerReturned } from './back-again.js'
import { type ConnectorControl, drawsBeyond, isVerified, laidFailSafeA, pauseA } from './connector.js'
import { mayHangElsewhere, stepElsewhere } from './elsewhere.js'
import { clockEvidence, isPauseHeld } from './evidence.js'
import { recordDoubt } from './keep.js'
import type { Now } from './now.js'
import { overshoot } from './overshoot.js'
import { planned } from './plan-fault.js'
import { isPausedForProbe, probeMeters } from './probe.js'
import { hasShare, raiseAll } from './raise.js'
import { isRaiseWorthAWrite, refresh } from './refresh.js'
import { isAwaited, offeredBefore, waitsForOthers } from './restarted.js'
import { stationRoomA } from './room.js'
import { settleChains } from './sample.js'
import { verifyDefaults } from './setup.js'
import { shared } from './sharing.js'
import { type ControlState, csmsStepsOf } from './state.js'
import { clockOf, type StationControl } from './station.js'
import { tryUnread } from './unread.js'
import { type LeafState, type Weighed, weigh } from './weigh.js'
import { askTested } from './wiring-step.js'
import { writeLive } from './write.js'

/** An unanswered write older than this makes the others pay (control rule 13). */
const BUSY_MS = 1_000

export function decide(state: ControlState, now: Now, elapsedMs: number): void {
  for (const station of state.stations.values()) {
    for (const connector of station.connectors) settleChains(connector, station, now.monoMs)
  }
  const weighed = weigh(state, now.monoMs)
  state.elsewhere = stepElsewhere(state, now.monoMs)
  const steered = weighed.leaves.filter(
    leaf => isSteered(leaf, now.monoMs) && !waitsForOthers(state, leaf.connector, now.monoMs),
  )
  const allocations = share(state, weighed, steered, now)
  steered.forEach((leaf, index) => {
    const allocation = allocations[index]
    if (allocation !== undefined) note(state, leaf.connector, { allocation, elapsedMs, now })
  })
  for (const leaf of steered) planned(state, leaf.station, now, () => lower(state, leaf, now))
  lowerHeld(state, weighed, new Set(steered), now)
  lowerReturned(state, now)
  askForSamples(state, now)
  askTested(state, now)
  probeMeters(state, steered, now)
  raiseAll(
    state,
    steered.filter(leaf => isRaiseWorthAWrite(leaf, now.monoMs)),
    now,
  )
  for (const station of state.stations.values()) {
    if (station.release !== undefined) continue
    planned(state, station, now, () => {
      verifyDefaults(state, station, now)
      askWhatRuns(state, station, now)
      tryUnread(state, station, now)
      refresh(state, station, now)
    })
  }
  for (const leaf of weighed.leaves) {
    // The next decision must know who was let on or paused by this one, or cars change places with each of them.
    takeTurn(state, leaf.connector, now, 0)
    recordDoubt(state, leaf, now)
  }
}

/** It can be written to, and is to be. */
function isControlled(station: StationControl): boolean {
  const { connected, withoutSmartCharging, planFault, release } = station
  return connected && !withoutSmartCharging && planFault === undefined && release === undefined
}

/** Whether the connector's offer can be set now; otherwise its booking is taken as given. */
export function isSteered({ connector, station }: LeafState, nowMs: number): boolean {
  if (!isControlled(station)) return false
  if (connector.transaction === undefined || !isVerified(connector) || connector.disobeys) return false
  if (connector.refusedUntilMs !== undefined && connector.refusedUntilMs > nowMs) return false
  if (nowMs < connector.followsFromMs) return false
  if (drawsBeyond(connector) || owesProof(connector, station, nowMs)) return false
  return isAnswered(connector, nowMs)
}

/** The station has taken the last write, or may still. */
function isAnswered(connector: ConnectorControl, nowMs: number): boolean {
  const newest = newestWrite(connector.live)
  return newest === undefined || newest.acceptedMs !== undefined || nowMs - newest.sentMs <= BUSY_MS
}

function share(
  state: ControlState,
  weighed: Weighed,
  steered: readonly LeafState[],
  now: Now,
): readonly Allocation[] {
  const isSteeredLeaf = new Set(steered)
  const fixed = sumsOf(
    state,
    weighed,
    leaf => {
      const ownA = isSteeredLeaf.has(leaf) ? spread(restA(leaf, now.monoMs), leaf.phases) : leaf.bookedA
      const { awaitedFloorA, wired } = leaf.connector
      return awaitedFloorA === undefined ? ownA : maxOf(ownA, spread(awaitedFloorA, wired))
    },
    now.monoMs,
  )
  const availableA = state.limitsA.map((_, node) =>
    subtract(stationRoomA(state, node), fixed[node] ?? [0, 0, 0]),
  )
  const { profile } = state.site
  const input = {
    tree: state.tree,
    availableA,
    demands: steered.map(leaf => demandOf(state, leaf, availableA, now)),
    nowMonoMs: now.monoMs,
    minOnMs: profile.minOnMs,
    minOffMs: profile.minOffMs,
    quantumMs: profile.quantumMs,
  }
  const asked = shared(state, input, steered, now)
  const result = allocate(asked)
  state.decision = { input: asked, result }
  return result
}

/** Bookings below each node, with another figure for some connectors; what cannot be steered is always in it. */
function sumsOf(
  state: ControlState,
  { booked, leaves, anywhereA }: Weighed,
  value: (leaf: LeafState) => PerPhase,
  nowMs: number,
): readonly PerPhase[] {
  const { parents } = state.tree
  const sums = sumsBelow(parents, booked, load => ('connector' in load ? value(load) : load.bookedA))
  const awaited = leaves.filter(({ connector }) => isAwaited(connector, nowMs))
  if (awaited.length > 0) {
    // Nobody gives way to what may lie on a station that is only just coming back, as long as a meter sees it all.
    const lessA = sumsBelow(parents, awaited, leaf =>
      subtract(value(leaf), minOf(value(leaf), offeredBefore(leaf.connector))),
    )
    lessA.forEach((amps, node) => {
      if (state.isSeenInside[node] === true) sums[node] = subtract(sums[node] ?? ZERO, amps)
    })
  }
  return anywhereA === ZERO ? sums : sums.map(sumA => add(sumA, anywhereA))
}

/**
 * What a paused connector stays booked at: where nothing but its TxProfile holds the pause the next session begins at the
 * fail-safe, and by a clock that is not proven now its last period may be in force.
 */
function restA({ connector, station }: LeafState, nowMs: number): number {
  return isPauseHeld(connector, clockEvidence(station, nowMs))
    ? pauseA(connector)
    : Math.max(pauseA(connector), laidFailSafeA(connector))
}

/**
 * What is booked for it whatever it is told can as well be its own, as long as its circuits carry that; when they do not,
 * it has to come to its pause (A).
 */
function floorA(
  state: ControlState,
  leaf: LeafState,
  at: { readonly availableA: readonly PerPhase[]; readonly capA: number; readonly nowMs: number },
): number {
  const held = restA(leaf, at.nowMs)
  const fits = state.tree.pathOf(leaf.node).every(node => {
    const nodeA = at.availableA[node] ?? NOTHING_FREE
    return PHASE_INDEXES.every(phase => !leaf.phases[phase] || nodeA[phase] >= 0)
  })
  return fits && at.capA >= held ? held : pauseA(leaf.connector)
}

const NOTHING_FREE: PerPhase = [-1, -1, -1]

/** What the connector asks for above what it holds anyway. */
function demandOf(state: ControlState, leaf: LeafState, availableA: readonly PerPhase[], now: Now): Demand {
  const { connector, station, phases } = leaf
  const { minCurrentA, stepA } = connector.model.smartCharging
  planned(state, station, now, () => {
    connector.csmsLimitA = csmsStepsOf(state, connector, now.wallMs, now.wallMs + 1000)[0]?.limitA
  })
  const failSafeOnly =
    clockOf(station) === undefined ||
    state.site.profile.ceiling === 'fail-safe' ||
    mayHangElsewhere(state, connector.node)
  const capA = Math.min(
    failSafeOnly ? laidFailSafeA(connector) : connector.config.maxCurrentA,
    connector.next?.maxCurrentA ?? Number.MAX_VALUE,
    connector.csmsLimitA ?? Number.MAX_VALUE,
    connector.reclaim.cap?.limitA ?? Number.MAX_VALUE,
    connector.ordered?.limitA ?? Number.MAX_VALUE,
  )
  const heldA = floorA(state, leaf, { availableA, capA, nowMs: now.monoMs })
  connector.floorA = heldA
  return {
    key: connector.key,
    node: connector.node,
    phases,
    minA: Math.max(0, minCurrentA - heldA),
    maxA: Math.max(0, capA - heldA),
    weight: 1,
    stepA,
    turn: connector.turn,
  }
}

function note(
  state: ControlState,
  connector: ConnectorControl,
  at: { readonly allocation: Allocation; readonly elapsedMs: number; readonly now: Now },
): void {
  const { allocation, elapsedMs, now } = at
  connector.allocationA = connector.floorA + allocation.allocationA
  connector.bound = allocation.bound
  hasShare(state, connector, now)
  takeTurn(state, connector, now, elapsedMs)
  const room = connector.allocationA > connector.offerA
  connector.roomSinceMs = room ? (connector.roomSinceMs ?? now.monoMs) : undefined
}

/** Its turn with what has flowed for so long: on while it is offered something, or only paused to prove a meter. */
function takeTurn(state: ControlState, connector: ConnectorControl, now: Now, elapsedMs: number): void {
  connector.turn = stepTurn(connector.turn, {
    on: connector.offerA > pauseA(connector) || isPausedForProbe(state, connector),
    currentA: connector.offerA,
    equalA: connector.equalA,
    elapsedMs,
    nowMonoMs: now.monoMs,
  })
}

function lower(state: ControlState, { connector, station }: LeafState, now: Now): void {
  if (connector.allocationA >= connector.offerA) return
  writeLive(state, station, connector, {
    offerA: connector.allocationA,
    now,
    setup: false,
    cause: 'lower',
  })
}

/**
 * A station that has not answered its last write, or of which nothing confirms that it follows, is booked at its worst,
 * and the others give way. What it must come to beside them is sent all the same: newest wins (control rule 13).
 */
function lowerHeld(state: ControlState, weighed: Weighed, steered: ReadonlySet<LeafState>, now: Now): void {
  const held = weighed.leaves.filter(leaf => !steered.has(leaf) && isHeld(state, leaf, now.monoMs))
  if (held.length === 0) return
  const isHeldLeaf = new Set(held)
  const plannedA = sumsOf(
    state,
    weighed,
    leaf => {
      if (steered.has(leaf)) return spread(leaf.connector.allocationA, leaf.phases)
      return isHeldLeaf.has(leaf) ? spread(leaf.connector.offerA, leaf.phases) : leaf.bookedA
    },
    now.monoMs,
  )
  for (const { connector, station } of held) {
    const overA = overshoot(state, connector, plannedA, now.monoMs)
    const testA = connector.follows?.testA
    if (overA <= 0 && testA === undefined) continue
    const { minCurrentA, stepA } = connector.model.smartCharging
    const roomA = Math.floor((connector.offerA - overA + 1e-9) / stepA) * stepA
    const fitsA = roomA >= minCurrentA ? Math.round(roomA * 10) / 10 : pauseA(connector)
    const offerA = Math.min(overA <= 0 ? connector.offerA : fitsA, testA ?? connector.offerA)
    if (offerA < connector.offerA)
      planned(state, station, now, () =>
        writeLive(state, station, connector, { offerA, now, setup: false, cause: 'lower' }),
      )
  }
}

/** Steerable but for the answer or the proof it owes. */
function isHeld(state: ControlState, { connector, station }: LeafState, nowMs: number): boolean {
  if (!isControlled(station)) return false
  if (connector.transaction === undefined || !isVerified(connector)) return false
  // What has just been read back is lowered too, where a meter does not show that all fits.
  const isFollowing = nowMs < connector.followsFromMs && !waitsForOthers(state, connector, nowMs)
  const isOwing = isFollowing || !isAnswered(connector, nowMs) || drawsBeyond(connector) || connector.disobeys
  return isOwing || owesProof(connector, station, nowMs)
}

function owesProof({ live }: ConnectorControl, station: StationControl, nowMs: number): boolean {
  return live.length > 1 && isUnconfirmed(live, nowMs, clockEvidence(station, nowMs))
}
